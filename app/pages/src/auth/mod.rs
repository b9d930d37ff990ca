//! Signing in and out, and the person's own account.

mod account;
mod forgotten;
pub(crate) mod push;
mod register;
mod sessions;
mod set_up;
mod sign_in;

pub use account::Account;
pub use forgotten::Forgotten;
pub use register::Register;
pub use set_up::SetUp;
pub use sign_in::SignIn;

use domain::people::Role;
use islands::i18n::{Locale, td_string};

/// A role in the reader's language.
pub fn role_name(locale: Locale, role: Role) -> &'static str {
    match role {
        Role::Operator => td_string!(locale, auth.role_operator),
        Role::Staff => td_string!(locale, auth.role_staff),
        Role::Business => td_string!(locale, auth.role_business),
        Role::Owner => td_string!(locale, auth.role_owner),
    }
}
