//! Thousands of guards in one program.

use super::guard::{Disk, SimGuard};
use super::runner::{Event, Runner, Tempo};
use super::servers::Servers;
use super::wire::Target;
use super::{SimError, beginning_with};
use crate::open_files;
use backend::clock::{Rng, SystemClock, SystemRng};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::guard::device::{Device, Input, MOST_RECORDS};
use domain::guard::grants::{GrantKind, Presented};
use domain::guard::ids::{CardNumb, GuardId, OpCode};
use domain::guard::link::DeviceKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, interval, sleep, sleep_until};

/// What a fleet is made of.
pub(super) struct Fleet {
    /// Its guards begin with one of them in turn.
    pub(super) servers: Vec<Target>,
    pub(super) secret: DeviceKey,
    pub(super) count: u32,
    pub(super) prefix: String,
    pub(super) op_code: Option<OpCode>,
    pub(super) records_per_minute: f64,
    pub(super) connect_per_second: u32,
    pub(super) seconds: Option<u64>,
    /// How often it says how it is.
    pub(super) say_every: Duration,
}

/// What happened to all of them.
#[derive(Default)]
struct Tally {
    linked: AtomicI64,
    links_lost: AtomicU64,
    made: AtomicU64,
    stored: AtomicU64,
    granted: AtomicU64,
    /// Since the last time it was said, in milliseconds.
    took: Mutex<Vec<u32>>,
}

impl Fleet {
    fn guard_id(&self, number: u32) -> Result<GuardId, SimError> {
        GuardId::parse(&format!("{}-{number:05}", self.prefix))
            .map_err(|_problem| SimError::option("prefix", "at most 58 characters"))
    }

    /// Each guard has a key of its own, and somebody with the fleet's secret can make them all again.
    fn key(&self, guard_id: &GuardId) -> Result<DeviceKey, SimError> {
        let unfit = || SimError::option("device-key", "no key can be made from it");
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose().as_bytes()).map_err(|_too_short| unfit())?;
        mac.update(guard_id.as_str().as_bytes());
        DeviceKey::parse(&URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())).ok_or_else(unfit)
    }

    /// What `latchkey guard import` reads.
    pub(super) fn print_inventory(&self) -> Result<(), SimError> {
        let mut text = "guardId,deviceKey\n".to_owned();
        for number in 1..=self.count {
            let guard_id = self.guard_id(number)?;
            let key = self.key(&guard_id)?;
            // A bar code may hold a comma; doubling quotes is all that CSV asks for.
            text.push_str(&format!(
                "\"{}\",{}\n",
                guard_id.as_str().replace('"', "\"\""),
                key.expose()
            ));
        }
        std::io::stdout()
            .lock()
            .write_all(text.as_bytes())
            .map_err(|error| SimError::State {
                path: "standard output".to_owned(),
                why: error.to_string(),
            })
    }

    /// Runs until the time is over or a signal comes.
    pub(super) async fn run(&self) -> Result<(), SimError> {
        open_files::allow_many();
        let tally = Arc::new(Tally::default());
        let mut guards = tokio::task::JoinSet::new();
        for number in 1..=self.count {
            let guard = self.make(number)?;
            let after = Duration::from_secs_f64(f64::from(number) / f64::from(self.connect_per_second.max(1)));
            let turn = usize::try_from(number - 1).unwrap_or_default();
            let runner = (guard, beginning_with(&self.servers, turn)?);
            guards.spawn(live(runner, after, self.pause(), tally.clone()));
        }
        let over = async {
            match self.seconds {
                Some(seconds) => sleep(Duration::from_secs(seconds)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = tally.say(self.count, self.say_every) => {}
            () = over => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        println!("{}", tally.line(self.count, 0.0));
        guards.shutdown().await;
        Ok(())
    }

    fn make(&self, number: u32) -> Result<SimGuard, SimError> {
        let guard_id = self.guard_id(number)?;
        let key = self.key(&guard_id)?;
        let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
        SimGuard::open(guard_id, key, self.op_code.clone(), Disk::None, clock, rng)
    }

    /// Between two people at one door; `None`: nobody ever comes.
    fn pause(&self) -> Option<Duration> {
        let seconds = 60.0 / self.records_per_minute;
        (seconds.is_finite() && seconds > 0.0).then(|| Duration::from_secs_f64(seconds.clamp(0.001, 86_400.0)))
    }
}

/// One guard of the fleet, for ever.
async fn live((guard, servers): (SimGuard, Servers), after: Duration, pause: Option<Duration>, tally: Arc<Tally>) {
    sleep(after).await;
    let mut runner = Runner::new(guard, servers, Tempo::default());
    let mut made: VecDeque<(i64, Instant)> = VecDeque::new();
    // A fleet without disks has nothing that could fail.
    if runner.guard.start().is_err() {
        return;
    }
    // Somewhere in the first pause, so that not all doors have somebody at the same moment.
    let mut next = pause.map(|pause| Instant::now() + pause.mul_f64(chance()));
    loop {
        let events = tokio::select! {
            happened = runner.wait() => runner.act(happened).await,
            () = until(next) => {
                next = pause.map(|pause| Instant::now() + pause);
                let presented = at_the_door(&runner.guard.device);
                tally.made.fetch_add(1, Ordering::Relaxed);
                let events = runner.feed(Input::Presented(presented)).await;
                made.push_back((runner.guard.device.log.last(), Instant::now()));
                if made.len() > MOST_RECORDS {
                    made.pop_front();
                }
                events
            }
        };
        let Ok(events) = events else { return };
        for event in events {
            tally.count(&event, &mut made);
        }
    }
}

async fn until(next: Option<Instant>) {
    match next {
        Some(next) => sleep_until(next).await,
        None => std::future::pending().await,
    }
}

/// Somebody with a grant; where nobody has one, somebody who is refused.
fn at_the_door(device: &Device) -> Presented {
    let grant = device.grants.grants.iter().find(|grant| !grant.cancelled);
    match grant.map(|grant| &grant.kind) {
        Some(GrantKind::Password { password }) => Presented::Password {
            password: password.clone(),
        },
        Some(GrantKind::Card { card_numb, dn_code, .. }) => Presented::Card {
            card_numb: Some(card_numb.clone()),
            dn_code: Some(dn_code.clone()),
        },
        None => Presented::Card {
            card_numb: CardNumb::parse("110101199003071234").ok(),
            dn_code: None,
        },
    }
}

/// Between 0 and 1.
fn chance() -> f64 {
    let mut bytes = [0; 2];
    SystemRng.fill(&mut bytes);
    f64::from(u16::from_be_bytes(bytes)) / 65_536.0
}

impl Tally {
    fn count(&self, event: &Event, made: &mut VecDeque<(i64, Instant)>) {
        match event {
            Event::Linked => {
                self.linked.fetch_add(1, Ordering::Relaxed);
            }
            Event::Unlinked { .. } => {
                self.linked.fetch_sub(1, Ordering::Relaxed);
                self.links_lost.fetch_add(1, Ordering::Relaxed);
            }
            Event::Granted(_) => {
                self.granted.fetch_add(1, Ordering::Relaxed);
            }
            Event::Stored(through) => {
                let mut took = self.took.lock().unwrap_or_else(PoisonError::into_inner);
                while let Some((_, since)) = made.pop_front_if(|(seq, _)| *seq <= *through) {
                    took.push(u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX));
                    self.stored.fetch_add(1, Ordering::Relaxed);
                }
            }
            Event::Opened(_) | Event::Refused { .. } => {}
        }
    }

    async fn say(&self, count: u32, pause: Duration) {
        let mut every = interval(pause);
        every.tick().await;
        let mut before = 0;
        loop {
            every.tick().await;
            let stored = self.stored.load(Ordering::Relaxed);
            #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
            let rate = (stored - before) as f64 / pause.as_secs_f64();
            before = stored;
            println!("{}", self.line(count, rate));
        }
    }

    fn line(&self, count: u32, rate: f64) -> String {
        let mut took = std::mem::take(&mut *self.took.lock().unwrap_or_else(PoisonError::into_inner));
        took.sort_unstable();
        let of_a_hundred = |share: usize| {
            took.get(took.len() * share / 100)
                .map_or("-".to_owned(), u32::to_string)
        };
        let load = |number: &AtomicU64| number.load(Ordering::Relaxed);
        format!(
            "connected {} of {count}, lost {}; records made {}, stored {} ({rate:.0}/s, p50 {} ms, p99 {} ms); granted {}",
            self.linked.load(Ordering::Relaxed),
            load(&self.links_lost),
            load(&self.made),
            load(&self.stored),
            of_a_hundred(50),
            of_a_hundred(99),
            load(&self.granted),
        )
    }
}
