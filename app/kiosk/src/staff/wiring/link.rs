//! What the boards can be reached by, and how each answers.

use super::frames::boards_by_line;
use super::{Line, changes, list, stack, told};
use crate::doors::Link;
use crate::screens::button::{Button, live};
use crate::screens::pad::{Ask, pad};
use crate::shell::Shell;
use crate::staff::adapters;
use domain::boards::Via;
use domain::boards::driver::TOKEN_DIGITS;
use domain::locker::kiosk::Kiosk;
use domain::order::sort_by_numbers;
use islands::i18n::{Locale, td_string};
use islands::ui::boards::{answers, fault_text};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What the boards can be reached by, and how each answers.
pub fn link(shell: Shell, locale: Locale) -> AnyView {
    let usb = RwSignal::new(String::new());
    spawn_local(async move {
        let there = adapters::all().await.join(" ");
        let _ = usb.try_set(there);
    });
    // Looked at once a second, and not with every frame.
    let plugged_in = move || {
        shell.now.track();
        let boards = boards_by_line(shell);
        let usb = usb.get();
        let mut names: Vec<&str> = usb.split_whitespace().collect();
        let lines = boards.iter().map(|(line, ..)| line + 1).max().unwrap_or(0);
        names.resize(names.len().max(lines), "–");
        let lines = names.into_iter().enumerate().map(|(line, usb)| {
            let range = boards.iter().find(|(on, ..)| *on == line);
            let range = range.map(|(_, first, last)| format!(" · {first}–{last}"));
            Line {
                testid: format!("adapter-{}", line + 1),
                state: "",
                text: format!("{} · {usb}{}", line + 1, range.unwrap_or_default()),
            }
        });
        list("adapters", lines)
    };
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
            Link::Faulty => {
                let known = shell.with_kiosk(|kiosk| Some((kiosk.wiring.clone()?, kiosk.wiring_fault()?)));
                let why = known
                    .flatten()
                    .map(|(wiring, fault)| fault_text(locale, &wiring, fault));
                let text = td_string!(locale, kiosk.link_faulty).to_owned();
                (
                    "faulty",
                    why.filter(|why| *why != text)
                        .map_or(text.clone(), |why| format!("{text} {why}")),
                )
            }
        };
        told("link", word, text)
    };
    let answered = changes(shell, |kiosk| kiosk.boards.clone());
    let shown = move || {
        answered.track();
        let mut boards = shell.with_kiosk(|kiosk| kiosk.boards.clone()).unwrap_or_default();
        sort_by_numbers(&mut boards, |(jumper, _)| (*jumper, 0));
        let lines = boards.into_iter().map(|(jumper, state)| Line {
            testid: format!("board-{jumper}"),
            state: state.word(),
            text: format!("{jumper} · {}", answers(locale, state)),
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
    let permit = move || {
        Some(if by_bridge.get() {
            pad(shell, locale, ask, move |token| shell.keep_bridge_token(token))
        } else {
            Button::large("permit", td_string!(locale, kiosk.permit)).view(move || {
                if let Some(driver) = shell.driver() {
                    driver.permit();
                }
            })
        })
    };
    stack(vec![
        live(move || Some(state())),
        live(move || Some(plugged_in())),
        live(move || Some(shown())),
        live(permit),
    ])
}
