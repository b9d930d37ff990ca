//! What is drawn: the frame around every screen, and one file a screen.

pub mod button;
mod code;
pub mod device;
mod door;
pub mod enrol;
mod frame;
mod free;
mod home;
mod identify;
pub mod log;
pub mod pad;
mod reader;
pub mod staff;
pub mod story;
mod take;

use super::shell::{Shell, Stage};
use button::live;
use domain::ids::{Millis, Port};
use domain::locker::kiosk::{Door, Kiosk, Screen};
use islands::i18n::{Locale, td_string};
use islands::ui::cabinet::{self, DoorState};
use leptos::html;
use leptos::prelude::*;

/// The whole page.
#[component]
pub fn Everything(shell: Shell) -> impl IntoView {
    view! {
        <div class="kiosk" data-testid="kiosk">
            {live(move || Some({
                let locale = shell.locale.get();
                match shell.stage.get() {
                    Stage::Loading => loading(locale),
                    Stage::OtherWindow => {
                        note(td_string!(locale, kiosk.other_tab_title), td_string!(locale, kiosk.other_tab_text), "other-window")
                    }
                    Stage::Broken => note(td_string!(locale, kiosk.broken_title), td_string!(locale, kiosk.broken_text), "broken"),
                    Stage::Enrolling => staff::of_staff(shell, locale, |locale| Some(loading(locale)), move |tabs| (tabs.enrol)(shell, locale)),
                    Stage::Running => running(shell, locale),
                }
            }))}
        </div>
    }
}

fn loading(locale: Locale) -> AnyView {
    note(td_string!(locale, kiosk.loading), "", "loading")
}

fn note(title: &'static str, text: &'static str, testid: &'static str) -> AnyView {
    view! {
        <main class="m-auto flex max-w-2xl flex-col gap-4 p-8 text-center" data-testid=testid>
            <h1 class="text-3xl font-bold">{title}</h1>
            <p>{text}</p>
        </main>
    }
    .into_any()
}

fn running(shell: Shell, locale: Locale) -> AnyView {
    let screen = Memo::new(move |_| {
        shell
            .kiosk
            .with(|kiosk| kiosk.as_ref().map(|kiosk| kiosk.screen.clone()))
    });
    let staff = staff::View::new();
    let name = Memo::new(move |_| screen.with(|screen| screen.as_ref().map(name_of)));
    let camera = reader::start(shell);
    view! {
        {frame::header(shell, locale)}
        <div class="kiosk-body">
            <main data-testid="screen" data-screen=move || name.get()>
                {frame::notice(shell, locale)}
                {live(move || screen.get().map(|screen| draw(shell, locale, screen, staff)))}
            </main>
            {reader::reader(locale, camera, screen)}
        </div>
        {frame::countdown(shell, locale)}
    }
    .into_any()
}

fn draw(shell: Shell, locale: Locale, screen: Screen, staff: staff::View) -> AnyView {
    if !matches!(screen, Screen::Staff { .. }) {
        staff.reset();
    }
    match screen {
        Screen::Home => home::home(shell, locale),
        Screen::Identify { .. } => identify::identify(shell, locale),
        Screen::NameReturn => free::name_return(shell, locale),
        Screen::ChooseFree { purpose, size } => free::choose_free(shell, locale, purpose, size),
        Screen::PickUp => take::pick_up(shell, locale),
        Screen::ChooseTake => take::choose_take(shell, locale),
        Screen::DoorOpen {
            port,
            usage,
            reminders,
            giving_up,
            ..
        } => door::door_open(shell, locale, port, usage, reminders, giving_up),
        Screen::Code { port, token, .. } => code::deposit_code(shell, locale, port, &token),
        Screen::Finished { port, usage, gave_up } => door::finished(shell, locale, port, usage, gave_up),
        Screen::Staff { token, .. } => staff::staff_area(shell, locale, &token, staff),
    }
}

/// The screen's word in `data-screen`.
fn name_of(screen: &Screen) -> &'static str {
    match screen {
        Screen::Home => "home",
        Screen::Identify { .. } => "identify",
        Screen::NameReturn => "name-return",
        Screen::ChooseFree { .. } => "choose-free",
        Screen::PickUp => "pick-up",
        Screen::ChooseTake => "choose-take",
        Screen::DoorOpen { .. } => "door-open",
        Screen::Code { .. } => "code",
        Screen::Finished { .. } => "finished",
        Screen::Staff { .. } => "staff",
    }
}

/// The heading of a screen. It takes the focus, so that a screen reader reads the new screen from its beginning.
fn heading(text: impl Into<String>) -> AnyView {
    let node = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(heading) = node.get() {
            let options = web_sys::FocusOptions::new();
            // A screen drawn again, for a newer code, must not move under its reader's eyes.
            options.set_prevent_scroll(true);
            let _ = heading.focus_with_options(&options);
        }
    });
    view! { <h1 node_ref=node tabindex="-1" class="text-3xl font-bold outline-none">{text.into()}</h1> }.into_any()
}

/// What is written on a door.
pub fn label_of(shell: Shell, port: Port) -> String {
    shell
        .with_kiosk(|kiosk| kiosk.door(port).map(|door| door.label.clone()))
        .flatten()
        .unwrap_or_default()
}

/// The cabinet as it is now.
pub fn drawn_doors(kiosk: &Kiosk, now: Millis, lit: impl Fn(&Door) -> bool) -> Vec<cabinet::Door> {
    let now = kiosk.corrected(now);
    kiosk
        .doors
        .iter()
        .map(|door| cabinet::Door {
            port: door.port,
            label: door.label.clone(),
            size: door.size,
            state: DoorState::from_parts(door.status, door.kind, kiosk.is_overdue(door, now)),
            things_sq: None,
            href: None,
            lit: lit(door),
        })
        .collect()
}
