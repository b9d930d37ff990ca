//! `/set-up`: the first operator, made once by somebody who can read what the server printed when it started.

use crate::auth::session;
use crate::context::{self, Peer, RequestContext};
use crate::error::{RefusalCard, loaded};
use crate::form::{Entry, Form};
use crate::i18n::td_string;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use axum::Extension;
use axum::response::Response;
use backend::people::{self, NewPerson};
use backend::{Actor, limits};
use domain::error::{Problem, Refusal};
use domain::people::Role;
use leptos::prelude::*;
use tower_sessions::Session;

const FORM: &str = "set-up";
const FIELDS: [&str; 4] = ["code", "name", "phone", "password"];
/// Tries from one address in a window. The code is too long to be guessed from however many addresses, so others cannot keep out the person who
/// knows it.
const TRIES: u32 = 20;
const WINDOW_MS: i64 = 15 * 60 * 1000;

/// The page; unknown once there is an operator.
#[component]
pub fn SetUp() -> impl IntoView {
    let request = context::request();
    loaded(async move { open(&request).await }, |()| view! { <Shown/> })
}

async fn open(request: &RequestContext) -> Result<(), Refusal> {
    if is_open(request).await? {
        Ok(())
    } else {
        Err(Refusal::Unknown)
    }
}

/// Whether the first operator is still to be made.
pub async fn is_open(request: &RequestContext) -> Result<bool, Refusal> {
    Ok(request.set_up.is_some() && !people::any_operator(&request.backend).await?)
}

#[component]
fn Shown() -> impl IntoView {
    let locale = context::locale();
    let entry = Entry::of(FORM);
    view! {
        <Layout title=td_string!(locale, auth.set_up)>
            <p>{td_string!(locale, auth.set_up_intro)}</p>
            {entry.refusal_beside(&FIELDS).map(|refusal| view! { <RefusalCard refusal/> })}
            <form method="post" class="card-plain flex flex-col gap-5" data-testid="set-up-form">
                <Field entry=entry.clone() name="code" label=td_string!(locale, auth.set_up_code) autocomplete="off" autofocus=true/>
                <Field entry=entry.clone() name="name" label=td_string!(locale, auth.name) autocomplete="name"/>
                <Field entry=entry.clone() name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username"/>
                <Field entry=entry name="password" label=td_string!(locale, auth.password) kind="password" autocomplete="new-password" hint=td_string!(locale, auth.new_password_hint)/>
                <button class="btn btn-primary btn-lg" data-testid="create-operator">{td_string!(locale, auth.create_operator)}</button>
            </form>
        </Layout>
    }
    .into_any()
}

/// `POST /set-up`
pub async fn set_up(Extension(peer): Extension<Peer>, session: Session, form: Form) -> Response {
    let outcome = try_set_up(&peer, &session, &form).await;
    form.answer(FORM, outcome).await
}

async fn try_set_up(peer: &Peer, session: &Session, form: &Form) -> Result<String, Refusal> {
    open(&form.context).await?;
    if let Some(empty) = FIELDS.iter().find(|name| form.fields.get(name).is_empty()) {
        return Err(Refusal::field(empty, Problem::Required));
    }
    let backend = &form.context.backend;
    let code = form.fields.get("code");
    if !form.context.set_up.as_ref().is_some_and(|set_up| set_up.accepts(code)) {
        limits::count(backend, &format!("set-up/{}", peer.0), TRIES, WINDOW_MS).await?;
        return Err(Refusal::field("code", Problem::Contradicts));
    }
    let new = NewPerson {
        phone: form.fields.get("phone").to_owned(),
        name: form.fields.get("name").to_owned(),
        role: Role::Operator,
        business: None,
        password: form.fields.raw("password").to_owned(),
    };
    let person = people::add(backend, &Actor::SetUp, new).await?;
    session::begin(session, form, &person).await?;
    Ok(person.role.home().to_owned())
}
