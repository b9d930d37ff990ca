//! A kiosk on the work bench: a clock to move, codes to hold before it, and words for what is done to it.

use domain::ids::{Millis, Phone, Port, ThingsSq, Yid};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::kiosk::{
    Checked, Content, Door, Effect, Enrolment, Env, Input, Kiosk, Named, Notice, Screen, ServerState, Trouble, Usage,
    pin,
};
use domain::token::{self, CompartmentFields, Opened, Payload, StaffPass, TokenKey};

pub const YID: Yid = Yid(1234);
pub const PIN: &str = "246810";
pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 86_400_000;
/// 2026-03-02T00:00:00Z
pub const MORNING: Millis = Millis(1_772_409_600_000);

pub const A1: Port = Port { jumper: 1, serial: 1 };
pub const A2: Port = Port { jumper: 1, serial: 2 };
/// Out of order.
pub const A3: Port = Port { jumper: 1, serial: 3 };
/// Joined to its neighbour.
pub const A4: Port = Port { jumper: 1, serial: 4 };
/// Twice as high.
pub const B1: Port = Port { jumper: 2, serial: 1 };
pub const NOWHERE: Port = Port { jumper: 9, serial: 9 };

pub struct Rig {
    pub kiosk: Kiosk,
    /// The device's clock.
    pub now: Millis,
    /// What the last step wanted done.
    pub effects: Vec<Effect>,
    pub key: TokenKey,
    random: u64,
}

pub fn key() -> TokenKey {
    TokenKey::new(b"a secret of thirty-two bytes....")
}

pub fn enrolment() -> Enrolment {
    let hash = pin::with_rounds(PIN, [1; 16], 2);
    serde_json::from_value(serde_json::json!({
        "yid": 1234, "name": "Gangnam", "secret": "a secret of thirty-two bytes....", "token": "bearer",
        "pin": hash, "date": MORNING.to_iso(), "overdueDays": 3,
        "compartments": [
            {"jumper": 2, "serial": 1, "label": "B1", "size": 2, "status": "B"},
            {"jumper": 1, "serial": 1, "label": "A1", "size": 1, "status": "B"},
            {"jumper": 1, "serial": 2, "label": "A2", "size": 1, "status": "B"},
            {"jumper": 1, "serial": 3, "label": "A3", "size": 1, "status": "C"},
            {"jumper": 1, "serial": 4, "label": "A4", "size": 1, "status": "X"},
        ],
    }))
    .unwrap()
}

impl Rig {
    pub fn new() -> Self {
        Self {
            kiosk: Kiosk::enrolled(&enrolment(), MORNING),
            now: MORNING,
            effects: Vec::new(),
            key: key(),
            random: 7,
        }
    }

    /// One step, from a kiosk that was written down and read back before it.
    pub fn does(&mut self, input: Input) -> &mut Self {
        let text = serde_json::to_string(&self.kiosk).unwrap();
        let shown = std::mem::replace(&mut self.kiosk, serde_json::from_str(&text).unwrap());
        // What is shown, and what boards said, is lost with the page.
        if input != Input::Started {
            (self.kiosk.screen, self.kiosk.boards, self.kiosk.asked) = (shown.screen, shown.boards, shown.asked);
            self.kiosk.failing = shown.failing;
        }
        let random = &mut self.random;
        let mut rng = |bytes: &mut [u8]| {
            for byte in bytes {
                *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = (*random >> 56) as u8;
            }
        };
        let mut env = Env {
            now: self.now,
            rng: &mut rng,
            key: &self.key,
        };
        self.effects = self.kiosk.step(input, &mut env);
        self
    }

    pub fn wait(&mut self, millis: i64) -> &mut Self {
        self.now = self.now.plus(millis);
        self
    }

    /// Waits that long with a tick every second.
    pub fn idle(&mut self, seconds: i64) -> &mut Self {
        for _ in 0..seconds {
            self.wait(1_000).does(Input::Tick);
        }
        self
    }

    pub fn tile(&mut self, usage: Usage) -> &mut Self {
        self.does(Input::Tile(usage))
    }

    pub fn pin(&mut self) -> &mut Self {
        self.does(Input::Pin(PIN.to_owned()))
    }

    pub fn scans(&mut self, token: &str) -> &mut Self {
        self.does(Input::Scanned(token.to_owned()))
    }

    pub fn chooses(&mut self, port: Port) -> &mut Self {
        self.does(Input::Choose(port))
    }

    pub fn closes(&mut self, port: Port) -> &mut Self {
        self.does(Input::DoorClosed(port))
    }

    /// Names whose old meter it is, and the server knows.
    pub fn returns(&mut self, named: Named) -> &mut Self {
        self.does(Input::NameReturn(named))
            .answers(Checked::Whose("강*우".to_owned()))
    }

    /// The old meter of order 1007, scanned while there is no network.
    pub fn scans_return(&mut self) -> &mut Self {
        self.tile(Usage::Return).scans("1007").answers(Checked::NotAsked)
    }

    /// The same, left in this compartment.
    pub fn leaves_return(&mut self, port: Port) -> &mut Self {
        self.scans_return().chooses(port).closes(port).does(Input::Done)
    }

    /// What came of the number the kiosk asks about.
    pub fn answers(&mut self, answer: Checked) -> &mut Self {
        let named = self.kiosk.asked.clone().expect("nothing is asked");
        self.does(Input::Checked { named, answer })
    }

    pub fn types(&mut self, label: &str, pwd: &str) -> &mut Self {
        self.does(Input::TakeByPassword {
            label: label.to_owned(),
            pwd: pwd.to_owned(),
        })
    }

    pub fn staff_area(&mut self) -> &mut Self {
        self.does(Input::StaffArea).pin()
    }

    pub fn settles(&mut self, port: Port, content: Content) -> &mut Self {
        self.does(Input::Settle { port, content })
    }

    /// L from the start page to the code, and back to the start page. Answers the password.
    pub fn deposits(&mut self, port: Port) -> String {
        self.tile(Usage::Deposit).pin().chooses(port).closes(port);
        assert!(matches!(self.kiosk.screen, Screen::Code { .. }));
        self.does(Input::Done);
        self.pwd(port)
    }

    pub fn pwd(&self, port: Port) -> String {
        self.door(port).pwd.clone().unwrap()
    }

    pub fn door(&self, port: Port) -> &Door {
        self.kiosk.door(port).unwrap()
    }

    pub fn status(&self, port: Port) -> CompartmentStatus {
        self.door(port).status
    }

    pub fn event(&self) -> &KioskEvent {
        self.kiosk.log.events().last().unwrap()
    }

    pub fn kinds(&self) -> Vec<EventKind> {
        self.kiosk.log.events().iter().map(|event| event.kind).collect()
    }

    pub fn opened(&self) -> Option<Port> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::OpenDoor(port) => Some(*port),
            _ => None,
        })
    }

    /// Why the last step was refused.
    pub fn trouble(&self) -> Option<Trouble> {
        match self.kiosk.notice {
            Some(Notice::Refused(trouble)) => Some(trouble),
            _ => None,
        }
    }

    pub fn read(&self, token: &str) -> Opened {
        token::open(&self.key, token).unwrap()
    }

    /// A token as the server makes one.
    pub fn code(&mut self, payload: &Payload) -> String {
        let date = self.kiosk.corrected(self.now);
        self.code_at(payload, date)
    }

    pub fn code_at(&mut self, payload: &Payload, date: Millis) -> String {
        let key = self.key.clone();
        self.code_by(&key, YID, payload, date)
    }

    pub fn code_by(&mut self, key: &TokenKey, yid: Yid, payload: &Payload, date: Millis) -> String {
        self.random += 1;
        let mut seed = self.random;
        let mut rng = |bytes: &mut [u8]| {
            for byte in bytes {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
                *byte = (seed >> 56) as u8;
            }
        };
        token::seal(key, yid, date, payload, &mut rng).unwrap()
    }
}

pub fn take(port: Port, pwd: &str, order: Option<&str>) -> Payload {
    Payload::OpenToTake(CompartmentFields {
        serial: port.serial,
        jumper: port.jumper,
        pwd: pwd.to_owned(),
        save_date: String::new(),
        label: String::new(),
        things_sq: order.map(order_no),
    })
}

/// An answer of the server that brings nothing.
pub fn server_state(acked: i64, date: Millis) -> ServerState {
    ServerState {
        acked,
        date,
        bindings: Vec::new(),
        wanted: Vec::new(),
        wired: None,
        overdue_days: None,
        look: None,
        revoked: None,
    }
}

pub fn order_no(text: &str) -> ThingsSq {
    ThingsSq::parse(text).unwrap()
}

pub fn pass() -> Payload {
    Payload::StaffPass(StaffPass {
        phone: phone(),
        name: "Kim".to_owned(),
    })
}

pub fn phone() -> Phone {
    Phone::parse("01000000002").unwrap()
}
