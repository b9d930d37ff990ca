//! `/operator/kiosks/{yid}/layout`: what is written on the doors, how large they are, which of them are not used.

use super::parts::Up;
use crate::entry::{self, ActForm, Entry};
use crate::error::loaded;
use crate::ui::layout::Layout;
use domain::ids::{Port, PortName};
use domain::locker::compartments::{Compartment, CompartmentStatus, SIZES};
use domain::locker::kiosks::Kiosk;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::kiosks;
use islands::functions::layouts::SaveLayout;
use islands::i18n::{Locale, td_string};
use islands::ui::cabinet::{Cabinet, Door, DoorState};
use leptos::prelude::*;

/// Most characters of a label.
const LABEL_MAX: u32 = 16;
/// What an operator may make of a door that has nothing in it.
const CHOICES: [CompartmentStatus; 3] = [
    CompartmentStatus::Free,
    CompartmentStatus::OutOfOrder,
    CompartmentStatus::Joined,
];

/// The page.
#[component]
pub fn KioskLayout() -> impl IntoView {
    let named = named::operator_kiosk_layout();
    loaded(
        async move {
            let (yid,) = named?;
            kiosks::get(yid).await
        },
        |(kiosk, doors)| show(&kiosk, &doors),
    )
}

fn show(kiosk: &Kiosk, compartments: &[Compartment]) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<SaveLayout>(), entry::entry::<SaveLayout>());
    let hidden = vec![("yid", kiosk.yid.to_string())];
    let title = td_string!(locale, operator.layout_of, yid = kiosk.yid.0).to_string();
    let up = at::operator_kiosk(&kiosk.yid);
    let drawn = compartments.iter().map(|door| Door::of(door, None)).collect();
    let boards: Vec<_> = compartments
        .chunk_by(|a, b| a.port.jumper == b.port.jumper)
        .map(|doors| board(&entry, doors))
        .collect();
    let name = kiosk.name.clone();
    let labels = at::operator_kiosk_labels(&kiosk.yid);
    let marked = marked(locale, &entry, compartments);
    view! {
        <Layout title=title wide=true>
            <Up href=up text=name/>
            <p class="max-w-prose">{td_string!(locale, operator.layout_hint)}</p>
            <a href=labels class="link self-start" data-testid="to-labels">{td_string!(locale, operator_settings.to_labels)}</a>
            <Cabinet locale=locale doors=drawn plain=true/>
            <ActForm of hidden class="flex flex-col gap-4" testid="layout-form">
                {marked}
                <div class="grid items-start gap-4 lg:grid-cols-2">{boards}</div>
                <div class="bg-base-200 sticky bottom-0 py-3">
                    <button class="btn btn-primary btn-lg w-full sm:w-auto">{td_string!(locale, operator.save_layout)}</button>
                </div>
            </ActForm>
        </Layout>
    }
    .into_any()
}

/// A word on top where something is wrong further down.
fn marked(locale: Locale, entry: &Entry, doors: &[Compartment]) -> AnyView {
    let any = doors.iter().any(|door| !problems(entry, door).is_empty());
    any.then(
        || view! { <p class="alert alert-error alert-soft" role="alert">{td_string!(locale, operator.see_marked)}</p> },
    )
    .into_any()
}

/// What is wrong with a door, by the names of its fields.
fn problems(entry: &Entry, door: &Compartment) -> Vec<(String, String)> {
    let names = ["label", "size", "status"].map(|what| field_name(what, door.port));
    let problems = names.into_iter().map(|name| (entry.problem(&name), name));
    problems.filter_map(|(problem, name)| Some((name, problem?))).collect()
}

fn board(entry: &Entry, doors: &[Compartment]) -> AnyView {
    let locale = context::locale();
    let jumper = doors.first().map_or(0, |door| door.port.jumper);
    let (port, label) = (td_string!(locale, operator.port), td_string!(locale, operator.label));
    let (size, state) = (td_string!(locale, operator.size), td_string!(locale, operator.state));
    let rows: Vec<_> = doors.iter().map(|door| row(entry, door)).collect();
    view! {
        <fieldset class="card-plain flex min-w-0 flex-col gap-2 p-2 sm:p-4">
            <legend class="px-1 font-semibold">{td_string!(locale, operator.board, jumper = jumper).to_string()}</legend>
            <table class="w-full">
                <thead class="text-left text-sm"><tr><th class="p-1 whitespace-nowrap">{port}</th><th class="p-1">{label}</th><th class="p-1">{size}</th><th class="p-1">{state}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </fieldset>
    }
    .into_any()
}

fn row(entry: &Entry, door: &Compartment) -> AnyView {
    let locale = context::locale();
    let label_name = field_name("label", door.port);
    let marks = Marks::of(entry, &label_name);
    let problems: Vec<_> = problems(entry, door)
        .into_iter()
        .map(|(name, text)| view! { <p id=problem_id(&name) class="text-error text-sm">{text}</p> })
        .collect();
    let names_door = format!("{} {}", td_string!(locale, operator.label), port_text(door.port));
    let rest = if CHOICES.contains(&door.status) {
        choices(entry, door)
    } else {
        let word = DoorState::of(door, None).word(locale);
        view! { <td class="p-1 text-center tabular-nums">{door.size}</td><td class="p-1 text-sm">{word}</td> }
            .into_any()
    };
    view! {
        <tr data-testid="door-row" data-door=door.label.clone()>
            <td class="p-1 tabular-nums">{door.port.serial}</td>
            <td class="p-1">
                <input
                    name=label_name.clone()
                    value=entry.value_or(&label_name, &door.label)
                    aria-label=names_door
                    aria-invalid=marks.invalid
                    aria-describedby=marks.described
                    required=true
                    maxlength=LABEL_MAX
                    autocomplete="off"
                    class=if marks.invalid.is_some() { "input input-error min-h-12 w-full min-w-12 px-2" } else { "input min-h-12 w-full min-w-12 px-2" }
                />
                {problems}
            </td>
            {rest}
        </tr>
    }
    .into_any()
}

fn choices(entry: &Entry, door: &Compartment) -> AnyView {
    let locale = context::locale();
    let (size_name, status_name) = (field_name("size", door.port), field_name("status", door.port));
    let size = entry.value_or(&size_name, &door.size.to_string());
    let status = entry.value_or(&status_name, door.status.letter());
    let sizes: Vec<_> = SIZES
        .map(|units| {
            let text = units.to_string();
            view! { <option value=text.clone() selected=text == size>{text.clone()}</option> }
        })
        .collect();
    let states: Vec<_> = CHOICES
        .map(|choice| {
            let word = DoorState::from_parts(choice, None, false).word(locale);
            view! { <option value=choice.letter() selected=choice.letter() == status>{word}</option> }
        })
        .into_iter()
        .collect();
    let of = port_text(door.port);
    let (size_marks, status_marks) = (Marks::of(entry, &size_name), Marks::of(entry, &status_name));
    view! {
        <td class="p-1">
            <select name=size_name aria-invalid=size_marks.invalid aria-describedby=size_marks.described aria-label=format!("{} {of}", td_string!(locale, operator.size)) class="select min-h-12 w-full min-w-14 pr-6 pl-2">{sizes}</select>
        </td>
        <td class="p-1">
            <select name=status_name aria-invalid=status_marks.invalid aria-describedby=status_marks.described aria-label=format!("{} {of}", td_string!(locale, operator.state)) class="select min-h-12 w-full min-w-28 pr-7 pl-2">{states}</select>
        </td>
    }
    .into_any()
}

/// How an input says that something is wrong with it.
struct Marks {
    invalid: Option<&'static str>,
    described: Option<String>,
}

impl Marks {
    fn of(entry: &Entry, name: &str) -> Self {
        let is_wrong = entry.problem(name).is_some();
        Self {
            invalid: is_wrong.then_some("true"),
            described: is_wrong.then(|| problem_id(name)),
        }
    }
}

fn problem_id(name: &str) -> String {
    format!("{name}-problem")
}

/// How a field of one door is called.
fn field_name(what: &str, port: Port) -> String {
    format!("{what}.{}", PortName(port))
}

fn port_text(port: Port) -> String {
    format!("{}-{}", port.jumper, port.serial)
}
