//! `/set-up`: the first operator, made once by somebody who can read what the server printed when it started.

use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use domain::error::Refusal;
use islands::context;
use islands::functions::set_up::{self, SetUp as TheFunction};
use islands::i18n::td_string;
use leptos::prelude::*;

/// The page; unknown once there is an operator.
#[component]
pub fn SetUp() -> impl IntoView {
    loaded(open(), |()| view! { <Shown/> })
}

async fn open() -> Result<(), Refusal> {
    if set_up::is_open().await? {
        Ok(())
    } else {
        Err(Refusal::Unknown)
    }
}

#[component]
fn Shown() -> impl IntoView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<TheFunction>(), entry::entry::<TheFunction>());
    view! {
        <Layout title=td_string!(locale, auth.set_up)>
            <p>{td_string!(locale, auth.set_up_intro)}</p>
            <ActForm of plain=true class="card-plain flex flex-col gap-4" testid="set-up-form">
                <Field entry=entry.clone() name="code" label=td_string!(locale, auth.set_up_code) autocomplete="off" autofocus=true/>
                <Field entry=entry.clone() name="name" label=td_string!(locale, auth.name) autocomplete="name"/>
                <Field entry=entry.clone() name="phone" label=td_string!(locale, auth.phone) kind="tel" inputmode="tel" autocomplete="username"/>
                <Field entry=entry name="password" label=td_string!(locale, auth.password) kind="password" autocomplete="new-password" hint=td_string!(locale, auth.new_password_hint)/>
                <button class="btn btn-primary btn-lg" data-testid="create-operator">{td_string!(locale, auth.create_operator)}</button>
            </ActForm>
        </Layout>
    }
    .into_any()
}
