//! A kiosk drawn as the cabinet it is: boards as columns, ports as rows, sizes true. What a door is, is said by shape, word and
//! colour. Runs on the server and in the kiosk's wasm, so everything comes in as values.

use crate::i18n::{Locale, td_string};
use crate::ui::glyph::{self, Glyph};
use domain::ids::{Millis, Port, ThingsSq};
use domain::locker::compartments::{Compartment, CompartmentStatus, ContentKind};
use domain::order::sort_by_numbers;
use leptos::prelude::*;

/// What a door is to the person who looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DoorState {
    /// Nothing in it.
    Free,
    /// Its deposit code was scanned, and no order is bound to it yet.
    Scanned,
    /// Holds a meter.
    Stored,
    /// Holds what the reader is looking for.
    Mine,
    /// Holds an old meter a business brought back.
    Return,
    /// Holds a meter nobody fetched in time.
    Overdue,
    /// Stands open, for a deposit or a pick-up.
    Open,
    /// Kept for somebody.
    Reserved,
    /// Not to be used.
    OutOfOrder,
    /// No door of its own: belongs to the one above it (the first of a column: to the one below).
    Joined,
}

impl DoorState {
    /// Every state that is drawn, in the order of the legend.
    pub const LEGEND: [Self; 9] = [
        Self::Free,
        Self::Scanned,
        Self::Stored,
        Self::Mine,
        Self::Return,
        Self::Overdue,
        Self::Open,
        Self::Reserved,
        Self::OutOfOrder,
    ];

    /// From what the records say; `Mine` and `Scanned` are for the caller to decide. `overdue_before`: deposits stored earlier are overdue.
    pub fn of(compartment: &Compartment, overdue_before: Option<Millis>) -> Self {
        let stored_at = compartment.save_date.as_deref().and_then(Millis::from_iso);
        let overdue = matches!((stored_at, overdue_before), (Some(at), Some(limit)) if at < limit);
        Self::from_parts(compartment.status, compartment.kind, overdue)
    }

    /// From a status letter, what is inside, and whether it is overdue.
    pub fn from_parts(status: CompartmentStatus, kind: Option<ContentKind>, overdue: bool) -> Self {
        match status {
            CompartmentStatus::Free => Self::Free,
            CompartmentStatus::OutOfOrder => Self::OutOfOrder,
            CompartmentStatus::Storing | CompartmentStatus::Taking => Self::Open,
            CompartmentStatus::Reserving | CompartmentStatus::Reserved => Self::Reserved,
            CompartmentStatus::Joined => Self::Joined,
            CompartmentStatus::Stored if kind == Some(ContentKind::Return) => Self::Return,
            CompartmentStatus::Stored if overdue => Self::Overdue,
            CompartmentStatus::Stored => Self::Stored,
        }
    }

    /// The word for it.
    pub fn word(self, locale: Locale) -> &'static str {
        match self {
            Self::Free => td_string!(locale, common.door_free),
            Self::Scanned => td_string!(locale, common.door_scanned),
            Self::Stored => td_string!(locale, common.door_stored),
            Self::Mine => td_string!(locale, common.door_mine),
            Self::Return => td_string!(locale, common.door_return),
            Self::Overdue => td_string!(locale, common.door_overdue),
            Self::Open => td_string!(locale, common.door_open),
            Self::Reserved => td_string!(locale, common.door_reserved),
            Self::OutOfOrder => td_string!(locale, common.door_out_of_order),
            Self::Joined => td_string!(locale, common.door_joined),
        }
    }

    fn glyph(self) -> &'static str {
        match self {
            Self::Free | Self::Joined => glyph::VACANT,
            Self::Scanned => glyph::SCANNED,
            Self::Stored => glyph::BOX,
            Self::Mine => glyph::STAR,
            Self::Return => glyph::RETURN,
            Self::Overdue => glyph::OVERDUE,
            Self::Open => glyph::DOOR_OPEN,
            Self::Reserved => glyph::RESERVED,
            Self::OutOfOrder => glyph::BLOCKED,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Free | Self::Joined => "door door-free",
            Self::Scanned => "door door-reserved",
            Self::Stored => "door door-stored",
            Self::Mine => "door door-mine",
            Self::Return => "door door-return",
            Self::Overdue => "door door-overdue",
            Self::Open => "door door-open",
            Self::Reserved => "door door-reserved",
            Self::OutOfOrder => "door door-blocked",
        }
    }
}

/// One door as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// Which one.
    pub port: Port,
    /// What is written on it.
    pub label: String,
    /// Height in units of the smallest door.
    pub size: i64,
    /// What it is.
    pub state: DoorState,
    /// The order inside, for those who may know.
    pub things_sq: Option<ThingsSq>,
    /// Where tapping it leads; without it, and without `on_tap`, a door is not for tapping.
    pub href: Option<String>,
    /// The one this screen is about.
    pub lit: bool,
}

impl Door {
    /// As the server knows it, not for tapping.
    pub fn of(compartment: &Compartment, overdue_before: Option<Millis>) -> Self {
        Self {
            port: compartment.port,
            label: compartment.label.clone(),
            size: compartment.size,
            state: DoorState::of(compartment, overdue_before),
            things_sq: compartment.things_sq.clone(),
            href: None,
            lit: false,
        }
    }
}

/// The cabinet, with a legend of what occurs in it.
#[component]
pub fn Cabinet(
    /// The language of its words.
    locale: Locale,
    /// All doors, in any order.
    doors: Vec<Door>,
    /// Touch targets as large as a kiosk needs them.
    #[prop(optional)]
    large: bool,
    /// Leave the legend out.
    #[prop(optional)]
    plain: bool,
    /// What tapping a door does, in a browser.
    #[prop(optional, into)]
    on_tap: Option<Callback<Port>>,
) -> impl IntoView {
    let legend = (!plain).then(|| legend(locale, &doors));
    let columns = columns(doors);
    // Where there is room for only so much, the style shrinks the whole and keeps its proportions.
    let rows = columns
        .iter()
        .map(|column| column.iter().map(|door| door.height).sum::<i64>())
        .max();
    let shape = format!("--rows:{};--columns:{}", rows.unwrap_or(1), columns.len());
    let columns: Vec<_> = columns
        .into_iter()
        .map(|column| {
            let doors: Vec<_> = column.into_iter().map(|door| draw(locale, door, on_tap)).collect();
            view! { <li><ul class="cabinet-board">{doors}</ul></li> }
        })
        .collect();
    view! {
        <div class="cabinet-whole" data-testid="cabinet">
            <div class="cabinet-frame" role="region" tabindex="0" aria-label=td_string!(locale, common.cabinet)>
                <ul class=if large { "cabinet cabinet-large" } else { "cabinet" } style=shape>{columns}</ul>
            </div>
            {legend}
        </div>
    }
    .into_any()
}

/// A door with the heights of those joined to it added.
struct Drawn {
    door: Door,
    height: i64,
}

fn columns(mut doors: Vec<Door>) -> Vec<Vec<Drawn>> {
    sort_by_numbers(&mut doors, |door| (door.port.jumper, door.port.serial));
    let mut columns: Vec<(i64, Vec<Drawn>)> = Vec::new();
    for door in doors {
        let size = door.size.clamp(1, 8);
        match columns.last_mut() {
            Some((jumper, column)) if *jumper == door.port.jumper => match column.last_mut() {
                Some(above) if door.state == DoorState::Joined => above.height += size,
                Some(above) if above.door.state == DoorState::Joined => {
                    above.height += size;
                    above.door = door;
                }
                _ => column.push(Drawn { door, height: size }),
            },
            _ => columns.push((door.port.jumper, vec![Drawn { door, height: size }])),
        }
    }
    columns.into_iter().map(|(_, column)| column).collect()
}

fn draw(locale: Locale, drawn: Drawn, on_tap: Option<Callback<Port>>) -> AnyView {
    let Drawn { door, height } = drawn;
    let (state, port) = (door.state, door.port);
    let class = if door.lit {
        format!("{} door-lit", state.class())
    } else {
        state.class().to_owned()
    };
    let inside = view! {
        <span class="door-label">{door.label.clone()}</span>
        <span class="door-word"><Glyph paths=state.glyph() class="size-4 shrink-0"/> {state.word(locale)}</span>
    };
    let current = door.lit.then_some("true");
    let content = match (on_tap, door.href) {
        (Some(tap), _) => view! {
            <button type="button" class=class data-door=door.label aria-current=current on:click=move |_| tap.run(port)>{inside}</button>
        }
        .into_any(),
        (None, Some(href)) => {
            view! { <a href=href class=class data-door=door.label aria-current=current>{inside}</a> }.into_any()
        }
        (None, None) => view! { <div class=class data-door=door.label aria-current=current>{inside}</div> }.into_any(),
    };
    view! { <li class="cabinet-door" style=format!("--units:{height}")>{content}</li> }.into_any()
}

fn legend(locale: Locale, doors: &[Door]) -> AnyView {
    let items: Vec<_> = DoorState::LEGEND
        .into_iter()
        .filter_map(|state| {
            let count = doors.iter().filter(|door| door.state == state).count();
            (count > 0).then(|| {
                view! {
                    <li class="flex items-center gap-1.5">
                        <span class=format!("{} door-sample", state.class())><Glyph paths=state.glyph() class="size-4"/></span>
                        {state.word(locale)} " " <span class="tabular-nums opacity-75">{count}</span>
                    </li>
                }
            })
        })
        .collect();
    view! { <ul class="legend flex flex-wrap gap-x-4 gap-y-2" data-testid="legend">{items}</ul> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(jumper: i64, serial: i64, size: i64, state: DoorState) -> Door {
        Door {
            port: Port { jumper, serial },
            label: format!("{jumper}-{serial}"),
            size,
            state,
            things_sq: None,
            href: None,
            lit: false,
        }
    }

    fn shape(doors: Vec<Door>) -> Vec<Vec<(String, i64)>> {
        columns(doors)
            .into_iter()
            .map(|column| column.into_iter().map(|d| (d.door.label, d.height)).collect())
            .collect()
    }

    #[test]
    fn boards_are_columns_and_ports_are_rows() {
        let free = DoorState::Free;
        let drawn = shape(vec![door(2, 1, 1, free), door(1, 2, 2, free), door(1, 1, 1, free)]);
        assert_eq!(
            drawn,
            [
                vec![("1-1".to_owned(), 1), ("1-2".to_owned(), 2)],
                vec![("2-1".to_owned(), 1)]
            ]
        );
    }

    #[test]
    fn a_joined_door_belongs_to_the_one_above_or_at_the_top_to_the_one_below() {
        let (free, joined) = (DoorState::Free, DoorState::Joined);
        assert_eq!(
            shape(vec![door(1, 1, 1, free), door(1, 2, 2, joined)]),
            [vec![("1-1".to_owned(), 3)]]
        );
        assert_eq!(
            shape(vec![door(1, 1, 1, joined), door(1, 2, 2, free)]),
            [vec![("1-2".to_owned(), 3)]]
        );
    }

    #[test]
    fn what_is_inside_and_for_how_long_decides_what_a_stored_door_is() {
        let stored = CompartmentStatus::Stored;
        assert_eq!(DoorState::from_parts(stored, None, false), DoorState::Stored);
        assert_eq!(
            DoorState::from_parts(stored, Some(ContentKind::Deposit), true),
            DoorState::Overdue
        );
        assert_eq!(
            DoorState::from_parts(stored, Some(ContentKind::Return), true),
            DoorState::Return
        );
        assert_eq!(
            DoorState::from_parts(CompartmentStatus::Free, None, true),
            DoorState::Free
        );
    }
}
