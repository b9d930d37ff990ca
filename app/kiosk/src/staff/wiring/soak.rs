//! The soak test: which doors, how often and how fast, and what became of them.

use super::{Line, changes, count_up, list, row, stack, told};
use crate::browser;
use crate::screens::button::{Button, live, text};
use crate::screens::label_of;
use crate::shell::Shell;
use domain::ids::Port;
use domain::locker::kiosk::{Input, Kiosk, Soak, SoakEnd, SoakWish, Tally};
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;
use std::cell::RefCell;

/// Rounds and pauses that are offered; the first of each is the default.
const ROUNDS: [u32; 5] = [10, 50, 100, 1, 5];
const PAUSES: [u32; 5] = [5, 10, 30, 60, 2];

/// What is chosen before it begins.
#[derive(Default)]
struct Choice {
    left_out: Vec<Port>,
    /// Places in the two lists.
    rounds: usize,
    pause: usize,
}

thread_local! {
    /// Kept while the page is drawn again with a new code.
    static CHOICE: RefCell<Choice> = RefCell::default();
}

pub fn soak(shell: Shell, locale: Locale) -> AnyView {
    let chosen = RwSignal::new(0_u32);
    let changed = changes(shell, |kiosk| (empty(kiosk), has_contacts(kiosk)));
    let follow = move || {
        chosen.track();
        changed.track();
    };
    let change = move |change: &dyn Fn(&mut Choice)| {
        CHOICE.with_borrow_mut(|choice| change(choice));
        count_up(chosen);
    };
    let doors = move || {
        follow();
        let empty = shell.with_kiosk(empty).unwrap_or_default();
        let left_out = CHOICE.with_borrow(|choice| choice.left_out.clone());
        let all = left_out.is_empty();
        let none = if all { empty.clone() } else { Vec::new() };
        let every = Button::choice("soak-all", td_string!(locale, kiosk.soak_all), Signal::stored(all))
            .view(move || change(&|choice| choice.left_out.clone_from(&none)));
        let buttons: Vec<_> = empty
            .into_iter()
            .map(|port| {
                let label = label_of(shell, port);
                let takes_part = !left_out.contains(&port);
                Button::choice(format!("soak-{label}"), label, Signal::stored(takes_part)).view(move || {
                    change(&|choice| {
                        choice.left_out.retain(|one| *one != port);
                        if takes_part {
                            choice.left_out.push(port);
                        }
                    });
                })
            })
            .collect();
        let title = td_string!(locale, kiosk.soak);
        view! { <div class="join join-wrap" role="group" aria-label=title>{every}{buttons}</div> }.into_any()
    };
    let turns = move || {
        chosen.track();
        let (rounds, pause) = CHOICE.with_borrow(|choice| (ROUNDS[choice.rounds], PAUSES[choice.pause]));
        let rounds = Button::large(
            "soak-rounds",
            td_string!(
                locale,
                kiosk.set_is,
                name = td_string!(locale, kiosk.soak_rounds),
                value = rounds
            ),
        )
        .view(move || change(&|choice| choice.rounds = (choice.rounds + 1) % ROUNDS.len()));
        let pause = Button::large(
            "soak-pause",
            td_string!(
                locale,
                kiosk.set_is,
                name = td_string!(locale, kiosk.soak_pause),
                value = pause
            ),
        )
        .view(move || change(&|choice| choice.pause = (choice.pause + 1) % PAUSES.len()));
        stack(vec![rounds, pause])
    };
    let begin = move || {
        shell.send(Input::Soak(Box::new(CHOICE.with_borrow(|choice| SoakWish {
            doors: taking_part(shell, choice),
            rounds: ROUNDS[choice.rounds],
            pause_seconds: PAUSES[choice.pause],
        }))));
    };
    let contacts = move || shell.with_kiosk(has_contacts) == Some(true);
    let idle = Signal::derive(move || {
        follow();
        !contacts() || CHOICE.with_borrow(|choice| taking_part(shell, choice)).is_empty()
    });
    let warning = move || {
        changed.track();
        (!contacts()).then(|| text("text-lg", td_string!(locale, kiosk.soak_no_contacts)))
    };
    stack(vec![
        text("text-lg", td_string!(locale, kiosk.soak_hint)),
        live(warning),
        live(move || Some(doors())),
        row(vec![
            live(move || Some(turns())),
            Button::main("soak-start", td_string!(locale, kiosk.soak_start))
                .disabled(idle)
                .view(begin),
        ]),
        result(shell, locale),
    ])
}

/// The doors that may be tested.
fn empty(kiosk: &Kiosk) -> Vec<Port> {
    kiosk.free_doors(1).map(|door| door.port).collect()
}

fn has_contacts(kiosk: &Kiosk) -> bool {
    kiosk.wiring.as_ref().is_some_and(|wiring| wiring.boards.contacts)
}

fn taking_part(shell: Shell, choice: &Choice) -> Vec<Port> {
    let mut doors = shell.with_kiosk(empty).unwrap_or_default();
    doors.retain(|port| !choice.left_out.contains(port));
    doors
}

/// What became of each door, while it goes on and after it.
fn result(shell: Shell, locale: Locale) -> AnyView {
    let changed = changes(shell, |kiosk| kiosk.soak.clone());
    let soak = move || shell.with_kiosk(|kiosk| kiosk.soak.clone()).flatten();
    let copy = move || {
        let Some(soak) = soak() else { return };
        let rows = rows(shell, locale, &soak)
            .into_iter()
            .map(|(name, text)| format!("{name}\t{text}"));
        let kiosk = shell.with_kiosk(|kiosk| format!("{} {}", kiosk.name, kiosk.yid.0));
        let head = [kiosk.unwrap_or_default(), state(shell, locale, &soak)];
        browser::copy(&head.into_iter().chain(rows).collect::<Vec<_>>().join("\n"));
    };
    live(move || {
        changed.track();
        let soak = soak()?;
        let lines = rows(shell, locale, &soak).into_iter().map(|(name, text)| Line {
            testid: format!("soaked-{name}"),
            state: "",
            text: format!("{name} · {text}"),
        });
        let word = if soak.is_running() { "running" } else { "ended" };
        Some(stack(vec![
            told("soak-state", word, state(shell, locale, &soak)),
            list("soaked", lines),
            Button::large("copy-soak", td_string!(locale, kiosk.copy)).view(copy),
        ]))
    })
}

/// Each door and all of them, with their counts.
fn rows(shell: Shell, locale: Locale, soak: &Soak) -> Vec<(String, String)> {
    let counts = |tally: Tally| {
        td_string!(
            locale,
            kiosk.soak_counts,
            opened = tally.opened,
            shut = tally.closed,
            failed = tally.not_opened,
            unsure = tally.unsure
        )
    };
    let doors = soak.wish.doors.iter().zip(&soak.tallies);
    doors
        .map(|(port, tally)| (label_of(shell, *port), counts(*tally)))
        .chain([(td_string!(locale, kiosk.soak_total).to_owned(), counts(soak.total()))])
        .collect()
}

fn state(shell: Shell, locale: Locale, soak: &Soak) -> String {
    let (rounds, round) = (soak.wish.rounds, soak.round);
    let word = match soak.ended {
        None => {
            let label = soak.door().map(|port| label_of(shell, port)).unwrap_or_default();
            return td_string!(
                locale,
                kiosk.soak_running,
                round = round,
                rounds = rounds,
                label = label
            );
        }
        Some(SoakEnd::Done) => td_string!(locale, kiosk.scan_done),
        Some(SoakEnd::Touched) => td_string!(locale, kiosk.soak_touched),
        Some(SoakEnd::BoardLost) => td_string!(locale, kiosk.soak_board),
        Some(SoakEnd::Rewired) => td_string!(locale, kiosk.soak_rewired),
        Some(SoakEnd::Restarted) => td_string!(locale, kiosk.soak_restarted),
        Some(SoakEnd::NoDoor) => td_string!(locale, kiosk.soak_no_door),
    };
    format!("{word} {round}/{rounds}")
}
