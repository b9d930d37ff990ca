//! Which adapter a board hangs on.

use super::{Codec, Request, Settings, SettingsFault};
use crate::ids::Port;
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

/// The boards of a kiosk and the adapters they hang on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wiring {
    /// How the boards are spoken to; the same on every adapter.
    pub boards: Settings,
    /// The adapters.
    pub adapters: Vec<Adapter>,
}

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
    /// Every address has a board, so none is left to ask whether the adapter hears itself: the setting must say it.
    EchoUnknown,
}

impl Wiring {
    /// Is it sound, and does it serve every compartment of the layout?
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, layout: &[Port]) -> Result<Codec, WiringFault> {
        let codec = Codec::new(&self.boards).map_err(WiringFault::Settings)?;
        for (adapter, one) in self.adapters.iter().enumerate() {
            if one.first < 1 || one.last < one.first || one.last > i64::from(self.boards.kind.boards()) {
                return Err(WiringFault::Range { adapter });
            }
            let before = &self.adapters[..adapter];
            if let Some(jumper) = (one.first..=one.last).find(|jumper| before.iter().any(|one| one.serves(*jumper))) {
                return Err(WiringFault::Claimed { jumper });
            }
        }
        for port in layout {
            if codec.encode(Request::Open(*port)).is_none() {
                return Err(WiringFault::Outside(*port));
            }
            if self.adapter_of(*port).is_none() {
                return Err(WiringFault::Unconnected(*port));
            }
        }
        Ok(codec)
    }

    /// The adapter that serves a compartment, from 0.
    pub fn adapter_of(&self, port: Port) -> Option<usize> {
        self.adapters.iter().position(|adapter| adapter.serves(port.jumper))
    }
}

impl Adapter {
    /// Does this board hang on it?
    pub fn serves(&self, jumper: i64) -> bool {
        (self.first..=self.last).contains(&jumper)
    }
}
