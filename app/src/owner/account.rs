//! What an owner's account has beside everybody's: the name, and the devices signed in.

use super::card_views::WhoLooked;
use super::parts::{Refused, typed};
use crate::context;
use crate::error::loaded;
use crate::form::{Entry, Form};
use crate::i18n::td_string;
use crate::ui::date::{DoorTime, number};
use crate::ui::field::Field;
use crate::ui::notice::with_notice;
use crate::ui::parts::{Fact, Section};
use backend::guard::owners::{self, Devices};
use domain::error::Refusal;
use domain::guard::ids::OwnerName;
use domain::people::Role;
use leptos::prelude::*;

/// Names of the two forms, and values of their field `do`.
const RENAME: &str = "rename";
const SIGN_OUT: &str = "sign-out-others";
const NAME: &str = "name";

/// The form of these sections that has this value in its field `do`.
pub fn form_named(name: &str) -> Option<&'static str> {
    [RENAME, SIGN_OUT].into_iter().find(|form| *form == name)
}

/// The sections of the account page that only owners have; nothing for everybody else.
#[component]
pub fn OwnAccount() -> impl IntoView {
    let request = context::request();
    let owner = request
        .person
        .as_ref()
        .filter(|person| person.role == Role::Owner)
        .cloned();
    owner.map(|person| {
        let name = person.name.clone();
        loaded(
            async move { owners::devices(&request.backend, &person).await },
            move |devices| show(name, devices),
        )
    })
}

fn show(name: String, devices: Devices) -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(RENAME);
    let refused = Entry::of(SIGN_OUT).refusal_beside(&[]);
    view! {
        <Section title=td_string!(locale, owner_account.my_name)>
            {entry.refusal_beside(&[NAME]).map(|refusal| view! { <Refused refusal explained=None/> })}
            <form method="post" class="flex flex-col gap-3" data-testid="rename-form">
                <input type="hidden" name="do" value=RENAME/>
                <Field entry name=NAME label=td_string!(locale, auth.name) autocomplete="name" value=name/>
                <button class="btn btn-primary self-start" data-testid="rename">{td_string!(locale, owner_account.save)}</button>
            </form>
        </Section>
        <Section title=td_string!(locale, owner_account.devices) testid="devices">
            {refused.map(|refusal| view! { <Refused refusal explained=None/> })}
            {device_list(devices)}
            <p class="text-sm opacity-75">{td_string!(locale, owner_account.sign_out_hint)}</p>
            <form method="post">
                <input type="hidden" name="do" value=SIGN_OUT/>
                <button class="btn btn-outline" data-testid="sign-out-others">{td_string!(locale, owner_account.sign_out_others)}</button>
            </form>
        </Section>
        <Section title=td_string!(locale, owner_account.card_numbers)>
            <p>{td_string!(locale, owner_account.card_numbers_hint)}</p>
            <WhoLooked/>
        </Section>
    }
    .into_any()
}

fn device_list(devices: Devices) -> AnyView {
    let locale = context::locale();
    let imei = devices.imei.to_string();
    let app = if imei.is_empty() {
        td_string!(locale, owner_account.no_app).into_any()
    } else {
        let since = devices.took_over_at.map(|at| view! { <span class="text-sm">{td_string!(locale, owner_account.took_over)} " " <DoorTime at/></span> });
        view! { <span class="flex flex-col"><span class="font-mono break-all">{imei}</span> {since}</span> }.into_any()
    };
    let count = i64::try_from(devices.browsers.len()).unwrap_or(i64::MAX);
    let browsers = if count == 1 {
        td_string!(locale, owner_account.this_browser).to_owned()
    } else {
        td_string!(locale, owner_account.browser_count, count = number(count)).to_string()
    };
    view! {
        <dl class="facts">
            <Fact label=td_string!(locale, owner_account.app)>{app}</Fact>
            <Fact label=td_string!(locale, owner_account.browsers)>{browsers}</Fact>
        </dl>
    }
    .into_any()
}

/// What the forms of these sections do; answers where to go. Ending all sessions ends this one too, so the caller begins another.
pub async fn change(form: &Form) -> Result<String, Refusal> {
    let who = form.context.require(Role::Owner)?;
    let backend = &form.context.backend;
    match form.fields.get("do") {
        RENAME => {
            let name = typed(NAME, OwnerName::parse(form.fields.get(NAME)))?;
            owners::rename(backend, who, &name).await?;
            Ok(with_notice("/account", "saved"))
        }
        SIGN_OUT => {
            owners::sign_out_everywhere(backend, who).await?;
            Ok(with_notice("/account", "signed-out-others"))
        }
        _ => Err(Refusal::malformed("do: rename or sign-out-others")),
    }
}
