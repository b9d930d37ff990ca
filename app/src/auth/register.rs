//! `/register`: anybody may become an owner of guards; everybody else is added by an operator.

use crate::auth::session;
use crate::context::{self, Peer};
use crate::error::RefusalCard;
use crate::form::{Entry, Form};
use crate::i18n::{Locale, td_string};
use crate::links;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::notice::with_notice;
use axum::Extension;
use axum::response::Response;
use backend::guard::owners;
use backend::password::Check;
use domain::error::{Problem, Refusal};
use domain::guard::ids::{OwnerName, OwnerPassword};
use domain::ids::Phone;
use leptos::prelude::*;
use tower_sessions::Session;

const FORM: &str = "register";
const FIELDS: [&str; 3] = ["name", "phone", "password"];

/// The page.
#[component]
pub fn Register() -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    if let Some(person) = &request.person {
        links::redirect(person.role.home());
    }
    let entry = Entry::of(FORM);
    let taken = matches!(
        entry.refusal(),
        Some(Refusal::Field { field, problem: Problem::Taken }) if field == "phone"
    );
    let explained = if taken {
        Some(td_string!(locale, owner_account.phone_taken).to_owned())
    } else {
        phone_explained(locale, &entry)
    };
    view! {
        <Layout title=td_string!(locale, owner_account.register)>
            <p>{td_string!(locale, owner_account.register_intro)}</p>
            {entry.refusal_beside(&FIELDS).map(|refusal| view! { <RefusalCard refusal/> })}
            <form method="post" class="card-plain flex flex-col gap-5" data-testid="register-form">
                <Field entry=entry.clone() name="name" label=td_string!(locale, auth.name) autocomplete="name" autofocus=true/>
                <Field entry=entry.clone() name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username" explained/>
                <Field entry name="password" label=td_string!(locale, auth.password) kind="password" autocomplete="new-password" hint=td_string!(locale, auth.new_password_hint)/>
                <button class="btn btn-primary btn-lg" data-testid="register">{td_string!(locale, owner_account.register)}</button>
            </form>
            {taken.then(|| view! { <a href="/forgotten" class="btn btn-outline btn-lg">{td_string!(locale, owner_account.forgotten)}</a> })}
            <p class="flex flex-wrap items-center gap-x-3">{td_string!(locale, owner_account.have_account)} <a href="/sign-in" class="link inline-flex min-h-12 items-center">{td_string!(locale, common.sign_in)}</a></p>
        </Layout>
    }
    .into_any()
}

/// `POST /register`
pub async fn register(Extension(peer): Extension<Peer>, session: Session, form: Form) -> Response {
    let outcome = try_register(&peer, &session, &form).await;
    form.answer(FORM, outcome).await
}

async fn try_register(peer: &Peer, session: &Session, form: &Form) -> Result<String, Refusal> {
    let fields = &form.fields;
    let of_field = |name: &'static str| move |problem: Problem| Refusal::field(name, problem);
    let name = OwnerName::parse(fields.get("name")).map_err(of_field("name"))?;
    let phone = typed_phone(fields.get("phone"))?;
    let check = Check::of(&phone, name.as_str());
    let password = new_password(&check, "password", fields.raw("password"))?;
    let registered = owners::register(&form.context.backend, &peer.0, &name, &phone, &password, None).await?;
    session::begin(session, form, &registered.person).await?;
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
