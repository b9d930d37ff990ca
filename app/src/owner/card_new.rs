//! `/owner/guards/{guard_id}/new-card`: somebody's identity card.

use super::parts::{Refused, grant_address, guard_address, guard_in_path, guard_of, own_guard, typed};
use super::span::{self, FROM, SpanFields, UNTIL};
use crate::context::{self, RequestContext};
use crate::error::loaded;
use crate::form::{Entry, Fields, Form, OnceKey};
use crate::i18n::td_string;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::parts::Up;
use axum::extract::Path;
use axum::response::Response;
use backend::guard::guards::GuardInfo;
use backend::guard::{cards, service_numb};
use domain::error::Refusal;
use domain::guard::ids::{CardHolder, CardNumb, DnCode};
use domain::people::Role;
use leptos::prelude::*;

const FORM: &str = "new-card";
const NAME: &str = "name";
const NUMBER: &str = "cardNumb";
const CHIP: &str = "dnCode";
/// A card is for those who come often.
const DAYS: i64 = 365;

/// The page.
#[component]
pub fn NewCardPage() -> impl IntoView {
    let request = context::request();
    let guard_id = guard_in_path();
    loaded(async move { own_guard(&request, guard_id).await }, show)
}

fn show(guard: GuardInfo) -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(FORM);
    let chip = !entry.value(CHIP).is_empty() || entry.problem(CHIP).is_some();
    view! {
        <Layout title=td_string!(locale, owner_grant.new_card)>
            <Up href=guard_address(&guard.id, "") text=guard.name.to_string()/>
            {entry.refusal_beside(&[NAME, NUMBER, CHIP, FROM, UNTIL]).map(|refusal| view! { <Refused refusal explained=None/> })}
            <form method="post" class="card-plain flex flex-col gap-5" data-testid="new-card-form">
                <OnceKey/>
                <Field entry=entry.clone() name=NAME label=td_string!(locale, owner_grant.holder) autocomplete="off" autofocus=true/>
                <Field entry=entry.clone() name=NUMBER label=td_string!(locale, owner_grant.card_number) autocomplete="off" hint=td_string!(locale, owner_grant.card_number_hint)/>
                <SpanFields entry=entry.clone() days=DAYS/>
                <details open=chip>
                    <summary class="min-h-12 cursor-pointer content-center font-medium">{td_string!(locale, owner_grant.chip)}</summary>
                    <Field entry name=CHIP label=td_string!(locale, owner_grant.dn_code) autocomplete="off" hint=td_string!(locale, owner_grant.dn_code_hint) optional=true/>
                </details>
                <button class="btn btn-primary btn-lg" data-testid="add-card">{td_string!(locale, owner_grant.add_card)}</button>
            </form>
        </Layout>
    }
    .into_any()
}

/// `POST /owner/guards/{guard_id}/new-card`
pub async fn add(Path(guard_id): Path<String>, form: Form) -> Response {
    let outcome = form
        .once(async move |context, fields| try_add(&guard_id, &context, &fields).await)
        .await;
    form.answer(FORM, outcome).await
}

async fn try_add(guard_id: &str, context: &RequestContext, fields: &Fields) -> Result<String, Refusal> {
    let backend = &context.backend;
    let who = context.require(Role::Owner)?;
    let guard_id = guard_of(guard_id)?;
    let name = typed(NAME, CardHolder::parse(fields.get(NAME)))?;
    let card_numb = typed(NUMBER, CardNumb::parse(fields.get(NUMBER)))?;
    let dn_code = typed(CHIP, DnCode::parse(fields.get(CHIP)))?;
    let zone = backend.zone().time_zone().clone();
    let (from, until) = span::typed(fields, backend.now(), &zone)?;
    let number = service_numb(backend, who)?;
    let new = cards::NewCard {
        service_numb: number.clone(),
        name,
        card_numb,
        dn_code,
        from,
        until,
    };
    cards::add(backend, who, &guard_id, new).await?;
    Ok(grant_address(&guard_id, "cards", &number))
}
