//! The QR token of SPEC 2.

pub mod rows;

pub use rows::{CompartmentFields, CompartmentRow};
