//! `/owner/guards/{guard_id}/edit`: what a guard is called and where it is.

use super::guard_add::About;
use crate::context;
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::functions::guards::{self, EditGuard};
use crate::i18n::td_string;
use crate::pages::{at, named};
use crate::ui::layout::Layout;
use crate::ui::parts::Up;
use domain::guard::guards::GuardInfo;
use leptos::prelude::*;

/// The page.
#[component]
pub fn EditGuardPage() -> impl IntoView {
    let named = named::owner_guard_edit();
    loaded(
        async move {
            let (guard_id,) = named?;
            guards::own(&guard_id).await
        },
        show,
    )
}

fn show(guard: GuardInfo) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<EditGuard>(), entry::entry::<EditGuard>());
    let hidden = vec![("guard_id", guard.id.to_string())];
    view! {
        <Layout title=td_string!(locale, owner_guard.edit)>
            <Up href=at::owner_guard(&guard.id) text=guard.name.to_string()/>
            <ActForm of hidden class="card-plain flex flex-col gap-5" testid="edit-guard-form">
                <About entry=entry.clone() name=guard.name.to_string() location=guard.location.to_string() comment=guard.comment.to_string()/>
                <button class="btn btn-primary btn-lg" data-testid="save">{td_string!(locale, owner_guard.save)}</button>
            </ActForm>
        </Layout>
    }
    .into_any()
}
