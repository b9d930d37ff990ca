//! The data of a kiosk: everything it must still know after a power cut.

use super::{Failing, GoingOn, Idle, KioskClock, Log, Look, Named, Notice, Opening, Soak, Tries, UsedCodes};
use crate::boards::Wiring;
use crate::boards::bus::BoardState;
use crate::ids::{CustomerNo, Millis, Phone, Port, ThingsSq, Yid};
use crate::locker::compartments::{CompartmentStatus, ContentKind};
use crate::locker::events::EventKind;
use crate::token::revoked::Learnt;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A kiosk. The secret is kept apart by the shell and lent for each step.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kiosk {
    /// Its number.
    pub yid: Yid,
    /// How it is called.
    pub name: String,
    /// Its doors, by board and port.
    pub doors: Vec<Door>,
    /// What happened.
    pub log: Log,
    /// What is known about the device's clock.
    pub clock: KioskClock,
    /// Codes accepted once.
    pub used: UsedCodes,
    /// What the server revoked, as far as codes brought it here.
    #[serde(default, skip_serializing_if = "Learnt::is_empty")]
    pub revoked: Learnt,
    /// The doors of a voucher that follow the one that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub going_on: Option<GoingOn>,
    /// The PIN's hash, see [`super::pin`]; empty: no PIN is set, staff need their pass.
    pub pin: String,
    /// Wrong PINs in a row.
    pub pin_tries: Tries,
    /// Wrong passwords in a row, over all compartments.
    pub pwd_tries: Tries,
    /// After this number of days a deposit nobody fetched is offered to staff for retrieval.
    pub overdue_days: i64,
    /// What an operator wants to be seen at every kiosk.
    #[serde(default)]
    pub look: Look,
    /// What is shown; not stored, because every start begins with the start page.
    #[serde(skip)]
    pub screen: Screen,
    /// Who identified themselves.
    pub staff: Option<Staff>,
    /// What the last step has to say.
    #[serde(skip)]
    pub notice: Option<Notice>,
    /// The number of a return that the server is being asked about.
    #[serde(skip)]
    pub asked: Option<Named>,
    /// How long nobody touched anything.
    pub idle: Idle,
    /// What the server is known to have.
    pub synced: Synced,
    /// The lock boards and how they are connected; `None`: the doors are drawn on the screen.
    #[serde(default)]
    pub wiring: Option<Wiring>,
    /// The server's number of these settings.
    #[serde(default)]
    pub wiring_revision: i64,
    /// They were changed here, and the server has not been told.
    #[serde(default)]
    pub wiring_changed: bool,
    /// How many openings there were. Each has its number, so that a late report is not taken for another's.
    #[serde(default)]
    pub attempts: u64,
    /// The opening of the door on the screen.
    #[serde(default)]
    pub opening: Option<Opening>,
    /// A door that staff opened to see whether it does.
    #[serde(default)]
    pub test: Option<Opening>,
    /// The soak test that is under way, or the result of the last one.
    #[serde(default, with = "super::soak_row", skip_serializing_if = "Option::is_none")]
    pub soak: Option<Soak>,
    /// How each board answered last, since the program started.
    #[serde(skip)]
    pub boards: Vec<(i64, BoardState)>,
    /// Boards that do not answer as they should, since the program started.
    #[serde(skip)]
    pub failing: Vec<Failing>,
}

/// What the server is known to have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Synced {
    /// The compartments' rows as of this event number were applied by the server.
    pub rows_seq: i64,
    /// When the server last answered, by its clock.
    pub at: Option<Millis>,
}

/// One compartment as its kiosk knows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Door {
    /// Which one.
    pub port: Port,
    /// What is written on it.
    pub label: String,
    /// Height in units of the smallest door.
    pub size: i64,
    /// Its status.
    pub status: CompartmentStatus,
    /// What is in it, or is being put in.
    pub kind: Option<ContentKind>,
    /// The password that opens it.
    pub pwd: Option<String>,
    /// When it was stored, in the form that travels in tokens.
    pub save_date: Option<String>,
    /// The same as a moment.
    pub stored_at: Option<Millis>,
    /// The order, once learnt.
    pub things_sq: Option<ThingsSq>,
    /// The customer number a return was named by.
    pub customer_no: Option<CustomerNo>,
    /// When it last changed, by the corrected clock.
    pub changed_at: Millis,
    /// The event of its last change.
    pub changed_seq: i64,
    /// Another device was this kiosk before, and may have opened the door after this moment without the server's knowledge. Staff must look into it.
    #[serde(default)]
    pub unknown_since: Option<Millis>,
    /// What its contact last said, where there is one. It never keeps a door from being opened: contacts lie.
    pub sensed_open: Option<bool>,
    /// It was told to open and did not. Staff must look at it before it is handed out.
    #[serde(default)]
    pub did_not_open: bool,
}

impl Door {
    /// Empties it: status B, and nothing bound.
    pub(super) fn clear(&mut self) {
        self.status = CompartmentStatus::Free;
        self.kind = None;
        self.pwd = None;
        self.save_date = None;
        self.stored_at = None;
        self.things_sq = None;
        self.customer_no = None;
        self.unknown_since = None;
        self.did_not_open = false;
    }

    /// May it be handed out for `size`?
    pub fn is_free_for(&self, size: i64) -> bool {
        self.status == CompartmentStatus::Free
            && self.unknown_since.is_none()
            && !self.did_not_open
            && self.size >= size
    }
}

/// The four usages (SPEC 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Usage {
    /// J, a business brings an old meter back.
    Return,
    /// K, a business fetches a meter.
    PickUp,
    /// L, staff put a meter in.
    Deposit,
    /// M, staff take out returns and what is overdue.
    Retrieval,
}

impl Usage {
    /// Every usage, J to M.
    pub const ALL: [Self; 4] = [Self::Return, Self::PickUp, Self::Deposit, Self::Retrieval];

    /// The letter of SPEC 1.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Return => "J",
            Self::PickUp => "K",
            Self::Deposit => "L",
            Self::Retrieval => "M",
        }
    }

    pub(super) fn opened(self) -> EventKind {
        match self {
            Self::Return => EventKind::ReturnOpened,
            Self::PickUp => EventKind::PickUpOpened,
            Self::Deposit => EventKind::DepositOpened,
            Self::Retrieval => EventKind::RetrievalOpened,
        }
    }

    pub(super) fn closed(self) -> EventKind {
        match self {
            Self::Return => EventKind::ReturnClosed,
            Self::PickUp => EventKind::PickUpClosed,
            Self::Deposit => EventKind::DepositClosed,
            Self::Retrieval => EventKind::RetrievalClosed,
        }
    }

    /// Does something go in (J, L) rather than out (K, M)?
    pub fn stores(self) -> bool {
        matches!(self, Self::Return | Self::Deposit)
    }
}

/// What staff identify themselves for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wants {
    /// L.
    Deposit,
    /// M.
    Retrieval,
    /// The staff area.
    Area,
}

/// What a free compartment is wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// L.
    Deposit,
    /// J.
    Return {
        /// The order or customer the old meter belongs to.
        named: Named,
        /// Whose it is by the server's word, masked; `None`: it could not be asked.
        whose: Option<String>,
    },
}

/// What is shown, and the step within it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// The four tiles.
    #[default]
    Home,
    /// Staff show their pass or type the PIN.
    Identify {
        /// What follows.
        wants: Wants,
    },
    /// J: which order or customer?
    NameReturn,
    /// J, L: which of the free compartments?
    ChooseFree {
        /// What for.
        purpose: Purpose,
        /// Only doors at least this high.
        size: i64,
    },
    /// K: a code held to the kiosk, or label and password.
    PickUp,
    /// M: which of the returns and overdue deposits?
    ChooseTake,
    /// A door is open.
    DoorOpen {
        /// Which.
        port: Port,
        /// Why.
        usage: Usage,
        /// Since when, by the device's clock.
        opened_at: Millis,
        /// How often the user was reminded to close it.
        reminders: i64,
        /// The user said that nothing was put in or taken out.
        giving_up: bool,
    },
    /// L: the `OpenToSave` code, until "done" or a new action.
    Code {
        /// The compartment.
        port: Port,
        /// The token to show.
        token: String,
        /// When it was made, by the device's clock.
        made_at: Millis,
    },
    /// It is done; the start page comes back by itself.
    Finished {
        /// The compartment.
        port: Port,
        /// What was done.
        usage: Usage,
        /// It was given up.
        gave_up: bool,
    },
    /// The staff area with the `SaveToData` code.
    Staff {
        /// The token to show.
        token: String,
        /// When it was made, by the device's clock.
        made_at: Millis,
    },
}

/// Somebody who identified themselves at this kiosk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// Who, by a staff pass; `None`: by the PIN, which names nobody.
    pub phone: Option<Phone>,
    /// How they are called.
    pub name: Option<String>,
    /// Since when, by the corrected clock.
    pub since: Millis,
}

impl Kiosk {
    /// The door at `port`.
    pub fn door(&self, port: Port) -> Option<&Door> {
        self.doors.iter().find(|door| door.port == port)
    }

    pub(super) fn door_mut(&mut self, port: Port) -> Option<&mut Door> {
        self.doors.iter_mut().find(|door| door.port == port)
    }

    /// Now, by the clock as it was last corrected.
    pub fn corrected(&self, now: Millis) -> Millis {
        self.clock.corrected(now)
    }

    /// The same but for what passes with every second: how long nobody touched anything, and a clock that stands in for the device's. Not worth
    /// a write.
    pub fn is_the_same_but_for_time(&mut self, other: &Self) -> bool {
        // Lent for the comparison: a copy of a long log takes longer than all else a step does.
        let mine = (self.idle, self.clock.behind);
        (self.idle, self.clock.behind) = (other.idle, other.clock.behind);
        let alike = self == other;
        (self.idle, self.clock.behind) = mine;
        alike
    }

    pub(super) fn look_at_clock(&mut self, now: Millis, something_is_done: bool) {
        if self.clock.newest.is_none() {
            // Written by an older version, which kept no such moment.
            self.see_events();
            for at in [self.clock.last_code, self.clock.last_server].into_iter().flatten() {
                self.clock.saw(at);
            }
        }
        self.clock.look(now, something_is_done);
    }

    pub(super) fn see_events(&mut self) {
        if let Some(event) = self.log.events().last() {
            self.clock.saw(event.at);
        }
    }

    /// Doors staff must look into: left half done, in status D or E without anybody at them, or unknown since the device was replaced. Never
    /// handed out until staff have settled them.
    pub fn half_done(&self) -> impl Iterator<Item = &Door> {
        let open = match &self.screen {
            Screen::DoorOpen { port, .. } => Some(*port),
            _ => None,
        };
        self.doors.iter().filter(move |door| {
            let half_done = matches!(door.status, CompartmentStatus::Storing | CompartmentStatus::Taking);
            (half_done || door.unknown_since.is_some() || door.did_not_open) && Some(door.port) != open
        })
    }

    /// Free doors at least `size` high.
    pub fn free_doors(&self, size: i64) -> impl Iterator<Item = &Door> {
        self.doors
            .iter()
            .filter(move |door| door.is_free_for(size) && !self.is_unreachable(door.port))
    }

    /// What staff may retrieve (M): returns, and deposits nobody fetched in time.
    pub fn retrievable(&self, now: Millis) -> impl Iterator<Item = &Door> {
        let now = self.corrected(now);
        self.doors.iter().filter(move |door| self.is_retrievable(door, now))
    }

    /// Is this a deposit that waited longer than it should?
    pub fn is_overdue(&self, door: &Door, corrected_now: Millis) -> bool {
        let day = 86_400_000;
        door.status == CompartmentStatus::Stored
            && door.kind != Some(ContentKind::Return)
            && door
                .stored_at
                .is_some_and(|at| corrected_now.since(at) >= self.overdue_days.saturating_mul(day))
    }

    pub(super) fn is_retrievable(&self, door: &Door, corrected_now: Millis) -> bool {
        let returned = door.status == CompartmentStatus::Stored && door.kind == Some(ContentKind::Return);
        returned || self.is_overdue(door, corrected_now)
    }
}

impl fmt::Debug for Kiosk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kiosk").field("yid", &self.yid).finish_non_exhaustive()
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door")
            .field("port", &self.port)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
