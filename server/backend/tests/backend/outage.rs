//! A database that does not answer: everybody is told so, nothing that was acknowledged is lost, and it is noticed when it is back.

use crate::guard_rig::{hello, id};
use crate::harness::{Place, World, port};
use crate::wire::Wire;
use backend::Backend;
use backend::guard::hub::Wake;
use backend::guard::passwords;
use backend::locker::scans;
use domain::error::Refusal;
use domain::guard::link::{Status, Version};
use domain::ids::Phone;
use domain::token::Payload;
use sqlx::{AnyConnection, Connection as _, Row as _};
use std::collections::HashSet;
use std::sync::Arc;
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
        sqlx::any::install_default_drivers();
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
    // One that was not used for a while is tried before anybody gets it.
    for _ in 0..3 {
        known(&w.b).await.unwrap();
        server.end_all().await;
        sleep(Duration::from_millis(1_200)).await;
        assert_eq!(known(&w.b).await, Ok(()));
    }
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_cut_is_noticed_before_anybody_asks() {
    let Some(place) = Place::postgres().await else { return };
    let wire = Wire::before(&place.url).await;
    let url = wire.url(&place.url);
    let w = World::through(place, url).await;
    known(&w.b).await.unwrap();
    // The notifications are listened to by now.
    sleep(Duration::from_millis(500)).await;
    for _ in 0..2 {
        wire.cut();
        sleep(Duration::from_secs(5)).await;
        assert!(!w.b.is_available());
        let begun = Instant::now();
        assert_eq!(known(&w.b).await, Err(Refusal::Unavailable));
        assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
        wire.mend();
        // Of the connections from before the cut none is used again: nobody waits for what was lost on them.
        let mended = Instant::now();
        while known(&w.b).await.is_err() {
            assert!(mended.elapsed() < Duration::from_secs(4), "not noticed");
            sleep(Duration::from_millis(5)).await;
        }
        println!("mended: answered after {:?}", mended.elapsed());
    }
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_cut_off_within_a_transaction_holds_nobody_up_for_long() {
    let Some(place) = Place::postgres().await else { return };
    let (wire, straight) = (Wire::before(&place.url).await, place.url.clone());
    let url = wire.url(&place.url);
    let w = World::through(place, url).await;
    let other = w.node_with(|config| config.database_url = straight).await;
    let zhang = w.owner("13800000001").await;
    let guard = w.guard_of(&zhang, "G0001").await;
    let (one, two) = (w.new_password("1", "135790"), w.new_password("2", "246801"));
    // It has the guard's row for itself by then.
    wire.cut_behind("UPDATE guards SET version = version + 1");
    let cut_off = tokio::spawn({
        let (b, zhang, one) = (w.b.clone(), zhang.clone(), one.clone());
        async move { passwords::add(&b, &zhang, &id("G0001"), one).await }
    });
    while !wire.is_cut() {
        sleep(Duration::from_millis(5)).await;
    }
    let begun = Instant::now();
    loop {
        match passwords::add(&other, &zhang, &id("G0001"), two.clone()).await {
            Ok(_) => break,
            Err(refusal) => assert_eq!(refusal, Refusal::Unavailable),
        }
        assert!(begun.elapsed() < Duration::from_secs(17), "it is held up");
    }
    println!("the other node went on after {:?}", begun.elapsed());
    // The caller was answered long ago.
    let told = timeout(Duration::from_secs(1), cut_off).await.unwrap();
    assert_eq!(told.unwrap(), Err(Refusal::Unavailable));
    wire.mend();
    let late = Instant::now() + Duration::from_secs(5);
    while passwords::add(&w.b, &zhang, &id("G0001"), one.clone()).await.is_err() {
        assert!(Instant::now() < late);
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(w.sql("SELECT 1 FROM grants").await.len(), 2);
    drop(guard);
    other.close().await;
    w.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_takes_no_more_connections_is_not_away() {
    let Some(place) = Place::bare_postgres().await else {
        return;
    };
    // Limits are for everybody but a superuser, which the tests are.
    let (server, database) = place.url.rsplit_once('/').unwrap();
    let role = format!("few_{database}");
    place
        .sql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'few' CONNECTION LIMIT 4"))
        .await;
    place.sql(&format!("GRANT ALL ON SCHEMA public TO {role}")).await;
    let host = server.rsplit_once('@').unwrap().1;
    let url = format!("postgres://{role}:few@{host}/{database}");
    let superuser = place.url.clone();
    let w = World::through(place, url.clone()).await;
    known(&w.b).await.unwrap();
    // Notifications are listened to by now.
    sleep(Duration::from_millis(300)).await;
    let mut others = Vec::new();
    sqlx::any::install_default_drivers();
    while let Ok(another) = AnyConnection::connect(&url).await {
        others.push(another);
    }
    // Those who have a connection keep it for a while, so that the others need one of their own.
    let mut keeper = AnyConnection::connect(&superuser).await.unwrap();
    for sql in ["BEGIN", "LOCK TABLE people IN ACCESS EXCLUSIVE MODE"] {
        sqlx::query(sql).execute(&mut keeper).await.unwrap();
    }
    let asking = futures::future::join_all((0..8).map(|_| known(&w.b)));
    let letting_go = async {
        sleep(Duration::from_millis(500)).await;
        sqlx::query("ROLLBACK").execute(&mut keeper).await.unwrap();
    };
    let (asked, ()) = futures::future::join(asking, letting_go).await;
    keeper.close().await.unwrap();
    assert!(asked.contains(&Err(Refusal::Unavailable)), "there was room for all");
    for _ in 0..40 {
        assert!(w.b.is_available(), "those who have a connection go on");
        assert_eq!(known(&w.b).await, Ok(()));
        sleep(Duration::from_millis(25)).await;
    }
    drop(others);
    w.end().await;
}

/// What a guard says of itself while nothing can be written is written afterwards; and what waits is written before an end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_a_guard_is_reaches_the_database_after_an_outage_and_before_an_end() {
    let Some(w) = World::postgres().await else { return };
    let mut server = Server::of(&w).await;
    w.device("G0001", "123456").await;
    let b = w.another_node().await;
    let mut session = backend::guard::link::connected(&b, &hello("G0001", Some("123456")))
        .await
        .unwrap();
    sleep(Duration::from_millis(400)).await;
    let status = async || {
        let rows = w.sql("SELECT status FROM presence WHERE guard_id = 'G0001'").await;
        rows[0].get::<i64, _>(0)
    };
    assert_eq!(status().await, 1);
    server.away().await;
    while b.is_available() {
        let _asked = known(&b).await;
    }
    session.heartbeat(Status::Faulty, None, None, Version::default());
    sleep(Duration::from_secs(1)).await;
    server.back().await;
    let late = Instant::now() + Duration::from_secs(5);
    while status().await != 2 {
        assert!(Instant::now() < late, "it was lost");
        sleep(Duration::from_millis(50)).await;
    }
    session.heartbeat(Status::Working, None, None, Version::default());
    b.close().await;
    assert_eq!(status().await, 1);
    drop(session);
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
    let mut server = Server::of(&w).await;
    let storm = tokio::spawn(async move {
        // One connection of Citus first learns of the others.
        let (rounds, pause) = if crate::citus::is_on() { (24, 200) } else { (40, 50) };
        for _ in 0..rounds {
            server.end_all().await;
            sleep(Duration::from_millis(pause)).await;
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
                    Err(refusal) => {
                        assert_eq!(refusal, Refusal::Unavailable);
                        sleep(Duration::from_millis(40)).await;
                    }
                }
            }
            accepted
        })
    });
    let mut accepted = Vec::new();
    for person in people.collect::<Vec<_>>() {
        accepted.extend(person.await.unwrap());
    }
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
    sqlx::any::install_default_drivers();
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
