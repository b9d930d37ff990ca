//! `/operator/kiosks/new`: a kiosk is added, and its device can enrol at once.

use super::kiosk::code_shown;
use super::parts::Up;
use crate::context::{self, RequestContext};
use crate::error::{RefusalCard, loaded};
use crate::form::{Entry, Fields, Form, OnceKey, done};
use crate::i18n::td_string;
use crate::ui::field::Field;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use axum::response::Response;
use backend::locker::kiosks::{self, EnrolmentCode, NewKiosk};
use domain::error::{Problem, Refusal};
use domain::ids::Yid;
use domain::people::Role;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const ADD: &str = "add";

/// A kiosk just added, and the code for its device.
#[derive(Clone, Serialize, Deserialize)]
struct Added {
    yid: Yid,
    name: String,
    code: EnrolmentCode,
}

/// The page with the form.
#[component]
pub fn NewKioskPage() -> impl IntoView {
    let request = context::request();
    loaded(async move { request.require(Role::Operator).map(|_| ()) }, |()| show())
}

fn show() -> AnyView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, operator.add_kiosk)>
            <Up href="/operator/kiosks" text=td_string!(locale, common.kiosks)/>
            {match done::<Added>() {
                Some(added) => shown(added),
                None => new_form(),
            }}
        </Layout>
    }
    .into_any()
}

fn shown(added: Added) -> AnyView {
    let locale = context::locale();
    let title = td_string!(locale, operator.kiosk_added, name = added.name.as_str()).to_string();
    let href = format!("/operator/kiosks/{}", added.yid);
    view! {
        {code_shown(title, &added.code)}
        <a href=href class="btn btn-primary">{td_string!(locale, operator.to_kiosk)}</a>
    }
    .into_any()
}

fn new_form() -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(ADD);
    let fields = ["yid", "name", "address", "boards", "ports", "secret"];
    let secret_open = entry.problem("secret").is_some() || !entry.value("secret").is_empty();
    view! {
        <form method="post" class="flex flex-col gap-5" data-testid="kiosk-form">
            <OnceKey/>
            {entry.refusal_beside(&fields).map(|refusal| view! { <RefusalCard refusal/> })}
            <Field entry=entry.clone() name="yid" label=td_string!(locale, operator.yid) hint=td_string!(locale, operator.yid_hint)
                inputmode="numeric" autocomplete="off" autofocus=true/>
            <Field entry=entry.clone() name="name" label=td_string!(locale, operator.kiosk_name) autocomplete="off"/>
            <Field entry=entry.clone() name="address" label=td_string!(locale, operator.kiosk_address) autocomplete="off" optional=true/>
            <div class="grid gap-5 sm:grid-cols-2">
                <Field entry=entry.clone() name="boards" label=td_string!(locale, operator.boards) hint=td_string!(locale, operator.boards_hint)
                    inputmode="numeric" autocomplete="off"/>
                <Field entry=entry.clone() name="ports" label=td_string!(locale, operator.ports) hint=td_string!(locale, operator.ports_hint)
                    inputmode="numeric" autocomplete="off"/>
            </div>
            <details class="card-plain" open=secret_open>
                <summary class="flex min-h-12 cursor-pointer items-center gap-2 font-medium"><Icon name="plus" class="size-5 shrink-0"/> {td_string!(locale, operator.legacy_title)}</summary>
                <div class="flex flex-col gap-4 pt-2">
                    <div class="alert alert-warning items-start">
                        <Icon name="warning"/>
                        <p>{td_string!(locale, operator.legacy_warning)}</p>
                    </div>
                    <Field entry=entry name="secret" label=td_string!(locale, operator.secret) autocomplete="off" optional=true/>
                </div>
            </details>
            <button class="btn btn-primary btn-lg">{td_string!(locale, operator.add_kiosk)}</button>
        </form>
    }
    .into_any()
}

/// `POST /operator/kiosks/new`
pub async fn add_kiosk(form: Form) -> Response {
    let outcome = form
        .once(async move |context, fields| try_add(&context, &fields).await)
        .await;
    match outcome {
        Ok(added) => form.page.show_done(form.context, added).await,
        Err(refusal) => form.answer(ADD, Err(refusal)).await,
    }
}

async fn try_add(context: &RequestContext, fields: &Fields) -> Result<Added, Refusal> {
    let who = context.require(Role::Operator)?.into();
    let number = |name: &str| whole_number(name, fields.get(name));
    let secret = fields.get("secret");
    let new = NewKiosk {
        yid: number("yid")?,
        name: fields.get("name").to_owned(),
        address: fields.get("address").to_owned(),
        boards: number("boards")?,
        ports: number("ports")?,
        secret: (!secret.is_empty()).then(|| secret.to_owned()),
    };
    let kiosk = kiosks::add(&context.backend, &who, new).await?;
    let code = kiosks::enrolment_code(&context.backend, &who, kiosk.yid).await?;
    Ok(Added {
        yid: kiosk.yid,
        name: kiosk.name,
        code,
    })
}

/// Reads a field that holds a whole number.
pub(super) fn whole_number(name: &str, text: &str) -> Result<i64, Refusal> {
    if text.is_empty() {
        return Err(Refusal::field(name, Problem::Required));
    }
    text.parse().map_err(|_| Refusal::field(name, Problem::Form))
}
