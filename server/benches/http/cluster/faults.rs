//! A node that dies, and a database that goes away, under load: how long until all is well, and is everything there that was said to be?

use crate::client::{Connection, Request};
use crate::guards::{self, Fleet};
use crate::report::Report;
use crate::world::Server;
use sqlx::Connection as _;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

const GUARDS: u32 = 3_000;
/// People at each door in a minute.
const OPENINGS: &str = "12";
/// Those who add passwords meanwhile.
const ADDERS: u32 = 6;
/// Longer than anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Both faults. One of the nodes is dead afterwards.
pub async fn measure(report: &mut Report, nodes: &mut Vec<Server>, database: &str, token: &str) {
    let addresses: Vec<SocketAddr> = nodes.iter().map(Server::address).collect();
    let mut fleet = Fleet::of(
        GUARDS,
        &addresses,
        &["--records-per-minute", OPENINGS, "--say-every", "0.25"],
    );
    fleet.all_linked();
    let adding = Adding::new(token);

    if let Ok(restart) = std::env::var("LATCHKEY_BENCH_RESTART") {
        eprintln!("restarting PostgreSQL under load …");
        let seconds = adding.beside(&addresses, restarted(&addresses, &restart)).await;
        report.seconds("  PostgreSQL restarted: all well again after", 5.0, seconds);
        adding.all_there(database).await;
    }

    eprintln!("killing a node under load …");
    let back = async {
        sleep(Duration::from_secs(2)).await;
        let mut dead = nodes.pop().expect("a node");
        dead.stop();
        let killed = Instant::now();
        // The fleet's lines are read in a thread, because nobody else may wait for them.
        let mut fleet = fleet;
        let fleet = tokio::task::spawn_blocking(move || {
            fleet.some_unlinked();
            fleet.all_linked();
            fleet
        });
        let fleet = timeout(PATIENCE, fleet)
            .await
            .expect("the guards do not come back")
            .expect("the fleet");
        (killed.elapsed().as_secs_f64(), fleet)
    };
    let (seconds, fleet) = adding.beside(&addresses, back).await;
    report.seconds("  kill -9 of a node: all of 3,000 guards back after", 10.0, seconds);
    adding.all_there(database).await;

    let confirmed = guards::number_after(&fleet.last_line(), ", stored ");
    let (rows, numbers) = guards::stored(database).await;
    assert!(rows as f64 >= confirmed, "{rows} of {confirmed} records are there");
    assert_eq!(rows, numbers, "a record is there twice, or one is missing");
    eprintln!(
        "{rows} records, {} passwords: none lost, none doubled",
        adding.added.borrow().len()
    );
}

/// Restarts it; the time from when it takes connections again until every node is ready and answers.
async fn restarted(nodes: &[SocketAddr], restart: &str) -> f64 {
    sleep(Duration::from_secs(2)).await;
    let words: Vec<&str> = restart.split_whitespace().collect();
    let status = tokio::process::Command::new(words[0]).args(&words[1..]).status().await;
    assert!(status.is_ok_and(|status| status.success()), "{restart}");
    let returned = Instant::now();
    for node in nodes {
        while !is_ready(*node).await {
            assert!(returned.elapsed() < PATIENCE, "{node} is not ready again");
            sleep(Duration::from_millis(50)).await;
        }
    }
    let took = returned.elapsed().as_secs_f64();
    // And stays so.
    sleep(Duration::from_secs(2)).await;
    took
}

async fn is_ready(node: SocketAddr) -> bool {
    let asked = async {
        let mut connection = Connection::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), node).await?;
        connection.try_send(&Request::get("/readyz")).await
    };
    matches!(timeout(Duration::from_secs(1), asked).await, Ok(Ok(answer)) if answer.status == 200)
}

/// Owners who add passwords all the time, at whichever node answers.
struct Adding<'a> {
    token: &'a str,
    next: Cell<usize>,
    /// Service numbers of what the server said it had stored.
    added: RefCell<Vec<String>>,
}

impl<'a> Adding<'a> {
    fn new(token: &'a str) -> Self {
        Self {
            token,
            next: Cell::new(1_000_000),
            added: RefCell::default(),
        }
    }

    /// Goes on until `fault` is over.
    async fn beside<T>(&self, nodes: &[SocketAddr], fault: impl Future<Output = T>) -> T {
        let adders = (0..ADDERS).map(|number| self.add(nodes, number));
        let before = self.added.borrow().len();
        let outcome = tokio::select! {
            outcome = fault => outcome,
            _ = futures::future::join_all(adders) => unreachable!("they go on for ever"),
        };
        assert!(self.added.borrow().len() > before + 100, "there was no load");
        outcome
    }

    async fn add(&self, nodes: &[SocketAddr], number: u32) {
        let local = SocketAddr::from((Ipv4Addr::from(0x7f02_0000 + number + 1), 0));
        let mut turn = number as usize;
        loop {
            let node = nodes[turn % nodes.len()];
            turn += 1;
            let Ok(mut connection) = Connection::from(local, node).await else {
                sleep(Duration::from_millis(20)).await;
                continue;
            };
            loop {
                let at = self.next.replace(self.next.get() + 1);
                let sent = connection.try_send(&guards::new_password(at, self.token)).await;
                match sent {
                    Ok(answer) if answer.status == 200 && answer.body.starts_with(b"{\"result\":0") => {
                        self.added.borrow_mut().push(guards::service_numb(at));
                    }
                    // Refused while the database is away: said, and tried again.
                    Ok(_) => sleep(Duration::from_millis(20)).await,
                    Err(_) => break,
                }
                sleep(Duration::from_millis(10)).await;
            }
        }
    }

    /// Everything that was said to be stored is.
    async fn all_there(&self, database: &str) {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(database).await.unwrap();
        let rows: Vec<(String,)> = sqlx::query_as("SELECT service_numb FROM grants")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let there: HashSet<String> = rows.into_iter().map(|(number,)| number).collect();
        let lost = self
            .added
            .borrow()
            .iter()
            .filter(|number| !there.contains(*number))
            .count();
        assert_eq!(lost, 0, "passwords that were acknowledged are lost");
    }
}
