//! What a kiosk and its server say to each other under `/v1`. Each side reads what the other one writes, by the same types.

use super::Wired;
use crate::ids::{Millis, Port, ThingsSq, Yid};
use crate::locker::compartments::{Compartment, CompartmentStatus, ContentKind};
use crate::locker::events::KioskEvent;
use crate::token::{CompartmentRow, Revocations};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// What a device says that wants to become a kiosk (`POST /v1/Kiosks/Enrol`).
#[derive(Serialize, Deserialize)]
#[serde(rename = "Enrol")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct EnrolRequest<'a> {
    /// The code an operator read out.
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = String))]
    pub code: Cow<'a, str>,
}

/// What a kiosk has to tell (`POST /v1/Kiosks/:yid/Events`).
#[derive(Serialize, Deserialize)]
#[serde(rename = "Events")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct EventsRequest<'a> {
    /// Events without a gap.
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = Vec<KioskEvent>))]
    pub events: Cow<'a, [KioskEvent]>,
    /// Settings of the lock boards that were changed at the kiosk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wired: Option<Wired>,
}

/// The compartments of a kiosk (`POST /v1/SyncData/:yid`).
#[derive(Serialize, Deserialize)]
#[serde(rename = "SyncData")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct SyncRequest {
    /// Its rows.
    #[cfg_attr(not(target_arch = "wasm32"), schema(min_items = 1, max_items = 256))]
    pub data: Vec<CompartmentRow>,
    /// The kiosk itself: when it looked, by its own clock. ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(format = DateTime, examples("2018-09-17T06:56:45.000Z")))]
    pub date: Option<String>,
}

/// What the server tells a device that enrols. The secret and the bearer token are the shell's to keep.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Enrolment {
    /// Its number.
    pub yid: Yid,
    /// Its name.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schema(required = true))]
    pub name: String,
    /// Where it stands.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schema(required = true))]
    pub address: String,
    /// Signs this kiosk's codes; its bytes are the key.
    pub secret: String,
    /// The kiosk's own bearer token.
    pub token: String,
    /// Its compartments, with what the server knows to be in them, so that a replaced device loses nothing.
    pub compartments: Vec<EnrolmentDoor>,
    /// `pbkdf2-sha256$rounds$salt$hash` of the PIN, salt and hash in base64url; null while no PIN is set.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schema(required = true))]
    pub pin: Option<String>,
    /// After this number of days a deposit is overdue.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = i64, required = true))]
    pub overdue_days: Option<i64>,
    /// The server has events of an earlier device up to this number.
    #[serde(default, alias = "acked")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(required = true))]
    pub acked_seq: i64,
    /// The server's clock.
    #[serde(with = "iso")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = String, format = DateTime, examples("2018-09-17T06:56:45.000Z")))]
    pub date: Millis,
    /// How its lock boards are connected.
    #[serde(default, skip_serializing_if = "Wired::was_never_set")]
    pub wired: Wired,
    /// What an operator wants to be seen at every kiosk.
    #[serde(default, skip_serializing_if = "Look::is_plain")]
    pub look: Look,
}

/// What an operator wants to be seen at every kiosk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Look {
    /// Who runs the kiosks, in one line; empty: nothing is shown.
    pub contact: String,
    /// The language a kiosk goes back to when nobody is there; empty: it stays with the last visitor's.
    pub language: String,
    /// Address of a picture on the server; empty: there is none.
    pub logo: String,
}

impl Look {
    /// Nothing of it was set.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// Whose the old meter with this number is (`POST /v1/Kiosks/:yid/Whose`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Whose {
    /// The customer's name, masked: enough for the person who brings the meter to see that it is the right one.
    pub name: String,
}

/// A compartment as the server knows it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schema(as = Door))]
pub struct EnrolmentDoor {
    /// Board address.
    pub jumper: i64,
    /// Port on the board.
    pub serial: i64,
    /// What is written on it.
    pub label: String,
    /// Height in units of the smallest.
    #[serde(default = "one")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(required = true))]
    pub size: i64,
    /// Status as last heard.
    pub status: CompartmentStatus,
    /// What is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ContentKind>,
    /// The order bound to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub things_sq: Option<ThingsSq>,
    /// When it was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save_date: Option<String>,
    /// Its password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pwd: Option<String>,
    /// Another device was this kiosk before: since then nothing is known of what is behind the door. A door believed free has status D, for staff to
    /// settle. ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_since: Option<String>,
}

fn one() -> i64 {
    1
}

impl EnrolmentDoor {
    /// A compartment with the password of what is in it.
    pub fn new(known: Compartment, pwd: Option<String>) -> Self {
        Self {
            jumper: known.port.jumper,
            serial: known.port.serial,
            label: known.label,
            size: known.size,
            status: known.status,
            kind: known.kind,
            things_sq: known.things_sq,
            save_date: known.save_date,
            pwd,
            unknown_since: known.unknown_since.map(Millis::to_iso),
        }
    }

    /// Which one.
    pub fn port(&self) -> Port {
        Port {
            jumper: self.jumper,
            serial: self.serial,
        }
    }
}

/// What the server answers to a kiosk's events (`POST /v1/Kiosks/:yid/Events`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct ServerState {
    /// Events up to this number are stored there.
    pub acked: i64,
    /// The server's clock.
    #[serde(with = "iso")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = String, format = DateTime, examples("2018-09-17T06:56:45.000Z")))]
    pub date: Millis,
    /// Which order is bound to which compartment.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schema(required = true))]
    pub bindings: Vec<Binding>,
    /// The conditions an operator set and this kiosk has not confirmed yet.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schema(required = true))]
    pub wanted: Vec<Wanted>,
    /// How the lock boards are connected. `None`: from a server that does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wired: Option<Wired>,
    /// After this number of days a deposit is overdue. `None`: from a server that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_days: Option<i64>,
    /// What an operator wants to be seen at every kiosk. `None`: from a server that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// The newest of what was revoked, for when this kiosk has no network. `None`: nothing is, or the server does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = Option<String>))]
    pub revoked: Option<Box<Revocations>>,
}

/// What an operator wants of a door: free, out of order or joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schema(as = WantedCondition))]
pub struct Wanted {
    /// Board address of the compartment.
    pub jumper: i64,
    /// Its port on that board.
    pub serial: i64,
    /// The condition.
    pub status: CompartmentStatus,
}

/// An order bound to a compartment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Binding {
    /// Board address of the compartment.
    pub jumper: i64,
    /// Its port on that board.
    pub serial: i64,
    /// The order.
    pub things_sq: ThingsSq,
}

impl Binding {
    /// The compartment.
    pub fn port(&self) -> Port {
        Port {
            jumper: self.jumper,
            serial: self.serial,
        }
    }
}

/// A moment as ISO 8601.
mod iso {
    use crate::ids::Millis;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&at.to_iso())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Millis, D::Error> {
        let text = String::deserialize(deserializer)?;
        Millis::from_iso(&text).ok_or_else(|| Error::custom("expected an ISO 8601 moment"))
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment")
            .field("yid", &self.yid)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EnrolmentDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolmentDoor")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENROLMENT: &str = r#"{"yid":1234,"name":"1234호","address":"서울","secret":"s","token":"k.1234.t","compartments":[{"jumper":1,"serial":1,"label":"A1","size":1,"status":"B"},{"jumper":1,"serial":2,"label":"A2","size":2,"status":"A","kind":"deposit","thingsSq":"1002","saveDate":"2026-05-01T10:00:00.000Z","pwd":"51277","unknownSince":"2026-05-01T11:00:00.000Z"}],"pin":null,"overdueDays":14,"ackedSeq":7,"date":"2026-05-02T00:00:00.000Z"}"#;
    const STATE: &str = r#"{"acked":3,"date":"2026-05-02T00:00:00.000Z","bindings":[{"jumper":1,"serial":2,"thingsSq":"1002"}],"wanted":[{"jumper":1,"serial":3,"status":"C"}]}"#;

    #[test]
    fn what_is_read_is_written_the_same() {
        let enrolment: Enrolment = serde_json::from_str(ENROLMENT).unwrap();
        assert_eq!(enrolment.compartments[1].pwd.as_deref(), Some("51277"));
        assert_eq!(serde_json::to_string(&enrolment).unwrap(), ENROLMENT);
        let state: ServerState = serde_json::from_str(STATE).unwrap();
        assert_eq!(state.wanted[0].status, CompartmentStatus::OutOfOrder);
        assert_eq!(serde_json::to_string(&state).unwrap(), STATE);
    }

    #[test]
    fn requests_are_written_as_before_and_read_as_written() {
        let code = EnrolRequest {
            code: "12345678".into(),
        };
        assert_eq!(serde_json::to_string(&code).unwrap(), r#"{"code":"12345678"}"#);
        let none = SyncRequest {
            data: Vec::new(),
            date: None,
        };
        assert_eq!(serde_json::to_string(&none).unwrap(), r#"{"data":[]}"#);
        let text = r#"{"events":[{"seq":1,"at":1000,"kind":"started"}]}"#;
        let events: EventsRequest<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&events).unwrap(), text);
    }
}
