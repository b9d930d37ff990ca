//! The guard half: owners, their doors (guards), and who may open them when.
//!
//! The 26 messages of the field's clients are in [`messages`]; the rules they rest on in [`grades`] (who is below whom) and [`grants`] (who may
//! open what, when). [`link`] is the language of nodes and guards, [`device`] the guard's own side of it.

pub mod cards;
pub mod device;
pub mod drivers;
pub mod grades;
pub mod grants;
pub mod guards;
pub mod ids;
pub mod inventory;
pub mod juniors;
pub mod link;
pub mod messages;
pub mod owners;
pub mod passwords;
pub mod records;
pub mod span;
pub mod superiors;
pub mod tea;
pub mod times;
pub mod unreadable;

pub use grants::{Decision, may_open};
