//! Why a database could not be opened.

use crate::core::db::file;
use crate::core::zone::UnknownZone;
use std::path::Path;

/// Why a [`Backend`] could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory or the key file could not be read or made.
    #[error("{path}: {source}")]
    Io {
        /// What was touched.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The master key is not in the expected form.
    #[error("the master key is not valid: {0}")]
    MasterKey(String),
    /// The address names neither SQLite nor PostgreSQL.
    #[error("the database address must begin with sqlite: or postgres:")]
    DatabaseUrl,
    /// The work asked for a password hash is not possible.
    #[error("the cost of a password hash is not valid: {0}")]
    PasswordCost(String),
    /// The zone of the doors does not exist.
    #[error("the setting --time-zone (LATCHKEY_TIME_ZONE): {0}")]
    TimeZone(#[from] UnknownZone),
    /// The database cannot be opened as it was asked for.
    #[error("the database cannot be opened: {0}")]
    Database(String),
    /// The file of the database cannot be used.
    #[error("the database cannot be opened: {path}: {advice} ({error})")]
    DatabaseFile {
        /// Which.
        path: String,
        /// What is wrong, and what helps.
        advice: &'static str,
        /// What SQLite says.
        error: String,
    },
    /// Another server has the database.
    #[error(
        "{path} is in use by another latchkey serve or demo: stop that one first, or give this one another --data directory"
    )]
    InUse {
        /// Which.
        path: String,
    },
    /// There was a deployment here, and its database is gone.
    #[error(
        "{data_dir} has a master key, but {database} is no database: it was removed or lies elsewhere. \
         Put it or a backup (latchkey restore) there, or begin an empty deployment with latchkey serve --new"
    )]
    DatabaseMissing {
        /// Where the key is.
        data_dir: String,
        /// Where the database should be.
        database: String,
    },
    /// The database answers, and has no connection left; it may later.
    #[error(
        "the database has no connection left ({0}): raise its max_connections, or give every node fewer by --database-connections"
    )]
    NoConnection(String),
    /// The database does not answer; it may later.
    #[error("the database does not answer: {0}")]
    Unreachable(String),
    /// Its tables could not be brought up to date.
    #[error("the database's tables could not be brought up to date: {0}")]
    Migration(String),
    /// It was filled under another master key.
    #[error(
        "this database belongs to another master key than the one in {data_dir} or LATCHKEY_MASTER_KEY: \
         every node needs the master.key of the one that made the database"
    )]
    OtherMasterKey {
        /// Where this node looks for its key.
        data_dir: String,
    },
    /// Something in it is sealed under a master key that is missing.
    #[error(
        "something in this database is sealed under a master key that is not in {data_dir} or LATCHKEY_MASTER_KEY: \
         put that key back behind the others, on every node, and run latchkey key rotate before you take it away"
    )]
    MissingMasterKey {
        /// Where this node looks for its keys.
        data_dir: String,
    },
    /// A copy into it did not come to its end.
    #[error(
        "this database is a copy that was not finished: run latchkey copy or restore again with --start-over, or remove it"
    )]
    UnfinishedCopy,
}

impl OpenError {
    /// It may be better without anybody doing something about it.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::NoConnection(_))
    }

    pub(crate) fn not_alone(path: &Path, why: file::NotAlone) -> Self {
        let path = path.display().to_string();
        match why {
            file::NotAlone::InUse => Self::InUse { path },
            file::NotAlone::Io(source) => Self::Io { path, source },
        }
    }
}
