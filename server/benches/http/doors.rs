//! Doors behind `latchkey door-bridge`: from the card at a reader to the command that unlocks. Controller and readers are simulated, their wires are real
//! sockets and ptys; guards open by the grants they have, as without a network.

use crate::osdp_sim;
use crate::report::Report;
use crate::uhppote_sim;
use backend::clock::{Clock as _, SystemClock, SystemRng};
use domain::guard::drivers::osdp::Key;
use domain::guard::grants::{Grant, GrantKind};
use domain::guard::ids::{CardHolder, CardNumb, DnCode, GuardId, ServiceNumb};
use domain::guard::link::DeviceKey;
use hdrhistogram::Histogram;
use serde_json::json;
use server::door_bridge::{osdp, uhppote};
use server::guard_sim::{Disk, SimGuard};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout};
use tokio_serial::{SerialPort as _, SerialStream};

const KEY: &str = "a-device-key-of-the-inventory";
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";
/// Facility 100, number 58400.
const CARD: u32 = 10_058_400;
const BITS: [u8; 4] = [0x32, 0x72, 0x10, 0x40];
const WIRES: usize = 4;
const READERS: usize = 8;
const BAUD: u32 = 115_200;
/// How long a reader thinks before it answers.
const THINKS: Duration = Duration::from_millis(3);
const ROUNDS: usize = 10;
const SWIPES: usize = 300;

/// Both figures.
pub async fn measure(report: &mut Report) {
    readers(report).await;
    controller(report).await;
}

/// A guard that has one card, with its key and its state in `state`.
fn guard(state: &Path, name: &str) -> Key {
    let guard_id = GuardId::parse(name).unwrap();
    let key = DeviceKey::parse(KEY).unwrap();
    std::fs::write(state.join(format!("{name}.key")), KEY).unwrap();
    let disk = Disk::File(state.join(format!("{name}.json")));
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let mut guard = SimGuard::open(guard_id.clone(), key.clone(), None, disk, clock, rng).unwrap();
    let now = SystemClock.now();
    guard.device.grants.owned = true;
    guard.device.clock.set = serde_json::from_value(json!({"at": now.0, "uncertaintyMs": 100})).unwrap();
    guard.device.grants.grants.push(Grant {
        service_numb: ServiceNumb::parse("C1").unwrap(),
        kind: GrantKind::Card {
            name: CardHolder::parse("张伟").unwrap(),
            card_numb: CardNumb::parse(&CARD.to_string()).unwrap(),
            dn_code: DnCode::parse("").unwrap(),
        },
        from: now.plus(-3_600_000),
        until: now.plus(3_600_000),
        version: 1,
        cancelled: false,
    });
    guard.start().unwrap();
    Key::of(&guard_id, &key)
}

fn histogram() -> Histogram<u64> {
    Histogram::new(3).unwrap()
}

fn quantile_ms(took: &Histogram<u64>, quantile: f64) -> f64 {
    Duration::from_micros(took.value_at_quantile(quantile)).as_secs_f64() * 1_000.0
}

fn record(took: &mut Histogram<u64>, time: Duration) {
    took.record(u64::try_from(time.as_micros()).unwrap()).unwrap();
}

/// Readers of one wire, and when each of them was last told to unlock.
struct Wire {
    sims: Mutex<Vec<osdp_sim::Sim>>,
    unlocked: Mutex<Vec<Option<Instant>>>,
}

impl Wire {
    /// At the speed of a real one.
    async fn serve(self: Arc<Self>, mut port: SerialStream) {
        let mut bytes = [0; 256];
        loop {
            let Ok(length @ 1..) = port.read(&mut bytes).await else {
                sleep(Duration::from_millis(10)).await;
                continue;
            };
            let mut answer = Vec::new();
            let arrived = Instant::now() + on_the_wire(length);
            for (reader, sim) in self.sims.lock().unwrap().iter_mut().enumerate() {
                let before = sim.pulses.len();
                answer.extend(sim.hears(&bytes[..length]).concat());
                if sim.pulses.len() > before {
                    self.unlocked.lock().unwrap()[reader] = Some(arrived);
                }
            }
            if !answer.is_empty() {
                sleep(on_the_wire(length + answer.len()) + THINKS).await;
                port.write_all(&answer).await.unwrap();
            }
        }
    }

    async fn unlocks(&self, reader: usize) -> Duration {
        let begun = Instant::now();
        self.unlocked.lock().unwrap()[reader] = None;
        self.sims.lock().unwrap()[reader].card(&BITS, 26);
        loop {
            if let Some(at) = self.unlocked.lock().unwrap()[reader] {
                return at.duration_since(begun);
            }
            sleep(Duration::from_millis(1)).await;
        }
    }
}

fn on_the_wire(bytes: usize) -> Duration {
    Duration::from_secs_f64(bytes as f64 * 10.0 / f64::from(BAUD))
}

async fn readers(report: &mut Report) {
    let state = tempfile::tempdir().unwrap();
    let (mut wires, mut ports, mut doors) = (Vec::new(), Vec::new(), Vec::new());
    for wire in 0..WIRES {
        let mut sims = Vec::new();
        for reader in 0..READERS {
            let name = format!("G{wire}{reader}");
            let key = guard(state.path(), &name);
            let address = u8::try_from(reader).unwrap();
            sims.push(osdp_sim::Sim::new(address, Some(key)));
            doors.push(format!("{}/{address}={name}", wire + 1));
        }
        let (master, slave) = SerialStream::pair().unwrap();
        ports.push(slave.name().unwrap());
        drop(slave);
        let one = Arc::new(Wire {
            sims: Mutex::new(sims),
            unlocked: Mutex::new(vec![None; READERS]),
        });
        tokio::spawn(one.clone().serve(master));
        wires.push(one);
    }
    let options = osdp::Options {
        ports,
        baud: BAUD,
        doors,
        state: state.path().to_owned(),
        servers: vec![NOWHERE.to_owned()],
        op_code: None,
        pulse: 3.0,
        output: 0,
        contact: Some(0),
        contact_inverted: false,
        button: None,
        held: 30.0,
        card_numbers: osdp::CardNumbers::Facility,
        commission: false,
        insecure: false,
    };
    let running = tokio::spawn(osdp::Bridge::open(&options).unwrap().run());
    for wire in &wires {
        for reader in 0..READERS {
            // What is shown while a reader is greeted is thrown away.
            while timeout(Duration::from_millis(500), wire.unlocks(reader)).await.is_err() {}
        }
    }
    let mut took = histogram();
    for round in 0..ROUNDS {
        for at in 0..WIRES * READERS {
            // Not in step with the polls.
            sleep(Duration::from_millis((round * 7 + at * 13) as u64 % 50)).await;
            record(&mut took, wires[at % WIRES].unlocks(at / WIRES).await);
        }
    }
    running.abort();
    let what = format!("{} OSDP readers, card to unlock, p99", WIRES * READERS);
    report.milliseconds(&what, 150.0, quantile_ms(&took, 0.99), quantile_ms(&took, 0.5));
}

async fn controller(report: &mut Report) {
    let state = tempfile::tempdir().unwrap();
    guard(state.path(), "G1");
    let sim = uhppote_sim::Sim::start().await;
    let options = uhppote::Options {
        controller: format!("{}@{}", uhppote_sim::SERIAL, sim.address),
        doors: vec!["1=G1".to_owned()],
        state: state.path().to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        zone: uhppote_sim::ZONE.to_owned(),
        servers: vec![NOWHERE.to_owned()],
        op_code: None,
        keypad: false,
        fallback: uhppote::Fallback::None,
        insecure: false,
    };
    let running = tokio::spawn(uhppote::Bridge::open(options).await.unwrap().run());
    let mut took = histogram();
    for at in 0..=SWIPES {
        let (begun, before) = (Instant::now(), sim.opened().len());
        let mut swiped = begun;
        sim.swipe(1, CARD).await;
        while sim.opened().len() == before {
            // Nothing is decided before the controller's clock is known.
            if at == 0 && swiped.elapsed() > Duration::from_millis(500) {
                swiped = Instant::now();
                sim.swipe(1, CARD).await;
            }
            sleep(Duration::from_millis(1)).await;
        }
        let opened = sim.memory.lock().unwrap().opened_at[before];
        if at > 0 {
            record(&mut took, opened.duration_since(begun));
        }
        sleep(Duration::from_millis(at as u64 * 17 % 60)).await;
    }
    running.abort();
    let (slow, median) = (quantile_ms(&took, 0.99), quantile_ms(&took, 0.5));
    report.milliseconds("UHPPOTE, swipe to the command to open, p99", 50.0, slow, median);
}
