//! What an owner's account has beside everybody's: the name, and the devices signed in.

use super::card_views::WhoLooked;
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::parts::{Fact, Section};
use domain::guard::owners::Devices;
use domain::people::Role;
use islands::context;
use islands::date::{DoorTime, number};
use islands::functions::account::{self, Rename, SignOutOthers};
use islands::i18n::td_string;
use leptos::prelude::*;

/// The sections of the account page that only owners have; nothing for everybody else.
#[component]
pub fn OwnAccount() -> impl IntoView {
    let person = context::request().person;
    let owner = person.filter(|person| person.role == Role::Owner);
    owner.map(|person| loaded(account::devices(), move |devices| show(person.name.clone(), devices)))
}

fn show(name: String, devices: Devices) -> AnyView {
    let locale = context::locale();
    let (renaming, entry) = (entry::of::<Rename>(), entry::entry::<Rename>());
    let leaving = entry::of::<SignOutOthers>();
    view! {
        <Section title=td_string!(locale, owner_account.my_name)>
            <ActForm of=renaming class="flex flex-col gap-4" testid="rename-form">
                <Field entry=entry.clone() name="name" label=td_string!(locale, auth.name) autocomplete="name" value=name/>
                <button class="btn btn-primary self-start" data-testid="rename">{td_string!(locale, owner_account.save)}</button>
            </ActForm>
        </Section>
        <Section title=td_string!(locale, owner_account.devices) testid="devices">
            {device_list(devices)}
            <p class="text-sm opacity-75">{td_string!(locale, owner_account.sign_out_hint)}</p>
            <ActForm of=leaving>
                <button class="btn btn-outline" data-testid="sign-out-others">{td_string!(locale, owner_account.sign_out_others)}</button>
            </ActForm>
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
