//! A statement with its values.

#[cfg(test)]
mod registered;

#[cfg(test)]
pub(crate) use registered::{Family, Piece, Registered, family, register, samples};

use std::borrow::Cow;

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

#[cfg(test)]
mod tests;
