//! `/register`: anybody may become an owner of guards; everybody else is added by an operator.

use crate::auth::session;
use crate::context::{self, Peer};
use crate::error::RefusalCard;
use crate::form::{Entry, Form, OnceKey, done};
use crate::i18n::{Locale, td_string};
use crate::links;
use crate::ui::date;
use crate::ui::field::Field;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::notice::with_notice;
use axum::Extension;
use axum::response::Response;
use backend::guard::owners::{self, Registrant};
use backend::once::Who;
use backend::password::Check;
use domain::error::{Problem, Refusal};
use domain::guard::ids::{OwnerName, OwnerPassword, ResetCode};
use domain::ids::Phone;
use leptos::prelude::*;
use tower_sessions::Session;

const FORM: &str = "register";
const ASK: &str = "ask";
const FIELDS: [&str; 4] = ["name", "phone", "code", "password"];

/// A code is on its way to this number.
#[derive(Clone)]
struct Asked(Phone);

/// The page. Where numbers are verified, first the number, then everything else with the code that was sent to it; both on one page, so that
/// the number never stands in an address.
#[component]
pub fn Register() -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    if let Some(person) = &request.person {
        links::redirect(person.role.home());
    }
    let (ask, entry) = (Entry::of(ASK), Entry::of(FORM));
    let taken = is_taken(&ask) || is_taken(&entry);
    let number = match done::<Asked>() {
        Some(Asked(phone)) => Some(phone),
        // Of a number that is taken by now there is nothing to be done with a code.
        None => Phone::parse(&entry.value("phone")).filter(|_| !taken),
    };
    let form = match number {
        _ if !request.backend.verifies_numbers() => everything(entry, None),
        Some(phone) => everything(entry, Some(phone)),
        None if is_taken(&entry) => number_first(entry),
        None => number_first(ask),
    };
    view! {
        <Layout title=td_string!(locale, owner_account.register)>
            <p>{td_string!(locale, owner_account.register_intro)}</p>
            {form}
            {taken.then(|| view! { <a href="/forgotten" class="btn btn-outline btn-lg">{td_string!(locale, owner_account.forgotten)}</a> })}
            <p class="flex flex-wrap items-center gap-x-3">{td_string!(locale, owner_account.have_account)} <a href="/sign-in" class="link inline-flex min-h-12 items-center">{td_string!(locale, common.sign_in)}</a></p>
        </Layout>
    }
    .into_any()
}

fn is_taken(entry: &Entry) -> bool {
    matches!(
        entry.refusal(),
        Some(Refusal::Field { field, problem: Problem::Taken }) if field == "phone"
    )
}

fn number_field(entry: Entry) -> AnyView {
    let locale = context::locale();
    let explained = if is_taken(&entry) {
        Some(td_string!(locale, owner_account.phone_taken).to_owned())
    } else {
        phone_explained(locale, &entry)
    };
    view! {
        <Field entry name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username" explained/>
    }
    .into_any()
}

/// The form that asks for a code.
fn number_first(entry: Entry) -> AnyView {
    let locale = context::locale();
    view! {
        <p>{td_string!(locale, owner_account.verify_intro)}</p>
        {entry.refusal_beside(&["phone"]).map(|refusal| view! { <RefusalCard refusal/> })}
        <form method="post" class="card-plain flex flex-col gap-5" data-testid="ask-code-form">
            <input type="hidden" name="do" value=ASK/>
            {number_field(entry)}
            <button class="btn btn-primary btn-lg" data-testid="ask-code">{td_string!(locale, owner_account.send_code)}</button>
        </form>
    }
    .into_any()
}

/// The form that registers: with the code sent to `verified`, or without one.
fn everything(entry: Entry, verified: Option<Phone>) -> AnyView {
    let locale = context::locale();
    let number = match verified {
        Some(phone) => code_field(entry.clone(), &phone),
        None => number_field(entry.clone()),
    };
    view! {
        {entry.refusal_beside(&FIELDS).map(|refusal| view! { <RefusalCard refusal/> })}
        <form method="post" class="card-plain flex flex-col gap-5" data-testid="register-form">
            <OnceKey/>
            <Field entry=entry.clone() name="name" label=td_string!(locale, auth.name) autocomplete="name" autofocus=true/>
            {number}
            <Field entry name="password" label=td_string!(locale, auth.password) kind="password" autocomplete="new-password" hint=td_string!(locale, auth.new_password_hint)/>
            <button class="btn btn-primary btn-lg" data-testid="register">{td_string!(locale, owner_account.register)}</button>
        </form>
    }
    .into_any()
}

fn code_field(entry: Entry, phone: &Phone) -> AnyView {
    let locale = context::locale();
    let wrong = matches!(
        entry.refusal(),
        Some(Refusal::Field { field, problem: Problem::Contradicts }) if field == "code"
    );
    let explained = wrong.then(|| td_string!(locale, owner_account.code_wrong).to_owned());
    let grouped = date::phone(phone);
    view! {
        <div role="status" class="alert alert-soft" data-testid="code-sent">
            <Icon name="message"/>
            <p>{td_string!(locale, owner_account.registration_code_sent, phone = grouped.as_str()).to_string()}</p>
        </div>
        <input type="hidden" name="phone" autocomplete="username" value=phone.to_string()/>
        <Field entry name="code" label=td_string!(locale, owner_account.code) inputmode="numeric" autocomplete="one-time-code" explained/>
        <a href="/register" class="link inline-flex min-h-12 items-center">{td_string!(locale, owner_account.another_code)}</a>
    }
    .into_any()
}

/// `POST /register`
pub async fn register(Extension(peer): Extension<Peer>, session: Session, form: Form) -> Response {
    if form.fields.get("do") == ASK {
        return match try_ask(&peer, &form).await {
            Ok(asked) => form.page.show_done(form.context, asked).await,
            Err(refusal) => form.answer(ASK, Err(refusal)).await,
        };
    }
    let outcome = try_register(&peer, &session, &form).await;
    form.answer(FORM, outcome).await
}

async fn try_ask(peer: &Peer, form: &Form) -> Result<Asked, Refusal> {
    let backend = &form.context.backend;
    if !backend.verifies_numbers() {
        return Err(Refusal::malformed("do: numbers are not verified here"));
    }
    let phone = typed_phone(form.fields.get("phone"))?;
    owners::request_registration_code(backend, &peer.0, &phone).await?;
    Ok(Asked(phone))
}

async fn try_register(peer: &Peer, session: &Session, form: &Form) -> Result<String, Refusal> {
    let fields = &form.fields;
    let of_field = |name: &'static str| move |problem: Problem| Refusal::field(name, problem);
    let name = OwnerName::parse(fields.get("name")).map_err(of_field("name"))?;
    let phone = typed_phone(fields.get("phone"))?;
    let code = match fields.get("code") {
        "" => None,
        text => Some(ResetCode::parse(text).map_err(of_field("code"))?),
    };
    let check = Check::of(&phone, name.as_str());
    let password = new_password(&check, "password", fields.raw("password"))?;
    let person = form
        .once_by(Who::Phone(&phone), async |context, _| {
            let new = Registrant {
                name: &name,
                phone: &phone,
                password: &password,
                imei: None,
                code: code.as_ref(),
            };
            let registered = owners::register(&context.backend, &peer.0, new).await?;
            Ok(registered.person)
        })
        .await?;
    session::begin(session, form, &person).await?;
    Ok(with_notice("/owner", "registered"))
}

/// What a phone number looks like, where one was typed that looks otherwise.
pub(super) fn phone_explained(locale: Locale, entry: &Entry) -> Option<String> {
    let odd = matches!(
        entry.refusal(),
        Some(Refusal::Field { field, problem: Problem::Form }) if field == "phone"
    );
    odd.then(|| td_string!(locale, owner_account.phone_form).to_owned())
}

/// A phone number somebody typed into the field `phone`.
pub(super) fn typed_phone(text: &str) -> Result<Phone, Refusal> {
    let problem = if text.is_empty() {
        Problem::Required
    } else {
        Problem::Form
    };
    Phone::parse(text).ok_or_else(|| Refusal::field("phone", problem))
}

/// A password somebody chose here: the messages take any text, but people are held to one that cannot be guessed.
pub(super) fn new_password(check: &Check, field: &str, text: &str) -> Result<OwnerPassword, Refusal> {
    if text.is_empty() {
        return Err(Refusal::field(field, Problem::Required));
    }
    check.new_password(field, text)?;
    OwnerPassword::parse(text).map_err(|problem| Refusal::field(field, problem))
}
