//! A small world to test in: two businesses, people of every role, two kiosks, orders, and a clock the tests own.

mod ask;
mod device;

pub use ask::{Answer, Ask};
pub use device::{Device, cabinet, deposited, free, stored};

use axum::Router;
use backend::clock::{Clock, Rng, SystemClock, SystemRng};
use backend::locker::kiosks::{self, NewKiosk};
use backend::locker::orders::{self, NewOrder};
use backend::people::{self, NewPerson};
use backend::push::{self, PushSettings};
use backend::{Actor, Backend, Config, businesses, password, tokens};
use domain::ids::{Millis, Phone, ThingsSq, Yid};
use domain::locker::orders::OrderTexts;
use domain::people::{Person, Role};
use domain::token::TokenKey;
use http::header::SET_COOKIE;
use islands::context::SetUp;
use server::edge::Edge;
use server::router::router;
use server::state::{AppState, Transport};
use sqlx::Connection as _;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

pub const PASSWORD: &str = "correct horse";
/// What the form of the sign-in page does.
pub const SIGN_IN: (&str, &str) = ("do", "/do/anyone/sign-in");
pub const OPERATOR: &str = "01011110001";
pub const STAFF: &str = "01011110002";
pub const OTHER_STAFF: &str = "01011110003";
/// Of the business `한빛전기`, which has the orders.
pub const BUSINESS: &str = "01011110004";
/// Of the business `대성전력`, which has order 2001 only.
pub const OTHER_BUSINESS: &str = "01011110005";
pub const OWNER: &str = "01011110006";
pub const MINE: &str = "한빛전기";
pub const OTHERS: &str = "대성전력";

/// A clock that stands still until it is moved.
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

impl TestClock {
    pub fn forward_minutes(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }
}

pub struct World {
    pub backend: Backend,
    pub clock: Arc<TestClock>,
    pub state: AppState,
    router: Router,
    seen: Mutex<BTreeSet<String>>,
    on_postgres: bool,
    database_url: String,
    data: Arc<tempfile::TempDir>,
}

/// Whom push services may write to.
pub const PUSH_CONTACT: &str = "mailto:ops@example.com";

/// Notifications are offered, and nothing is sent: no job runs.
fn push_settings() -> PushSettings {
    PushSettings {
        contact: PUSH_CONTACT.to_owned(),
        loopback: false,
    }
}

/// Declares tests that run on every engine: `on_every_engine! { name, … }` for functions that take a [`World`].
macro_rules! on_every_engine {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name($crate::harness::World::on_sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(world) = $crate::harness::World::on_postgres().await {
                    super::$name(world).await;
                }
            })*
        }
    };
}

impl World {
    pub async fn on_sqlite() -> Self {
        Self::open(None, SystemClock.now(), |_| {}).await
    }

    /// `None` where no PostgreSQL is given.
    pub async fn on_postgres() -> Option<Self> {
        Some(Self::open(Some(Self::database().await?), SystemClock.now(), |_| {}).await)
    }

    /// Another world on the same engine, at this time and with other settings.
    pub async fn apart(&self, start: Millis, change: impl FnOnce(&mut Config)) -> Self {
        let url = if self.on_postgres { Self::database().await } else { None };
        Self::open(url, start, change).await
    }

    /// A fresh database of PostgreSQL.
    async fn database() -> Option<String> {
        let server = std::env::var("LATCHKEY_TEST_POSTGRES").ok()?;
        let mut random = [0; 8];
        SystemRng.fill(&mut random);
        let name = format!("http_{:016x}", u64::from_be_bytes(random));
        crate::citus::create(&server, &name).await;
        Some(format!("{server}/{name}"))
    }

    /// Another node on the same database, with the same clock.
    pub async fn another_node(&self) -> Self {
        let mut config = Config::new(self.data.path(), Some(self.database_url.clone()));
        config.clock = self.clock.clone();
        config.password_cost = password::Cost::CHEAP;
        config.push = Some(push_settings());
        let backend = Backend::open(config).await.unwrap();
        push::prepare(&backend).await.unwrap();
        let state = AppState::new(backend.clone());
        Self {
            router: router(&state, Transport::Plain),
            backend,
            clock: self.clock.clone(),
            state,
            seen: Mutex::default(),
            on_postgres: self.on_postgres,
            database_url: self.database_url.clone(),
            data: self.data.clone(),
        }
    }

    /// Where the database is.
    pub fn url(&self) -> &str {
        &self.database_url
    }

    /// The data directory.
    pub fn directory(&self) -> &std::path::Path {
        self.data.path()
    }

    async fn open(database_url: Option<String>, start: Millis, change: impl FnOnce(&mut Config)) -> Self {
        let data = Arc::new(tempfile::tempdir().unwrap());
        let on_postgres = database_url.is_some();
        let clock = Arc::new(TestClock(AtomicI64::new(start.0)));
        let mut config = Config::new(data.path(), database_url);
        config.clock = clock.clone();
        config.password_cost = password::Cost::CHEAP;
        config.push = Some(push_settings());
        change(&mut config);
        let database_url = config.database_url.clone();
        let backend = Backend::open(config).await.unwrap();
        push::prepare(&backend).await.unwrap();
        fill(&backend).await;
        let state = AppState::new(backend.clone());
        let router = router(&state, Transport::Plain);
        Self {
            backend,
            clock,
            state,
            router,
            seen: Mutex::default(),
            on_postgres,
            database_url,
            data,
        }
    }

    /// Changes the database behind the server's back; on SQLite only.
    pub async fn execute(&self, sql: &'static str) {
        let url = format!("sqlite:{}", self.data.path().join("latchkey.db").display());
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The same world with other settings of the edge.
    pub fn with_edge(mut self, change: impl FnOnce(&mut Edge)) -> Self {
        let mut edge = (*self.state.edge).clone();
        change(&mut edge);
        self.state.edge = Arc::new(edge);
        self.router = router(&self.state, Transport::Plain);
        self
    }

    /// The same world where the first operator may be added with this code.
    pub fn with_set_up(mut self, code: &str) -> Self {
        self.state.set_up = Some(Arc::new(SetUp::new(code.to_owned())));
        self.router = router(&self.state, Transport::Plain);
        self
    }

    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Changes the database beside the server.
    pub async fn sql(&self, sql: &str) {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&self.database_url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Which answers of `/v1` were met, each as method, address and status.
    pub fn seen(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().clone()
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        Ask::of(self, method, path)
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    pub fn post(&self, path: &str) -> Ask<'_> {
        self.ask("POST", path)
    }

    pub async fn person(&self, phone: &str) -> Person {
        people::get(&self.backend, &Phone(phone.to_owned()))
            .await
            .unwrap()
            .unwrap()
    }

    /// A bearer token.
    pub async fn bearer(&self, phone: &str) -> String {
        let person = self.person(phone).await;
        tokens::issue_for_person(&self.backend, &person).await.unwrap().token
    }

    /// A session cookie, got by the sign-in page.
    pub async fn cookie(&self, phone: &str) -> String {
        self.cookie_by(phone, PASSWORD).await
    }

    /// The same with this password.
    pub async fn cookie_by(&self, phone: &str, password: &str) -> String {
        let answer = self
            .post("/sign-in")
            .form(&[SIGN_IN, ("phone", phone), ("password", password)])
            .send()
            .await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// A device that enrolled as this kiosk.
    pub async fn kiosk(&self, yid: i64) -> Device<'_> {
        let code = kiosks::enrolment_code(&self.backend, &Actor::Cli, Yid(yid))
            .await
            .unwrap();
        let body = serde_json::json!({ "code": code.code });
        let enrolled = self.post("/v1/Kiosks/Enrol").json(&body).send().await.ok();
        Device {
            world: self,
            yid: Yid(yid),
            key: TokenKey::new(enrolled["secret"].as_str().unwrap().as_bytes()),
            token: enrolled["token"].as_str().unwrap().to_owned(),
        }
    }

    /// The hidden fields of a form as its page shows it now: of the form that has an element with this test id, or of the first one
    /// with a one-use key.
    pub async fn hidden(&self, cookie: &str, path: &str, test_id: &str) -> Vec<(String, String)> {
        let page = self.get(path).cookie(cookie).send().await;
        assert_eq!(page.status, 200, "{path}");
        let mark = if test_id.is_empty() {
            "name=\"once\"".to_owned()
        } else {
            format!("data-testid=\"{test_id}\"")
        };
        hidden_fields(&page.text(), &mark).unwrap_or_else(|| panic!("{path} has no form with {mark}"))
    }

    /// The status letter of an order.
    pub async fn status_of(&self, things_sq: &str) -> String {
        let staff = self.person(STAFF).await;
        let order = orders::get(&self.backend, &staff, &ThingsSq(things_sq.to_owned()))
            .await
            .unwrap();
        order.status.letter().to_owned()
    }
}

/// The hidden fields of the form around this mark, or whose tag it stands in.
fn hidden_fields(page: &str, mark: &str) -> Option<Vec<(String, String)>> {
    let at = page.find(mark)?;
    let form = &page[page[..at].rfind("<form")?..];
    let form = &form[..form.find("</form>")?];
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        let value = rest.split_once('"')?.0;
        Some(
            value
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&"),
        )
    };
    let inputs = form
        .split("<input")
        .skip(1)
        .map(|tag| tag.split('>').next().unwrap_or_default());
    let hidden = inputs.filter(|tag| tag.contains("type=\"hidden\"") && tag.contains(" name=\""));
    hidden
        .map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
        .collect()
}

async fn fill(b: &Backend) {
    for name in [MINE, OTHERS] {
        businesses::add(b, &Actor::Cli, name).await.unwrap();
    }
    for (phone, role, business) in [
        (OPERATOR, Role::Operator, None),
        (STAFF, Role::Staff, None),
        (OTHER_STAFF, Role::Staff, None),
        (BUSINESS, Role::Business, Some(MINE)),
        (OTHER_BUSINESS, Role::Business, Some(OTHERS)),
        (OWNER, Role::Owner, None),
    ] {
        let new = NewPerson {
            phone: phone.to_owned(),
            name: format!("이름 {phone}"),
            role,
            business: business.map(str::to_owned),
            password: PASSWORD.to_owned(),
        };
        people::add(b, &Actor::Cli, new).await.unwrap();
    }
    for yid in [1234, 1235] {
        let new = NewKiosk {
            yid,
            name: format!("{yid}호"),
            address: "서울".to_owned(),
            boards: 2,
            ports: 4,
            secret: None,
        };
        kiosks::add(b, &Actor::Cli, new).await.unwrap();
    }
    for (things_sq, customer_no, business, status) in [
        ("1001", "100200301", MINE, "A"),
        ("1002", "100200302", MINE, "B"),
        ("1003", "100200303", MINE, "B"),
        ("2001", "100200401", OTHERS, "B"),
    ] {
        let new = NewOrder {
            things_sq: things_sq.to_owned(),
            texts: OrderTexts::each(|text| match text.column() {
                "customer_no" => customer_no.to_owned(),
                "customer_name" => "홍길동".to_owned(),
                "address" => "서울 중구".to_owned(),
                "meter_kind" => "단상".to_owned(),
                "business" => business.to_owned(),
                // One that is added later is not tested here.
                _ => String::new(),
            }),
            status: status.to_owned(),
        };
        orders::add(b, &Actor::Cli, new).await.unwrap();
    }
}
