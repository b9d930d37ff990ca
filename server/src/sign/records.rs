//! Sign 22: unlock records.

use super::times::{end_of, second, start_of};
use backend::guard::records::{self, By, Record};
use backend::{Backend, Result};
use domain::guard::ids::{CardNumb, SecretText};
use domain::guard::messages::records::{
    CardInfo, ListRecords, MOST_ROWS, OpenedBy, PasswordInfo, RecordRow, RecordsListed,
};
use domain::guard::messages::{Plain, Reply};
use domain::ids::Phone;
use domain::people::Person;

pub(super) async fn list(b: &Backend, who: &Person, of: &Phone, asked: &ListRecords) -> Result<Reply> {
    let from = start_of(b, "startTime", asked.start.first_second())?;
    // The last second is part of the span.
    let until = end_of(b, "endTime", asked.end.last_second())?.plus(1000);
    let records = records::between(b, who, of, from, until, MOST_ROWS).await?;
    let own = who.phone == *of;
    let rows = records.into_iter().filter_map(|record| row(b, record, own).transpose());
    Ok(Reply::ListRecords(RecordsListed {
        result: Plain::Done,
        record_list: rows.collect::<Result<_>>()?,
    }))
}

/// Somebody above sees of a card's number what the page shows without a trace.
fn row(b: &Backend, record: Record, own: bool) -> Result<Option<RecordRow>> {
    let Some(by) = record.by() else { return Ok(None) };
    Ok(Some(RecordRow {
        timetag: second(b, record.at)?,
        opened_by: opened_by(by, own),
        guard_id: record.guard_id,
    }))
}

fn secret(card: &CardNumb, own: bool) -> SecretText {
    let shown = if own { card.as_str().to_owned() } else { card.masked() };
    SecretText::parse(&shown).unwrap_or_default()
}

fn opened_by(by: &By, own: bool) -> OpenedBy {
    fn text<T: std::fmt::Display>(value: Option<&T>) -> String {
        value.map(ToString::to_string).unwrap_or_default()
    }
    match by {
        By::Card {
            name,
            card_numb,
            dn_code,
            service_numb,
        } => OpenedBy::Card(CardInfo {
            name: text(name.as_ref()),
            card_numb: card_numb.as_ref().map(|card| secret(card, own)).unwrap_or_default(),
            dn_code: text(dn_code.as_ref()),
            service_numb: text(service_numb.as_ref()),
        }),
        By::Password {
            password, service_numb, ..
        } => OpenedBy::Password(PasswordInfo {
            password: password.as_ref().into(),
            service_numb: text(service_numb.as_ref()),
        }),
    }
}
