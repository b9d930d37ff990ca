//! `/owner`: what an owner can do here today.

use crate::context;
use crate::error::loaded;
use crate::i18n::td_string;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use domain::people::{Person, Role};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Home() -> impl IntoView {
    let request = context::request();
    loaded(
        async move { request.require(Role::Owner).cloned() },
        |person| view! { <Shown person/> },
    )
}

#[component]
fn Shown(person: Person) -> impl IntoView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, owner.home)>
            <section class="card-plain flex flex-col gap-3">
                <p class="font-semibold">{td_string!(locale, owner.hello, name = person.name.as_str()).to_string()}</p>
                <p>{td_string!(locale, owner.today)}</p>
            </section>
            <a href="/account" class="btn btn-primary btn-lg" data-testid="to-account"><Icon name="user"/> {td_string!(locale, owner.to_account)}</a>
        </Layout>
    }
    .into_any()
}
