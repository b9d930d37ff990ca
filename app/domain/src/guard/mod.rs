//! The guard half: owners, their doors (guards), and who may open them when.
//!
//! The 26 messages of the field's clients are in [`messages`]; the rules they rest on in [`grades`] (who is below whom) and [`grants`] (who may
//! open what, when). [`link`] is the language of nodes and guards, [`device`] the guard's own side of it.

pub mod device;
pub mod drivers;
pub mod grades;
pub mod grants;
pub mod ids;
pub mod link;
pub mod messages;
pub mod span;
pub mod tea;
pub mod times;

pub use grants::{Decision, may_open};
