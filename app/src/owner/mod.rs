//! The page of an owner.

mod home;

pub use home::Home;
