//! Requests at moments that do not wait for answers.

use super::mix::{self, Kind, Used};
use super::world::Entry;
use crate::client::{Answer, Connection, Request};
use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Longer waits are counted as this long, in microseconds.
const LONGEST_US: u64 = 60_000_000;
/// After the last request so long is waited for answers.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much, for how long.
pub struct Plan {
    /// Requests a second, on average.
    pub rate: f64,
    /// Not counted.
    pub warm_up: Duration,
    /// Counted.
    pub lasts: Duration,
    /// Connections, each from an address of its own.
    pub connections: u32,
}

/// What came of it.
pub struct Outcome {
    /// In microseconds since each should have been sent.
    pub kinds: BTreeMap<Kind, Histogram<u64>>,
    /// The same, by the second in which it should have been sent.
    pub seconds: Vec<Histogram<u64>>,
    /// Answers that were none, by what was wrong.
    pub failed: BTreeMap<String, u64>,
    /// Requests without an answer at the end.
    pub unanswered: u64,
}

struct Due {
    kind: Kind,
    request: Request,
    at: Instant,
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("bounds in order")
}

/// Sends what the plan says, over all servers in turn, and waits for the answers.
pub async fn run(servers: &[SocketAddr], plan: &Plan, entry: &Entry) -> Outcome {
    let begin = Instant::now() + plan.warm_up;
    let seconds = plan.lasts.as_secs() as usize;
    let outcome = RefCell::new(Outcome {
        kinds: mix::KINDS.iter().map(|(kind, ..)| (*kind, histogram())).collect(),
        seconds: (0..seconds).map(|_| histogram()).collect(),
        failed: BTreeMap::new(),
        unanswered: 0,
    });
    let (send, receive) = mpsc::unbounded_channel();
    let receive = Rc::new(tokio::sync::Mutex::new(receive));
    let end = begin + plan.lasts;
    let coming = arrive(send, plan, begin, entry);
    let answering = futures::future::join_all((0..plan.connections).map(|number| {
        let server = servers[number as usize % servers.len()];
        answer(number, server, receive.clone(), begin, end, &outcome)
    }));
    let ((), _) = tokio::join!(coming, answering);
    // Who was never served has waited until now.
    let mut rest = receive.lock().await;
    while let Ok(due) = rest.try_recv() {
        let mut outcome = outcome.borrow_mut();
        outcome.unanswered += 1;
        outcome.count(&due, begin);
    }
    drop(rest);
    outcome.into_inner()
}

/// Requests come by chance, as many on average as the plan says.
async fn arrive(send: mpsc::UnboundedSender<Due>, plan: &Plan, begin: Instant, entry: &Entry) {
    let mut random = StdRng::seed_from_u64(7);
    let used = Used::default();
    let mut at = Instant::now();
    while at < begin + plan.lasts {
        sleep_until(at).await;
        let kind = mix::some_kind(&mut random);
        if let Some(request) = mix::request(kind, entry, &used, &mut random) {
            let _all_gone = send.send(Due { kind, request, at });
        }
        // Never 0, of which there is no logarithm.
        let chance = 1.0 - random.random::<f64>();
        at += Duration::from_secs_f64(-chance.ln() / plan.rate);
    }
}

/// One client: an address, a connection, whatever is due next.
async fn answer(
    number: u32,
    server: SocketAddr,
    due: Rc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Due>>>,
    begin: Instant,
    end: Instant,
    outcome: &RefCell<Outcome>,
) {
    let local = SocketAddr::from((Ipv4Addr::from(0x7f01_0000 + number + 1), 0));
    let mut connection = None;
    loop {
        let next = async { due.lock().await.recv().await };
        let Some(next) = next.await else { return };
        let answered = timeout_at(end + PATIENCE, exchange(&mut connection, local, server, &next.request)).await;
        let problem = match answered {
            Ok(Ok(answer)) => problem(next.kind, &answer),
            Ok(Err(error)) => Some(format!("connection: {:?}", error.kind())),
            Err(_late) => Some("no answer".to_owned()),
        };
        let mut outcome = outcome.borrow_mut();
        if let Some(problem) = problem {
            connection = None;
            *outcome.failed.entry(problem).or_default() += 1;
        }
        outcome.count(&next, begin);
    }
}

async fn exchange(
    connection: &mut Option<Connection>,
    local: SocketAddr,
    server: SocketAddr,
    request: &Request,
) -> std::io::Result<Answer> {
    let open = match connection {
        Some(open) => open,
        none => none.insert(Connection::from(local, server).await?),
    };
    open.try_send(request).await
}

/// What is wrong with an answer.
fn problem(kind: Kind, answer: &Answer) -> Option<String> {
    if answer.status != 200 {
        return Some(format!("{kind:?}: status {}", answer.status));
    }
    let said = answer.body.starts_with(b"{\"result\":") && !answer.body.starts_with(b"{\"result\":0");
    said.then(|| {
        format!(
            "{kind:?}: {}",
            String::from_utf8_lossy(&answer.body[..answer.body.len().min(40)])
        )
    })
}

impl Outcome {
    fn count(&mut self, due: &Due, begin: Instant) {
        let Some(second) = due.at.checked_duration_since(begin) else {
            return;
        };
        let took = u64::try_from(due.at.elapsed().as_micros())
            .unwrap_or(LONGEST_US)
            .clamp(1, LONGEST_US);
        if let Some(histogram) = self.kinds.get_mut(&due.kind) {
            histogram.saturating_record(took);
        }
        if let Some(histogram) = self.seconds.get_mut(second.as_secs() as usize) {
            histogram.saturating_record(took);
        }
    }

    /// All kinds together.
    pub fn all(&self) -> Histogram<u64> {
        let mut all = histogram();
        for histogram in self.kinds.values() {
            all.add(histogram).expect("the same bounds");
        }
        all
    }
}
