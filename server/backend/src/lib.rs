//! The one place that talks to a database: SQL, keys and use cases. Every function takes the [`Backend`] first and then who is
//! asking, and checks itself whether they may.

pub mod access;
mod actor;
pub mod archive;
pub mod bus;
pub mod businesses;
mod catalogue;
pub mod clock;
pub mod copy;
pub mod counted;
pub mod damage;
mod db;
pub mod demo;
mod deployment;
pub mod guard;
mod hearing;
pub mod identity;
pub mod job;
mod keys;
pub mod known_devices;
pub mod known_time;
pub mod limits;
pub mod locker;
mod matching;
pub mod migrations;
pub mod nodes;
pub mod normalise;
pub mod notify;
pub mod once;
mod open_error;
mod opening;
pub mod partitions;
pub mod password;
pub mod people;
mod ready;
mod recent;
pub mod rotation;
pub mod sessions;
mod sheet;
pub mod tokens;
mod zone;

/// For an `async fn` that other crates call. It answers a boxed future, which is compiled here once; a plain one is compiled wherever it is awaited.
pub(crate) use async_recursion::async_recursion as boxed;

pub use actor::Actor;
pub use catalogue::Sum;
pub use keys::{MASTER_KEY_VARIABLE, put_in_front as put_master_key_in_front};
pub use open_error::OpenError;
pub use sheet::{FileEncoding, ImportOptions};
pub use zone::{LocalZone, UnknownZone};

use bus::Bus;
use clock::{Clock, Rng, SystemClock, SystemRng};
use damage::Damage;
use db::{Db, file, sql};
use domain::error::{Problem, Refusal};
use domain::ids::Millis;
use domain::locker::orders::Page;
use domain::people::{Person, Role};
use domain::text;
use guard::superiors::Consent;
use keys::Keys;
use known_time::KnownTime;
use locker::ScanWriter;
use locker::known::Cache;
use notify::{Notifier, Outbox};
use password::Passwords;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// Scans stay for a week: long after any of their codes could be accepted again.
const SCANS_KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// A node that was not heard of for so long is forgotten, such as one that was named after a container.
const NODES_KEPT_MS: i64 = 30 * 24 * 3_600_000;

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
    /// The host under which others reach this node; nothing: the one a caller used.
    pub advertise: Option<String>,
    /// What this process is as a node; it is none before [`nodes::start`].
    pub node: nodes::NodeConfig,
    /// Takes messages to people; without one nobody gets a code for a new password.
    pub notifier: Option<Arc<dyn Notifier>>,
    /// How much longer a try waits for each failure too many that strangers made, such as wrong passwords for one number.
    pub slow_down_step: Duration,
    /// How many passwords may wait to be checked for each thread that checks them; more are rejected as [`Refusal::Unavailable`].
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
            node: nodes::NodeConfig::default(),
            notifier: None,
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

/// Everything the use cases need; cheap to clone.
#[derive(Clone)]
pub struct Backend(Arc<Inner>, Arc<dyn Clock>);

struct Inner {
    db: Db,
    /// Held while this server has the SQLite file for itself.
    alone: Mutex<Option<File>>,
    ready: ready::Ready,
    bus: Bus,
    keys: Keys,
    passwords: Passwords,
    known: Cache,
    identities: identity::Identities,
    scan_writer: ScanWriter,
    search: locker::search::State,
    outbox: Outbox,
    trying: limits::Trying,
    nodes: nodes::State,
    legacy_window: Option<Duration>,
    consent: Consent,
    verify_numbers: bool,
    guards: guard::State,
    known_time: KnownTime,
    damage: Damage,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    zone: LocalZone,
}

impl Backend {
    /// Connects, brings the tables up to date, and loads the master key or makes one.
    #[crate::boxed]
    pub async fn open(config: Config) -> std::result::Result<Self, OpenError> {
        let zone = LocalZone::named(&config.time_zone)?;
        make_private_dir(&config.data_dir).map_err(|source| OpenError::Io {
            path: config.data_dir.display().to_string(),
            source,
        })?;
        let passwords = Passwords::new(config.password_cost, config.password_queue, config.rng.as_ref())?;
        let alone = opening::take_alone(&config)?;
        // Keys that are there are tried before anything is made. A new one is made after the database: a key whose database cannot be made
        // would say that there was one.
        let found = Keys::find(&config.data_dir)?;
        let db = opening::open_database(&config).await?;
        let mut keys = match found {
            Some(keys) => keys,
            None => Keys::load(&config.data_dir, config.rng.as_ref())?,
        };
        deployment::admit(&db, &mut keys, &config.data_dir).await?;
        let clock = config.clock.clone();
        if partitions::keep(&db, clock.now()).await.is_err() {
            tracing::warn!("the months of records and events could not be made; they will be at the next round");
        }
        let bus = Bus::new(&db, config.rng.as_ref());
        let inner = Inner {
            scan_writer: ScanWriter::start(db.write().clone()),
            guards: guard::State::start(&db, bus.clone()),
            known_time: KnownTime::default(),
            search: locker::search::State::default(),
            damage: Damage::default(),
            bus,
            known: Cache::default(),
            identities: identity::Identities::default(),
            db,
            alone: Mutex::new(alone),
            ready: ready::Ready::default(),
            keys,
            passwords,
            outbox: Outbox::new(config.notifier),
            trying: limits::Trying::new(config.slow_down_step),
            nodes: nodes::State::new(config.node, config.advertise.as_deref()),
            legacy_window: config.legacy_window,
            consent: config.juniors,
            verify_numbers: config.verify_numbers,
            clock: config.clock,
            rng: config.rng,
            zone,
        };
        let backend = Self(Arc::new(inner), clock);
        job::spawn("sweep", sweep_regularly(Arc::downgrade(&backend.0)));
        job::spawn(
            "forward",
            guard::hub::forward(backend.hub().clone(), Arc::downgrade(&backend.0)),
        );
        bus::start(&backend, &config.database_url, hearing::Hears);
        Ok(backend)
    }

    /// For a process that is going to serve, before it listens: learns what the database knows of the time, normalises what earlier versions stored
    /// otherwise, and learns whether the database may have lost something that guards know.
    #[crate::boxed]
    pub async fn start_serving(&self) -> Result<()> {
        known_time::start(self).await?;
        normalise::start(self).await?;
        // What is searched is what was normalised.
        job::spawn("search", locker::search::keep_up_regularly(Arc::downgrade(&self.0)));
        guard::history::start(self).await
    }

    /// What time it is.
    pub fn now(&self) -> Millis {
        self.1.now()
    }

    /// The same database and keys at another time, for telling how things came to be.
    pub(crate) fn with_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self(self.0.clone(), clock)
    }

    /// The zone local times are meant in.
    pub fn time_zone(&self) -> &str {
        self.0.zone.name()
    }

    /// The same, to reckon with.
    pub fn zone(&self) -> &LocalZone {
        &self.0.zone
    }

    /// Whether there is a way to tell people something, such as the code for a new password.
    pub fn can_notify(&self) -> bool {
        self.outbox().has_notifier()
    }

    /// For how long an address that signed in may speak for its owner without a token; `None`: never, which is how it should be.
    pub fn legacy_window(&self) -> Option<Duration> {
        self.0.legacy_window
    }

    /// Whether a new junior is asked before a superior reads what is theirs.
    pub fn consent(&self) -> Consent {
        self.0.consent
    }

    /// Whether owners register with a code that is sent to their number.
    pub fn verifies_numbers(&self) -> bool {
        self.0.verify_numbers
    }

    fn legacy_window_ms(&self) -> Option<i64> {
        self.0
            .legacy_window
            .map(|window| i64::try_from(window.as_millis()).unwrap_or(i64::MAX))
    }

    /// Whether the database can be written, found out within two seconds. Asked often, it is tried once a second.
    #[crate::boxed]
    pub async fn check(&self) -> Result<()> {
        self.0.ready.check(self).await
    }

    /// False: the database does not answer, and everything that needs it is refused at once.
    pub fn is_available(&self) -> bool {
        self.db().health().is_up()
    }

    /// Comes back when the database answers.
    #[crate::boxed]
    pub async fn until_available(&self) {
        self.db().health().until_up().await;
    }

    /// Did something fail lately because of the database?
    pub fn is_troubled(&self) -> bool {
        self.db().health().is_troubled()
    }

    /// Finishes what is being written and lets go of the database.
    #[crate::boxed]
    pub async fn close(&self) {
        self.0.guards.flush().await;
        bus::flush(self).await;
        guard::history::stop(self).await;
        self.0.db.close().await;
        let alone = self.0.alone.lock().unwrap_or_else(PoisonError::into_inner).take();
        // From now on another server may have the file.
        drop(alone);
    }

    /// Removes what has expired. Runs by itself every ten minutes.
    #[crate::boxed]
    pub async fn sweep(&self) -> Result<()> {
        let now = self.now().0;
        let scans_until = now.saturating_sub(SCANS_KEPT_MS);
        for (sql, until) in [
            ("DELETE FROM sessions WHERE expires <= $1", now),
            ("DELETE FROM person_tokens WHERE expires <= $1", now),
            ("DELETE FROM limits WHERE ends <= $1", now),
            ("DELETE FROM enrolments WHERE expires <= $1", now),
            ("DELETE FROM reset_codes WHERE expires <= $1", now),
            ("DELETE FROM registration_codes WHERE expires <= $1", now),
            ("DELETE FROM legacy_windows WHERE ends <= $1", now),
            ("DELETE FROM idempotency_keys WHERE ends <= $1", now),
            ("DELETE FROM scans WHERE scanned_at <= $1", scans_until),
            (
                "DELETE FROM nodes WHERE seen_at <= $1",
                now.saturating_sub(NODES_KEPT_MS),
            ),
        ] {
            self.db().relaxed().execute(sql!(sql, until)).await?;
        }
        partitions::keep(self.db(), Millis(now)).await
    }

    fn db(&self) -> &Db {
        &self.0.db
    }

    /// What the nodes tell each other.
    pub fn bus(&self) -> &Bus {
        &self.0.bus
    }

    fn keys(&self) -> &Keys {
        &self.0.keys
    }

    fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    fn known(&self) -> &Cache {
        &self.0.known
    }

    fn identities(&self) -> &identity::Identities {
        &self.0.identities
    }

    /// Who is to be told at once of what happens to guards and owners.
    pub fn hub(&self) -> &guard::hub::Hub {
        &self.0.guards.hub
    }

    /// How many guards have a link to this process.
    fn linked_guards(&self) -> usize {
        self.hub().connected_guards()
    }

    fn nodes(&self) -> &nodes::State {
        &self.0.nodes
    }

    fn damage(&self) -> &Damage {
        &self.0.damage
    }

    fn known_time(&self) -> &KnownTime {
        &self.0.known_time
    }

    fn guards(&self) -> &guard::State {
        &self.0.guards
    }

    fn scan_writer(&self) -> &ScanWriter {
        &self.0.scan_writer
    }

    fn search(&self) -> &locker::search::State {
        &self.0.search
    }

    fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    fn trying(&self) -> &limits::Trying {
        &self.0.trying
    }

    fn rng(&self) -> &dyn Rng {
        self.0.rng.as_ref()
    }
}

/// The directory holds the master key and everybody's data: when it is made here, only its owner may look into it.
fn make_private_dir(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

async fn sweep_regularly(backend: Weak<Inner>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let Some(inner) = backend.upgrade() else { return };
        // A failure is in the log already, and the next round tries again.
        let clock = inner.clock.clone();
        let _swept = Backend(inner, clock).sweep().await;
    }
}

/// Refuses everybody who has none of these roles.
fn require(who: &Person, roles: &[Role]) -> Result<()> {
    if !who.active {
        return Err(Refusal::NotSignedIn);
    }
    if roles.contains(&who.role) {
        Ok(())
    } else {
        Err(Refusal::NotYours)
    }
}

/// One line of text that names something: normalised ([`domain::text::name`]), without control characters and what stands for bytes that
/// were no text, at most `max` characters; empty only if `may_be_empty`.
fn one_line(field: &str, text: &str, max: u32, may_be_empty: bool) -> Result<String> {
    bounded(field, text::name(text), max, may_be_empty)
}

/// The same for a number or code that people type: normalised as an identifier ([`domain::text::identifier`]).
fn identifier(field: &str, text: &str, max: u32, may_be_empty: bool) -> Result<String> {
    bounded(field, text::identifier(text), max, may_be_empty)
}

fn bounded(field: &str, text: String, max: u32, may_be_empty: bool) -> Result<String> {
    let problem = if text.is_empty() && !may_be_empty {
        Problem::Required
    } else if text.chars().count() > max as usize {
        Problem::TooLong { max }
    } else if text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
        Problem::Form
    } else {
        return Ok(text);
    };
    Err(Refusal::field(field, problem))
}

/// Rows asked for on a page, made possible.
fn page_limit(limit: u32) -> u32 {
    limit.clamp(1, 200)
}

/// Makes a page of `limit` rows from up to one more; `key` is the cursor of a row.
fn page<T>(mut rows: Vec<T>, limit: u32, key: impl Fn(&T) -> String) -> Page<T> {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = if more { rows.last().map(key) } else { None };
    Page { rows, next }
}
