//! What the bridge of a UHPPOTE controller is told on the command line.

use crate::guard_sim::SimError;
use clap::{Args, ValueEnum};
use domain::guard::drivers::uhppote::PORT;
use std::net::SocketAddrV4;
use std::path::PathBuf;

/// A UHPPOTE controller whose doors are guards
#[derive(Args, Debug)]
#[command(
    after_help = "DIR holds a file GUARD.key for each door, with the guard's key in the inventory; the bridge keeps GUARD.json and \
    uhppote-SERIAL.json beside it.\nUHPPOTE controllers authenticate nothing: give them and the bridge a network of their own."
)]
pub struct Options {
    /// The controller's serial number and address
    #[arg(long, value_name = "SERIAL@IP[:PORT]")]
    pub controller: String,
    /// A door of the controller, 1 to 4, and the bar code of its guard; once for each door
    #[arg(long = "door", value_name = "NUMBER=GUARD", required = true)]
    pub doors: Vec<String>,
    /// Where keys and states are
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// This machine's address as the controller sees it, and the port to which it pushes events; port 60000 is the controller's own
    #[arg(long, value_name = "IP:PORT")]
    pub listen: SocketAddrV4,
    /// The zone of the controller's clock, such as Asia/Shanghai
    #[arg(long, value_name = "ZONE")]
    pub zone: String,
    /// The server, such as https://locks.example:2017; several of them are tried in turn
    #[arg(long = "server", value_name = "URL", required = true)]
    pub servers: Vec<String>,
    /// The verification code an owner must give to add these guards
    #[arg(long, value_name = "CODE")]
    pub op_code: Option<String>,
    /// Readers have keypads: a number of 4 to 9 digits that is nobody's card is a password, typed as *digits*
    #[arg(long)]
    pub keypad: bool,
    /// By what the controller opens while this bridge does not run
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Fallback::None)]
    pub fallback: Fallback,
    /// Accept any certificate
    #[arg(long)]
    pub insecure: bool,
}

/// By what a controller opens by itself. In both cases the cards and time profiles in its memory are the bridge's alone: others are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fallback {
    /// By nothing but the button
    None,
    /// By today's cards: coarser than the grants, and without passwords
    Cards,
}

/// The serial number and the address of `SERIAL@IP[:PORT]`.
pub(super) fn controller(text: &str) -> Result<(u32, SocketAddrV4), SimError> {
    let bad = || SimError::option("controller", "SERIAL@IP, such as 405419896@192.168.1.7");
    let (serial, address) = text.split_once('@').ok_or_else(bad)?;
    let serial = serial.parse().ok().filter(|serial| *serial != 0).ok_or_else(bad)?;
    let address = match address.parse::<SocketAddrV4>() {
        Ok(address) => address,
        Err(_) => SocketAddrV4::new(address.parse().map_err(|_no_address| bad())?, PORT),
    };
    if address.ip().is_broadcast() || address.ip().is_unspecified() || address.ip().is_multicast() {
        return Err(SimError::option(
            "controller",
            "the address of one controller, not of all",
        ));
    }
    Ok((serial, address))
}
