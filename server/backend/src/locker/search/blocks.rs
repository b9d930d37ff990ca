//! Putting orders into blocks: their terms are gathered from 4096 orders at a time and written once, so that adding an order writes one short row
//! instead of one for each of its terms.

use super::places::{self, Place, place};
use super::{BLOCK, BLOCKS, KEYS_OF_A_PART, PARTS_OF_A_BLOCK, business_term, folded, folded_parts, parts_of};
use crate::core::db::{Tx, fault, row, sql};
use crate::core::facts;
use crate::{Backend, Result, WeakBackend};
use domain::error::Refusal;
use domain::locker::orders::Order;
use domain::search::{Part, terms};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// With fewer waiting no block is made: a search looks through them quickly enough.
const WORTH_A_BLOCK: usize = BLOCK / 2;
/// Rows of one statement.
const ROWS_AT_ONCE: usize = 250;
const KEYS_AT_ONCE: usize = 500;
const WAITING_WIDTH: usize = 3;
const TERM_WIDTH: usize = 4;
const KEYS_WIDTH: usize = 2;
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Where orders come from that are in no block.
#[derive(Clone, Copy, Debug)]
enum Queue {
    Waiting,
    Backlog,
}

/// The table of each.
const QUEUES: [&str; 2] = ["search_waiting", "search_backlog"];

impl Queue {
    fn table(self) -> &'static str {
        match self {
            Self::Waiting => QUEUES[0],
            Self::Backlog => QUEUES[1],
        }
    }
}

/// Notes orders that are being added, so that they are found from the moment they are there.
pub(crate) async fn note(tx: &mut Tx, orders: &[&Order]) -> Result<()> {
    for orders in orders.chunks(ROWS_AT_ONCE) {
        let mut query = sql!(
            "INSERT INTO search_waiting (things_sq, business, text) VALUES {rows} ON CONFLICT (things_sq) DO NOTHING"
            { rows: rows(orders.len(), WAITING_WIDTH) }
        )
        .prepared_if(orders.len() == 1);
        for order in orders {
            query = query
                .bind(order.things_sq.as_str())
                .bind(order.business.as_str())
                .bind(folded(order));
        }
        tx.execute(query).await?;
    }
    Ok(())
}

/// Notes an order whose texts are being corrected: it is found by the new ones from that moment on. In the block it may be in stand the old ones,
/// which lead to it in vain.
pub(crate) async fn note_again(tx: &mut Tx, order: &Order) -> Result<()> {
    let noted = sql!(
        "INSERT INTO search_waiting (things_sq, business, text) VALUES ($1, $2, $3)
         ON CONFLICT (things_sq) DO UPDATE SET business = excluded.business, text = excluded.text",
        order.things_sq.as_str(),
        order.business.as_str(),
        folded(order)
    );
    tx.execute(noted).await?;
    Ok(())
}

/// After orders were added: makes blocks of those that wait where there is a whole one, so that searches stay quick also during an import.
pub(crate) async fn keep_up(b: &Backend) -> Result<()> {
    while count(b, Queue::Waiting, BLOCK).await? == BLOCK {
        if !make_block(b, Queue::Waiting).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Puts into blocks what is worth it: all orders from before the table, and those that wait where there are many. It can be ended at any time, and goes
/// on from there; several nodes may do it at once.
#[crate::boxed]
pub async fn catch_up(b: &Backend) -> Result<()> {
    while count(b, Queue::Waiting, WORTH_A_BLOCK).await? == WORTH_A_BLOCK {
        if !make_block(b, Queue::Waiting).await? {
            return Ok(());
        }
    }
    let mut made = 0;
    while !is_complete(b).await? {
        if !make_block(b, Queue::Backlog).await? {
            return Ok(());
        }
        made += 1;
    }
    if made > 0 {
        tracing::info!(blocks = made, "every order can be found by any part of its texts now");
    }
    Ok(())
}

/// How many orders from before the table are in no block yet; at most `most` are counted.
#[crate::boxed]
pub async fn progress(b: &Backend, most: usize) -> Result<usize> {
    count(b, Queue::Backlog, most).await
}

/// The same, as long as the process serves.
pub(crate) async fn keep_up_regularly(backend: WeakBackend) {
    loop {
        let Some(b) = backend.upgrade() else { return };
        // A failure is in the log already, and the next round tries again.
        let _caught_up = catch_up(&b).await;
        drop(b);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Whether every order that was there before the table is in a block.
pub(super) async fn is_complete(b: &Backend) -> Result<bool> {
    if b.search().complete.load(Ordering::Relaxed) {
        return Ok(true);
    }
    let complete = count(b, Queue::Backlog, 1).await? == 0;
    b.search().complete.store(complete, Ordering::Relaxed);
    Ok(complete)
}

async fn count(b: &Backend, from: Queue, most: usize) -> Result<usize> {
    let few = sql!(
        "SELECT count(*) FROM (SELECT 1 FROM {queue} LIMIT $1) AS few" { queue: one_of(QUEUES, from.table()) },
        i64::try_from(most).unwrap_or(i64::MAX)
    );
    let count: i64 = b.db().one(few).await?;
    usize::try_from(count).map_err(fault)
}

/// Puts up to 4096 orders into the next block. `false`: somebody else makes blocks at the moment.
async fn make_block(b: &Backend, from: Queue) -> Result<bool> {
    // Before the orders: a node that makes a block in between has counted on.
    let block = super::blocks(b).await?;
    let orders = read(b, from).await?;
    if orders.is_empty() {
        return Ok(false);
    }
    let keys: Vec<String> = orders.iter().map(|order| order.things_sq.clone()).collect();
    let texts: HashMap<String, String> = match from {
        Queue::Waiting => orders
            .iter()
            .map(|order| (order.things_sq.clone(), order.folded()))
            .collect(),
        Queue::Backlog => HashMap::new(),
    };
    let terms = tokio::task::spawn_blocking(move || gather(&orders))
        .await
        .map_err(fault)?;
    let mut tx = b.db().begin().await?;
    if !claim(&mut tx, block).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    write_terms(&mut tx, block, &terms).await?;
    write_keys(&mut tx, block, &keys).await?;
    let as_read = match from {
        Queue::Waiting => forget_waiting(&mut tx, &keys, &texts).await?,
        Queue::Backlog => forget(&mut tx, from, &keys).await.map(|()| true)?,
    };
    if !as_read {
        // An order was corrected since it was read: it goes on waiting, and the next block is made of what it is now.
        tx.rollback().await?;
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

row! {
    /// What is searched of an order.
    struct Texts {
        things_sq: String,
        customer_no: String,
        customer_name: String,
        address: String,
        business: String,
    }
}

impl Texts {
    fn parts(&self) -> [(Part, &str); 5] {
        parts_of(
            &self.customer_no,
            &self.things_sq,
            &self.customer_name,
            &self.address,
            &self.business,
        )
    }

    fn folded(&self) -> String {
        folded_parts(&self.parts())
    }
}

/// In the order of their keys.
async fn read(b: &Backend, from: Queue) -> Result<Vec<Texts>> {
    let texts = sql!(
        "SELECT o.things_sq, o.customer_no, o.customer_name, o.address, o.business
         FROM {queue} w JOIN orders o ON o.things_sq = w.things_sq ORDER BY w.things_sq LIMIT $1"
        { queue: one_of(QUEUES, from.table()) },
        BLOCK as i64
    );
    b.db().all(texts.slow()).await
}

/// The terms of these orders and where each is.
fn gather(orders: &[Texts]) -> BTreeMap<String, Vec<Place>> {
    let mut all: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for (at, order) in (0..).zip(orders) {
        for term in terms::of(&order.parts()) {
            all.entry(term.text).or_default().push(place(at, term.place));
        }
        all.entry(business_term(&order.business))
            .or_default()
            .push(place(at, 0));
    }
    all
}

/// Of two who make this block at once, one does.
async fn claim(tx: &mut Tx, block: i64) -> Result<bool> {
    let before = if block == 0 { String::new() } else { block.to_string() };
    let claimed = tx
        .execute(facts::replace(BLOCKS, before, (block + 1).to_string()))
        .await?;
    Ok(claimed > 0)
}

async fn write_terms(tx: &mut Tx, block: i64, terms: &BTreeMap<String, Vec<Place>>) -> Result<()> {
    let terms: Vec<(&String, &Vec<Place>)> = terms.iter().collect();
    for terms in terms.chunks(ROWS_AT_ONCE) {
        let mut query = sql!(
            "INSERT INTO search_terms (block, term, entries, places) VALUES {rows}"
            { rows: rows(terms.len(), TERM_WIDTH) }
        )
        .prepared_if(terms.len() == ROWS_AT_ONCE);
        for (term, places) in terms {
            let entries = i64::try_from(places.len()).map_err(fault)?;
            query = query
                .bind(block)
                .bind(term.as_str())
                .bind(entries)
                .bind(places::encode(places));
        }
        tx.execute(query).await?;
    }
    Ok(())
}

async fn write_keys(tx: &mut Tx, block: i64, keys: &[String]) -> Result<()> {
    let parts: Vec<String> = keys.chunks(KEYS_OF_A_PART).map(|keys| keys.join("\n")).collect();
    let mut query = sql!(
        "INSERT INTO search_keys (part, keys) VALUES {rows}"
        { rows: rows(parts.len(), KEYS_WIDTH) }
    )
    .prepared_if(parts.len() * KEYS_OF_A_PART == BLOCK);
    for (part, keys) in (block * PARTS_OF_A_BLOCK..).zip(parts) {
        query = query.bind(part).bind(keys);
    }
    tx.execute(query).await?;
    Ok(())
}

row! {
    struct Forgotten {
        things_sq: String,
        text: String,
    }
}

/// What is in a block waits no more. `false`: of one of them the texts are others than those in the block.
async fn forget_waiting(tx: &mut Tx, keys: &[String], texts: &HashMap<String, String>) -> Result<bool> {
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let forgotten = sql!(
            "DELETE FROM search_waiting WHERE things_sq IN ({keys}) RETURNING things_sq, text"
            { keys: list(1, keys.len()) }
        );
        let forgotten = forgotten.bind_all(keys).prepared_if(keys.len() == KEYS_AT_ONCE);
        let gone: Vec<Forgotten> = tx.all(forgotten).await?;
        if gone.len() != keys.len() {
            return Err(left_otherwise());
        }
        if gone.iter().any(|row| texts.get(&row.things_sq) != Some(&row.text)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Somebody put them into another block meanwhile, against the count.
fn left_otherwise() -> Refusal {
    fault::<String>("orders left the search's queue by another way".to_owned())
}

/// The same for those that were there before the table.
async fn forget(tx: &mut Tx, from: Queue, keys: &[String]) -> Result<()> {
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let mut query = sql!(
            "DELETE FROM {queue} WHERE things_sq IN ({keys})"
            { queue: one_of(QUEUES, from.table()), keys: list(1, keys.len()) }
        )
        .prepared_if(keys.len() == KEYS_AT_ONCE);
        for key in keys {
            query = query.bind(key);
        }
        let gone = tx.execute(query).await?;
        if gone != keys.len() as u64 {
            return Err(left_otherwise());
        }
    }
    Ok(())
}
