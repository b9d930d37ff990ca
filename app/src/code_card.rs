//! A code on a white card, to be held to a kiosk's camera.

use crate::context;
use crate::i18n::td_string;
use crate::ui::date;
use domain::error::Refusal;
use domain::ids::Millis;
use domain::qr::{self, Level};
use leptos::prelude::*;

/// A code drawn, and until when it counts.
pub struct Shows {
    svg: String,
    made: Millis,
    expires: Millis,
}

impl Shows {
    /// Draws a token.
    pub fn new(token: &str, made: Millis, expires: Millis) -> Result<Self, Refusal> {
        Ok(Self {
            svg: qr::encode(token, Level::M)?.to_svg(),
            made,
            expires,
        })
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
    view! {
        <section class="code-card" data-testid="code-card">
            <div role="img" aria-label=td_string!(locale, orders.code_alt) class="w-full max-w-md" inner_html=shows.svg></div>
            {children()}
            <p class="text-center">{text}</p>
            <p class="text-sm">{td_string!(locale, orders.code_until, time = time).to_string()}</p>
            <a href=here class="btn btn-outline" data-testid="renew">{td_string!(locale, orders.code_renew)}</a>
        </section>
    }
    .into_any()
}
