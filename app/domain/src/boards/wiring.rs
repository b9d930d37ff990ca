//! Which adapter a board hangs on, and which lock belongs to which door.

use super::{Codec, Kind, Settings, SettingsFault, bus};
use crate::ids::Port;
use crate::order::sort_by_numbers;
use serde::{Deserialize, Serialize};

/// One adapter and the boards on its wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Adapter {
    /// Where it is plugged in, such as `/dev/serial/by-id/…`; empty in a browser, which finds it by asking its boards.
    pub path: String,
    /// The first board on its wire.
    pub first: i64,
    /// The last board on its wire.
    pub last: i64,
}

/// A lock that is not where the layout has its door: swapped wires, or a door moved off a burnt output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    /// The door, as the layout has it.
    pub door: Port,
    /// Where its lock is connected.
    pub lock: Port,
}

/// What speaks to the adapters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The kiosk's page itself, by Web Serial.
    #[default]
    Browser,
    /// `latchkey door-bridge kiosk`, a process on the kiosk's machine.
    Bridge,
}

/// The boards of a kiosk and the adapters they hang on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wiring {
    /// What speaks to the adapters.
    #[serde(default)]
    pub via: Via,
    /// How the boards are spoken to; the same on every adapter.
    pub boards: Settings,
    /// The adapters.
    pub adapters: Vec<Adapter>,
    /// Locks that are not where the layout has their doors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wires: Vec<Wire>,
}

/// The most adapters of a kiosk.
pub const ADAPTERS_MAX: usize = 8;
/// The most characters of an adapter's path.
pub const PATH_MAX: usize = 200;
/// The most locks that are not where their doors are.
const WIRES_MAX: usize = 256;

/// What keeps a wiring from being used. Nothing opens while there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WiringFault {
    /// The settings contradict the kind of board.
    Settings(SettingsFault),
    /// A range that ends before it begins, or reaches beyond the addresses that such boards have.
    Range {
        /// Which adapter, from 0.
        adapter: usize,
    },
    /// Two adapters claim this board.
    Claimed {
        /// The board.
        jumper: i64,
    },
    /// A compartment of the layout that no board of this kind can have.
    Outside(Port),
    /// A compartment of the layout whose board hangs on no adapter.
    Unconnected(Port),
    /// More adapters or wires than a kiosk has.
    TooMany,
    /// The path of an adapter is too long, or not of printable characters.
    Path {
        /// Which adapter, from 0.
        adapter: usize,
    },
    /// A wire for a door that is not there, or two doors at this one lock.
    Wire(Port),
    /// Every address has a board, so none is left to ask whether the adapter hears itself: the setting must say it.
    EchoUnknown,
}

impl Wiring {
    /// One adapter with every board of this kind, as its documents have it.
    pub fn of(kind: Kind) -> Self {
        Self {
            via: if kind.stays_powered() {
                Via::Bridge
            } else {
                Via::Browser
            },
            boards: Settings::of(kind),
            adapters: vec![Adapter {
                path: String::new(),
                first: 1,
                last: i64::from(kind.boards()),
            }],
            wires: Vec::new(),
        }
    }

    /// Is it sound, and does it serve every compartment of the layout?
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, layout: &[Port]) -> Result<Codec, WiringFault> {
        let codec = Codec::new(&self.boards).map_err(WiringFault::Settings)?;
        self.check_adapters()?;
        let locks = self.locks(layout)?;
        for port in &locks {
            if !codec.has(*port) {
                return Err(WiringFault::Outside(*port));
            }
            if self.adapter_of(*port).is_none() {
                return Err(WiringFault::Unconnected(*port));
            }
        }
        for adapter in 0..self.adapters.len() {
            let here: Vec<Port> = locks
                .iter()
                .copied()
                .filter(|lock| self.adapter_of(*lock) == Some(adapter))
                .collect();
            bus::absent_board(&self.boards, |jumper| here.iter().any(|lock| lock.jumper == jumper))?;
        }
        Ok(codec)
    }

    fn check_adapters(&self) -> Result<(), WiringFault> {
        if self.adapters.len() > ADAPTERS_MAX || self.wires.len() > WIRES_MAX {
            return Err(WiringFault::TooMany);
        }
        for (adapter, one) in self.adapters.iter().enumerate() {
            if one.first < 1 || one.last < one.first || one.last > i64::from(self.boards.kind.boards()) {
                return Err(WiringFault::Range { adapter });
            }
            if one.path.chars().count() > PATH_MAX || one.path.chars().any(char::is_control) {
                return Err(WiringFault::Path { adapter });
            }
            let before = &self.adapters[..adapter];
            if let Some(jumper) = (one.first..=one.last).find(|jumper| before.iter().any(|one| one.serves(*jumper))) {
                return Err(WiringFault::Claimed { jumper });
            }
        }
        Ok(())
    }

    /// The locks of these doors, in their order; no two doors have the same one.
    fn locks(&self, layout: &[Port]) -> Result<Vec<Port>, WiringFault> {
        for (at, wire) in self.wires.iter().enumerate() {
            let again = self.wires[..at].iter().any(|other| other.door == wire.door);
            if again || !layout.contains(&wire.door) {
                return Err(WiringFault::Wire(wire.door));
            }
        }
        let locks: Vec<Port> = layout.iter().map(|door| self.lock(*door)).collect();
        let mut sorted = locks.clone();
        sort_by_numbers(&mut sorted, |lock| (lock.jumper, lock.serial));
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(WiringFault::Wire(pair[0])),
            None => Ok(locks),
        }
    }

    /// Where the lock of a door is connected.
    pub fn lock(&self, door: Port) -> Port {
        self.wires
            .iter()
            .find(|wire| wire.door == door)
            .map_or(door, |wire| wire.lock)
    }

    /// The lock of `asked` opened the door `opened`: from now on each of the two has the other's lock.
    pub fn swap(&mut self, asked: Port, opened: Port) {
        let (first, second) = (self.lock(asked), self.lock(opened));
        self.wires.retain(|wire| wire.door != asked && wire.door != opened);
        for (door, lock) in [(asked, second), (opened, first)] {
            if door != lock {
                self.wires.push(Wire { door, lock });
            }
        }
    }

    /// The adapter that serves a lock, from 0.
    pub fn adapter_of(&self, lock: Port) -> Option<usize> {
        self.adapters.iter().position(|adapter| adapter.serves(lock.jumper))
    }
}

impl Adapter {
    /// Does this board hang on it?
    pub fn serves(&self, jumper: i64) -> bool {
        (self.first..=self.last).contains(&jumper)
    }
}
