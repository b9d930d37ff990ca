//! A device and its network: connects, connects again, and carries out what the device wants done.

use super::SimError;
use super::guard::SimGuard;
use super::servers::Servers;
use super::wire::{Wire, WireError};
use backend::clock::{Rng, SystemRng};
use domain::guard::device::{Effect, Input};
use domain::guard::grants::{Key, Reason};
use domain::guard::link::{FromDevice, GoodbyeReason, Version};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

/// How fast a guard is. Before it connects again it waits each time twice as long, and some of it by chance, so that thousands do not come
/// at once.
#[derive(Clone, Copy, Debug)]
pub struct Tempo {
    /// The wait after the first failure.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
    /// How often the device learns that time passed.
    pub tick: Duration,
}

impl Default for Tempo {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            most: Duration::from_secs(30),
            tick: Duration::from_secs(1),
        }
    }
}

impl Tempo {
    fn wait(&self, failures: u32) -> Duration {
        let longest = self.first.saturating_mul(1 << failures.min(16)).min(self.most);
        let mut byte = [0];
        SystemRng.fill(&mut byte);
        longest / 2 + longest / 2 * u32::from(byte[0]) / 256
    }
}

/// What somebody beside the guard sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is linked to a node that proved itself.
    Linked,
    /// It is not linked (any more).
    Unlinked {
        /// Why.
        why: String,
    },
    /// The door opens.
    Opened(Key),
    /// The door stays shut.
    Refused {
        /// Why.
        reason: Reason,
        /// How long to wait, where that is why.
        wait_seconds: Option<i64>,
    },
    /// Its grants stand here now.
    Granted(Version),
    /// The node has its records up to this number.
    Stored(i64),
}

/// What network or time brought, see [`Runner::wait`].
pub enum Happened {
    /// It is time to connect.
    Retry,
    /// A connection, or none.
    Connected(Result<Wire, WireError>),
    /// A frame, or the end of the connection.
    Frame(Result<String, WireError>),
    /// Time passed.
    Tick,
}

enum Net {
    Off,
    Down { retry_at: Instant },
    Connecting(JoinHandle<Result<Wire, WireError>>),
    Up(Wire),
}

/// A device that lives.
pub struct Runner {
    /// The device.
    pub guard: SimGuard,
    servers: Servers,
    net: Net,
    failures: u32,
    tempo: Tempo,
    ticks: Interval,
    why: String,
}

impl Runner {
    /// Not started yet.
    pub fn new(guard: SimGuard, servers: impl Into<Servers>, tempo: Tempo) -> Self {
        let mut ticks = interval(tempo.tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            guard,
            servers: servers.into(),
            net: Net::Down {
                retry_at: Instant::now(),
            },
            failures: 0,
            tempo,
            ticks,
            why: String::new(),
        }
    }

    /// Waits for network or time. May be dropped while it waits: nothing is lost. What it brings goes to [`Runner::act`].
    pub async fn wait(&mut self) -> Happened {
        match &mut self.net {
            Net::Off => std::future::pending().await,
            Net::Down { retry_at } => {
                sleep_until(*retry_at).await;
                Happened::Retry
            }
            Net::Connecting(task) => {
                let connected = task.await;
                Happened::Connected(connected.unwrap_or(Err(WireError::Late)))
            }
            Net::Up(wire) => tokio::select! {
                frame = wire.receive() => Happened::Frame(frame),
                _ = self.ticks.tick() => Happened::Tick,
            },
        }
    }

    /// Does what follows from it.
    pub async fn act(&mut self, happened: Happened) -> Result<Vec<Event>, SimError> {
        match happened {
            Happened::Retry => {
                let target = self.servers.next();
                self.net = Net::Connecting(tokio::spawn(async move { target.connect().await }));
                Ok(Vec::new())
            }
            Happened::Connected(Ok(wire)) => {
                self.net = Net::Up(wire);
                self.feed(Input::LinkUp).await
            }
            Happened::Frame(Ok(text)) => self.feed(Input::Frame(text)).await,
            Happened::Tick => self.feed(Input::Tick).await,
            Happened::Connected(Err(error)) | Happened::Frame(Err(error)) => self.lost(&error.to_string()).await,
        }
    }

    /// One input of the device, everything that follows carried out.
    pub async fn feed(&mut self, input: Input) -> Result<Vec<Event>, SimError> {
        let mut events = Vec::new();
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let (linked, version, stored) = self.standing();
            let effects = self.guard.step(input)?;
            let (linked_now, version_now, stored_now) = self.standing();
            if effects.contains(&Effect::Send(FromDevice::Goodbye {
                reason: GoodbyeReason::Silent,
            })) {
                self.servers.silent();
            }
            for effect in effects {
                match effect {
                    Effect::OpenDoor { key } => events.push(Event::Opened(key)),
                    Effect::Refuse { reason, wait_seconds } => events.push(Event::Refused { reason, wait_seconds }),
                    Effect::Send(frame) => {
                        if let Err(error) = self.send(frame.to_json()).await {
                            self.down(error.to_string());
                            inputs.push(Input::LinkDown);
                        }
                    }
                    Effect::Disconnect { to } => {
                        self.hang_up(to).await;
                        inputs.push(Input::LinkDown);
                    }
                    Effect::Persist => {}
                }
            }
            if linked_now && !linked {
                self.failures = 0;
                self.servers.linked();
                events.push(Event::Linked);
            }
            if version_now != version {
                events.push(Event::Granted(version_now));
            }
            if stored_now != stored {
                events.push(Event::Stored(stored_now));
            }
            if linked && !linked_now {
                events.push(Event::Unlinked { why: self.why.clone() });
            }
        }
        Ok(events)
    }

    /// The network is pulled out or put in.
    pub async fn network(&mut self, on: bool) -> Result<Vec<Event>, SimError> {
        match (on, &self.net) {
            (true, Net::Off) => {
                self.failures = 0;
                self.net = Net::Down {
                    retry_at: Instant::now(),
                };
                Ok(Vec::new())
            }
            (true, _) | (false, Net::Off) => Ok(Vec::new()),
            (false, _) => self.cut("the network is off").await,
        }
    }

    async fn cut(&mut self, why: &str) -> Result<Vec<Event>, SimError> {
        self.net = Net::Off;
        self.why = why.to_owned();
        self.feed(Input::LinkDown).await
    }

    /// Power off and on: the link is cut, and only what was kept is left.
    pub async fn reboot(&mut self) -> Result<Vec<Event>, SimError> {
        let was_off = matches!(self.net, Net::Off);
        let events = self.cut("the power was off").await?;
        self.guard.reboot()?;
        if !was_off {
            self.network(true).await?;
        }
        Ok(events)
    }

    /// Closes the link as one should.
    pub async fn end(&mut self) {
        if let Net::Up(wire) = std::mem::replace(&mut self.net, Net::Off) {
            wire.close().await;
        }
    }

    /// Why the last link ended, or none came about.
    pub fn why(&self) -> &str {
        &self.why
    }

    fn standing(&self) -> (bool, Version, i64) {
        let device = &self.guard.device;
        (device.is_connected(), device.version, device.log.confirmed())
    }

    async fn send(&mut self, text: String) -> Result<(), WireError> {
        match &mut self.net {
            Net::Up(wire) => wire.send(text).await,
            // Nobody is there: the device learns it by what follows.
            _ => Ok(()),
        }
    }

    async fn lost(&mut self, why: &str) -> Result<Vec<Event>, SimError> {
        self.down(why.to_owned());
        self.feed(Input::LinkDown).await
    }

    fn down(&mut self, why: String) {
        let retry_at = Instant::now() + self.tempo.wait(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.net = Net::Down { retry_at };
        self.why = why;
    }

    async fn hang_up(&mut self, to: Option<String>) {
        if let Some(host) = to {
            self.servers.told(&host);
        }
        let mut why = "the link was ended".to_owned();
        if let Net::Up(mut wire) = std::mem::replace(&mut self.net, Net::Off) {
            // The close code says more than the frame before it did, if it comes at once.
            if let Ok(Err(error @ WireError::Closed(_))) =
                tokio::time::timeout(Duration::from_millis(200), wire.receive()).await
            {
                why = error.to_string();
            }
            wire.close().await;
        }
        self.down(why);
    }
}
