//! The doors, behind a trait: drawn on the screen, or, in [`super::boards`], on lock boards.

use super::shell::Shell;
use domain::boards::bus::{BoardState, Report, Why};
use domain::boards::cabinet::Wish;
use domain::boards::driver::Seen;
use domain::boards::{Found, Wiring};
use domain::ids::Port;

/// What a driver tells.
pub enum Told {
    /// What became of an opening, of a door or of a board.
    Report(Report),
    /// A frame.
    Seen(Seen),
    /// What a search found.
    Found(Found),
    /// How the boards can be reached.
    Link(Link),
}

/// How the boards can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The doors are drawn.
    Drawn,
    /// It is being tried.
    Connecting,
    /// Connected, with this number of open lines.
    Connected(usize),
    /// This browser has no Web Serial.
    Unsupported,
    /// No adapter is plugged in, or this page may not use it.
    NoAdapter,
    /// An adapter is there and cannot be opened: another program has it, or the system does not let the browser.
    Taken,
    /// No door bridge answers on this machine.
    NoBridge,
    /// The door bridge refused: another token, or another page has it.
    BridgeRefused,
    /// The settings contradict themselves or the layout.
    Faulty,
}

/// Opens doors and tells what became of them.
pub trait DoorDriver {
    /// Does what the kiosk wants. What follows is told.
    fn wish(&self, wish: Wish);

    /// The frame of an opening has not been sent, because an answer is still to be read.
    fn opening_waits(&self) -> bool {
        false
    }

    /// Asks the person for an adapter; only a tap may lead here.
    fn permit(&self) {}

    /// Coils off; nothing is opened any more.
    fn leave(&self);
}

/// The boards of these doors, each once.
pub fn jumpers(wiring: &Wiring, layout: &[Port]) -> Vec<i64> {
    let mut jumpers = Vec::new();
    for door in layout {
        let jumper = wiring.lock(*door).jumper;
        if !jumpers.contains(&jumper) {
            jumpers.push(jumper);
        }
    }
    jumpers
}

/// Tells why no board can be reached, and that none is.
pub fn unreachable(shell: Shell, jumpers: &[i64], link: Link) {
    shell.told(Told::Link(link));
    for jumper in jumpers {
        shell.told(Told::Report(Report::Board {
            jumper: *jumper,
            state: BoardState::Lost,
        }));
    }
}

/// Doors that are drawn: they open at once, and the person closes them by touching them.
pub struct OnScreenDoors(pub Shell);

impl DoorDriver for OnScreenDoors {
    fn wish(&self, wish: Wish) {
        let Wish::Open { attempt, doors, .. } = wish else {
            return;
        };
        for port in doors {
            // A port that no lock board could have: what a board reports as a failure.
            let report = if port.jumper < 0 || port.serial < 0 {
                Report::NotOpened {
                    attempt,
                    port,
                    why: Why::Refused,
                }
            } else {
                Report::Opened {
                    attempt,
                    port,
                    moved: true,
                }
            };
            self.0.told(Told::Report(report));
        }
    }

    fn leave(&self) {}
}

/// Doors that cannot be reached: by these settings, from this browser, or because what speaks to them is not loaded yet.
pub struct NoDoors(pub Shell);

impl DoorDriver for NoDoors {
    fn wish(&self, wish: Wish) {
        not_sent(self.0, wish);
    }

    fn leave(&self) {}
}

/// Nothing left, and nothing will.
pub fn not_sent(shell: Shell, wish: Wish) {
    if let Wish::Open { attempt, doors, .. } = wish {
        for port in doors {
            shell.told(Told::Report(Report::NotSent { attempt, port }));
        }
    }
}
