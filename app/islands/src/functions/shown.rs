//! Passwords and codes that the server made, which the page about their owner shows for a while.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::{Phone, Yid};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::{Code, code_of, password_of};
#[cfg(feature = "ssr")]
pub(super) use reads::{about_kiosk, about_person};

/// The password of this person, or the code of this kiosk, was passed on: their page stops showing it. Leads to that page.
#[server(prefix = "/do/operator", endpoint = "hide-secret", protocol = Call)]
pub async fn hide_secret(phone: Option<Phone>, yid: Option<Yid>) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use backend::shown;
    use domain::error::{Problem, Refusal};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let (about, page) = match (phone, yid) {
        (Some(phone), _) => (about_person(&phone), at::operator_person(&phone)),
        (None, Some(yid)) => (about_kiosk(yid), at::operator_kiosk(&yid)),
        (None, None) => return Err(Refusal::field("phone", Problem::Required).into()),
    };
    shown::forget(&request.backend, who, &about).await?;
    go_to(&page);
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::shown;
    use domain::error::Refusal;
    use domain::ids::{Millis, Phone, Yid};

    /// A code that a device enrols with.
    pub struct Code {
        /// Eight digits, good once.
        pub digits: String,
        /// When it ends.
        pub expires: Millis,
    }

    /// What a password is kept under.
    pub fn about_person(phone: &Phone) -> String {
        format!("person/{phone}")
    }

    /// What a code is kept under.
    pub fn about_kiosk(yid: Yid) -> String {
        format!("kiosk/{yid}")
    }

    /// The password that the reader lately had made for somebody.
    pub async fn password_of(phone: &Phone) -> Result<Option<String>, Refusal> {
        let (backend, who) = asker()?;
        shown::get(&backend, &who, &about_person(phone)).await
    }

    /// The code that the reader lately had made for a kiosk, whether or not a device used it.
    pub async fn code_of(yid: Yid) -> Result<Option<Code>, Refusal> {
        let (backend, who) = asker()?;
        let text = shown::get(&backend, &who, &about_kiosk(yid)).await?;
        let code = text.and_then(|text| {
            let (digits, expires) = text.split_once(' ')?;
            Some(Code {
                digits: digits.to_owned(),
                expires: Millis(expires.parse().ok()?),
            })
        });
        Ok(code.filter(|code| code.expires > backend.now()))
    }
}
