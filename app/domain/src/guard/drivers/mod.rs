//! Frames of off-the-shelf door controllers and readers, without IO: a bridge speaks them and acts as one guard for each door.

pub mod osdp;
pub mod uhppote;
pub mod wiegand;
