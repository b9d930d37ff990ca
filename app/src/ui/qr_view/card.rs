//! A code that renews itself, as the server draws it.

use crate::context;
use crate::i18n::td_string;
use crate::ui::wasm::Preload;
use leptos::prelude::*;

/// Below this a ring would only be restless.
const RING_FROM_MS: i64 = 60_000;

/// A code that is made anew by `POST /v1/Encrypt` before it ends, with the remaining time as a ring. Without script it is the
/// code the server drew, good until it ends.
#[component]
pub fn LiveCode(
    /// What the server made for this page.
    token: String,
    /// What it is, for those who cannot see it.
    label: &'static str,
    /// Body of the request for the next one.
    request: String,
    /// How long a token is good for, in milliseconds.
    valid_ms: i64,
    /// After how long the next one is fetched.
    renew_ms: i64,
) -> impl IntoView {
    let locale = context::locale();
    let ring = (valid_ms >= RING_FROM_MS).then(|| {
        view! {
            <span class="live-ring" role="timer" data-testid="remaining">
                <svg viewBox="0 0 40 40" fill="none" stroke-width="4" aria-hidden="true">
                    <circle cx="20" cy="20" r="17" stroke="currentColor" opacity="0.15"/>
                    <circle cx="20" cy="20" r="17" stroke="currentColor" pathLength="100" stroke-dasharray="100 100" class="live-left"/>
                </svg>
                <span class="live-words"></span>
            </span>
        }
    });
    view! {
        <Preload/>
        <div class="live-code" data-start="live" data-request=request data-valid=valid_ms data-renew=renew_ms data-state="good" data-testid="live-code">
            <div class="code-view" role="img" aria-label=label data-testid="code" inner_html=super::svg(&token)></div>
            <p class="live-line">
                {ring}
                <span
                    class="live-says" role="status"
                    data-good=td_string!(locale, common.qr_renews)
                    data-good-gone=td_string!(locale, common.qr_renewing)
                    data-offline=td_string!(locale, common.qr_offline)
                    data-offline-gone=td_string!(locale, common.qr_offline_gone)
                    data-refused=td_string!(locale, common.qr_refused)
                    data-refused-gone=td_string!(locale, common.qr_refused)
                ></span>
            </p>
        </div>
    }
    .into_any()
}
