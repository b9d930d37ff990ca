//! The camera, always looking: codes are held to the kiosk without asking it first.

use super::super::shell::Shell;
use super::button::{Button, live};
use domain::locker::kiosk::{Input, Screen};
use domain::token::frames::PART;
use islands::i18n::{Locale, td_string};
use islands::ui::glyph::{self, Glyph};
use islands::ui::qr_scanner::{Facing, Reader, ReaderState, ReaderView};
use leptos::prelude::*;

/// The camera, and how much of a code that moves it has read.
#[derive(Clone, Copy)]
pub struct Looking {
    reader: Reader,
    /// In percent; empty: no such code was seen.
    part: RwSignal<String>,
}

/// Turns the camera on for as long as the kiosk runs. Frames of a code that moves are put together beside the decoder (`frontend/decoder/worker.js`).
pub fn start(shell: Shell) -> Looking {
    let part = RwSignal::new(String::new());
    let seen = move |text: String| match text.strip_prefix(PART) {
        Some(percent) => part.set(percent.to_owned()),
        None => {
            part.set(String::new());
            shell.send(Input::Scanned(text));
        }
    };
    let reader = Reader::new(Facing::Towards, Callback::new(seen));
    reader.start();
    Looking { reader, part }
}

/// Its picture, out of the way while nothing is to be read.
pub fn reader(locale: Locale, looking: Looking, screen: Memo<Option<Screen>>) -> AnyView {
    let Looking { reader, part } = looking;
    let hidden = move || {
        screen.with(|screen| {
            matches!(
                screen,
                Some(
                    Screen::DoorOpen { .. }
                        | Screen::Finished { .. }
                        | Screen::ChooseFree { .. }
                        | Screen::ChooseTake
                        | Screen::Code { .. }
                )
            )
        })
    };
    let failed = Memo::new(move |_| matches!(reader.state.get(), ReaderState::Failed(_)));
    view! {
        <aside class="kiosk-reader" class:hidden=hidden aria-label=td_string!(locale, kiosk.reader_title) data-testid="reader">
            <div class="kiosk-reader-words">
                {live(move || Some(if failed.get() {
                    view! { <p class="text-lg" data-testid="no-camera">{td_string!(locale, kiosk.no_camera)}</p> }.into_any()
                } else {
                    view! {
                        <p class="flex items-center gap-3 text-2xl font-semibold"><Glyph paths=glyph::CAMERA/> {td_string!(locale, kiosk.reader_title)}</p>
                        <p class="text-lg" data-testid="reader-hint">{move || match part.get() {
                            none if none.is_empty() => td_string!(locale, kiosk.reader_hint).to_owned(),
                            percent => td_string!(locale, common.scanner_part, percent = percent).to_string(),
                        }}</p>
                    }.into_any()
                }))}
            </div>
            <div class="kiosk-camera" class:hidden=move || failed.get()>
                <ReaderView reader=reader locale=locale mirrored=true/>
            </div>
            {live(move || failed.get().then(|| {
                Button::large("camera-retry", td_string!(locale, kiosk.camera_retry)).view(move || reader.retry())
            }))}
        </aside>
    }
    .into_any()
}
