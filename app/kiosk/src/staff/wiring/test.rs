//! Each door once, and all of them shut: what is connected wrongly shows, and the settings are changed.

use super::frames::question;
use super::{again, polite, stack, told};
use crate::browser;
use crate::screens::button::{Button, live, text};
use crate::screens::{drawn_doors, label_of};
use crate::shell::Shell;
use domain::boards::bus::Why;
use domain::boards::{Contact, Trial, Verdict, Wires, Wiring};
use domain::ids::Port;
use domain::locker::kiosk::{Input, Kiosk, Opening, Stage};
use islands::i18n::{Locale, td_string};
use islands::ui::cabinet::Cabinet;
use leptos::prelude::*;
use std::cell::RefCell;

thread_local! {
    /// Kept while the page is drawn again with a new code: an offset shows only with the second door.
    static TRIAL: RefCell<Trial> = RefCell::default();
}

/// A door is opened, and the technician says which one did: what contradicts the settings is found and written into them.
pub fn test(shell: Shell, locale: Locale, said: RwSignal<String>) -> AnyView {
    let asked = RwSignal::new(None::<Port>);
    let told = RwSignal::new(false);
    TRIAL.with_borrow_mut(Trial::rest);
    let doors = move |lit: Option<Port>| {
        shell
            .with_kiosk(|kiosk| drawn_doors(kiosk, shell.now.get_untracked(), |door| Some(door.port) == lit))
            .unwrap_or_default()
    };
    let finish = move |now_or_never: bool| {
        let Some((wiring, layout)) = known(shell) else { return };
        let now = browser::now();
        let verdict = TRIAL.with_borrow_mut(|trial| trial.finish(&wiring, &layout, now, now_or_never));
        let Some(verdict) = verdict else { return };
        asked.set(None);
        told.set(false);
        said.set(words(shell, locale, &verdict));
        if let Some(wiring) = verdict.wiring {
            shell.send(Input::SetWiring(Some(Box::new(wiring))));
        }
    };
    again(Box::new(move || listen(shell)));
    again(Box::new(move || {
        shell.now.track();
        finish(false);
    }));
    let tapped = move |port: Port| match (asked.get_untracked(), told.get_untracked()) {
        (None, _) => {
            let Some((wiring, _)) = known(shell) else { return };
            said.set(String::new());
            asked.set(Some(port));
            TRIAL.with_borrow_mut(|trial| trial.begin(&wiring, port, browser::now()));
            shell.send(Input::TestOpen(port));
        }
        (Some(_), false) => {
            TRIAL.with_borrow_mut(|trial| trial.told(port));
            told.set(true);
            finish(false);
        }
        // The door is not shut, or its contact does not tell: what is known has to do.
        (Some(_), true) => finish(true),
    };
    let tap = Callback::new(tapped);
    let hint = move || match (asked.get(), told.get()) {
        (None, _) => td_string!(locale, kiosk.test_hint),
        (Some(_), false) => td_string!(locale, kiosk.test_which),
        (Some(_), true) => td_string!(locale, kiosk.test_shut),
    };
    let cabinet = move || {
        let doors = doors(asked.get());
        Some(view! { <Cabinet locale=locale doors=doors large=true on_tap=tap/> }.into_any())
    };
    stack(vec![
        live(move || Some(text("text-lg", hint()))),
        live(move || stage(shell, locale)),
        polite("test-said", said),
        live(cabinet),
    ])
}

/// How far the door is that was told to open.
fn stage(shell: Shell, locale: Locale) -> Option<AnyView> {
    let stage = |kiosk: &Kiosk| kiosk.test.as_ref().map(Opening::stage);
    let word = match shell.kiosk.with(|kiosk| kiosk.as_ref().and_then(stage))? {
        Stage::Asked => td_string!(locale, kiosk.door_asked),
        Stage::Released => td_string!(locale, kiosk.door_released),
        Stage::Unsure => td_string!(locale, kiosk.door_unsure),
        Stage::Opened { .. } => td_string!(locale, kiosk.test_which),
        Stage::NotOpened(Why::Unknown) => td_string!(locale, kiosk.door_unknown),
        Stage::NotOpened(_) => td_string!(locale, kiosk.door_jammed),
        Stage::Closed => td_string!(locale, kiosk.test_right),
    };
    Some(told("test-stage", "", word.to_owned()))
}

fn known(shell: Shell) -> Option<(Wiring, Vec<Port>)> {
    shell
        .with_kiosk(|kiosk| Some((kiosk.wiring.clone()?, kiosk.layout())))
        .flatten()
}

/// The newest answer on the wire, and its question.
fn listen(shell: Shell) {
    shell.seen.with(|all| {
        let at = all.iter().position(|one| !one.sent)?;
        let (question, (wiring, layout)) = (question(all, at)?, known(shell)?);
        TRIAL.with_borrow_mut(|trial| trial.heard(&wiring, &layout, question, &all[at]));
        Some(())
    });
}

fn words(shell: Shell, locale: Locale, verdict: &Verdict) -> String {
    let mut words = vec![match verdict.wires {
        Wires::Right => td_string!(locale, kiosk.test_right).to_owned(),
        Wires::Swapped(one, other) => {
            let (one, other) = (label_of(shell, one), label_of(shell, other));
            td_string!(locale, kiosk.test_swapped, one = one, other = other)
        }
        Wires::Offset { jumper } => td_string!(locale, kiosk.test_offset, board = jumper),
        Wires::Wrong => td_string!(locale, kiosk.link_faulty).to_owned(),
    }];
    match verdict.contact {
        Contact::Unmoved => words.push(td_string!(locale, kiosk.test_unmoved).to_owned()),
        Contact::Elsewhere(place) => words.push(td_string!(locale, kiosk.test_elsewhere, place = place)),
        Contact::Right | Contact::Untold => {}
    }
    if verdict.inverted {
        words.push(td_string!(locale, kiosk.shut_inverted).to_owned());
    }
    if verdict.reordered {
        words.push(td_string!(locale, kiosk.test_order).to_owned());
    }
    words.join(" ")
}

/// With every door shut, the contacts tell which way round they work.
pub fn shut(shell: Shell, locale: Locale) -> AnyView {
    let said = RwSignal::new(String::new());
    let look = move || {
        let known = shell.with_kiosk(|kiosk| {
            let reads: Vec<bool> = kiosk.doors.iter().filter_map(|door| door.sensed_open).collect();
            let open = reads.iter().filter(|open| **open).count();
            (reads.len(), open, kiosk.wiring.clone())
        });
        let Some((all, open, Some(mut wiring))) = known else {
            return;
        };
        let word = if all == 0 || (open > 0 && open < all) {
            td_string!(locale, kiosk.shut_mixed)
        } else if open == 0 {
            td_string!(locale, kiosk.shut_right)
        } else {
            wiring.boards.inverted = !wiring.boards.inverted;
            shell.send(Input::SetWiring(Some(Box::new(wiring))));
            td_string!(locale, kiosk.shut_inverted)
        };
        said.set(word.to_owned());
    };
    stack(vec![
        text("text-lg", td_string!(locale, kiosk.shut_hint)),
        Button::large("all-shut", td_string!(locale, kiosk.shut)).view(look),
        polite("shut-said", said),
    ])
}
