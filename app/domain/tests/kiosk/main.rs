//! The offline kiosk, every usage and every wrong turn of it, as sentences.

mod burst;
mod clock;
mod codes;
mod crash;
mod deposit;
mod doors;
mod idle;
mod log;
mod pads;
mod pick_up;
mod random_walk;
mod replaced;
mod retrieval;
mod returns;
mod rig;
mod soak;
mod staff;
mod sync;
mod voucher;
mod wired;
