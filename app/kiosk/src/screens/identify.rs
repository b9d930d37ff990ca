//! Staff say who they are.

use super::super::shell::Shell;
use super::button::text;
use super::pad::{Ask, pad};
use super::{frame, heading};
use domain::locker::kiosk::Input;
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

pub fn identify(shell: Shell, locale: Locale) -> AnyView {
    let has_pin = shell.with_kiosk(|kiosk| !kiosk.pin.is_empty()).unwrap_or(false);
    let ask = Ask {
        label: td_string!(locale, kiosk.pin),
        action: td_string!(locale, kiosk.confirm),
        length: (4, 12),
        hidden: true,
    };
    let by_pin = if has_pin {
        text("", td_string!(locale, kiosk.identify_pin))
    } else {
        view! { <p data-testid="no-pin">{td_string!(locale, kiosk.identify_no_pin)}</p> }.into_any()
    };
    view! {
        <div class="kiosk-say">
            {heading(td_string!(locale, kiosk.identify_title))}
            {text("", td_string!(locale, kiosk.identify_pass))}
            {by_pin}
            <div>{frame::back(shell, locale)}</div>
        </div>
        <div class="kiosk-do">{has_pin.then(|| pad(shell, locale, ask, move |pin| shell.send(Input::Pin(pin))))}</div>
    }
    .into_any()
}
