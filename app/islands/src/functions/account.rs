//! One's own account: how an owner gets one, password and name. Where somebody is signed in is in `sessions.rs`.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{OwnerName, OwnerPassword, ResetCode};
use domain::ids::Phone;
use leptos::prelude::*;

/// Sends a code to a number that is to be registered, where numbers are verified. Says which number.
#[server(prefix = "/do/anyone", endpoint = "ask-registration-code", protocol = Call)]
pub async fn ask_registration_code(phone: Phone) -> Result<Phone, Refused> {
    use crate::context;
    use backend::guard::owners;
    use domain::error::Refusal;

    let request = context::request();
    let backend = &request.backend;
    if !backend.verifies_numbers() {
        return Err(Refusal::malformed("numbers are not verified here").into());
    }
    owners::request_registration_code(backend, &context::peer()?, &phone)
        .await
        .map_err(|refusal| body::not_registered(request.locale, &refusal))?;
    Ok(phone)
}

/// Makes somebody an owner of guards, and signs them in. `code`: the one sent to the number, where numbers are verified.
#[server(prefix = "/do/anyone", endpoint = "register", protocol = Call)]
pub async fn register(
    name: OwnerName,
    phone: Phone,
    code: Option<ResetCode>,
    password: OwnerPassword,
) -> Result<(), Refused> {
    use super::sessions;
    use crate::act::{go_to, once};
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::guard::owners::{self, Registrant};
    use backend::once::Who;
    use backend::password::Check;

    let request = context::request();
    Check::of(&phone, name.as_str()).new_password("password", password.as_str())?;
    let address = context::peer()?;
    let new = Registrant {
        name: &name,
        phone: &phone,
        password: &password,
        imei: None,
        code: code.as_ref(),
    };
    let register = async { Ok(owners::register(&request.backend, &address, new).await?.person) };
    let person = once(Who::Phone(&phone), register)
        .await
        .map_err(|refusal| body::not_registered(request.locale, &refusal))?;
    // Also where the form was sent before: each of the answers signs in.
    sessions::begin(&person).await?;
    go_to(&with_notice(&at::owner(), "registered"));
    Ok(())
}

/// Sends an owner a code that allows a new password. Says to which number, whether it is an owner's or not.
#[server(prefix = "/do/anyone", endpoint = "ask-reset-code", protocol = Call)]
pub async fn ask_reset_code(phone: Phone) -> Result<Phone, Refused> {
    use crate::context;
    use backend::guard::owners;

    let request = context::request();
    owners::request_reset_code(&request.backend, &context::peer()?, &phone).await?;
    Ok(phone)
}

/// Gives an owner a new password, allowed by the code that was sent to them. Leads to the sign-in.
#[server(prefix = "/do/anyone", endpoint = "reset-password", protocol = Call)]
pub async fn reset_password(phone: Phone, code: ResetCode, password: OwnerPassword) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::guard::owners::{self, Proof};
    use backend::password::Check;

    let request = context::request();
    Check::of(&phone, "").new_password("password", password.as_str())?;
    let address = context::peer()?;
    let proof = Proof::Code {
        code: &code,
        address: &address,
    };
    owners::reset_password(&request.backend, &phone, &password, proof)
        .await
        .map_err(|refusal| body::not_registered(request.locale, &refusal))?;
    go_to(&with_notice(&at::sign_in(), "password-reset"));
    Ok(())
}

/// Changes one's password. Every session ends with it, and this browser gets another one.
#[server(prefix = "/do/account", endpoint = "change-password", protocol = Call)]
pub async fn change_password(
    current_password: OwnerPassword,
    new_password: OwnerPassword,
    repeat_password: OwnerPassword,
) -> Result<(), Refused> {
    use super::sessions;
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::people;
    use domain::error::{Problem, Refusal};

    let request = context::request();
    let who = request.person()?;
    if repeat_password != new_password {
        return Err(Refusal::field("repeat_password", Problem::Differs).into());
    }
    people::change_password(&request.backend, who, current_password.as_str(), new_password.as_str())
        .await
        .map_err(body::as_fields_here)?;
    sessions::begin(who).await?;
    go_to(&with_notice(&at::account(), "password-changed"));
    Ok(())
}

/// Changes what an owner is called.
#[server(prefix = "/do/owner", endpoint = "rename", protocol = Call)]
pub async fn rename(name: OwnerName) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::guard::owners;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    owners::rename(&request.backend, who, &name).await?;
    go_to(&with_notice(&at::account(), "saved"));
    Ok(())
}

/// Signs an owner out everywhere but in this browser.
#[server(prefix = "/do/owner", endpoint = "sign-out-others", protocol = Call)]
pub async fn sign_out_others() -> Result<(), Refused> {
    use super::sessions;
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::guard::owners;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    owners::sign_out_everywhere(&request.backend, who).await?;
    sessions::go_on(who).await?;
    go_to(&with_notice(&at::account(), "signed-out-others"));
    Ok(())
}

#[cfg(feature = "ssr")]
pub use body::{can_send_codes, devices, verifies_numbers};

#[cfg(feature = "ssr")]
mod body {
    use crate::context;
    use crate::functions::asker;
    use crate::i18n::{Locale, td_string};
    use crate::refused::Refused;
    use backend::guard::owners;
    use domain::error::{Problem, Refusal};
    use domain::guard::owners::Devices;

    /// Where an owner is signed in.
    pub async fn devices() -> Result<Devices, Refusal> {
        let (backend, who) = asker()?;
        owners::devices(&backend, &who).await
    }

    /// Are numbers that register verified by a code?
    pub fn verifies_numbers() -> bool {
        context::request().backend.verifies_numbers()
    }

    /// Can codes be sent to people at all?
    pub fn can_send_codes() -> bool {
        context::request().backend.can_notify()
    }

    /// What is wrong with a number or code, and what to do about it.
    pub(super) fn not_registered(locale: Locale, refusal: &Refusal) -> Refused {
        let refused = Refused::of(locale, refusal);
        let words = match refusal {
            Refusal::Field { field, problem } => match (field.as_str(), problem) {
                ("phone", Problem::Taken) => td_string!(locale, owner_account.phone_taken),
                ("code", Problem::Contradicts) => td_string!(locale, owner_account.code_wrong),
                _ => return refused,
            },
            _ => return refused,
        };
        refused.in_words(words)
    }

    /// The use case calls its values `current` and `new`.
    pub(super) fn as_fields_here(refusal: Refusal) -> Refusal {
        match refusal {
            Refusal::Field { field, problem } => Refusal::Field {
                field: format!("{field}_password"),
                problem,
            },
            other => other,
        }
    }
}
