//! Pieces that pages share. Those that move in the browser are islands.

pub mod csv;
pub mod empty;
pub mod field;
pub mod found;
pub mod layout;
pub mod notice;
pub mod pager;
pub mod parts;
pub mod table;
