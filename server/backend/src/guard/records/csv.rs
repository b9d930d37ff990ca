//! Records as a file for a spreadsheet.

use super::{By, Filter, Record, What, page};
use crate::guard::guards;
use crate::{Backend, Result};
use domain::guard::ids::GuardId;
use domain::guard::times::Zone;
use domain::ids::{Millis, Phone};
use domain::people::Person;
use std::collections::HashMap;

/// Rows of one file; narrower filters bring the rest.
pub const MOST_ROWS: usize = 50_000;

const HEADER: [&str; 10] = [
    "time",
    "guardId",
    "guardName",
    "opened",
    "reason",
    "way",
    "name",
    "cardNumb",
    "serviceNumb",
    "uncertaintySeconds",
];

/// What [`page`] shows, all pages of it up to [`MOST_ROWS`], newest first: UTF-8 with a byte order mark, times in the deployment's zone.
/// Cards are masked, and passwords are not in it.
pub async fn csv(b: &Backend, who: &Person, of: &Phone, filter: &Filter) -> Result<String> {
    let names: HashMap<GuardId, String> = guards::list(b, who, of)
        .await?
        .into_iter()
        .map(|guard| (guard.id, guard.name.as_str().to_owned()))
        .collect();
    let mut filter = Filter {
        cursor: None,
        limit: 200,
        ..filter.clone()
    };
    let mut text = String::from("\u{feff}");
    line(&mut text, HEADER.map(str::to_owned));
    let mut count = 0;
    loop {
        let found = page(b, who, of, &filter).await?;
        for record in &found.rows {
            line(&mut text, cells(b, record, names.get(&record.guard_id)));
        }
        count += found.rows.len();
        filter.cursor = found.next;
        if filter.cursor.is_none() || count >= MOST_ROWS {
            return Ok(text);
        }
    }
}

fn cells(b: &Backend, record: &Record, guard_name: Option<&String>) -> [String; 10] {
    let (opened, reason) = match &record.what {
        What::Opened(_) => ("1", ""),
        What::Refused(_, reason) => ("0", reason.as_str()),
        What::Lost { .. } => ("", "lost"),
    };
    let (way, name, card, number) = match record.by() {
        Some(By::Card {
            name,
            card_numb,
            service_numb,
            ..
        }) => (
            "card",
            name.as_ref().map(|name| name.as_str().to_owned()),
            card_numb.as_ref().map(|card| card.masked()),
            service_numb.as_ref(),
        ),
        Some(By::Password { service_numb, .. }) => ("password", None, None, service_numb.as_ref()),
        None => ("", None, None, None),
    };
    [
        time(b, record.at),
        record.guard_id.as_str().to_owned(),
        guard_name.cloned().unwrap_or_default(),
        opened.to_owned(),
        reason.to_owned(),
        way.to_owned(),
        name.unwrap_or_default(),
        card.unwrap_or_default(),
        number.map(|number| number.as_str().to_owned()).unwrap_or_default(),
        record
            .uncertainty_ms
            .map(|ms| ms.div_euclid(1000).to_string())
            .unwrap_or_default(),
    ]
}

fn time(b: &Backend, at: Millis) -> String {
    b.zone().to_civil(at).map_or_else(String::new, |at| {
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            at.year, at.month, at.day, at.hour, at.minute, at.second
        )
    })
}

fn line(text: &mut String, cells: [String; 10]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        // A spreadsheet would take these for a formula.
        let tame = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            "'"
        } else {
            ""
        };
        text.push('"');
        text.push_str(tame);
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}
