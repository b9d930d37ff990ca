//! Staff area, device: clock, storage and network.

use super::super::browser::{self, Switch};
use super::super::net::Net;
use super::super::shell::Shell;
use super::button::{Button, alert, live, text};
use super::enrol;
use islands::i18n::{Locale, td_string};
use islands::ui::glyph;
use leptos::prelude::*;

pub fn device(shell: Shell, locale: Locale) -> AnyView {
    let clock = move || shell.kiosk.with(|kiosk| kiosk.as_ref().map(|kiosk| kiosk.clock));
    let answered = move || {
        shell
            .kiosk
            .with(|kiosk| kiosk.as_ref().and_then(|kiosk| kiosk.synced.at))
    };
    let difference = move || {
        let seconds = clock().map_or(0, |clock| clock.offset_ms / 1_000);
        match seconds {
            0 => td_string!(locale, kiosk.clock_right).to_owned(),
            1.. => td_string!(locale, kiosk.clock_ahead, seconds = seconds),
            _ => td_string!(locale, kiosk.clock_behind, seconds = seconds.saturating_neg()),
        }
    };
    let at = move |corrected: bool| {
        let now = shell.now.get();
        let shown = if corrected {
            clock().map_or(now, |clock| clock.corrected(now))
        } else {
            now
        };
        browser::local_time(locale, shown)
    };
    let last = move || match answered() {
        Some(at) => browser::local_time(locale, at),
        None => td_string!(locale, kiosk.never).to_owned(),
    };
    let storage = move || {
        let (state, text) = match shell.kept.get() {
            None => ("unknown", td_string!(locale, kiosk.storage_asking)),
            Some(true) => ("kept", td_string!(locale, kiosk.storage_kept)),
            Some(false) => ("may-be-cleared", td_string!(locale, kiosk.storage_may_be_cleared)),
        };
        view! { <span data-testid="storage" data-state=state>{text}</span> }.into_any()
    };
    let is_behind = Memo::new(move |_| clock().is_some_and(|clock| clock.is_behind(shell.now.get())));
    let switch = move |switch: Switch, testid: &'static str, text: &'static str| {
        let on = RwSignal::new(switch.is_on());
        Button::choice(testid, text, on.into()).view(move || {
            on.update(|on| *on = !*on);
            switch.turn(on.get_untracked());
        })
    };
    view! {
        <div class="join" role="group" aria-label=td_string!(locale, kiosk.sound)>
            {switch(Switch::Tones, "tones", td_string!(locale, kiosk.tones))}
            {switch(Switch::Voice, "voice", td_string!(locale, kiosk.voice))}
        </div>
        <section class="card-plain flex flex-col gap-3" aria-labelledby="device-clock">
            <h2 id="device-clock" class="text-2xl font-semibold">{td_string!(locale, kiosk.clock)}</h2>
            <dl class="kiosk-facts">
                <dt>{td_string!(locale, kiosk.clock_corrected)}</dt> <dd data-testid="clock-corrected">{live(move || Some((at(true)).into_any()))}</dd>
                <dt>{td_string!(locale, kiosk.clock_device)}</dt> <dd>{live(move || Some((at(false)).into_any()))}</dd>
                <dt>{td_string!(locale, kiosk.clock_difference)}</dt>
                <dd data-testid="clock-offset" data-ms=move || clock().map(|clock| clock.offset_ms)>{live(move || Some(difference().into_any()))}</dd>
            </dl>
            {live(move || is_behind.get().then(|| alert("alert-warning", glyph::WARNING, td_string!(locale, kiosk.clock_stands_in), "clock-stands-in", None)))}
            {text("text-lg", td_string!(locale, kiosk.clock_hint))}
        </section>
        <section class="card-plain flex flex-col gap-3" aria-labelledby="device-storage">
            <h2 id="device-storage" class="text-2xl font-semibold">{td_string!(locale, kiosk.storage)}</h2>
            <p class="text-lg">{live(move || Some(storage()))}</p>
            {(!browser::is_secure()).then(|| alert("alert-warning", glyph::WARNING, td_string!(locale, kiosk.enrol_insecure), "insecure", None))}
        </section>
        <section class="card-plain flex flex-col gap-3" aria-labelledby="device-network">
            <h2 id="device-network" class="text-2xl font-semibold">{td_string!(locale, kiosk.network)}</h2>
            <dl class="kiosk-facts">
                <dt>{td_string!(locale, kiosk.last_answer)}</dt> <dd data-testid="last-answer">{live(move || Some(last().into_any()))}</dd>
            </dl>
            <div>
                {Button::large("sync-now", td_string!(locale, kiosk.sync_now)).view(move || shell.sync())}
            </div>
            {live(move || (shell.net.get() == Net::Refused).then(|| view! {
                {alert("alert-warning", glyph::WARNING, td_string!(locale, kiosk.enrol_again_hint), "enrol-again", None)}
                <h3 class="text-xl font-semibold">{td_string!(locale, kiosk.enrol_again)}</h3>
                {enrol::code_pad(shell, locale)}
            }.into_any()))}
        </section>
    }
    .into_any()
}
