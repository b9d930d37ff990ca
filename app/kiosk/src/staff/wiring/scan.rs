//! The search for boards.

use super::{Line, list, row, stack};
use crate::screens::button::{Button, live, text};
use crate::shell::Shell;
use domain::boards::cabinet::Wish;
use domain::boards::{Found, Kind, ScanWish};
use domain::locker::kiosk::Kiosk;
use islands::i18n::{Locale, td_string};
use leptos::prelude::*;

/// Status questions to every address.
pub fn scan(shell: Shell, locale: Locale) -> AnyView {
    let begin = move |kinds: Vec<Kind>| {
        shell.found.set(Vec::new());
        shell.wish(Wish::Scan(ScanWish { kinds, last: 247 }));
    };
    let mine = move || {
        let kind = |kiosk: &Kiosk| kiosk.wiring.as_ref().map(|wiring| wiring.boards.kind);
        shell.kiosk.with(|kiosk| kiosk.as_ref().and_then(kind))
    };
    let lines = move || {
        let lines = shell.found.get().into_iter().map(|found| {
            let (state, text) = match found {
                Found::Board {
                    line,
                    kind,
                    baud,
                    jumper,
                    twice,
                } => {
                    let mut said = format!("{} · {} · {baud} · {jumper}", line + 1, kind.name());
                    if twice {
                        said = format!("{said} · {}", td_string!(locale, kiosk.scan_twice));
                    }
                    ("board", said)
                }
                Found::Echo { line } => ("echo", format!("{} · {}", line + 1, td_string!(locale, kiosk.set_echo))),
                Found::Progress { asked, of } => (
                    "progress",
                    td_string!(locale, kiosk.scan_progress, asked = asked, of = of),
                ),
                Found::Done => ("done", td_string!(locale, kiosk.scan_done).to_owned()),
            };
            Line {
                testid: format!("found-{state}"),
                state,
                text,
            }
        });
        list("found", lines)
    };
    stack(vec![
        text("text-lg", td_string!(locale, kiosk.scan_hint)),
        row(vec![
            live(move || mine().map(|kind| Button::large("scan-mine", kind.name()).view(move || begin(vec![kind])))),
            Button::large("scan-all", td_string!(locale, kiosk.scan_all)).view(move || begin(Kind::ALL.to_vec())),
            Button::large("scan-stop", td_string!(locale, kiosk.scan_stop)).view(move || shell.wish(Wish::StopScan)),
        ]),
        live(move || Some(lines())),
    ])
}
