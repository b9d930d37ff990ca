//! The same traffic as fast as answers come: what the cores give.

use super::mix::{self, Kind, Used};
use super::world::Entry;
use crate::client::Connection;
use crate::world::Server;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::cell::RefCell;
use std::time::Duration;
use tokio::time::Instant;

/// What is left to be asked with, over several runs.
pub struct Traffic<'a> {
    entry: &'a Entry,
    used: Used,
    random: RefCell<StdRng>,
}

impl<'a> Traffic<'a> {
    pub fn new(entry: &'a Entry) -> Self {
        Self {
            entry,
            used: Used::default(),
            random: RefCell::new(StdRng::seed_from_u64(7)),
        }
    }

    /// Answers a second over this number of connections, spread over the servers. Sign-ins are left out: they take what is left of the machine, and there is
    /// nothing left.
    pub async fn run(&self, servers: &[&Server], connections: usize, lasts: Duration) -> f64 {
        let begun = Instant::now();
        let loops = (0..connections).map(|number| async move {
            let mut connection = Connection::open(servers[number % servers.len()]).await;
            let mut answers = 0;
            while begun.elapsed() < lasts {
                let request = {
                    let mut random = self.random.borrow_mut();
                    match mix::some_kind(&mut random) {
                        // Anybody may ask these only so often.
                        Kind::SignIn | Kind::OwnerHost => None,
                        kind => mix::request(kind, self.entry, &self.used, &mut random),
                    }
                };
                let Some(request) = request else { continue };
                let answer = connection.send(&request).await;
                assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
                answers += 1;
            }
            answers
        });
        let answers: usize = futures::future::join_all(loops).await.into_iter().sum();
        answers as f64 / begun.elapsed().as_secs_f64()
    }
}
