//! Guards, their names and places.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::{GuardComment, GuardId, GuardLocation, GuardName, OpCode};
use leptos::prelude::*;
use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
pub use reads::{get, list, own, seen};

/// Makes the guard with this bar code the caller's; anybody who knows its verification code may.
#[server(prefix = "/do/owner", endpoint = "add-guard", protocol = Call)]
pub async fn add_guard(
    guard_id: GuardId,
    op_code: OpCode,
    guard_name: GuardName,
    guard_location: GuardLocation,
    guard_comment: GuardComment,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::guard::guards::{self, Description};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    let about = Description {
        name: guard_name,
        location: guard_location,
        comment: guard_comment,
    };
    guards::count_codes_from(&request.backend, &context::peer()?).await?;
    let guard = guards::add(&request.backend, who, &guard_id, &op_code, &about)
        .await
        .map_err(|refusal| body::not_added(request.locale, refusal))?;
    go_to(&with_notice(&at::owner_guard(&guard.id), "guard-added"));
    Ok(())
}

/// Changes what a guard is called and where it is. `was`: what the page showed, by the names of the other arguments; where it was changed elsewhere
/// since, nothing is changed, and both values are told.
#[server(prefix = "/do/owner", endpoint = "edit-guard", protocol = Call)]
pub async fn edit_guard(
    guard_id: GuardId,
    guard_name: GuardName,
    guard_location: GuardLocation,
    guard_comment: GuardComment,
    was: BTreeMap<String, String>,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::functions::corrections::changed;
    use crate::notice::with_notice;
    use backend::guard::guards::{self, Description};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    let about = Description {
        name: guard_name,
        location: guard_location,
        comment: guard_comment,
    };
    let seen = |name: &str| was.get(name).cloned().unwrap_or_default();
    // A script that does not say what it saw means whatever is there.
    let before = || {
        Some(Description {
            name: GuardName::parse(&seen("guard_name")).ok()?,
            location: GuardLocation::parse(&seen("guard_location")).ok()?,
            comment: GuardComment::parse(&seen("guard_comment")).ok()?,
        })
    };
    let before = was.contains_key("guard_name").then(before).flatten();
    let (guard, as_asked) = guards::edit_seen(&request.backend, who, &guard_id, before.as_ref(), &about).await?;
    if !as_asked {
        let fields = [
            ("guard_name", guard.name.as_str()),
            ("guard_location", guard.location.as_str()),
            ("guard_comment", guard.comment.as_str()),
        ];
        let differ = fields.into_iter().filter(|(name, now)| *now != seen(name));
        return Err(changed(request.locale, differ));
    }
    go_to(&with_notice(&at::owner_guard(&guard.id), "saved"));
    Ok(())
}

/// Gives a guard up. Anybody who knows its verification code may add it again.
#[server(prefix = "/do/owner", endpoint = "delete-guard", protocol = Call)]
pub async fn delete_guard(guard_id: GuardId) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::guard::guards;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Owner)?;
    guards::delete(&request.backend, who, &guard_id).await?;
    go_to(&with_notice(&at::owner(), "guard-deleted"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::context::RequestContext;
    use crate::functions::asker;
    use backend::guard::guards;
    use domain::error::Refusal;
    use domain::guard::guards::GuardInfo;
    use domain::guard::ids::GuardId;
    use domain::ids::Phone;
    use domain::people::Role;

    /// The guards of an owner, who is the reader or below them.
    pub async fn list(of: &Phone) -> Result<Vec<GuardInfo>, Refusal> {
        let (backend, who) = asker()?;
        guards::list(&backend, &who, of).await
    }

    /// A guard of the reader's, or of somebody below them.
    pub async fn get(guard_id: &GuardId) -> Result<GuardInfo, Refusal> {
        let (backend, who) = asker()?;
        guards::get(&backend, &who, guard_id).await
    }

    /// A guard of the reader's own.
    pub async fn own(guard_id: &GuardId) -> Result<GuardInfo, Refusal> {
        let (backend, who) = asker()?;
        let guard = guards::get(&backend, &who, guard_id).await?;
        if guard.owner == who.phone {
            Ok(guard)
        } else {
            Err(Refusal::NotYours)
        }
    }

    /// Where the events of the owner or operator who asks stand, for a page that keeps itself up to date. Nothing for everybody else.
    pub fn seen(request: &RequestContext) -> Option<String> {
        let person = request.person.as_ref()?;
        match person.role {
            Role::Owner => Some(request.backend.hub().mark(&person.phone).to_string()),
            Role::Operator => Some(request.backend.bus().work_mark()),
            _ => None,
        }
    }
}

#[cfg(feature = "ssr")]
mod body {
    use super::Refused;
    use crate::i18n::{Locale, td_string};
    use domain::error::{Problem, Refusal};

    /// What is wrong with bar code or verification code, and what to do about it.
    pub(super) fn not_added(locale: Locale, refusal: Refusal) -> Refused {
        let refused = Refused::of(locale, &refusal);
        let Refusal::Field { field, problem } = refusal else {
            return refused;
        };
        let words = match (field.as_str(), problem) {
            ("guardId", Problem::Unknown) => td_string!(locale, owner_guard.id_unknown),
            ("guardId", Problem::Taken) => td_string!(locale, owner_guard.id_taken),
            ("opCode", Problem::Unknown) => td_string!(locale, owner_guard.code_missing),
            ("opCode", Problem::Contradicts) => td_string!(locale, owner_guard.code_wrong),
            _ => return refused,
        };
        refused.in_words(words)
    }
}
