//! OSDP readers on serial ports: ports, files and clocks around [`domain::guard::drivers::osdp::Bus`], and a guard for each reader's door.

mod door;

use super::guards::{self, Guards, failed};
use super::line::{self, Event as LineEvent, Order};
use crate::guard_sim::SimError;
use backend::clock::{Rng, SystemRng};
use clap::{Args, ValueEnum};
use domain::guard::device::Input as DeviceInput;
use domain::guard::drivers::osdp::{
    Bus, Event, Input, Key, Mode, Numbers, Output, SILENCE_BITS, Setup, State, presented,
};
use domain::guard::grants::Presented;
use domain::guard::ids::{DoorPassword, GuardId};
use domain::guard::link::{DoorState, Status};
use domain::ids::Millis;
use door::{Decided, Told};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};

/// What the bridge's guards report of their program.
const FIRMWARE: &str = concat!("door-bridge osdp ", env!("CARGO_PKG_VERSION"));
/// How a door is named on the command line.
const DOOR: &str = "[PORT/]ADDRESS=GUARD, such as 5=G0001 or 2/5=G0001, with an address from 0 to 126";
/// Messages that may wait for a door or a port; a port that takes no more is gone.
const WAITING: usize = 64;
/// The longest time between two looks at the clock.
const LONGEST: Duration = Duration::from_millis(500);

/// OSDP readers whose doors are guards
#[derive(Args, Debug)]
#[command(
    after_help = "DIR holds a file GUARD.key for each door, with the guard's key in the inventory; the bridge keeps GUARD.json beside it.\n\
    A reader's own key is made from its guard's; GUARD.scbk, with 32 hexadecimal digits, says another one.\n\
    A reader as it leaves the factory is given its key once, with --commission, which opens nothing."
)]
pub struct Options {
    /// A serial port, such as /dev/serial/by-id/usb-FTDI_…; once for each wire
    #[arg(long = "port", value_name = "PATH", required = true)]
    pub ports: Vec<String>,
    /// The speed of all wires
    #[arg(long, value_name = "NUMBER", default_value_t = 9_600)]
    pub baud: u32,
    /// A reader's address, 0 to 126, behind the number of its --port where that is not the first, and the bar code of its guard; once for each reader
    #[arg(long = "door", value_name = "[PORT/]ADDRESS=GUARD", required = true)]
    pub doors: Vec<String>,
    /// Where keys and states are
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// The server, such as https://locks.example:2017; several of them are tried in turn
    #[arg(long = "server", value_name = "URL", required_unless_present = "commission")]
    pub servers: Vec<String>,
    /// The verification code an owner must give to add these guards
    #[arg(long, value_name = "CODE")]
    pub op_code: Option<String>,
    /// How long the reader releases the lock
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    pub pulse: f64,
    /// The reader's output that releases the lock
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub output: u8,
    /// The reader's input that the door's contact is connected to; without it nothing is known of the door
    #[arg(long, value_name = "NUMBER")]
    pub contact: Option<u8>,
    /// The contact is active while the door is closed
    #[arg(long, requires = "contact")]
    pub contact_inverted: bool,
    /// The reader's input of a button inside, which releases the lock
    #[arg(long, value_name = "NUMBER")]
    pub button: Option<u8>,
    /// A door that stands open for longer is held
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    pub held: f64,
    /// What the bits of a card are as a number
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = CardNumbers::None)]
    pub card_numbers: CardNumbers,
    /// Give readers with the default key their own, and end
    #[arg(long)]
    pub commission: bool,
    /// Accept any certificate
    #[arg(long)]
    pub insecure: bool,
}

/// How the bits of a card become a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CardNumbers {
    /// Cards are known by their bits alone, as hexadecimal digits
    None,
    /// 26 bits: facility × 100000 + number; 34 bits: one number
    Facility,
    /// 26 bits: one number of 24 bits; 34 bits: one of 32
    Decimal,
}

impl From<CardNumbers> for Numbers {
    fn from(numbers: CardNumbers) -> Self {
        match numbers {
            CardNumbers::None => Self::None,
            CardNumbers::Facility => Self::Facility,
            CardNumbers::Decimal => Self::Decimal,
        }
    }
}

/// A reader on the command line.
struct Named {
    port: usize,
    address: u8,
    guard_id: GuardId,
}

/// A wire, and which door each of its readers is.
struct Wire {
    bus: Bus,
    orders: mpsc::Sender<Order>,
    doors: Vec<usize>,
}

/// All wires of the bridge.
struct Wires {
    wires: Vec<Wire>,
    events: mpsc::Receiver<LineEvent>,
    begun: Instant,
    /// Of each door: its wire, and which of its readers.
    places: Vec<(usize, usize)>,
    /// What they are called.
    names: Vec<String>,
    /// Ends the ports' tasks with it.
    _ports: JoinSet<()>,
}

impl Wires {
    fn open(options: &Options, named: &[Named]) -> Result<Self, SimError> {
        let mode = if options.commission { Mode::Keying } else { Mode::Door };
        let mut setups: Vec<(Vec<Setup>, Vec<usize>)> = options.ports.iter().map(|_| Default::default()).collect();
        let mut places = Vec::new();
        for (door, one) in named.iter().enumerate() {
            let (readers, doors) = &mut setups[one.port];
            places.push((one.port, readers.len()));
            readers.push(setup(options, one)?);
            doors.push(door);
        }
        let (told, events) = mpsc::channel(WAITING);
        let mut ports = JoinSet::new();
        let mut wires = Vec::new();
        for (number, (path, (readers, doors))) in options.ports.iter().zip(setups).enumerate() {
            let (orders, taken) = mpsc::channel(WAITING);
            let twice = || {
                SimError::option(
                    "door",
                    format!("{path}: a reader's address is there twice, or no reader is"),
                )
            };
            wires.push(Wire {
                bus: Bus::new(readers, mode, options.baud).ok_or_else(twice)?,
                orders,
                doors,
            });
            ports.spawn(line::serve(
                number,
                path.clone(),
                options.baud,
                SILENCE_BITS,
                taken,
                told.clone(),
            ));
        }
        Ok(Self {
            wires,
            events,
            begun: Instant::now(),
            places,
            names: named.iter().map(|one| one.guard_id.to_string()).collect(),
            _ports: ports,
        })
    }

    fn now(&self) -> Millis {
        Millis(i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    /// When the clock is to be looked at.
    fn wakes(&self) -> Instant {
        let now = self.now();
        let next = self.wires.iter().filter_map(|wire| wire.bus.wakes_at()).min();
        let wait = next.map_or(LONGEST, |at| {
            Duration::from_millis(u64::try_from(at.since(now)).unwrap_or(0).max(1))
        });
        Instant::now() + wait.min(LONGEST)
    }

    fn heard(&mut self, event: &LineEvent) -> Vec<(usize, Event)> {
        match event {
            LineEvent::Up(port) => self.step(*port, Input::Up),
            LineEvent::Lost(port) => self.step(*port, Input::Lost),
            LineEvent::Bytes(port, bytes) => self.step(*port, Input::Bytes(bytes)),
        }
    }

    fn tick(&mut self) -> Vec<(usize, Event)> {
        (0..self.wires.len())
            .flat_map(|port| self.step(port, Input::Tick))
            .collect()
    }

    /// What a door's guard decided goes to its reader.
    fn decided(&mut self, door: usize, granted: bool, opens: bool) -> Vec<(usize, Event)> {
        let (port, reader) = self.places[door];
        let mut events = Vec::new();
        if opens {
            events.extend(self.step(port, Input::Open { reader }));
        }
        events.extend(self.step(port, Input::Show { reader, granted }));
        events
    }

    /// One step of a wire: what it writes is written, and what its doors report comes back.
    fn step(&mut self, port: usize, input: Input<'_>) -> Vec<(usize, Event)> {
        let now = self.now();
        let Some(wire) = self.wires.get_mut(port) else {
            return Vec::new();
        };
        let mut events = Vec::new();
        for output in wire.bus.step(input, now, &mut |bytes| SystemRng.fill(bytes)) {
            match output {
                // A port that takes nothing is gone, and its readers do not answer.
                Output::Write(bytes) => drop(wire.orders.try_send(Order::Write(bytes))),
                Output::Event { reader, event } => events.push((wire.doors[reader], event)),
            }
        }
        events
    }
}

/// Runs until a signal, or until every reader has its key.
///
/// # Errors
/// What on the command line or on the disk keeps it from running; a state that could not be kept, for then nothing may open any more.
pub async fn run(options: Options) -> Result<(), SimError> {
    if options.commission {
        return commission(&options).await;
    }
    Bridge::open(&options)?.run().await
}

/// Gives readers their keys.
async fn commission(options: &Options) -> Result<(), SimError> {
    let named = named(options)?;
    let mut wires = Wires::open(options, &named)?;
    let mut left: Vec<usize> = (0..named.len()).collect();
    while !left.is_empty() {
        let wakes = wires.wakes();
        let events = tokio::select! {
            Some(event) = wires.events.recv() => wires.heard(&event),
            () = sleep_until(wakes) => wires.tick(),
            _ = tokio::signal::ctrl_c() => break,
        };
        for (door, event) in events {
            log(&wires.names[door], &event);
            if event == Event::State(State::Keyed) {
                left.retain(|one| *one != door);
            }
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = left.iter().map(|door| wires.names[*door].as_str()).collect();
    Err(SimError::option(
        "commission",
        format!("no key for the readers of {}", names.join(", ")),
    ))
}

/// Readers, their wires, and a task for each door, so that a slow network at one of them keeps no other waiting.
pub struct Bridge {
    wires: Wires,
    numbers: Numbers,
    doors: Vec<mpsc::Sender<Told>>,
    tasks: JoinSet<Result<(), SimError>>,
    decisions: mpsc::Receiver<Decided>,
}

impl Bridge {
    /// Reads keys and states and begins to speak with readers and servers.
    ///
    /// # Errors
    /// What on the command line or on the disk keeps it from running.
    pub fn open(options: &Options) -> Result<Self, SimError> {
        let named = named(options)?;
        let op_code = options.op_code.as_deref();
        let mut guards = Guards::new(&options.state, &options.servers, options.insecure, op_code, FIRMWARE)?;
        let mut runners = Vec::new();
        for one in &named {
            runners.push(guards.open(one.guard_id.clone())?);
        }
        let wires = Wires::open(options, &named)?;
        let (decides, decisions) = mpsc::channel(WAITING);
        let (mut doors, mut tasks) = (Vec::new(), JoinSet::new());
        for (door, runner) in runners.into_iter().enumerate() {
            let (tell, told) = mpsc::channel(WAITING);
            doors.push(tell);
            tasks.spawn(door::serve(
                door,
                wires.names[door].clone(),
                runner,
                told,
                decides.clone(),
            ));
        }
        Ok(Self {
            wires,
            numbers: options.card_numbers.into(),
            doors,
            tasks,
            decisions,
        })
    }

    /// Runs until a signal.
    ///
    /// # Errors
    /// A state that could not be kept: then nothing may open any more.
    pub async fn run(mut self) -> Result<(), SimError> {
        loop {
            let wakes = self.wires.wakes();
            let events = tokio::select! {
                Some(decided) = self.decisions.recv() => {
                    let Decided { door, granted, opens } = decided;
                    self.wires.decided(door, granted, opens)
                }
                Some(event) = self.wires.events.recv() => self.wires.heard(&event),
                () = sleep_until(wakes) => self.wires.tick(),
                Some(ended) = self.tasks.join_next() => {
                    ended.unwrap_or_else(|error| Err(SimError::option("door", error.to_string())))?;
                    Vec::new()
                }
                _ = tokio::signal::ctrl_c() => break,
            };
            for (door, event) in events {
                self.reported(door, event);
            }
        }
        self.doors.clear();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap_or(Ok(()))?;
        }
        Ok(())
    }

    /// What a reader reports goes to the guard of its door.
    fn reported(&mut self, door: usize, event: Event) {
        log(&self.wires.names[door], &event);
        let told = match event {
            Event::Card { bytes, bits } => presented(&bytes, bits, self.numbers).map(DeviceInput::Presented),
            Event::Typed(digits) => DoorPassword::parse(&digits)
                .ok()
                .map(|password| DeviceInput::Presented(Presented::Password { password })),
            Event::Door(state) => Some(DeviceInput::Door(state)),
            Event::State(State::Working) => Some(DeviceInput::Feels(Status::Working)),
            Event::State(State::Faulty(fault)) => Some(DeviceInput::Fails(fault.of_guard())),
            Event::State(State::Keyed) => Some(DeviceInput::Feels(Status::Faulty)),
            // What is not known is not reported.
            Event::NotReleased { unsure: true } | Event::Released | Event::Identified(_) => return,
            Event::NotReleased { unsure: false } => Some(DeviceInput::Door(DoorState::NotOpened)),
        };
        let Some(input) = told else {
            // No card and no password of anybody: the person hears it.
            let _ = self.wires.decided(door, false, false);
            return;
        };
        let told = Told {
            input,
            at: Instant::now(),
        };
        if self.doors[door].try_send(told).is_err() {
            warn!(door = self.wires.names[door], "its guard takes nothing more");
        }
    }
}

/// Card numbers and passwords are not logged.
fn log(door: &str, event: &Event) {
    match event {
        Event::Identified(reader) => {
            let [one, two, three] = reader.vendor;
            let vendor = format!("{one:02X}{two:02X}{three:02X}");
            info!(door, vendor, reader.model, reader.version, reader.serial, "reader");
        }
        Event::State(State::Working) => info!(door, "reader works in the secure channel"),
        Event::State(State::Keyed) => info!(door, "reader has its own key"),
        Event::State(State::Faulty(fault)) => warn!(door, "reader: {}", fault.words()),
        Event::Card { bits, .. } => info!(door, bits, "card"),
        Event::Typed(_) => info!(door, "typed"),
        Event::Released => info!(door, "released"),
        Event::NotReleased { unsure } => warn!(door, unsure, "the reader did not release the door"),
        Event::Door(state) => info!(door, state = state.as_str(), "door"),
    }
}

fn named(options: &Options) -> Result<Vec<Named>, SimError> {
    let bad = || SimError::option("door", DOOR);
    let mut named: Vec<Named> = Vec::new();
    for text in &options.doors {
        let (place, guard) = text.split_once('=').ok_or_else(bad)?;
        let (port, address) = place.split_once('/').unwrap_or(("1", place));
        let port: usize = port.parse().map_err(|_no_number| bad())?;
        let address: u8 = address.parse().map_err(|_no_number| bad())?;
        let port = port
            .checked_sub(1)
            .filter(|port| *port < options.ports.len())
            .ok_or_else(bad)?;
        if address > domain::guard::drivers::osdp::LAST_ADDRESS {
            return Err(bad());
        }
        let guard_id = guards::guard_id(guard, DOOR)?;
        if named
            .iter()
            .any(|other| (other.port, other.address) == (port, address) || other.guard_id == guard_id)
        {
            return Err(SimError::option("door", format!("{text} is there twice")));
        }
        named.push(Named {
            port,
            address,
            guard_id,
        });
    }
    Ok(named)
}

fn setup(options: &Options, named: &Named) -> Result<Setup, SimError> {
    let tenths = tenths(options.pulse).ok_or_else(|| SimError::option("pulse", "0.1 to 600 seconds"))?;
    let held = held(options.held).ok_or_else(|| SimError::option("held", "1 to 3600 seconds"))?;
    if options.contact.is_some() && options.contact == options.button {
        return Err(SimError::option("button", "another input than the contact's"));
    }
    Ok(Setup {
        address: named.address,
        key: key(&options.state, &named.guard_id)?,
        output: options.output,
        tenths,
        contact: options.contact,
        inverted: options.contact_inverted,
        button: options.button,
        held_ms: i64::from(held) * 100,
    })
}

fn tenths(seconds: f64) -> Option<u16> {
    (0.1..=600.0).contains(&seconds).then(|| whole(seconds * 10.0))
}

fn held(seconds: f64) -> Option<u16> {
    (1.0..=3_600.0).contains(&seconds).then(|| whole(seconds * 10.0))
}

/// The nearest whole number; callers have checked that it is small and not negative.
fn whole(number: f64) -> u16 {
    format!("{number:.0}").parse().unwrap_or(u16::MAX)
}

/// A reader's own key: from its file, or made from its guard's.
fn key(state: &Path, guard_id: &GuardId) -> Result<Key, SimError> {
    let path = state.join(format!("{guard_id}.scbk"));
    match std::fs::read_to_string(&path) {
        Ok(text) => Key::parse(&text).ok_or_else(|| {
            failed(
                &path,
                "the file must hold a reader's key as 32 hexadecimal digits, and not the default key",
            )
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(Key::of(guard_id, &guards::device_key(state, guard_id)?))
        }
        Err(error) => Err(failed(&path, error)),
    }
}
