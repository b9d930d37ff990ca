//! What pages, islands and the kiosk ask of the server: server functions, one file a noun.
//!
//! Only this folder calls the backend. The path of a server function says who may call it (`crate::doors`), and the body asks once more. What
//! they leave open is closed: a function below no door answers 404. What only pages read, and no browser asks for, is a plain function in the
//! file of its noun, with the same types; the use case decides whether the reader may.

#![expect(
    missing_docs,
    reason = "the fields of the structs that the macro `server` makes of a function's arguments"
)]

pub mod account;
pub mod businesses;
pub mod cards;
pub mod changes;
pub mod codes;
pub mod corrections;
pub mod deployment;
pub mod deposits;
pub mod guards;
pub mod history;
pub mod imports;
pub mod inventory;
pub mod juniors;
pub mod kiosk_boards;
pub mod kiosks;
pub mod language;
pub mod layouts;
pub mod nodes;
pub mod orders;
pub mod overview;
pub mod passwords;
pub mod people;
pub mod push;
pub mod records;
pub mod sessions;
pub mod set_up;
pub mod shown;
pub mod site;
pub mod unsent;
pub mod vouchers;

/// The use cases, and who asks them.
#[cfg(feature = "ssr")]
fn asker() -> Result<(backend::Backend, domain::people::Person), domain::error::Refusal> {
    let request = crate::context::request();
    let person = request.person()?.clone();
    Ok((request.backend, person))
}

/// A field that may be left out, which is the same as an empty one.
#[cfg(feature = "ssr")]
fn text(line: Option<domain::ids::Line>) -> String {
    line.map(|line| line.0).unwrap_or_default()
}
