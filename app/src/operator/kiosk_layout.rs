//! `/operator/kiosks/{yid}/layout`: what is written on the doors, how large they are, which of them are not used.

use super::parts::{Up, part_of_address, yid_of};
use crate::context;
use crate::error::{RefusalCard, loaded};
use crate::form::{Entry, Fields, Form};
use crate::i18n::{Locale, td_string};
use crate::ui::cabinet::{Cabinet, Door, DoorState};
use crate::ui::layout::Layout;
use crate::ui::notice::with_notice;
use axum::extract::Path;
use axum::response::Response;
use backend::locker::kiosks::{self, DoorLayout};
use domain::error::{Problem, Refusal};
use domain::ids::Port;
use domain::locker::compartments::{Compartment, CompartmentStatus, SIZES};
use domain::locker::kiosks::Kiosk;
use domain::people::Role;
use leptos::prelude::*;
use std::collections::HashSet;

const LAYOUT: &str = "layout";
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
    let request = context::request();
    let yid = part_of_address("yid");
    loaded(
        async move {
            let who = request.require(Role::Operator)?;
            kiosks::get(&request.backend, who, yid_of(&yid)?).await
        },
        |(kiosk, doors)| show(&kiosk, &doors),
    )
}

fn show(kiosk: &Kiosk, compartments: &[Compartment]) -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(LAYOUT);
    let title = td_string!(locale, operator.layout_of, yid = kiosk.yid.0).to_string();
    let up = format!("/operator/kiosks/{}", kiosk.yid);
    let drawn = compartments.iter().map(|door| Door::of(door, None)).collect();
    let boards: Vec<_> = compartments
        .chunk_by(|a, b| a.port.jumper == b.port.jumper)
        .map(|doors| board(&entry, doors))
        .collect();
    let name = kiosk.name.clone();
    let refused = refused(locale, &entry, compartments);
    view! {
        <Layout title=title wide=true>
            <Up href=up text=name/>
            <p class="max-w-prose">{td_string!(locale, operator.layout_hint)}</p>
            <Cabinet locale=locale doors=drawn plain=true/>
            <form method="post" class="flex flex-col gap-5" data-testid="layout-form">
                {refused}
                <div class="grid items-start gap-5 lg:grid-cols-2">{boards}</div>
                <div class="bg-base-200 sticky bottom-0 py-3">
                    <button class="btn btn-primary btn-lg w-full sm:w-auto">{td_string!(locale, operator.save_layout)}</button>
                </div>
            </form>
        </Layout>
    }
    .into_any()
}

/// Why the whole form was refused, where it is not one of the fields shown below.
fn refused(locale: Locale, entry: &Entry, doors: &[Compartment]) -> AnyView {
    let names: Vec<String> = doors
        .iter()
        .flat_map(|door| ["label", "size", "status"].map(|what| field_name(what, door.port)))
        .collect();
    let shown: Vec<&str> = names.iter().map(String::as_str).collect();
    let beside = entry
        .refusal_beside(&shown)
        .map(|refusal| view! { <RefusalCard refusal/> });
    let inside = names.iter().any(|name| entry.problem(name).is_some()).then(
        || view! { <p class="alert alert-error alert-soft" role="alert">{td_string!(locale, operator.see_marked)}</p> },
    );
    view! { {beside} {inside} }.into_any()
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
    let problem = ["label", "size", "status"]
        .iter()
        .find_map(|what| entry.problem(&field_name(what, door.port)));
    let problem_id = format!("{label_name}-problem");
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
                    aria-invalid=problem.is_some().then_some("true")
                    aria-describedby=problem.is_some().then(|| problem_id.clone())
                    required=true
                    maxlength=LABEL_MAX
                    autocomplete="off"
                    class=if problem.is_some() { "input input-error min-h-12 w-full min-w-12 px-2" } else { "input min-h-12 w-full min-w-12 px-2" }
                />
                {problem.map(|text| view! { <p id=problem_id class="text-error text-sm">{text}</p> })}
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
    view! {
        <td class="p-1">
            <select name=size_name aria-label=format!("{} {of}", td_string!(locale, operator.size)) class="select min-h-12 w-full min-w-14 pr-6 pl-2">{sizes}</select>
        </td>
        <td class="p-1">
            <select name=status_name aria-label=format!("{} {of}", td_string!(locale, operator.state)) class="select min-h-12 w-full min-w-28 pr-7 pl-2">{states}</select>
        </td>
    }
    .into_any()
}

/// How a field of one door is called.
fn field_name(what: &str, port: Port) -> String {
    format!("{what}.{}.{}", port.jumper, port.serial)
}

fn port_text(port: Port) -> String {
    format!("{}-{}", port.jumper, port.serial)
}

/// `POST /operator/kiosks/{yid}/layout`
pub async fn save_layout(Path(yid): Path<String>, form: Form) -> Response {
    let outcome = try_save(&yid, &form).await;
    form.answer(LAYOUT, outcome).await
}

async fn try_save(yid: &str, form: &Form) -> Result<String, Refusal> {
    let context = &form.context;
    let who = context.require(Role::Operator)?;
    let yid = yid_of(yid)?;
    let (_, doors) = kiosks::get(&context.backend, who, yid).await?;
    let wanted: Vec<DoorLayout> = doors
        .iter()
        .filter_map(|door| wanted(&form.fields, door).transpose())
        .collect::<Result<_, _>>()?;
    labels_differ(&doors, &wanted)?;
    if !wanted.is_empty() {
        kiosks::set_layout(&context.backend, who, yid, wanted).await?;
    }
    Ok(with_notice(&format!("/operator/kiosks/{yid}"), "layout-saved"))
}

/// What the form wants of a door; nothing where it wants no change or does not speak of it.
fn wanted(fields: &Fields, door: &Compartment) -> Result<Option<DoorLayout>, Refusal> {
    let given = |what: &str| Some(fields.get(&field_name(what, door.port))).filter(|text| !text.is_empty());
    let broken = |what: &str| Refusal::field(&field_name(what, door.port), Problem::Form);
    let name = field_name("label", door.port);
    let Some(label) = given("label") else {
        let blank = fields.with_prefix(&name).any(|(rest, _)| rest.is_empty());
        return if blank {
            Err(Refusal::field(&name, Problem::Required))
        } else {
            Ok(None)
        };
    };
    if label.chars().count() > LABEL_MAX as usize {
        return Err(Refusal::field(&name, Problem::TooLong { max: LABEL_MAX }));
    }
    let size = match given("size") {
        Some(text) => text.parse().map_err(|_| broken("size"))?,
        None => door.size,
    };
    let status = match given("status") {
        Some(text) => CompartmentStatus::parse(text)
            .filter(|status| CHOICES.contains(status))
            .ok_or_else(|| broken("status"))?,
        None => door.status,
    };
    let same = label == door.label && size == door.size && status == door.status;
    Ok((!same).then(|| DoorLayout {
        port: door.port,
        label: label.to_owned(),
        size,
        status,
    }))
}

/// A label stands once in a kiosk. Told here as well as by the backend, because here it is known beside which field.
fn labels_differ(doors: &[Compartment], wanted: &[DoorLayout]) -> Result<(), Refusal> {
    let label_of = |door: &Compartment| {
        let new = wanted.iter().find(|new| new.port == door.port);
        new.map_or_else(|| door.label.clone(), |new| new.label.clone())
    };
    let mut seen = HashSet::new();
    match doors.iter().find(|door| !seen.insert(label_of(door))) {
        Some(door) => Err(Refusal::field(&field_name("label", door.port), Problem::Taken)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> Compartment {
        Compartment {
            port: Port { jumper: 1, serial: 2 },
            label: "A2".to_owned(),
            size: 1,
            status: CompartmentStatus::Free,
            kind: None,
            things_sq: None,
            save_date: None,
            heard_at: None,
            unknown_since: None,
        }
    }

    #[test]
    fn only_what_changed_is_sent_on() {
        let same = Fields::parse(b"label.1.2=A2&size.1.2=1&status.1.2=B");
        assert_eq!(wanted(&same, &door()), Ok(None));
        assert_eq!(wanted(&Fields::parse(b""), &door()), Ok(None));
        let larger = wanted(&Fields::parse(b"label.1.2=A2&size.1.2=3"), &door())
            .unwrap()
            .unwrap();
        assert_eq!((larger.size, larger.status), (3, CompartmentStatus::Free));
    }

    #[test]
    fn a_label_must_be_there_and_differ_from_all_others() {
        assert_eq!(
            wanted(&Fields::parse(b"label.1.2=+"), &door()),
            Err(Refusal::field("label.1.2", Problem::Required))
        );
        let mut other = door();
        (other.port.serial, other.label) = (3, "A3".to_owned());
        let same = DoorLayout {
            port: other.port,
            label: "A2".to_owned(),
            size: 1,
            status: CompartmentStatus::Free,
        };
        let doors = [door(), other];
        assert_eq!(labels_differ(&doors, &[]), Ok(()));
        assert_eq!(
            labels_differ(&doors, &[same]),
            Err(Refusal::field("label.1.3", Problem::Taken))
        );
    }

    #[test]
    fn a_status_only_a_kiosk_may_set_is_refused() {
        let stored = Fields::parse(b"label.1.2=A2&status.1.2=A");
        assert_eq!(
            wanted(&stored, &door()),
            Err(Refusal::field("status.1.2", Problem::Form))
        );
    }
}
