//! The staff area: the `SaveToData` code always there, doors, log and device beside it.

use super::super::shell::{BoardsFile, Shell};
use super::button::{Button, alert, live, text};
use super::code::token_code;
use super::{device, heading, log, story};
use crate::i18n::{Locale, td_string};
use crate::ui::glyph;
use domain::ids::Port;
use domain::locker::kiosk::{Input, Usage};
use leptos::prelude::*;

/// What of it is being looked at. Kept outside of the screen, which is drawn again with every new code.
#[derive(Clone, Copy)]
pub struct View {
    tab: RwSignal<Tab>,
    story: RwSignal<Option<Port>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Doors,
    Log,
    Device,
    Wiring,
}

impl View {
    pub fn new() -> Self {
        Self {
            tab: RwSignal::new(Tab::Doors),
            story: RwSignal::new(None),
        }
    }

    pub fn reset(self) {
        self.tab.set(Tab::Doors);
        self.story.set(None);
    }
}

pub fn staff_area(shell: Shell, locale: Locale, token: &str, view: View) -> AnyView {
    let who = shell
        .with_kiosk(|kiosk| kiosk.staff.as_ref().and_then(|staff| staff.name.clone()))
        .flatten()
        .unwrap_or_else(|| td_string!(locale, kiosk.staff_by_pin).to_owned());
    let (code, moves) = token_code(
        token,
        td_string!(locale, kiosk.data_image).to_owned(),
        "w-full max-w-[min(26rem,52dvh)]",
    );
    view! {
        <div class="flex flex-wrap items-center gap-4">
            <div class="grow">
                {heading(td_string!(locale, kiosk.staff_title))}
                <p class="text-lg" data-testid="staff-who">{who}</p>
            </div>
            {way(shell, glyph::DOOR_OPEN, td_string!(locale, kiosk.tile_deposit), "go-L", Input::Tile(Usage::Deposit))}
            {way(shell, glyph::BOX, td_string!(locale, kiosk.tile_retrieval), "go-M", Input::Tile(Usage::Retrieval))}
            {way(shell, glyph::ARROW_LEFT, td_string!(locale, kiosk.staff_leave), "leave", Input::Done)}
        </div>
        <div class="kiosk-staff">
            <section class="flex flex-col gap-3" aria-labelledby="sync-code">
                <h2 id="sync-code" class="text-2xl font-semibold">{td_string!(locale, kiosk.data_title)}</h2>
                {code}
                {text("text-lg", td_string!(locale, kiosk.data_hint))}
                {moves.then(|| text("text-lg", td_string!(locale, kiosk.data_moving)))}
            </section>
            <section class="flex min-w-0 flex-col gap-4">
                {tabs(locale, view)}
                {live(move || Some(match view.tab.get() {
                    Tab::Doors => story::doors(shell, locale, view.story),
                    Tab::Log => log::log(shell, locale),
                    Tab::Device => device::device(shell, locale),
                    Tab::Wiring => wiring(shell, locale),
                }))}
            </section>
        </div>
    }
    .into_any()
}

/// The technician's pages, once the file that has them is there.
fn wiring(shell: Shell, locale: Locale) -> AnyView {
    shell.load_boards();
    live(move || match shell.boards.get() {
        BoardsFile::Loaded(boards) => Some((boards.page)(shell, locale)),
        BoardsFile::Failed => {
            let text = td_string!(locale, kiosk.wiring_not_loaded);
            Some(alert("alert-warning", glyph::WARNING, text, "wiring-not-loaded", None))
        }
        BoardsFile::NotAsked | BoardsFile::Loading => None,
    })
}

fn way(shell: Shell, icon: &'static str, text: &'static str, testid: &'static str, input: Input) -> AnyView {
    Button::large(testid, text)
        .icon(icon)
        .view(move || shell.send(input.clone()))
}

fn tabs(locale: Locale, view: View) -> AnyView {
    let tab = move |tab: Tab, text: &'static str, testid: &'static str| {
        let chosen = Signal::derive(move || view.tab.get() == tab);
        Button::choice(testid, text, chosen)
            .wide()
            .view(move || view.tab.set(tab))
    };
    view! {
        <div class="join w-full" role="group" aria-label=td_string!(locale, kiosk.staff_title)>
            {tab(Tab::Doors, td_string!(locale, kiosk.tab_doors), "tab-doors")}
            {tab(Tab::Log, td_string!(locale, kiosk.tab_log), "tab-log")}
            {tab(Tab::Device, td_string!(locale, kiosk.tab_device), "tab-device")}
            {tab(Tab::Wiring, td_string!(locale, kiosk.tab_wiring), "tab-wiring")}
        </div>
    }
    .into_any()
}
