//! Signing in and out, and the person's own account.

mod account;
mod forgotten;
mod register;
pub(crate) mod session;
mod sessions;
mod set_up;
mod sign_in;

pub use account::Account;
pub use forgotten::{Forgotten, forgotten};
pub use register::{Register, register};
pub use session::{choose_language, sign_out};
pub use set_up::{SetUp, is_open as set_up_is_open, set_up};
pub use sign_in::{KnownBrowser, SignIn, sign_in};

use crate::i18n::{Locale, td_string};
use domain::people::Role;

/// A role in the reader's language.
pub fn role_name(locale: Locale, role: Role) -> &'static str {
    match role {
        Role::Operator => td_string!(locale, auth.role_operator),
        Role::Staff => td_string!(locale, auth.role_staff),
        Role::Business => td_string!(locale, auth.role_business),
        Role::Owner => td_string!(locale, auth.role_owner),
    }
}
