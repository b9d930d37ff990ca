//! Each door once, and all of them shut: what is connected wrongly shows, and the settings are changed.

use crate::i18n::{Locale, td_string};
use crate::kiosk::screens::button::{Button, live, text};
use crate::kiosk::screens::{drawn_doors, label_of};
use crate::kiosk::shell::Shell;
use crate::ui::cabinet::Cabinet;
use domain::boards::bus::Why;
use domain::ids::Port;
use domain::locker::kiosk::{Input, Kiosk, Opening, Stage};
use leptos::prelude::*;

/// A door is opened, and the technician says which one did: swapped wires are found and written into the settings.
pub fn test(shell: Shell, locale: Locale) -> AnyView {
    let asked = RwSignal::new(None::<Port>);
    let said = RwSignal::new(String::new());
    let doors = move |lit: Option<Port>| {
        shell
            .with_kiosk(|kiosk| drawn_doors(kiosk, shell.now.get_untracked(), |door| Some(door.port) == lit))
            .unwrap_or_default()
    };
    let stage = Memo::new(move |_| {
        let stage = |kiosk: &Kiosk| kiosk.test.as_ref().map(Opening::stage);
        shell.kiosk.with(|kiosk| kiosk.as_ref().and_then(stage))
    });
    let tapped = move |port: Port| match asked.get_untracked() {
        None => {
            said.set(String::new());
            asked.set(Some(port));
            shell.send(Input::TestOpen(port));
        }
        Some(other) => {
            asked.set(None);
            if other == port {
                return said.set(td_string!(locale, kiosk.test_right).to_owned());
            }
            let wiring = shell.with_kiosk(|kiosk| kiosk.wiring.clone()).flatten();
            if let Some(mut wiring) = wiring {
                wiring.swap(other, port);
                shell.send(Input::SetWiring(Some(Box::new(wiring))));
                let (one, other) = (label_of(shell, other), label_of(shell, port));
                said.set(td_string!(locale, kiosk.test_swapped, one = one, other = other));
            }
        }
    };
    let tap = Callback::new(tapped);
    let word = move || {
        let word = match stage.get()? {
            Stage::Asked => td_string!(locale, kiosk.door_asked),
            Stage::Released => td_string!(locale, kiosk.door_released),
            Stage::Unsure => td_string!(locale, kiosk.door_unsure),
            Stage::Opened { .. } => td_string!(locale, kiosk.test_which),
            Stage::NotOpened(Why::Unknown) => td_string!(locale, kiosk.door_unknown),
            Stage::NotOpened(_) => td_string!(locale, kiosk.door_jammed),
            Stage::Closed => td_string!(locale, kiosk.test_right),
        };
        Some(view! { <p class="text-lg" data-testid="test-stage">{word}</p> }.into_any())
    };
    view! {
        {live(move || Some(text("text-lg", if asked.get().is_some() {
            td_string!(locale, kiosk.test_which)
        } else {
            td_string!(locale, kiosk.test_hint)
        })))}
        {live(word)}
        <p class="text-lg" data-testid="test-said" aria-live="polite">{live(move || Some(said.get().into_any()))}</p>
        {live(move || {
            let doors = doors(asked.get());
            Some(view! { <Cabinet locale=locale doors=doors large=true on_tap=tap/> }.into_any())
        })}
    }
    .into_any()
}

/// With every door shut, the contacts tell which way round they work.
pub fn shut(shell: Shell, locale: Locale) -> AnyView {
    let said = RwSignal::new("");
    let look = move || {
        let known = shell.with_kiosk(|kiosk| {
            let reads: Vec<bool> = kiosk.doors.iter().filter_map(|door| door.sensed_open).collect();
            let open = reads.iter().filter(|open| **open).count();
            (reads.len(), open, kiosk.wiring.clone())
        });
        let Some((all, open, Some(mut wiring))) = known else {
            return;
        };
        said.set(if all == 0 || (open > 0 && open < all) {
            td_string!(locale, kiosk.shut_mixed)
        } else if open == 0 {
            td_string!(locale, kiosk.shut_right)
        } else {
            wiring.boards.inverted = !wiring.boards.inverted;
            shell.send(Input::SetWiring(Some(Box::new(wiring))));
            td_string!(locale, kiosk.shut_inverted)
        });
    };
    view! {
        {text("text-lg", td_string!(locale, kiosk.shut_hint))}
        {Button::large("all-shut", td_string!(locale, kiosk.shut)).view(look)}
        <p class="text-lg" data-testid="shut-said" aria-live="polite">{live(move || Some(said.get().into_any()))}</p>
    }
    .into_any()
}
