//! How often the doors were opened, by day and by hour of the day.

use super::{DAY_MS, Filter, number_of};
use crate::core::db::{row, sql};
use crate::guard::superiors::{OF_THE_HOLDER, readable};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::guard::messages::records::MOST_DAYS;
pub use domain::guard::records::{Day, Openings};
use domain::guard::times::Zone;
use domain::ids::{Millis, Phone};
use domain::people::Person;
use std::collections::BTreeMap;

/// Counted in these: every zone's days and hours begin with one.
const QUARTER_MS: i64 = 15 * 60 * 1000;

/// The openings of the guards of `of` (or of one of them) from `filter.from` until before `filter.until`, both of which must be given; the
/// rest of the filter but the guard and the way is not looked at. For the owner and those above.
#[crate::boxed]
pub async fn openings(b: &Backend, who: &Person, of: &Phone, filter: &Filter) -> Result<Openings> {
    readable(b, who, of).await?;
    let (Some(from), Some(until)) = (filter.from, filter.until) else {
        return Err(Refusal::field("from", Problem::Required));
    };
    if until <= from || until.since(from) > (MOST_DAYS + 1) * DAY_MS {
        return Err(Refusal::field("until", Problem::Contradicts));
    }
    row! {
        struct Quarter {
            quarter: i64,
            openings: i64,
        }
    }
    let rows: Vec<Quarter> = b
        .db()
        .all(sql!(
            "SELECT at / $5 AS quarter, count(*) AS openings FROM records
             WHERE owner = $1 AND at >= $2 AND at < $3 AND opened = 1 AND guard_id = COALESCE($4, guard_id)
               AND way = COALESCE($6, way) AND {of_the_holder} GROUP BY 1"
            { of_the_holder: text(OF_THE_HOLDER) },
            of.as_str(),
            from.0,
            until.0,
            filter.guard.as_ref().map(|guard| guard.as_str()),
            QUARTER_MS,
            filter.way.map(number_of)
        ))
        .await?;
    let mut by_day = days(b, from, until);
    let mut by_hour = [0; 24];
    for Quarter { quarter, openings } in rows {
        let count = u32::try_from(openings).unwrap_or(u32::MAX);
        let Some(civil) = b.zone().to_civil(Millis(quarter.saturating_mul(QUARTER_MS))) else {
            continue;
        };
        *by_day.entry((civil.year, civil.month, civil.day)).or_default() += count;
        if let Some(hour) = usize::try_from(civil.hour).ok().and_then(|hour| by_hour.get_mut(hour)) {
            *hour += count;
        }
    }
    let by_day = by_day.into_iter().map(|(date, count)| Day { date, count });
    Ok(Openings {
        by_day: by_day.collect(),
        by_hour,
    })
}

/// Every day that has a part in the time.
fn days(b: &Backend, from: Millis, until: Millis) -> BTreeMap<(i16, i8, i8), u32> {
    // In steps shorter than any day, so that none is left out where clocks change.
    let steps = (0..).map(|step| from.plus(step * (DAY_MS / 2)));
    steps
        .take_while(|at| *at < until)
        .chain([until.plus(-1)])
        .filter_map(|at| b.zone().to_civil(at))
        .map(|civil| ((civil.year, civil.month, civil.day), 0))
        .collect()
}
