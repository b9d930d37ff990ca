//! `/staff/kiosks/{yid}`: the cabinet as it is now; tapping a door (`?door=board.port`) tells its story.

use crate::error::loaded;
use crate::orders::kiosk_line;
use crate::ui::layout::Layout;
use domain::error::Refusal;
use domain::ids::{Millis, Port};
use domain::locker::compartments::{Compartment, CompartmentStatus, ContentKind};
use domain::locker::kiosks::Kiosk as TheKiosk;
use domain::locker::orders::Order;
use islands::addresses::{at, named};
use islands::context::{self, RequestContext};
use islands::date::Time;
use islands::functions::{deposits, kiosks, orders};
use islands::i18n::td_string;
use islands::ui::cabinet::{Cabinet, Door, DoorState};
use islands::ui::icon::Icon;
use islands::ui::status::StatusBadge;
use leptos::prelude::*;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// More than this is worth saying about a clock.
const CLOCK_TOLERANCE_MS: u64 = 30_000;

/// What the page shows.
struct Found {
    kiosk: TheKiosk,
    compartments: Vec<Compartment>,
    overdue_days: u32,
    now: Millis,
    /// Scanned, and waiting for their order: since when.
    waiting: Vec<(Port, Millis)>,
    story: Option<Story>,
}

/// One door and what is in it.
struct Story {
    compartment: Compartment,
    /// `None`: bound to an order the records do not have.
    order: Option<Order>,
    /// When its deposit code was scanned, while nobody completed that deposit.
    scanned_at: Option<Millis>,
}

/// The page.
#[component]
pub fn Kiosk() -> impl IntoView {
    let request = context::request();
    let named = named::staff_kiosk();
    loaded(
        async move {
            let (yid,) = named?;
            let (kiosk, compartments) = kiosks::get(yid).await?;
            let waiting = waiting(&compartments, deposits::waiting_at(yid).await?);
            let overdue_days = kiosks::settings(yid).await?.overdue_days;
            let story = story(&request, &compartments, &waiting).await?;
            Ok(Found {
                kiosk,
                compartments,
                overdue_days,
                now: context::now(),
                waiting,
                story,
            })
        },
        |found| view! { <Shown found/> },
    )
}

/// Those that still wait: what a compartment was scanned for may have been completed by another code, or taken out again.
fn waiting(compartments: &[Compartment], scanned: Vec<(Port, Millis)>) -> Vec<(Port, Millis)> {
    let waits = |compartment: &Compartment, at: Millis| {
        let free = compartment.status == CompartmentStatus::Free && compartment.heard_at.is_none_or(|heard| heard < at);
        let unbound = compartment.status == CompartmentStatus::Stored && compartment.kind != Some(ContentKind::Return);
        compartment.things_sq.is_none() && (free || unbound || compartment.status == CompartmentStatus::Storing)
    };
    let known = |port| compartments.iter().find(|compartment| compartment.port == port);
    scanned
        .into_iter()
        .filter(|(port, at)| known(*port).is_some_and(|compartment| waits(compartment, *at)))
        .collect()
}

async fn story(
    request: &RequestContext,
    compartments: &[Compartment],
    waiting: &[(Port, Millis)],
) -> Result<Option<Story>, Refusal> {
    let Some(port) = port(request.query("door")) else {
        return Ok(None);
    };
    let Some(compartment) = compartments.iter().find(|c| c.port == port).cloned() else {
        return Ok(None);
    };
    let order = match &compartment.things_sq {
        Some(things_sq) => match orders::get(things_sq).await {
            Ok(order) => Some(order),
            Err(Refusal::Unknown) => None,
            Err(other) => return Err(other),
        },
        None => None,
    };
    let scanned_at = waiting.iter().rev().find(|(at, _)| *at == port).map(|(_, at)| *at);
    Ok(Some(Story {
        compartment,
        order,
        scanned_at,
    }))
}

fn port(text: &str) -> Option<Port> {
    let (jumper, serial) = text.split_once('.')?;
    Some(Port {
        jumper: jumper.parse().ok()?,
        serial: serial.parse().ok()?,
    })
}

#[component]
fn Shown(found: Found) -> impl IntoView {
    let locale = context::locale();
    let kiosk = found.kiosk;
    let base = at::staff_kiosk(&kiosk.yid);
    let limit = found.now.plus(-i64::from(found.overdue_days) * DAY_MS);
    let told = found.story.as_ref().map(|story| story.compartment.port);
    let doors = found
        .compartments
        .iter()
        .map(|compartment| {
            let port = compartment.port;
            Door {
                href: Some(format!("{base}?door={}.{}#door", port.jumper, port.serial)),
                lit: told == Some(port),
                ..door(
                    compartment,
                    limit,
                    found.waiting.iter().any(|(waiting, _)| *waiting == port),
                )
            }
        })
        .collect();
    view! {
        <Layout title=kiosk_line(locale, kiosk.yid, &kiosk.name) wide=true>
            <Head kiosk=kiosk.clone()/>
            {told.is_none().then(|| view! { <p class="opacity-75">{td_string!(locale, staff.tap_a_door)}</p> })}
            // On a desk the story stands beside the cabinet, on a phone above it.
            <div class=if told.is_some() { "two two-story" } else { "contents" }>
                {found.story.map(|story| view! { <div><Told story limit overdue_days=found.overdue_days back=base.clone()/></div> })}
                <div><Cabinet locale doors/></div>
            </div>
            <nav class="grid gap-4 sm:grid-cols-3" aria-label=td_string!(locale, staff.kiosks)>
                <a href=at::staff_scan() class="btn btn-primary btn-lg"><Icon name="scan"/> {td_string!(locale, staff.scan)}</a>
                <a href=at::staff_clock_code(&kiosk.yid) class="btn btn-outline btn-lg" data-testid="to-clock"><Icon name="clock"/> {td_string!(locale, staff.to_clock)}</a>
                <a href=at::staff_pass_code(&kiosk.yid) class="btn btn-outline btn-lg" data-testid="to-pass"><Icon name="badge"/> {td_string!(locale, staff.to_pass)}</a>
            </nav>
        </Layout>
    }
    .into_any()
}

fn door(compartment: &Compartment, limit: Millis, waits: bool) -> Door {
    let door = Door::of(compartment, Some(limit));
    let state = if waits { DoorState::Scanned } else { door.state };
    Door { state, ..door }
}

#[component]
fn Head(kiosk: TheKiosk) -> impl IntoView {
    let locale = context::locale();
    let off = kiosk.clock_offset_ms;
    let clock = (off.unsigned_abs() > CLOCK_TOLERANCE_MS).then(|| {
        let seconds = off.unsigned_abs() / 1000;
        if off > 0 {
            td_string!(locale, staff.clock_off, seconds = seconds).to_string()
        } else {
            td_string!(locale, staff.clock_behind, seconds = seconds).to_string()
        }
    });
    view! {
        <div class="flex flex-col gap-1">
            <p>{kiosk.address}</p>
            <p class="text-sm opacity-75">
                {match kiosk.heard_at {
                    Some(at) => view! { {td_string!(locale, staff.heard)} " " <Time at/> }.into_any(),
                    None => td_string!(locale, staff.heard_never).into_any(),
                }}
            </p>
            {clock.map(|text| view! { <p class="flex items-center gap-1"><Icon name="clock" class="size-5 shrink-0"/> {text}</p> })}
        </div>
    }
    .into_any()
}

/// The story of one door.
#[component]
fn Told(story: Story, limit: Millis, overdue_days: u32, back: String) -> impl IntoView {
    let locale = context::locale();
    let Story {
        compartment,
        order,
        scanned_at,
    } = story;
    let state = door(&compartment, limit, scanned_at.is_some()).state;
    let stored = compartment.status == CompartmentStatus::Stored;
    let title = td_string!(locale, staff.door, label = compartment.label.as_str()).to_string();
    let hint = match state {
        DoorState::Return => Some(td_string!(locale, staff.door_return).to_owned()),
        DoorState::Scanned => Some(td_string!(locale, staff.door_scanned).to_owned()),
        DoorState::Overdue => Some(td_string!(locale, staff.door_overdue, days = overdue_days).to_string()),
        _ if stored && compartment.things_sq.is_none() && compartment.kind != Some(ContentKind::Return) => {
            Some(td_string!(locale, staff.door_without_order).to_owned())
        }
        _ => None,
    };
    let saved = compartment.save_date.filter(|text| stored && !text.is_empty());
    let port = td_string!(
        locale,
        staff.door_port,
        jumper = compartment.port.jumper,
        serial = compartment.port.serial
    )
    .to_string();
    view! {
        <section id="door" class="card-plain flex flex-col gap-4" aria-labelledby="door-title" data-testid="door-story">
            <div class="flex flex-wrap items-center gap-2">
                <span class="place-label" aria-hidden="true">{compartment.label.clone()}</span>
                <div class="min-w-0 flex-1">
                    <h2 id="door-title" class="text-lg font-semibold">{title} " · " {state.word(locale)}</h2>
                    <p class="text-sm opacity-75">{port}</p>
                </div>
                <a href=back class="btn btn-ghost" data-testid="door-close">{td_string!(locale, staff.door_close)}</a>
            </div>
            {hint.map(|text| view! { <p>{text}</p> })}
            {compartment.unknown_since.map(|_| view! { <p data-testid="door-unknown">{td_string!(locale, staff.door_unknown)}</p> })}
            <dl class="facts">
                {compartment.unknown_since.map(|at| view! { <div><dt>{td_string!(locale, staff.door_unknown_since)}</dt><dd><Time at full=true/></dd></div> })}
                {scanned_at.map(|at| view! { <div><dt>{td_string!(locale, staff.door_scanned_at)}</dt><dd><Time at full=true/></dd></div> })}
                {saved.map(|text| view! { <div><dt>{td_string!(locale, staff.door_since)}</dt><dd>{since(text)}</dd></div> })}
                {match compartment.heard_at {
                    Some(at) => view! { <div><dt>{td_string!(locale, staff.door_heard)}</dt><dd><Time at full=true/></dd></div> }.into_any(),
                    None => view! { <div><dt>{td_string!(locale, staff.door_heard)}</dt><dd>{td_string!(locale, staff.door_never_heard)}</dd></div> }.into_any(),
                }}
                {match (&order, &compartment.things_sq) {
                    (None, Some(things_sq)) => view! { <div><dt>{td_string!(locale, staff.door_order_unknown)}</dt><dd>{things_sq.0.clone()}</dd></div> }.into_any(),
                    _ => ().into_any(),
                }}
            </dl>
            {order.map(|order| view! { <OrderInside order/> })}
        </section>
    }
    .into_any()
}

/// A save date of ours is a moment; other kiosks write what they like.
fn since(text: String) -> AnyView {
    match Millis::from_iso(&text) {
        Some(at) => view! { <Time at full=true/> }.into_any(),
        None => text.into_any(),
    }
}

#[component]
fn OrderInside(order: Order) -> impl IntoView {
    let locale = context::locale();
    view! {
        <div class="flex flex-col gap-2">
            <p class="flex flex-wrap items-center gap-x-4 gap-y-1">
                <b class="tabular-nums">{order.customer_no.0}</b>
                <StatusBadge status=order.status/>
                <span>{order.customer_name} " · " {order.business.0}</span>
            </p>
            <a href=at::staff_order(&order.things_sq) class="btn btn-outline" data-testid="door-order">{td_string!(locale, staff.door_order)}</a>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_is_named_by_board_and_port() {
        assert_eq!(port("2.15"), Some(Port { jumper: 2, serial: 15 }));
        for wrong in ["", "2", "2.", "a.b", "1.2.3"] {
            assert_eq!(port(wrong), None);
        }
    }
}
