//! The guard half: owners, their doors (guards), and who may open them when.
//!
//! The 26 messages of the field's clients are in [`messages`], the rules they rest on beside them.

pub mod ids;
pub mod tea;
pub mod times;
