//! The doors, behind a trait: today they are drawn on the screen, lock boards can take their place.

use domain::ids::Port;
use leptos::prelude::*;

/// What a driver reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The door is closed.
    Closed(Port),
    /// The door did not open.
    Failed(Port),
    /// What its sensor says at start-up.
    Reads {
        /// Which door.
        port: Port,
        /// Whether it says "open".
        open: bool,
    },
}

/// Opens doors and reports what became of them.
pub trait DoorDriver {
    /// Opens one. What follows comes as reports.
    fn open(&self, port: Port);

    /// Asks every sensor once; drivers without sensors report nothing.
    fn read_all(&self, ports: &[Port]);
}

/// Doors that are drawn: opened ones are lit, and closed by tapping.
#[derive(Clone, Copy)]
pub struct OnScreenDoors {
    open: RwSignal<Option<Port>>,
    report: Callback<Report>,
}

impl OnScreenDoors {
    /// All closed; what happens to them goes to `report`.
    pub fn new(report: Callback<Report>) -> Self {
        Self {
            open: RwSignal::new(None),
            report,
        }
    }

    /// Is this one drawn open?
    pub fn is_open(&self, port: Port) -> bool {
        self.open.get() == Some(port)
    }

    /// The user tapped it closed.
    pub fn close(&self, port: Port) {
        if self.open.get_untracked() == Some(port) {
            self.open.set(None);
        }
        self.report.run(Report::Closed(port));
    }
}

impl DoorDriver for OnScreenDoors {
    fn open(&self, port: Port) {
        // A port no lock board could have: what a board reports as a failure.
        if port.jumper < 0 || port.serial < 0 {
            self.report.run(Report::Failed(port));
            return;
        }
        self.open.set(Some(port));
    }

    fn read_all(&self, ports: &[Port]) {
        // Drawn doors have no sensors: after a start they are simply closed. Only one that is still lit says otherwise.
        for port in ports.iter().filter(|port| self.open.get_untracked() == Some(**port)) {
            self.report.run(Report::Reads {
                port: *port,
                open: true,
            });
        }
    }
}
