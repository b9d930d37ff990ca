//! `/owner/guards/{guard_id}/edit`: what a guard is called and where it is.

use super::guard_add::About;
use super::parts::of_own_guard;
use crate::entry::{self, ActForm};
use crate::ui::layout::Layout;
use crate::ui::parts::Up;
use domain::guard::guards::GuardInfo;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::guards::EditGuard;
use islands::i18n::td_string;
use leptos::prelude::*;

/// The page.
#[component]
pub fn EditGuardPage() -> impl IntoView {
    of_own_guard(named::owner_guard_edit(), show)
}

fn show(guard: GuardInfo) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<EditGuard>(), entry::entry::<EditGuard>());
    let hidden = vec![("guard_id", guard.id.to_string())];
    let was = [
        ("was.guard_name", guard.name.to_string()),
        ("was.guard_location", guard.location.to_string()),
        ("was.guard_comment", guard.comment.to_string()),
    ]
    .map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    // Posted without a script: after it was changed elsewhere, the page shows how it is now, and what was typed.
    view! {
        <Layout title=td_string!(locale, owner_guard.edit)>
            <Up href=at::owner_guard(&guard.id) text=guard.name.to_string()/>
            <ActForm of hidden plain=true class="card-plain flex flex-col gap-4" testid="edit-guard-form">
                {was}
                <About entry=entry.clone() name=guard.name.to_string() location=guard.location.to_string() comment=guard.comment.to_string()/>
                <button class="btn btn-primary btn-lg" data-testid="save">{td_string!(locale, owner_guard.save)}</button>
            </ActForm>
        </Layout>
    }
    .into_any()
}
