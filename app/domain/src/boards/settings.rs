//! How the boards at a kiosk are spoken to.

use crate::ids::Port;
use serde::{Deserialize, Serialize};

/// A kind of board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// OTO, version 1 of the controller: 16 doors a board.
    Oto,
    /// OTO, version 2 of the controller: one door a board.
    OtoSingle,
    /// "8A" boards, closed by an XOR.
    Xor8a,
    /// Kerong CU16 and NCU16L.
    Cu16,
    /// Kerong CU48, by the manufacturer's manual.
    Cu48,
    /// Kerong CU48, the dialect whose answers carry a count.
    Cu48Counted,
    /// Dingchang DC-12.
    Dc12,
    /// WKLY boards.
    Wkly,
    /// Modbus relays with a timed pulse.
    Relay,
    /// One that this version does not know: of a newer server, or misspelt. Such a board has no frames, so nothing opens.
    #[serde(other)]
    Unknown,
}

impl Kind {
    /// Every kind that is known.
    pub const ALL: [Self; 9] = [
        Self::Oto,
        Self::OtoSingle,
        Self::Xor8a,
        Self::Cu16,
        Self::Cu48,
        Self::Cu48Counted,
        Self::Dc12,
        Self::Wkly,
        Self::Relay,
    ];

    /// What is printed on them; the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Oto => "OTO 1",
            Self::OtoSingle => "OTO 2",
            Self::Xor8a => "8A",
            Self::Cu16 => "Kerong CU16",
            Self::Cu48 => "Kerong CU48",
            Self::Cu48Counted => "Kerong CU48 (60/61)",
            Self::Dc12 => "Dingchang DC-12",
            Self::Wkly => "WKLY",
            Self::Relay => "Modbus",
            Self::Unknown => "?",
        }
    }

    /// The highest address a board can have; addresses count from 1.
    pub fn boards(self) -> u8 {
        match self {
            Self::Oto | Self::OtoSingle => 127,
            Self::Xor8a => 31,
            // Address F is "every board" in one of the manufacturer's requests.
            Self::Cu16 | Self::Dc12 => 15,
            Self::Cu48 | Self::Cu48Counted => 10,
            Self::Wkly => 32,
            Self::Relay => 247,
            Self::Unknown => 0,
        }
    }

    /// The most doors a board can have; doors count from 1.
    pub fn doors(self) -> u8 {
        match self {
            Self::Oto | Self::Cu16 => 16,
            Self::OtoSingle => 1,
            Self::Xor8a => 50,
            Self::Cu48 | Self::Cu48Counted => 48,
            Self::Dc12 => 12,
            Self::Wkly => 24,
            Self::Relay => 8,
            Self::Unknown => 0,
        }
    }

    /// Bits a second as the board leaves the factory, with 8 data bits, no parity and one stop bit.
    pub fn baud(self) -> u32 {
        match self {
            Self::Cu16 | Self::Cu48 | Self::Cu48Counted => 19_200,
            _ => 9_600,
        }
    }

    /// Does a coil stay powered until it is told otherwise? Such boards belong behind a process that does not end with a browser's tab.
    pub fn stays_powered(self) -> bool {
        matches!(self, Self::Oto | Self::OtoSingle)
    }

    /// The second lock of a door that is joined to its neighbour.
    pub fn joined(self, port: Port) -> Port {
        match self {
            Self::OtoSingle => Port {
                jumper: port.jumper.saturating_add(1),
                ..port
            },
            _ => Port {
                serial: port.serial.saturating_add(1),
                ..port
            },
        }
    }

    /// The times an opening may have, milliseconds: how long an OTO coil is powered at most, or the pulse of a relay. Other boards have their own.
    pub fn open_times(self) -> (u16, u16) {
        match self {
            Self::Oto | Self::OtoSingle => (500, 5_000),
            Self::Relay => (100, 2_000),
            _ => (0, u16::MAX),
        }
    }
}

/// Which status byte holds doors 1 to 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ByteOrder {
    /// The last one.
    #[default]
    LastFirst,
    /// The first one.
    FirstFirst,
}

/// Does the adapter hear what it sends?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Echo {
    /// Found out at each connection, by asking a board that does not exist.
    #[default]
    Ask,
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// How the boards of a kiosk are spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// The kind of board.
    pub kind: Kind,
    /// Bits a second.
    pub baud: u32,
    /// Doors on each board.
    pub doors: u8,
    /// The contacts work the other way round than the board's document says.
    pub inverted: bool,
    /// The order of status bytes, for 8A boards.
    pub byte_order: ByteOrder,
    /// Whether the adapter hears itself.
    pub echo: Echo,
    /// OTO: the longest time a coil is powered. Relays: the length of the pulse. Milliseconds, in hundreds.
    pub open_ms: u16,
    /// The locks have contacts.
    pub contacts: bool,
    /// 8A: a single door is asked for alone, which no byte order can spoil.
    pub ask_one_door: bool,
    /// The board answers an opening. Some WKLY boards never do.
    pub acknowledges: bool,
}

/// What contradicts the kind of board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsFault {
    /// The kind of board is not known.
    Kind,
    /// Not a speed of serial ports.
    Baud,
    /// More doors than such a board has, or none.
    Doors,
    /// Too short, too long, or not in hundreds of milliseconds.
    OpenTime,
    /// A setting that this kind of board does not have.
    NotOfThisKind,
}

impl Settings {
    /// As the documents of this kind have it.
    pub fn of(kind: Kind) -> Self {
        let doors = match kind {
            Kind::Xor8a => 24,
            _ => kind.doors(),
        };
        Self {
            kind,
            baud: kind.baud(),
            doors,
            inverted: false,
            byte_order: ByteOrder::default(),
            echo: Echo::default(),
            open_ms: if kind.stays_powered() { 5_000 } else { 700 },
            contacts: true,
            ask_one_door: kind == Kind::Xor8a,
            acknowledges: !matches!(kind, Kind::Cu16 | Kind::Cu48 | Kind::Cu48Counted),
        }
    }

    /// Do they fit the kind of board?
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), SettingsFault> {
        let (shortest, longest) = self.kind.open_times();
        let is_cu = matches!(self.kind, Kind::Cu16 | Kind::Cu48 | Kind::Cu48Counted);
        if self.kind == Kind::Unknown {
            Err(SettingsFault::Kind)
        } else if !(1_200..=115_200).contains(&self.baud) {
            Err(SettingsFault::Baud)
        } else if !(1..=self.kind.doors()).contains(&self.doors) {
            Err(SettingsFault::Doors)
        } else if !(shortest..=longest).contains(&self.open_ms) || !self.open_ms.is_multiple_of(100) {
            Err(SettingsFault::OpenTime)
        } else if (self.kind != Kind::Xor8a && (self.ask_one_door || self.byte_order == ByteOrder::FirstFirst))
            || (is_cu && self.acknowledges)
        {
            Err(SettingsFault::NotOfThisKind)
        } else {
            Ok(())
        }
    }
}
