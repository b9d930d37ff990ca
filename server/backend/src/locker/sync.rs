//! Applying what a kiosk says is in its compartments (SPEC 3, flow 5).

mod plan;
mod writing;

use crate::core::db::{Tx, fault, sql};
use crate::identity::require;
use crate::locker::dates::{AHEAD_MS, believable};
use crate::locker::deposits::set_stored;
use crate::locker::history::{self, Step};
use crate::locker::kiosks::{self, CompartmentState};
use crate::locker::orders::{OrderRow, server_step};
use crate::locker::scans::{self, Scan};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::ids::{Millis, Port, ThingsSq, Yid};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::history::{Happening, Source};
use domain::locker::orders::{Order, OrderStatus, Place};
use domain::people::{Person, Role};
use domain::token::{Command, CompartmentRow};
use plan::{Content, Outcome};
use serde::Serialize;
use std::collections::HashMap;
use writing::{complete_orders, note_heard, write_compartments};

/// The largest kiosk there is.
const ROWS_MAX: usize = 256;
const WRITTEN_AT_ONCE: usize = 64;
const TRIES: u32 = 5;

/// What a sync changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SyncOutcome {
    /// Orders that became C.
    pub stored: u32,
    /// Orders that became D.
    pub completed: u32,
    /// Each of them.
    pub changed: Vec<Changed>,
    /// Rows that contradict what we know, and moved nothing.
    #[serde(skip)]
    pub conflicts: Vec<Conflict>,
}

/// An order whose status a sync changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[derive(utoipa::ToSchema)]
pub struct Changed {
    /// The order.
    pub things_sq: ThingsSq,
    /// Its status now.
    pub status: OrderStatus,
}

/// A row that contradicts what we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The compartment.
    pub port: Port,
    /// The order it names and that cannot be there; `None`: there is no such compartment.
    pub things_sq: Option<ThingsSq>,
}

/// Refuses rows no kiosk could have made.
pub(crate) fn check_rows(rows: &[CompartmentRow]) -> Result<()> {
    let refuse = |field, problem| Err(Refusal::field(field, problem));
    if rows.is_empty() {
        return refuse("data", Problem::Required);
    }
    if rows.len() > ROWS_MAX {
        let max = ROWS_MAX as u32;
        return refuse("data", Problem::TooLong { max });
    }
    let mut ports: Vec<(i64, i64)> = rows.iter().map(|row| (row.jumper, row.serial)).collect();
    ports.sort_unstable();
    if ports.windows(2).any(|pair| pair[0] == pair[1]) {
        return refuse("data", Problem::Contradicts);
    }
    let is_pwd = |pwd: &str| (4..=12).contains(&pwd.len()) && pwd.bytes().all(|byte| byte.is_ascii_digit());
    if rows.iter().filter_map(|row| row.pwd.as_deref()).any(|pwd| !is_pwd(pwd)) {
        return refuse("pwd", Problem::Form);
    }
    let long = |text: &str| text.chars().count() > 64;
    if rows.iter().filter_map(|row| row.save_date.as_deref()).any(long) {
        return refuse("saveDate", Problem::TooLong { max: 64 });
    }
    Ok(())
}

/// Refuses a state older than the newest applied, and one from the future. An applied date from the future does not count.
pub(crate) fn check_date(date: Millis, applied: Millis, now: Millis) -> Result<()> {
    if date < believable(applied, now) {
        Err(Refusal::SyncOutdated)
    } else if date > now.plus(AHEAD_MS) {
        Err(Refusal::CodeFromFuture)
    } else {
        Ok(())
    }
}

/// Applies rows that must be those of a `SaveToData` code this person scanned within 30 minutes.
#[crate::boxed]
pub async fn apply_scanned(b: &Backend, who: &Person, yid: Yid, rows: &[CompartmentRow]) -> Result<SyncOutcome> {
    require(who, &[Role::Staff])?;
    check_rows(rows)?;
    let sent = by_port(rows);
    for scan in scans::recent(b, who, Command::SaveToData, Some(yid)).await? {
        // One that cannot be read may be the one that is meant, so the rows are not of a code that was scanned: it is scanned again.
        let read = scan.data::<Vec<CompartmentRow>>(b);
        if read.is_some_and(|rows| by_port(&rows) == sent) {
            return apply_scan(b, &scan, rows).await;
        }
    }
    Err(Refusal::RowsNotScanned)
}

/// The order of rows says nothing.
fn by_port(rows: &[CompartmentRow]) -> Vec<CompartmentRow> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| (row.jumper, row.serial));
    rows
}

/// Applies the rows of a `SaveToData` code this person scanned.
#[crate::boxed]
pub async fn apply_from_scan(b: &Backend, who: &Person, token_id: &str) -> Result<SyncOutcome> {
    require(who, &[Role::Staff])?;
    let scan = scans::standing(b, who, token_id).await?;
    if scan.is_of(Command::OpenToSave) {
        return Err(Refusal::CodeKind);
    }
    let rows: Vec<CompartmentRow> = scan.data(b).ok_or(Refusal::NotScanned)?;
    apply_scan(b, &scan, &rows).await
}

/// Applies the rows of a `SaveToData` code that this person's phone read without network at `scanned_at`, and sends now. Sent again it changes nothing,
/// and neither does one that newer data of the kiosk have overtaken: all that it says is in those.
#[crate::boxed]
pub async fn apply_late(b: &Backend, who: &Person, code: &str, scanned_at: Millis) -> Result<SyncOutcome> {
    require(who, &[Role::Staff])?;
    let name = match scans::read_late(b, who, code, scanned_at).await {
        Ok(scanned) => scanned.token_id,
        Err(Refusal::CodeUsed) => scans::name_of(b, code).await?,
        Err(Refusal::SyncOutdated) => return Ok(SyncOutcome::default()),
        Err(refusal) => return Err(refusal),
    };
    // Another phone that read the same code has sent it.
    let Some(scan) = scans::of_person(b, who, &name).await? else {
        return Ok(SyncOutcome::default());
    };
    if scan.is_of(Command::OpenToSave) {
        return Err(Refusal::CodeKind);
    }
    if scans::is_done(b.db().read(), &scan).await? {
        return Ok(SyncOutcome::default());
    }
    let rows: Vec<CompartmentRow> = scan.data(b).ok_or(Refusal::NotScanned)?;
    match apply_scan(b, &scan, &rows).await {
        Err(Refusal::SyncOutdated) => Ok(SyncOutcome::default()),
        applied => applied,
    }
}

async fn apply_scan(b: &Backend, scan: &Scan, rows: &[CompartmentRow]) -> Result<SyncOutcome> {
    let report = Report {
        yid: Yid(scan.yid),
        date: Millis(scan.made_at),
        source: Source::Phone,
    };
    apply(b, &report, rows, Some(scan)).await
}

/// Applies what the kiosk says itself. `date`: when it looked, by its own clock; without it, now.
#[crate::boxed]
pub async fn apply_kiosk(b: &Backend, yid: Yid, date: Option<Millis>, rows: &[CompartmentRow]) -> Result<SyncOutcome> {
    check_rows(rows)?;
    let now = b.now();
    let date = date.unwrap_or(now);
    check_date(date, date, now)?;
    let report = Report {
        yid,
        date: plan::seen_at(date, now),
        source: Source::Kiosk,
    };
    apply(b, &report, rows, None).await
}

/// Whose rows, of when, brought by whom.
struct Report {
    yid: Yid,
    date: Millis,
    source: Source,
}

/// Tries again when an order that was ready was stored elsewhere while this went on: the second time that is known.
async fn apply(b: &Backend, report: &Report, rows: &[CompartmentRow], scan: Option<&Scan>) -> Result<SyncOutcome> {
    for _ in 0..TRIES {
        if let Some(outcome) = apply_once(b, report, rows, scan).await? {
            return Ok(outcome);
        }
    }
    Err(fault("a sync was overtaken every time"))
}

/// `None`: nothing was changed, because an order was stored elsewhere meanwhile.
async fn apply_once(
    b: &Backend,
    report: &Report,
    rows: &[CompartmentRow],
    scan: Option<&Scan>,
) -> Result<Option<SyncOutcome>> {
    let mut tx = b.db().begin().await?;
    let applied = kiosks::take(b, &mut tx, report.yid, true).await?;
    if report.date < applied {
        return Err(Refusal::SyncOutdated);
    }
    let states = kiosks::states_within(b, &mut tx, report.yid).await?;
    let orders = named_orders(&mut tx, &states, rows).await?;
    let planned = plan_all(b, report, &states, rows, &orders);
    let mut story = Story {
        orders: &orders,
        outcome: SyncOutcome {
            conflicts: planned.conflicts,
            ..SyncOutcome::default()
        },
        steps: Vec::new(),
    };
    if !move_orders(b, &mut tx, report, &planned.changes, &mut story).await? {
        return Ok(None);
    }
    write_compartments(b, &mut tx, report, &planned.changes).await?;
    note_heard(b, &mut tx, report, rows, &states).await?;
    history::note(b, &mut tx, &story.steps).await?;
    if let Some(scan) = scan {
        scans::finish(b, &mut tx, scan).await?;
    }
    tx.commit().await?;
    crate::locker::known::changed(b, report.yid);
    for conflict in &story.outcome.conflicts {
        let Port { jumper, serial } = conflict.port;
        tracing::warn!(
            yid = report.yid.0,
            jumper,
            serial,
            "a kiosk's row contradicts what is known and moved nothing"
        );
    }
    Ok(Some(story.outcome))
}

/// The orders that are bound to the kiosk's compartments or named by the rows.
async fn named_orders(
    tx: &mut Tx,
    states: &[CompartmentState],
    rows: &[CompartmentRow],
) -> Result<HashMap<String, Order>> {
    let bound = states.iter().filter_map(|state| state.things_sq.as_deref());
    let named = rows
        .iter()
        .filter_map(|row| row.things_sq.as_ref().map(ThingsSq::as_str));
    let mut keys: Vec<&str> = bound.chain(named).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut orders = HashMap::with_capacity(keys.len());
    for keys in keys.chunks(WRITTEN_AT_ONCE) {
        let mut query = sql!(
            "SELECT {columns} FROM orders WHERE things_sq IN ({keys})"
            { columns: text(crate::locker::orders::COLUMNS), keys: list(1, keys.len()) }
        )
        .prepared_if(keys.len() == WRITTEN_AT_ONCE);
        for key in keys {
            query = query.bind(*key);
        }
        for row in tx.all::<OrderRow>(query).await? {
            let order = row.order()?;
            orders.insert(order.things_sq.0.clone(), order);
        }
    }
    Ok(orders)
}

/// A compartment that changes.
struct Change<'a> {
    state: &'a CompartmentState,
    outcome: Outcome,
    /// The condition an operator set, while the kiosk has not confirmed it.
    wanted: Option<CompartmentStatus>,
}

struct Planned<'a> {
    changes: Vec<Change<'a>>,
    conflicts: Vec<Conflict>,
}

fn plan_all<'a>(
    b: &Backend,
    report: &Report,
    states: &'a [CompartmentState],
    rows: &[CompartmentRow],
    orders: &HashMap<String, Order>,
) -> Planned<'a> {
    let known: HashMap<Port, &CompartmentState> = states.iter().map(|state| (state.port(), state)).collect();
    // An order named twice is stored where it is named first.
    let mut taken: Vec<String> = Vec::new();
    let mut planned = Planned {
        changes: Vec::new(),
        conflicts: Vec::new(),
    };
    for row in rows {
        let port = row.port();
        let Some(state) = known.get(&port).copied() else {
            let things_sq = None;
            planned.conflicts.push(Conflict { port, things_sq });
            continue;
        };
        if state.known_at(b.now()) > report.date {
            continue;
        }
        let before = Content {
            kind: state.kind(b, report.yid),
            things_sq: state.things_sq.clone(),
            save_date: state.save_date.clone(),
            pwd: state.pwd(b, report.yid),
        };
        let status = state.status(b, report.yid);
        let mut outcome = plan::apply(status, &before, row, |key| {
            let order = orders.get(key).filter(|_| !taken.iter().any(|other| other == key));
            order.map(|order| order.status)
        });
        taken.extend(outcome.stored.clone());
        if let Some(key) = &outcome.conflict {
            let things_sq = Some(ThingsSq(key.clone()));
            planned.conflicts.push(Conflict { port, things_sq });
        }
        let wanted = plan::hold(state.wanted(), &mut outcome);
        if outcome.status != status || outcome.content != before || wanted != state.wanted() {
            planned.changes.push(Change { state, outcome, wanted });
        }
    }
    planned
}

/// False when an order is not ready any more.
async fn move_orders(
    b: &Backend,
    tx: &mut Tx,
    report: &Report,
    changes: &[Change<'_>],
    story: &mut Story<'_>,
) -> Result<bool> {
    let done: Vec<&str> = changes
        .iter()
        .filter_map(|change| change.outcome.done.as_deref())
        .collect();
    let completed = complete_orders(b, tx, report.yid, &done).await?;
    let mut changes: Vec<&Change<'_>> = changes.iter().collect();
    // In the order of their keys, so that two kiosks' syncs wait for each other instead of blocking each other.
    changes.sort_by(|x, y| x.outcome.stored.cmp(&y.outcome.stored));
    for Change { state, outcome, .. } in changes {
        let place = Place {
            yid: report.yid,
            port: state.port(),
            label: state.label.clone(),
        };
        if let Some(key) = outcome.done.as_ref().filter(|key| completed.contains(key)) {
            story.moved(report, key, &place, OrderStatus::Done);
        }
        // What a kiosk brings itself, its events have told already.
        if report.source == Source::Phone {
            story.tell(report, outcome.returned.as_deref(), &place, Happening::Returned);
            story.tell(report, outcome.retrieved.as_deref(), &place, Happening::Retrieved);
        }
        if let Some(key) = &outcome.stored {
            if !set_stored(tx, key, &place, b.now(), None).await? {
                return Ok(false);
            }
            story.moved(report, key, &place, OrderStatus::Stored);
        }
    }
    story.outcome.changed.sort_by(|x, y| x.things_sq.cmp(&y.things_sq));
    Ok(true)
}

/// What a sync does to orders, as it is told to the caller and kept as evidence.
struct Story<'a> {
    orders: &'a HashMap<String, Order>,
    outcome: SyncOutcome,
    steps: Vec<Step>,
}

impl Story<'_> {
    fn moved(&mut self, report: &Report, key: &str, place: &Place, status: OrderStatus) {
        let what = if status == OrderStatus::Done {
            self.outcome.completed += 1;
            Happening::Done
        } else {
            self.outcome.stored += 1;
            Happening::Stored
        };
        self.outcome.changed.push(Changed {
            things_sq: ThingsSq(key.to_owned()),
            status,
        });
        self.tell(report, Some(key), place, what);
    }

    fn tell(&mut self, report: &Report, key: Option<&str>, place: &Place, what: Happening) {
        let order = key.and_then(|key| self.orders.get(key));
        self.steps.extend(order.map(|order| Step {
            place: Some(place.clone()),
            source: report.source,
            ..server_step(order, what, report.date, None)
        }));
    }
}
