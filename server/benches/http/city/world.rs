//! The city: its data, and everybody's way in.

use super::Options;
use crate::client::{Connection, Request};
use crate::guards::{CODE, PASSWORD, add_owner, hello, latchkey, own, sign_in};
use crate::world::{Server, seal_codes};
use backend::guard::{inventory, link};
use backend::locker::kiosks::{self, NewKiosk};
use backend::locker::orders;
use backend::people::{self, NewPerson};
use backend::{Actor, Backend, Config, businesses};
use domain::guard::ids::GuardId;
use domain::guard::times::LocalSecond;
use domain::ids::{Millis, Yid};
use domain::people::Role;
use domain::token::TokenKey;
use serde_json::{Value, json};
use std::fmt::Write;
use tempfile::TempDir;

const KIOSK: i64 = 1234;
const STAFF: usize = 8;
const DAY_MS: i64 = 24 * 3_600_000;
/// Rows of one file of orders.
const ROWS: u32 = 50_000;

/// The data of a deployment, and what opens it.
pub struct City {
    data: TempDir,
    database: Option<String>,
    key: TokenKey,
    owners: Vec<(String, Vec<String>)>,
}

/// Everybody's way in.
pub struct Entry {
    pub owners: Vec<Owner>,
    pub staff: Vec<Staff>,
    /// Codes nobody has scanned yet.
    pub codes: Vec<String>,
    /// Codes to draw.
    pub drawn: Vec<String>,
    /// Local times as messages have them.
    pub now: String,
    pub yesterday: String,
    pub tomorrow: String,
}

pub struct Owner {
    pub phone: String,
    pub token: String,
    pub cookie: String,
    pub guards: Vec<String>,
}

pub struct Staff {
    pub token: String,
    pub cookie: String,
}

impl City {
    /// People, guards, a kiosk and orders in a fresh deployment.
    pub async fn build(options: &Options) -> Self {
        let data = tempfile::tempdir().unwrap();
        let b = Backend::open(Config::new(data.path(), options.database.clone()))
            .await
            .unwrap();
        for number in 0..STAFF {
            let staff = NewPerson {
                phone: staff(number),
                name: "김서연".to_owned(),
                role: Role::Staff,
                business: None,
                password: PASSWORD.to_owned(),
            };
            people::add(&b, &Actor::Cli, staff)
                .await
                .expect("the database must be empty");
        }
        let key = kiosk(&b).await;
        add_orders(&b, options.orders).await;
        let owners = owners(&b, options).await;
        b.close().await;
        Self {
            data,
            database: options.database.clone(),
            key,
            owners,
        }
    }

    /// A node.
    pub fn serve(&self, node: usize) -> Server {
        let mut settings = vec!["--advertise".to_owned(), format!("127.0.0.{}", node + 1)];
        if let Some(database) = &self.database {
            settings.extend(["--database-url".to_owned(), database.clone()]);
        }
        Server::with(self.data.path(), &settings)
    }

    /// Signs everybody in, and seals what they will scan.
    pub async fn enter(&self, server: &Server, options: &Options) -> Entry {
        let mut owners = Vec::new();
        for (phone, guards) in &self.owners {
            owners.push(Owner {
                token: sign_in(server, phone, PASSWORD).await,
                cookie: cookie(server, phone).await,
                phone: phone.clone(),
                guards: guards.clone(),
            });
        }
        let mut all_staff = Vec::new();
        for number in 0..STAFF {
            all_staff.push(Staff {
                token: bearer(server, &staff(number)).await,
                cookie: cookie(server, &staff(number)).await,
            });
        }
        // A third more than are probably asked for.
        let requests = options.rate * (options.seconds + 4) as f64;
        let codes = seal_codes(&self.key, Yid(KIOSK), (requests * 0.22 * 1.33) as usize + 100);
        let local = |plus: i64| local(server_time().plus(plus));
        Entry {
            owners,
            staff: all_staff,
            codes,
            drawn: seal_codes(&self.key, Yid(KIOSK), 500),
            now: local(0),
            yesterday: local(-DAY_MS)[..12].to_owned(),
            tomorrow: local(DAY_MS)[..12].to_owned(),
        }
    }
}

fn server_time() -> Millis {
    use backend::clock::{Clock as _, SystemClock};
    SystemClock.now()
}

/// `YYYYMMDDhhmmss` in the server's zone.
fn local(at: Millis) -> String {
    let zone = backend::LocalZone::named("Asia/Shanghai").unwrap();
    LocalSecond::from_millis(at, &zone)
        .expect("a year of four digits")
        .to_string()
}

fn staff(number: usize) -> String {
    format!("0100000010{number}")
}

async fn bearer(server: &Server, phone: &str) -> String {
    let login = json!({ "phoneNumber": phone, "password": PASSWORD }).to_string();
    let answer = Connection::open(server)
        .await
        .send(&Request::post("/v1/Login", &login))
        .await;
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["token"].as_str().unwrap().to_owned()
}

async fn cookie(server: &Server, phone: &str) -> String {
    let form = format!("do=/do/anyone/sign-in&phone={phone}&password={PASSWORD}");
    let answer = Connection::open(server)
        .await
        .send(&Request::form("/sign-in", &form))
        .await;
    let cookie = answer.header("set-cookie").expect("a session");
    cookie.split(';').next().unwrap().to_owned()
}

async fn kiosk(b: &Backend) -> TokenKey {
    let new = NewKiosk {
        yid: KIOSK,
        name: "중구".to_owned(),
        address: "서울특별시 중구".to_owned(),
        boards: 4,
        ports: 4,
        secret: None,
    };
    kiosks::add(b, &Actor::Cli, new).await.unwrap();
    let code = kiosks::enrolment_code(b, &Actor::Cli, Yid(KIOSK)).await.unwrap();
    let enrolled = kiosks::enrol(b, &code.code, "127.0.0.1").await.unwrap();
    TokenKey::new(enrolled.secret.as_bytes())
}

async fn add_orders(b: &Backend, orders: u32) {
    businesses::add(b, &Actor::Cli, "한빛전기").await.unwrap();
    for first in (0..orders).step_by(ROWS as usize) {
        let mut csv = "thingsSq,customerNo,customerName,address,meterKind,business,status\n".to_owned();
        for at in first..orders.min(first + ROWS) {
            let (customer, status) = (
                u64::from(at) * 7919 % 10_000 * 100_000 + u64::from(at),
                if at % 2 == 0 { "A" } else { "B" },
            );
            writeln!(
                csv,
                "T{at:07},{customer:010},홍길동,서울특별시 중구 세종대로 {at},단상 5(40)A,한빛전기,{status}"
            )
            .unwrap();
        }
        let report = orders::import_csv(b, &Actor::Cli, csv.as_bytes()).await.unwrap();
        assert!(report.errors.is_empty(), "{:?}", report.errors.first());
    }
}

/// Owners, each with the same share of the fleet's guards.
async fn owners(b: &Backend, options: &Options) -> Vec<(String, Vec<String>)> {
    let inventory = match options.guards {
        0 => "guardId,deviceKey\n".to_owned(),
        guards => latchkey(&["guard-sim", "--count", &guards.to_string(), "--print-inventory"]),
    };
    inventory::import_csv(b, &Actor::Cli, inventory.as_bytes())
        .await
        .unwrap();
    let ids: Vec<GuardId> = inventory
        .lines()
        .skip(1)
        .filter_map(|line| GuardId::parse(line.split(',').next()?.trim_matches('"')).ok())
        .collect();
    let share = ids.len().div_ceil(options.owners as usize).max(1);
    let mut all = Vec::new();
    for number in 0..options.owners as usize {
        let phone = format!("1380000{number:04}");
        let owner = add_owner(b, &phone).await;
        let own_ids = ids.iter().skip(number * share).take(share);
        let mut guards = Vec::new();
        for id in own_ids {
            link::connected(b, &hello(id.clone())).await.unwrap();
            own(b, &owner, id, CODE).await;
            guards.push(id.to_string());
        }
        all.push((phone, guards));
    }
    all
}
