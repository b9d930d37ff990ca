//! Facts about the deployment, each a value under a name in the table `settings`: whose it is, what was done once, how far a job has come.
//! The file that knows a fact has its name as a constant. What operators set for everybody is one of them (`identity::site`).
//!
//! These are statements, so that they run over a pool and in a transaction alike.

use crate::core::db::{Statement, Value, sql};

/// Reads the value, a `String`; no row if there is none.
pub(crate) fn read(name: &str) -> Statement<'_> {
    sql!("SELECT value FROM settings WHERE name = $1", name)
}

/// Writes the value, whatever there is.
pub(crate) fn write<'a>(name: &'a str, value: impl Into<Value<'a>>) -> Statement<'a> {
    sql!(
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        value
    )
}

/// Writes the value if there is none. Changes one row for the first who tries, and none for others.
pub(crate) fn write_if_absent<'a>(name: &'a str, value: impl Into<Value<'a>>) -> Statement<'a> {
    sql!(
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        name,
        value
    )
}

/// Writes the value if `old` is still there. Changes one row, and none if somebody else was faster.
pub(crate) fn replace<'a>(name: &'a str, old: impl Into<Value<'a>>, value: impl Into<Value<'a>>) -> Statement<'a> {
    sql!(
        "UPDATE settings SET value = $3 WHERE name = $1 AND value = $2",
        name,
        old,
        value
    )
}

/// Deletes the value, if there is one.
pub(crate) fn delete(name: &str) -> Statement<'_> {
    sql!("DELETE FROM settings WHERE name = $1", name)
}
