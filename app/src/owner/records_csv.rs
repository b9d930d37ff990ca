//! `/owner/records.csv`: what the page of records shows, as a file for a spreadsheet, in the reader's language.

use super::record_rows::{self, Line};
use super::records::Asked;
use crate::context::RequestContext;
use crate::error::bare_page;
use crate::i18n::{Locale, td_string};
use axum::response::{Html, IntoResponse, Response};
use backend::guard::guards;
use backend::guard::records;
use domain::error::Refusal;
use domain::guard::records::{By, What};
use domain::people::Role;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Rows of one file; narrower filters bring the rest.
const MOST_ROWS: usize = 50_000;
const ROWS_AT_ONCE: u32 = 200;

/// `GET /owner/records.csv`
pub async fn export(context: RequestContext) -> Response {
    match file(&context).await {
        Ok(bytes) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"records.csv\""),
            ];
            (headers, bytes).into_response()
        }
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Html(bare_page(context.locale, &refusal, &context.request_id))).into_response()
        }
    }
}

async fn file(context: &RequestContext) -> Result<Vec<u8>, Refusal> {
    let who = context.require(Role::Owner)?;
    let backend = &context.backend;
    let zone = backend.zone().time_zone().clone();
    let Asked { of, mut filter } = Asked::of(context, who, &zone);
    filter.cursor = None;
    filter.limit = ROWS_AT_ONCE;
    let guards = guards::list(backend, who, &of).await?;
    // The mark in front tells Excel that this is UTF-8.
    let mut file = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    let mut count = 0;
    write(&mut file, header(context.locale))?;
    loop {
        let page = records::page(backend, who, &of, &filter).await?;
        count += page.rows.len();
        for record in page.rows {
            write(&mut file, cells(context.locale, &Line::of(record, &guards), &zone))?;
        }
        filter.cursor = page.next;
        if filter.cursor.is_none() || count >= MOST_ROWS {
            return file.into_inner().map_err(|_| Refusal::Internal);
        }
    }
}

fn write(file: &mut csv::Writer<Vec<u8>>, cells: [String; 8]) -> Result<(), Refusal> {
    // Into memory, which does not fail.
    file.write_record(cells.map(tame)).map_err(|_| Refusal::Internal)
}

/// A spreadsheet would take a cell that begins so for a formula.
fn tame(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

fn header(locale: Locale) -> [String; 8] {
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
    .map(str::to_owned)
}

fn cells(locale: Locale, line: &Line, zone: &TimeZone) -> [String; 8] {
    let record = line.record();
    let time = Timestamp::from_millisecond(record.at.0)
        .map(|at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default();
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
        time,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula_and_stays_in_its_cell() {
        let mut file = csv::Writer::from_writer(Vec::new());
        let mut cells = [const { String::new() }; 8];
        cells[0] = "=1+1".to_owned();
        cells[1] = "a\"b,\nc".to_owned();
        write(&mut file, cells).unwrap();
        let text = String::from_utf8(file.into_inner().unwrap()).unwrap();
        assert_eq!(text, "'=1+1,\"a\"\"b,\nc\",,,,,,\n");
    }
}
