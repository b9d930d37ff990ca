//! The doors, behind a trait: drawn on the screen, on lock boards by Web Serial, or on lock boards behind a process on the same machine.

use super::shell::Shell;
use super::{bridge::Bridge, serial::Serial};
use domain::boards::bus::{BoardState, Report, Why};
use domain::boards::cabinet::Wish;
use domain::boards::driver::Seen;
use domain::boards::{Found, Via, Wiring};
use domain::ids::Port;
use std::rc::Rc;

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

    /// Asks the person for an adapter; only a tap may lead here.
    fn permit(&self) {}

    /// Coils off; nothing is opened any more.
    fn leave(&self);
}

/// The driver for these settings.
pub fn driver(shell: Shell, wiring: Option<&Wiring>, layout: &[Port]) -> Rc<dyn DoorDriver> {
    let Some(wiring) = wiring else {
        shell.told(Told::Link(Link::Drawn));
        return Rc::new(OnScreenDoors { shell });
    };
    if wiring.check(layout).is_err() {
        let mut jumpers: Vec<i64> = layout.iter().map(|door| wiring.lock(*door).jumper).collect();
        jumpers.dedup();
        unreachable(shell, &jumpers, Link::Faulty);
        return Rc::new(NoDoors { shell });
    }
    match wiring.via {
        Via::Browser => Serial::start(shell, wiring, layout),
        Via::Bridge => Bridge::start(shell, wiring, layout),
    }
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
struct OnScreenDoors {
    shell: Shell,
}

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
            self.shell.told(Told::Report(report));
        }
    }

    fn leave(&self) {}
}

/// Doors whose settings cannot be used.
struct NoDoors {
    shell: Shell,
}

impl DoorDriver for NoDoors {
    fn wish(&self, wish: Wish) {
        not_sent(self.shell, wish);
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
