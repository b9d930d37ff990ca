//! The last frames with their meaning.

use crate::i18n::{Locale, td_string};
use crate::kiosk::browser;
use crate::kiosk::screens::button::{Button, live, text};
use crate::kiosk::shell::Shell;
use domain::boards::{Answer, Codec, Request};
use domain::ids::Port;
use leptos::prelude::*;
use std::fmt::Write;

/// The last frames, drawn once a second.
pub fn monitor(shell: Shell, locale: Locale) -> AnyView {
    view! {
        {text("text-lg", td_string!(locale, kiosk.monitor_hint))}
        <div>{Button::large("copy-frames", td_string!(locale, kiosk.copy)).view(move || browser::copy(&frames(shell)))}</div>
        <pre class="max-h-[40dvh] overflow-auto text-base" tabindex="0" data-testid="frames">{live(move || {
            shell.now.track();
            Some(frames(shell).into_any())
        })}</pre>
    }
    .into_any()
}

/// Frames with their meaning, newest first. The words are those of documents of boards, in every language.
fn frames(shell: Shell) -> String {
    let known = shell.with_kiosk(|kiosk| {
        let wiring = kiosk.wiring.as_ref()?;
        let locks: Vec<Port> = kiosk.layout().into_iter().map(|door| wiring.lock(door)).collect();
        Some((Codec::new(&wiring.boards).ok()?, locks))
    });
    let Some((codec, locks)) = known.flatten() else {
        return String::new();
    };
    let mut text = String::new();
    shell.seen.with_untracked(|all| {
        let all: Vec<_> = all.iter().collect();
        for (at, seen) in all.iter().enumerate() {
            let meaning = if seen.sent {
                seen.request(&codec, &locks).map(meant)
            } else {
                let before = all[at..].iter().find(|one| one.sent && one.line == seen.line);
                before
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
