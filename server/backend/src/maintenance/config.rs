//! How a backend is opened.

use crate::cluster::nodes::NodeConfig;
use crate::core::clock::{Clock, Rng, SystemClock, SystemRng};
use crate::core::db::{self, file};
use crate::guard::superiors::Consent;
use crate::identity::notify::Notifier;
use crate::identity::password;
use crate::identity::push::PushSettings;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How to open a [`Backend`](crate::Backend).
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
    /// The host under which others reach this node; nothing: the one a caller used.
    pub advertise: Option<String>,
    /// What this process is as a node; it is none before [`nodes::start`](crate::cluster::nodes::start).
    pub node: NodeConfig,
    /// Takes messages to people; without one nobody gets a code for a new password.
    pub notifier: Option<Arc<dyn Notifier>>,
    /// How notifications in browsers are sent; without it nobody is offered any.
    pub push: Option<PushSettings>,
    /// How much longer a try waits for each failure too many that strangers made, such as wrong passwords for one number.
    pub slow_down_step: Duration,
    /// How many passwords may wait to be checked for each thread that checks them; more are rejected as [`Refusal::Unavailable`](domain::error::Refusal::Unavailable).
    pub password_queue: usize,
    /// Connections to PostgreSQL that this process holds at most, beside the one that listens.
    pub database_connections: u32,
    /// No other server may use the SQLite file at the same time. Commands beside a server do without.
    pub alone: bool,
    /// A database may be made although there is a master key, whose database is missing then.
    pub new_database: bool,
    /// Old clients may speak for an owner from the address that signed in, for so long (SPEC 4.2). Weak; nothing: never.
    pub legacy_window: Option<Duration>,
    /// Whether a new junior is asked before a superior reads what is theirs.
    pub juniors: Consent,
    /// Owners register with a code that the notifier sends to their number; without a notifier nobody can.
    pub verify_numbers: bool,
}

impl Config {
    /// The system's clock and randomness, and an SQLite file inside `data_dir` unless a database is named.
    pub fn new(data_dir: impl Into<PathBuf>, database_url: Option<String>) -> Self {
        let data_dir = data_dir.into();
        let database_url = database_url.unwrap_or_else(|| file::url_of(&data_dir.join("latchkey.db")));
        Self {
            database_url,
            data_dir,
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            time_zone: "Asia/Shanghai".to_owned(),
            password_cost: password::Cost::default(),
            advertise: None,
            node: NodeConfig::default(),
            notifier: None,
            push: None,
            slow_down_step: Duration::from_millis(250),
            password_queue: password::USUAL_QUEUE,
            database_connections: db::POSTGRES_CONNECTIONS,
            alone: false,
            new_database: false,
            legacy_window: None,
            juniors: Consent::default(),
            verify_numbers: false,
        }
    }
}
