//! `/register`: anybody may become an owner of guards; everybody else is added by an operator.

use crate::entry::{self, ActForm, Entry};
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use domain::ids::Phone;
use islands::addresses::at;
use islands::context;
use islands::date;
use islands::functions::account::{self, AskRegistrationCode, Register as TheFunction};
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The page. Where numbers are verified, first the number, then everything else with the code that was sent to it; both on one page, so that
/// the number never stands in an address.
#[component]
pub fn Register() -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    if let Some(person) = &request.person {
        links::redirect(person.role.home());
    }
    let (ask, entry) = (entry::entry::<AskRegistrationCode>(), entry::entry::<TheFunction>());
    let taken = is_taken(&ask) || is_taken(&entry);
    // Of a number that is taken by now there is nothing to be done with a code.
    let number =
        entry::done::<AskRegistrationCode>().or_else(|| Phone::parse(&entry.value("phone")).filter(|_| !taken));
    let form = match number {
        _ if !account::verifies_numbers() => everything(entry, None),
        Some(phone) => everything(entry, Some(phone)),
        None if is_taken(&entry) => number_first(entry),
        None => number_first(ask),
    };
    view! {
        <Layout title=td_string!(locale, owner_account.register)>
            <p>{td_string!(locale, owner_account.register_intro)}</p>
            {form}
            {taken.then(|| view! { <a href=at::forgotten() class="btn btn-outline btn-lg">{td_string!(locale, owner_account.forgotten)}</a> })}
            <p class="flex flex-wrap items-center gap-x-4">{td_string!(locale, owner_account.have_account)} <a href=at::sign_in() class="link inline-flex min-h-12 items-center">{td_string!(locale, common.sign_in)}</a></p>
        </Layout>
    }
    .into_any()
}

fn is_taken(entry: &Entry) -> bool {
    entry.says("phone", td_string!(context::locale(), owner_account.phone_taken))
}

fn number_field(entry: Entry) -> AnyView {
    let locale = context::locale();
    view! {
        <Field entry name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username"/>
    }
    .into_any()
}

/// The form that asks for a code.
fn number_first(entry: Entry) -> AnyView {
    let locale = context::locale();
    view! {
        <p>{td_string!(locale, owner_account.verify_intro)}</p>
        <ActForm of={entry::of::<AskRegistrationCode>()} plain=true class="card-plain flex flex-col gap-4" testid="ask-code-form">
            {number_field(entry)}
            <button class="btn btn-primary btn-lg" data-testid="ask-code">{td_string!(locale, owner_account.send_code)}</button>
        </ActForm>
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
        <ActForm of={entry::of::<TheFunction>()} plain=true class="card-plain flex flex-col gap-4" testid="register-form">
            <Field entry=entry.clone() name="name" label=td_string!(locale, auth.name) autocomplete="name" autofocus=true/>
            {number}
            <Field entry name="password" label=td_string!(locale, auth.password) kind="password" autocomplete="new-password" hint=td_string!(locale, auth.new_password_hint)/>
            <button class="btn btn-primary btn-lg" data-testid="register">{td_string!(locale, owner_account.register)}</button>
        </ActForm>
    }
    .into_any()
}

fn code_field(entry: Entry, phone: &Phone) -> AnyView {
    let locale = context::locale();
    let grouped = date::phone(phone);
    view! {
        <div role="status" class="alert alert-soft" data-testid="code-sent">
            <Icon name="message"/>
            <p>{td_string!(locale, owner_account.registration_code_sent, phone = grouped.as_str()).to_string()}</p>
        </div>
        <input type="hidden" name="phone" autocomplete="username" value=phone.to_string()/>
        <Field entry name="code" label=td_string!(locale, owner_account.code) inputmode="numeric" autocomplete="one-time-code"/>
        <a href=at::register() class="link inline-flex min-h-12 items-center">{td_string!(locale, owner_account.another_code)}</a>
    }
    .into_any()
}
