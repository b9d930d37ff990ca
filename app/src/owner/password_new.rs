//! `/owner/guards/{guard_id}/new-password`: a password for somebody, with one tap for the usual spans.

use super::parts::{Refused, grant_address, guard_address, guard_in_path, guard_of, own_guard, typed};
use super::span::{self, FROM, OWN, Preset, SpanFields, UNTIL};
use crate::context::{self, RequestContext};
use crate::error::loaded;
use crate::form::{Entry, Fields, Form, OnceKey};
use crate::i18n::td_string;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::parts::Up;
use axum::extract::Path;
use axum::response::Response;
use backend::Backend;
use backend::guard::guards::GuardInfo;
use backend::guard::{passwords, service_numb};
use domain::error::Refusal;
use domain::guard::ids::DoorPassword;
use domain::ids::Millis;
use domain::people::Role;
use leptos::prelude::*;

const FORM: &str = "new-password";
const SPAN: &str = "span";
/// Not named as a password, so that it stays in the form when that is refused.
const DIGITS: &str = "digits";

/// The page.
#[component]
pub fn NewPasswordPage() -> impl IntoView {
    let request = context::request();
    let guard_id = guard_in_path();
    loaded(async move { own_guard(&request, guard_id).await }, show)
}

fn show(guard: GuardInfo) -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(FORM);
    let presets: Vec<_> = Preset::ALL
        .into_iter()
        .map(|preset| {
            view! {
                <button name=SPAN value=preset.as_str() class="btn btn-primary btn-lg btn-tall px-2" data-testid=format!("preset-{}", preset.as_str())>{preset.word(locale)}</button>
            }
        })
        .collect();
    let own_span = entry.problem(FROM).is_some() || entry.problem(UNTIL).is_some();
    let own_digits = !entry.value(DIGITS).is_empty();
    view! {
        <Layout title=td_string!(locale, owner_grant.new_password)>
            <Up href=guard_address(&guard.id, "") text=guard.name.to_string()/>
            {entry.refusal_beside(&[FROM, UNTIL, DIGITS]).map(|refusal| view! { <Refused refusal explained=None/> })}
            <form method="post" class="flex flex-col gap-4" data-testid="new-password-form">
                <OnceKey/>
                // A person who presses Enter in a field means what is in the fields.
                <button name=SPAN value=OWN class="sr-only" tabindex="-1" aria-hidden="true"></button>
                <p>{td_string!(locale, owner_grant.how_long)}</p>
                <div class="grid grid-cols-2 gap-3">{presets}</div>
                <details class="fold" open=own_span>
                    <summary class="min-h-12 cursor-pointer content-center font-medium" data-testid="own-span">{td_string!(locale, owner_grant.own_span)}</summary>
                    <div class="flex flex-col gap-4 pt-2">
                        <SpanFields entry=entry.clone() days=1 optional=true/>
                        <button name=SPAN value=OWN class="btn btn-primary btn-lg" data-testid="make-own">{td_string!(locale, owner_grant.make_password)}</button>
                    </div>
                </details>
                <details class="fold" open=own_digits>
                    <summary class="min-h-12 cursor-pointer content-center font-medium" data-testid="own-digits">{td_string!(locale, owner_grant.own_digits)}</summary>
                    <div class="pt-2">
                        <Field entry name=DIGITS label=td_string!(locale, owner_grant.digits) inputmode="numeric" autocomplete="off" hint=td_string!(locale, owner_grant.digits_hint) optional=true/>
                    </div>
                </details>
            </form>
        </Layout>
    }
    .into_any()
}

/// `POST /owner/guards/{guard_id}/new-password`
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
    let (from, until) = chosen_span(backend, fields)?;
    let digits = fields.get(DIGITS);
    let password = if digits.is_empty() {
        passwords::generate(backend)?
    } else {
        typed(DIGITS, DoorPassword::parse(digits))?
    };
    let number = service_numb(backend, who)?;
    let new = passwords::NewPassword {
        service_numb: number.clone(),
        password,
        from,
        until,
    };
    passwords::add(backend, who, &guard_id, new).await?;
    Ok(grant_address(&guard_id, "passwords", &number))
}

fn chosen_span(backend: &Backend, fields: &Fields) -> Result<(Millis, Millis), Refusal> {
    let now = backend.now();
    let zone = backend.zone().time_zone().clone();
    match Preset::ALL
        .into_iter()
        .find(|preset| preset.as_str() == fields.get(SPAN))
    {
        Some(preset) => preset.span(now, &zone).ok_or(Refusal::Internal),
        None => span::typed(fields, now, &zone),
    }
}
