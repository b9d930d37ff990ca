//! `latchkey door-bridge`: stands beside hardware that knows nothing of us. Each door of a controller or reader is a guard with an id, a key and a state file of its own;
//! what decides, remembers and repeats is [`domain::guard::device`], and the hardware obeys. The lock boards of a kiosk are served for the page that has them.

mod guards;
pub mod kiosk;
mod line;
pub mod osdp;
pub mod uhppote;

use crate::guard_sim::SimError;
use clap::Subcommand;

/// Hardware that obeys.
#[derive(Subcommand, Debug)]
pub enum DoorBridge {
    /// A UHPPOTE UT0311-L0x door controller, over UDP
    Uhppote(uhppote::Options),
    /// OSDP readers on serial ports, with the relay and the contact of their doors
    Osdp(osdp::Options),
    /// The lock boards of a kiosk, on the kiosk's own machine
    Kiosk(kiosk::Options),
}

/// Runs until told to end.
///
/// # Errors
/// What on the command line, on the disk or at the servers keeps it from running.
pub async fn run(bridge: DoorBridge) -> Result<(), SimError> {
    match bridge {
        DoorBridge::Uhppote(options) => uhppote::Bridge::open(options).await?.run().await,
        DoorBridge::Osdp(options) => osdp::run(options).await,
        DoorBridge::Kiosk(options) => kiosk::run(options).await,
    }
}
