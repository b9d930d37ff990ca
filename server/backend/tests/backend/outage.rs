//! A database that does not answer: everybody is told so, nothing that was acknowledged is lost, and it is noticed when it is back.

use crate::guard_rig::id;
use crate::harness::{World, port};
use backend::Backend;
use backend::guard::hub::Wake;
use backend::locker::scans;
use domain::error::Refusal;
use domain::ids::Phone;
use domain::token::Payload;
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// The server of a world's database, by another one of its databases.
struct Server {
    connection: AnyConnection,
    database: String,
}

impl Server {
    async fn of(w: &World) -> Self {
        let (server, database) = w.url.rsplit_once('/').unwrap();
        Self {
            connection: AnyConnection::connect(&format!("{server}/postgres")).await.unwrap(),
            database: database.to_owned(),
        }
    }

    async fn run(&mut self, sql: &str) {
        sqlx::query(sql).execute(&mut self.connection).await.unwrap();
    }

    /// Ends every connection.
    async fn end_all(&mut self) {
        let database = self.database.clone();
        self.run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        ))
        .await;
    }

    /// Nobody is connected, and nobody can connect.
    async fn away(&mut self) {
        self.run(&format!(
            "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false",
            self.database
        ))
        .await;
        self.end_all().await;
    }

    async fn back(&mut self) {
        self.run(&format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", self.database))
            .await;
    }
}

async fn known(b: &Backend) -> backend::Result<()> {
    backend::people::get(b, &Phone("01000000002".to_owned()))
        .await
        .map(|_| ())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_answered_at_once_and_its_end_is_noticed() {
    let Some(w) = World::postgres().await else { return };
    let mut server = Server::of(&w).await;
    let mut link = w.b.hub().subscribe_guard(&id("G1"), 1);
    for round in 0..2 {
        known(&w.b).await.unwrap();
        server.away().await;
        let gone = Instant::now();
        while w.b.is_available() {
            assert!(gone.elapsed() < Duration::from_secs(3), "round {round}: not noticed");
            sleep(Duration::from_millis(5)).await;
        }
        println!("noticed after {:?}", gone.elapsed());
        // Whatever is asked, and however often, it is answered at once.
        let begun = Instant::now();
        for _ in 0..1_000 {
            assert_eq!(known(&w.b).await, Err(Refusal::Unavailable));
        }
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert_eq!(w.b.check().await, Err(Refusal::Unavailable));
        assert!(w.b.is_troubled());
        sleep(Duration::from_secs(1)).await;
        // What woke it before does not count.
        let _woken = timeout(Duration::ZERO, link.woken()).await;
        server.back().await;
        let back = Instant::now();
        while w.b.check().await.is_err() {
            assert!(back.elapsed() < Duration::from_secs(5), "round {round}: not noticed");
            sleep(Duration::from_millis(5)).await;
        }
        println!("back after {:?}", back.elapsed());
        assert_eq!(timeout(Duration::from_secs(5), link.woken()).await, Ok(Wake::Changed));
    }
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_end_by_themselves_are_no_outage() {
    let Some(w) = World::postgres().await else { return };
    let mut server = Server::of(&w).await;
    for _ in 0..5 {
        server.end_all().await;
        // The first may find a connection that has just ended; nobody is turned away after it.
        let _first = known(&w.b).await;
        let late = Instant::now() + Duration::from_secs(1);
        while known(&w.b).await.is_err() {
            assert!(Instant::now() < late);
        }
        assert!(w.b.is_available());
    }
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_is_there_whatever_happened_to_the_connections() {
    let Some(w) = World::postgres().await else { return };
    let staff = w.staff("01000000002").await;
    let kiosk = w.kiosk(1234, 2).await;
    let codes: Vec<String> = (0..3_000)
        .map(|_| kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, 1), "48213"))))
        .collect();
    let over = Arc::new(AtomicBool::new(false));
    let mut server = Server::of(&w).await;
    let storm = tokio::spawn({
        let over = over.clone();
        async move {
            while !over.load(Ordering::SeqCst) {
                server.end_all().await;
                // One of Citus first learns of the others.
                let pause = if crate::citus::is_on() { 500 } else { 25 };
                sleep(Duration::from_millis(pause)).await;
            }
        }
    });
    let codes = Arc::new(codes);
    let people = (0..16).map(|number| {
        let (b, staff, codes) = (w.b.clone(), staff.clone(), codes.clone());
        tokio::spawn(async move {
            let mut accepted = Vec::new();
            for code in codes.iter().skip(number).step_by(16) {
                match scans::read_code(&b, &staff, code).await {
                    Ok(scanned) => accepted.push(scanned.token_id),
                    Err(refusal) => assert_eq!(refusal, Refusal::Unavailable),
                }
            }
            accepted
        })
    });
    let mut accepted = Vec::new();
    for person in people.collect::<Vec<_>>() {
        accepted.extend(person.await.unwrap());
    }
    over.store(true, Ordering::SeqCst);
    storm.await.unwrap();
    println!("{} of {} scans were accepted", accepted.len(), codes.len());
    assert!(accepted.len() < codes.len(), "no connection ended at a bad moment");
    assert!(accepted.len() > 100);
    let rows = w.sql("SELECT '1234.' || token_id FROM scans WHERE yid = 1234").await;
    let stored: HashSet<String> = rows.iter().map(|row| row.get(0)).collect();
    for token_id in &accepted {
        assert!(stored.contains(token_id), "{token_id}");
    }
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_program_keeps_is_no_fault_of_ours() {
    let w = World::sqlite().await;
    w.staff("01000000002").await;
    let mut other = AnyConnection::connect(&w.url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let begun = Instant::now();
    let refused = backend::limits::count(&w.b, "x", 5, 1_000).await;
    assert_eq!(refused, Err(Refusal::Unavailable));
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    // Reading goes on.
    assert_eq!(known(&w.b).await, Ok(()));
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    backend::limits::count(&w.b, "x", 5, 1_000).await.unwrap();
    other.close().await.unwrap();
    w.end().await;
}
