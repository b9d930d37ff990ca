//! What pages read, on the sample data: processor time of this process for each call, eight tasks at once. SQLite, and PostgreSQL where
//! `LATCHKEY_BENCH_POSTGRES` names a server.

use backend::guard::{guards, records};
use backend::locker::orders;
use backend::password::Cost;
use backend::{Backend, Config, demo, people};
use domain::ids::Phone;
use domain::locker::orders::OrderFilter;
use domain::people::Person;
use sqlx::{AnyConnection, Connection as _};
use tokio::time::Instant;

const TASKS: usize = 8;
const CALLS: usize = 1_000;
/// Ticks of `/proc/self/stat` in a second.
const TICKS: f64 = 100.0;

/// Seconds of processor this process has used, in user and system mode.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let behind_name = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<f64> = behind_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse().unwrap())
        .collect();
    (fields[0] + fields[1]) / TICKS
}

async fn person(b: &Backend, phone: &str) -> Person {
    people::get(b, &Phone(phone.to_owned())).await.unwrap().unwrap()
}

async fn case<F: Future<Output = ()> + Send + 'static>(
    b: &Backend,
    name: &str,
    call: impl Fn(Backend) -> F + Copy + Send + 'static,
) {
    call(b.clone()).await;
    let (begun, before) = (Instant::now(), processor());
    let tasks = (0..TASKS).map(|_| {
        let b = b.clone();
        tokio::spawn(async move {
            for _ in 0..CALLS {
                call(b.clone()).await;
            }
        })
    });
    for task in futures::future::join_all(tasks).await {
        task.unwrap();
    }
    let calls = (TASKS * CALLS) as f64;
    let (used, took) = (processor() - before, begun.elapsed().as_secs_f64());
    println!(
        "  {name}: {:.1} µs of processor a call, {:.0} calls/s",
        used / calls * 1e6,
        calls / took
    );
}

async fn measure(url: &str, dir: &std::path::Path) {
    println!("{}", url.split(':').next().unwrap_or_default());
    let config = Config {
        password_cost: Cost::CHEAP,
        ..Config::new(dir, Some(url.to_owned()))
    };
    let b = Backend::open(config).await.unwrap();
    demo::load_if_empty(&b).await.unwrap();
    case(&b, "one person", |b| async move {
        person(&b, "13800000002").await;
    })
    .await;
    case(&b, "the guards of an owner", |b| async move {
        let who = person(&b, "13800000002").await;
        assert!(!guards::list(&b, &who, &who.phone).await.unwrap().is_empty());
    })
    .await;
    case(&b, "fifty orders", |b| async move {
        let who = person(&b, "01000000002").await;
        let filter = OrderFilter {
            limit: 50,
            ..OrderFilter::default()
        };
        assert!(!orders::search(&b, &who, &filter).await.unwrap().rows.is_empty());
    })
    .await;
    case(&b, "fifty records", |b| async move {
        let who = person(&b, "13800000002").await;
        let filter = records::Filter {
            limit: 50,
            ..records::Filter::default()
        };
        records::page(&b, &who, &who.phone, &filter).await.unwrap();
    })
    .await;
    b.close().await;
}

#[tokio::main]
async fn main() {
    // `cargo test --benches` asks every bench for its tests; there are none.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    measure(&format!("sqlite:{}", dir.path().join("reads.db").display()), dir.path()).await;
    let Ok(server) = std::env::var("LATCHKEY_BENCH_POSTGRES") else {
        eprintln!("NOT MEASURED ON POSTGRESQL: LATCHKEY_BENCH_POSTGRES is not set");
        return;
    };
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query("CREATE DATABASE latchkey_reads")
        .execute(&mut connection)
        .await
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    measure(&format!("{server}/latchkey_reads"), dir.path()).await;
    sqlx::query("DROP DATABASE latchkey_reads")
        .execute(&mut connection)
        .await
        .unwrap();
}
