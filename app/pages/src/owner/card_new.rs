//! `/owner/guards/{guard_id}/new-card`: somebody's identity card.

use super::parts::of_own_guard;
use super::span::SpanFields;
use crate::entry::{self, ActForm};
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::parts::Up;
use domain::guard::guards::GuardInfo;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::cards::AddCard;
use islands::i18n::td_string;
use leptos::prelude::*;

const CHIP: &str = "dn_code";
/// A card is for those who come often.
const DAYS: i64 = 365;

/// The page.
#[component]
pub fn NewCardPage() -> impl IntoView {
    of_own_guard(named::owner_new_card(), show)
}

fn show(guard: GuardInfo) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<AddCard>(), entry::entry::<AddCard>());
    let hidden = vec![("guard_id", guard.id.to_string())];
    let chip = !entry.value(CHIP).is_empty() || entry.problem(CHIP).is_some();
    view! {
        <Layout title=td_string!(locale, owner_grant.new_card)>
            <Up href=at::owner_guard(&guard.id) text=guard.name.to_string()/>
            <ActForm of hidden class="card-plain flex flex-col gap-4" testid="new-card-form">
                <Field entry=entry.clone() name="name" label=td_string!(locale, owner_grant.holder) autocomplete="off" autofocus=true/>
                <Field entry=entry.clone() name="card_numb" label=td_string!(locale, owner_grant.card_number) autocomplete="off" hint=td_string!(locale, owner_grant.card_number_hint)/>
                <SpanFields entry=entry.clone() days=DAYS/>
                <details open=chip>
                    <summary class="min-h-12 cursor-pointer content-center font-medium">{td_string!(locale, owner_grant.chip)}</summary>
                    <Field entry=entry.clone() name=CHIP label=td_string!(locale, owner_grant.dn_code) autocomplete="off" hint=td_string!(locale, owner_grant.dn_code_hint) optional=true/>
                </details>
                <button class="btn btn-primary btn-lg" data-testid="add-card">{td_string!(locale, owner_grant.add_card)}</button>
            </ActForm>
        </Layout>
    }
    .into_any()
}
