//! Evidence: every step of an order, who did it, how we know. Rows are only ever added.

use crate::core::db::{Tx, readable, row, sql, word};
use crate::core::keys::random_text;
use crate::core::paging::{page, page_limit};
use crate::identity::push::{self, OrderEvent};
use crate::identity::{people, require};
use crate::locker::orders;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Phone, Port, ThingsSq, Yid};
use domain::locker::history::{Change, Evidence, Happening, Source};
use domain::locker::orders::{Page, Place};
use domain::people::{Person, Role};
use domain::push::Kind;

/// More steps than any order takes.
const STEPS_MAX: i64 = 500;
const ROWS_AT_ONCE: usize = 50;
const COLUMNS: &str = "things_sq, id, business, at, what, yid, jumper, serial, label, who, source, detail";
const WIDTH: usize = 12;

/// A step to be noted.
pub(crate) struct Step {
    pub(crate) things_sq: String,
    pub(crate) business: String,
    pub(crate) at: Millis,
    pub(crate) what: Happening,
    pub(crate) place: Option<Place>,
    pub(crate) who: Option<String>,
    pub(crate) source: Source,
    /// What makes this step recognisable when it is reported again; random where it cannot be.
    pub(crate) mark: Option<String>,
    /// What was corrected, as JSON, or why.
    pub(crate) detail: Option<String>,
}

impl Step {
    /// Sorts by time, then by the order in which steps can follow each other.
    fn id(&self, b: &Backend) -> String {
        let mark = self.mark.clone().unwrap_or_else(|| random_text::<9>(b.rng()));
        let rank = match self.what {
            Happening::Received => 0,
            Happening::Ready => 1,
            Happening::OpenedToStore => 2,
            Happening::Stored => 3,
            Happening::CodeShown => 4,
            Happening::OpenedToTake => 5,
            Happening::Done => 6,
            Happening::Returned => 7,
            Happening::Retrieved => 8,
            Happening::Undone | Happening::Corrected | Happening::Cancelled | Happening::SetBack => 9,
        };
        format!("{:015}{rank}{mark}", self.at.0.max(0))
    }
}

/// Notes steps; one with a mark that was noted before is left as it is.
pub(crate) async fn note(b: &Backend, tx: &mut Tx, steps: &[Step]) -> Result<()> {
    if !steps.is_empty() {
        let bus = b.bus().clone();
        tx.when_over(move || bus.work_changed());
        tell(b, tx, steps).await?;
    }
    for steps in steps.chunks(ROWS_AT_ONCE) {
        let mut query = sql!(
            "INSERT INTO evidence ({columns}) VALUES {rows} ON CONFLICT (things_sq, id) DO NOTHING"
            { columns: text(COLUMNS), rows: rows(steps.len(), WIDTH) }
        )
        .prepared_if(steps.len() == 1);
        for step in steps {
            let place = step.place.as_ref();
            query = query
                .bind(&step.things_sq)
                .bind(step.id(b))
                .bind(&step.business)
                .bind(step.at.0)
                .bind(word(step.what)?)
                .bind(place.map(|place| place.yid.0))
                .bind(place.map(|place| place.port.jumper))
                .bind(place.map(|place| place.port.serial))
                .bind(place.map(|place| place.label.as_str()))
                .bind(step.who.as_deref())
                .bind(word(step.source)?)
                .bind(step.detail.as_deref());
        }
        tx.execute(query).await?;
    }
    Ok(())
}

/// Those whom these steps concern are told in their browsers.
async fn tell(b: &Backend, tx: &mut Tx, steps: &[Step]) -> Result<()> {
    let mut events = Vec::new();
    for step in steps {
        let kind = match step.what {
            Happening::Stored => Kind::MeterWaits,
            Happening::Done => Kind::CodeUsed,
            Happening::Undone | Happening::Cancelled | Happening::SetBack => {
                push::take_back_within(b, tx, &step.things_sq).await?;
                continue;
            }
            _ => continue,
        };
        events.push(OrderEvent {
            kind,
            things_sq: &step.things_sq,
            business: &step.business,
        });
    }
    push::note_within(b, tx, &events).await
}

row! {
    struct Row {
        things_sq: String,
        id: String,
        at: i64,
        what: String,
        yid: Option<i64>,
        jumper: Option<i64>,
        serial: Option<i64>,
        label: Option<String>,
        who: Option<String>,
        source: String,
        detail: Option<String>,
    }
}

/// The evidence of one order, oldest first; another business's is [`Refusal::NotYours`].
#[crate::boxed]
pub async fn for_order(b: &Backend, who: &Person, things_sq: &ThingsSq) -> Result<Vec<Evidence>> {
    let _may_see: domain::locker::orders::Order = orders::get(b, who, things_sq).await?;
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT things_sq, id, at, what, yid, jumper, serial, label, who, source, detail
         FROM evidence WHERE things_sq = $1 ORDER BY id LIMIT $2",
            things_sq.as_str(),
            STEPS_MAX
        ))
        .await?;
    with_names(b, rows).await
}

/// Where the ids of what happened at this moment or later begin.
pub(crate) fn from(at: Millis) -> String {
    format!("{:015}", at.0.max(0))
}

/// The newest evidence of all orders, without what comes by the thousand with a file.
pub(crate) async fn latest(b: &Backend, limit: u32) -> Result<Vec<Evidence>> {
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT things_sq, id, at, what, yid, jumper, serial, label, who, source, detail
         FROM evidence WHERE what <> 'received' AND what <> 'ready' ORDER BY id DESC LIMIT $1",
            i64::from(page_limit(limit))
        ))
        .await?;
    with_names(b, rows).await
}

/// A business user: the evidence of all orders of their business, newest first.
#[crate::boxed]
pub async fn for_business(b: &Backend, who: &Person, cursor: Option<&str>, limit: u32) -> Result<Page<Evidence>> {
    require(who, &[Role::Business])?;
    let business = who.business.as_ref().ok_or(Refusal::NotYours)?;
    let limit = page_limit(limit);
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT things_sq, id, at, what, yid, jumper, serial, label, who, source, detail
         FROM evidence WHERE business = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            business.as_str(),
            cursor.unwrap_or("~"),
            i64::from(limit) + 1
        ))
        .await?;
    let rows = page(rows, limit, |row| row.id.clone());
    Ok(Page {
        rows: with_names(b, rows.rows).await?,
        next: rows.next,
    })
}

async fn with_names(b: &Backend, rows: Vec<Row>) -> Result<Vec<Evidence>> {
    let mut phones: Vec<String> = rows.iter().filter_map(|row| row.who.clone()).collect();
    phones.sort_unstable();
    phones.dedup();
    let names = people::names(b, &phones).await?;
    let readable = rows.into_iter().filter_map(|row| {
        let (Some(what), Some(source)) = (readable::<Happening>(row.what), readable::<Source>(row.source)) else {
            b.damage()
                .note("evidence", format_args!("{} {}", row.things_sq, row.id));
            return None;
        };
        let (changes, reason) = match (what, row.detail) {
            (Happening::Corrected, Some(detail)) => (changes(&detail), None),
            (_, reason) => (Vec::new(), reason),
        };
        Some(Evidence {
            at: Millis(row.at),
            what,
            things_sq: Some(ThingsSq(row.things_sq)),
            yid: row.yid.map(Yid),
            port: row
                .jumper
                .zip(row.serial)
                .map(|(jumper, serial)| Port { jumper, serial }),
            label: row.label,
            who_name: row.who.as_ref().and_then(|phone| names.get(phone)).cloned(),
            who: row.who.map(Phone),
            source,
            reason,
            changes,
        })
    });
    Ok(readable.collect())
}

/// What was corrected; nothing where that cannot be read.
fn changes(detail: &str) -> Vec<Change> {
    serde_json::from_str(detail).unwrap_or_default()
}
