//! The console of an owner: guards, who may open them and when, what happened, and the owners below.

mod account;
mod card;
mod card_new;
mod card_views;
mod chart;
mod guard;
mod guard_add;
mod guard_delete;
mod guard_edit;
mod guards;
mod junior;
mod juniors;
mod parts;
mod password;
mod password_new;
mod record_rows;
mod records;
mod records_csv;
mod span;
mod standing;
mod superiors;

pub use account::{OwnAccount, change as change_account, form_named as account_form};
pub use card::{CardPage, change as change_card};
pub use card_new::{NewCardPage, add as add_card};
pub use card_views::CardViews;
pub use guard::GuardPage;
pub use guard_add::{AddGuardPage, add as add_guard};
pub use guard_delete::{DeleteGuardPage, delete as delete_guard};
pub use guard_edit::{EditGuardPage, edit as edit_guard};
pub use guards::Guards;
pub use junior::JuniorPage;
pub use juniors::{Juniors, change as change_juniors};
pub use password::{PasswordPage, change as change_password};
pub use password_new::{NewPasswordPage, add as add_password};
pub use records::{Records, reveal};
pub use records_csv::export as export_records;
