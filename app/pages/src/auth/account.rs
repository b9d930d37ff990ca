//! `/account`: who one is here, one's password and language, and the way out.

use crate::auth::{push, role_name, sessions};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::owner;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use domain::people::Person;
use islands::addresses::at;
use islands::context;
use islands::date;
use islands::functions::account::ChangePassword;
use islands::functions::language::ChooseLanguage;
use islands::functions::sessions::SignOut;
use islands::i18n::{LANGUAGES, Locale, td_string};
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Account() -> impl IntoView {
    let request = context::request();
    loaded(
        async move { request.person().cloned() },
        |person| view! { <Shown person/> },
    )
}

#[component]
fn Shown(person: Person) -> impl IntoView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, auth.account)>
            <WhoIAm person=person.clone()/>
            <owner::OwnAccount/>
            <push::Notifications role=person.role/>
            <sessions::Sessions/>
            <PasswordForm phone=person.phone.to_string()/>
            <Language/>
            // There, so that somebody who is signed out already is told so.
            <form method="post" action={entry::of::<SignOut>().address()}>
                <button class="btn btn-outline btn-lg w-full" data-testid="sign-out">
                    <Icon name="sign-out"/> {td_string!(locale, common.sign_out)}
                </button>
            </form>
        </Layout>
    }
    .into_any()
}

#[component]
fn WhoIAm(person: Person) -> impl IntoView {
    let locale = context::locale();
    let line = |label: &'static str, value: String| {
        view! {
            <div class="flex flex-wrap justify-between gap-x-4 py-2">
                <dt class="opacity-75">{label}</dt>
                <dd class="font-medium">{value}</dd>
            </div>
        }
    };
    view! {
        <dl class="card-plain divide-base-300 divide-y py-2" data-testid="who">
            {line(td_string!(locale, auth.name), person.name)}
            {line(td_string!(locale, auth.role), role_name(locale, person.role).to_owned())}
            {person.business.map(|business| line(td_string!(locale, auth.business), business.0))}
            {line(td_string!(locale, auth.phone), date::phone(&person.phone))}
        </dl>
    }
    .into_any()
}

#[component]
fn PasswordForm(phone: String) -> impl IntoView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<ChangePassword>(), entry::entry::<ChangePassword>());
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="change-password">
            <h2 id="change-password" class="text-lg font-semibold">{td_string!(locale, auth.change_password)}</h2>
            <ActForm of class="flex flex-col gap-4" testid="password-form">
                // Tells password managers whose password this is.
                <input type="hidden" autocomplete="username" value=phone/>
                <Field entry=entry.clone() name="current_password" label=td_string!(locale, auth.current_password) kind="password" autocomplete="current-password"/>
                <Field entry=entry.clone() name="new_password" label=td_string!(locale, auth.new_password) kind="password" autocomplete="new-password" hint=td_string!(locale, auth.new_password_hint)/>
                <Field entry=entry.clone() name="repeat_password" label=td_string!(locale, auth.repeat_password) kind="password" autocomplete="new-password"/>
                <p class="text-sm opacity-75">{td_string!(locale, auth.change_password_hint)}</p>
                <button class="btn btn-primary btn-lg" data-testid="change-password">{td_string!(locale, auth.change_password)}</button>
            </ActForm>
        </section>
    }
    .into_any()
}

#[component]
fn Language() -> impl IntoView {
    let chosen = context::locale();
    let button = move |(locale, code, name): &(Locale, &'static str, &'static str)| {
        let here = *locale == chosen;
        view! {
            <button name="lang" value=*code lang=*code class=if here { "btn btn-primary flex-1" } else { "btn btn-outline flex-1" } aria-current=here.then_some("true")>
                {*name}
            </button>
        }
    };
    let buttons: Vec<_> = LANGUAGES.iter().map(button).collect();
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="my-language">
            <h2 id="my-language" class="text-lg font-semibold">{td_string!(chosen, auth.language)}</h2>
            <ActForm of={entry::of::<ChooseLanguage>()} hidden=vec![("back", at::account())] plain=true class="flex flex-wrap gap-2">
                {buttons}
            </ActForm>
        </section>
    }
    .into_any()
}
