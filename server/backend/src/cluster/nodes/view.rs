//! The nodes as their rows were a moment ago.

use super::{by_our_clock, locked};
use crate::core::db::{fault, row, sql};
use crate::{Backend, Result};
use domain::ids::Millis;
use domain::nodes::{Condition, Host, Node, NodeName};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Rows that were read so long ago are read again.
const RECENT: Duration = Duration::from_secs(1);

pub(super) struct View {
    pub(super) nodes: Vec<Node>,
    /// Before they were read.
    at: Instant,
    /// The number of changes other nodes had told of before they were read.
    told: u64,
}

row! {
    struct Row {
        name: String,
        host: Option<String>,
        weight: i64,
        state: String,
        seen_at: i64,
        stopped_at: Option<i64>,
        clock_offset_ms: Option<i64>,
    }
}

/// What is kept in memory is asked for again: another node, or an operator, changed something.
pub fn refresh(b: &Backend) {
    *locked(&b.nodes().view) = None;
}

/// As they were at most a second ago.
pub(super) async fn recent(b: &Backend) -> Result<Arc<View>> {
    match kept(b).filter(|view| view.at.elapsed() < RECENT && view.told == b.bus().nodes_changed()) {
        Some(view) => Ok(view),
        None => since(b, Instant::now()).await,
    }
}

/// As they were at `asked` or later. Of many that ask at once one reads.
pub(super) async fn since(b: &Backend, asked: Instant) -> Result<Arc<View>> {
    let _turn = b.nodes().reading.lock().await;
    if let Some(view) = kept(b).filter(|view| view.at >= asked) {
        return Ok(view);
    }
    let (at, told) = (Instant::now(), b.bus().nodes_changed());
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            "SELECT name, host, weight, state, seen_at, stopped_at, clock_offset_ms FROM nodes ORDER BY name"
        ))
        .await?;
    let blind_until = locked(&b.nodes().heard).blind_until;
    let nodes: Result<Vec<Node>> = rows
        .iter()
        .map(|row| {
            let host = row.host.as_deref();
            let seen_at = by_our_clock(b, row.seen_at, row.clock_offset_ms);
            let mut node = node(&row.name, host, row.weight, &row.state, seen_at, row.stopped_at)?;
            node.seen_at = node.seen_at.max(blind_until.unwrap_or(node.seen_at));
            Ok(node)
        })
        .collect();
    let view = Arc::new(View {
        nodes: nodes?,
        at,
        told,
    });
    *locked(&b.nodes().view) = Some(view.clone());
    Ok(view)
}

fn kept(b: &Backend) -> Option<Arc<View>> {
    locked(&b.nodes().view).clone()
}

/// Is this a node that is there for everybody, as far as is known without asking?
pub(super) fn serves(b: &Backend, name: Option<&str>) -> bool {
    let (Some(view), Some(name)) = (kept(b), name) else {
        return false;
    };
    let now = b.now();
    let mut nodes = view.nodes.iter();
    nodes.any(|node| node.name.as_str() == name && node.condition(now) == Condition::Live)
}

pub(super) fn node(
    name: &str,
    host: Option<&str>,
    weight: i64,
    state: &str,
    seen_at: i64,
    stopped_at: Option<i64>,
) -> Result<Node> {
    Ok(Node {
        name: NodeName::parse(name).ok_or_else(|| fault("a node without a proper name"))?,
        host: host.and_then(Host::parse),
        weight: u32::try_from(weight).unwrap_or(0),
        draining: state == "draining",
        stopped: stopped_at.is_some(),
        seen_at: Millis(seen_at),
    })
}
