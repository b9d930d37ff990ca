//! Frames of door controllers and readers that are bought as they are, without IO: a bridge beside them will speak these and be a guard for each door.

pub mod uhppote;
pub mod wiegand;
