//! `/`: the front door. Signed in, it leads to the role's own first page.

use crate::context;
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
    let locale = request.locale;
    view! {
        <Layout title=td_string!(locale, common.welcome)>
            <p class="text-lg">{td_string!(locale, common.what_this_is)}</p>
            <a href="/sign-in" class="btn btn-primary btn-lg btn-tall" data-testid="to-sign-in"><Icon name="user"/> {td_string!(locale, common.sign_in)}</a>
            <a href="/kiosk" class="btn btn-outline btn-lg btn-tall" data-testid="to-kiosk"><Icon name="cabinet"/> {td_string!(locale, common.open_kiosk)}</a>
        </Layout>
    }
    .into_any()
}
