//! `/sign-in`

use crate::auth::session::local_path;
use crate::context::{self, Peer};
use crate::error::RefusalCard;
use crate::form::{Entry, Form};
use crate::i18n::td_string;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use axum::Extension;
use axum::response::Response;
use backend::people;
use backend::sessions::PERSON_KEY;
use domain::error::{Problem, Refusal};
use leptos::prelude::*;
use tower_sessions::Session;

const FORM: &str = "sign-in";

/// The page: phone number and password.
#[component]
pub fn SignIn() -> impl IntoView {
    let locale = context::locale();
    let entry = Entry::of(FORM);
    view! {
        <Layout title=td_string!(locale, common.sign_in)>
            <form method="post" class="flex flex-col gap-5">
                {entry.refusal_beside(&["phone", "password"]).map(|refusal| view! { <RefusalCard refusal/> })}
                <Field entry=entry.clone() name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username" autofocus=true/>
                <Field entry=entry name="password" label=td_string!(locale, auth.password) kind="password" autocomplete="current-password"/>
                <button class="btn btn-primary btn-lg">{td_string!(locale, common.sign_in)}</button>
            </form>
        </Layout>
    }
}

/// `POST /sign-in`
pub async fn sign_in(Extension(peer): Extension<Peer>, session: Session, form: Form) -> Response {
    let outcome = try_sign_in(&peer, &session, &form).await;
    form.answer(FORM, outcome).await
}

async fn try_sign_in(peer: &Peer, session: &Session, form: &Form) -> Result<String, Refusal> {
    for name in ["phone", "password"] {
        if form.fields.get(name).is_empty() {
            return Err(Refusal::field(name, Problem::Required));
        }
    }
    let backend = &form.context.backend;
    let person = people::sign_in(backend, form.fields.get("phone"), form.fields.raw("password"), &peer.0).await?;
    let keep = async {
        session.cycle_id().await?;
        session.insert(PERSON_KEY, person.phone.as_str()).await
    };
    keep.await.map_err(|error| {
        tracing::error!(%error, "session not kept");
        Refusal::Internal
    })?;
    let next = form.context.query("next");
    Ok(if next.is_empty() {
        person.role.home().to_owned()
    } else {
        local_path(next)
    })
}
