//! Notifications, on `/account`: a switch for this browser, which `push.js` serves, and off in all of one's browsers.

use crate::entry::{self, ActForm};
use crate::error::loaded;
use domain::people::Role;
use domain::push::Kind;
use islands::context;
use islands::functions::push::{self, EndAllPush};
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

/// The section of the account page, for those who are told of something.
#[component]
pub fn Notifications(
    /// Whose page it is.
    role: Role,
) -> impl IntoView {
    let key = push::public_key().filter(|_| matches!(role, Role::Staff | Role::Business));
    key.map(|key| loaded(push::count(), move |count| show(role, &key, count)))
}

fn show(role: Role, key: &str, count: i64) -> AnyView {
    let locale = context::locale();
    let hint = match role {
        Role::Staff => td_string!(locale, auth.push_hint_staff),
        _ => td_string!(locale, auth.push_hint_business),
    };
    let everywhere = (count > 0).then(|| {
        view! {
            <ActForm of={entry::of::<EndAllPush>()} class="flex flex-wrap items-center justify-between gap-2">
                <span data-testid="push-count">{td_string!(locale, auth.push_count, count = count).to_string()}</span>
                <button class="btn btn-outline" data-testid="push-off-everywhere">{td_string!(locale, auth.push_off_everywhere)}</button>
            </ActForm>
        }
    });
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="my-notifications" data-push=key.to_owned() data-testid="push">
            <h2 id="my-notifications" class="text-lg font-semibold">{td_string!(locale, auth.push)}</h2>
            <p class="text-sm opacity-75">{hint}</p>
            // A browser that can show notifications shows the switch in place of these words.
            <p data-push-case="unable">{td_string!(locale, auth.push_unable)}</p>
            <label class="flex min-h-12 items-center justify-between gap-4" hidden>
                <span class="font-medium">{td_string!(locale, auth.push_here)}</span>
                <input type="checkbox" role="switch" class="checkbox" data-testid="push-switch"/>
            </label>
            <div role="status">
                <p hidden data-push-case="denied">{td_string!(locale, auth.push_denied)}</p>
                <p hidden data-push-case="failed">{td_string!(locale, auth.push_failed)}</p>
            </div>
            {everywhere}
        </section>
    }
    .into_any()
}

/// The words of each kind of notification, for the worker of the browser (`push-sw.js`): title and text by kind, as JSON.
pub fn words(locale: Locale) -> String {
    let words = Kind::ALL.map(|kind| {
        let (title, text) = match kind {
            Kind::MeterWaits => (
                td_string!(locale, common.push_meter_waits),
                td_string!(locale, common.push_meter_waits_text),
            ),
            Kind::Overdue => (
                td_string!(locale, common.push_overdue),
                td_string!(locale, common.push_overdue_text),
            ),
            Kind::CodeUsed => (
                td_string!(locale, common.push_code_used),
                td_string!(locale, common.push_code_used_text),
            ),
            Kind::OutboxSent => (
                td_string!(locale, common.push_outbox_sent),
                td_string!(locale, common.push_outbox_sent_text),
            ),
        };
        (kind.as_str().to_owned(), serde_json::json!([title, text]))
    });
    serde_json::Value::Object(words.into_iter().collect()).to_string()
}
