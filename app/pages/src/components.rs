//! `/style`: every component in every state, on one page, for those who work on how pages look. There only with sample data.

use crate::entry::Entry;
use crate::error::ErrorPage;
use crate::ui::empty::Empty;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::parts::{Fact, Section, Select};
use domain::error::{Problem, Refusal};
use domain::ids::Port;
use domain::locker::orders::OrderStatus;
use islands::context;
use islands::i18n::{Locale, td_string};
use islands::refused::Refused;
use islands::ui::cabinet::{Cabinet, Door, DoorState};
use islands::ui::card::RefusedCard;
use islands::ui::icon::{Icon, NAMES};
use islands::ui::status::StatusBadge;
use islands::words::problem_text;
use leptos::prelude::*;

const COLOURS: [&str; 8] = [
    "bg-base-100",
    "bg-base-200",
    "bg-base-300",
    "bg-primary",
    "bg-neutral",
    "bg-success",
    "bg-warning",
    "bg-error",
];
const TYPE: [&str; 9] = [
    "text-xs",
    "text-sm",
    "text-base",
    "text-lg",
    "text-xl",
    "text-2xl",
    "text-3xl",
    "text-4xl",
    "text-display",
];
const BUTTONS: [&str; 6] = [
    "btn btn-primary",
    "btn",
    "btn btn-outline",
    "btn btn-ghost",
    "btn btn-neutral",
    "btn btn-primary btn-lg",
];
const ALERTS: [&str; 5] = [
    "alert",
    "alert alert-success",
    "alert alert-warning",
    "alert alert-error",
    "alert alert-error alert-soft",
];

/// The page. It exists with sample data only.
#[component]
pub fn StylePage() -> impl IntoView {
    let request = context::request();
    if !request.demo {
        return view! { <ErrorPage refusal=Refusal::Unknown/> }.into_any();
    }
    let locale = request.locale;
    view! {
        <Layout title=td_string!(locale, operator_settings.style) wide=true>
            <div class="two" data-testid="components">
                <div>{grounds()}{buttons()}{fields(locale)}</div>
                <div>{says(locale)}{cabinet(locale)}{icons()}</div>
            </div>
        </Layout>
    }
    .into_any()
}

fn grounds() -> AnyView {
    let colours = COLOURS.map(|class| {
        let class_of = format!("{class} border-base-300 rounded-box block h-12 w-24 border");
        view! { <li class="flex flex-col text-xs"><span class=class_of></span><code>{class}</code></li> }
    });
    let sizes =
        TYPE.map(|class| view! { <p class=class>"Aa 가나다 汉字 0123 " <code class="text-xs">{class}</code></p> });
    view! {
        <Section title="tokens.css" testid="tokens">
            <ul class="flex flex-wrap gap-4">{colours}</ul>
            <div>{sizes}</div>
        </Section>
    }
    .into_any()
}

fn buttons() -> AnyView {
    let rows = BUTTONS.map(|class| {
        view! {
            <div class="flex flex-wrap items-center gap-2">
                <button type="button" class=class>{class}</button>
                <button type="button" class=class disabled=true>":disabled"</button>
                <button type="button" class=class aria-busy="true">"aria-busy"</button>
                <button type="button" class=class><Icon name="check" class="size-5 shrink-0"/> <code>"Icon"</code></button>
            </div>
        }
    });
    view! {
        <Section title="btn" testid="buttons">
            {rows}
            <ul class="chips"><li><a href="#content" class="chip">"chip"</a></li><li><a href="#content" class="chip chip-here" aria-current="true">"chip-here"</a></li></ul>
        </Section>
    }
    .into_any()
}

fn fields(locale: Locale) -> AnyView {
    let problem = problem_text(locale, &Problem::Required);
    let options = ["ko", "zh", "en"]
        .map(|code| (code.to_owned(), code.to_owned()))
        .to_vec();
    view! {
        <Section title="Field, Select" testid="fields">
            <Field entry=Entry::default() name="plain" label="label" value="value"/>
            <Field entry=Entry::default() name="hinted" label="label" hint="hint" optional=true/>
            <div class="flex flex-col gap-1">
                <label for="wrong" class="font-medium">"label"</label>
                <input id="wrong" class="input input-lg w-full input-error" aria-invalid="true" aria-describedby="wrong-problem"/>
                <p id="wrong-problem" class="text-error text-sm">{problem}</p>
            </div>
            <Select entry=Entry::default() name="choice" label="label" options/>
            <label class="flex items-center gap-2"><input type="checkbox" class="checkbox" checked=true/> "checkbox"</label>
        </Section>
    }
    .into_any()
}

fn says(locale: Locale) -> AnyView {
    let alerts = ALERTS.map(|class| view! { <p class=class><Icon name="warning"/> <code>{class}</code></p> });
    let statuses = OrderStatus::ALL.map(|status| view! { <StatusBadge status/> });
    view! {
        <Section title="alert, badge, facts" testid="alerts">
            {alerts}
            <RefusedCard refused=Refused::of(locale, &Refusal::Unavailable)/>
            <div class="flex flex-wrap gap-2">{statuses}</div>
            <dl class="facts"><Fact label="label">"value"</Fact><Fact label="label">"value"</Fact></dl>
            <div class="needs-you"><Icon name="clock"/> <code>"needs-you"</code></div>
        </Section>
        <Empty text="Empty"/>
    }
    .into_any()
}

fn cabinet(locale: Locale) -> AnyView {
    let doors = DoorState::LEGEND.iter().zip(1..).map(|(state, serial)| Door {
        port: Port {
            jumper: 1 + (serial - 1) / 5,
            serial,
        },
        label: format!("A{serial}"),
        size: 1,
        state: *state,
        things_sq: None,
        href: None,
        lit: serial == 2,
    });
    let doors: Vec<Door> = doors.collect();
    view! { <Section title="Cabinet" testid="doors"><Cabinet locale doors/></Section> }.into_any()
}

fn icons() -> AnyView {
    let icons = NAMES.map(
        |name| view! { <li class="flex w-20 flex-col items-center text-xs"><Icon name/> <code>{name}</code></li> },
    );
    view! { <Section title="Icon" testid="icons"><ul class="flex flex-wrap gap-4">{icons}</ul></Section> }.into_any()
}
