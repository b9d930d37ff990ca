//! Answering a search.

use super::blocks::is_complete;
use super::cursor::At;
use super::plan::{Plan, look_up, plan};
use super::{BLOCK, KEYS_OF_A_PART, PARTS_OF_A_BLOCK, parts};
use crate::core::db::{Value, row, sql};
use crate::core::paging::page_limit;
use crate::locker::orders::{self, OrderRow, scope};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::BusinessName;
use domain::locker::orders::{Order, OrderFilter, OrderSearch};
use domain::people::Person;
use domain::search::{Found, Hit, Hits, Needle, is_initial};
use std::collections::{HashMap, HashSet};

/// Of a status or a kiosk with this many orders at most, all are read: the terms do not know them.
const FEW: usize = 1000;
/// What one answer may cost at most: a candidate that is looked at counts one, and one that is read whole as much as several.
const COST_MAX: usize = 2000;
const COST_OF_AN_ORDER: usize = 8;
/// Places that are read for one answer at most.
const PLACES_MAX: f64 = 2_000_000.0;
/// Places read at once, and blocks.
const PLACES_AT_ONCE: f64 = 300_000.0;
const BLOCKS_AT_ONCE: usize = 64;
/// Orders read at once, and looked at where their status decides first.
const ORDERS_AT_ONCE: usize = 200;
const CANDIDATES_AT_ONCE: usize = 500;
/// What an index answers.
const OF_KIOSK: &str = "yid = $1";
const OF_STATUS: &str = "status = $1";

/// Orders by any part of their number, customer number, customer's name, address and business, those added last first. A business user finds the orders
/// of their own business. Without a word it is [`orders::search`].
#[crate::boxed]
pub async fn find(b: &Backend, who: &Person, asked: &OrderSearch) -> Result<Hits<Order>> {
    let needle = Needle::parse(&asked.text);
    if needle.is_empty() {
        return everything(b, who, asked).await;
    }
    let business = scope(who)?.or(asked.business.as_ref());
    if needle.is_unfindable() {
        return Ok(Hits {
            rows: Vec::new(),
            next: None,
            incomplete: false,
        });
    }
    let after = match asked.cursor.as_deref() {
        None => None,
        Some(cursor) => Some(At::read(cursor).ok_or_else(|| Refusal::malformed("cursor: not one that was given out"))?),
    };
    let mut search = Search {
        b,
        needle: &needle,
        business,
        asked,
        limit: page_limit(asked.limit) as usize,
        hits: Vec::new(),
        seen: HashSet::new(),
        cost: 0,
        more_at: None,
    };
    let incomplete = !is_complete(b).await?;
    let few = match &after {
        Some(At::Few(..)) => true,
        Some(_) => false,
        None => search.is_among_few().await?,
    };
    if few {
        search.among_few(after.as_ref()).await?;
    } else {
        search.everywhere(after).await?;
    }
    Ok(search.answer(incomplete && !few))
}

async fn everything(b: &Backend, who: &Person, asked: &OrderSearch) -> Result<Hits<Order>> {
    let filter = OrderFilter {
        customer_no: String::new(),
        status: asked.status,
        yid: asked.yid,
        business: asked.business.clone(),
        cursor: asked.cursor.clone(),
        limit: asked.limit,
    };
    let page = orders::search(b, who, &filter).await?;
    Ok(Hits::unsearched(page.rows, page.next))
}

struct Search<'s> {
    b: &'s Backend,
    needle: &'s Needle,
    business: Option<&'s BusinessName>,
    asked: &'s OrderSearch,
    limit: usize,
    hits: Vec<(Hit<Order>, At)>,
    /// Their keys: an order may be put into a block while it is looked for.
    seen: HashSet<String>,
    /// What the orders read so far cost.
    cost: usize,
    /// Set when enough was read for one answer: where to go on.
    more_at: Option<At>,
}

impl Search<'_> {
    /// One more than the page has, which says that there is a next one.
    fn is_full(&self) -> bool {
        self.hits.len() > self.limit
    }

    /// How many orders to read first: as many as the page needs. Where they do not fit, more at once.
    fn needed(&self) -> usize {
        (self.limit + 1)
            .saturating_sub(self.hits.len())
            .clamp(16, ORDERS_AT_ONCE)
    }

    /// How many at once from then on.
    fn at_once(&self) -> usize {
        match self.asked.status {
            Some(_) => CANDIDATES_AT_ONCE,
            None => ORDERS_AT_ONCE,
        }
    }

    fn is_over(&self) -> bool {
        self.is_full() || self.more_at.is_some()
    }

    fn answer(mut self, incomplete: bool) -> Hits<Order> {
        let full = self.is_full();
        self.hits.truncate(self.limit);
        let next = if full {
            self.hits.last().map(|(_, at)| at.clone())
        } else {
            self.more_at
        };
        Hits {
            rows: self.hits.into_iter().map(|(hit, _)| hit).collect(),
            next: next.map(|at| at.cursor()),
            incomplete,
        }
    }

    /// Whether the order is what was asked for, and where its words are.
    fn fits(&self, order: &Order) -> Option<Vec<Found>> {
        let business = self.business.is_none_or(|business| order.business == *business);
        let status = self.asked.status.is_none_or(|status| order.status == status);
        let yid = |yid| order.place.as_ref().is_some_and(|place| place.yid == yid);
        if business && status && self.asked.yid.is_none_or(yid) {
            self.needle.find(&parts(order))
        } else {
            None
        }
    }

    fn consider(&mut self, order: Order, at: At) {
        if let Some(found) = self.fits(&order)
            && self.seen.insert(order.things_sq.0.clone())
        {
            self.hits.push((Hit { of: order, found }, at));
        }
    }

    /// Whether the filter leaves so few orders that they are read instead of looked up.
    async fn is_among_few(&self) -> Result<bool> {
        let Some((condition, value)) = self.narrow() else {
            return Ok(false);
        };
        let few = sql!(
            "SELECT count(*) FROM (SELECT 1 FROM orders WHERE {condition} LIMIT $2) AS few"
            { condition: one_of([OF_KIOSK, OF_STATUS], condition) },
            value,
            FEW as i64 + 1
        );
        let count: i64 = self.b.db().one(few).await?;
        Ok(count <= FEW as i64)
    }

    /// One condition that an index answers; the engine is not asked to choose between two.
    fn narrow(&self) -> Option<(&'static str, Value<'static>)> {
        match (self.asked.yid, self.asked.status) {
            (Some(yid), _) => Some((OF_KIOSK, yid.0.into())),
            (None, Some(status)) => Some((OF_STATUS, status.letter().into())),
            (None, None) => None,
        }
    }

    /// All orders of a status or a kiosk.
    async fn among_few(&mut self, after: Option<&At>) -> Result<()> {
        let Some((condition, value)) = self.narrow() else {
            return Err(Refusal::malformed("cursor: of another search"));
        };
        let (customer_no, things_sq) = match after {
            Some(At::Few(customer_no, things_sq)) => (customer_no.as_str(), things_sq.as_str()),
            _ => ("", ""),
        };
        let page = sql!(
            "SELECT {columns} FROM orders WHERE {condition} AND (customer_no, things_sq) > ($2, $3) ORDER BY customer_no, things_sq LIMIT $4"
            { columns: text(orders::COLUMNS), condition: one_of([OF_KIOSK, OF_STATUS], condition) },
            value,
            customer_no,
            things_sq,
            FEW as i64
        );
        let rows: Vec<OrderRow> = self.b.db().all(page).await?;
        let (count, mut last) = (rows.len(), None);
        for row in rows {
            let at = At::Few(row.customer_no().to_owned(), row.things_sq().to_owned());
            last = Some(at.clone());
            let Some(order) = row.sound(self.b) else { continue };
            self.consider(order, at);
            if self.is_full() {
                return Ok(());
            }
        }
        if count == FEW {
            self.more_at = last;
        }
        Ok(())
    }

    /// Those that wait, then block after block from the newest.
    async fn everywhere(&mut self, after: Option<At>) -> Result<()> {
        let mut shown = None;
        if let None | Some(At::Waiting(..)) = &after {
            // Before those that wait: what is put into a block from now on is there as well.
            let (before, key) = match &after {
                Some(At::Waiting(before, key)) => (*before, key.clone()),
                _ => (super::blocks(self.b).await?, String::new()),
            };
            self.waiting(before, key.clone()).await?;
            if self.is_over() {
                return Ok(());
            }
            // Orders up to this key that were put into a block since were on an earlier page.
            shown = Some((before, key));
        }
        let count = super::blocks(self.b).await?;
        let (newest, number) = match after {
            Some(At::Block(block, number)) => (block.min(count - 1), number),
            _ => (count - 1, -1),
        };
        if newest < 0 {
            return Ok(());
        }
        let business = self.business.map(BusinessName::as_str);
        let plan = plan(self.b, self.needle, business, count).await?;
        self.blocks(&plan, newest, number, shown).await
    }

    async fn waiting(&mut self, blocks: i64, mut after: String) -> Result<()> {
        let patterns: Vec<String> = self.needle.words().iter().map(|word| pattern(word)).collect();
        let likes: String = (0..patterns.len())
            .map(|at| format!(" AND text LIKE ${}", at + 4))
            .collect();
        let mut at_once = self.needed();
        loop {
            let mut query = sql!(
                "SELECT things_sq FROM search_waiting WHERE things_sq > $1 AND ($2 = '' OR business = $2){likes}
                 ORDER BY things_sq LIMIT $3"
                { likes: one_of(["", " AND text LIKE $4"], likes) },
                after,
                self.business.map_or("", BusinessName::as_str),
                at_once as i64
            );
            for pattern in &patterns {
                query = query.bind(pattern);
            }
            let keys = self.b.db().all::<String>(query).await?;
            let found = keys.len();
            let candidates: Vec<(String, At)> = keys
                .into_iter()
                .map(|key| (key.clone(), At::Waiting(blocks, key)))
                .collect();
            let Some((last, _)) = candidates.last() else {
                return Ok(());
            };
            after = last.clone();
            self.read_orders(candidates).await?;
            if self.is_over() || found < at_once {
                return Ok(());
            }
            at_once = ORDERS_AT_ONCE;
        }
    }

    async fn blocks(&mut self, plan: &Plan, newest: i64, number: i64, shown: Option<(i64, String)>) -> Result<()> {
        let (mut block, mut number, mut places) = (newest, number, 0.0);
        let mut at_least = 1;
        while block >= 0 {
            // More each time: words that are never in one order are not as frequent as they should be together.
            let at_once = self.blocks_at_once(plan, at_least);
            at_least = (2 * at_once).min(BLOCKS_AT_ONCE);
            let window: Vec<i64> = (0..=block).rev().take(at_once).collect();
            let found = look_up(self.b, plan, &window).await?;
            places += plan.entries_of_a_block * window.len() as f64;
            let mut candidates: Vec<(i64, i64)> = Vec::new();
            for of_block in &window {
                let behind = if *of_block == block { number } else { -1 };
                let numbers = found
                    .get(of_block)
                    .into_iter()
                    .flatten()
                    .map(|number| i64::from(*number));
                candidates.extend(
                    numbers
                        .filter(|number| *number > behind)
                        .map(|number| (*of_block, number)),
                );
            }
            let mut at_once = self.needed();
            let mut rest = candidates.as_slice();
            while !rest.is_empty() {
                let (candidates, behind) = rest.split_at(at_once.min(rest.len()));
                rest = behind;
                at_once = self.at_once();
                let mut candidates = self.keys(candidates).await?;
                if let Some((before, key)) = &shown {
                    let new = |at: &At| matches!(at, At::Block(block, _) if block >= before);
                    candidates.retain(|(of, at)| key.is_empty() || !new(at) || of > key);
                }
                self.read_orders(candidates).await?;
                if self.is_over() {
                    return Ok(());
                }
            }
            block -= window.len() as i64;
            number = -1;
            if places > PLACES_MAX && block >= 0 {
                self.more_at = Some(At::Block(block, -1));
                return Ok(());
            }
        }
        Ok(())
    }

    /// As many blocks as the page will need, as far as can be told.
    fn blocks_at_once(&self, plan: &Plan, at_least: usize) -> usize {
        let missing = (self.limit + 1 - self.hits.len()) as f64;
        let needed = (1.5 * missing / plan.hits_of_a_block.max(0.01)).max(at_least as f64);
        let bearable = PLACES_AT_ONCE / plan.entries_of_a_block.max(1.0);
        // Some sizes only, so that the statements are few.
        let wanted = needed.min(bearable);
        [1, 2, 4, 8, 16, 32]
            .into_iter()
            .find(|size| wanted <= f64::from(*size))
            .map_or(BLOCKS_AT_ONCE, |size| size as usize)
    }

    /// The keys of orders in blocks.
    async fn keys(&self, numbers: &[(i64, i64)]) -> Result<Vec<(String, At)>> {
        let part = |(block, number): &(i64, i64)| block * PARTS_OF_A_BLOCK + number / KEYS_OF_A_PART as i64;
        let mut parts: Vec<i64> = numbers.iter().map(part).collect();
        parts.dedup();
        let of_parts = sql!(
            "SELECT part, keys FROM search_keys WHERE part IN ({parts})"
            { parts: list(1, parts.len()) }
        );
        row! {
            struct Part {
                part: i64,
                keys: String,
            }
        }
        let rows: Vec<Part> = self.b.db().all(of_parts.once().bind_all(&parts)).await?;
        let keys: HashMap<i64, Vec<&str>> = (rows.iter())
            .map(|row| (row.part, row.keys.split('\n').collect()))
            .collect();
        let key = |at: &(i64, i64)| {
            let within = usize::try_from(at.1).ok()? % KEYS_OF_A_PART;
            let key = *keys.get(&part(at))?.get(within)?;
            Some((key.to_owned(), At::Block(at.0, at.1)))
        };
        debug_assert!(numbers.iter().all(|(_, number)| *number < BLOCK as i64));
        Ok(numbers.iter().filter_map(key).collect())
    }

    /// Reads these orders and keeps those that are what was asked for.
    async fn read_orders(&mut self, candidates: Vec<(String, At)>) -> Result<()> {
        for candidates in candidates.chunks(self.at_once()) {
            if self.cost >= COST_MAX {
                return Ok(());
            }
            let mut orders = self.orders(candidates).await?;
            self.cost += candidates.len() + COST_OF_AN_ORDER * orders.len();
            for (key, at) in candidates {
                if let Some(order) = orders.remove(key) {
                    self.consider(order, at.clone());
                }
                if self.is_full() {
                    return Ok(());
                }
            }
            if self.cost >= COST_MAX {
                self.more_at = candidates.last().map(|(_, at)| at.clone());
            }
        }
        Ok(())
    }

    /// The orders with these keys, as far as their status is what was asked for.
    async fn orders(&self, candidates: &[(String, At)]) -> Result<HashMap<String, Order>> {
        // Written this way so that neither engine uses the index on the status.
        const AND_STATUS: &str = " AND status || '' = $1";
        let status = self.asked.status.map(|_| AND_STATUS).unwrap_or_default();
        let first = if self.asked.status.is_some() { 2 } else { 1 };
        let mut query = sql!(
            "SELECT {columns} FROM orders WHERE things_sq IN ({keys}){status}"
            {
                columns: text(orders::COLUMNS),
                keys: list(first, candidates.len()),
                status: one_of(["", AND_STATUS], status),
            }
        )
        .prepared_if(candidates.len() == ORDERS_AT_ONCE);
        if let Some(status) = self.asked.status {
            query = query.bind(status.letter());
        }
        for (key, _) in candidates {
            query = query.bind(key);
        }
        let rows: Vec<OrderRow> = self.b.db().all(query).await?;
        let orders = rows.into_iter().filter_map(|row| row.sound(self.b));
        Ok(orders.map(|order| (order.things_sq.0.clone(), order)).collect())
    }
}

/// What finds every folded text that may hold the word. A consonant among other letters may stand for a syllable, of which the text has the
/// syllable there. Folded words have no wildcards of their own.
fn pattern(word: &[char]) -> String {
    let mixed = word.iter().any(|c| is_initial(*c)) && !word.iter().all(|c| is_initial(*c));
    let letter = |c: &char| if mixed && is_initial(*c) { '_' } else { *c };
    let word: String = word.iter().map(letter).collect();
    format!("%{word}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consonants_among_syllables_are_any_letter_in_a_pattern() {
        let pattern = |text: &str| pattern(&text.chars().collect::<Vec<char>>());
        assert_eq!(pattern("ㄱㅁ"), "%ㄱㅁ%");
        assert_eq!(pattern("김ㅁ"), "%김_%");
        assert_eq!(pattern("123"), "%123%");
    }
}
