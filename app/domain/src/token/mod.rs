//! The QR token of SPEC 2: a JWT signed with the kiosk's secret, its data encrypted with a key derived from that secret.
//!
//! [`seal`] makes one, [`peek`] says which kiosk it claims to be of (so that its key can be found), [`open`] verifies and
//! decrypts it. Whether it is fresh and was not accepted before is for the reader to ask: [`Claims::freshness`] and
//! [`Opened::token_id`]. [`frames`] carries tokens too long for one code.

mod claims;
mod code_text;
pub mod frames;
mod hs256;
mod key;
pub mod lenient;
mod packed;
mod payload;
pub mod revoked;
pub mod rows;
mod sealing;
pub mod voucher;

pub use claims::{Claims, Command, Peeked, freshness};
pub use code_text::CodeText;
pub use key::TokenKey;
pub use payload::{Payload, StaffPass};
pub use revoked::Revocations;
pub use rows::{CompartmentFields, CompartmentRow};
pub use sealing::{Opened, open, peek, room_beside, seal, seal_with};
pub use voucher::{Caveat, Voucher, narrow};

/// Longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// `OpenToSave` and `OpenToTake` are accepted within this many milliseconds of the reader's clock.
pub const OPEN_WINDOW_MS: i64 = 10 * 60 * 1000;

/// `StaffPass` is accepted within this many milliseconds of the kiosk's clock.
pub const STAFF_PASS_WINDOW_MS: i64 = 5 * 60 * 1000;

/// The format version (`v`) of the tokens made here.
pub const FORMAT_VERSION: i64 = 1;

/// The format version (`v`) of a voucher. Kiosks that know only the first one cannot read it, and so do not open for it.
pub const VOUCHER_VERSION: i64 = 2;

/// Fills the slice with random bytes. Nonces and `jti` are made from it.
pub type Random<'a> = dyn FnMut(&mut [u8]) + 'a;
