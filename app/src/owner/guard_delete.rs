//! `/owner/guards/{guard_id}/delete`: asks once more, and says what goes and what stays.

use super::parts::{HOME, Refused, guard_address, guard_in_path, guard_of};
use super::standing;
use crate::context;
use crate::error::loaded;
use crate::form::{Entry, Form};
use crate::i18n::td_string;
use crate::ui::layout::Layout;
use crate::ui::notice::with_notice;
use crate::ui::parts::Up;
use axum::extract::Path;
use axum::response::Response;
use backend::guard::guards::{self, GuardInfo};
use domain::error::Refusal;
use domain::people::Role;
use leptos::prelude::*;

const FORM: &str = "delete-guard";

/// The page.
#[component]
pub fn DeleteGuardPage() -> impl IntoView {
    let request = context::request();
    let guard_id = guard_in_path();
    loaded(
        async move {
            let who = request.require(Role::Owner)?;
            let guard = guards::get(&request.backend, who, &guard_id?).await?;
            if guard.owner != who.phone {
                return Err(Refusal::NotYours);
            }
            let count = standing::load(&request, who, &guard).await?.len();
            Ok((guard, count))
        },
        show,
    )
}

fn show((guard, count): (GuardInfo, usize)) -> AnyView {
    let locale = context::locale();
    let (back, name) = (guard_address(&guard.id, ""), guard.name.to_string());
    let question = td_string!(locale, owner_guard.delete_question, name = name.as_str()).to_string();
    let grants = match count {
        0 => td_string!(locale, owner_guard.delete_grant_none).to_owned(),
        1 => td_string!(locale, owner_guard.delete_grant_one).to_owned(),
        _ => td_string!(locale, owner_guard.delete_grants, count = count).to_string(),
    };
    view! {
        <Layout title=question>
            <Up href=back.clone() text=name/>
            {Entry::of(FORM).refusal_beside(&[]).map(|refusal| view! { <Refused refusal explained=None/> })}
            <section class="card-plain flex flex-col gap-4">
                <ul class="flex list-disc flex-col gap-2 pl-5">
                    <li>{grants}</li>
                    <li>{td_string!(locale, owner_guard.delete_records)}</li>
                    <li>{td_string!(locale, owner_guard.delete_again)}</li>
                </ul>
                <form method="post" class="flex flex-wrap gap-2">
                    <button class="btn btn-error btn-lg" data-testid="delete-yes">{td_string!(locale, owner_guard.delete_yes)}</button>
                    <a href=back class="btn btn-outline btn-lg">{td_string!(locale, owner_guard.keep)}</a>
                </form>
            </section>
        </Layout>
    }
    .into_any()
}

/// `POST /owner/guards/{guard_id}/delete`
pub async fn delete(Path(guard_id): Path<String>, form: Form) -> Response {
    let outcome = try_delete(&guard_id, &form).await;
    form.answer(FORM, outcome).await
}

async fn try_delete(guard_id: &str, form: &Form) -> Result<String, Refusal> {
    let who = form.context.require(Role::Owner)?;
    guards::delete(&form.context.backend, who, &guard_of(guard_id)?).await?;
    Ok(with_notice(HOME, "guard-deleted"))
}
