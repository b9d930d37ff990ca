//! A code that renews itself, as the server draws it.

use super::live::{LiveCode, Which, Words};
use crate::context;
use crate::i18n::{Locale, td_string};
use crate::ui::wasm::Preload;
use leptos::prelude::*;

/// A code that is made again before it ends.
#[component]
pub fn Code(
    /// What the server made for this page.
    token: String,
    /// What it is, for those who cannot see it.
    label: &'static str,
    /// Which code it is, for the next one.
    which: Which,
    /// How long a token is good for, in milliseconds.
    valid_ms: i64,
    /// After how long the next one is fetched.
    renew_ms: i64,
) -> impl IntoView {
    let words = words(context::locale());
    // Far from what an `f64` holds exactly.
    let (valid_ms, renew_ms) = (valid_ms as f64, renew_ms as f64);
    view! {
        <Preload/>
        <LiveCode label=label.to_owned() words which valid_ms renew_ms>
            <div class="contents" inner_html=super::svg(&token)></div>
        </LiveCode>
    }
    .into_any()
}

fn words(locale: Locale) -> Words {
    Words {
        good: td_string!(locale, common.qr_renews).to_owned(),
        renewing: td_string!(locale, common.qr_renewing).to_owned(),
        offline: td_string!(locale, common.qr_offline).to_owned(),
        offline_gone: td_string!(locale, common.qr_offline_gone).to_owned(),
        refused: td_string!(locale, common.qr_refused).to_owned(),
    }
}
