//! `/`: the front door. Signed in, it leads to the role's own first page.

use crate::context;
use crate::i18n::td_string;
use crate::ui::layout::Layout;
use leptos::prelude::*;

/// For whoever is not signed in: what this is, and where to go.
#[component]
pub fn Home() -> impl IntoView {
    let request = context::request();
    if let Some(person) = &request.person {
        leptos_axum::redirect(person.role.home());
    }
    let locale = request.locale;
    view! {
        <Layout title=td_string!(locale, common.welcome)>
            <p>{td_string!(locale, common.what_this_is)}</p>
            <a href="/sign-in" class="btn btn-primary btn-lg">{td_string!(locale, common.sign_in)}</a>
            <a href="/kiosk" class="btn btn-outline btn-lg">{td_string!(locale, common.open_kiosk)}</a>
        </Layout>
    }
}
