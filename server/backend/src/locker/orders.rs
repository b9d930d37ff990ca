//! Orders: search, detail, adding them, and from received to ready. Files are read in [`import`], tables are made in [`table`], and mistakes
//! corrected in [`corrections`].

mod corrections;
pub mod import;
pub mod table;

pub(crate) use corrections::rewrite;
pub use corrections::{cancel, correct, set_back};

use crate::core::db::{Cells, Columns, Conditions, Group, Row, Statement, Value, after_prefix, fault, row, sql};
use crate::core::paging::{page, page_limit};
use crate::core::sheet::ImportOptions;
use crate::core::text::identifier;
use crate::identity::{Actor, businesses, require};
use crate::locker::history::{self, Step};
use crate::locker::search;
use crate::{Backend, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use domain::error::{Problem, Refusal};
use domain::ids::{BusinessName, Millis, Phone, Port, ThingsSq, Yid};
use domain::locker::history::{Happening, Source};
use domain::locker::orders::{ImportReport, Order, OrderFilter, OrderStatus, OrderText, OrderTexts, Page, Place};
use domain::people::{Person, Role};

/// Orders made ready in one go.
const READY_MAX: usize = 1000;

/// The columns of an [`OrderRow`].
pub(crate) const COLUMNS: Columns = Columns(<OrderRow as Row>::COLUMNS);

/// An order to be added, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewOrder {
    /// Its key.
    pub things_sq: String,
    /// Its texts; the business must exist.
    pub texts: OrderTexts,
    /// Status letter A or B; empty: A.
    pub status: String,
}

row! {
    pub(crate) struct OrderRow {
        things_sq: String,
        status: String,
        yid: Option<i64>,
        jumper: Option<i64>,
        serial: Option<i64>,
        label: Option<String>,
        stored_at: Option<i64>,
        stored_by: Option<String>,
        done_at: Option<i64>,
        ..texts: OrderTexts,
    }
}

impl Group for OrderTexts {
    const COLUMNS: &'static [&'static str] = &OrderText::COLUMNS;

    fn read(cells: &Cells<'_>, first: usize) -> std::result::Result<Self, sqlx::Error> {
        let mut columns = first..;
        // A text that was added later is NULL in the rows before.
        Self::try_each(|_| {
            let text: Option<String> = cells.get(columns.next().unwrap_or_default())?;
            Ok(text.unwrap_or_default())
        })
    }
}

impl OrderRow {
    /// `None`: it cannot be read, and is named.
    pub(crate) fn sound(self, b: &Backend) -> Option<Order> {
        if OrderStatus::parse(&self.status).is_none() {
            b.damage().note("orders", &self.things_sq);
            return None;
        }
        self.order().ok()
    }

    pub(crate) fn things_sq(&self) -> &str {
        &self.things_sq
    }

    pub(crate) fn customer_no(&self) -> &str {
        &self.texts.customer_no
    }

    pub(crate) fn order(self) -> Result<Order> {
        let place = match (self.yid, self.jumper, self.serial) {
            (Some(yid), Some(jumper), Some(serial)) => Some(Place {
                yid: Yid(yid),
                port: Port { jumper, serial },
                label: self.label.unwrap_or_default(),
            }),
            _ => None,
        };
        Ok(Order {
            place,
            stored_at: self.stored_at.map(Millis),
            stored_by: self.stored_by.map(Phone),
            done_at: self.done_at.map(Millis),
            ..Order::new(ThingsSq(self.things_sq), self.texts, status(&self.status)?)
        })
    }
}

fn status(letter: &str) -> Result<OrderStatus> {
    OrderStatus::parse(letter).ok_or_else(|| fault(format!("unknown order status {letter}")))
}

/// Whose orders this person may see: `None` for all.
pub(crate) fn scope(who: &Person) -> Result<Option<&BusinessName>> {
    require(who, &[Role::Operator, Role::Staff, Role::Business])?;
    match who.role {
        Role::Business => who.business.as_ref().map(Some).ok_or(Refusal::NotYours),
        _ => Ok(None),
    }
}

/// The statement of a search page. Always a range of one index, in the order of the page.
fn page_statement<'a>(
    business: Option<&'a BusinessName>,
    filter: &'a OrderFilter,
    limit: u32,
    explain: &str,
) -> Result<Statement<'a>> {
    let mut conditions = Conditions::default();
    if let Some(business) = business.or(filter.business.as_ref()) {
        conditions.add("business = ?", [business.as_str().into()]);
    }
    if let Some(status) = filter.status {
        conditions.add("status = ?", [status.letter().into()]);
    }
    if let Some(yid) = filter.yid {
        conditions.add("yid = ?", [yid.0.into()]);
    }
    let prefix = identifier("customerNo", &filter.customer_no, 32, true)?;
    match filter.cursor.as_deref() {
        Some(cursor) => {
            let (customer_no, things_sq) = read_cursor(cursor)?;
            conditions.add(
                "(customer_no, things_sq) > (?, ?)",
                [customer_no.into(), things_sq.into()],
            );
        }
        None if !prefix.is_empty() => conditions.add("customer_no >= ?", [prefix.clone().into()]),
        None => {}
    }
    if let Some(end) = after_prefix(&prefix) {
        conditions.add("customer_no < ?", [end.into()]);
    }
    let most = conditions.value(i64::from(limit) + 1);
    let clause = conditions.clause();
    Ok(conditions.statement(format!(
        "{explain}SELECT {COLUMNS} FROM orders{clause} ORDER BY customer_no, things_sq LIMIT {most}"
    )))
}

/// What a page may be asked for, each with and without.
#[cfg(test)]
fn every_form() -> Vec<String> {
    let business = BusinessName("x".to_owned());
    let begins = [("", None), ("01", None), ("01", Some(B64.encode("0123\n1")))];
    let mut texts = Vec::new();
    for (with, (customer_no, cursor)) in (0..8).flat_map(|with| begins.clone().map(|begins| (with, begins))) {
        let filter = OrderFilter {
            customer_no: customer_no.to_owned(),
            status: (with & 1 > 0).then_some(OrderStatus::Ready),
            yid: (with & 2 > 0).then_some(Yid(1)),
            cursor,
            ..OrderFilter::default()
        };
        let business = (with & 4 > 0).then_some(&business);
        let page = page_statement(business, &filter, 50, "").expect("a filter that makes sense");
        texts.push(page.text().to_owned());
    }
    texts
}

#[cfg(test)]
crate::core::db::family!(every_form);

fn cursor(row: &OrderRow) -> String {
    B64.encode(format!("{}\n{}", row.texts.customer_no, row.things_sq))
}

fn read_cursor(cursor: &str) -> Result<(String, String)> {
    let wrong = || Refusal::malformed("cursor: not one that was given out");
    let bytes = B64.decode(cursor).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let (customer_no, things_sq) = text.split_once('\n').ok_or_else(wrong)?;
    Ok((customer_no.to_owned(), things_sq.to_owned()))
}

/// Orders by customer number; others may name a business to see only its orders, a business user sees those of their own business.
#[crate::boxed]
pub async fn search(b: &Backend, who: &Person, filter: &OrderFilter) -> Result<Page<Order>> {
    let limit = page_limit(filter.limit);
    let rows: Vec<OrderRow> = b.db().all(page_statement(scope(who)?, filter, limit, "")?).await?;
    // A page ends where it would with the rows that cannot be read.
    let page = page(rows, limit, cursor);
    Ok(Page {
        rows: page.rows.into_iter().filter_map(|row| row.sound(b)).collect(),
        next: page.next,
    })
}

/// How the engine carries out that search, for those who look for what is slow.
#[crate::boxed]
pub async fn explain_search(b: &Backend, who: &Person, filter: &OrderFilter) -> Result<Vec<String>> {
    let explained = page_statement(scope(who)?, filter, page_limit(filter.limit), b.db().explain())?.once();
    let steps: Vec<Vec<Value<'_>>> = b.db().all(explained).await?;
    // PostgreSQL answers one column, SQLite four of which the last is the text.
    let text = |step: Vec<Value<'_>>| match step.into_iter().next_back() {
        Some(Value::Text(Some(text))) => Ok(text.into_owned()),
        _ => Err(fault("an engine that does not explain itself in words")),
    };
    steps.into_iter().map(text).collect()
}

/// One order; another business's is [`Refusal::NotYours`].
#[crate::boxed]
pub async fn get(b: &Backend, who: &Person, things_sq: &ThingsSq) -> Result<Order> {
    let scope = scope(who)?;
    let order = find(b, things_sq).await?.ok_or(Refusal::Unknown)?;
    match scope {
        Some(business) if *business != order.business => Err(Refusal::NotYours),
        _ => Ok(order),
    }
}

/// Reads the [`OrderRow`] of an order.
pub(crate) fn row_of(things_sq: &ThingsSq) -> Statement<'_> {
    sql!(
        "SELECT {columns} FROM orders WHERE things_sq = $1" { columns: text(COLUMNS) },
        things_sq.as_str()
    )
}

pub(crate) async fn find(b: &Backend, things_sq: &ThingsSq) -> Result<Option<Order>> {
    b.db()
        .optional::<OrderRow>(row_of(things_sq))
        .await?
        .map(|row| row.sound(b).ok_or(Refusal::Internal))
        .transpose()
}

/// Adds one order.
#[crate::boxed]
pub async fn add(b: &Backend, who: &Actor, new: NewOrder) -> Result<Order> {
    who.require_operator()?;
    let order = parse(&new)?;
    if !businesses::exists(b, &order.business).await? {
        return Err(Refusal::field("business", Problem::Unknown));
    }
    let mut tx = b.db().begin().await?;
    let added = insert(b, &mut tx, std::slice::from_ref(&order), who.phone()).await?;
    if added.is_empty() {
        return Err(Refusal::field("thingsSq", Problem::Taken));
    }
    tx.commit().await?;
    Ok(order)
}

/// Reads a CSV file with a header line; rows stand or fall one by one.
#[crate::boxed]
pub async fn import_csv(b: &Backend, who: &Actor, bytes: &[u8]) -> Result<ImportReport> {
    import::run(b, who, bytes, ImportOptions::default()).await
}

/// The same with a given encoding, or only to see what would become of each row.
#[crate::boxed]
pub async fn import_csv_with(b: &Backend, who: &Actor, bytes: &[u8], options: ImportOptions) -> Result<ImportReport> {
    import::run(b, who, bytes, options).await
}

/// What was typed, as an order in status A or B.
fn parse(new: &NewOrder) -> Result<Order> {
    let status = match new.status.trim() {
        "" | "A" => OrderStatus::Received,
        "B" => OrderStatus::Ready,
        // Stored and done need a compartment, which only a deposit or a sync can name.
        "C" | "D" => return Err(Refusal::field("status", Problem::Contradicts)),
        _ => return Err(Refusal::field("status", Problem::Form)),
    };
    let key = ThingsSq(identifier("thingsSq", &new.things_sq, 64, false)?);
    Ok(Order::new(key, read(&new.texts)?, status))
}

/// Texts as they are stored.
fn read(texts: &OrderTexts) -> Result<OrderTexts> {
    let refused = |(text, problem): (OrderText, Problem)| Refusal::field(text.wire(), problem);
    texts.read().map_err(refused)
}

/// Adds those orders whose key is free, with their evidence, and answers their keys.
async fn insert(
    b: &Backend,
    tx: &mut crate::core::db::Tx,
    orders: &[Order],
    who: Option<&Phone>,
) -> Result<Vec<String>> {
    let now = b.now();
    const TEXTS: &[&str] = <OrderTexts as Group>::COLUMNS;
    let mut query = sql!(
        "INSERT INTO orders (things_sq, status, added_at, {texts}) VALUES {rows} ON CONFLICT (things_sq) DO NOTHING RETURNING things_sq"
        { texts: text(Columns(TEXTS)), rows: rows(orders.len(), 3 + TEXTS.len()) }
    )
    .once();
    for order in orders {
        query = query
            .bind(order.things_sq.as_str())
            .bind(order.status.letter())
            .bind(now.0)
            .bind_all(OrderText::ALL.map(|text| order.text(text)));
    }
    let added: Vec<String> = tx.all(query).await?;
    let mut steps = Vec::with_capacity(added.len());
    for order in orders.iter().filter(|order| added.contains(&order.things_sq.0)) {
        steps.push(server_step(order, Happening::Received, now, who));
        if order.status == OrderStatus::Ready {
            steps.push(server_step(order, Happening::Ready, now, who));
        }
    }
    history::note(b, tx, &steps).await?;
    let new: Vec<&Order> = orders
        .iter()
        .filter(|order| added.contains(&order.things_sq.0))
        .collect();
    search::note(tx, &new).await?;
    Ok(added)
}

/// A step a person took on the server.
pub(crate) fn server_step(order: &Order, what: Happening, at: Millis, who: Option<&Phone>) -> Step {
    Step {
        things_sq: order.things_sq.0.clone(),
        business: order.business.0.clone(),
        at,
        what,
        place: order.place.clone(),
        who: who.map(|phone| phone.0.clone()),
        source: Source::Server,
        mark: None,
        detail: None,
    }
}

/// A becomes B for each of these that is A; answers how many did.
#[crate::boxed]
pub async fn make_ready(b: &Backend, who: &Person, things_sq: &[ThingsSq]) -> Result<u32> {
    require(who, &[Role::Operator])?;
    if things_sq.len() > READY_MAX {
        let max = READY_MAX as i64;
        return Err(Refusal::field("thingsSq", Problem::Range { min: 1, max }));
    }
    let mut keys: Vec<&str> = things_sq.iter().map(ThingsSq::as_str).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut tx = b.db().begin().await?;
    let count = ready_within(b, &mut tx, &keys, Some(&who.phone)).await?;
    tx.commit().await?;
    Ok(count)
}

/// `keys` must be sorted, so that two who do this at once wait for each other instead of blocking each other.
async fn ready_within(b: &Backend, tx: &mut crate::core::db::Tx, keys: &[&str], who: Option<&Phone>) -> Result<u32> {
    if keys.is_empty() {
        return Ok(0);
    }
    let now = b.now();
    let ready = sql!(
        "UPDATE orders SET status = 'B' WHERE things_sq IN ({keys}) AND status = 'A' RETURNING {columns}"
        { keys: list(1, keys.len()), columns: text(COLUMNS) }
    );
    let rows: Vec<OrderRow> = tx.all(ready.bind_all(keys).once()).await?;
    let orders = rows.into_iter().map(OrderRow::order);
    let steps = orders.map(|order| Ok(server_step(&order?, Happening::Ready, now, who)));
    let steps = steps.collect::<Result<Vec<_>>>()?;
    history::note(b, tx, &steps).await?;
    Ok(u32::try_from(steps.len()).unwrap_or(u32::MAX))
}

/// How many orders there are in each status, own ones for a business user.
#[crate::boxed]
pub async fn counts(b: &Backend, who: &Person) -> Result<Vec<(OrderStatus, u32)>> {
    row! {
        struct Count {
            status: String,
            orders: i64,
        }
    }
    let counted = match scope(who)? {
        None => sql!("SELECT status, count(*) AS orders FROM orders GROUP BY status"),
        Some(business) => sql!(
            "SELECT status, count(*) AS orders FROM orders WHERE business = $1 GROUP BY status",
            &business.0
        ),
    };
    let rows: Vec<Count> = b.db().all(counted).await?;
    let count = |status: OrderStatus| {
        let found = rows.iter().find(|row| row.status == status.letter());
        u32::try_from(found.map_or(0, |row| row.orders)).unwrap_or(u32::MAX)
    };
    Ok(OrderStatus::ALL
        .into_iter()
        .map(|status| (status, count(status)))
        .collect())
}
