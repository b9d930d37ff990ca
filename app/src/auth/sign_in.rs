//! `/sign-in`

use crate::auth::role_name;
use crate::context;
use crate::entry::{self, ActForm};
use crate::functions::sessions::{self, DemoPerson, SignIn as TheFunction};
use crate::i18n::td_string;
use crate::links;
use crate::pages::at;
use crate::ui::date;
use crate::ui::field::Field;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use leptos::prelude::*;

/// The page: phone number and password, and for a demo everybody who can sign in.
#[component]
pub fn SignIn() -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    if let Some(person) = &request.person {
        links::redirect(&after_sign_in(request.query("next"), person.role.home()));
    }
    let (of, entry) = (entry::of::<TheFunction>(), entry::entry::<TheFunction>());
    view! {
        <Layout title=td_string!(locale, common.sign_in)>
            <ActForm of plain=true class="card-plain flex flex-col gap-5" testid="sign-in-form">
                <Field entry=entry.clone() name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username" autofocus=true/>
                <Field entry=entry name="password" label=td_string!(locale, auth.password) kind="password" autocomplete="current-password"/>
                <button class="btn btn-primary btn-lg" data-testid="sign-in">{td_string!(locale, common.sign_in)}</button>
                <a href=at::forgotten() class="link inline-flex min-h-12 items-center self-start" data-testid="to-forgotten">{td_string!(locale, owner_account.forgotten_link)}</a>
            </ActForm>
            <section class="card-plain flex flex-wrap items-center justify-between gap-3">
                <p class="flex-1 basis-48">{td_string!(locale, owner_account.new_here)}</p>
                <a href=at::register() class="btn btn-outline" data-testid="to-register"><Icon name="door" class="size-5 shrink-0"/> {td_string!(locale, owner_account.register)}</a>
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
    let (of, password) = (entry::of::<TheFunction>(), sessions::demo_password());
    let people: Vec<_> = sessions::demo_people()
        .map(|DemoPerson { phone, role, name, business }| {
            let hidden = vec![("phone", phone.to_string()), ("password", password.to_owned())];
            view! {
                <li>
                    <ActForm of hidden plain=true>
                        <button class="btn btn-outline h-auto w-full justify-start gap-3 py-2 text-left font-normal" data-testid=format!("demo-{phone}")>
                            <Icon name="user"/>
                            <span class="flex min-w-0 flex-col">
                                <span class="font-medium">{role_name(locale, role)} " · " {name}{business.map(|b| format!(" · {b}"))}</span>
                                <span class="text-sm tabular-nums opacity-75">{date::phone(&phone)}</span>
                            </span>
                        </button>
                    </ActForm>
                </li>
            }
        })
        .collect();
    view! {
        <section class="flex flex-col gap-3" aria-labelledby="demo-people">
            <h2 id="demo-people" class="text-lg font-semibold">{td_string!(locale, auth.demo_title)}</h2>
            <p class="text-sm opacity-75">{td_string!(locale, auth.demo_hint, password = password).to_string()}</p>
            <ul class="grid gap-2 sm:grid-cols-2">{people}</ul>
        </section>
    }
    .into_any()
}

/// Back to where signing in was asked for, or to the role's first page.
pub(crate) fn after_sign_in(next: &str, home: &str) -> String {
    if next.is_empty() {
        home.to_owned()
    } else {
        links::local(next).unwrap_or_else(|| home.to_owned())
    }
}
