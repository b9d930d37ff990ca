//! The rows of an answer, and what they become.

use super::statement::Value;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Error, Row as _, TypeInfo as _, ValueRef as _};
use std::any::Any;
use std::fmt;

/// Instead of the names of columns.
const EVERY: &[&str] = &["*"];

/// What a row of an answer becomes: a struct made by [`row!`], or the value of its only column.
pub(crate) trait Row: Sized + Send + 'static {
    /// The names of its columns in their order; one that is empty fits every name. [`EVERY`]: it takes whatever columns there are.
    const COLUMNS: &'static [&'static str];

    /// Reads it. A value that is not what its column holds is an error that [`is_damage`](super::is_damage) knows.
    fn read(cells: &Cells<'_>) -> Result<Self, Error>;
}

/// Columns that are listed elsewhere, as one field of a row.
pub(crate) trait Group: Sized {
    /// Their names in their order.
    const COLUMNS: &'static [&'static str];

    /// Reads them, the first from this column.
    fn read(cells: &Cells<'_>, first: usize) -> Result<Self, Error>;
}

/// The names of both.
pub(crate) const fn joined<const N: usize>(own: &[&'static str], group: &[&'static str]) -> [&'static str; N] {
    let mut all = [""; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < own.len() { own[at] } else { group[at - own.len()] };
        at += 1;
    }
    all
}

/// The columns of a row as a statement names them.
pub(crate) struct Columns(pub(crate) &'static [&'static str]);

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

/// Where the rows of an answer go. Statements run over this and not over each type of row: what runs them is compiled once.
pub(super) trait Sink: Any + Send {
    /// The names of the columns that it takes.
    fn columns(&self) -> &'static [&'static str];

    /// Reads one more row.
    fn push(&mut self, cells: &Cells<'_>) -> Result<(), Error>;

    fn count(&self) -> usize;

    /// An empty one for the same rows, to be filled by another thread.
    fn beside(&self) -> Box<dyn Sink>;

    /// Has what one made by [`Self::beside`] has.
    fn take(&mut self, beside: Box<dyn Sink>);
}

impl<T: Row> Sink for Vec<T> {
    fn columns(&self) -> &'static [&'static str] {
        T::COLUMNS
    }

    fn push(&mut self, cells: &Cells<'_>) -> Result<(), Error> {
        Self::push(self, T::read(cells)?);
        Ok(())
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn beside(&self) -> Box<dyn Sink> {
        Box::new(Self::new())
    }

    fn take(&mut self, beside: Box<dyn Sink>) {
        let beside: Box<dyn Any> = beside;
        if let Ok(rows) = beside.downcast::<Self>() {
            *self = *rows;
        }
    }
}

/// A struct whose fields are the columns of a row, in their order and with their names. A last field after `..` takes a [`Group`] of columns.
macro_rules! row {
    ($(#[$about:meta])* $vis:vis struct $name:ident {
        $($(#[$field_about:meta])* $field_vis:vis $field:ident: $kind:ty),+,
        .. $group_vis:vis $group:ident: $group_kind:ty $(,)?
    }) => {
        $(#[$about])*
        $vis struct $name {
            $($(#[$field_about])* $field_vis $field: $kind,)+
            $group_vis $group: $group_kind,
        }

        impl $crate::core::db::Row for $name {
            const COLUMNS: &'static [&'static str] = {
                const OWN: &[&str] = &[$(stringify!($field)),+];
                const GROUP: &[&str] = <$group_kind as $crate::core::db::Group>::COLUMNS;
                &$crate::core::db::joined::<{ OWN.len() + GROUP.len() }>(OWN, GROUP)
            };

            fn read(cells: &$crate::core::db::Cells<'_>) -> ::std::result::Result<Self, ::sqlx::Error> {
                let mut columns = 0..;
                Ok(Self {
                    $($field: cells.get(columns.next().unwrap_or_default())?,)+
                    $group: $crate::core::db::Group::read(cells, columns.start)?,
                })
            }
        }
    };
    ($(#[$about:meta])* $vis:vis struct $name:ident {
        $($(#[$field_about:meta])* $field_vis:vis $field:ident: $kind:ty),+ $(,)?
    }) => {
        $(#[$about])*
        $vis struct $name {
            $($(#[$field_about])* $field_vis $field: $kind,)+
        }

        impl $crate::core::db::Row for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn read(cells: &$crate::core::db::Cells<'_>) -> ::std::result::Result<Self, ::sqlx::Error> {
                let mut columns = 0..;
                Ok(Self {
                    $($field: cells.get(columns.next().unwrap_or_default())?,)+
                })
            }
        }
    };
}
pub(crate) use row;

/// The values of one row.
#[derive(Clone, Copy)]
pub(crate) enum Cells<'r> {
    /// Read in the calling thread.
    Direct(&'r rusqlite::Row<'r>),
    /// Read by the driver.
    Sqlite(&'r SqliteRow),
    /// Read by the driver.
    Postgres(&'r PgRow),
}

impl Cells<'_> {
    /// The value of this column.
    pub(crate) fn get<C: Cell>(&self, column: usize) -> Result<C, Error> {
        C::read(self, column)
    }

    /// Fails where the row has other columns than these.
    pub(super) fn check(&self, columns: &[&str]) -> Result<(), Error> {
        let names: Vec<&str> = match self {
            Self::Direct(row) => row.as_ref().column_names(),
            Self::Sqlite(row) => row.columns().iter().map(|column| column.name()).collect(),
            Self::Postgres(row) => row.columns().iter().map(|column| column.name()).collect(),
        };
        check_columns(&names, columns)
    }

    fn width(&self) -> usize {
        match self {
            Self::Direct(row) => row.as_ref().column_count(),
            Self::Sqlite(row) => row.len(),
            Self::Postgres(row) => row.len(),
        }
    }

    fn number(&self, column: usize) -> Result<Option<i64>, Error> {
        use rusqlite::types::ValueRef;
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => match row.try_get_raw(column)?.type_info().name() {
                "INT4" => row
                    .try_get::<Option<i32>, _>(column)
                    .map(|number| number.map(i64::from)),
                "INT2" => row
                    .try_get::<Option<i16>, _>(column)
                    .map(|number| number.map(i64::from)),
                _ => row.try_get(column),
            },
            Self::Direct(row) => match row.get_ref(column) {
                Ok(ValueRef::Integer(number)) => Ok(Some(number)),
                Ok(ValueRef::Null) => Ok(None),
                Ok(other) => Err(other_kind(column, &other.data_type())),
                Err(error) => Err(other_kind(column, &error)),
            },
        }
    }

    fn text(&self, column: usize) -> Result<Option<String>, Error> {
        use rusqlite::types::ValueRef;
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
            Self::Direct(row) => match row.get_ref(column) {
                Ok(ValueRef::Text(bytes)) => match std::str::from_utf8(bytes) {
                    Ok(text) => Ok(Some(text.to_owned())),
                    Err(error) => Err(decode(column, error.into())),
                },
                Ok(ValueRef::Null) => Ok(None),
                Ok(other) => Err(other_kind(column, &other.data_type())),
                Err(error) => Err(other_kind(column, &error)),
            },
        }
    }

    /// Whether this column holds a whole number here.
    fn is_number(&self, column: usize) -> Result<bool, Error> {
        use rusqlite::types::Type;
        Ok(match self {
            Self::Direct(row) => {
                let value = row.get_ref(column).map_err(|error| other_kind(column, &error))?;
                matches!(value.data_type(), Type::Integer | Type::Null)
            }
            Self::Sqlite(row) => {
                let value = row.try_get_raw(column)?;
                value.is_null() || value.type_info().name() == "INTEGER"
            }
            Self::Postgres(row) => row.try_get_raw(column)?.type_info().name().starts_with("INT"),
        })
    }
}

/// Fails where an answer whose columns have these names has others than `expected`.
pub(super) fn check_columns(names: &[&str], expected: &[&str]) -> Result<(), Error> {
    let fits = |(expected, name): (&&str, &&str)| expected.is_empty() || expected == name;
    let same = names.len() == expected.len() && expected.iter().zip(names).all(fits);
    if same || expected == EVERY {
        return Ok(());
    }
    let (found, expected) = (names.join(", "), expected.join(", "));
    Err(Error::InvalidArgument(format!(
        "a statement answers the columns {found} where its row has {expected}"
    )))
}

fn decode(column: usize, source: BoxDynError) -> Error {
    Error::ColumnDecode {
        index: column.to_string(),
        source,
    }
}

fn other_kind(column: usize, found: &dyn std::fmt::Display) -> Error {
    decode(column, format!("found {found}").into())
}

/// A value of a row.
pub(crate) trait Cell: Sized {
    /// Reads it from this column.
    fn read(cells: &Cells<'_>, column: usize) -> Result<Self, Error>;
}

impl Cell for Option<i64> {
    fn read(cells: &Cells<'_>, column: usize) -> Result<Self, Error> {
        cells.number(column)
    }
}

impl Cell for Option<String> {
    fn read(cells: &Cells<'_>, column: usize) -> Result<Self, Error> {
        cells.text(column)
    }
}

impl Cell for i64 {
    fn read(cells: &Cells<'_>, column: usize) -> Result<Self, Error> {
        cells.number(column)?.ok_or_else(|| other_kind(column, &"NULL"))
    }
}

impl Cell for String {
    fn read(cells: &Cells<'_>, column: usize) -> Result<Self, Error> {
        cells.text(column)?.ok_or_else(|| other_kind(column, &"NULL"))
    }
}

impl Cell for Value<'static> {
    fn read(cells: &Cells<'_>, column: usize) -> Result<Self, Error> {
        if cells.is_number(column)? {
            cells.number(column).map(Self::Number)
        } else {
            cells.text(column).map(Self::from)
        }
    }
}

impl Row for Vec<Value<'static>> {
    const COLUMNS: &'static [&'static str] = EVERY;

    fn read(cells: &Cells<'_>) -> Result<Self, Error> {
        (0..cells.width()).map(|column| cells.get(column)).collect()
    }
}

macro_rules! single_columns {
    ($($kind:ty),+) => {
        $(impl Row for $kind {
            const COLUMNS: &'static [&'static str] = &[""];

            fn read(cells: &Cells<'_>) -> Result<Self, Error> {
                cells.get(0)
            }
        })+
    };
}

single_columns!(i64, Option<i64>, String, Option<String>);
