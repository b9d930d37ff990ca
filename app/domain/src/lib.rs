//! The rules of Latchkey: no IO, no clock, no randomness of its own. Everything here compiles to wasm, because the offline
//! kiosk runs the same rules as the server.

pub mod boards;
pub mod businesses;
pub mod changes;
pub mod error;
pub mod guard;
pub mod ids;
pub mod imports;
pub mod locker;
pub mod nodes;
pub mod normalise;
pub mod order;
pub mod outbox;
pub mod people;
pub mod phone;
pub mod push;
pub mod qr;
pub mod search;
pub mod sessions;
pub mod site;
pub mod text;
pub mod token;
