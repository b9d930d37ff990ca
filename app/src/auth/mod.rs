//! Signing in and out, and one's own account.

mod session;
mod sign_in;

pub use session::{choose_language, sign_out};
pub use sign_in::{SignIn, sign_in};
