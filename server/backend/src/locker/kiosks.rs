//! Kiosks: their list, layout, enrolment and settings.

use crate::{Actor, Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Port, Yid};
use domain::locker::compartments::{Compartment, CompartmentStatus};
use domain::locker::kiosks::Kiosk;
use domain::people::Person;

/// A kiosk to be added, as typed.
#[derive(Clone)]
pub struct NewKiosk {
    /// Its number, 1 or more.
    pub yid: i64,
    /// How it is called, 1 to 100 characters.
    pub name: String,
    /// Where it stands, up to 200 characters.
    pub address: String,
    /// Lock boards, 1 to 16: `jumper` 1 to this.
    pub boards: i64,
    /// Ports on each board, 1 to 32: `serial` 1 to this. At most 256 compartments in all.
    pub ports: i64,
    /// A given secret makes it a legacy kiosk, marked as weak; without one a strong secret is made.
    pub secret: Option<String>,
}

/// One door of a new layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorLayout {
    /// Which compartment.
    pub port: Port,
    /// What is written on its door, 1 to 16 characters, once in a kiosk.
    pub label: String,
    /// Height in units of the smallest door, 1 to 4.
    pub size: i64,
    /// Free, out of order, or joined to its neighbour.
    pub status: CompartmentStatus,
}

/// A fresh enrolment code.
#[derive(Clone)]
pub struct EnrolmentCode {
    /// Eight digits, good once.
    pub code: String,
    /// When it ends.
    pub expires: Millis,
}

/// What a device gets when it enrols as a kiosk.
#[derive(Clone)]
pub struct Enrolled {
    /// Which kiosk it is now.
    pub yid: Yid,
    /// How the kiosk is called.
    pub name: String,
    /// Where it stands.
    pub address: String,
    /// The text of the secret that signs its codes.
    pub secret: String,
    /// Its bearer token.
    pub token: String,
    /// Its compartments, with what the server knows to be in them, so that a replaced device loses nothing.
    pub compartments: Vec<EnrolledCompartment>,
    /// The staff PIN's hash, checked by `domain::locker::kiosk::pin`; `None` while no PIN is set.
    pub pin: Option<String>,
    /// After how many days a deposit is overdue.
    pub overdue_days: u32,
    /// The server's time.
    pub date: Millis,
}

/// A compartment as told to an enrolling device.
#[derive(Clone)]
pub struct EnrolledCompartment {
    /// The compartment.
    pub compartment: Compartment,
    /// Its password, where something is in it.
    pub pwd: Option<String>,
}

/// Where a kiosk stands, for everybody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The kiosk.
    pub yid: Yid,
    /// How it is called.
    pub name: String,
    /// Where it stands.
    pub address: String,
}

/// What an operator sets for a kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// After how many days a deposit is overdue and staff may take it out.
    pub overdue_days: u32,
    /// Whether a staff PIN is set.
    pub has_pin: bool,
    /// When the open enrolment code ends, while there is one.
    pub code_expires: Option<Millis>,
}

/// Staff and operators: every kiosk, by number.
pub async fn list(b: &Backend, who: &Person) -> Result<Vec<Kiosk>> {
    Err(Refusal::Internal)
}

/// The command line: every kiosk, by number.
pub async fn list_all(b: &Backend, who: &Actor) -> Result<Vec<Kiosk>> {
    Err(Refusal::Internal)
}

/// Staff and operators: a kiosk and its compartments, by board and port.
pub async fn get(b: &Backend, who: &Person, yid: Yid) -> Result<(Kiosk, Vec<Compartment>)> {
    Err(Refusal::Internal)
}

/// Anybody signed in: name and address of a kiosk.
pub async fn whereabouts(b: &Backend, who: &Person, yid: Yid) -> Result<Whereabouts> {
    Err(Refusal::Internal)
}

/// Adds a kiosk with all compartments free and labelled `A1` and so on: board as letter, port as number.
pub async fn add(b: &Backend, who: &Actor, new: NewKiosk) -> Result<Kiosk> {
    Err(Refusal::Internal)
}

/// Changes name and address.
pub async fn edit(b: &Backend, who: &Person, yid: Yid, name: &str, address: &str) -> Result<Kiosk> {
    Err(Refusal::Internal)
}

/// Changes labels, sizes and conditions of doors; doors left out stay as they are. A door with something in it keeps all but its label.
pub async fn set_layout(b: &Backend, who: &Person, yid: Yid, doors: Vec<DoorLayout>) -> Result<Vec<Compartment>> {
    Err(Refusal::Internal)
}

/// Operators: the settings.
pub async fn settings(b: &Backend, who: &Person, yid: Yid) -> Result<Settings> {
    Err(Refusal::Internal)
}

/// After how many days (1 to 365) a deposit is overdue.
pub async fn set_overdue_days(b: &Backend, who: &Person, yid: Yid, days: u32) -> Result<()> {
    Err(Refusal::Internal)
}

/// Sets the staff PIN, 4 to 12 digits.
pub async fn set_pin(b: &Backend, who: &Person, yid: Yid, pin: &str) -> Result<()> {
    Err(Refusal::Internal)
}

/// A fresh enrolment code, which ends the one before.
pub async fn enrolment_code(b: &Backend, who: &Actor, yid: Yid) -> Result<EnrolmentCode> {
    Err(Refusal::Internal)
}

/// Enrols the device that knows the code. The secret is made anew unless the kiosk is a legacy one, and an earlier device's
/// token ends. Five wrong tries end every open code.
pub async fn enrol(b: &Backend, code: &str, address: &str) -> Result<Enrolled> {
    Err(Refusal::Internal)
}
