//! What the boards can be reached by, and how each answers.

use super::{Line, list};
use crate::i18n::{Locale, td_string};
use crate::kiosk::boards::serial;
use crate::kiosk::doors::Link;
use crate::kiosk::screens::button::{Button, live, text};
use crate::kiosk::screens::pad::{Ask, pad};
use crate::kiosk::shell::Shell;
use domain::boards::Via;
use domain::boards::bus::BoardState;
use domain::boards::driver::TOKEN_DIGITS;
use domain::locker::kiosk::Kiosk;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What the boards can be reached by, and how each answers.
pub fn link(shell: Shell, locale: Locale) -> AnyView {
    let adapters = RwSignal::new(String::new());
    spawn_local(async move {
        let there = serial::adapters().await.join(", ");
        let _ = adapters.try_set(there);
    });
    let state = move || {
        let (word, text) = match shell.link.get() {
            Link::Drawn => ("drawn", td_string!(locale, kiosk.link_drawn).to_owned()),
            Link::Connecting => ("connecting", td_string!(locale, kiosk.link_connecting).to_owned()),
            Link::Connected(count) => ("connected", td_string!(locale, kiosk.link_connected, count = count)),
            Link::Unsupported => ("unsupported", td_string!(locale, kiosk.link_unsupported).to_owned()),
            Link::NoAdapter => ("no-adapter", td_string!(locale, kiosk.link_no_adapter).to_owned()),
            Link::Taken => ("taken", td_string!(locale, kiosk.link_taken).to_owned()),
            Link::NoBridge => ("no-bridge", td_string!(locale, kiosk.link_no_bridge).to_owned()),
            Link::BridgeRefused => ("refused", td_string!(locale, kiosk.link_refused).to_owned()),
            Link::Faulty => ("faulty", td_string!(locale, kiosk.link_faulty).to_owned()),
        };
        view! { <p class="text-lg" data-testid="link" data-state=word>{text}</p> }.into_any()
    };
    let boards = Memo::new(move |_| {
        shell
            .kiosk
            .with(|kiosk| kiosk.as_ref().map(|kiosk| kiosk.boards.clone()))
    });
    let shown = move || {
        let mut boards = boards.get().unwrap_or_default();
        boards.sort_unstable_by_key(|(jumper, _)| *jumper);
        let lines = boards.into_iter().map(|(jumper, state)| {
            let (state, said) = match state {
                BoardState::Ok => ("ok", td_string!(locale, kiosk.board_ok)),
                BoardState::Silent => ("silent", td_string!(locale, kiosk.board_silent)),
                BoardState::Garbled => ("garbled", td_string!(locale, kiosk.board_garbled)),
                BoardState::Echo => ("echo", td_string!(locale, kiosk.board_echo)),
                BoardState::Lost => ("lost", td_string!(locale, kiosk.board_lost)),
            };
            Line {
                testid: format!("board-{jumper}"),
                state,
                text: format!("{jumper} · {said}"),
            }
        });
        list("boards", lines)
    };
    let by_bridge = Memo::new(move |_| {
        let via = |kiosk: &Kiosk| kiosk.wiring.as_ref().map(|wiring| wiring.via);
        shell.kiosk.with(|kiosk| kiosk.as_ref().and_then(via)) == Some(Via::Bridge)
    });
    let ask = Ask {
        label: td_string!(locale, kiosk.bridge_number),
        action: td_string!(locale, kiosk.set_save),
        length: (TOKEN_DIGITS, TOKEN_DIGITS),
        hidden: false,
    };
    view! {
        {live(move || Some(state()))}
        {live(move || Some(text("text-lg tabular-nums", adapters.get())))}
        {live(move || Some(shown()))}
        {live(move || Some(if by_bridge.get() {
            pad(shell, locale, ask, move |token| shell.keep_bridge_token(token))
        } else {
            Button::large("permit", td_string!(locale, kiosk.permit)).view(move || {
                if let Some(driver) = shell.driver() {
                    driver.permit();
                }
            })
        }))}
    }
    .into_any()
}
