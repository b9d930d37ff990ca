//! `/sign-in`

use crate::auth::role_name;
use crate::entry::{self, ActForm};
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use islands::addresses::at;
use islands::context;
use islands::date;
use islands::functions::sessions::{self, DemoPerson, SignIn as TheFunction};
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The page: phone number and password, and for a demo everybody who can sign in.
#[component]
pub fn SignIn() -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    if let Some(person) = &request.person {
        links::redirect(&links::after_sign_in(request.query("next"), person.role.home()));
    }
    let (of, entry) = (entry::of::<TheFunction>(), entry::entry::<TheFunction>());
    view! {
        <Layout title=td_string!(locale, common.sign_in)>
            <ActForm of plain=true class="card-plain flex flex-col gap-4" testid="sign-in-form">
                <Field entry=entry.clone() name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username" autofocus=true/>
                <Field entry=entry name="password" label=td_string!(locale, auth.password) kind="password" autocomplete="current-password"/>
                <button class="btn btn-primary btn-lg" data-testid="sign-in">{td_string!(locale, common.sign_in)}</button>
                <a href=at::forgotten() class="link inline-flex min-h-12 items-center self-start" data-testid="to-forgotten">{td_string!(locale, owner_account.forgotten_link)}</a>
            </ActForm>
            <OverAPage/>
            <section class="card-plain flex flex-wrap items-center justify-between gap-2">
                <p class="flex-1 basis-48">{td_string!(locale, owner_account.new_here)}</p>
                <a href=at::register() class="btn btn-outline" data-testid="to-register"><Icon name="door" class="size-5 shrink-0"/> {td_string!(locale, owner_account.register)}</a>
            </section>
            {request.demo.then(|| view! { <DemoPeople/> })}
        </Layout>
    }
    .into_any()
}

/// What stands around the form where it is shown over a page whose session ended (`sign-in-again.js`).
#[component]
fn OverAPage() -> impl IntoView {
    let locale = context::locale();
    view! {
        <template data-again="">
            <h2 id="sign-in-again" class="text-xl font-bold">{td_string!(locale, auth.again)}</h2>
            <p>{td_string!(locale, auth.again_why)}</p>
            <p hidden role="alert" class="alert alert-error alert-soft" data-offline=td_string!(locale, common.act_offline) data-testid="again-refused"></p>
            <button type="button" class="btn btn-outline btn-lg" data-testid="again-later">{td_string!(locale, auth.again_later)}</button>
        </template>
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
                        <button class="btn btn-outline h-auto w-full justify-start gap-4 py-2 text-left font-normal" data-testid=format!("demo-{phone}")>
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
        <section class="flex flex-col gap-4" aria-labelledby="demo-people">
            <h2 id="demo-people" class="text-lg font-semibold">{td_string!(locale, auth.demo_title)}</h2>
            <p class="text-sm opacity-75">{td_string!(locale, auth.demo_hint, password = password).to_string()}</p>
            <ul class="grid gap-2 sm:grid-cols-2">{people}</ul>
        </section>
    }
    .into_any()
}
