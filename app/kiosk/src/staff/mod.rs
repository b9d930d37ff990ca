//! What only staff see: the enrolment, the tabs of the staff area, and the pages for the technician who connects lock boards. All of it is a wasm file of
//! its own, which `scripts/build.sh` splits off where [`load`] is called; nothing else of the kiosk may name these modules.

mod adapters;
mod wiring;

use super::screens::staff::{Tab, View};
use super::screens::{device, enrol, log, story};
use super::shell::Shell;
use islands::i18n::Locale;
use leptos::prelude::{AnyView, Get};
use leptos::wasm_split::{SplitLoaderError, wasm_split};

/// What the file has.
#[derive(Clone, Copy)]
pub struct Tabs {
    /// Draws the chosen tab.
    pub tab: fn(Shell, Locale, View) -> AnyView,
    /// Before it is a kiosk: the page for its code.
    pub enrol: fn(Shell, Locale) -> AnyView,
}

/// Fetches the file, once.
#[wasm_split(staff, wasm_split_path = leptos::wasm_split, fallible)]
pub fn load() -> Result<Tabs, SplitLoaderError> {
    Ok(Tabs {
        tab,
        enrol: enrol::enrol,
    })
}

fn tab(shell: Shell, locale: Locale, view: View) -> AnyView {
    match view.tab.get() {
        Tab::Doors => story::doors(shell, locale, view.story),
        Tab::Log => log::log(shell, locale),
        Tab::Device => device::device(shell, locale),
        Tab::Wiring => wiring::wiring(shell, locale, view.found),
    }
}
