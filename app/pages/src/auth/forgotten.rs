//! `/forgotten`: a new password for an owner who can receive a one-time code. First the number, then code and password; both on one
//! page, so that the number never stands in an address.

use crate::entry::{self, ActForm, Entry};
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use domain::ids::Phone;
use islands::addresses::at;
use islands::context;
use islands::date;
use islands::functions::account::{self, AskResetCode, ResetPassword};
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Forgotten() -> impl IntoView {
    let locale = context::locale();
    let reset = entry::entry::<ResetPassword>();
    let can_send = account::can_send_codes();
    let number = match entry::done::<AskResetCode>() {
        Some(phone) => Some(phone.to_string()),
        None => reset.is_refused().then(|| reset.value("phone")),
    };
    let asked = number.is_some();
    view! {
        <Layout title=td_string!(locale, owner_account.forgotten)>
            {match number {
                Some(phone) => second(phone, reset),
                None if can_send => first(entry::entry::<AskResetCode>()),
                None => view! { <p class="alert alert-soft" data-testid="no-codes"><Icon name="message"/> {td_string!(locale, owner_account.no_codes)}</p> }.into_any(),
            }}
            <p class="flex flex-wrap gap-x-6">
                {asked.then(|| view! { <a href=at::forgotten() class="link inline-flex min-h-12 items-center">{td_string!(locale, owner_account.another_code)}</a> })}
                <a href=at::sign_in() class="link inline-flex min-h-12 items-center">{td_string!(locale, owner_account.back_to_sign_in)}</a>
            </p>
        </Layout>
    }
    .into_any()
}

fn first(entry: Entry) -> AnyView {
    let locale = context::locale();
    view! {
        <p>{td_string!(locale, owner_account.forgotten_intro)}</p>
        <ActForm of={entry::of::<AskResetCode>()} plain=true class="card-plain flex flex-col gap-4" testid="ask-code-form">
            <Field entry name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username" autofocus=true/>
            <button class="btn btn-primary btn-lg" data-testid="ask-code">{td_string!(locale, owner_account.send_code)}</button>
        </ActForm>
    }
    .into_any()
}

fn second(phone: String, entry: Entry) -> AnyView {
    let locale = context::locale();
    let grouped = Phone::parse(&phone).map_or_else(|| phone.clone(), |phone| date::phone(&phone));
    view! {
        <div role="status" class="alert alert-soft" data-testid="code-sent">
            <Icon name="message"/>
            <p>{td_string!(locale, owner_account.code_sent, phone = grouped.as_str()).to_string()}</p>
        </div>
        <ActForm of={entry::of::<ResetPassword>()} plain=true class="card-plain flex flex-col gap-4" testid="reset-form">
            <input type="hidden" name="phone" autocomplete="username" value=phone/>
            <Field entry=entry.clone() name="code" label=td_string!(locale, owner_account.code) inputmode="numeric" autocomplete="one-time-code" autofocus=true/>
            <Field entry name="password" label=td_string!(locale, auth.new_password) kind="password" autocomplete="new-password" hint=td_string!(locale, auth.new_password_hint)/>
            <button class="btn btn-primary btn-lg" data-testid="reset-password">{td_string!(locale, owner_account.set_password)}</button>
        </ActForm>
    }
    .into_any()
}
