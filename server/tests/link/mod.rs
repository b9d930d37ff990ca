//! The WebSocket of the guards.

mod again;
mod basics;
mod clock;
mod cuts;
mod drain;
mod flood;
pub mod frames;
pub mod proxy;
mod sim;
