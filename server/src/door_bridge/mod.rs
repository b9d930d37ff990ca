//! `latchkey door-bridge`: stands beside doors whose hardware knows nothing of the link. Each door is a guard with an id, a key and a state file of its own; what decides,
//! remembers and repeats is [`domain::guard::device`], and the hardware obeys.

pub mod uhppote;

use crate::guard_sim::SimError;
use clap::Subcommand;

/// Hardware that obeys.
#[derive(Subcommand, Debug)]
pub enum DoorBridge {
    /// A UHPPOTE UT0311-L0x door controller, over UDP
    Uhppote(uhppote::Options),
}

/// Runs until told to end.
///
/// # Errors
/// What on the command line, on the disk or at the servers keeps it from running.
pub async fn run(bridge: DoorBridge) -> Result<(), SimError> {
    match bridge {
        DoorBridge::Uhppote(options) => uhppote::Bridge::open(options).await?.run().await,
    }
}
