//! Codes on the screen: one still picture, or frames one after another when the token is long.

use super::super::shell::Shell;
use super::button::{Button, text};
use super::{heading, label_of};
use domain::ids::Port;
use domain::locker::kiosk::{Input, Usage};
use domain::qr;
use domain::token::frames::{self, Frames};
use islands::i18n::{Locale, td_string};
use islands::ui::glyph;
use leptos::leptos_dom::helpers::set_interval_with_handle;
use leptos::prelude::*;
use std::time::Duration;

/// So long a phone gets to see a frame.
const FRAME_MS: u64 = 140;

/// A token on pure white with its quiet zone. Answers whether it moves.
pub fn token_code(token: &str, label: String) -> (AnyView, bool) {
    let Ok(frames) = frames::encode(token) else {
        return (().into_any(), false);
    };
    let moves = !frames.is_plain();
    let number = RwSignal::new(0_u32);
    if moves {
        Effect::new(move |_| {
            let tick = move || number.update(|number| *number = number.wrapping_add(1));
            if let Ok(handle) = set_interval_with_handle(tick, Duration::from_millis(FRAME_MS)) {
                on_cleanup(move || handle.clear());
            }
        });
    }
    let view = view! {
        <div
            class="kiosk-code"
            role="img"
            aria-label=label
            data-testid="code"
            data-moves=if moves { "true" } else { "false" }
            inner_html=move || picture(&frames, number.get())
        ></div>
    };
    (view.into_any(), moves)
}

fn picture(frames: &Frames, number: u32) -> String {
    qr::encode(&frames.text(number), qr::Level::M)
        .map(|symbol| symbol.to_svg())
        .unwrap_or_default()
}

/// L: the `OpenToSave` code, until "done" or a new action.
pub fn deposit_code(shell: Shell, locale: Locale, port: Port, token: &str) -> AnyView {
    let label = label_of(shell, port);
    let staff = shell.with_kiosk(|kiosk| kiosk.staff.is_some()).unwrap_or(false);
    let (code, _) = token_code(token, td_string!(locale, kiosk.code_image, label = label.clone()));
    view! {
        <div class="kiosk-say">
            {heading(td_string!(locale, kiosk.code_title))}
            <p class="flex flex-col">
                <span>{td_string!(locale, kiosk.code_compartment)}</span>
                <span class="kiosk-door-label" data-testid="code-label">{label.clone()}</span>
            </p>
            {text("", td_string!(locale, kiosk.code_hint))}
        </div>
        <div class="kiosk-do">
            {Button::main("done", td_string!(locale, kiosk.done)).icon(glyph::CHECK).view(move || shell.send(Input::Done))}
            {staff.then(|| view! {
                <div class="kiosk-deeds">
                    {Button::large("another", td_string!(locale, kiosk.code_another)).view(move || shell.send(Input::Tile(Usage::Deposit)))}
                    {Button::large("open-again", td_string!(locale, kiosk.code_open_again, label = label)).view(move || shell.send(Input::OpenAgain))}
                </div>
            })}
        </div>
        <div class="kiosk-pic">{code}</div>
    }
    .into_any()
}
