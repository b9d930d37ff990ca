//! A statement with its values, and what the rows of its answer become.

#[cfg(test)]
mod registered;

#[cfg(test)]
pub(crate) use registered::{Family, Piece, Registered, family, register, samples};

use sqlx::error::BoxDynError;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Error, Row as _, TypeInfo as _, ValueRef as _};
use std::any::Any;
use std::borrow::Cow;
use std::fmt;

/// A statement and the values of its parameters, made by [`sql!`]. It runs over a [`Pool`](super::Pool) or a [`Tx`](super::Tx).
#[derive(Clone, Debug)]
pub(crate) struct Statement<'a> {
    text: Cow<'a, str>,
    values: Vec<Value<'a>>,
    prepared: bool,
    slow: bool,
}

/// A statement from its text and the values of `$1`, `$2` and so on. What varies in the text stands in braces, and is listed behind it with all that it may
/// be, so that tests can prepare every form of the statement:
///
/// `sql!("SELECT {columns} FROM {table} WHERE id IN ({ids})" { columns: text(COLUMNS), table: one_of(["a", "b"], table), ids: list(1, ids.len()) })`
///
/// See [`piece!`] for the kinds.
macro_rules! sql {
    ($text:literal { $($name:ident: $kind:ident($($of:expr),* $(,)?)),+ $(,)? } $(, $value:expr)* $(,)?) => {{
        #[cfg(test)]
        $crate::core::db::register!($text, [$(stringify!($value)),*], [$($name: $kind($($of),*)),+]);
        // A text that comes out of a macro captures no variables: what is not listed does not compile.
        let text = format!(concat!($text), $($name = $crate::core::db::piece!($kind($($of),*))),+);
        $crate::core::db::Statement::new(text)$(.bind($value))*
    }};
    ($text:literal $(, $value:expr)* $(,)?) => {{
        #[cfg(test)]
        $crate::core::db::register!($text, [$(stringify!($value)),*], []);
        $crate::core::db::Statement::new($text)$(.bind($value))*
    }};
    (const $text:path $(, $value:expr)* $(,)?) => {{
        #[cfg(test)]
        $crate::core::db::register!($text, [$(stringify!($value)),*], []);
        $crate::core::db::Statement::new($text)$(.bind($value))*
    }};
}
pub(crate) use sql;

/// What stands for a name in braces.
macro_rules! piece {
    // A text that never varies.
    (text($text:expr)) => {
        $text
    };
    // One of these texts. Of several lists in a statement, those in the same place belong together.
    (one_of($all:expr, $chosen:expr)) => {
        $chosen
    };
    // A column that may be damaged: itself or what `Db::sound` makes of it. The variable has the name of the column.
    (sealed($column:expr)) => {
        $column
    };
    // This number of parameters from this one on.
    (list($from:expr, $count:expr)) => {
        $crate::core::db::parameters($from, $count)
    };
    // This number of rows of parameters, from `$1` on.
    (rows($count:expr, $width:expr)) => {
        $crate::core::db::row_parameters($count, $width)
    };
}
pub(crate) use piece;

impl<'a> Statement<'a> {
    /// Without values. What is not written as [`sql!`] is prepared by no test of its own: this is for tables that are read from the catalogue.
    pub(crate) fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            values: Vec::new(),
            prepared: true,
            slow: false,
        }
    }

    /// With one more value.
    pub(crate) fn bind(mut self, value: impl Into<Value<'a>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// With these values behind those it has.
    pub(crate) fn bind_all<V: Into<Value<'a>>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.values.extend(values.into_iter().map(Into::into));
        self
    }

    /// Its text has many forms, so connections do not keep it prepared.
    pub(crate) fn once(mut self) -> Self {
        self.prepared = false;
        self
    }

    /// Connections keep it prepared only then: its text has few of the forms it may have.
    pub(crate) fn prepared_if(mut self, common: bool) -> Self {
        self.prepared = common;
        self
    }

    /// It reads much, so on SQLite it runs on a thread of its own from the beginning.
    pub(crate) fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn values(&self) -> &[Value<'a>] {
        &self.values
    }

    /// Whether connections keep it prepared.
    pub(super) fn is_prepared(&self) -> bool {
        self.prepared
    }

    pub(super) fn is_slow(&self) -> bool {
        self.slow
    }

    /// The same for another thread.
    pub(super) fn into_owned(self) -> Statement<'static> {
        Statement {
            text: Cow::Owned(self.text.into_owned()),
            values: self.values.into_iter().map(Value::into_owned).collect(),
            prepared: self.prepared,
            slow: self.slow,
        }
    }
}

/// A value of a parameter: there are whole numbers and texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// `None` is NULL.
    Number(Option<i64>),
    /// `None` is NULL.
    Text(Option<Cow<'a, str>>),
}

impl Value<'_> {
    fn into_owned(self) -> Value<'static> {
        match self {
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::Text(text.map(|text| Cow::Owned(text.into_owned()))),
        }
    }
}

macro_rules! values {
    ($($from:ty, $value:ident => $into:expr;)+) => {
        $(impl<'a> From<$from> for Value<'a> {
            fn from($value: $from) -> Self {
                $into
            }
        })+
    };
}

values! {
    i64, number => Self::Number(Some(number));
    &'a i64, number => Self::Number(Some(*number));
    Option<i64>, number => Self::Number(number);
    &'a Option<i64>, number => Self::Number(*number);
    &'a str, text => Self::Text(Some(Cow::Borrowed(text)));
    &'a &'a str, text => Self::Text(Some(Cow::Borrowed(text)));
    String, text => Self::Text(Some(Cow::Owned(text)));
    &'a String, text => Self::Text(Some(Cow::Borrowed(text)));
    Cow<'a, str>, text => Self::Text(Some(text));
    Option<&'a str>, text => Self::Text(text.map(Cow::Borrowed));
    Option<String>, text => Self::Text(text.map(Cow::Owned));
    Option<&'a String>, text => Self::Text(text.map(|text| Cow::Borrowed(text.as_str())));
    &'a Option<String>, text => Self::Text(text.as_deref().map(Cow::Borrowed));
}

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
        if columns == EVERY {
            return Ok(());
        }
        let names: Vec<&str> = match self {
            Self::Direct(row) => row.as_ref().column_names(),
            Self::Sqlite(row) => row.columns().iter().map(|column| column.name()).collect(),
            Self::Postgres(row) => row.columns().iter().map(|column| column.name()).collect(),
        };
        let fits = |(expected, name): (&&str, &&str)| expected.is_empty() || expected == name;
        let same = names.len() == columns.len() && columns.iter().zip(&names).all(fits);
        if same {
            return Ok(());
        }
        let (found, expected) = (names.join(", "), columns.join(", "));
        Err(Error::InvalidArgument(format!(
            "a statement answers the columns {found} where its row has {expected}"
        )))
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

#[cfg(test)]
mod tests;
