//! Refusals and kiosks as people read them.

use crate::i18n::{Locale, td_string};
use crate::refused::Refused;
use crate::ui::status;
use domain::error::{Problem, Refusal};
use domain::ids::Yid;
use domain::locker::orders::OrderStatus;

/// What happened and what to do, in the reader's language.
pub fn refusal_text(locale: Locale, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Malformed { .. } => td_string!(locale, errors.malformed).to_string(),
        Refusal::NotSignedIn => td_string!(locale, errors.not_signed_in).to_string(),
        Refusal::WrongSignIn => td_string!(locale, errors.wrong_sign_in).to_string(),
        Refusal::NotYours => td_string!(locale, errors.not_yours).to_string(),
        Refusal::OtherSite => td_string!(locale, errors.other_site).to_string(),
        Refusal::WrongHost => td_string!(locale, errors.wrong_host).to_string(),
        Refusal::TooSlow => td_string!(locale, errors.too_slow).to_string(),
        Refusal::Unknown => td_string!(locale, errors.unknown).to_string(),
        Refusal::CodeDamaged => td_string!(locale, errors.code_damaged).to_string(),
        Refusal::CodeForeign => td_string!(locale, errors.code_foreign).to_string(),
        Refusal::CodeExpired => td_string!(locale, errors.code_expired).to_string(),
        Refusal::CodeFromFuture => td_string!(locale, errors.code_from_future).to_string(),
        Refusal::CodeUsed => td_string!(locale, errors.code_used).to_string(),
        Refusal::CodeKind => td_string!(locale, errors.code_kind).to_string(),
        Refusal::SyncOutdated => td_string!(locale, errors.sync_outdated).to_string(),
        Refusal::NotScanned => td_string!(locale, errors.not_scanned).to_string(),
        Refusal::KioskNotHeard => td_string!(locale, errors.kiosk_not_heard).to_string(),
        Refusal::RowsNotScanned => td_string!(locale, errors.rows_not_scanned).to_string(),
        Refusal::OrderStatus { status } => {
            let word = OrderStatus::parse(status).map_or(status.as_str(), |status| status::word(locale, status));
            td_string!(locale, errors.order_status, status = word).to_string()
        }
        Refusal::CompartmentTaken => td_string!(locale, errors.compartment_taken).to_string(),
        Refusal::Exists => td_string!(locale, errors.exists).to_string(),
        Refusal::KeyReused => td_string!(locale, errors.key_reused).to_string(),
        Refusal::PageOutdated => td_string!(locale, errors.page_outdated).to_string(),
        Refusal::NodeAlive => td_string!(locale, errors.node_alive).to_string(),
        Refusal::KioskUnreadable => td_string!(locale, errors.kiosk_unreadable).to_string(),
        Refusal::EnrolmentCode => td_string!(locale, errors.enrolment_code).to_string(),
        Refusal::Field { problem, .. } => problem_text(locale, problem),
        Refusal::TooLarge { max_bytes } => {
            td_string!(locale, errors.too_large, size = size_text(*max_bytes)).to_string()
        }
        Refusal::TooMany { seconds } => td_string!(locale, errors.too_many, seconds = *seconds).to_string(),
        Refusal::Unavailable => td_string!(locale, errors.unavailable).to_string(),
        Refusal::Internal => td_string!(locale, errors.internal).to_string(),
    }
}

/// Whole mebibytes as such, everything else in kibibytes; people know both by their decimal names.
fn size_text(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = KB * 1024;
    if bytes >= MB && bytes.is_multiple_of(MB) {
        format!("{} MB", bytes / MB)
    } else {
        format!("{} KB", bytes / KB)
    }
}

/// What is wrong with a field, in the reader's language.
pub fn problem_text(locale: Locale, problem: &Problem) -> String {
    match problem {
        Problem::Required => td_string!(locale, errors.required).to_string(),
        Problem::TooLong { max } => td_string!(locale, errors.too_long, max = *max).to_string(),
        Problem::TooShort { min } => td_string!(locale, errors.too_short, min = *min).to_string(),
        Problem::Form => td_string!(locale, errors.form).to_string(),
        Problem::Range { min, max } => td_string!(locale, errors.range, min = *min, max = *max).to_string(),
        Problem::Unknown => td_string!(locale, errors.field_unknown).to_string(),
        Problem::Taken => td_string!(locale, errors.taken).to_string(),
        Problem::Guessable => td_string!(locale, errors.guessable).to_string(),
        Problem::WrongPassword => td_string!(locale, errors.wrong_password).to_string(),
        Problem::Differs => td_string!(locale, errors.differs).to_string(),
        Problem::Contradicts => td_string!(locale, errors.contradicts).to_string(),
        Problem::Spreadsheet => td_string!(locale, errors.spreadsheet).to_string(),
        Problem::Quotes => td_string!(locale, errors.quotes).to_string(),
        Problem::Encoding => td_string!(locale, errors.encoding).to_string(),
    }
}

/// A page for a refusal as bare text, for when pages cannot be rendered.
pub fn bare_page(locale: Locale, refusal: &Refusal, request_id: &str) -> String {
    let language = crate::i18n::code(locale);
    let title = td_string!(locale, errors.title);
    let home = td_string!(locale, errors.go_home);
    let number = td_string!(locale, errors.request_id);
    let text = refusal_text(locale, refusal);
    format!(
        "<!DOCTYPE html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1><p>{text}</p><p><a href=\"/\">{home}</a></p>\
         <p>{number} <code>{request_id}</code></p></main></body></html>"
    )
}

/// Why a code was not read: which kind of trouble it is, and what to do.
pub fn not_read(locale: Locale, refusal: &Refusal) -> Refused {
    let refused = Refused::of(locale, refusal);
    if !refused.fields.is_empty() {
        return refused;
    }
    let (what, remedy) = explain(locale, refusal);
    refused.in_words(&format!("{what}\n{remedy}"))
}

fn explain(locale: Locale, refusal: &Refusal) -> (&'static str, String) {
    let (what, remedy) = match refusal {
        Refusal::CodeDamaged => (
            td_string!(locale, staff.refused_damaged),
            td_string!(locale, staff.refused_damaged_do),
        ),
        Refusal::CodeExpired => (
            td_string!(locale, staff.refused_old),
            td_string!(locale, staff.refused_old_do),
        ),
        Refusal::CodeUsed => (
            td_string!(locale, staff.refused_used),
            td_string!(locale, staff.refused_used_do),
        ),
        Refusal::CodeForeign => (
            td_string!(locale, staff.refused_foreign),
            td_string!(locale, staff.refused_foreign_do),
        ),
        Refusal::CodeKind => (
            td_string!(locale, staff.refused_kind),
            td_string!(locale, staff.refused_kind_do),
        ),
        Refusal::CodeFromFuture => (
            td_string!(locale, staff.refused_future),
            td_string!(locale, staff.refused_future_do),
        ),
        Refusal::SyncOutdated => (
            td_string!(locale, staff.refused_outdated),
            td_string!(locale, staff.refused_outdated_do),
        ),
        other => {
            return (td_string!(locale, staff.refused_other), refusal_text(locale, other));
        }
    };
    (what, remedy.to_owned())
}

/// A kiosk by name and number.
pub fn kiosk_line(locale: Locale, yid: Yid, name: &str) -> String {
    let number = td_string!(locale, orders.kiosk_no, yid = yid.0).to_string();
    if name.is_empty() {
        number
    } else {
        format!("{name} ({number})")
    }
}
