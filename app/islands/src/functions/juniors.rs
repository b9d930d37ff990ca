//! Superiors and juniors.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::Phone;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::{above, consent, tree};

/// Asks somebody to be one's junior, or makes them one where nobody is asked.
#[server(prefix = "/do/owner", endpoint = "add-junior", protocol = Call)]
pub async fn add_junior(phone: Phone) -> Result<(), Refused> {
    use crate::context;
    use backend::guard::juniors::{self, NotAdded};
    use backend::guard::superiors::Consent;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    match juniors::add(&request.backend, who, &phone, None).await {
        Ok(()) => body::back_with(match request.backend.consent() {
            Consent::Agree => "junior-asked",
            Consent::AskNothing => "junior-added",
        }),
        Err(NotAdded::Refused(refusal)) => return Err(refusal.into()),
        Err(NotAdded::Junior(why)) => return Err(body::not_added(request.locale, why)),
    }
    Ok(())
}

/// Ends the link to a junior.
#[server(prefix = "/do/owner", endpoint = "cancel-junior", protocol = Call)]
pub async fn cancel_junior(phone: Phone) -> Result<(), Refused> {
    use crate::context;
    use backend::guard::juniors;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    juniors::cancel(&request.backend, who, &phone).await?;
    body::back_with("junior-cancelled");
    Ok(())
}

/// Lets the superior who asked read.
#[server(prefix = "/do/owner", endpoint = "agree-superior", protocol = Call)]
pub async fn agree_superior(phone: Phone) -> Result<(), Refused> {
    use crate::context;
    use backend::guard::superiors;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    superiors::agree(&request.backend, who, &phone)
        .await
        .map_err(|refusal| body::not_above(request.locale, &refusal))?;
    body::back_with("superior-agreed");
    Ok(())
}

/// Ends the link to the superior, or refuses them.
#[server(prefix = "/do/owner", endpoint = "leave-superior", protocol = Call)]
pub async fn leave_superior(phone: Phone) -> Result<(), Refused> {
    use crate::context;
    use backend::guard::superiors;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    superiors::leave(&request.backend, who, &phone)
        .await
        .map_err(|refusal| body::not_above(request.locale, &refusal))?;
    body::back_with("superior-left");
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::context;
    use crate::functions::asker;
    use backend::guard::{juniors, superiors};
    use domain::error::Refusal;
    use domain::guard::juniors::Tree;
    use domain::guard::superiors::{Consent, Superior};

    /// The reader and everybody below, and whether there are more.
    pub async fn tree() -> Result<(Tree, bool), Refusal> {
        let (backend, who) = asker()?;
        juniors::tree(&backend, &who).await
    }

    /// Everybody above the reader, the nearest first.
    pub async fn above() -> Result<Vec<Superior>, Refusal> {
        let (backend, who) = asker()?;
        superiors::above(&backend, &who).await
    }

    /// Whether a new junior is asked.
    pub fn consent() -> Consent {
        context::request().backend.consent()
    }
}

#[cfg(feature = "ssr")]
mod body {
    use super::Refused;
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::i18n::{Locale, td_string};
    use crate::notice::with_notice;
    use domain::error::{Problem, Refusal};
    use domain::guard::grades::JuniorRefusal;

    pub(super) fn back_with(notice: &str) {
        go_to(&with_notice(&at::owner_juniors(), notice));
    }

    /// The results of adding, in words beside the number.
    pub(super) fn not_added(locale: Locale, why: JuniorRefusal) -> Refused {
        let words = match why {
            JuniorRefusal::NotRegistered => td_string!(locale, owner_juniors.not_registered),
            JuniorRefusal::TopGrade => td_string!(locale, owner_juniors.top_grade),
            JuniorRefusal::AlreadyJunior => td_string!(locale, owner_juniors.already_junior),
            JuniorRefusal::Impossible => td_string!(locale, owner_juniors.impossible),
        };
        Refused::of(locale, &Refusal::field("phone", Problem::Contradicts)).in_words(words)
    }

    pub(super) fn not_above(locale: Locale, refusal: &Refusal) -> Refused {
        let refused = Refused::of(locale, refusal);
        match refusal {
            Refusal::Field { field, .. } if field == "superior" => {
                refused.in_words(td_string!(locale, owner_juniors.not_above))
            }
            _ => refused,
        }
    }
}
