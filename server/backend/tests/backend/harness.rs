//! A world for one test: a fresh database, a clock that only the test moves, randomness from a seed.

use crate::citus;
use backend::clock::{Clock, Rng};
use backend::locker::kiosks::{self, NewKiosk};
use backend::locker::orders::{self, NewOrder};
use backend::locker::{deposits, scans};
use backend::password::Cost;
use backend::people::{self, NewPerson};
use backend::{Actor, Backend, Config, OpenError, businesses};
use domain::error::Refusal;
use domain::ids::{Millis, Phone, Port, ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::orders::{Order, OrderStatus, OrderTexts};
use domain::people::{Person, Role};
use domain::token::{self, CompartmentFields, CompartmentRow, Payload, TokenKey};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 24 * 60 * MINUTE;
/// 2026-03-02T09:00:00Z
const START: i64 = 1_772_442_000_000;
pub const PASSWORD: &str = "correct horse";

/// Writes each test once and runs it on both engines: `both! { async fn name(w: &World) { … } }`.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: &World) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn test($world: &World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let world = World::sqlite().await;
                test(&world).await;
                world.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(world) = World::postgres().await {
                    test(&world).await;
                    world.end().await;
                }
            }
        }
    )*};
}

pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

struct SeededRng(Mutex<StdRng>);

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(bytes);
    }
}

/// Where a database may be that nobody opened yet.
pub struct Place {
    pub url: String,
    pub dir: tempfile::TempDir,
    /// The PostgreSQL server and the name of the database to drop.
    database: Option<(String, String)>,
}

impl Place {
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("test.db").display());
        Self {
            url,
            dir,
            database: None,
        }
    }

    /// Its tables are there already where they are distributed. `None`, said loudly, where no server is given; on CI that is a failure.
    pub async fn postgres() -> Option<Self> {
        let (server, name) = Self::server()?;
        citus::create(&server, &name).await;
        Some(Self::of(server, name))
    }

    /// The same without tables in any case.
    pub async fn bare_postgres() -> Option<Self> {
        let (server, name) = Self::server()?;
        citus::bare(&server, &name).await;
        Some(Self::of(server, name))
    }

    fn of(server: String, name: String) -> Self {
        Self {
            url: format!("{server}/{name}"),
            dir: tempfile::tempdir().unwrap(),
            database: Some((server, name)),
        }
    }

    /// The server that was given, and a name for a database there.
    fn server() -> Option<(String, String)> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let Ok(server) = std::env::var("LATCHKEY_TEST_POSTGRES") else {
            assert_ne!(
                std::env::var("CI").as_deref(),
                Ok("true"),
                "LATCHKEY_TEST_POSTGRES is not set"
            );
            eprintln!("NOT RUN ON POSTGRESQL: set LATCHKEY_TEST_POSTGRES to postgres://USER:PASSWORD@HOST:PORT");
            return None;
        };
        let name = format!(
            "latchkey_{}_{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::SeqCst)
        );
        Some((server, name))
    }

    /// Both engines, as far as they are there.
    pub async fn everywhere() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres().await]
            .into_iter()
            .flatten()
            .collect()
    }

    /// What a node there starts with whose data is in `data`.
    pub fn config(&self, data: &std::path::Path) -> Config {
        Config {
            password_cost: Cost::CHEAP,
            ..Config::new(data, Some(self.url.clone()))
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// Runs SQL there.
    pub async fn sql(&self, sql: &str) -> Vec<sqlx::any::AnyRow> {
        run_sql(&self.url, sql).await
    }

    pub async fn end(self) {
        if let Some((server, name)) = self.database {
            citus::drop(&server, &name).await;
        }
    }
}

async fn run_sql(url: &str, sql: &str) -> Vec<sqlx::any::AnyRow> {
    sqlx::any::install_default_drivers();
    let pool = sqlx::any::AnyPoolOptions::new()
        .max_connections(1)
        .connect(url)
        .await
        .unwrap();
    let rows = sqlx::query(sql).fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows
}

pub struct World {
    pub b: Backend,
    pub url: String,
    clock: Arc<TestClock>,
    place: Place,
}

impl World {
    pub async fn sqlite() -> Self {
        Self::open(Place::sqlite()).await
    }

    /// `None` where no server is given.
    pub async fn postgres() -> Option<Self> {
        Some(Self::open(Place::postgres().await?).await)
    }

    /// On PostgreSQL, with tables that are whole also where those of the other tests are distributed.
    pub async fn whole() -> Option<Self> {
        Some(Self::open(Place::bare_postgres().await?).await)
    }

    pub async fn open(place: Place) -> Self {
        let url = place.url.clone();
        Self::through(place, url).await
    }

    /// Speaks to the database by way of `url`.
    pub async fn through(place: Place, url: String) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(START)));
        let b = Backend::open(config(&place.dir, &url, clock.clone(), 1)).await.unwrap();
        Self { b, url, clock, place }
    }

    /// The same database opened once more, as another node or the command line would.
    pub async fn another_node(&self) -> Backend {
        Backend::open(config(&self.place.dir, &self.url, self.clock.clone(), 2))
            .await
            .unwrap()
    }

    /// The same with other settings.
    pub async fn node_with(&self, change: impl FnOnce(&mut Config)) -> Backend {
        let mut config = config(&self.place.dir, &self.url, self.clock.clone(), 3);
        change(&mut config);
        Backend::open(config).await.unwrap()
    }

    /// Opened once more, with whatever keys there are now.
    pub async fn open_again(&self) -> Result<Backend, OpenError> {
        Backend::open(config(&self.place.dir, &self.url, self.clock.clone(), 4)).await
    }

    /// Where the key file is.
    pub fn dir(&self) -> &std::path::Path {
        self.place.dir.path()
    }

    /// Somebody who was added before.
    pub async fn known(&self, phone: &str) -> Person {
        people::get(&self.b, &Phone(phone.to_owned())).await.unwrap().unwrap()
    }

    /// An owner, as the operator's command adds one.
    pub async fn owner(&self, phone: &str) -> Person {
        self.person(phone, Role::Owner, None).await
    }

    pub fn is_postgres(&self) -> bool {
        self.place.is_postgres()
    }

    pub async fn end(self) {
        self.b.close().await;
        self.place.end().await;
    }

    /// Runs SQL beside the backend.
    pub async fn sql(&self, sql: &str) -> Vec<sqlx::any::AnyRow> {
        run_sql(&self.place.url, sql).await
    }

    pub fn pass(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    pub async fn person(&self, phone: &str, role: Role, business: Option<&str>) -> Person {
        let new = NewPerson {
            phone: phone.to_owned(),
            name: format!("이름 {phone}"),
            role,
            business: business.map(str::to_owned),
            password: PASSWORD.to_owned(),
        };
        people::add(&self.b, &Actor::Cli, new).await.unwrap()
    }

    pub async fn operator(&self) -> Person {
        self.person("01000000001", Role::Operator, None).await
    }

    pub async fn staff(&self, phone: &str) -> Person {
        self.person(phone, Role::Staff, None).await
    }

    pub async fn business(&self, name: &str) {
        businesses::add(&self.b, &Actor::Cli, name).await.unwrap();
    }

    /// A business with one user.
    pub async fn business_user(&self, phone: &str, name: &str) -> Person {
        self.business(name).await;
        self.person(phone, Role::Business, Some(name)).await
    }

    /// An enrolled kiosk with `boards` of eight ports.
    pub async fn kiosk(&self, yid: i64, boards: i64) -> TestKiosk<'_> {
        self.kiosk_of(yid, boards, 8).await
    }

    pub async fn kiosk_of(&self, yid: i64, boards: i64, ports: i64) -> TestKiosk<'_> {
        let new = NewKiosk {
            yid,
            name: format!("키오스크 {yid}"),
            address: "서울".to_owned(),
            boards,
            ports,
            secret: None,
        };
        kiosks::add(&self.b, &Actor::Cli, new).await.unwrap();
        self.enrol(Yid(yid)).await
    }

    /// Another device becomes the kiosk, and knows what the server tells it.
    pub async fn replace(&self, old: TestKiosk<'_>) -> TestKiosk<'_> {
        self.enrol(old.yid).await
    }

    async fn enrol(&self, yid: Yid) -> TestKiosk<'_> {
        let code = kiosks::enrolment_code(&self.b, &Actor::Cli, yid).await.unwrap();
        let enrolled = kiosks::enrol(&self.b, &code.code, "10.0.0.9").await.unwrap();
        TestKiosk {
            world: self,
            yid,
            key: TokenKey::new(enrolled.secret.as_bytes()),
            token: enrolled.token,
            rows: Mutex::new(
                enrolled
                    .compartments
                    .into_iter()
                    .map(|door| CompartmentRow {
                        jumper: door.jumper,
                        serial: door.serial,
                        status: door.status,
                        label: door.label,
                        pwd: door.pwd,
                        save_date: door.save_date,
                        things_sq: door.things_sq,
                        kind: door.kind,
                    })
                    .collect(),
            ),
        }
    }

    /// A ready order of a business that exists.
    pub async fn ready_order(&self, things_sq: &str, business: &str) -> ThingsSq {
        self.order(things_sq, business, "B").await
    }

    pub async fn order(&self, things_sq: &str, business: &str, status: &str) -> ThingsSq {
        let new = NewOrder {
            things_sq: things_sq.to_owned(),
            texts: OrderTexts::each(|text| match text.column() {
                "customer_no" => format!("02{things_sq}"),
                "customer_name" => "홍길동".to_owned(),
                "address" => "서울특별시 중구".to_owned(),
                "meter_kind" => "전자식".to_owned(),
                "business" => business.to_owned(),
                // One that is added later is not tested here.
                _ => String::new(),
            }),
            status: status.to_owned(),
        };
        orders::add(&self.b, &Actor::Cli, new).await.unwrap().things_sq
    }

    pub async fn status(&self, who: &Person, things_sq: &ThingsSq) -> OrderStatus {
        orders::get(&self.b, who, things_sq).await.unwrap().status
    }
}

fn config(dir: &tempfile::TempDir, url: &str, clock: Arc<TestClock>, seed: u64) -> Config {
    Config {
        clock,
        rng: Arc::new(SeededRng(Mutex::new(StdRng::seed_from_u64(seed)))),
        password_cost: Cost::CHEAP,
        ..Config::new(dir.path(), Some(url.to_owned()))
    }
}

/// The device in the corridor.
pub struct TestKiosk<'w> {
    world: &'w World,
    pub yid: Yid,
    pub key: TokenKey,
    /// Its bearer token.
    pub token: String,
    rows: Mutex<Vec<CompartmentRow>>,
}

pub fn port(jumper: i64, serial: i64) -> Port {
    Port { jumper, serial }
}

impl TestKiosk<'_> {
    pub fn seal_at(&self, date: Millis, payload: &Payload) -> String {
        let mut rng = StdRng::seed_from_u64(NONCE.fetch_add(1, Ordering::SeqCst));
        token::seal(&self.key, self.yid, date, payload, &mut |bytes: &mut [u8]| {
            rng.fill_bytes(bytes)
        })
        .unwrap()
    }

    pub fn seal(&self, payload: &Payload) -> String {
        self.seal_at(self.world.now(), payload)
    }

    /// A door is closed with something inside, the kiosk has made a password.
    pub fn put_in(&self, at: Port, pwd: &str) -> CompartmentFields {
        let save_date = self.world.now().to_iso();
        let label = self.change(at, |row| {
            row.status = CompartmentStatus::Stored;
            row.pwd = Some(pwd.to_owned());
            row.save_date = Some(save_date.clone());
            row.kind = Some(ContentKind::Deposit);
            row.label.clone()
        });
        CompartmentFields {
            serial: at.serial,
            jumper: at.jumper,
            pwd: pwd.to_owned(),
            save_date,
            label,
            things_sq: None,
        }
    }

    /// The kiosk is told, or knows by itself, which order is behind a door.
    pub fn name_order(&self, at: Port, things_sq: &ThingsSq) {
        self.change(at, |row| row.things_sq = Some(things_sq.clone()));
    }

    pub fn take_out(&self, at: Port) {
        self.change(at, |row| {
            row.status = CompartmentStatus::Free;
            (row.pwd, row.save_date, row.things_sq, row.kind) = (None, None, None, None);
        });
    }

    pub fn change<T>(&self, at: Port, change: impl FnOnce(&mut CompartmentRow) -> T) -> T {
        let mut rows = self.rows.lock().unwrap();
        change(rows.iter_mut().find(|row| row.port() == at).unwrap())
    }

    pub fn rows(&self) -> Vec<CompartmentRow> {
        self.rows.lock().unwrap().clone()
    }

    pub fn data_code(&self) -> String {
        self.seal(&Payload::SaveToData(self.rows()))
    }

    /// A meter is put in and a member of staff scans the code.
    pub async fn deposit_scanned(&self, who: &Person, at: Port, pwd: &str) -> (CompartmentFields, String) {
        let fields = self.put_in(at, pwd);
        let token = self.seal(&Payload::OpenToSave(fields.clone()));
        let scanned = scans::read_code(&self.world.b, who, &token).await.unwrap();
        (fields, scanned.token_id)
    }

    /// The whole of flow 1.
    pub async fn deposit(&self, who: &Person, things_sq: &ThingsSq, at: Port, pwd: &str) -> Order {
        let (_, token_id) = self.deposit_scanned(who, at, pwd).await;
        deposits::complete_scanned(&self.world.b, who, things_sq, &token_id)
            .await
            .unwrap()
    }
}

static NONCE: AtomicU64 = AtomicU64::new(1);

/// The status letter a refusal names.
pub fn in_status(letter: &str) -> Refusal {
    Refusal::OrderStatus {
        status: letter.to_owned(),
    }
}

pub fn phone(number: &str) -> Phone {
    Phone(number.to_owned())
}
