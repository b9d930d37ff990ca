//! `/owner/guards/{guard_id}/edit`: what a guard is called and where it is.

use super::guard_add::{About, described};
use super::parts::{Refused, guard_address, guard_in_path, guard_of, own_guard};
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

const FORM: &str = "edit-guard";

/// The page.
#[component]
pub fn EditGuardPage() -> impl IntoView {
    let request = context::request();
    let guard_id = guard_in_path();
    loaded(async move { own_guard(&request, guard_id).await }, show)
}

fn show(guard: GuardInfo) -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(FORM);
    view! {
        <Layout title=td_string!(locale, owner_guard.edit)>
            <Up href=guard_address(&guard.id, "") text=guard.name.to_string()/>
            {entry.refusal_beside(&["guardName", "guardLocation", "guardComment"]).map(|refusal| view! { <Refused refusal explained=None/> })}
            <form method="post" class="card-plain flex flex-col gap-5" data-testid="edit-guard-form">
                <About entry name=guard.name.to_string() location=guard.location.to_string() comment=guard.comment.to_string()/>
                <button class="btn btn-primary btn-lg" data-testid="save">{td_string!(locale, owner_guard.save)}</button>
            </form>
        </Layout>
    }
    .into_any()
}

/// `POST /owner/guards/{guard_id}/edit`
pub async fn edit(Path(guard_id): Path<String>, form: Form) -> Response {
    let outcome = try_edit(&guard_id, &form).await;
    form.answer(FORM, outcome).await
}

async fn try_edit(guard_id: &str, form: &Form) -> Result<String, Refusal> {
    let who = form.context.require(Role::Owner)?;
    let about = described(&form.fields)?;
    let guard = guards::edit(&form.context.backend, who, &guard_of(guard_id)?, &about).await?;
    Ok(with_notice(&guard_address(&guard.id, ""), "saved"))
}
