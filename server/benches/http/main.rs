//! The figures the issue asks for, measured: the real server as a process of its own, and a cheap client on the same machine.

#[path = "../../backend/tests/backend/citus.rs"]
mod citus;
mod city;
mod client;
mod cluster;
mod doors;
mod durable;
mod forms;
mod guards;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../../app/domain/tests/guard/osdp_sim.rs"]
mod osdp_sim;
mod peers;
mod records;
mod report;
mod silent;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/uhppote_sim.rs"]
mod uhppote_sim;
mod world;

use client::{Connection, Load, Request, run};
use report::{Report, memory_mb, site_sizes};
use std::time::Duration;
use world::{CUSTOMERS, Server, World};

/// How long each load lasts.
const LASTS: Duration = Duration::from_secs(5);
/// Enough to keep the server busy, few enough that waiting in line does not count as answering slowly.
const CONNECTIONS: usize = 16;
const FEW_CONNECTIONS: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // `cargo test --benches` asks every bench for its tests; there are none.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    if let Some(at) = std::env::args().position(|argument| argument == "city") {
        // Cargo adds `--bench` for programs that tell benches from tests by it.
        let arguments = std::env::args().skip(at).filter(|argument| argument != "--bench");
        return city::measure(arguments).await;
    }
    let mut report = Report::default();
    // One part alone, for somebody who works on it.
    for argument in std::env::args() {
        match argument.as_str() {
            "lockers" => lockers(&mut report).await,
            "codes" => codes_alone(&mut report).await,
            "list" => guards::measure_list(&mut report).await,
            "guards" => guards::measure(&mut report).await,
            "records" => records::measure(&mut report).await,
            "forms" => forms::measure(&mut report).await,
            "silent" => silent::measure(&mut report).await,
            "doors" => doors::measure(&mut report).await,
            "durable" => durable::measure(&mut report).await,
            "cluster" => cluster::measure(&mut report).await,
            _ => continue,
        }
        println!("{report}");
        return;
    }
    lockers(&mut report).await;
    guards::measure(&mut report).await;
    records::measure(&mut report).await;
    forms::measure(&mut report).await;
    silent::measure(&mut report).await;
    doors::measure(&mut report).await;
    durable::measure(&mut report).await;
    cluster::measure(&mut report).await;
    println!("{report}");
}

/// All figures of the locker half, and the sizes of the site.
async fn lockers(report: &mut Report) {
    eprintln!("filling a database with {} orders …", world::ORDERS);
    let world = World::make().await;
    let mut server = Server::start(&world);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let at_rest = memory_mb(server.id(), "VmRSS");
    let entry = world.enter(&server).await;
    eprintln!("measuring …");

    let baseline = run(&server, CONNECTIONS, LASTS, |_| Request::get("/healthz")).await;
    report.baseline(&baseline);

    codes(report, &server, &world, &entry).await;
    let images = run(&server, CONNECTIONS, LASTS, |at| {
        let token = &entry.drawn[at % entry.drawn.len()];
        Request::get(&format!("/v1/QrImage/{token}")).bearer(&entry.staff)
    });
    report.rate("GET /v1/QrImage, PNG of 400 px", 3_000.0, &images.await);
    // Every status: while a deposit waits for its order, only those that are ready would be shown.
    let page = |at: usize| {
        let prefix = 10_000 + (at * 7919) % CUSTOMERS;
        Request::get(&format!("/staff/orders?customerNo={prefix}&status=all")).cookie(&entry.cookie)
    };
    assert_eq!(rows_of(&server, page(0)).await, 50, "the page shows 50 orders");
    let pages = run(&server, FEW_CONNECTIONS, LASTS, page).await;
    report.rate("order search page, 50 rows of 1,000,000", 2_000.0, &pages);
    report.slowest("  its p99", 30.0, &pages);
    let syncs = syncs(&server, &world, &entry).await;
    report.slowest("POST /v1/SyncData of 256 compartments, p99", 25.0, &syncs);

    report.memory("memory at rest", 60.0, at_rest);
    report.memory("memory under load, most", 150.0, memory_mb(server.id(), "VmHWM"));
    for (name, asked, kilobytes) in site_sizes() {
        report.size(&name, asked, kilobytes);
    }
    server.stop();
}

/// Every code is another one, sealed beforehand: none is accepted twice.
async fn codes(report: &mut Report, server: &Server, world: &World, entry: &world::Entry) {
    peers::qr_data(report, server, &world.codes(200_000), &entry.staff).await;
}

/// `POST /v1/QrData` alone.
async fn codes_alone(report: &mut Report) {
    let world = World::make().await;
    let mut server = Server::start(&world);
    let entry = world.enter(&server).await;
    codes(report, &server, &world, &entry).await;
    server.stop();
}

/// One after the other, as a kiosk does it; each changes eight orders.
async fn syncs(server: &Server, world: &World, entry: &world::Entry) -> Load {
    run(server, 1, LASTS, |at| {
        let path = format!("/v1/SyncData/{}", world::LARGE_KIOSK);
        Request::post(&path, &world.rows(at)).bearer(&entry.kiosk)
    })
    .await
}

async fn rows_of(server: &Server, request: Request) -> usize {
    let page = Connection::open(server).await.send(&request).await;
    String::from_utf8_lossy(&page.body).matches("/staff/orders/T").count()
}
