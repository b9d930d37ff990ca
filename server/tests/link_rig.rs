//! The real server on a real port, and real devices in front of it.

use axum::http::Uri;
use backend::clock::{Clock, SystemClock, SystemRng};
use backend::guard::cards;
use backend::guard::guards::{self, Description, GuardInfo};
use backend::guard::inventory;
use backend::guard::passwords::{self, NewPassword};
use backend::people::{self, NewPerson};
use backend::{Actor, Backend, Config, nodes, password};
use domain::guard::device::Input;
use domain::guard::grants::Presented;
use domain::guard::ids::*;
use domain::guard::link::{DeviceKey, DoorState};
use domain::ids::{Millis, Phone};
use domain::nodes::NodeName;
use domain::people::{Person, Role};
use server::guard_sim::{Disk, Event, Runner, Servers, SimGuard, Target, Tempo};
use server::link::{Links, Pace, drain};
use server::router::router;
use server::state::{AppState, Transport};
use sqlx::Connection as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

pub const KEY: &str = "a-device-key-of-the-inventory";
pub const CODE: &str = "135790";
const OWNER: &str = "13800000001";
/// Of the owner.
pub const PASSWORD: &str = "correct horse";
const HOUR: i64 = 3_600_000;

/// Puts guards with the key [`KEY`] into the inventory.
pub async fn import(backend: &Backend, guards: &[impl std::fmt::Display]) {
    let rows: String = guards.iter().map(|guard| format!("{guard},{KEY}\n")).collect();
    let file = format!("guardId,deviceKey\n{rows}");
    let report = inventory::import_csv(backend, &Actor::Cli, file.as_bytes())
        .await
        .unwrap();
    assert_eq!((report.added as usize, report.errors.len()), (guards.len(), 0));
}

/// The machine's clock, moved by the tests.
#[derive(Default)]
pub struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Millis {
        SystemClock.now().plus(self.0.load(Ordering::SeqCst))
    }
}

impl Moved {
    pub fn forward(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

/// A server.
pub struct Node {
    pub backend: Backend,
    pub clock: Arc<Moved>,
    pub links: Links,
    pub address: SocketAddr,
    data: Arc<TempDir>,
    pace: Pace,
    state: AppState,
    tasks: Vec<JoinHandle<()>>,
}

/// As fast as a test may be.
pub fn quick() -> Pace {
    Pace {
        hello_within: Duration::from_millis(500),
        heartbeat: Duration::from_millis(700),
        ..Pace::default()
    }
}

impl Node {
    pub async fn start() -> Self {
        Self::at_pace(Pace::default()).await
    }

    pub async fn at_pace(pace: Pace) -> Self {
        let node = Self::on(Arc::new(tempfile::tempdir().unwrap()), Arc::default(), pace, None).await;
        node.add_owner().await;
        node
    }

    /// A process that is a node, on a database of its own.
    pub async fn named(name: &str) -> Self {
        let data = Arc::new(tempfile::tempdir().unwrap());
        let node = Self::on(data, Arc::default(), quick(), Some(name)).await;
        node.add_owner().await;
        node
    }

    /// One more node on the same database.
    pub async fn beside(&self, name: &str) -> Self {
        let (data, clock) = (self.data.clone(), self.clock.clone());
        Self::on(data, clock, self.pace, Some(name)).await
    }

    async fn add_owner(&self) {
        let owner = NewPerson {
            phone: OWNER.to_owned(),
            name: "张伟".to_owned(),
            role: Role::Owner,
            business: None,
            password: PASSWORD.to_owned(),
        };
        people::add(&self.backend, &Actor::Cli, owner).await.unwrap();
    }

    async fn on(data: Arc<TempDir>, clock: Arc<Moved>, pace: Pace, name: Option<&str>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config::new(data.path(), crate::engine::database_of(data.path()));
        if let Some(name) = name {
            config.node.name = NodeName::of(name);
            config.advertise = Some(address.to_string());
        }
        config.clock = clock.clone();
        config.password_cost = password::Cost::CHEAP;
        let backend = Backend::open(config).await.unwrap();
        backend.start_serving().await.unwrap();
        let mut state = AppState::new(backend.clone());
        state.links = Links::new(pace);
        let links = state.links.clone();
        let service = router(&state, Transport::Plain).into_make_service_with_connect_info::<SocketAddr>();
        let mut tasks = vec![tokio::spawn(
            async move { axum::serve(listener, service).await.unwrap() },
        )];
        if name.is_some() {
            nodes::start(&backend).await.unwrap();
            tasks.push(tokio::spawn(drain::while_drained(state.clone())));
            tasks.push(tokio::spawn(drain::when_balanced(state.clone())));
        }
        Self {
            backend,
            clock,
            links,
            address,
            data,
            pace,
            state,
            tasks,
        }
    }

    /// Ends as the program does at a signal; what it stored stays as long as what is answered.
    pub async fn stop(self) -> Arc<TempDir> {
        nodes::stop(&self.backend).await;
        self.state.stopping.send_replace(true);
        self.tasks[0].abort();
        drain::before_the_end(&self.state, Duration::from_secs(4)).await;
        self.links.end(Duration::from_secs(8)).await;
        self.backend.close().await;
        self.data
    }

    /// Another process on the same data, at another address.
    pub async fn restart(self) -> Self {
        self.links.end(Duration::from_secs(8)).await;
        self.tasks[0].abort();
        self.backend.close().await;
        Self::on(self.data, self.clock, self.pace, None).await
    }

    /// Nobody gets in any more.
    pub fn close_door(&self) {
        self.tasks[0].abort();
    }

    pub fn data(&self) -> &Path {
        self.data.path()
    }

    pub fn database_url(&self) -> String {
        crate::engine::url_of(self.data.path())
    }

    pub fn target(&self) -> Target {
        target(self.address)
    }

    pub async fn import(&self, guards: &[&str]) {
        import(&self.backend, guards).await;
    }

    pub async fn owner(&self) -> Person {
        people::get(&self.backend, &Phone(OWNER.to_owned()))
            .await
            .unwrap()
            .unwrap()
    }

    /// The owner adds a guard that was connected once.
    pub async fn add(&self, guard: &str) {
        let about = Description {
            name: GuardName::parse("大门").unwrap(),
            location: GuardLocation::parse("北京").unwrap(),
            comment: GuardComment::parse("").unwrap(),
        };
        let code = OpCode::parse(CODE).unwrap();
        guards::add(&self.backend, &self.owner().await, &id(guard), &code, &about)
            .await
            .unwrap();
    }

    pub async fn password(&self, guard: &str, number: &str, digits: &str) {
        let now = self.backend.now();
        let new = NewPassword {
            service_numb: ServiceNumb::parse(number).unwrap(),
            password: DoorPassword::parse(digits).unwrap(),
            from: now.plus(-HOUR),
            until: now.plus(HOUR),
        };
        passwords::add(&self.backend, &self.owner().await, &id(guard), new)
            .await
            .unwrap();
    }

    /// A card that opens from an hour ago until two days from now.
    pub async fn authorise_card(&self, guard: &str, number: &str, card: &str) {
        let now = self.backend.now();
        let new = cards::NewCard {
            service_numb: ServiceNumb::parse(number).unwrap(),
            name: CardHolder::parse("张伟").unwrap(),
            card_numb: CardNumb::parse(card).unwrap(),
            dn_code: DnCode::parse("").unwrap(),
            from: now.plus(-HOUR),
            until: now.plus(48 * HOUR),
        };
        cards::add(&self.backend, &self.owner().await, &id(guard), new)
            .await
            .unwrap();
    }

    /// The guard as its owner sees it.
    pub async fn seen(&self, guard: &str) -> GuardInfo {
        guards::get(&self.backend, &self.owner().await, &id(guard))
            .await
            .unwrap()
    }

    /// Numbers of all records of a guard that are stored, in their order.
    pub async fn stored(&self, guard: &str) -> Vec<i64> {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&self.database_url()).await.unwrap();
        let rows: Vec<(i64,)> = sqlx::query_as("SELECT seq FROM records WHERE guard_id = $1 ORDER BY seq")
            .bind(guard)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        rows.into_iter().map(|(seq,)| seq).collect()
    }

    /// What all stored records of a guard are, in their order: `opened`, `refused`, or `door:` and what the door did.
    pub async fn record_kinds(&self, guard: &str) -> Vec<String> {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&self.database_url()).await.unwrap();
        let rows: Vec<(i64, Option<String>)> =
            sqlx::query_as("SELECT opened, reason FROM records WHERE guard_id = $1 ORDER BY seq")
                .bind(guard)
                .fetch_all(&mut connection)
                .await
                .unwrap();
        connection.close().await.unwrap();
        rows.into_iter()
            .map(|(opened, reason)| match reason.as_deref().and_then(DoorState::parse) {
                Some(state) => format!("door:{}", state.as_str()),
                None if opened == 1 => "opened".to_owned(),
                None => "refused".to_owned(),
            })
            .collect()
    }

    /// A device at this server, linked once and added by the owner.
    pub async fn door(&self, guard: &str) -> Door {
        self.import(&[guard]).await;
        let mut door = Door::new(guard, self.target(), Disk::None, self.clock.clone());
        door.linked().await;
        self.add(guard).await;
        door.converged(self).await;
        door
    }
}

pub fn target(address: SocketAddr) -> Target {
    let uri: Uri = format!("http://{address}").parse().unwrap();
    Target::parse(&uri.to_string(), false).unwrap()
}

pub fn id(text: &str) -> GuardId {
    GuardId::parse(text).unwrap()
}

/// A device and what was seen of it.
pub struct Door {
    pub runner: Runner,
    pub events: Vec<Event>,
}

impl Door {
    pub fn new(guard: &str, servers: impl Into<Servers>, disk: Disk, clock: Arc<dyn Clock>) -> Self {
        Self::with_key(guard, KEY, servers, disk, clock)
    }

    pub fn with_key(guard: &str, key: &str, servers: impl Into<Servers>, disk: Disk, clock: Arc<dyn Clock>) -> Self {
        let key = DeviceKey::parse(key).unwrap();
        let code = OpCode::parse(CODE).ok();
        let mut guard = SimGuard::open(id(guard), key, code, disk, clock, Arc::new(SystemRng)).unwrap();
        guard.start().unwrap();
        let tempo = Tempo {
            first: Duration::from_millis(10),
            most: Duration::from_millis(200),
            tick: Duration::from_millis(50),
        };
        Self {
            runner: Runner::new(guard, servers, tempo),
            events: Vec::new(),
        }
    }

    /// Lives until `done`, which must come within 20 seconds.
    pub async fn until(&mut self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let late = Instant::now() + Duration::from_secs(20);
        while !done(self) {
            assert!(Instant::now() < late, "never: {what}; {:?}", self.runner.why());
            self.live(Duration::from_millis(20)).await;
        }
    }

    /// Lives for so long, or until something happens.
    pub async fn live(&mut self, at_most: Duration) {
        if let Ok(happened) = timeout(at_most, self.runner.wait()).await {
            let events = self.runner.act(happened).await.unwrap();
            self.events.extend(events);
        }
    }

    pub async fn linked(&mut self) {
        self.until("linked", |door| door.runner.guard.device.is_connected())
            .await;
    }

    pub async fn net(&mut self, on: bool) {
        let events = self.runner.network(on).await.unwrap();
        self.events.extend(events);
    }

    /// A card nobody knows: a record.
    pub async fn card(&mut self) {
        let card_numb = CardNumb::parse("110101199003071234").ok();
        let input = Input::Presented(Presented::Card {
            card_numb,
            dn_code: None,
        });
        let events = self.runner.feed(input).await.unwrap();
        self.events.extend(events);
    }

    pub async fn types(&mut self, digits: &str) -> Vec<Event> {
        let password = DoorPassword::parse(digits).unwrap();
        self.runner
            .feed(Input::Presented(Presented::Password { password }))
            .await
            .unwrap()
    }

    pub fn last_record(&self) -> i64 {
        self.runner.guard.device.log.last()
    }

    /// All records are confirmed, all grants are there, and the server knows it.
    pub async fn converged(&mut self, node: &Node) {
        let guard = self.runner.guard.device.guard_id.clone();
        let late = Instant::now() + Duration::from_secs(20);
        loop {
            let device = &self.runner.guard.device;
            let seen = node.seen(guard.as_str()).await;
            let granted = device.version.number == seen.desired && seen.acked == seen.desired;
            if granted && device.is_connected() && device.log.confirmed() == device.log.last() {
                return;
            }
            assert!(
                Instant::now() < late,
                "never converged: {:?} {:?} {} of {}; {}",
                device.version,
                (seen.desired, seen.acked),
                device.log.confirmed(),
                device.log.last(),
                self.runner.why()
            );
            self.live(Duration::from_millis(10)).await;
        }
    }

    /// Closes the link from the side of the guard.
    pub async fn end(mut self) {
        self.runner.end().await;
    }
}

/// Waits until something outside is so, at most for so long.
pub async fn eventually(what: &str, within: Duration, mut done: impl AsyncFnMut() -> bool) {
    let late = Instant::now() + within;
    while !done().await {
        assert!(Instant::now() < late, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Numbers from 1, each once.
pub fn without_a_gap(stored: &[i64]) -> bool {
    (1..).zip(stored).all(|(number, seq)| number == *seq)
}

pub fn on_disk(folder: &Path) -> Disk {
    Disk::File(folder.join("guard.json"))
}
