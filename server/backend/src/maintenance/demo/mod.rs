//! Sample data (SPEC 5): two weeks in the life of two kiosks and five guards, made by the very use cases that real people use, with a clock
//! that starts two weeks ago.

mod guards;
mod loading;
mod orders;
mod story;

pub use guards::{GUARDS, SampleGuard, device_key};

use crate::core::clock::Clock;
use crate::core::db::sql;
use crate::identity::password::Turn;
use crate::identity::people::{self, NewPerson};
use crate::identity::{Actor, businesses};
use crate::locker::kiosks::{self, NewKiosk};
use crate::locker::orders as order_cases;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Phone, Yid};
use domain::people::{Person, Role};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The password of everybody in the sample data.
pub const PASSWORD: &str = "latchkey-demo";

/// The staff PIN of both kiosks in the sample data.
pub const PIN: &str = "2580";

/// The people of the sample data: phone number, role, name, business.
pub const PEOPLE: [(&str, Role, &str, Option<&str>); 8] = [
    ("01000000001", Role::Operator, "박지훈", None),
    ("01000000002", Role::Staff, "김서연", None),
    ("01000000003", Role::Staff, "이도윤", None),
    ("01000000004", Role::Business, "최민수", Some(HANBIT)),
    ("01000000005", Role::Business, "정하은", Some(DAESUNG)),
    ("13800000001", Role::Owner, "王建国", None),
    ("13800000002", Role::Owner, "李芳", None),
    ("13800000003", Role::Owner, "张伟", None),
];

const HANBIT: &str = "한빛전기";
const DAESUNG: &str = "대성전력";

/// The kiosks of the sample data: number, name, address, boards, ports.
const KIOSKS: [(i64, &str, &str, i64, i64); 2] = [
    (1234, "서초지사 1층", "서울특별시 서초구 효령로 72길 60", 2, 8),
    (1235, "강남지사 별관", "서울특별시 강남구 테헤란로 114길 38", 4, 16),
];

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Puts the sample data into an empty database; false when there was something in it already, which then stays as it is. What a start that
/// was killed left of it is removed and made again.
#[crate::boxed]
pub async fn load_if_empty(b: &Backend) -> Result<bool> {
    if loading::was_cut_off(b).await? {
        loading::remove(b).await?;
    }
    if !is_empty(b).await? {
        return Ok(false);
    }
    loading::begin(b).await?;
    load(b).await?;
    loading::end(b).await?;
    Ok(true)
}

async fn load(b: &Backend) -> Result<()> {
    let time = Arc::new(Time(AtomicI64::new(b.now().plus(-15 * DAY_MS).0)));
    let past = b.with_clock(time.clone());
    for name in [HANBIT, DAESUNG] {
        businesses::add(&past, &Actor::Cli, name).await?;
    }
    let hash = b.passwords().hash(PASSWORD, b.rng(), Turn::First).await?;
    for (phone, role, name, business) in PEOPLE {
        let new = NewPerson {
            phone: phone.to_owned(),
            name: name.to_owned(),
            role,
            business: business.map(str::to_owned),
            password: PASSWORD.to_owned(),
        };
        people::add_hashed(&past, &new, hash.clone()).await?;
    }
    for (yid, name, address, boards, ports) in KIOSKS {
        let new = NewKiosk {
            yid,
            name: name.to_owned(),
            address: address.to_owned(),
            boards,
            ports,
            secret: None,
        };
        kiosks::add(&past, &Actor::Cli, new).await?;
        kiosks::set_pin(&past, &person(&past, "01000000001").await?, Yid(yid), PIN).await?;
    }
    let report = order_cases::import_csv(&past, &Actor::Cli, orders::csv().as_bytes()).await?;
    if let Some(error) = report.errors.first() {
        tracing::error!(line = error.line, refusal = ?error.refusal, "a sample order was refused");
        return Err(Refusal::Internal);
    }
    time.advance(DAY_MS);
    let operator = person(&past, "01000000001").await?;
    order_cases::make_ready(&past, &operator, &orders::numbers(1016..=1060)).await?;
    story::live(&past, &time, b.now()).await?;
    guards::live(&past, &time, b.now()).await
}

async fn is_empty(b: &Backend) -> Result<bool> {
    const TABLES: [&str; 5] = ["people", "businesses", "kiosks", "orders", "guards"];
    for table in TABLES {
        let any = sql!("SELECT 1 FROM {table} LIMIT 1" { table: one_of(TABLES, table) });
        let row: Option<i64> = b.db().optional(any).await?;
        if row.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Somebody of the sample data.
async fn person(b: &Backend, phone: &str) -> Result<Person> {
    people::get(b, &Phone(phone.to_owned())).await?.ok_or(Refusal::Internal)
}

/// The clock by which the sample data happened.
struct Time(AtomicI64);

impl Time {
    fn set(&self, at: Millis) {
        self.0.store(at.0, Ordering::Relaxed);
    }

    fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for Time {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::Relaxed))
    }
}
