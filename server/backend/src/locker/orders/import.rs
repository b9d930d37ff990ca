//! Orders from a CSV file.
//!
//! The first line names the columns, in any order and any case: `thingsSq`, `customerNo`, `customerName`, `address`, `meterKind`,
//! `business`, and where wanted `status` (A or B, A without it). A file with a missing, doubled or unknown column is refused as a whole,
//! because a column that was silently left out would only be missed much later. Rows stand or fall one by one:
//!
//! * an unknown key becomes a new order;
//! * a known key with the same content is unchanged, or moves on from A to B where the row says B; it never goes back;
//! * a known key with other content is refused as taken: whether the file or the order is right, a person has to say.

use super::{NewOrder, insert, parse, ready_within};
use crate::db::{Over, parameters, sql};
use crate::locker::search;
use crate::sheet::{self, Column, ImportOptions, Row};
use crate::{Actor, Backend, Result, businesses};
use domain::error::{Problem, Refusal};
use domain::locker::orders::{ImportReport, Order, OrderStatus, RowError};
use std::collections::{HashMap, HashSet};

/// Largest file, in bytes.
pub const BYTES_MAX: usize = sheet::BYTES_MAX;
/// Most rows of a file.
pub const ROWS_MAX: u32 = sheet::ROWS_MAX;
/// Rows of one transaction: few enough that others get their turn.
const ROWS_AT_ONCE: usize = 200;

const COLUMNS: [Column; 7] = [
    column("thingsSq", true),
    column("customerNo", true),
    column("customerName", false),
    column("address", false),
    column("meterKind", false),
    column("business", false),
    Column {
        required: false,
        ..column("status", false)
    },
];

const fn column(name: &'static str, key: bool) -> Column {
    Column {
        name,
        key,
        required: true,
        shown: true,
    }
}

/// A row that was read and makes sense by itself.
struct Read {
    line: u64,
    order: Order,
}

pub(super) async fn run(b: &Backend, who: &Actor, bytes: &[u8], options: ImportOptions) -> Result<ImportReport> {
    who.require_operator()?;
    let words = if sheet::needs_words(bytes, options) {
        businesses::words(b).await?
    } else {
        Vec::new()
    };
    let (rows, mut report) = sheet::read(bytes, options, &words, &COLUMNS)?;
    let rows = orders(rows, &mut report.errors);
    let mut known = HashSet::new();
    // In a dry run, what the rows so far would have made.
    let mut planned = HashMap::new();
    for rows in rows.chunks(ROWS_AT_ONCE) {
        learn_businesses(b, rows, &mut known).await?;
        let rows = of_businesses(rows, &known, &mut report);
        if options.dry_run {
            plan(b, &rows, &mut planned, &mut report).await?;
        } else {
            store(b, who, &rows, &mut report).await?;
            // The rows stand whether or not; what is not done now is done in the background.
            let _kept_up = search::keep_up(b).await;
        }
    }
    report.errors.sort_by_key(|error| error.line);
    Ok(report)
}

/// The rows that make sense; why the others do not goes into `errors`.
fn orders(rows: Vec<Row<7>>, errors: &mut Vec<RowError>) -> Vec<Read> {
    let mut read = Vec::with_capacity(rows.len());
    for Row { line, cells } in rows {
        let [
            things_sq,
            customer_no,
            customer_name,
            address,
            meter_kind,
            business,
            status,
        ] = cells;
        let order = parse(&NewOrder {
            things_sq,
            customer_no,
            customer_name,
            address,
            meter_kind,
            business,
            status,
        });
        match order {
            Ok(order) => read.push(Read { line, order }),
            Err(refusal) => errors.push(RowError { line, refusal }),
        }
    }
    read
}

async fn learn_businesses(b: &Backend, rows: &[Read], known: &mut HashSet<String>) -> Result<()> {
    let mut names: Vec<&str> = rows
        .iter()
        .map(|row| row.order.business.as_str())
        .filter(|name| !known.contains(*name))
        .collect();
    names.sort_unstable();
    names.dedup();
    let found = businesses::among(b, &names).await?;
    known.extend(found);
    Ok(())
}

/// The rows of businesses that exist.
fn of_businesses<'r>(rows: &'r [Read], known: &HashSet<String>, report: &mut ImportReport) -> Vec<&'r Read> {
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        if known.contains(row.order.business.as_str()) {
            kept.push(row);
        } else {
            let refusal = Refusal::field("business", Problem::Unknown);
            report.errors.push(RowError {
                line: row.line,
                refusal,
            });
        }
    }
    kept
}

/// The first row of each key in the order of the keys, and the others.
fn first_of_each<'r>(rows: &[&'r Read]) -> (Vec<&'r Read>, Vec<&'r Read>) {
    let mut keys = HashSet::new();
    let (mut first, others): (Vec<&Read>, Vec<&Read>) = rows
        .iter()
        .copied()
        .partition(|row| keys.insert(row.order.things_sq.as_str()));
    first.sort_by(|a, b| a.order.things_sq.cmp(&b.order.things_sq));
    (first, others)
}

/// One transaction's worth of rows.
async fn store(b: &Backend, who: &Actor, rows: &[&Read], report: &mut ImportReport) -> Result<()> {
    let (first, mut others) = first_of_each(rows);
    if first.is_empty() {
        return Ok(());
    }
    let orders: Vec<Order> = first.iter().map(|row| row.order.clone()).collect();
    let mut tx = b.db().begin().await?;
    let added: HashSet<String> = insert(b, &mut tx, &orders, who.phone()).await?.into_iter().collect();
    report.added += u32::try_from(added.len()).unwrap_or(u32::MAX);
    others.extend(
        first
            .into_iter()
            .filter(|row| !added.contains(row.order.things_sq.as_str())),
    );
    let existing = existing((&mut tx).into(), &others).await?;
    let ready = compare(&others, &existing, report);
    let moved = ready_within(b, &mut tx, &ready, who.phone()).await?;
    report.updated += moved;
    report.unchanged += u32::try_from(ready.len()).unwrap_or(u32::MAX).saturating_sub(moved);
    tx.commit().await
}

/// What [`store`] would do, found out by reading.
async fn plan(
    b: &Backend,
    rows: &[&Read],
    planned: &mut HashMap<String, Order>,
    report: &mut ImportReport,
) -> Result<()> {
    let existing = existing(b.db().read().into(), rows).await?;
    for (key, order) in existing {
        planned.entry(key).or_insert(order);
    }
    for &row in rows {
        let key = row.order.things_sq.as_str();
        if !planned.contains_key(key) {
            report.added += 1;
            planned.insert(key.to_owned(), row.order.clone());
        } else if let [key] = compare(&[row], planned, report)[..] {
            report.updated += 1;
            if let Some(order) = planned.get_mut(key) {
                order.status = OrderStatus::Ready;
            }
        }
    }
    Ok(())
}

/// The orders there are of these keys.
async fn existing(mut from: Over<'_>, rows: &[&Read]) -> Result<HashMap<String, Order>> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT {} FROM orders WHERE things_sq IN ({})",
        super::COLUMNS,
        parameters(1, rows.len())
    );
    let keys = rows.iter().map(|row| row.order.things_sq.as_str());
    let existing = from.all::<super::OrderRow>(sql!(sql).once().bind_all(keys)).await?;
    existing
        .into_iter()
        .map(|row| row.order().map(|order| (order.things_sq.0.clone(), order)))
        .collect()
}

/// Rows whose key exists: unchanged, taken, or on from A to B. Answers the keys of the last, sorted.
fn compare<'r>(rows: &[&'r Read], existing: &HashMap<String, Order>, report: &mut ImportReport) -> Vec<&'r str> {
    let mut ready = Vec::new();
    for row in rows {
        let key = row.order.things_sq.as_str();
        match existing.get(key) {
            Some(order) if same_content(order, &row.order) => {
                if order.status == OrderStatus::Received && row.order.status == OrderStatus::Ready {
                    ready.push(key);
                } else {
                    report.unchanged += 1;
                }
            }
            _ => report.errors.push(RowError {
                line: row.line,
                refusal: Refusal::field("thingsSq", Problem::Taken),
            }),
        }
    }
    ready.sort_unstable();
    ready
}

fn same_content(one: &Order, other: &Order) -> bool {
    one.customer_no == other.customer_no
        && one.customer_name == other.customer_name
        && one.address == other.address
        && one.meter_kind == other.meter_kind
        && one.business == other.business
}
