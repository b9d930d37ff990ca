//! Orders from a CSV file.
//!
//! The first line names the columns, in any order and any case: `thingsSq`, those of [`OrderText`], and where wanted `status` (A or B, A without it). A file with a missing, doubled or unknown column is refused as a whole,
//! because a column that was silently left out would only be missed much later. Rows stand or fall one by one:
//!
//! * an unknown key becomes a new order;
//! * a known key with the same content is unchanged, or moves on from A to B where the row says B; it never goes back;
//! * a known key with other content is refused as taken: whether the file or the order is right, a person has to say.

use super::{NewOrder, insert, parse, ready_within};
use crate::core::db::{Over, Tx, sql};
use crate::core::sheet::{self, Column, ImportOptions, Lines, Row};
use crate::identity::importing::{self, Import};
use crate::identity::{Actor, businesses};
use crate::locker::search;
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::imports::ImportKind;
use domain::locker::orders::{ImportReport, Order, OrderStatus, OrderText, OrderTexts, RowError};
use std::collections::{HashMap, HashSet};

/// Largest file, in bytes.
pub const BYTES_MAX: usize = sheet::BYTES_MAX;
/// Most rows of a file.
pub const ROWS_MAX: u32 = sheet::ROWS_MAX;

/// The key, the texts, the status.
const WIDTH: usize = OrderText::ALL.len() + 2;
const COLUMNS: [Column; WIDTH] = columns();

const fn columns() -> [Column; WIDTH] {
    let mut all = [column("thingsSq", true, true); WIDTH];
    let mut at = 0;
    while at < OrderText::ALL.len() {
        let text = OrderText::ALL[at];
        at += 1;
        all[at] = column(text.wire(), text.is_number(), text.is_in_every_file());
    }
    all[WIDTH - 1] = column("status", false, false);
    all
}

const fn column(name: &'static str, key: bool, required: bool) -> Column {
    Column {
        name,
        key,
        required,
        shown: true,
    }
}

/// A row that was read and makes sense by itself.
pub(crate) struct Read {
    line: u64,
    order: Order,
}

/// What is known while a file is imported.
#[derive(Default)]
pub(crate) struct Orders {
    /// The businesses of the rows so far, where they exist.
    known: HashSet<String>,
    /// In a dry run, what the rows so far would have made.
    planned: HashMap<String, Order>,
}

impl Import<WIDTH> for Orders {
    type Row = Read;

    const KIND: ImportKind = ImportKind::Orders;
    const COLUMNS: [Column; WIDTH] = COLUMNS;

    async fn words(b: &Backend) -> Result<Vec<String>> {
        businesses::words(b).await
    }

    fn rows(rows: Vec<Row<WIDTH>>, errors: &mut Vec<RowError>) -> Vec<Read> {
        orders(rows, errors)
    }

    async fn prepare(&mut self, b: &Backend, rows: &[Read]) -> Result<()> {
        learn_businesses(b, rows, &mut self.known).await
    }

    async fn store(
        &mut self,
        b: &Backend,
        tx: &mut Tx,
        who: &Actor,
        rows: &[Read],
        report: &mut ImportReport,
    ) -> Result<()> {
        let rows = of_businesses(rows, &self.known, report);
        store(b, tx, who, &rows, report).await
    }

    async fn plan(&mut self, b: &Backend, rows: &[Read], report: &mut ImportReport) -> Result<()> {
        let rows = of_businesses(rows, &self.known, report);
        plan(b, &rows, &mut self.planned, report).await
    }

    async fn stored(b: &Backend) {
        // The rows are committed either way; what is not done now is done in the background.
        let _kept_up = search::keep_up(b).await;
    }
}

pub(super) async fn run(b: &Backend, who: &Actor, bytes: &[u8], options: ImportOptions) -> Result<ImportReport> {
    importing::run::<WIDTH, Orders>(b, who, bytes, options).await
}

/// The rows of a file that an import refused (`errors`), as they stand in it.
#[crate::boxed]
pub async fn refused_of(b: &Backend, bytes: &[u8], options: ImportOptions, errors: &[RowError]) -> Result<Lines> {
    importing::lines_of::<WIDTH, Orders>(b, bytes, options, errors).await
}

/// The rows that make sense; why the others do not goes into `errors`.
fn orders(rows: Vec<Row<WIDTH>>, errors: &mut Vec<RowError>) -> Vec<Read> {
    let mut read = Vec::with_capacity(rows.len());
    for Row { line, cells } in rows {
        let [things_sq, texts @ .., status] = cells;
        let mut texts = texts.into_iter();
        let new = NewOrder {
            things_sq,
            texts: OrderTexts::each(|_| texts.next().unwrap_or_default()),
            status,
        };
        match parse(&new) {
            Ok(order) => read.push(Read { line, order }),
            Err(refusal) => {
                let value = refused_text(&new, &refusal);
                errors.push(RowError { line, refusal, value });
            }
        }
    }
    read
}

/// What stood in the field that was refused.
fn refused_text(new: &NewOrder, refusal: &Refusal) -> Option<String> {
    let Refusal::Field { field, .. } = refusal else {
        return None;
    };
    let text = match field.as_str() {
        "thingsSq" => &new.things_sq,
        "status" => &new.status,
        other => new.texts.get(OrderText::of_wire(other)?),
    };
    Some(text.to_owned())
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
            let refused = RowError::new(row.line, Refusal::field("business", Problem::Unknown));
            report.errors.push(refused.of(row.order.business.as_str()));
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
async fn store(b: &Backend, tx: &mut Tx, who: &Actor, rows: &[&Read], report: &mut ImportReport) -> Result<()> {
    let (first, mut others) = first_of_each(rows);
    if first.is_empty() {
        return Ok(());
    }
    let orders: Vec<Order> = first.iter().map(|row| row.order.clone()).collect();
    let added: HashSet<String> = insert(b, tx, &orders, who.phone()).await?.into_iter().collect();
    report.added += u32::try_from(added.len()).unwrap_or(u32::MAX);
    others.extend(
        first
            .into_iter()
            .filter(|row| !added.contains(row.order.things_sq.as_str())),
    );
    let existing = existing(tx.into(), &others).await?;
    let ready = compare(&others, &existing, report);
    let moved = ready_within(b, tx, &ready, who.phone()).await?;
    report.updated += moved;
    report.unchanged += u32::try_from(ready.len()).unwrap_or(u32::MAX).saturating_sub(moved);
    Ok(())
}

/// What `store` would do, found out by reading.
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
    let known = sql!(
        "SELECT {columns} FROM orders WHERE things_sq IN ({keys})"
        { columns: text(super::COLUMNS), keys: list(1, rows.len()) }
    );
    let keys = rows.iter().map(|row| row.order.things_sq.as_str());
    let existing = from.all::<super::OrderRow>(known.once().bind_all(keys)).await?;
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
            _ => {
                let refused = RowError::new(row.line, Refusal::field("thingsSq", Problem::Taken));
                report.errors.push(refused.of(key));
            }
        }
    }
    ready.sort_unstable();
    ready
}

fn same_content(one: &Order, other: &Order) -> bool {
    OrderText::ALL
        .into_iter()
        .all(|text| one.text(text) == other.text(text))
}
