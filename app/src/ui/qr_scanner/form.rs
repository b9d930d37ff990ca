//! The scanner of phones: the whole screen is the camera. What it reads goes into the text field of a plain form and is sent;
//! without JavaScript, camera or patience the code is typed or pasted into the same field.

use super::camera::Facing;
use super::reader::{Reader, ReaderState, ReaderView};
use crate::i18n::{self, Locale, td_string};
use crate::ui::glyph::{self, Glyph};
use domain::token::Command;
use domain::token::frames::{Decoder, Reading};
use leptos::html::{Details, Form, Textarea};
use leptos::prelude::*;
use std::time::Duration;

/// How long something that is no code of ours is spoken of.
const FOREIGN_SHOWN: Duration = Duration::from_millis(2_500);
/// How long what was read stands before the form is sent.
const READ_SHOWN: Duration = Duration::from_millis(250);

/// Without JavaScript there is no camera, and the field is a part of the page.
const WITHOUT_SCRIPT: &str = "<style>.scanner-stage,.scanner-back,.scanner-typing>summary{display:none!important}\
    .scanner-top,.scanner-typing{position:static!important;animation:none!important;padding:0!important}</style>";

#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Nothing,
    Foreign,
    /// Percent of a code that comes in pieces.
    Part(u8),
    Whole(Option<Command>),
}

/// Reads a code with the camera and posts it to the page's own address as the field `code`.
#[island]
pub fn ScannerForm(
    /// Code of the language.
    locale: String,
    /// What to hold before the camera.
    prompt: String,
    /// Where the way back leads.
    back: String,
    /// What was sent before and refused, not sent again by itself; empty at first.
    typed: String,
    /// What is wrong with that; empty where nothing is.
    problem: String,
    /// What lies over the picture, such as why the last code was refused.
    children: Children,
) -> impl IntoView {
    let locale = i18n::parse(&locale).unwrap_or(Locale::en);
    let seen = RwSignal::new(Seen::Nothing);
    let (form, field, typing) = (
        NodeRef::<Form>::new(),
        NodeRef::<Textarea>::new(),
        NodeRef::<Details>::new(),
    );
    let scan = Scan {
        refused: StoredValue::new(typed.clone()),
        pieces: StoredValue::new(Decoder::default()),
        seen,
        form,
        field,
    };
    let reader = Reader::new(Facing::Away, Callback::new(move |text: String| scan.receive(&text)));
    let typing_open = typed.is_empty() && !problem.is_empty();
    Effect::new(move |_| {
        if let Some(typing) = typing.get() {
            typing.set_open(typing_open);
            reader.start();
        }
    });
    Effect::new(move |_| {
        if let (ReaderState::Failed(_), Some(typing)) = (reader.state.get(), typing.get()) {
            typing.set_open(true);
        }
    });
    view! {
        <noscript inner_html=WITHOUT_SCRIPT></noscript>
        <div class="scanner-stage">
            <ReaderView reader locale>
                <Ring seen/>
                <div class="scanner-bottom">
                    <p class="scanner-says" role="status" data-testid="scanner-says">{move || says(locale, &prompt, reader.state.get(), seen.get())}</p>
                    <Buttons reader locale/>
                </div>
            </ReaderView>
        </div>
        <div class="scanner-top">
            <a href=back class="btn btn-circle scanner-button scanner-back" aria-label=td_string!(locale, common.scanner_back) data-testid="scanner-back">
                <Glyph paths=glyph::CLOSE/>
            </a>
            <div class="flex min-w-0 flex-1 flex-col gap-3">{children()}</div>
        </div>
        <details node_ref=typing class="scanner-typing" open=true>
            <summary class="btn scanner-button w-full"><Glyph paths=glyph::KEYBOARD/> {td_string!(locale, common.scanner_type)}</summary>
            <form node_ref=form method="post" class="flex flex-col gap-2 pt-3" data-testid="typed-form">
                <label for="code" class="font-medium">{td_string!(locale, common.scanner_typed)}</label>
                <textarea
                    node_ref=field id="code" name="code" rows="3" autocomplete="off" spellcheck="false" required
                    class="textarea w-full font-mono text-base"
                    aria-invalid=(!problem.is_empty()).then_some("true")
                    aria-describedby=(!problem.is_empty()).then_some("code-problem")
                >{typed}</textarea>
                {(!problem.is_empty()).then(|| view! { <p id="code-problem" class="text-error text-sm" role="alert">{problem}</p> })}
                <button class="btn btn-primary btn-lg">{td_string!(locale, common.scanner_use)}</button>
            </form>
        </details>
    }
}

/// What is done with a text once it was read.
#[derive(Clone, Copy)]
struct Scan {
    refused: StoredValue<String>,
    pieces: StoredValue<Decoder>,
    seen: RwSignal<Seen>,
    form: NodeRef<Form>,
    field: NodeRef<Textarea>,
}

impl Scan {
    fn receive(self, text: &str) {
        if matches!(self.seen.get_untracked(), Seen::Whole(_)) {
            return;
        }
        let reading = self.pieces.try_update_value(|pieces| pieces.receive(text));
        match reading {
            Some(Reading::Whole(token)) if self.refused.with_value(|refused| *refused != token) => self.send(&token),
            Some(Reading::Partial { progress }) => {
                // 0 to 100.
                self.seen.set(Seen::Part((progress.clamp(0.0, 1.0) * 100.0) as u8));
            }
            Some(Reading::Foreign) => {
                self.seen.set(Seen::Foreign);
                set_timeout(move || self.forget_foreign(), FOREIGN_SHOWN);
            }
            _ => {}
        }
    }

    fn forget_foreign(self) {
        if self.seen.try_get_untracked() == Some(Seen::Foreign) {
            self.seen.set(Seen::Nothing);
        }
    }

    fn send(self, token: &str) {
        let command = domain::token::peek(token).ok().map(|peeked| peeked.cmd);
        self.seen.set(Seen::Whole(command));
        window().navigator().vibrate_with_duration(60);
        if let Some(field) = self.field.get_untracked() {
            field.set_value(token);
        }
        set_timeout(
            move || {
                if let Some(form) = self.form.get_untracked() {
                    // Fails only where the form is no longer in the page.
                    let _sent = form.submit();
                }
            },
            READ_SHOWN,
        );
    }
}

fn says(locale: Locale, prompt: &str, state: ReaderState, seen: Seen) -> String {
    match (seen, state) {
        (Seen::Whole(command), _) => read_text(locale, command).to_owned(),
        (_, ReaderState::Failed(problem)) => problem.text(locale).to_owned(),
        (_, ReaderState::Off | ReaderState::Starting) => td_string!(locale, common.scanner_starting).to_owned(),
        (Seen::Foreign, _) => td_string!(locale, common.scanner_foreign).to_owned(),
        (Seen::Part(percent), _) => td_string!(locale, common.scanner_part, percent = percent).to_string(),
        (Seen::Nothing, _) => prompt.to_owned(),
    }
}

fn read_text(locale: Locale, command: Option<Command>) -> &'static str {
    match command {
        Some(Command::OpenToSave) => td_string!(locale, common.scanner_read_deposit),
        Some(Command::SaveToData) => td_string!(locale, common.scanner_read_sync),
        _ => td_string!(locale, common.scanner_read),
    }
}

/// The frame to hold a code in; fills up while a code comes in pieces, and closes when one was read.
#[component]
fn Ring(seen: RwSignal<Seen>) -> impl IntoView {
    let filled = move || match seen.get() {
        Seen::Nothing | Seen::Foreign => 0,
        Seen::Part(percent) => percent,
        Seen::Whole(_) => 100,
    };
    let read = move || matches!(seen.get(), Seen::Whole(_));
    view! {
        <svg class="scanner-frame" class:scanner-frame-read=read viewBox="0 0 100 100" aria-hidden="true" data-filled=filled>
            <rect x="2" y="2" width="96" height="96" rx="10" class="scanner-frame-ground"/>
            <rect x="2" y="2" width="96" height="96" rx="10" class="scanner-frame-fill" pathLength="100"
                stroke-dasharray=move || [&filled().to_string(), " 100"].concat()/>
            <path d="M34 52 46 64 68 38" class="scanner-frame-tick"/>
        </svg>
    }
}

#[component]
fn Buttons(reader: Reader, locale: Locale) -> impl IntoView {
    let torch = move || {
        reader.torch.get().map(|on| {
            view! {
                <button type="button" class="btn btn-circle scanner-button" aria-pressed=if on { "true" } else { "false" }
                    aria-label=td_string!(locale, common.scanner_torch) on:click=move |_| reader.toggle_torch()>
                    <Glyph paths=glyph::TORCH/>
                </button>
            }
        })
    };
    let other = move || {
        (reader.cameras.with(Vec::len) > 1).then(|| {
            view! {
                <button type="button" class="btn btn-circle scanner-button" aria-label=td_string!(locale, common.scanner_other)
                    data-testid="other-camera" on:click=move |_| reader.other_camera()>
                    <Glyph paths=glyph::CAMERA_SWITCH/>
                </button>
            }
        })
    };
    let again = move || {
        matches!(reader.state.get(), ReaderState::Failed(_)).then(|| {
            view! {
                <button type="button" class="btn scanner-button" on:click=move |_| reader.retry()>
                    <Glyph paths=glyph::CAMERA/> {td_string!(locale, common.scanner_again)}
                </button>
            }
        })
    };
    view! { <div class="flex justify-center gap-4">{torch} {other} {again}</div> }
}
