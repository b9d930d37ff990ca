//! `/`: the front door. Signed in, it leads to the role's own first page.

use crate::auth;
use crate::context;
use crate::error::loaded;
use crate::i18n::td_string;
use crate::links;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use leptos::prelude::*;

/// For whoever is not signed in: what this is, and where to go.
#[component]
pub fn Home() -> impl IntoView {
    let request = context::request();
    if let Some(person) = &request.person {
        links::redirect(person.role.home());
    }
    loaded(
        async move { auth::set_up_is_open(&request).await },
        |to_set_up| view! { <Shown to_set_up/> },
    )
}

#[component]
fn Shown(to_set_up: bool) -> impl IntoView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, common.welcome)>
            <p class="text-lg">{td_string!(locale, common.what_this_is)}</p>
            {to_set_up.then(|| view! {
                <a href="/set-up" class="btn btn-primary btn-lg btn-tall" data-testid="to-set-up"><Icon name="key"/> {td_string!(locale, auth.set_up)}</a>
            })}
            <a href="/sign-in" class=if to_set_up { "btn btn-outline btn-lg btn-tall" } else { "btn btn-primary btn-lg btn-tall" } data-testid="to-sign-in">
                <Icon name="user"/> {td_string!(locale, common.sign_in)}
            </a>
            <a href="/kiosk" class="btn btn-outline btn-lg btn-tall" data-testid="to-kiosk"><Icon name="cabinet"/> {td_string!(locale, common.open_kiosk)}</a>
        </Layout>
    }
    .into_any()
}
