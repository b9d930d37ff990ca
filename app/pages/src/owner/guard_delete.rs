//! `/owner/guards/{guard_id}/delete`: asks once more, and says what goes and what stays.

use super::standing;
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::layout::Layout;
use crate::ui::parts::Up;
use domain::guard::guards::GuardInfo;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::guards::{self, DeleteGuard};
use islands::i18n::td_string;
use leptos::prelude::*;

/// The page.
#[component]
pub fn DeleteGuardPage() -> impl IntoView {
    let named = named::owner_guard_delete();
    loaded(
        async move {
            let (guard_id,) = named?;
            let guard = guards::own(&guard_id).await?;
            let count = standing::load(&guard).await?.len();
            Ok((guard, count))
        },
        show,
    )
}

fn show((guard, count): (GuardInfo, usize)) -> AnyView {
    let locale = context::locale();
    let of = entry::of::<DeleteGuard>();
    let hidden = vec![("guard_id", guard.id.to_string())];
    let (back, name) = (at::owner_guard(&guard.id), guard.name.to_string());
    let question = td_string!(locale, owner_guard.delete_question, name = name.as_str()).to_string();
    let grants = match count {
        0 => td_string!(locale, owner_guard.delete_grant_none).to_owned(),
        1 => td_string!(locale, owner_guard.delete_grant_one).to_owned(),
        _ => td_string!(locale, owner_guard.delete_grants, count = count).to_string(),
    };
    view! {
        <Layout title=question>
            <Up href=back.clone() text=name/>
            <section class="card-plain flex flex-col gap-4">
                <ul class="flex list-disc flex-col gap-2 pl-5">
                    <li>{grants}</li>
                    <li>{td_string!(locale, owner_guard.delete_records)}</li>
                    <li>{td_string!(locale, owner_guard.delete_again)}</li>
                </ul>
                <ActForm of hidden class="flex flex-wrap gap-2">
                    <button class="btn btn-error btn-lg" data-testid="delete-yes">{td_string!(locale, owner_guard.delete_yes)}</button>
                    <a href=back class="btn btn-outline btn-lg">{td_string!(locale, owner_guard.keep)}</a>
                </ActForm>
            </section>
        </Layout>
    }
    .into_any()
}
