//! The binary itself: settings, start, end, and what its commands do.

pub mod binary;
mod disk;
mod door_bridge;
mod growing;
mod memory;
mod nodes;
mod osdp;
mod power_cut;
mod settings;
mod uhppoted;
