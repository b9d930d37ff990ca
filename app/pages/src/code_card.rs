//! A code on a white card, to be held to a kiosk's camera.

use domain::ids::{Millis, ThingsSq, Yid};
use islands::context;
use islands::date;
use islands::i18n::td_string;
use islands::ui::qr_view::{Code, Which};
use leptos::prelude::*;

/// A code is renewed so long before it ends.
const BEFORE_END_MS: i64 = 60_000;
/// A clock code is renewed after this: the time in it grows old while it is shown.
const CLOCK_MS: i64 = 5_000;

/// A code, until when it counts, and how the next one is asked for.
pub struct Shows {
    token: String,
    made: Millis,
    expires: Millis,
    renew_ms: i64,
    which: Which,
}

impl Shows {
    /// The code that sets a kiosk's clock.
    pub fn clock(token: String, yid: Yid, made: Millis, expires: Millis) -> Self {
        Self::new(token, made, expires, CLOCK_MS, Which::Clock(yid))
    }

    /// The code that opens a kiosk's staff area.
    pub fn pass(token: String, yid: Yid, made: Millis, expires: Millis) -> Self {
        Self::new(
            token,
            made,
            expires,
            expires.since(made) - BEFORE_END_MS,
            Which::Pass(yid),
        )
    }

    /// The code that opens the compartment of an order.
    pub fn take(token: String, yid: Yid, things_sq: &ThingsSq, made: Millis, expires: Millis) -> Self {
        let which = Which::Take(yid, things_sq.clone());
        Self::new(token, made, expires, expires.since(made) - BEFORE_END_MS, which)
    }

    fn new(token: String, made: Millis, expires: Millis, renew_ms: i64, which: Which) -> Self {
        Self {
            token,
            made,
            expires,
            renew_ms,
            which,
        }
    }
}

/// The card: white in the dark too, because cameras want it so. The children say what the code is of.
#[component]
pub fn CodeCard(
    /// The code.
    shows: Shows,
    /// What to do with it.
    #[prop(into)]
    text: String,
    /// What it is of.
    children: Children,
) -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let time = date::short(locale, shows.expires, shows.made, &date::zone());
    let here = request.path.to_string();
    context::keep_nowhere();
    view! {
        <section class="code-card" data-testid="code-card">
            <Code
                token=shows.token
                label=td_string!(locale, orders.code_alt)
                which=shows.which
                valid_ms=shows.expires.since(shows.made)
                renew_ms=shows.renew_ms
            />
            {children()}
            <p class="text-center">{text}</p>
            <noscript>
                <p class="text-center text-sm">{td_string!(locale, orders.code_until, time = time).to_string()}</p>
                <a href=here class="btn btn-outline w-full" data-testid="renew">{td_string!(locale, orders.code_renew)}</a>
            </noscript>
        </section>
    }
    .into_any()
}
