//! `/owner/records.csv`: what the page of records shows, as a file for a spreadsheet, in the reader's language.

use super::record_rows::{self, Line};
use super::records::Asked;
use crate::ui::csv::{self, Pages, ROWS_AT_ONCE, SECONDS, Sheet};
use axum::response::Response;
use backend::guard::guards;
use backend::guard::records;
use domain::error::Refusal;
use domain::guard::records::{By, What};
use domain::people::Role;
use islands::context::RequestContext;
use islands::i18n::{Locale, td_string};
use jiff::tz::TimeZone;

/// `GET /owner/records.csv`
pub async fn export(context: RequestContext) -> Response {
    let file = file(&context).await;
    csv::answer(&context, "records", file)
}

async fn file(context: &RequestContext) -> Result<Vec<u8>, Refusal> {
    let who = context.require(Role::Owner)?;
    let backend = &context.backend;
    let zone = backend.zone().time_zone().clone();
    let Asked { of, mut filter } = Asked::of(context, who, &zone);
    filter.limit = ROWS_AT_ONCE;
    let guards = guards::list(backend, who, &of).await?;
    let mut sheet = Sheet::new(header(context.locale))?;
    let mut pages = Pages::default();
    while pages.has_more() {
        filter.cursor = pages.cursor().map(str::to_owned);
        let page = records::page(backend, who, &of, &filter).await?;
        sheet.add_page(&mut pages, page, |record| {
            cells(context.locale, &Line::of(record, &guards), &zone)
        })?;
    }
    sheet.bytes()
}

fn header(locale: Locale) -> [&'static str; 8] {
    [
        td_string!(locale, owner_records.csv_time),
        td_string!(locale, owner_records.csv_doubt),
        td_string!(locale, owner_records.guard),
        td_string!(locale, owner_guard.id),
        td_string!(locale, owner_records.csv_result),
        td_string!(locale, owner_records.csv_way),
        td_string!(locale, owner_records.csv_who),
        td_string!(locale, owner_grant.card_number),
    ]
}

fn cells(locale: Locale, line: &Line, zone: &TimeZone) -> [String; 8] {
    let record = line.record();
    let result = match &record.what {
        What::Opened(_) => td_string!(locale, owner_records.opened).to_owned(),
        What::Refused(_, reason) => {
            let (word, why) = (
                td_string!(locale, owner_records.refused),
                record_rows::why(locale, *reason),
            );
            format!("{word}: {why}")
        }
        What::Door(state) => record_rows::door(locale, *state).to_owned(),
        What::Lost { .. } => td_string!(locale, owner_records.gap).to_owned(),
    };
    let (way, who) = record.by().map_or((String::new(), String::new()), |by| {
        let who = if record.damaged {
            td_string!(locale, owner_records.unreadable).to_owned()
        } else {
            name(locale, by)
        };
        (record_rows::how(locale, by).to_owned(), who)
    });
    let card = match record.by() {
        Some(By::Card {
            card_numb: Some(card), ..
        }) => card.masked(),
        _ => String::new(),
    };
    [
        csv::time(Some(record.at), zone, SECONDS),
        record_rows::doubt(locale, record.uncertainty_ms).unwrap_or_default(),
        line.guard_name().to_owned(),
        record.guard_id.to_string(),
        result,
        way,
        who,
        card,
    ]
}

/// Whose it was.
fn name(locale: Locale, by: &By) -> String {
    match by {
        By::Card { name, .. } => name.as_ref().map(ToString::to_string).unwrap_or_default(),
        by @ By::Password { .. } => record_rows::who(locale, by),
    }
}
