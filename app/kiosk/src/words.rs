//! Events, refusals, messages and what is behind a door, in words.

use super::browser;
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::kiosk::{Door, Message, Trouble};
use islands::i18n::{Locale, td_string};

/// Why something was refused, and what to do about it.
pub fn trouble(locale: Locale, trouble: Trouble) -> String {
    let text = match trouble {
        Trouble::CodeDamaged => td_string!(locale, kiosk.trouble_code_damaged),
        Trouble::CodePartial => td_string!(locale, kiosk.trouble_code_partial),
        Trouble::ScannerKeys => td_string!(locale, kiosk.trouble_scanner_keys),
        Trouble::CodeForeign => td_string!(locale, kiosk.trouble_code_foreign),
        Trouble::CodeExpired => td_string!(locale, kiosk.trouble_code_expired),
        Trouble::CodeFromFuture => td_string!(locale, kiosk.trouble_code_from_future),
        Trouble::CodeUsed => td_string!(locale, kiosk.trouble_code_used),
        Trouble::CodeRevoked => td_string!(locale, kiosk.trouble_code_revoked),
        Trouble::CodeKind => td_string!(locale, kiosk.trouble_code_kind),
        Trouble::ClockOutdated => td_string!(locale, kiosk.trouble_clock_outdated),
        Trouble::CodeMismatch => td_string!(locale, kiosk.trouble_code_mismatch),
        Trouble::NothingStored => td_string!(locale, kiosk.trouble_nothing_stored),
        Trouble::DoorHalfDone => td_string!(locale, kiosk.trouble_door_half_done),
        Trouble::DoorNotFree => td_string!(locale, kiosk.trouble_door_not_free),
        Trouble::DoorFailed => td_string!(locale, kiosk.trouble_door_failed),
        Trouble::BoardSilent => td_string!(locale, kiosk.trouble_board_silent),
        Trouble::WrongPassword => td_string!(locale, kiosk.trouble_wrong_password),
        Trouble::WrongPin => td_string!(locale, kiosk.trouble_wrong_pin),
        Trouble::NoPin => td_string!(locale, kiosk.trouble_no_pin),
        Trouble::NumberRefused => td_string!(locale, kiosk.trouble_number_refused),
        Trouble::Wait { seconds } => return td_string!(locale, kiosk.trouble_wait, seconds = seconds),
    };
    text.to_owned()
}

/// What was done.
pub fn message(locale: Locale, message: &Message) -> String {
    match message {
        Message::Retrieved { label } => td_string!(locale, kiosk.said_retrieved, label = label.clone()),
        Message::GaveUp { label } => td_string!(locale, kiosk.said_gave_up, label = label.clone()),
        Message::Settled { label } => td_string!(locale, kiosk.said_settled, label = label.clone()),
        Message::ConditionSet { label } => td_string!(locale, kiosk.said_condition_set, label = label.clone()),
        Message::ClockSet => td_string!(locale, kiosk.said_clock_set).to_owned(),
        Message::WiringSet => td_string!(locale, kiosk.said_wiring_set).to_owned(),
    }
}

/// A line of the log.
pub fn event(locale: Locale, event: &KioskEvent) -> String {
    let detail = event.detail.as_deref().unwrap_or_default();
    let text = match event.kind {
        EventKind::Enrolled => td_string!(locale, kiosk.event_enrolled),
        EventKind::StaffIn if detail == "pin" => {
            return joined(
                td_string!(locale, kiosk.event_staff_in),
                td_string!(locale, kiosk.by_pin),
            );
        }
        EventKind::StaffIn => td_string!(locale, kiosk.event_staff_in),
        EventKind::StaffOut => td_string!(locale, kiosk.event_staff_out),
        EventKind::DepositOpened => td_string!(locale, kiosk.event_deposit_opened),
        EventKind::DepositClosed => td_string!(locale, kiosk.event_deposit_closed),
        EventKind::PickUpOpened => {
            let how = if detail == "password" {
                td_string!(locale, kiosk.by_password)
            } else {
                td_string!(locale, kiosk.by_code)
            };
            // Who a voucher was passed on to.
            let names = detail.strip_prefix("voucher").unwrap_or_default();
            return joined(td_string!(locale, kiosk.event_pick_up_opened), how) + names;
        }
        EventKind::PickUpClosed => td_string!(locale, kiosk.event_pick_up_closed),
        EventKind::ReturnOpened if detail.ends_with("not-checked") => {
            return joined(
                td_string!(locale, kiosk.event_return_opened),
                td_string!(locale, kiosk.not_checked),
            );
        }
        EventKind::ReturnOpened => td_string!(locale, kiosk.event_return_opened),
        EventKind::ReturnClosed => td_string!(locale, kiosk.event_return_closed),
        EventKind::RetrievalOpened => td_string!(locale, kiosk.event_retrieval_opened),
        EventKind::RetrievalClosed => td_string!(locale, kiosk.event_retrieval_closed),
        EventKind::GivenUp => td_string!(locale, kiosk.event_given_up),
        EventKind::Settled if detail == "stored" => td_string!(locale, kiosk.event_settled_stored),
        EventKind::Settled => td_string!(locale, kiosk.event_settled_empty),
        EventKind::ConditionSet if detail == "free" => td_string!(locale, kiosk.event_back_in_use),
        EventKind::ConditionSet if detail == "joined" => td_string!(locale, common.door_joined),
        EventKind::ConditionSet => td_string!(locale, kiosk.event_out_of_order),
        EventKind::Refused => return td_string!(locale, kiosk.event_refused, why = why(locale, detail)),
        EventKind::ClockSet => td_string!(locale, kiosk.event_clock_set),
        EventKind::Started => td_string!(locale, kiosk.event_started),
        EventKind::DoorNotOpened => td_string!(locale, kiosk.event_door_not_opened),
        EventKind::DoorUnsure => td_string!(locale, kiosk.event_door_unsure),
        EventKind::DoorSaidClosed => td_string!(locale, kiosk.event_door_said_closed),
        EventKind::DoorLeftOpen => td_string!(locale, kiosk.event_door_left_open),
        EventKind::DoorForced => td_string!(locale, kiosk.event_door_forced),
        EventKind::TestOpened => td_string!(locale, kiosk.event_test_opened),
        EventKind::WiringSet => td_string!(locale, kiosk.event_wiring_set),
        EventKind::BoardFailed => td_string!(locale, kiosk.event_board_failed),
    };
    text.to_owned()
}

fn joined(what: &str, how: &str) -> String {
    format!("{what} · {how}")
}

/// The word of a refusal in the log.
fn why(locale: Locale, code: &str) -> &'static str {
    match code {
        "code-damaged" => td_string!(locale, kiosk.why_code_damaged),
        "code-partial" => td_string!(locale, kiosk.why_code_partial),
        "scanner-keys" => td_string!(locale, kiosk.why_scanner_keys),
        "code-foreign" => td_string!(locale, kiosk.why_code_foreign),
        "code-expired" => td_string!(locale, kiosk.why_code_expired),
        "code-from-future" => td_string!(locale, kiosk.why_code_from_future),
        "code-used" => td_string!(locale, kiosk.why_code_used),
        "code-revoked" => td_string!(locale, kiosk.why_code_revoked),
        "code-kind" => td_string!(locale, kiosk.why_code_kind),
        "clock-outdated" => td_string!(locale, kiosk.why_clock_outdated),
        "code-mismatch" => td_string!(locale, kiosk.why_code_mismatch),
        "nothing-stored" => td_string!(locale, kiosk.why_nothing_stored),
        "door-half-done" => td_string!(locale, kiosk.why_door_half_done),
        "compartment-taken" => td_string!(locale, kiosk.why_door_not_free),
        "door-failed" => td_string!(locale, kiosk.why_door_failed),
        "board-silent" => td_string!(locale, kiosk.why_board_silent),
        "wrong-password" => td_string!(locale, kiosk.why_wrong_password),
        "wrong-pin" => td_string!(locale, kiosk.why_wrong_pin),
        "number-refused" => td_string!(locale, kiosk.why_number_refused),
        _ => td_string!(locale, kiosk.why_unknown),
    }
}

/// Whose meter is behind this door.
pub fn whose(locale: Locale, door: &Door) -> Option<String> {
    match (&door.things_sq, &door.customer_no) {
        (Some(order), _) => Some(td_string!(locale, kiosk.order, number = order.to_string())),
        (None, Some(customer)) => Some(td_string!(locale, kiosk.customer, number = customer.to_string())),
        (None, None) => None,
    }
}

/// Since when it is there.
pub fn since(locale: Locale, door: &Door) -> Option<String> {
    let at = door.stored_at?;
    Some(td_string!(locale, kiosk.since, date = browser::local_time(locale, at)))
}
