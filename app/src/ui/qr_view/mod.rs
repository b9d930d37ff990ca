//! Codes on a screen: pure white ground, quiet zone, screen kept awake. [`CodeView`] is for the kiosk's island; there a long
//! token moves. [`LiveCode`] is drawn by the server, needs no script to be read, and is made anew before it ends by
//! [`keep_live`], without leptos: its wasm file has to be small.

mod awake;
#[cfg(feature = "ssr")]
mod card;
mod live;

use domain::qr::{self, Level};
use domain::token::frames::{self, Frames};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::time::Duration;

pub use awake::Awake;
#[cfg(feature = "ssr")]
pub use card::LiveCode;
pub use live::keep_live;

/// How long each frame of a moving code stands: a camera of 30 pictures a second sees it three times.
const FRAME: Duration = Duration::from_millis(110);
/// A text as an SVG image with its quiet zone; empty where it is too long for one code.
pub fn svg(text: &str) -> String {
    qr::encode(text, Level::M).map_or(String::new(), |symbol| symbol.to_svg())
}

/// A token as a code, or as a moving one when it is too long for one. Reactive, so it suits islands; on the server it draws the
/// first frame.
#[component]
pub fn CodeView(
    /// What to show.
    #[prop(into)]
    token: Signal<String>,
    /// What it is, for those who cannot see it.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let number = RwSignal::new(0_u32);
    let shown = Memo::new(move |_| Shown(frames::encode(&token.get()).ok()));
    let moving = Memo::new(move |_| shown.with(|shown| shown.0.as_ref().is_some_and(|frames| !frames.is_plain())));
    Effect::new(move |_| {
        if !moving.get() {
            return;
        }
        let timer = set_interval_with_handle(move || number.update(|number| *number = number.wrapping_add(1)), FRAME);
        if let Ok(timer) = timer {
            on_cleanup(move || timer.clear());
        }
    });
    Effect::new(move |_| {
        let awake = SendWrapper::new(Awake::begin());
        on_cleanup(move || drop(awake));
    });
    let image = move || {
        let number = if moving.get() { number.get() } else { 0 };
        shown.with(|shown| {
            shown
                .0
                .as_ref()
                .map_or(String::new(), |frames| svg(&frames.text(number)))
        })
    };
    view! {
        <div class="code-view" role="img" aria-label=move || label.get() data-testid="code" data-moving=move || moving.get().to_string() inner_html=image></div>
    }
}

/// The texts a token is shown as; compared by nothing, so that every new token is drawn.
struct Shown(Option<Frames>);

impl PartialEq for Shown {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}
