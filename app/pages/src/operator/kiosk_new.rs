//! `/operator/kiosks/new`: a kiosk is added, and its device can enrol at once.

use super::parts::Up;
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use domain::people::Role;
use islands::addresses::at;
use islands::context;
use islands::functions::kiosks::AddKiosk;
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The page with the form.
#[component]
pub fn NewKioskPage() -> impl IntoView {
    let request = context::request();
    loaded(async move { request.require(Role::Operator).map(|_| ()) }, |()| show())
}

fn show() -> AnyView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, operator.add_kiosk)>
            <Up href=at::operator_kiosks() text=td_string!(locale, common.kiosks)/>
            {new_form()}
        </Layout>
    }
    .into_any()
}

fn new_form() -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<AddKiosk>(), entry::entry::<AddKiosk>());
    let secret_open = entry.problem("secret").is_some() || !entry.value("secret").is_empty();
    view! {
        <ActForm of class="flex flex-col gap-4" testid="kiosk-form">
            <Field entry=entry.clone() name="yid" label=td_string!(locale, operator.yid) hint=td_string!(locale, operator.yid_hint)
                inputmode="numeric" autocomplete="off" autofocus=true/>
            <Field entry=entry.clone() name="name" label=td_string!(locale, operator.kiosk_name) autocomplete="off"/>
            <Field entry=entry.clone() name="address" label=td_string!(locale, operator.kiosk_address) autocomplete="off" optional=true/>
            <div class="grid gap-4 sm:grid-cols-2">
                <Field entry=entry.clone() name="boards" label=td_string!(locale, operator.boards) hint=td_string!(locale, operator.boards_hint)
                    inputmode="numeric" autocomplete="off"/>
                <Field entry=entry.clone() name="ports" label=td_string!(locale, operator.ports) hint=td_string!(locale, operator.ports_hint)
                    inputmode="numeric" autocomplete="off"/>
            </div>
            <details class="card-plain" open=secret_open>
                <summary class="flex min-h-12 cursor-pointer items-center gap-2 font-medium"><Icon name="plus" class="size-5 shrink-0"/> {td_string!(locale, operator.legacy_title)}</summary>
                <div class="flex flex-col gap-4 pt-2">
                    <div class="alert alert-warning items-start">
                        <Icon name="warning"/>
                        <p>{td_string!(locale, operator.legacy_warning)}</p>
                    </div>
                    <Field entry=entry.clone() name="secret" label=td_string!(locale, operator.secret) autocomplete="off" optional=true/>
                </div>
            </details>
            <button class="btn btn-primary btn-lg">{td_string!(locale, operator.add_kiosk)}</button>
        </ActForm>
    }
    .into_any()
}
