//! One wire with lock boards as a state machine: what is asked when, what a reply means, and what became of each opening.
//!
//! [`Bus::step`] takes one [`Input`] and the moment, and returns [`Output`]s to be carried out in their order. Moments may have any origin but never go back.
//! What keeps people and their things safe is here:
//!
//! - **Nothing opens by itself.** Only [`Input::Open`] leads to an opening frame, once, and not when it was asked ten seconds ago or before the program started, or
//!   its number is older than another's.
//!   After a start and each reconnect the outputs of boards whose coils stay powered are switched off before anything else is said.
//! - **An opening frame is never repeated.** Where its acknowledgement does not come, that is [`Report::Unsure`], and only the contact may tell more.
//! - **A door has moved when two equal answers report it**, some time apart, each fitting the question that waited for it. What the contact read before never keeps a door
//!   from being opened: contacts lie.
//! - **One coil at a time**, because the supply is sized for one.

mod attempts;
mod contacts;
mod sending;
mod start;
mod talk;

use super::{Codec, Echo, Frame, Request, Settings, WiringFault};
use crate::ids::{Millis, Port};
use attempts::Attempt;
use contacts::Board;
use serde::{Deserialize, Serialize};
use start::Link;
use talk::Pending;

/// An opening asked longer ago than this is never sent, and a lock that did not open in this time did not open.
pub const OPENING_MS: i64 = 10_000;
/// For so long after a start or reconnect, and after an opening of the same door, an open door is not a forced one.
const GRACE_MS: i64 = 10_000;
/// More openings than these do not wait.
const MOST_WAITING: usize = 8;

/// What happens to the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The port is open.
    Up,
    /// The port is gone.
    Lost,
    /// Bytes came.
    Bytes(&'a [u8]),
    /// Open a door. Two locks of one joined door are two inputs with one number.
    Open {
        /// The number of the opening; each is greater than those before.
        attempt: u64,
        /// Which door.
        port: Port,
        /// When it was asked.
        asked: Millis,
    },
    /// Nobody waits for this opening any more.
    Forget {
        /// Its number.
        attempt: u64,
    },
    /// The program is about to end: coils off, nothing more is opened.
    Leaving,
    /// Time passes; wanted at the moment [`Bus::wakes_at`] says.
    Tick,
}

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Write these bytes.
    Write(Frame),
    /// Tell the kiosk.
    Report(Report),
    /// Nobody answers any more: close the port and open it again.
    Reopen,
}

/// Why a door did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It was released and stayed shut.
    Jammed,
    /// The board refused.
    Refused,
    /// Nobody knows: neither board nor contact answered. Ask the person.
    Unknown,
}

/// How a board answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoardState {
    /// As it should.
    Ok,
    /// Not at all.
    Silent,
    /// With something that does not fit, or that no cabinet can do.
    Garbled,
    /// With the question itself: the adapter hears itself, and the settings say that it does not.
    Echo,
    /// The port is gone.
    Lost,
}

impl BoardState {
    /// Its word in events and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Silent => "silent",
            Self::Garbled => "garbled",
            Self::Echo => "echo",
            Self::Lost => "lost",
        }
    }
}

/// What became of an opening, of a door or of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The board acknowledged the opening. The door may still be shut.
    Released {
        /// The opening.
        attempt: u64,
        /// The door.
        port: Port,
    },
    /// The contact says that the door is open.
    Opened {
        /// The opening.
        attempt: u64,
        /// The door.
        port: Port,
        /// The contact read closed before. If not, it may be a broken wire: offer "I have closed it" as well.
        moved: bool,
    },
    /// The contact says that the door is closed again.
    Closed {
        /// The opening.
        attempt: u64,
        /// The door.
        port: Port,
    },
    /// It did not open.
    NotOpened {
        /// The opening.
        attempt: u64,
        /// The door.
        port: Port,
        /// Why.
        why: Why,
    },
    /// The frame left and no answer came. It is not sent again; the contact is watched.
    Unsure {
        /// The opening.
        attempt: u64,
        /// The door.
        port: Port,
    },
    /// Nothing left, and nothing will.
    NotSent {
        /// The opening.
        attempt: u64,
        /// The door.
        port: Port,
    },
    /// A door stands open that nobody opened here.
    Forced {
        /// Which.
        port: Port,
    },
    /// What a contact reads, when it is first known and when it changed without an opening.
    Reads {
        /// Which door.
        port: Port,
        /// Whether it reads open.
        open: bool,
    },
    /// How a board answers, when that changed.
    Board {
        /// Which.
        jumper: i64,
        /// How.
        state: BoardState,
    },
}

/// A board that is not there, which is asked to find out about echo.
pub(super) fn absent_board(settings: &Settings, is_there: impl Fn(i64) -> bool) -> Result<Option<i64>, WiringFault> {
    let absent = (1..=i64::from(settings.kind.boards()))
        .rev()
        .find(|jumper| !is_there(*jumper));
    if settings.echo == Echo::Ask && absent.is_none() {
        return Err(WiringFault::EchoUnknown);
    }
    Ok(absent)
}

/// The wire.
#[derive(Clone, Debug)]
pub struct Bus {
    codec: Codec,
    echo_setting: Echo,
    contacts: bool,
    hold_ms: i64,
    boards: Vec<Board>,
    /// A board that does not exist, to find out about echo.
    absent: Option<i64>,
    link: Link,
    /// Whether the adapter hears itself.
    echo: bool,
    attempts: Vec<Attempt>,
    /// The greatest number of an opening, and the doors that were asked for with it.
    newest: u64,
    newest_ports: Vec<Port>,
    /// When the program began to use this wire. What was asked before, another run of it may have sent.
    born: Option<Millis>,
    pending: Option<Pending>,
    /// Nothing is written before this moment.
    quiet_until: Millis,
    /// Since when what came unasked has kept everything from being written.
    noisy_since: Option<Millis>,
    /// When something last came, and when the port was opened.
    heard_at: Millis,
    up_at: Millis,
    now: Millis,
    out: Vec<Output>,
}

impl Bus {
    /// A wire with the boards of these compartments; nothing is said on it before [`Input::Up`].
    ///
    /// # Errors
    /// Settings that contradict themselves or the layout.
    pub fn new(settings: &Settings, layout: &[Port]) -> Result<Self, WiringFault> {
        let codec = Codec::new(settings).map_err(WiringFault::Settings)?;
        if let Some(port) = layout.iter().find(|port| !codec.has(**port)) {
            return Err(WiringFault::Outside(*port));
        }
        let boards = contacts::boards_of(layout);
        let absent = absent_board(settings, |jumper| boards.iter().any(|board| board.jumper == jumper))?;
        Ok(Self {
            codec,
            echo_setting: settings.echo,
            contacts: settings.contacts,
            hold_ms: i64::from(settings.open_ms),
            boards,
            absent,
            link: Link::Down,
            echo: settings.echo == Echo::Yes,
            attempts: Vec::new(),
            newest: 0,
            newest_ports: Vec::new(),
            born: None,
            pending: None,
            quiet_until: Millis::default(),
            noisy_since: None,
            heard_at: Millis::default(),
            up_at: Millis::default(),
            now: Millis::default(),
            out: Vec::new(),
        })
    }

    /// One step: what happened goes in, what has to be done comes out.
    pub fn step(&mut self, input: Input<'_>, now: Millis) -> Vec<Output> {
        self.now = self.now.max(now);
        self.born.get_or_insert(self.now);
        match input {
            Input::Up => self.up(),
            Input::Lost => self.lost(),
            Input::Bytes(bytes) => self.heard(bytes),
            Input::Open { attempt, port, asked } => self.ask_to_open(attempt, port, asked),
            Input::Forget { attempt } => self.forget(attempt),
            Input::Leaving => self.leave(),
            Input::Tick => {}
        }
        self.time_passed();
        self.send_next();
        std::mem::take(&mut self.out)
    }

    /// When the next [`Input::Tick`] is wanted; `None` while the port is closed and nothing waits.
    pub fn wakes_at(&self) -> Option<Millis> {
        let waiting = self.attempts.iter().map(|one| one.next_look(self.hold_ms)).min();
        let next = match (&self.pending, self.link) {
            (_, Link::Down) => return waiting.map(|at| at.max(self.now.plus(50))),
            (Some(pending), _) => return Some(pending.next_look(self.heard_at).max(self.now.plus(1))),
            (None, Link::Ready) => self.boards.iter().map(Board::next_look).chain(waiting).min()?,
            (None, _) => self.now.plus(10),
        };
        Some(next.max(self.quiet_until).max(self.now.plus(5)))
    }

    /// The frame of an opening has not been sent: the wire is not free yet.
    pub fn opening_waits(&self) -> bool {
        self.attempts.iter().any(Attempt::waits)
    }

    fn report(&mut self, report: Report) {
        self.out.push(Output::Report(report));
    }

    /// The reading that was last believed, for pages that show doors.
    pub fn reads(&self, port: Port) -> Option<bool> {
        let board = self.boards.iter().find(|board| board.jumper == port.jumper)?;
        board.doors.iter().find(|door| door.port == port)?.stable
    }

    /// How a board last answered; `None` before it was asked.
    pub fn board(&self, jumper: i64) -> Option<BoardState> {
        self.boards.iter().find(|board| board.jumper == jumper)?.state
    }
}
