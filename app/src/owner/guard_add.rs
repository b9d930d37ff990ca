//! `/owner/add-guard`: a new guard, by its bar code and verification code.

use super::parts::{HOME, Refused, guard_address, typed};
use crate::context::{self, Peer, RequestContext};
use crate::error::loaded;
use crate::form::{Entry, Fields, Form, OnceKey};
use crate::i18n::{Locale, td_string};
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::notice::with_notice;
use crate::ui::parts::Up;
use crate::ui::textarea;
use axum::Extension;
use axum::response::Response;
use backend::guard::guards::{self, Description};
use domain::error::{Problem, Refusal};
use domain::guard::ids::{GuardComment, GuardId, GuardLocation, GuardName, OpCode};
use domain::people::Role;
use leptos::prelude::*;

const FORM: &str = "add-guard";
const ID: &str = "guardId";
const CODE: &str = "opCode";
/// Fields that say what a guard is called and where it is.
pub const NAME: &str = "guardName";
const LOCATION: &str = "guardLocation";
const COMMENT: &str = "guardComment";

/// The page.
#[component]
pub fn AddGuardPage() -> impl IntoView {
    let request = context::request();
    loaded(async move { request.require(Role::Owner).map(|_| ()) }, |()| show())
}

fn show() -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(FORM);
    let (about_id, about_code) = (explained(locale, &entry, ID), explained(locale, &entry, CODE));
    view! {
        <Layout title=td_string!(locale, owner.add_guard)>
            <Up href=HOME text=td_string!(locale, owner.home)/>
            <p>{td_string!(locale, owner_guard.add_hint)}</p>
            {entry.refusal_beside(&[ID, CODE, NAME, LOCATION, COMMENT]).map(|refusal| view! { <Refused refusal explained=None/> })}
            <form method="post" class="card-plain flex flex-col gap-5" data-testid="add-guard-form">
                <OnceKey/>
                <Field entry=entry.clone() name=ID label=td_string!(locale, owner_guard.id) autocomplete="off" hint=td_string!(locale, owner_guard.id_hint) explained=about_id autofocus=true/>
                <Field entry=entry.clone() name=CODE label=td_string!(locale, owner_guard.code) autocomplete="off" hint=td_string!(locale, owner_guard.code_hint) explained=about_code/>
                <About entry name="" location="" comment=""/>
                <button class="btn btn-primary btn-lg" data-testid="add">{td_string!(locale, owner.add_guard)}</button>
            </form>
        </Layout>
    }
    .into_any()
}

/// What is wrong with bar code or verification code, and what to do about it.
fn explained(locale: Locale, entry: &Entry, name: &str) -> Option<String> {
    let Some(Refusal::Field { field, problem }) = entry.refusal() else {
        return None;
    };
    if field != name {
        return None;
    }
    let text = match (name, problem) {
        (ID, Problem::Unknown) => td_string!(locale, owner_guard.id_unknown),
        (ID, Problem::Taken) => td_string!(locale, owner_guard.id_taken),
        (CODE, Problem::Unknown) => td_string!(locale, owner_guard.code_missing),
        (CODE, Problem::Contradicts) => td_string!(locale, owner_guard.code_wrong),
        _ => return None,
    };
    Some(text.to_owned())
}

/// The fields that say what a guard is called and where it is.
#[component]
pub fn About(
    /// The form they belong to.
    entry: Entry,
    /// What stands in them at first.
    #[prop(into)]
    name: String,
    /// See `name`.
    #[prop(into)]
    location: String,
    /// See `name`.
    #[prop(into)]
    comment: String,
) -> impl IntoView {
    let locale = context::locale();
    let problem = entry.problem(COMMENT);
    let text = textarea::content(entry.value_or(COMMENT, &comment));
    view! {
        <Field entry=entry.clone() name=NAME label=td_string!(locale, owner_guard.name) autocomplete="off" hint=td_string!(locale, owner_guard.name_hint) value=name/>
        <Field entry=entry name=LOCATION label=td_string!(locale, owner_guard.location_optional) autocomplete="off" value=location optional=true/>
        <div class="flex flex-col gap-1">
            <label for=COMMENT class="font-medium">{td_string!(locale, owner_guard.comment_optional)}</label>
            <textarea
                id=COMMENT
                name=COMMENT
                rows="2"
                class="textarea textarea-lg w-full"
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=problem.is_some().then_some("guardComment-problem")
            >{text}</textarea>
            {problem.map(|text| view! { <p id="guardComment-problem" class="text-error text-sm" role="alert">{text}</p> })}
        </div>
    }
    .into_any()
}

/// What those fields say.
pub fn described(fields: &Fields) -> Result<Description, Refusal> {
    Ok(Description {
        name: typed(NAME, GuardName::parse(fields.get(NAME)))?,
        location: typed(LOCATION, GuardLocation::parse(fields.get(LOCATION)))?,
        comment: typed(COMMENT, GuardComment::parse(fields.get(COMMENT)))?,
    })
}

/// `POST /owner/add-guard`
pub async fn add(Extension(peer): Extension<Peer>, form: Form) -> Response {
    let outcome = form
        .once(async move |context, fields| try_add(&peer, &context, &fields).await)
        .await;
    form.answer(FORM, outcome).await
}

async fn try_add(peer: &Peer, context: &RequestContext, fields: &Fields) -> Result<String, Refusal> {
    let who = context.require(Role::Owner)?;
    let guard_id = typed(ID, GuardId::parse(fields.get(ID)))?;
    let code = fields.get(CODE);
    // What can be no code is a wrong one; only an empty field is told apart.
    let code = match OpCode::parse(code) {
        Err(Problem::Required) => return Err(Refusal::field(CODE, Problem::Required)),
        parsed => parsed.map_err(|_| Refusal::field(CODE, Problem::Contradicts))?,
    };
    let about = described(fields)?;
    guards::count_codes_from(&context.backend, &peer.0).await?;
    let guard = guards::add(&context.backend, who, &guard_id, &code, &about).await?;
    Ok(with_notice(&guard_address(&guard.id, ""), "guard-added"))
}
