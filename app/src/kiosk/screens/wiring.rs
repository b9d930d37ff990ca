//! Staff area, wiring: for the technician who connects lock boards. Everything works without network.

use super::super::browser;
use super::super::doors::Link;
use super::super::serial;
use super::super::shell::Shell;
use super::button::{Button, live, text};
use super::drawn_doors;
use super::pad::{Ask, pad};
use crate::i18n::{Locale, td_string};
use crate::ui::cabinet::Cabinet;
use domain::boards::bus::{BoardState, Why};
use domain::boards::cabinet::Wish;
use domain::boards::driver::TOKEN_DIGITS;
use domain::boards::{
    AdaptersText, Answer, ByteOrder, Codec, Echo, Found, Kind, Request, ScanWish, Via, WiresText, Wiring,
};
use domain::ids::Port;
use domain::locker::kiosk::{Input, Kiosk, Opening, Stage};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::fmt::Write;

/// Speeds that are offered.
const SPEEDS: [u32; 6] = [9_600, 19_200, 38_400, 57_600, 115_200, 4_800];

pub fn wiring(shell: Shell, locale: Locale) -> AnyView {
    view! {
        {part(td_string!(locale, kiosk.link), "link", link(shell, locale))}
        {part(td_string!(locale, kiosk.set_up), "set-up", settings(shell, locale))}
        {part(td_string!(locale, kiosk.scan), "scan", scan(shell, locale))}
        {part(td_string!(locale, kiosk.test), "test", test(shell, locale))}
        {part(td_string!(locale, kiosk.shut), "shut", shut(shell, locale))}
        {part(td_string!(locale, kiosk.monitor), "monitor", monitor(shell, locale))}
        {part(td_string!(locale, kiosk.help), "help", text("text-lg", td_string!(locale, kiosk.help_text)))}
    }
    .into_any()
}

fn part(title: &'static str, testid: &'static str, inside: AnyView) -> AnyView {
    view! {
        <section class="card-plain flex flex-col gap-3" data-testid=format!("wiring-{testid}")>
            <h2 class="text-2xl font-semibold">{title}</h2>
            {inside}
        </section>
    }
    .into_any()
}

/// What the boards can be reached by, and how each answers.
fn link(shell: Shell, locale: Locale) -> AnyView {
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
        let lines: Vec<_> = boards
            .into_iter()
            .map(|(jumper, state)| {
                let (word, said) = match state {
                    BoardState::Ok => ("ok", td_string!(locale, kiosk.board_ok)),
                    BoardState::Silent => ("silent", td_string!(locale, kiosk.board_silent)),
                    BoardState::Garbled => ("garbled", td_string!(locale, kiosk.board_garbled)),
                    BoardState::Echo => ("echo", td_string!(locale, kiosk.board_echo)),
                    BoardState::Lost => ("lost", td_string!(locale, kiosk.board_lost)),
                };
                view! { <li data-testid=format!("board-{jumper}") data-state=word>{jumper} " · " {said}</li> }
            })
            .collect();
        view! { <ul class="text-lg tabular-nums">{lines}</ul> }.into_any()
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

/// One setting: what it is called, what it is, and what a tap makes of it.
type Setting = (
    &'static str,
    &'static str,
    fn(&Wiring, Locale) -> String,
    fn(&mut Wiring),
);

fn settings(shell: Shell, locale: Locale) -> AnyView {
    let draft = RwSignal::new(shell.with_kiosk(|kiosk| kiosk.wiring.clone()).flatten());
    let kind = move || {
        draft.with(|draft| match draft {
            Some(wiring) => wiring.boards.kind.name().to_owned(),
            None => td_string!(locale, kiosk.set_none).to_owned(),
        })
    };
    let next_kind = move || draft.update(|draft| *draft = after(draft.as_ref()));
    let rows = move || {
        let wiring = draft.get()?;
        let settings = all_settings(locale);
        let rows: Vec<_> = settings
            .into_iter()
            .map(|(testid, name, value, next)| {
                let value = value(&wiring, locale);
                Button::large(testid, format!("{name}: {value}")).view(move || {
                    draft.update(|draft| {
                        if let Some(wiring) = draft {
                            next(wiring);
                        }
                    });
                })
            })
            .collect();
        Some(view! { <div class="flex flex-wrap gap-3">{rows}</div> }.into_any())
    };
    let lines = move || {
        let wiring = draft.get_untracked()?;
        let (adapters, wires) = (
            String::from(AdaptersText(wiring.adapters)),
            String::from(WiresText(wiring.wires)),
        );
        Some(
            view! {
                {line("set-adapters", adapters, move |text| {
                    if let Ok(AdaptersText(adapters)) = AdaptersText::try_from(text) {
                        draft.update(|draft| if let Some(wiring) = draft { wiring.adapters = adapters });
                    }
                })}
                {line("set-wires", wires, move |text| {
                    if let Ok(WiresText(wires)) = WiresText::try_from(text) {
                        draft.update(|draft| if let Some(wiring) = draft { wiring.wires = wires });
                    }
                })}
            }
            .into_any(),
        )
    };
    let chosen = Memo::new(move |_| draft.with(|draft| draft.as_ref().map(|wiring| wiring.boards.kind)));
    let layout = shell.with_kiosk(Kiosk::layout).unwrap_or_default();
    let faulty =
        Memo::new(move |_| draft.with(|draft| draft.as_ref().is_some_and(|wiring| wiring.check(&layout).is_err())));
    view! {
        {live(move || Some(Button::large("set-kind", format!("{}: {}", td_string!(locale, kiosk.set_kind), kind())).view(next_kind)))}
        {live(rows)}
        {live(move || chosen.get().and_then(|_| lines()))}
        {live(move || faulty.get().then(|| text("text-lg", td_string!(locale, kiosk.link_faulty))))}
        {Button::main("set-save", td_string!(locale, kiosk.set_save)).disabled(Signal::derive(move || faulty.get())).view(move || {
            shell.send(Input::SetWiring(draft.get_untracked().map(Box::new)));
        })}
    }
    .into_any()
}

fn line(testid: &'static str, value: String, changed: impl Fn(String) + 'static) -> AnyView {
    view! {
        <input class="input input-lg w-full" data-testid=testid aria-label=testid autocomplete="off" value=value
            on:change=move |event| changed(event_target_value(&event))/>
    }
    .into_any()
}

/// The next kind, with the settings of its documents; after the last one, none.
fn after(wiring: Option<&Wiring>) -> Option<Wiring> {
    let next = match wiring {
        None => Some(0),
        Some(wiring) => Kind::ALL
            .iter()
            .position(|kind| *kind == wiring.boards.kind)
            .map(|at| at + 1),
    };
    next.and_then(|at| Kind::ALL.get(at)).map(|kind| Wiring::of(*kind))
}

fn all_settings(locale: Locale) -> [Setting; 10] {
    [
        (
            "set-via",
            td_string!(locale, kiosk.set_via),
            |wiring, locale| match wiring.via {
                Via::Browser => td_string!(locale, kiosk.set_via_browser).to_owned(),
                Via::Bridge => td_string!(locale, kiosk.set_via_bridge).to_owned(),
            },
            |wiring| {
                wiring.via = match wiring.via {
                    Via::Browser => Via::Bridge,
                    Via::Bridge => Via::Browser,
                }
            },
        ),
        (
            "set-baud",
            td_string!(locale, kiosk.set_baud),
            |wiring, _| wiring.boards.baud.to_string(),
            |wiring| {
                let at = SPEEDS.iter().position(|speed| *speed == wiring.boards.baud);
                wiring.boards.baud = SPEEDS[at.map_or(0, |at| (at + 1) % SPEEDS.len())];
            },
        ),
        (
            "set-doors",
            td_string!(locale, kiosk.set_doors),
            |wiring, _| wiring.boards.doors.to_string(),
            |wiring| wiring.boards.doors = wiring.boards.doors % wiring.boards.kind.doors() + 1,
        ),
        (
            "set-open",
            td_string!(locale, kiosk.set_open_ms),
            |wiring, _| wiring.boards.open_ms.to_string(),
            |wiring| {
                let (shortest, longest) = wiring.boards.kind.open_times();
                let next = wiring.boards.open_ms.saturating_add(100);
                wiring.boards.open_ms = if next > longest.min(5_000) { shortest } else { next };
            },
        ),
        (
            "set-contacts",
            td_string!(locale, kiosk.set_contacts),
            |wiring, locale| yes(locale, wiring.boards.contacts),
            |wiring| wiring.boards.contacts = !wiring.boards.contacts,
        ),
        (
            "set-inverted",
            td_string!(locale, kiosk.set_inverted),
            |wiring, locale| yes(locale, wiring.boards.inverted),
            |wiring| wiring.boards.inverted = !wiring.boards.inverted,
        ),
        (
            "set-acknowledges",
            td_string!(locale, kiosk.set_acknowledges),
            |wiring, locale| yes(locale, wiring.boards.acknowledges),
            |wiring| wiring.boards.acknowledges = !wiring.boards.acknowledges,
        ),
        (
            "set-order",
            td_string!(locale, kiosk.set_byte_order),
            |wiring, _| match wiring.boards.byte_order {
                ByteOrder::LastFirst => "… 8–1".to_owned(),
                ByteOrder::FirstFirst => "8–1 …".to_owned(),
            },
            |wiring| {
                wiring.boards.byte_order = match wiring.boards.byte_order {
                    ByteOrder::LastFirst => ByteOrder::FirstFirst,
                    ByteOrder::FirstFirst => ByteOrder::LastFirst,
                }
            },
        ),
        (
            "set-one-door",
            td_string!(locale, kiosk.set_one_door),
            |wiring, locale| yes(locale, wiring.boards.ask_one_door),
            |wiring| wiring.boards.ask_one_door = !wiring.boards.ask_one_door,
        ),
        (
            "set-echo",
            td_string!(locale, kiosk.set_echo),
            |wiring, locale| match wiring.boards.echo {
                Echo::Ask => "?".to_owned(),
                Echo::Yes => yes(locale, true),
                Echo::No => yes(locale, false),
            },
            |wiring| {
                wiring.boards.echo = match wiring.boards.echo {
                    Echo::Ask => Echo::Yes,
                    Echo::Yes => Echo::No,
                    Echo::No => Echo::Ask,
                }
            },
        ),
    ]
}

fn yes(locale: Locale, yes: bool) -> String {
    if yes {
        td_string!(locale, kiosk.yes).to_owned()
    } else {
        td_string!(locale, kiosk.no).to_owned()
    }
}

/// Status questions to every address.
fn scan(shell: Shell, locale: Locale) -> AnyView {
    let begin = move |kinds: Vec<Kind>| {
        shell.found.set(Vec::new());
        shell.wish(Wish::Scan(ScanWish { kinds, last: 247 }));
    };
    let mine = move || {
        let kind = |kiosk: &Kiosk| kiosk.wiring.as_ref().map(|wiring| wiring.boards.kind);
        shell.kiosk.with(|kiosk| kiosk.as_ref().and_then(kind))
    };
    let lines = move || {
        let lines: Vec<_> = shell
            .found
            .get()
            .into_iter()
            .map(|found| {
                let (word, said) = match found {
                    Found::Board {
                        line,
                        kind,
                        baud,
                        jumper,
                        twice,
                    } => {
                        let mut said = format!("{} · {} · {baud} · {jumper}", line + 1, kind.name());
                        if twice {
                            let _ = write!(said, " · {}", td_string!(locale, kiosk.scan_twice));
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
                view! { <li data-found=word>{said}</li> }
            })
            .collect();
        view! { <ul class="text-lg tabular-nums" data-testid="found" aria-live="polite">{lines}</ul> }.into_any()
    };
    view! {
        {text("text-lg", td_string!(locale, kiosk.scan_hint))}
        <div class="flex flex-wrap gap-3">
            {live(move || mine().map(|kind| Button::large("scan-mine", kind.name()).view(move || begin(vec![kind]))))}
            {Button::large("scan-all", td_string!(locale, kiosk.scan_all)).view(move || begin(Kind::ALL.to_vec()))}
            {Button::large("scan-stop", td_string!(locale, kiosk.scan_stop)).view(move || shell.wish(Wish::StopScan))}
        </div>
        {live(move || Some(lines()))}
    }
    .into_any()
}

/// A door is opened, and the technician says which one did: swapped wires are found and written into the settings.
fn test(shell: Shell, locale: Locale) -> AnyView {
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
                let (one, other) = (super::label_of(shell, other), super::label_of(shell, port));
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
fn shut(shell: Shell, locale: Locale) -> AnyView {
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

/// The last frames, drawn once a second.
fn monitor(shell: Shell, locale: Locale) -> AnyView {
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
