//! The last frames with their meaning.

use super::{row, stack};
use crate::browser;
use crate::screens::button::{Button, live, text};
use crate::shell::Shell;
use domain::boards::driver::Seen;
use domain::boards::{Answer, Codec, Request};
use domain::ids::Port;
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;
use std::collections::VecDeque;
use std::fmt::Write;

/// The last frames, drawn once a second.
pub fn monitor(shell: Shell, locale: Locale) -> AnyView {
    let drawn = move || {
        shell.now.track();
        Some(frames(shell).into_any())
    };
    stack(vec![
        text("text-lg", td_string!(locale, kiosk.monitor_hint)),
        row(vec![
            Button::large("copy-frames", td_string!(locale, kiosk.copy)).view(move || browser::copy(&frames(shell))),
        ]),
        view! { <pre class="max-h-[40dvh] overflow-auto text-base" tabindex="0" data-testid="frames">{live(drawn)}</pre> }
            .into_any(),
    ])
}

/// Frames with their meaning, newest first. The words are those of documents of boards, in every language.
fn frames(shell: Shell) -> String {
    let Some((codec, locks)) = codec(shell) else {
        return String::new();
    };
    let mut text = String::new();
    shell.seen.with_untracked(|all| {
        for (at, seen) in all.iter().enumerate() {
            let meaning = if seen.sent {
                seen.request(&codec, &locks).map(meant)
            } else {
                question(all, at)
                    .and_then(|before| before.request(&codec, &locks))
                    .and_then(|request| seen.answer(&codec, request))
                    .map(answered)
            };
            let arrow = if seen.sent { '>' } else { '<' };
            let _ = writeln!(
                text,
                "{} {} {arrow} {}  {}",
                browser::time_of_day(seen.at),
                seen.line + 1,
                seen.hex(),
                meaning.unwrap_or_else(|| "?".to_owned())
            );
        }
    });
    text
}

/// The frames of the boards that are set up, and where the locks of all doors are.
pub(super) fn codec(shell: Shell) -> Option<(Codec, Vec<Port>)> {
    let known = shell.with_kiosk(|kiosk| {
        let wiring = kiosk.wiring.as_ref()?;
        let locks = kiosk.layout().into_iter().map(|door| wiring.lock(door)).collect();
        Some((Codec::new(&wiring.boards).ok()?, locks))
    });
    known.flatten()
}

/// What was sent on the same line before the frame at this place; the newest frame is the first.
pub(super) fn question(all: &VecDeque<Seen>, at: usize) -> Option<&Seen> {
    let line = all.get(at)?.line;
    all.iter().skip(at).find(|one| one.sent && one.line == line)
}

/// Which boards answer on each line: its adapter's first and last one.
pub(super) fn boards_by_line(shell: Shell) -> Vec<(usize, i64, i64)> {
    let Some((codec, locks)) = codec(shell) else {
        return Vec::new();
    };
    let mut found: Vec<(usize, i64, i64)> = Vec::new();
    shell.seen.with_untracked(|all| {
        for (at, came) in all.iter().enumerate().filter(|(_, one)| !one.sent) {
            if found.iter().any(|(line, ..)| *line == came.line) {
                continue;
            }
            let request = question(all, at).and_then(|sent| sent.request(&codec, &locks));
            let board = request.filter(|request| came.answer(&codec, *request).is_some());
            let adapter = shell.with_kiosk(|kiosk| {
                let wiring = kiosk.wiring.as_ref()?;
                let lock = Port {
                    jumper: board?.jumper(),
                    serial: 1,
                };
                let adapter = wiring.adapters.get(wiring.adapter_of(lock)?)?;
                Some((came.line, adapter.first, adapter.last))
            });
            found.extend(adapter.flatten());
        }
    });
    found
}

fn meant(request: Request) -> String {
    match request {
        Request::Open(port) => format!("open {}.{}", port.jumper, port.serial),
        Request::Off { jumper } => format!("off {jumper}"),
        Request::Board { jumper } => format!("status {jumper}"),
        Request::Door(port) => format!("status {}.{}", port.jumper, port.serial),
    }
}

fn answered(answer: Answer) -> String {
    match answer {
        Answer::Done { .. } => "ok".to_owned(),
        Answer::Refused => "refused".to_owned(),
        Answer::Door { open } => if open { "open" } else { "shut" }.to_owned(),
        Answer::Doors(bits) => {
            let open: Vec<String> = (0..64)
                .filter(|bit| bits >> bit & 1 == 1)
                .map(|bit| (bit + 1).to_string())
                .collect();
            if open.is_empty() {
                "shut".to_owned()
            } else {
                format!("open {}", open.join(" "))
            }
        }
    }
}
