//! The staff area: the `SaveToData` code always there, doors, log and device beside it.

use super::super::shell::{Shell, StaffFile};
use super::super::staff::Tabs;
use super::button::{Button, alert, live, text};
use super::code::token_code;
use super::heading;
use domain::ids::Port;
use domain::locker::kiosk::{Input, Usage};
use islands::i18n::{Locale, td_string};
use islands::ui::glyph;
use leptos::prelude::*;

/// What of it is being looked at. Kept outside of the screen, which is drawn again with every new code.
#[derive(Clone, Copy)]
pub struct View {
    /// The chosen tab.
    pub tab: RwSignal<Tab>,
    /// The door whose story is told.
    pub story: RwSignal<Option<Port>>,
    /// What the test of a door found. Kept while the area is drawn again with a new code, which what was found brings about by itself.
    pub found: RwSignal<String>,
}

/// The tabs of the staff area. What they show is in the file for staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// What is in each door, and what can be done about it.
    Doors,
    /// What happened here.
    Log,
    /// Clock, storage, network, sound.
    Device,
    /// The lock boards.
    Wiring,
}

impl View {
    pub fn new() -> Self {
        Self {
            tab: RwSignal::new(Tab::Doors),
            story: RwSignal::new(None),
            found: RwSignal::default(),
        }
    }

    pub fn reset(self) {
        self.tab.set(Tab::Doors);
        self.story.set(None);
        self.found.set(String::new());
    }
}

pub fn staff_area(shell: Shell, locale: Locale, token: &str, view: View) -> AnyView {
    let who = shell
        .with_kiosk(|kiosk| kiosk.staff.as_ref().and_then(|staff| staff.name.clone()))
        .flatten()
        .unwrap_or_else(|| td_string!(locale, kiosk.staff_by_pin).to_owned());
    let (code, moves) = token_code(token, td_string!(locale, kiosk.data_image).to_owned());
    view! {
        <div class="kiosk-say">
            {heading(td_string!(locale, kiosk.staff_title))}
            <p class="text-lg" data-testid="staff-who">{who}</p>
            <div class="kiosk-deeds">
                {way(shell, glyph::DOOR_OPEN, td_string!(locale, kiosk.tile_deposit), "go-L", || Input::Tile(Usage::Deposit))}
                {way(shell, glyph::BOX, td_string!(locale, kiosk.tile_retrieval), "go-M", || Input::Tile(Usage::Retrieval))}
                {way(shell, glyph::ARROW_LEFT, td_string!(locale, kiosk.staff_leave), "leave", || Input::Done)}
            </div>
        </div>
        <section class="kiosk-data" aria-labelledby="sync-code">
            <h2 id="sync-code" class="text-2xl font-semibold">{td_string!(locale, kiosk.data_title)}</h2>
            <div class="kiosk-code-frame">{code}</div>
            {text("text-lg", if moves { td_string!(locale, kiosk.data_moving) } else { td_string!(locale, kiosk.data_hint) })}
        </section>
        <section class="kiosk-do">
            {tabs(locale, view)}
            <div class="kiosk-tab" tabindex="0" role="region" aria-label=td_string!(locale, kiosk.staff_title)>
                {of_staff(shell, locale, |_| None, move |tabs| (tabs.tab)(shell, locale, view))}
            </div>
        </section>
    }
    .into_any()
}

/// What the file for staff draws, once it is there.
pub fn of_staff(
    shell: Shell,
    locale: Locale,
    meanwhile: fn(Locale) -> Option<AnyView>,
    draw: impl Fn(Tabs) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    shell.load_staff();
    live(move || match shell.staff.get() {
        StaffFile::Loaded(tabs) => Some(draw(tabs)),
        StaffFile::Failed => {
            let text = td_string!(locale, kiosk.wiring_not_loaded);
            Some(alert("alert-warning", glyph::WARNING, text, "tab-not-loaded", None))
        }
        StaffFile::NotAsked | StaffFile::Loading => meanwhile(locale),
    })
}

fn way(shell: Shell, icon: &'static str, text: &'static str, testid: &'static str, input: fn() -> Input) -> AnyView {
    Button::large(testid, text).icon(icon).view(move || shell.send(input()))
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
