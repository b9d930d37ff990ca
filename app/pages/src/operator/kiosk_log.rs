//! `/operator/kiosks/{yid}/log`: what a kiosk reported, event by event.

use super::parts::{ROWS, Up};
use crate::error::loaded;
use crate::ui::empty::Empty;
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use domain::error::Refusal;
use domain::ids::Port;
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::kiosks::Kiosk;
use domain::locker::orders::Page;
use islands::addresses::{at, named};
use islands::context;
use islands::date::Time;
use islands::functions::{kiosks, people};
use islands::i18n::{Locale, td_string};
use islands::ui::boards::answers;
use islands::words::refusal_text;
use leptos::prelude::*;
use std::collections::HashMap;

/// Everything the page shows.
struct Log {
    kiosk: Kiosk,
    labels: HashMap<Port, String>,
    /// Names by phone number.
    names: HashMap<String, String>,
    events: Page<KioskEvent>,
}

/// The page.
#[component]
pub fn KioskLog() -> impl IntoView {
    let request = context::request();
    let named = named::operator_kiosk_log();
    loaded(
        async move {
            let (yid,) = named?;
            let (kiosk, doors) = kiosks::get(yid).await?;
            let events = kiosks::events(yid, request.query_if_any(CURSOR), ROWS).await?;
            let actors = events.rows.iter().filter_map(|event| event.actor.as_ref());
            let names = people::of_these(actors.collect()).await?;
            let labels = doors.into_iter().map(|door| (door.port, door.label)).collect();
            Ok(Log {
                kiosk,
                labels,
                names,
                events,
            })
        },
        show,
    )
}

fn show(log: Log) -> AnyView {
    let locale = context::locale();
    let title = td_string!(locale, operator.log_of, yid = log.kiosk.yid.0).to_string();
    let up = at::operator_kiosk(&log.kiosk.yid);
    let next = log.events.next.clone();
    let stored = td_string!(locale, operator.log_stored, seq = log.kiosk.acked_seq).to_string();
    let list = if log.events.rows.is_empty() {
        view! { <Empty text=td_string!(locale, operator.no_events) icon="list"/> }.into_any()
    } else {
        table(&log)
    };
    view! {
        <Layout title=title wide=true>
            <Up href=up text=log.kiosk.name.clone()/>
            <p>{stored}</p>
            {list}
            <Pager next=next/>
        </Layout>
    }
    .into_any()
}

fn table(log: &Log) -> AnyView {
    let locale = context::locale();
    let (seq, at) = (td_string!(locale, operator.seq), td_string!(locale, operator.when));
    let (what, door) = (td_string!(locale, operator.what), td_string!(locale, operator.door));
    let (order, who) = (td_string!(locale, operator.order), td_string!(locale, operator.who));
    let rows: Vec<_> = log
        .events
        .rows
        .iter()
        .map(|event| {
            let label = event.port.map(|port| {
                let known = log.labels.get(&port).cloned();
                known.unwrap_or_else(|| format!("{}-{}", port.jumper, port.serial))
            });
            let none = |there: bool| if there { "" } else { "none" };
            let (no_door, no_order, no_actor) =
                (none(label.is_some()), none(event.things_sq.is_some()), none(event.actor.is_some()));
            let actor = event.actor.as_ref().map(|phone| log.names.get(&phone.0).unwrap_or(&phone.0).clone());
            let id = event.things_sq.as_ref().map(|id| {
                let href = at::operator_order(id);
                view! { <a href=href class="link">{id.0.clone()}</a> }
            });
            view! {
                <tr data-testid="event-row" data-kind=kind_name(event.kind)>
                    <td data-label=seq class="tabular-nums">{event.seq}</td>
                    <td data-label=at><Time at=event.at/></td>
                    <td data-label=what>
                        <div>{kind_word(locale, event.kind)} {detail(locale, event).map(|text| view! { <p class="text-sm opacity-75">{text}</p> })}</div>
                    </td>
                    <td data-label=door class=no_door>{label.unwrap_or_else(|| "–".to_owned())}</td>
                    <td data-label=order class=no_order>{id.map_or_else(|| "–".into_any(), IntoAny::into_any)}</td>
                    <td data-label=who class=no_actor>{actor.unwrap_or_else(|| "–".to_owned())}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="table-frame">
            <table class="table rows">
                <thead><tr><th>{seq}</th><th>{at}</th><th>{what}</th><th>{door}</th><th>{order}</th><th>{who}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What tells a kind of event apart, for tests and styles.
pub(super) fn kind_name(kind: EventKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(word)) => format!("event-{word}"),
        _ => String::new(),
    }
}

pub(super) fn kind_word(locale: Locale, kind: EventKind) -> &'static str {
    match kind {
        EventKind::Enrolled => td_string!(locale, operator.event_enrolled),
        EventKind::StaffIn => td_string!(locale, operator.event_staff_in),
        EventKind::StaffOut => td_string!(locale, operator.event_staff_out),
        EventKind::DepositOpened => td_string!(locale, operator.event_deposit_opened),
        EventKind::DepositClosed => td_string!(locale, operator.event_deposit_closed),
        EventKind::PickUpOpened => td_string!(locale, operator.event_pick_up_opened),
        EventKind::PickUpClosed => td_string!(locale, operator.event_pick_up_closed),
        EventKind::ReturnOpened => td_string!(locale, operator.event_return_opened),
        EventKind::ReturnClosed => td_string!(locale, operator.event_return_closed),
        EventKind::RetrievalOpened => td_string!(locale, operator.event_retrieval_opened),
        EventKind::RetrievalClosed => td_string!(locale, operator.event_retrieval_closed),
        EventKind::GivenUp => td_string!(locale, operator.event_given_up),
        EventKind::Settled => td_string!(locale, operator.event_settled),
        EventKind::ConditionSet => td_string!(locale, operator.event_condition_set),
        EventKind::Refused => td_string!(locale, operator.event_refused),
        EventKind::ClockSet => td_string!(locale, operator.event_clock_set),
        EventKind::Started => td_string!(locale, operator.event_started),
        EventKind::DoorNotOpened => td_string!(locale, operator.event_door_not_opened),
        EventKind::DoorUnsure => td_string!(locale, operator.event_door_unsure),
        EventKind::DoorSaidClosed => td_string!(locale, operator.event_door_said_closed),
        EventKind::DoorLeftOpen => td_string!(locale, operator.event_door_left_open),
        EventKind::DoorForced => td_string!(locale, operator.event_door_forced),
        EventKind::TestOpened => td_string!(locale, operator.event_test_opened),
        EventKind::WiringSet => td_string!(locale, operator.event_wiring_set),
        EventKind::BoardFailed => td_string!(locale, operator.event_board_failed),
    }
}

/// What an event says beyond its kind; what nobody knows the meaning of is shown as it came.
pub(super) fn detail(locale: Locale, event: &KioskEvent) -> Option<String> {
    let detail = event.detail.as_deref()?;
    let known = match (event.kind, detail) {
        (EventKind::DoorNotOpened, "jammed") => Some(td_string!(locale, operator.door_jammed).to_owned()),
        (EventKind::DoorNotOpened, "refused") => Some(td_string!(locale, operator.door_refused).to_owned()),
        (EventKind::DoorNotOpened, "unknown") => Some(td_string!(locale, operator.door_unknown).to_owned()),
        (EventKind::PickUpOpened, detail) if detail.starts_with("voucher") => {
            let names = detail.strip_prefix("voucher").unwrap_or_default();
            Some(td_string!(locale, business.voucher_title).to_owned() + names)
        }
        (EventKind::BoardFailed, detail) => detail.split_once(' ').and_then(|(board, word)| {
            let state = serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()?;
            Some(format!("{board} · {}", answers(locale, state)))
        }),
        (EventKind::Settled, "stored") => Some(td_string!(locale, operator.settled_stored).to_owned()),
        (EventKind::Settled, "empty") => Some(td_string!(locale, operator.settled_empty).to_owned()),
        (EventKind::ConditionSet, "out-of-order") => Some(td_string!(locale, operator.door_out_of_order).to_owned()),
        (EventKind::ConditionSet, "joined") => Some(td_string!(locale, common.door_joined).to_owned()),
        (EventKind::ConditionSet, "free") => Some(td_string!(locale, operator.door_free).to_owned()),
        (EventKind::ClockSet, offset) => offset.parse().ok().map(|offset: i64| {
            let seconds = offset / 1000;
            td_string!(locale, operator.clock_offset, seconds = seconds).to_string()
        }),
        (EventKind::ReturnOpened, "not-checked") => {
            Some(td_string!(locale, operator_settings.return_not_checked).to_owned())
        }
        (EventKind::ReturnOpened, detail) => detail.strip_suffix(" not-checked").map(|customer| {
            let why = td_string!(locale, operator_settings.return_not_checked);
            format!("{customer} · {why}")
        }),
        (EventKind::Refused, "code-revoked") => Some(td_string!(locale, business.voucher_withdrawn).to_owned()),
        (EventKind::Refused, "number-refused") => Some(td_string!(locale, operator_settings.return_refused).to_owned()),
        (EventKind::Refused, code) => serde_json::from_value(serde_json::json!({ "code": code }))
            .ok()
            .map(|refusal: Refusal| refusal_text(locale, &refusal)),
        _ => None,
    };
    Some(known.unwrap_or_else(|| detail.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::Millis;

    fn event(kind: EventKind, detail: &str) -> KioskEvent {
        KioskEvent {
            seq: 1,
            at: Millis(0),
            kind,
            port: None,
            things_sq: None,
            actor: None,
            detail: Some(detail.to_owned()),
        }
    }

    #[test]
    fn a_refusals_code_is_told_in_words() {
        let told = detail(Locale::en, &event(EventKind::Refused, "code-used"));
        assert_eq!(told, Some(refusal_text(Locale::en, &Refusal::CodeUsed)));
    }

    #[test]
    fn who_a_voucher_was_passed_on_to_is_named() {
        let told = detail(Locale::en, &event(EventKind::PickUpOpened, "voucher · 김기사"));
        assert_eq!(told.as_deref(), Some("Code for later · 김기사"));
        let password = detail(Locale::en, &event(EventKind::PickUpOpened, "password"));
        assert_eq!(password.as_deref(), Some("password"));
    }

    #[test]
    fn how_a_board_answers_is_told_in_words() {
        for (locale, word) in [
            (Locale::en, "answers something else"),
            (Locale::ko, td_string!(Locale::ko, kiosk.board_garbled)),
            (Locale::zh, td_string!(Locale::zh, kiosk.board_garbled)),
        ] {
            let told = detail(locale, &event(EventKind::BoardFailed, "12 garbled"));
            assert_eq!(told, Some(format!("12 · {word}")));
        }
        let newer = detail(Locale::en, &event(EventKind::BoardFailed, "12 on fire"));
        assert_eq!(newer, Some("12 on fire".to_owned()));
    }

    #[test]
    fn an_unknown_detail_is_shown_as_it_came() {
        assert_eq!(
            detail(Locale::ko, &event(EventKind::Refused, "<b>")),
            Some("<b>".to_owned())
        );
        assert_eq!(
            detail(Locale::ko, &event(EventKind::ClockSet, "soon")),
            Some("soon".to_owned())
        );
    }
}
