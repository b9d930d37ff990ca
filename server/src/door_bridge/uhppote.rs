//! One controller and its doors: sockets, files and clocks around [`domain::guard::drivers::uhppote::Controller`] and up to four guards.

mod options;

pub use options::{Fallback, Options};

use super::guards::{self, Guards, failed};
use crate::guard_sim::{Event, Runner, SimError};
use backend::LocalZone;
use backend::clock::{Clock, SystemClock};
use domain::guard::device::Input as DeviceInput;
use domain::guard::drivers::uhppote::{
    Controller, Day, Effect, Event as Stored, Input, LENGTH, Memory, Moment, Packet, Request,
};
use domain::guard::grants::{Decision, Grants, Presented, may_open};
use domain::guard::ids::{CardNumb, DoorPassword};
use domain::guard::link::{DoorState, Fault, Status, Version};
use domain::guard::times::{Civil, Zone as _};
use domain::ids::Millis;
use futures::future::select_all;
use options::controller;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tracing::{error, info, warn};

/// What the bridge's guards report of their program.
const FIRMWARE: &str = concat!("door-bridge uhppote ", env!("CARGO_PKG_VERSION"));
/// How often time passes for the controller.
const TICK: Duration = Duration::from_millis(100);
/// How far the clock of a controller may go wrong while nobody sets it.
const CLOCK_MS: i64 = 60_000;
/// How long the socket of a request is listened to.
const LISTEN: Duration = Duration::from_millis(1_200);

/// How far events were handled.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Handled {
    index: u32,
}

/// The number of a request, and what came back to its socket.
type Answer = (u64, Vec<u8>);

struct Door {
    number: u8,
    runner: Runner,
    /// What its contact last read.
    open: Option<bool>,
}

/// A controller, its doors, and everything between them.
pub struct Bridge {
    controller: Controller,
    address: SocketAddrV4,
    doors: Vec<Door>,
    keypad: bool,
    listener: UdpSocket,
    zone: LocalZone,
    clock: Arc<dyn Clock>,
    begun: Instant,
    handled: PathBuf,
    /// The serial number of the controller.
    serial: u32,
    /// Another one answers in its place.
    stranger: bool,
    fallback: Fallback,
    /// What was last put into the controller's memory, for which day and by which grants; `None`: it is not known what is there.
    memory: Option<(Day, Vec<Version>, Memory)>,
    answers: (mpsc::Sender<Answer>, mpsc::Receiver<Answer>),
}

impl Bridge {
    /// Reads keys and states and takes the port for events. Nothing is said to anybody yet.
    ///
    /// # Errors
    /// What on the command line or on the disk keeps it from running.
    pub async fn open(options: Options) -> Result<Self, SimError> {
        let (serial, address) = controller(&options.controller)?;
        let zone = LocalZone::named(&options.zone).map_err(|unknown| SimError::option("zone", unknown.to_string()))?;
        if options.listen.port() == domain::guard::drivers::uhppote::PORT {
            return Err(SimError::option("listen", "port 60000 is the controller's own"));
        }
        let listener = UdpSocket::bind(options.listen)
            .await
            .map_err(|error| SimError::option("listen", error.to_string()))?;
        let handled = options.state.join(format!("uhppote-{serial}.json"));
        let known: Option<Handled> = read(&handled)?;
        let (ip, port) = match listener.local_addr() {
            Ok(SocketAddr::V4(local)) => (options.listen.ip().octets(), local.port()),
            _ => (options.listen.ip().octets(), options.listen.port()),
        };
        let doors = doors(&options)?;
        Ok(Self {
            controller: Controller::new(serial, known.map(|handled| handled.index), Some((ip, port))),
            address,
            doors,
            keypad: options.keypad,
            listener,
            zone,
            clock: Arc::new(SystemClock),
            begun: Instant::now(),
            handled,
            serial,
            stranger: false,
            fallback: options.fallback,
            memory: None,
            answers: mpsc::channel(64),
        })
    }

    /// Runs until a signal.
    ///
    /// # Errors
    /// A state that could not be kept: then nothing may open any more.
    pub async fn run(mut self) -> Result<(), SimError> {
        for door in &mut self.doors {
            door.runner.guard.start()?;
        }
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut pushed = [0; LENGTH + 1];
        loop {
            let waits = self.doors.iter_mut().enumerate();
            let waits = waits.map(|(at, door)| Box::pin(async move { (at, door.runner.wait().await) }));
            let any_door = async { select_all(waits).await.0 };
            tokio::select! {
                (at, happened) = any_door => {
                    let linked = self.doors[at].runner.guard.device.is_connected();
                    let events = self.doors[at].runner.act(happened).await?;
                    self.tell(at, linked, &events);
                }
                Some((number, bytes)) = self.answers.1.recv() => self.does(Input::Answer { number, bytes: &bytes }).await?,
                Ok((length, from)) = self.listener.recv_from(&mut pushed) => {
                    if from.ip() == IpAddr::V4(*self.address.ip()) {
                        self.does(Input::Pushed(&pushed[..length])).await?;
                    }
                }
                _ = ticks.tick() => {
                    let changes = self.changes();
                    if !changes.is_empty() {
                        self.does(Input::Keep(changes)).await?;
                    }
                    self.does(Input::Tick).await?;
                }
                _ = tokio::signal::ctrl_c() => break,
            }
        }
        for door in &mut self.doors {
            door.runner.end().await;
        }
        Ok(())
    }

    /// One step of the controller, and everything that follows from it.
    async fn does(&mut self, input: Input<'_>) -> Result<(), SimError> {
        let mut effects = VecDeque::from(self.step(input));
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Send { number, packet } => self.send(number, packet),
                Effect::Persist { index } => keep(&self.handled, &Handled { index })?,
                Effect::Presented { door, card } => {
                    if self.presented(door, card).await? {
                        effects.extend(self.step(Input::Open { door }));
                    }
                }
                Effect::Reachable(answers) => self.reachable(answers).await?,
                Effect::Stranger { serial } => {
                    error!(
                        serial,
                        expected = self.serial,
                        "another controller answers at this address; nothing opens until --controller names it"
                    );
                    self.stranger = true;
                    self.guards_feel(DeviceInput::Fails(Fault::AnotherDevice)).await?;
                }
                Effect::Released { door } => info!(door, "released"),
                Effect::NotOpened { door, unsure } => {
                    warn!(door, unsure, "the controller did not open the door");
                    // Where nobody knows, nothing is claimed.
                    if !unsure {
                        self.door_did(door, DoorState::NotOpened).await?;
                    }
                }
                Effect::Lost { from, to } => warn!(from, to, "events were overwritten before they were read"),
                Effect::Reset => warn!("the controller was reset: its events begin again"),
                Effect::Contact { door, open } => {
                    info!(door, open, "contact");
                    self.contact(door, open).await?;
                }
                Effect::Door { door, state } => self.door_did(door, state).await?,
                Effect::SetUp => {
                    self.memory = None;
                    effects.extend(self.step(Input::Keep(vec![Request::DeleteCards, Request::ClearTimeProfiles])));
                    self.memory = self.local().map(|local| (local.day, Vec::new(), Memory::default()));
                }
                Effect::Happened(event) if self.fallback == Fallback::Cards && event.is_opened_by_memory() => {
                    self.opened_meanwhile(event).await?;
                }
                // Card numbers are not logged.
                Effect::Happened(event) => info!(event.index, event.kind, event.door, event.reason, "event"),
            }
        }
        Ok(())
    }

    /// What is to be changed in the controller's memory, where the day or the grants are others than when it was filled.
    fn changes(&mut self) -> Vec<Request> {
        let (Fallback::Cards, Some(local), Some((day, versions, memory))) =
            (self.fallback, self.local(), &mut self.memory)
        else {
            return Vec::new();
        };
        let now: Vec<Version> = self.doors.iter().map(|door| door.runner.guard.device.version).collect();
        if (*day, &*versions) == (local.day, &now) {
            return Vec::new();
        }
        let doors: Vec<(u8, &Grants)> = self
            .doors
            .iter()
            .map(|door| (door.number, &door.runner.guard.device.grants))
            .collect();
        let wanted = Memory::of(&doors, local.day, &self.zone);
        let changes = memory.changes(&wanted);
        info!(cards = wanted.cards(), "cards for the time without this bridge");
        (*day, *versions, *memory) = (local.day, now, wanted);
        changes
    }

    /// What the controller opened by a card of its memory becomes a record of the door's guard.
    async fn opened_meanwhile(&mut self, event: Stored) -> Result<(), SimError> {
        info!(event.index, event.door, "opened by the controller itself");
        let (Some((at, uncertainty_ms)), Some(door)) = (
            event.at.and_then(|at| self.moment(at)),
            self.doors.iter().position(|door| door.number == event.door),
        ) else {
            return Ok(());
        };
        let Ok(card_numb) = CardNumb::parse(&event.card.to_string()) else {
            return Ok(());
        };
        let presented = Presented::Card {
            card_numb: Some(card_numb),
            dn_code: None,
        };
        let linked = self.doors[door].runner.guard.device.is_connected();
        let input = DeviceInput::OpenedMeanwhile {
            presented,
            at,
            uncertainty_ms,
        };
        let events = self.doors[door].runner.feed(input).await?;
        self.tell(door, linked, &events);
        Ok(())
    }

    /// A time of the controller's clock, and by how much it may be wrong: nobody knows how the clock went meanwhile, and some hours come twice.
    fn moment(&self, at: Moment) -> Option<(Millis, i64)> {
        let civil = Civil {
            year: i16::try_from(at.day.year).ok()?,
            month: i8::try_from(at.day.month).ok()?,
            day: i8::try_from(at.day.day).ok()?,
            hour: i8::try_from(at.hour).ok()?,
            minute: i8::try_from(at.minute).ok()?,
            second: i8::try_from(at.second).ok()?,
        };
        let (first, last) = (self.zone.to_millis(civil)?, self.zone.end_to_millis(civil)?);
        Some((first, last.since(first).saturating_add(CLOCK_MS)))
    }

    fn step(&mut self, input: Input<'_>) -> Vec<Effect> {
        let passed = i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        match self.local() {
            Some(local) => self.controller.step(input, Millis(passed), local),
            // A clock beyond every calendar: nothing can be decided.
            None => Vec::new(),
        }
    }

    fn local(&self) -> Option<Moment> {
        let civil = self.zone.to_civil(self.clock.now())?;
        let small = |number: i8| u8::try_from(number).ok();
        let year = u16::try_from(civil.year).ok()?;
        let day = Day::new(year, small(civil.month)?, small(civil.day)?)?;
        Moment::new(day, small(civil.hour)?, small(civil.minute)?, small(civil.second)?)
    }

    /// Sends from a socket of the request's own, and hands on what comes back to it.
    fn send(&self, number: u64, packet: Packet) {
        let (address, answers) = (self.address, self.answers.0.clone());
        tokio::spawn(async move {
            let until = Instant::now() + LISTEN;
            let Ok(socket) = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await else {
                return;
            };
            // Connected: only the controller's packets come in.
            if socket.connect(address).await.is_err() || socket.send(&packet).await.is_err() {
                return;
            }
            let mut answer = [0; LENGTH + 1];
            while let Ok(Ok(length)) = timeout_at(until, socket.recv(&mut answer)).await {
                if answers.send((number, answer[..length].to_vec())).await.is_err() {
                    return;
                }
            }
        });
    }

    /// A card at a door; its guard decides.
    async fn presented(&mut self, number: u8, card: u32) -> Result<bool, SimError> {
        let keypad = self.keypad;
        let Some(at) = self.doors.iter().position(|door| door.number == number) else {
            warn!(door = number, "a card at a door that is no guard");
            return Ok(false);
        };
        let runner = &mut self.doors[at].runner;
        let Some(presented) = what(runner, card, keypad) else {
            return Ok(false);
        };
        let linked = runner.guard.device.is_connected();
        let events = runner.feed(DeviceInput::Presented(presented)).await?;
        self.tell(at, linked, &events);
        Ok(events.iter().any(|event| matches!(event, Event::Opened(_))))
    }

    /// A contact as it is first known is not something that happened.
    async fn contact(&mut self, number: u8, open: bool) -> Result<(), SimError> {
        let Some(door) = self.doors.iter_mut().find(|door| door.number == number) else {
            return Ok(());
        };
        match door.open.replace(open) {
            Some(before) if before != open => {
                let state = if open { DoorState::Opened } else { DoorState::Closed };
                self.door_did(number, state).await
            }
            _ => Ok(()),
        }
    }

    /// Its guard records what the door did.
    async fn door_did(&mut self, number: u8, state: DoorState) -> Result<(), SimError> {
        let Some(at) = self.doors.iter().position(|door| door.number == number) else {
            return Ok(());
        };
        let linked = self.doors[at].runner.guard.device.is_connected();
        let events = self.doors[at].runner.feed(DeviceInput::Door(state)).await?;
        self.tell(at, linked, &events);
        Ok(())
    }

    async fn reachable(&mut self, answers: bool) -> Result<(), SimError> {
        info!(answers, "controller");
        self.stranger &= !answers;
        let feels = match (answers, self.stranger) {
            (true, _) => DeviceInput::Feels(Status::Working),
            (false, true) => DeviceInput::Fails(Fault::AnotherDevice),
            (false, false) => DeviceInput::Fails(Fault::Silent),
        };
        self.guards_feel(feels).await
    }

    async fn guards_feel(&mut self, feels: DeviceInput) -> Result<(), SimError> {
        for at in 0..self.doors.len() {
            let linked = self.doors[at].runner.guard.device.is_connected();
            let events = self.doors[at].runner.feed(feels.clone()).await?;
            self.tell(at, linked, &events);
        }
        Ok(())
    }

    fn tell(&self, at: usize, was_linked: bool, events: &[Event]) {
        let Door { number, runner, .. } = &self.doors[at];
        guards::log(&number.to_string(), runner, was_linked, events);
    }
}

/// A number is a card where a grant knows it; where readers have keypads, any other of 4 to 9 digits is a password that was typed.
fn what(runner: &Runner, card: u32, keypad: bool) -> Option<Presented> {
    let text = card.to_string();
    let as_card = Presented::Card {
        card_numb: Some(CardNumb::parse(&text).ok()?),
        dn_code: None,
    };
    if !keypad || !(4..=9).contains(&text.len()) {
        return Some(as_card);
    }
    let (device, now) = (&runner.guard.device, runner.guard.now());
    let uncertainty_ms = device.clock.uncertainty_ms(now).unwrap_or(i64::MAX);
    let decision = may_open(&device.grants, &as_card, device.clock.corrected(now), uncertainty_ms);
    match (decision, DoorPassword::parse(&text)) {
        (Decision::Refuse { .. }, Ok(password)) => Some(Presented::Password { password }),
        _ => Some(as_card),
    }
}

fn doors(options: &Options) -> Result<Vec<Door>, SimError> {
    let wanted = "NUMBER=GUARD, such as 1=G0001, with a number from 1 to 4";
    let bad = || SimError::option("door", wanted);
    let op_code = options.op_code.as_deref();
    let mut guards = Guards::new(&options.state, &options.servers, options.insecure, op_code, FIRMWARE)?;
    let mut doors: Vec<Door> = Vec::new();
    for text in &options.doors {
        let (number, guard) = text.split_once('=').ok_or_else(bad)?;
        let number = number
            .parse()
            .ok()
            .filter(|number| (1..=4).contains(number))
            .ok_or_else(bad)?;
        let guard_id = guards::guard_id(guard, wanted)?;
        if doors.iter().any(|door| door.number == number) {
            return Err(SimError::option("door", format!("{text} is there twice")));
        }
        doors.push(Door {
            number,
            runner: guards.open(guard_id)?,
            open: None,
        });
    }
    Ok(doors)
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, SimError> {
    match std::fs::read(path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| failed(path, error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, error)),
    }
}

fn keep(path: &Path, value: &impl Serialize) -> Result<(), SimError> {
    let text = serde_json::to_vec(value).map_err(|error| failed(path, error))?;
    // A file that is half written must never stand under the name.
    let beside = path.with_extension("new");
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| failed(path, error))
}
