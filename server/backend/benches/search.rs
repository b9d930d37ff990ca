//! Search in 1,000,000 orders: one keystroke of each kind on both engines, what it costs to add orders, and to prepare those that are there already.
//! PostgreSQL where `LATCHKEY_BENCH_POSTGRES` names a server. A number as argument is another count of orders.

use backend::locker::orders;
use backend::locker::search::{catch_up, find};
use backend::password::Cost;
use backend::{Actor, Backend, Config, businesses};
use domain::ids::{BusinessName, Phone};
use domain::locker::orders::{OrderSearch, OrderStatus};
use domain::people::{Person, Role};
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

const ORDERS: u64 = 1_000_000;
const IMPORTED: u64 = 50_000;
const ROWS_AT_ONCE: u64 = 500;
const ROUNDS: u64 = 60;
const FAMILY: &[&str] = &[
    "김", "김", "김", "김", "이", "이", "이", "박", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서",
    "신", "권", "황", "안", "송", "류", "홍", "남궁",
];
const GIVEN: &[&str] = &[
    "민", "서", "준", "지", "우", "현", "도", "윤", "예", "은", "하", "수", "영", "재", "성", "호", "진", "경", "미",
    "정", "희", "철", "동", "석", "규", "태", "원", "승", "훈", "연",
];
const DISTRICTS: &[&str] = &[
    "마포구",
    "종로구",
    "중구",
    "용산구",
    "성동구",
    "광진구",
    "노원구",
    "은평구",
    "양천구",
    "강서구",
    "구로구",
    "관악구",
    "서초구",
    "강남구",
    "송파구",
];
const ROADS: &[&str] = &[
    "월드컵북로",
    "세종대로",
    "테헤란로",
    "강남대로",
    "올림픽로",
    "왕십리로",
    "봉은사로",
    "도산대로",
    "양재대로",
    "남부순환로",
    "신림로",
    "여의대로",
    "경인로",
    "시흥대로",
];

/// Different every time and the same in every run.
fn mix(at: u64) -> u64 {
    let mut mixed = at
        .wrapping_add(0x9e37_79b9_7f4a_7c15)
        .wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 27;
    mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn pick<'w>(words: &[&'w str], at: u64) -> &'w str {
    words[usize::try_from(at % words.len() as u64).unwrap()]
}

fn key(at: u64) -> String {
    format!("2026{:08}", 10_000_000 + at)
}

fn number(at: u64) -> String {
    format!("01{:08}", mix(at) % 100_000_000)
}

fn name(at: u64) -> String {
    let mixed = mix(at ^ 0x55);
    format!(
        "{}{}{}",
        pick(FAMILY, mixed),
        pick(GIVEN, mixed / 31),
        pick(GIVEN, mixed / 997)
    )
}

fn address(at: u64) -> String {
    let mixed = mix(at ^ 0xaa);
    let (district, road) = (pick(DISTRICTS, mixed), pick(ROADS, mixed / 17));
    format!(
        "서울특별시 {district} {road} {}, {}동 {}호",
        mixed / 303 % 400 + 1,
        mixed / 5003 % 20 + 101,
        mixed / 90_001 % 2000 + 101
    )
}

/// One business has a third of all orders, most have few.
fn business(at: u64) -> String {
    let mixed = mix(at ^ 0xff) % 1000;
    format!("한빛전기 {}", (mixed * mixed * mixed) / 5_000_000)
}

/// Most orders are done; those that are not are new.
fn status(at: u64, of: u64) -> &'static str {
    match of - at {
        0..30_000 => pick(&["A", "A", "B"], at),
        30_000..60_000 => pick(&["B", "C", "C", "D"], at),
        _ => "D",
    }
}

fn person(role: Role, business: Option<&str>) -> Person {
    Person {
        phone: Phone("01000000002".to_owned()),
        name: "김서연".to_owned(),
        role,
        business: business.map(|name| BusinessName(name.to_owned())),
        active: true,
    }
}

/// As a database from before the search table has them.
async fn fill(connection: &mut AnyConnection, count: u64) {
    let begun = Instant::now();
    sqlx::query("BEGIN").execute(&mut *connection).await.unwrap();
    for from in (0..count).step_by(ROWS_AT_ONCE as usize) {
        let rows: Vec<u64> = (from..(from + ROWS_AT_ONCE).min(count)).collect();
        let values: Vec<String> = rows
            .iter()
            .map(|at| {
                let (key, number, name) = (key(*at), number(*at), name(*at));
                let (address, business, status) = (address(*at), business(*at), status(*at, count));
                format!(
                    "('{key}','{number}','{name}','{address}','단상 5(40)A','{business}','{status}',{})",
                    1_780_000_000_000 + at
                )
            })
            .collect();
        let sql = format!(
            "INSERT INTO orders (things_sq, customer_no, customer_name, address, meter_kind, business, status, added_at) VALUES {}",
            values.join(",")
        );
        sqlx::query(&sql)
            .persistent(false)
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    sqlx::query("INSERT INTO search_backlog (things_sq) SELECT things_sq FROM orders")
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::query("COMMIT").execute(&mut *connection).await.unwrap();
    sqlx::query("ANALYZE").execute(&mut *connection).await.unwrap();
    println!("  {count} orders put in: {:.1} s", begun.elapsed().as_secs_f64());
}

async fn import(b: &Backend, from: u64) {
    let mut csv = "thingsSq,customerNo,customerName,address,meterKind,business\n".to_owned();
    for at in from..from + IMPORTED {
        csv.push_str(&format!(
            "{},{},{},\"{}\",단상,{}\n",
            key(at),
            number(at),
            name(at),
            address(at),
            business(at)
        ));
    }
    let begun = Instant::now();
    let report = orders::import_csv(b, &Actor::Cli, csv.as_bytes()).await.unwrap();
    assert_eq!(u64::from(report.added), IMPORTED, "{:?}", report.errors.first());
    println!("  {IMPORTED} orders imported: {:.1} s", begun.elapsed().as_secs_f64());
}

/// What people type, by kind.
fn keystrokes(round: u64, count: u64) -> Vec<(&'static str, String)> {
    let at = mix(round) % count;
    let (number, key, name, address) = (number(at), key(at), name(at), address(at));
    let first = |text: &str, count: usize| text.chars().take(count).collect::<String>();
    let last = |text: &str, count: usize| text[text.len() - count..].to_owned();
    let initials: String = name.chars().filter_map(domain::search::initial).collect();
    let words: Vec<&str> = address.split(' ').collect();
    vec![
        ("1 digit", last(&number, 1)),
        ("2 digits", last(&number, 2)),
        ("3 digits", last(&number, 3)),
        ("4 last digits", last(&number, 4)),
        ("6 digits", last(&number, 6)),
        ("whole customer number", number.clone()),
        ("order number", key.clone()),
        ("beginning of every order number", first(&key, 5)),
        (
            "one digit repeated",
            first(&"9".repeat(9), usize::try_from(round % 7).unwrap() + 2),
        ),
        ("number nobody has", format!("5{}", &number[1..])),
        ("1 syllable", first(&name, 1)),
        ("2 syllables", first(&name, 2)),
        ("name", name.clone()),
        ("1 initial", first(&initials, 1)),
        ("3 initials", initials.clone()),
        (
            "syllable and initials",
            format!("{}{}", first(&name, 1), &initials[3..]),
        ),
        ("district", words[1].to_owned()),
        ("road and number", format!("{} {}", words[2], words[3])),
        ("whole address", address.clone()),
        ("name and district", format!("{name} {}", words[1])),
        ("name and last digits", format!("{name} {}", last(&number, 4))),
        ("two districts", "마포구 강남구".to_owned()),
        ("syllable nobody has", "퀭".to_owned()),
        ("common word and one nobody has", "서울 퀭".to_owned()),
        (
            "common words and one digit",
            format!("서울 특별시 전기 {}", last(&number, 1)),
        ),
        (
            "four common words",
            "서울 특별 한빛 전기 마포구 테헤란로 20호 7동".to_owned(),
        ),
    ]
}

fn asked(text: &str) -> OrderSearch {
    OrderSearch {
        text: text.to_owned(),
        limit: 50,
        ..OrderSearch::default()
    }
}

#[derive(Default)]
struct Times(BTreeMap<String, Vec<Duration>>);

impl Times {
    async fn measure(&mut self, b: &Backend, who: &Person, kind: &str, asked: &OrderSearch) -> Option<String> {
        let begun = Instant::now();
        let hits = find(b, who, asked).await.unwrap();
        self.0.entry(kind.to_owned()).or_default().push(begun.elapsed());
        hits.next
    }

    fn print(&mut self) {
        let quantile = |times: &mut Vec<Duration>, q: f64| {
            times.sort_unstable();
            times[((times.len() - 1) as f64 * q).round() as usize].as_secs_f64() * 1000.0
        };
        let mut all: Vec<Duration> = self.0.values().flatten().copied().collect();
        println!(
            "  one keystroke, all kinds: p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
            quantile(&mut all, 0.5),
            quantile(&mut all, 0.99),
            quantile(&mut all, 1.0)
        );
        for (kind, times) in &mut self.0 {
            println!(
                "    {kind:<55} p50 {:>6.1}  p99 {:>6.1} ms",
                quantile(times, 0.5),
                quantile(times, 0.99)
            );
        }
    }
}

async fn search(b: &Backend, count: u64) {
    let staff = person(Role::Staff, None);
    let (large, small) = ("한빛전기 0", "한빛전기 150");
    let (large, small) = (person(Role::Business, Some(large)), person(Role::Business, Some(small)));
    let mut times = Times::default();
    // Once for what every connection does first.
    for (_, text) in keystrokes(ROUNDS, count) {
        find(b, &staff, &asked(&text)).await.unwrap();
    }
    for round in 0..ROUNDS {
        for (kind, text) in keystrokes(round, count) {
            let next = times.measure(b, &staff, kind, &asked(&text)).await;
            if let (Some(next), true) = (next, round % 4 == 0) {
                let second = OrderSearch {
                    cursor: Some(next),
                    ..asked(&text)
                };
                times.measure(b, &staff, "second pages", &second).await;
            }
            if round % 4 == 1 {
                times.measure(b, &large, "of a large business", &asked(&text)).await;
                times.measure(b, &small, "of a small business", &asked(&text)).await;
                let ready = OrderSearch {
                    status: Some(OrderStatus::Ready),
                    ..asked(&text)
                };
                times.measure(b, &staff, "that are ready", &ready).await;
            }
        }
    }
    times.print();
}

async fn size(connection: &mut AnyConnection, postgres: bool) -> i64 {
    let sql = if postgres {
        "SELECT pg_total_relation_size('search_terms') + pg_total_relation_size('search_keys')"
    } else {
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    };
    sqlx::query(sql).fetch_one(connection).await.unwrap().get(0)
}

async fn measure(url: &str, dir: &std::path::Path, count: u64) {
    let postgres = url.starts_with("postgres");
    println!("{}", if postgres { "PostgreSQL" } else { "SQLite" });
    let config = Config {
        password_cost: Cost::CHEAP,
        ..Config::new(dir, Some(url.to_owned()))
    };
    let b = Backend::open(config).await.unwrap();
    for at in 0..200 {
        businesses::add(&b, &Actor::Cli, &format!("한빛전기 {at}"))
            .await
            .unwrap();
    }
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    fill(&mut connection, count).await;
    let before = size(&mut connection, postgres).await;
    let begun = Instant::now();
    catch_up(&b).await.unwrap();
    let prepared = begun.elapsed().as_secs_f64();
    sqlx::query("ANALYZE").execute(&mut connection).await.unwrap();
    let bytes = size(&mut connection, postgres).await - before;
    println!(
        "  prepared for searching: {prepared:.1} s, {} bytes an order",
        bytes / i64::try_from(count).unwrap()
    );
    import(&b, count).await;
    search(&b, count).await;
    connection.close().await.unwrap();
    b.close().await;
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` asks every bench for its tests; there are none.
    if arguments
        .iter()
        .any(|argument| argument == "--test" || argument == "--list")
    {
        return;
    }
    let count = arguments
        .iter()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(ORDERS);
    sqlx::any::install_default_drivers();
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}?mode=rwc", dir.path().join("search.db").display());
    measure(&url, dir.path(), count).await;
    let Ok(server) = std::env::var("LATCHKEY_BENCH_POSTGRES") else {
        eprintln!("NOT MEASURED ON POSTGRESQL: LATCHKEY_BENCH_POSTGRES is not set");
        return;
    };
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query("CREATE DATABASE latchkey_search")
        .execute(&mut connection)
        .await
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    measure(&format!("{server}/latchkey_search"), dir.path(), count).await;
    sqlx::query("DROP DATABASE latchkey_search")
        .execute(&mut connection)
        .await
        .unwrap();
}
