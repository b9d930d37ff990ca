//! What pages, islands and the kiosk ask of the server: server functions, one file a noun.
//!
//! Only their bodies call the backend. The path says who may call one (`crate::doors`), and the body asks once more. What they leave open
//! is closed: a function below no door answers 404.

#![expect(
    missing_docs,
    reason = "the fields of the structs that the macro `server` makes of a function's arguments"
)]

pub mod account;
pub mod businesses;
pub mod cards;
pub mod codes;
pub mod deposits;
pub mod guards;
pub mod juniors;
pub mod kiosks;
pub mod layouts;
pub mod nodes;
pub mod orders;
pub mod passwords;
pub mod people;
pub mod records;
