//! `/forgotten`: a new password for an owner who can receive a one-time code. First the number, then code and password; both on one
//! page, so that the number never stands in an address.

use crate::auth::register::{new_password, phone_explained, typed_phone};
use crate::context::{self, Peer};
use crate::error::RefusalCard;
use crate::form::{Entry, Form, done};
use crate::i18n::td_string;
use crate::ui::date;
use crate::ui::field::Field;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::notice::with_notice;
use axum::Extension;
use axum::response::Response;
use backend::guard::owners::{self, Proof};
use backend::password::Check;
use domain::error::{Problem, Refusal};
use domain::guard::ids::ResetCode;
use domain::ids::Phone;
use leptos::prelude::*;

const ASK: &str = "ask";
const RESET: &str = "reset";

/// The code is on its way to this number, if it is an owner's.
#[derive(Clone)]
struct Asked(Phone);

/// The page.
#[component]
pub fn Forgotten() -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let reset = Entry::of(RESET);
    let can_send = request.backend.can_notify();
    let number = match done::<Asked>() {
        Some(Asked(phone)) => Some(phone.to_string()),
        None => reset.refusal().map(|_| reset.value("phone")),
    };
    let asked = number.is_some();
    view! {
        <Layout title=td_string!(locale, owner_account.forgotten)>
            {match number {
                Some(phone) => second(phone, reset),
                None if can_send => first(Entry::of(ASK)),
                None => view! { <p class="alert alert-soft" data-testid="no-codes"><Icon name="message"/> {td_string!(locale, owner_account.no_codes)}</p> }.into_any(),
            }}
            <p class="flex flex-wrap gap-x-6">
                {asked.then(|| view! { <a href="/forgotten" class="link inline-flex min-h-12 items-center">{td_string!(locale, owner_account.another_code)}</a> })}
                <a href="/sign-in" class="link inline-flex min-h-12 items-center">{td_string!(locale, owner_account.back_to_sign_in)}</a>
            </p>
        </Layout>
    }
    .into_any()
}

fn first(entry: Entry) -> AnyView {
    let locale = context::locale();
    let explained = phone_explained(locale, &entry);
    view! {
        <p>{td_string!(locale, owner_account.forgotten_intro)}</p>
        {entry.refusal_beside(&["phone"]).map(|refusal| view! { <RefusalCard refusal/> })}
        <form method="post" class="card-plain flex flex-col gap-5" data-testid="ask-code-form">
            <input type="hidden" name="do" value=ASK/>
            <Field entry name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username" explained autofocus=true/>
            <button class="btn btn-primary btn-lg" data-testid="ask-code">{td_string!(locale, owner_account.send_code)}</button>
        </form>
    }
    .into_any()
}

fn second(phone: String, entry: Entry) -> AnyView {
    let locale = context::locale();
    let wrong = matches!(
        entry.refusal(),
        Some(Refusal::Field { field, problem: Problem::Contradicts }) if field == "code"
    );
    let explained = wrong.then(|| td_string!(locale, owner_account.code_wrong).to_owned());
    let grouped = Phone::parse(&phone).map_or_else(|| phone.clone(), |phone| date::phone(&phone));
    view! {
        <div role="status" class="alert alert-soft" data-testid="code-sent">
            <Icon name="message"/>
            <p>{td_string!(locale, owner_account.code_sent, phone = grouped.as_str()).to_string()}</p>
        </div>
        {entry.refusal_beside(&["code", "password"]).map(|refusal| view! { <RefusalCard refusal/> })}
        <form method="post" class="card-plain flex flex-col gap-5" data-testid="reset-form">
            <input type="hidden" name="do" value=RESET/>
            <input type="hidden" name="phone" autocomplete="username" value=phone/>
            <Field entry=entry.clone() name="code" label=td_string!(locale, owner_account.code) inputmode="numeric" autocomplete="one-time-code" explained autofocus=true/>
            <Field entry name="password" label=td_string!(locale, auth.new_password) kind="password" autocomplete="new-password" hint=td_string!(locale, auth.new_password_hint)/>
            <button class="btn btn-primary btn-lg" data-testid="reset-password">{td_string!(locale, owner_account.set_password)}</button>
        </form>
    }
    .into_any()
}

/// `POST /forgotten`
pub async fn forgotten(Extension(peer): Extension<Peer>, form: Form) -> Response {
    if form.fields.get("do") == RESET {
        let outcome = try_reset(&peer, &form).await;
        return form.answer(RESET, outcome).await;
    }
    match try_ask(&peer, &form).await {
        Ok(asked) => form.page.show_done(form.context, asked).await,
        Err(refusal) => form.answer(ASK, Err(refusal)).await,
    }
}

async fn try_ask(peer: &Peer, form: &Form) -> Result<Asked, Refusal> {
    let phone = typed_phone(form.fields.get("phone"))?;
    owners::request_reset_code(&form.context.backend, &peer.0, &phone).await?;
    Ok(Asked(phone))
}

async fn try_reset(peer: &Peer, form: &Form) -> Result<String, Refusal> {
    let fields = &form.fields;
    let phone = typed_phone(fields.get("phone"))?;
    let code = ResetCode::parse(fields.get("code")).map_err(|problem| Refusal::field("code", problem))?;
    let new = new_password(&Check::of(&phone, ""), "password", fields.raw("password"))?;
    let proof = Proof::Code {
        code: &code,
        address: &peer.0,
    };
    owners::reset_password(&form.context.backend, &phone, &new, proof).await?;
    Ok(with_notice("/sign-in", "password-reset"))
}
