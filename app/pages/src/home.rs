//! `/`: the front door. Signed in, it leads to the role's own first page.

use crate::error::loaded;
use crate::ui::layout::Layout;
use islands::addresses::at;
use islands::context;
use islands::functions::set_up;
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// For visitors who are not signed in: what this is, and where to go.
#[component]
pub fn Home() -> impl IntoView {
    let request = context::request();
    if let Some(person) = &request.person {
        links::redirect(person.role.home());
    }
    loaded(set_up::is_open(), |to_set_up| view! { <Shown to_set_up/> })
}

#[component]
fn Shown(to_set_up: bool) -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let contact = request.settings.contact.clone();
    view! {
        <Layout title=td_string!(locale, common.welcome)>
            {to_set_up.then(|| view! {
                <a href=at::set_up() class="btn btn-primary btn-lg btn-tall" data-testid="to-set-up"><Icon name="key"/> {td_string!(locale, auth.set_up)}</a>
            })}
            <a href=at::sign_in() class=if to_set_up { "btn btn-outline btn-lg btn-tall" } else { "btn btn-primary btn-lg btn-tall" } data-testid="to-sign-in">
                <Icon name="user"/> {td_string!(locale, common.sign_in)}
            </a>
            <section class="card-plain flex flex-col gap-4" aria-labelledby="doors">
                <h2 id="doors" class="flex items-center gap-2 text-lg font-semibold"><Icon name="door"/> {td_string!(locale, common.doors)}</h2>
                <p>{td_string!(locale, common.doors_about)}</p>
                <a href=at::register() class="btn btn-outline btn-lg" data-testid="to-register">{td_string!(locale, owner_account.register)}</a>
            </section>
            <section class="card-plain flex flex-col gap-4" aria-labelledby="lockers">
                <h2 id="lockers" class="flex items-center gap-2 text-lg font-semibold"><Icon name="cabinet"/> {td_string!(locale, common.lockers)}</h2>
                <p>{td_string!(locale, common.lockers_about)}</p>
                <a href=at::kiosk() class="btn btn-outline btn-lg" data-testid="to-kiosk">{td_string!(locale, common.open_kiosk)}</a>
            </section>
            {(!contact.is_empty()).then(|| view! { <p class="text-center" data-testid="contact">{contact}</p> })}
        </Layout>
    }
    .into_any()
}
