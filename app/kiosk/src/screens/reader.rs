//! The camera, always looking: codes are held to the kiosk without asking it first.

use super::super::shell::Shell;
use super::button::{Button, live, text};
use domain::locker::kiosk::{Input, Screen};
use islands::i18n::{Locale, td_string};
use islands::ui::glyph::{self, Glyph};
use islands::ui::qr_scanner::{Facing, Reader, ReaderState, ReaderView};
use leptos::prelude::*;

/// Turns the camera on for as long as the kiosk runs.
pub fn start(shell: Shell) -> Reader {
    let reader = Reader::new(
        Facing::Towards,
        Callback::new(move |text: String| shell.send(Input::Scanned(text))),
    );
    reader.start();
    reader
}

/// Its picture, out of the way while nothing is to be read.
pub fn reader(locale: Locale, reader: Reader, screen: Memo<Option<Screen>>) -> AnyView {
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
                        {text("text-lg", td_string!(locale, kiosk.reader_hint))}
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
