//! Who belongs to which node. An assignment is one column in the owner's or the guard's own row, and what is in it decides: one who
//! writes it does so on condition that it is still what was read, so that two nodes that see the others differently give one answer.

use super::view::{self, View};
use super::{own_host, this};
use crate::core::db::{row, sql};
use crate::{Backend, Result};
use domain::guard::ids::GuardId;
use domain::nodes::{self, Host, Node, NodeName, Place};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::Instant;

/// Somebody else was faster this number of times in a row: then what they wrote is the answer.
const ROUNDS: usize = 4;
const ROWS_AT_ONCE: usize = 1_000;

/// Whose home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// An owner's, by phone number.
    Owner,
    /// A guard's, by bar code.
    Guard,
}

/// Where they are, and by what: of owners, of guards.
const TABLES: [&str; 2] = ["owners", "guards"];
const KEYS: [&str; 2] = ["phone", "guard_id"];

impl Of {
    fn table_and_key(self) -> (&'static str, &'static str) {
        match self {
            Self::Owner => (TABLES[0], KEYS[0]),
            Self::Guard => (TABLES[1], KEYS[1]),
        }
    }
}

/// The node somebody belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// What it is called.
    pub name: NodeName,
    /// Where it is reached; `None`: by whatever host a caller used.
    pub host: Option<Host>,
}

impl Home {
    fn of(node: &Node) -> Self {
        Self {
            name: node.name.clone(),
            host: node.host.clone(),
        }
    }
}

/// Somebody with the node in their row.
pub type Row = (String, Option<String>);

/// Where somebody would go who is not known yet; `None` where no process is a node.
pub(crate) async fn choice(b: &Backend, key: &str) -> Result<Option<Home>> {
    let view = view::recent(b).await?;
    Ok(nodes::choose(&view.nodes, b.now(), key).map(Home::of))
}

/// Where these belong, in their order; each comes with the node read from its row, which may have changed since. Who has no node, or one
/// that is not there for everybody, gets one, and keeps it. `None` where no process is a node, or none lives.
#[crate::boxed]
pub async fn settle(b: &Backend, of: Of, rows: Vec<Row>) -> Result<Vec<Option<Home>>> {
    let asked = Instant::now();
    let view = view::recent(b).await?;
    let mut homes = vec![None; rows.len()];
    if view.nodes.is_empty() {
        return Ok(homes);
    }
    let mut open = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        match nodes::place(&view.nodes, b.now(), &row.0, row.1.as_deref()) {
            Place::Here(node) => homes[index] = Some(Home::of(node)),
            Place::Moves(_) | Place::Nowhere(_) => open.push((index, row)),
        }
    }
    // Nobody is moved by what was so a second ago: the node in the row may be newer than that.
    let mut since = asked;
    for _ in 0..ROUNDS {
        if open.is_empty() {
            return Ok(homes);
        }
        let view = view::since(b, since).await?;
        open = one_round(b, of, &view, open, &mut homes).await?;
        since = Instant::now();
    }
    let view = view::recent(b).await?;
    for (index, (_, name)) in open {
        let known = view
            .nodes
            .iter()
            .find(|node| Some(node.name.as_str()) == name.as_deref());
        homes[index] = known.map(Home::of);
    }
    Ok(homes)
}

/// Those who go from one node to another.
struct Group<'a> {
    to: &'a Node,
    members: Vec<(usize, String)>,
}

/// Writes where these go. Comes back with those of whom somebody else wrote in between, as they are now.
async fn one_round(
    b: &Backend,
    of: Of,
    view: &Arc<View>,
    open: Vec<(usize, Row)>,
    homes: &mut [Option<Home>],
) -> Result<Vec<(usize, Row)>> {
    let now = b.now();
    let mut groups: BTreeMap<(Option<String>, &NodeName), Group<'_>> = BTreeMap::new();
    for (index, (key, at)) in open {
        match nodes::place(&view.nodes, now, &key, at.as_deref()) {
            Place::Here(node) => homes[index] = Some(Home::of(node)),
            Place::Nowhere(before) => homes[index] = before.map(Home::of),
            Place::Moves(node) => {
                let new = || Group {
                    to: node,
                    members: Vec::new(),
                };
                let group = groups.entry((at, &node.name)).or_insert_with(new);
                group.members.push((index, key));
            }
        }
    }
    let mut overtaken = Vec::new();
    for ((from, _), Group { to: node, members }) in groups {
        for members in members.chunks(ROWS_AT_ONCE) {
            let keys: Vec<&str> = members.iter().map(|(_, key)| key.as_str()).collect();
            if write(b, of, from.as_deref(), &node.name, &keys).await? == keys.len() as u64 {
                for (index, _) in members {
                    homes[*index] = Some(Home::of(node));
                }
            } else {
                let mut rows = read(b, of, &keys).await?;
                // Who is gone meanwhile belongs nowhere.
                let still = members
                    .iter()
                    .filter_map(|(index, key)| Some((*index, rows.remove_entry(key)?)));
                overtaken.extend(still);
            }
        }
    }
    Ok(overtaken)
}

/// Those that are still where they were read to be; how many that were.
async fn write(b: &Backend, of: Of, from: Option<&str>, to: &NodeName, keys: &[&str]) -> Result<u64> {
    let (table, key) = of.table_and_key();
    // `IS NOT DISTINCT FROM` is not known to both engines.
    let (condition, first) = match from {
        None => ("node IS NULL", 2),
        Some(_) => ("node = $2", 3),
    };
    let mut query = sql!("UPDATE {table} SET node = $1 WHERE {condition} AND {key} IN ({keys})" {
        table: one_of(TABLES, table),
        condition: one_of(["node IS NULL", "node IS NULL", "node = $2", "node = $2"], condition),
        key: one_of(KEYS, key),
        keys: list(first, keys.len()),
    }, to.as_str())
    .prepared_if(keys.len() == 1);
    if let Some(from) = from {
        query = query.bind(from);
    }
    for key in keys {
        query = query.bind(*key);
    }
    b.db().execute(query).await
}

row! {
    /// An owner or a guard, and its node.
    struct Assigned {
        belongs: String,
        node: Option<String>,
    }
}

/// Moves everybody who is at a node that lives, and would be given another one today, to that one: after a node was added, what is its share
/// and nothing else. How many moved.
pub(super) async fn rebalance(b: &Backend, of: Of) -> Result<u64> {
    let (table, key) = of.table_and_key();
    let (mut after, mut moved) = (String::new(), 0);
    loop {
        let some = sql!("SELECT {key} AS belongs, node FROM {table} WHERE node IS NOT NULL AND {key} > $1 ORDER BY {key} LIMIT {most}" {
            key: one_of(KEYS, key), table: one_of(TABLES, table), most: text(ROWS_AT_ONCE),
        }, &after);
        let rows: Vec<Assigned> = b.db().all(some).await?;
        let Some(last) = rows.last() else { return Ok(moved) };
        after.clone_from(&last.belongs);
        let (view, now) = (view::recent(b).await?, b.now());
        let mut groups: BTreeMap<(&str, &NodeName), Vec<&str>> = BTreeMap::new();
        for row in &rows {
            let (key, Some(at)) = (&row.belongs, &row.node) else {
                continue;
            };
            let lives = matches!(nodes::place(&view.nodes, now, key, Some(at)), Place::Here(_));
            let share_of = nodes::choose(&view.nodes, now, key).filter(|node| node.name.as_str() != at);
            if let Some(node) = share_of.filter(|_| lives) {
                groups.entry((at, &node.name)).or_default().push(key);
            }
        }
        for ((from, to), keys) in groups {
            // Who was moved by somebody else in between stays there.
            moved += write(b, of, Some(from), to, &keys).await?;
        }
    }
}

async fn read(b: &Backend, of: Of, keys: &[&str]) -> Result<BTreeMap<String, Option<String>>> {
    let (table, key) = of.table_and_key();
    let mut query = sql!("SELECT {key} AS belongs, node FROM {table} WHERE {key} IN ({keys})" {
        key: one_of(KEYS, key), table: one_of(TABLES, table), keys: list(1, keys.len()),
    })
    .prepared_if(keys.len() == 1);
    for key in keys {
        query = query.bind(*key);
    }
    // Not from a reader: what was just written by another must be seen.
    let rows: Vec<Assigned> = b.db().write().all(query).await?;
    Ok(rows.into_iter().map(|row| (row.belongs, row.node)).collect())
}

/// Those of these guards that belong to another node than this, and where; only hosts a guard can be sent to, which is neither none nor
/// this node's own.
#[crate::boxed]
pub async fn elsewhere(b: &Backend, guards: &[GuardId]) -> Result<Vec<(GuardId, Host)>> {
    let mut found = Vec::new();
    for guards in guards.chunks(ROWS_AT_ONCE) {
        let keys: Vec<&str> = guards.iter().map(GuardId::as_str).collect();
        let mut rows = read(b, Of::Guard, &keys).await?;
        let (ids, rows): (Vec<&GuardId>, Vec<Row>) = guards
            .iter()
            .filter_map(|id| Some((id, rows.remove_entry(id.as_str())?)))
            .unzip();
        let homes = settle(b, Of::Guard, rows).await?;
        for (id, home) in ids.into_iter().zip(homes) {
            let Some(Home { name, host: Some(host) }) = home else {
                continue;
            };
            if name != this(b).name && own_host(b) != Some(&host) {
                found.push((id.clone(), host));
            }
        }
    }
    Ok(found)
}
