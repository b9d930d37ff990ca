//! Which terms a search looks up. A few rare ones are enough: what they leave is so little that it can be read.

use super::business_term;
use super::places::{Place, meet, order_of};
use crate::core::db::{after_prefix, fault, row, sql};
use crate::{Backend, Result};
use domain::search::Needle;
use domain::search::terms::{Lookup, PLACES, steps};
use std::collections::{BTreeMap, HashMap};

/// Blocks that are asked how frequent a term is, from the newest to the oldest.
const SAMPLE: i64 = 4;
/// Terms of a word that are asked about.
const TERMS_OF_A_WORD: usize = 16;
/// Terms that are looked up at most.
const MOST: usize = 5;
/// When this few orders of the whole table are left by estimation, no further term is looked up.
const FEW_ENOUGH: f64 = 60.0;
/// A beginning that stands for more rows of a block than this is only looked up where nothing else is there.
const MANY_ROWS: f64 = 40.0;

/// A term to be looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// Of which word; the business is behind the last.
    pub(super) word: usize,
    /// How far behind its beginning.
    pub(super) offset: u32,
    pub(super) lookup: Lookup,
}

/// How often something is in a block, on the average.
#[derive(Clone, Copy, Debug, Default)]
struct Frequency {
    entries: f64,
    rows: f64,
}

/// What to look up, and what to expect of it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) wanted: Vec<Wanted>,
    /// Orders of a block that will be left.
    pub(super) hits_of_a_block: f64,
    /// Places to be read of a block.
    pub(super) entries_of_a_block: f64,
}

/// Looks at a sample of the `count` blocks and chooses.
pub(super) async fn plan(b: &Backend, needle: &Needle, business: Option<&str>, count: i64) -> Result<Plan> {
    let candidates = candidates(needle, business);
    let mut sample: Vec<i64> = (0..SAMPLE).map(|at| (count - 1) * at / (SAMPLE - 1)).collect();
    sample.dedup();
    let frequencies = frequencies(b, &sample, &candidates).await?;
    Ok(choose(candidates, &frequencies, count))
}

/// Whole terms where a word has any, otherwise the beginning of each of its runs.
fn candidates(needle: &Needle, business: Option<&str>) -> Vec<Wanted> {
    let mut candidates = Vec::new();
    for (word, chars) in needle.words().iter().enumerate() {
        let steps = steps(chars);
        let whole = steps.iter().any(|(_, lookup)| matches!(lookup, Lookup::Term(_)));
        let mut before: Option<String> = None;
        let chosen = steps.into_iter().filter(|(_, lookup)| match lookup {
            Lookup::Term(_) => true,
            // One that another one ends with says less than that.
            Lookup::Beginning(text) => {
                let said = before.as_ref().is_some_and(|before| before.ends_with(text.as_str()));
                before = Some(text.clone());
                !whole && !said
            }
        });
        candidates.extend(
            chosen
                .take(TERMS_OF_A_WORD)
                .map(|(offset, lookup)| Wanted { word, offset, lookup }),
        );
    }
    if let Some(business) = business {
        candidates.push(Wanted {
            word: needle.words().len(),
            offset: 0,
            lookup: Lookup::Term(business_term(business)),
        });
    }
    candidates
}

row! {
    struct Sum {
        entries: i64,
        number: i64,
    }
}

row! {
    struct SumOfTerm {
        term: String,
        entries: i64,
        number: i64,
    }
}

row! {
    struct Posting {
        block: i64,
        places: String,
        term: String,
    }
}

async fn frequencies(b: &Backend, sample: &[i64], wanted: &[Wanted]) -> Result<HashMap<Lookup, Frequency>> {
    let of_a_block = |entries: i64, rows: i64| Frequency {
        entries: entries as f64 / sample.len() as f64,
        rows: rows as f64 / sample.len() as f64,
    };
    let mut terms: Vec<&str> = Vec::new();
    let mut found = HashMap::new();
    for wanted in wanted {
        match &wanted.lookup {
            Lookup::Term(term) => terms.push(term),
            Lookup::Beginning(text) => {
                let mut query = sql!(
                    "SELECT CAST(COALESCE(sum(entries), 0) AS BIGINT) AS entries, count(*) AS number FROM search_terms
                     WHERE block IN ({blocks}) AND term >= $1 AND term < $2"
                    { blocks: list(3, sample.len()) },
                    text,
                    behind(text)?
                );
                for block in sample {
                    query = query.bind(block);
                }
                let sum: Sum = b.db().one(query).await?;
                found.insert(wanted.lookup.clone(), of_a_block(sum.entries, sum.number));
            }
        }
    }
    if terms.is_empty() {
        return Ok(found);
    }
    let mut query = sql!(
        "SELECT term, CAST(sum(entries) AS BIGINT) AS entries, count(*) AS number FROM search_terms
         WHERE block IN ({blocks}) AND term IN ({terms}) GROUP BY term"
        { blocks: list(1, sample.len()), terms: list(sample.len() + 1, terms.len()) }
    );
    for block in sample {
        query = query.bind(block);
    }
    for term in terms {
        query = query.bind(term);
    }
    for sum in b.db().all::<SumOfTerm>(query).await? {
        found.insert(Lookup::Term(sum.term), of_a_block(sum.entries, sum.number));
    }
    Ok(found)
}

/// What leaves the least first, as long as a further one leaves less.
fn choose(candidates: Vec<Wanted>, frequencies: &HashMap<Lookup, Frequency>, count: i64) -> Plan {
    let frequency = |wanted: &Wanted| frequencies.get(&wanted.lookup).copied().unwrap_or_default();
    let orders = super::BLOCK as f64;
    let mut rest = candidates;
    let mut plan = Plan {
        wanted: Vec::new(),
        hits_of_a_block: orders,
        entries_of_a_block: 0.0,
    };
    while plan.wanted.len() < MOST && (plan.wanted.is_empty() || plan.hits_of_a_block * count as f64 > FEW_ENOUGH) {
        let share =
            |wanted: &Wanted| (frequency(wanted).entries / orders).min(1.0) * left_by_others(wanted, &plan.wanted);
        let allowed = |wanted: &Wanted| plan.wanted.is_empty() || frequency(wanted).rows <= MANY_ROWS;
        let best = (0..rest.len())
            .filter(|at| allowed(&rest[*at]))
            .map(|at| (at, share(&rest[at]).min(1.0)))
            .min_by(|(_, a), (_, b)| a.total_cmp(b));
        let Some((best, share)) = best.filter(|(_, share)| plan.wanted.is_empty() || *share < 0.9) else {
            break;
        };
        let wanted = rest.swap_remove(best);
        plan.hits_of_a_block *= share;
        plan.entries_of_a_block += frequency(&wanted).entries;
        plan.wanted.push(wanted);
    }
    plan
}

/// How much more, or less, a term says beside those of the same word: one that stands apart must stand at one place, one that shares letters says
/// little more.
fn left_by_others(wanted: &Wanted, chosen: &[Wanted]) -> f64 {
    let distances = chosen
        .iter()
        .filter(|other| other.word == wanted.word)
        .map(|other| other.offset.abs_diff(wanted.offset));
    match distances.min() {
        None => 1.0,
        Some(0 | 1) => 10.0,
        Some(2) => 2.0,
        Some(_) => 0.2,
    }
}

/// The first term behind all that begin so.
fn behind(beginning: &str) -> Result<String> {
    after_prefix(beginning).ok_or_else(|| fault("no text is behind this beginning"))
}

/// The orders of each of these blocks in which the terms stand as wanted, by their numbers in the block.
pub(super) async fn look_up(b: &Backend, plan: &Plan, blocks: &[i64]) -> Result<BTreeMap<i64, Vec<u32>>> {
    let mut places: HashMap<(i64, &Lookup), Vec<Place>> = HashMap::new();
    let terms: BTreeMap<&str, &Lookup> = plan
        .wanted
        .iter()
        .filter_map(|wanted| match &wanted.lookup {
            Lookup::Term(term) => Some((term.as_str(), &wanted.lookup)),
            Lookup::Beginning(_) => None,
        })
        .collect();
    if !terms.is_empty() {
        let found = sql!(
            "SELECT block, places, term FROM search_terms WHERE block IN ({blocks}) AND term IN ({terms})"
            { blocks: list(1, blocks.len()), terms: list(blocks.len() + 1, terms.len()) }
        );
        let found = found.bind_all(blocks).bind_all(terms.keys()).slow();
        for row in b.db().all::<Posting>(found).await? {
            let Some(lookup) = terms.get(row.term.as_str()) else {
                continue;
            };
            super::places::decode(&row.places, places.entry((row.block, lookup)).or_default())?;
        }
    }
    for wanted in &plan.wanted {
        if let Lookup::Beginning(text) = &wanted.lookup {
            for (block, of_block) in beginning(b, text, blocks).await? {
                places.insert((block, &wanted.lookup), of_block);
            }
        }
    }
    let of_block = |block: i64| {
        let lists: Vec<&[Place]> = plan
            .wanted
            .iter()
            .map(|wanted| {
                places
                    .get(&(block, &wanted.lookup))
                    .map(Vec::as_slice)
                    .unwrap_or_default()
            })
            .collect();
        (block, orders(&plan.wanted, &lists))
    };
    Ok(blocks.iter().map(|block| of_block(*block)).collect())
}

/// Where the terms are that begin so, in each of these blocks.
async fn beginning(b: &Backend, text: &str, blocks: &[i64]) -> Result<BTreeMap<i64, Vec<Place>>> {
    let found = sql!(
        "SELECT block, places, term FROM search_terms WHERE block IN ({blocks}) AND term >= $1 AND term < $2"
        { blocks: list(3, blocks.len()) },
        text,
        behind(text)?
    );
    let rows: Vec<Posting> = b.db().all(found.bind_all(blocks).slow()).await?;
    let mut found: BTreeMap<i64, Vec<Place>> = BTreeMap::new();
    for row in rows {
        super::places::decode(&row.places, found.entry(row.block).or_default())?;
    }
    found.values_mut().for_each(|places| places.sort_unstable());
    Ok(found)
}

/// The orders in which every word has all its terms from one place on; `lists` says where each is.
fn orders(wanted: &[Wanted], lists: &[&[Place]]) -> Vec<u32> {
    let mut words: BTreeMap<usize, Vec<(u32, &[Place])>> = BTreeMap::new();
    for (wanted, places) in wanted.iter().zip(lists) {
        words.entry(wanted.word).or_default().push((wanted.offset, places));
    }
    let mut left: Option<Vec<u32>> = None;
    for of_word in words.values() {
        let mut begins: Option<Vec<Place>> = None;
        for (offset, places) in of_word {
            begins = Some(match begins {
                None => places
                    .iter()
                    .filter(|place| *place % PLACES >= *offset)
                    .map(|place| place - offset)
                    .collect(),
                Some(begins) => meet(&begins, places, *offset),
            });
        }
        let mut orders: Vec<u32> = begins.unwrap_or_default().into_iter().map(order_of).collect();
        orders.dedup();
        left = Some(match left {
            None => orders,
            Some(left) => meet(&left, &orders, 0),
        });
    }
    left.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::places::place;
    use super::*;

    fn wanted(typed: &str) -> Vec<(usize, u32, Lookup)> {
        let candidates = candidates(&Needle::parse(typed), None);
        candidates.into_iter().map(|w| (w.word, w.offset, w.lookup)).collect()
    }

    #[test]
    fn a_word_is_looked_up_by_whole_terms_where_it_has_any() {
        let term = |text: &str| Lookup::Term(text.to_owned());
        let beginning = |text: &str| Lookup::Beginning(text.to_owned());
        assert_eq!(wanted("1234"), [(0, 0, term("123")), (0, 1, term("234"))]);
        assert_eq!(wanted("12"), [(0, 0, beginning("12"))]);
        assert_eq!(wanted("김ㅁㅈ"), [(0, 0, beginning("김")), (0, 1, beginning("ㅁㅈ"))]);
        assert_eq!(wanted("중구 로1"), [(0, 0, term("중구")), (1, 0, term("로1"))]);
    }

    #[test]
    fn the_rarest_terms_are_chosen_until_few_orders_are_left() {
        let lookups = candidates(&Needle::parse("서울 중구 123456"), None);
        let of = |entries: f64| Frequency { entries, rows: 1.0 };
        let frequencies = lookups.iter().map(|wanted| match &wanted.lookup {
            Lookup::Term(term) if term.starts_with(|c: char| c.is_ascii_digit()) => (wanted.lookup.clone(), of(8.0)),
            lookup => (lookup.clone(), of(4000.0)),
        });
        let plan = choose(lookups.clone(), &frequencies.collect(), 250);
        let chosen: Vec<(usize, u32)> = plan.wanted.iter().map(|wanted| (wanted.word, wanted.offset)).collect();
        assert_eq!(chosen.len(), 2, "{plan:?}");
        assert!(chosen.iter().all(|(word, _)| *word == 2), "{plan:?}");
        assert_eq!(
            chosen[0].1.abs_diff(chosen[1].1),
            3,
            "side by side, which says more than what they share"
        );
        let unknown = choose(lookups, &HashMap::new(), 250);
        assert_eq!(unknown.wanted.len(), 1, "what no sample has leaves nothing");
    }

    #[test]
    fn words_must_stand_together_and_orders_have_all_of_them() {
        let words = candidates(&Needle::parse("1234 가나"), None);
        let of = |wanted: &Wanted| match (&wanted.lookup, wanted.word) {
            (Lookup::Term(term), 0) if term == "123" => [place(1, 5), place(2, 0), place(3, 7)].as_slice().to_owned(),
            (_, 0) => vec![place(1, 6), place(2, 2), place(3, 8)],
            _ => vec![place(0, 1), place(3, 1)],
        };
        let lists: Vec<Vec<Place>> = words.iter().map(of).collect();
        let lists: Vec<&[Place]> = lists.iter().map(Vec::as_slice).collect();
        assert_eq!(orders(&words, &lists), [3]);
    }
}
