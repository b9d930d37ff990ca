//! `/sign-in`

use crate::auth::register::phone_explained;
use crate::auth::{role_name, session};
use crate::context::{self, Peer};
use crate::error::RefusalCard;
use crate::form::{Entry, Form};
use crate::i18n::td_string;
use crate::links;
use crate::ui::date;
use crate::ui::field::Field;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use axum::Extension;
use axum::response::Response;
use backend::demo;
use backend::known_devices::{self, KNOWN_FOR_MS};
use backend::people::{self, Caller};
use domain::error::{Problem, Refusal};
use domain::ids::Phone;
use leptos::prelude::*;
use tower_sessions::Session;

const FORM: &str = "sign-in";
/// Keeps by what this browser is known to those who signed in with it, so that failures elsewhere do not slow them down. It stays when
/// somebody signs out, and opens nothing.
const KNOWN_COOKIE: &str = "known";

/// What the browser is to keep from this response on; the server adds the cookie.
#[derive(Clone)]
pub struct KnownBrowser(String);

impl KnownBrowser {
    /// The cookie.
    pub fn cookie(&self) -> String {
        let seconds = KNOWN_FOR_MS / 1000;
        format!(
            "{KNOWN_COOKIE}={}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax",
            self.0
        )
    }
}

/// The page: phone number and password, and for a demo everybody who can sign in.
#[component]
pub fn SignIn() -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    if let Some(person) = &request.person {
        links::redirect(&after_sign_in(request.query("next"), person.role.home()));
    }
    let entry = Entry::of(FORM);
    let explained = phone_explained(locale, &entry);
    view! {
        <Layout title=td_string!(locale, common.sign_in)>
            {entry.refusal_beside(&["phone", "password"]).map(|refusal| view! { <RefusalCard refusal/> })}
            <form method="post" class="card-plain flex flex-col gap-5" data-testid="sign-in-form">
                <Field entry=entry.clone() name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username" explained autofocus=true/>
                <Field entry=entry name="password" label=td_string!(locale, auth.password) kind="password" autocomplete="current-password"/>
                <button class="btn btn-primary btn-lg" data-testid="sign-in">{td_string!(locale, common.sign_in)}</button>
                <a href="/forgotten" class="link inline-flex min-h-12 items-center self-start" data-testid="to-forgotten">{td_string!(locale, owner_account.forgotten_link)}</a>
            </form>
            <section class="card-plain flex flex-wrap items-center justify-between gap-3">
                <p class="flex-1 basis-48">{td_string!(locale, owner_account.new_here)}</p>
                <a href="/register" class="btn btn-outline" data-testid="to-register"><Icon name="door" class="size-5 shrink-0"/> {td_string!(locale, owner_account.register)}</a>
            </section>
            {request.demo.then(|| view! { <DemoPeople/> })}
        </Layout>
    }
    .into_any()
}

/// Everybody in the sample data, each a form of one button.
#[component]
fn DemoPeople() -> impl IntoView {
    let locale = context::locale();
    let people: Vec<_> = demo::PEOPLE
        .iter()
        .map(|(phone, role, name, business)| {
            view! {
                <li>
                    <form method="post">
                        <input type="hidden" name="phone" value=*phone/>
                        <input type="hidden" name="password" value=demo::PASSWORD/>
                        <button class="btn btn-outline h-auto w-full justify-start gap-3 py-2 text-left font-normal" data-testid=format!("demo-{phone}")>
                            <Icon name="user"/>
                            <span class="flex min-w-0 flex-col">
                                <span class="font-medium">{role_name(locale, *role)} " · " {*name}{business.map(|b| format!(" · {b}"))}</span>
                                <span class="text-sm tabular-nums opacity-75">{date::phone(&Phone((*phone).to_owned()))}</span>
                            </span>
                        </button>
                    </form>
                </li>
            }
        })
        .collect();
    view! {
        <section class="flex flex-col gap-3" aria-labelledby="demo-people">
            <h2 id="demo-people" class="text-lg font-semibold">{td_string!(locale, auth.demo_title)}</h2>
            <p class="text-sm opacity-75">{td_string!(locale, auth.demo_hint, password = demo::PASSWORD).to_string()}</p>
            <ul class="grid gap-2 sm:grid-cols-2">{people}</ul>
        </section>
    }
    .into_any()
}

/// `POST /sign-in`
pub async fn sign_in(Extension(peer): Extension<Peer>, session: Session, form: Form) -> Response {
    match try_sign_in(&peer, &session, &form).await {
        Ok((address, known)) => {
            let mut answer = form.answer(FORM, Ok(address)).await;
            answer.extensions_mut().insert(KnownBrowser(known));
            answer
        }
        Err(refusal) => form.answer(FORM, Err(refusal)).await,
    }
}

/// Where to go, and by what this browser is known from now on.
async fn try_sign_in(peer: &Peer, session: &Session, form: &Form) -> Result<(String, String), Refusal> {
    for name in ["phone", "password"] {
        if form.fields.get(name).is_empty() {
            return Err(Refusal::field(name, Problem::Required));
        }
    }
    let backend = &form.context.backend;
    let kept = form.page.cookie(KNOWN_COOKIE);
    let from = Caller { address: &peer.0, kept };
    let person = people::sign_in_from(backend, form.fields.get("phone"), form.fields.raw("password"), from).await?;
    session::begin(session, form, &person).await?;
    let known = known_devices::remember(backend, &person.phone, kept)?;
    Ok((after_sign_in(form.context.query("next"), person.role.home()), known))
}

/// Back to where signing in was asked for, or to the role's first page.
fn after_sign_in(next: &str, home: &str) -> String {
    if next.is_empty() {
        home.to_owned()
    } else {
        links::local(next).unwrap_or_else(|| home.to_owned())
    }
}
