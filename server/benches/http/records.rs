//! Sign 22: an owner's records of a month, out of few and out of many. Each database holds the same owners asked about, so the answers are of one
//! size, and what differs is everybody else.

use crate::client::{Load, Request, run};
use crate::guards::{CODE, PASSWORD, add_owner, hello, own, sign, sign_in};
use crate::report::Report;
use crate::world::Server;
use backend::clock::Clock;
use backend::guard::{inventory, link};
use backend::{Actor, Backend, Config};
use domain::guard::grants::Key;
use domain::guard::ids::{CardNumb, DnCode, GuardId, ServiceNumb};
use domain::guard::link::{Attempt, Happening, MAX_RECORDS, Record};
use domain::ids::Millis;
use serde_json::json;
use sqlx::Connection as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Records of each owner, spread evenly over the 360 days from [`BEGIN`]: some 830 a month, all of them openings.
const EACH: usize = 10_000;
const STEP_MS: i64 = 360 * 24 * 3_600_000 / EACH as i64;
/// 2025-01-01 in the server's time zone.
const BEGIN: Millis = Millis(1_735_660_800_000);
/// Guards of each owner.
const DOORS: usize = 4;
/// Owners who are asked about; their records came through the link, sealed one by one.
const ASKED: usize = 5;
const FEW: usize = 100_000;
const MANY: usize = 10_000_000;
const MONTHS: usize = 11;
const CONNECTIONS: usize = 2;
const LASTS: Duration = Duration::from_secs(5);

/// Both figures of sign 22.
pub async fn measure(report: &mut Report) {
    let few = month_of(FEW).await;
    let many = month_of(MANY).await;
    report.slowest("sign 22, a month out of 10,000,000, p99", 20.0, &many);
    report.times("  beside the same out of 100,000", 2.0, many.p99_ms / few.p99_ms);
}

async fn month_of(records: usize) -> Load {
    eprintln!("storing {records} records …");
    let data = tempfile::tempdir().unwrap();
    prepare(data.path()).await;
    add_others(data.path(), records).await;
    let mut server = Server::on(data.path());
    let mut tokens = Vec::with_capacity(ASKED);
    for owner in 0..ASKED {
        tokens.push(sign_in(&server, &phone(owner), PASSWORD).await);
    }
    let month = |at: usize| {
        let (owner, month) = (at % ASKED, at / ASKED % MONTHS + 1);
        sign(&json!({
            "sign": 22, "ownerPhoneNumber": phone(owner), "token": tokens[owner],
            "startTime": format!("2025{month:02}010000"), "endTime": format!("2025{:02}010000", month + 1),
        }))
    };
    holds_a_month(&server, month(0)).await;
    let load = run(&server, CONNECTIONS, LASTS, month).await;
    server.stop();
    load
}

async fn holds_a_month(server: &Server, request: Request) {
    let answer = crate::client::Connection::open(server).await.send(&request).await;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let rows = answer["recordList"].as_array().map_or(0, Vec::len);
    assert!((700..1000).contains(&rows), "{rows} records: {answer}");
}

fn phone(owner: usize) -> String {
    format!("138000001{owner:02}")
}

fn guard(owner: usize, door: usize) -> GuardId {
    GuardId::parse(&format!("R{owner:02}{door}")).unwrap()
}

/// A moment that does not pass.
struct Still(Millis);

impl Clock for Still {
    fn now(&self) -> Millis {
        self.0
    }
}

/// The owners asked about, and what happened at their doors.
async fn prepare(data: &Path) {
    let mut before = Config::new(data, None);
    before.clock = Arc::new(Still(BEGIN.plus(-24 * 3_600_000)));
    let b = Backend::open(before).await.unwrap();
    let doors = || (0..ASKED).flat_map(|owner| (0..DOORS).map(move |door| (owner, door)));
    let rows: String = doors()
        .map(|(owner, door)| {
            format!(
                "{},device-key-of-an-owner-asked-about-{owner}{door}\n",
                guard(owner, door)
            )
        })
        .collect();
    let rows = format!("guardId,deviceKey\n{rows}");
    inventory::import_csv(&b, &Actor::Cli, rows.as_bytes()).await.unwrap();
    for owner in 0..ASKED {
        let person = add_owner(&b, &phone(owner)).await;
        for door in 0..DOORS {
            link::connected(&b, &hello(guard(owner, door))).await.unwrap();
            own(&b, &person, &guard(owner, door), CODE).await;
        }
    }
    b.close().await;
    let b = Backend::open(Config::new(data, None)).await.unwrap();
    futures::future::join_all(doors().map(|(owner, door)| happen(&b, guard(owner, door), door))).await;
    b.close().await;
}

/// All that happened at one door.
async fn happen(b: &Backend, guard_id: GuardId, door: usize) {
    let records: Vec<Record> = (door..EACH).step_by(DOORS).map(record).collect();
    for records in records.chunks(MAX_RECORDS) {
        let through = link::store_records(b, &guard_id, records).await.unwrap();
        assert_eq!(through, records.last().unwrap().seq);
    }
}

fn record(at: usize) -> Record {
    let number = i64::try_from(at).unwrap();
    Record {
        seq: number / DOORS as i64 + 1,
        at: BEGIN.plus(number * STEP_MS),
        uncertainty_ms: Some(150),
        what: Happening::Opened {
            attempt: Attempt::Card {
                card_numb: CardNumb::parse("110101199003071234").ok(),
                dn_code: DnCode::parse("04A1B2C3D4E5F607").ok(),
            },
            key: Key::Grant {
                service_numb: ServiceNumb::parse(&format!("2025010100000013800000001{at:07}")).unwrap(),
            },
        },
    }
}

/// Everybody else's records up to `records` in all, in one statement: rows like those through the link, in the same places of other owners. Nobody
/// reads them, so their sealed part is a copy.
async fn add_others(data: &Path, records: usize) {
    let others = records - ASKED * EACH;
    let url = format!("sqlite:{}", data.join("latchkey.db").display());
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::query("PRAGMA cache_size = -200000")
        .execute(&mut connection)
        .await
        .unwrap();
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {others}),
              sample(info) AS MATERIALIZED (SELECT info FROM records LIMIT 1)
         INSERT INTO records (owner, at, guard_id, seq, way, opened, service_numb, info, uncertainty_ms, received_at)
         SELECT printf('139%08d', i / {EACH}), {} + i % {EACH} * {STEP_MS}, printf('T%05d%d', i / {EACH}, i % {DOORS}), i % {EACH} / {DOORS} + 1,
                1, 1, printf('2025010100000013900000001%07d', i % {EACH}), info, 150, {} + i % {EACH} * {STEP_MS} FROM n, sample",
        BEGIN.0, BEGIN.0
    );
    sqlx::query(&sql).execute(&mut connection).await.unwrap();
    let (all,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM records")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(usize::try_from(all).unwrap(), records);
    connection.close().await.unwrap();
}
