//! Several nodes on one PostgreSQL. Measured where `LATCHKEY_BENCH_POSTGRES` names one (`scripts/bench.sh` starts it) as
//! `postgres://USER:PASSWORD@HOST:PORT`; `LATCHKEY_BENCH_RESTART` is a command that restarts it.

mod faults;

use crate::citus;
use crate::city::{City, Options, closed_loop};
use crate::client::{Load, run};
use crate::guards;
use crate::report::Report;
use crate::world::Server;
use clap::Parser as _;
use std::time::Duration;

const NODES: usize = 3;
const LASTS: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 24;
/// Times one node and all nodes take turns, so that a busy moment of the machine hits both.
const TURNS: usize = 3;

/// All figures of several nodes.
pub async fn measure(report: &mut Report) {
    let Ok(postgres) = std::env::var("LATCHKEY_BENCH_POSTGRES") else {
        eprintln!("several nodes are NOT MEASURED: LATCHKEY_BENCH_POSTGRES names no PostgreSQL");
        return;
    };
    eprintln!("several nodes: a city …");
    throughput(report, &database(&postgres, "latchkey_bench_city").await).await;
    eprintln!("several nodes: guards …");
    let guards = database(&postgres, "latchkey_bench_guards").await;
    let data = tempfile::tempdir().unwrap();
    guards::prepare(data.path(), Some(guards.clone())).await;
    let mut nodes: Vec<Server> = (0..NODES).map(|node| serve(data.path(), &guards, node)).collect();
    let token = guards::sign_in(&nodes[0], guards::OWNER, guards::PASSWORD).await;
    let listed = run(&nodes[0], 16, LASTS, |_| guards::guards_of_the_owner(&token)).await;
    report.rate("PostgreSQL: sign 12, 20 guards", 5_000.0, &listed);
    let (added, p99_ms) = guards::delivered(&nodes[0], &nodes[1], &token).await;
    report.slowest(
        "  a password to a guard of another node, p99",
        300.0,
        &Load { p99_ms, ..added },
    );
    faults::measure(report, &mut nodes, &guards, &token).await;
    for node in &mut nodes {
        node.stop();
    }
}

/// A fresh database.
async fn database(postgres: &str, name: &str) -> String {
    citus::drop(postgres, name).await;
    citus::create(postgres, name).await;
    format!("{postgres}/{name}")
}

fn serve(data: &std::path::Path, database: &str, node: usize) -> Server {
    let host = format!("127.0.0.{}", node + 1);
    let settings = ["--advertise", &host, "--node", &host, "--database-url", database].map(str::to_owned);
    Server::with(data, &settings)
}

/// The same traffic at one node and at all of them: how much less is it, on the same cores?
async fn throughput(report: &mut Report, database: &str) {
    let options = [
        "city",
        "--rate",
        "8000",
        "--seconds",
        "30",
        "--guards",
        "200",
        "--owners",
        "20",
        "--database",
        database,
    ];
    let options = Options::parse_from(options);
    let city = City::build(&options).await;
    let mut nodes: Vec<Server> = (0..NODES).map(|node| city.serve(node)).collect();
    let entry = city.enter(&nodes[0], &options).await;
    let traffic = closed_loop::Traffic::new(&entry);
    let (mut one, mut all) = (0.0, 0.0);
    // The first round fills caches and prepares statements.
    traffic
        .run(&nodes.iter().collect::<Vec<_>>(), CONNECTIONS, Duration::from_secs(2))
        .await;
    for _ in 0..TURNS {
        one += traffic.run(&[&nodes[0]], CONNECTIONS, LASTS).await;
        all += traffic.run(&nodes.iter().collect::<Vec<_>>(), CONNECTIONS, LASTS).await;
    }
    let turns = TURNS as f64;
    report.share(
        &format!(
            "PostgreSQL: 3 nodes ({:.0}/s) beside 1 ({:.0}/s)",
            all / turns,
            one / turns
        ),
        85.0,
        all / one,
    );
    for node in &mut nodes {
        node.stop();
    }
}
