//! The device of a kiosk, and what it says of its compartments.

use super::World;
use backend::clock::{Rng as _, SystemRng};
use domain::ids::{Millis, ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::token::{self, CompartmentFields, CompartmentRow, Payload, TokenKey};
use serde_json::{Value, json};

/// A kiosk of the field, as far as the server sees one.
pub struct Device<'a> {
    pub world: &'a World,
    pub yid: Yid,
    pub key: TokenKey,
    pub token: String,
}

impl Device<'_> {
    pub fn seal(&self, payload: &Payload) -> String {
        self.seal_at(self.world.now(), payload)
    }

    pub fn seal_at(&self, date: Millis, payload: &Payload) -> String {
        token::seal(&self.key, self.yid, date, payload, &mut |bytes: &mut [u8]| {
            SystemRng.fill(bytes)
        })
        .unwrap()
    }

    /// It says by itself what is in its compartments: these, and nothing in all others.
    pub async fn syncs(&self, full: &[CompartmentRow]) -> Value {
        let rows = json!({ "data": cabinet(full), "date": self.world.now().to_iso() });
        let path = format!("/v1/SyncData/{}", self.yid);
        let asked = self.world.post(&path).bearer(&self.token).json(&rows);
        asked.send().await.ok()
    }

    /// What the screen shows after a deposit.
    pub fn deposit_code(&self, jumper: i64, serial: i64) -> String {
        self.seal(&Payload::OpenToSave(deposited(jumper, serial)))
    }
}

/// A deposit as the kiosk tells it.
pub fn deposited(jumper: i64, serial: i64) -> CompartmentFields {
    CompartmentFields {
        serial,
        jumper,
        pwd: format!("5{jumper}{serial}77"),
        save_date: "2026-05-01T10:00:00.000Z".to_owned(),
        label: label(jumper, serial),
        things_sq: None,
    }
}

fn label(jumper: i64, serial: i64) -> String {
    let board = u8::try_from(jumper).unwrap() + b'A' - 1;
    format!("{}{serial}", char::from(board))
}

/// An empty compartment.
pub fn free(jumper: i64, serial: i64) -> CompartmentRow {
    CompartmentRow {
        jumper,
        serial,
        status: CompartmentStatus::Free,
        label: label(jumper, serial),
        pwd: None,
        save_date: None,
        things_sq: None,
        kind: None,
    }
}

/// A compartment with a deposit in it.
pub fn stored(jumper: i64, serial: i64, things_sq: Option<&str>) -> CompartmentRow {
    let fields = deposited(jumper, serial);
    CompartmentRow {
        status: CompartmentStatus::Stored,
        pwd: Some(fields.pwd),
        save_date: Some(fields.save_date),
        things_sq: things_sq.map(|key| ThingsSq(key.to_owned())),
        kind: Some(ContentKind::Deposit),
        ..free(jumper, serial)
    }
}

/// All compartments of a kiosk of the world, empty but for these.
pub fn cabinet(with: &[CompartmentRow]) -> Vec<CompartmentRow> {
    let ports = (1..=2).flat_map(|jumper| (1..=4).map(move |serial| (jumper, serial)));
    ports
        .map(|(jumper, serial)| {
            let known = with.iter().find(|row| (row.jumper, row.serial) == (jumper, serial));
            known.cloned().unwrap_or_else(|| free(jumper, serial))
        })
        .collect()
}
