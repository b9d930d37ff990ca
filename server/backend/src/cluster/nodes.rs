//! Nodes (SPEC 4.5): which processes there are, how they are, and what an operator does about them. Who belongs to which is in [`homes`],
//! the rules in [`domain::nodes`].
//!
//! All of it is rows. A node writes that it is there; everybody judges by those rows and their own clock. Nothing depends on it but where
//! somebody is sent: any node serves anybody, so a wrong answer costs a detour and never a refusal.

mod homes;
mod life;
mod view;

pub(crate) use homes::choice;
pub use homes::{Home, Of, Row, elsewhere, settle};
pub use life::{Beat, beat, register, start, stop};
pub use view::refresh;

use crate::core::bus::Hint;
use crate::core::db::{Statement, row, sql};
use crate::identity::Actor;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::guard::ids::GuardId;
use domain::ids::Millis;
pub use domain::nodes::NodeInfo;
use domain::nodes::{Condition, DEAD_AFTER_MS, HEARTBEAT_MS, Host, MOST_CLOCK_OFFSET_MS, NodeName, USUAL_WEIGHT};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use view::View;

/// A node that could not write its own heartbeat for so long gives the others time to write theirs: it was the database that did not answer.
const BLIND_AFTER_MS: i64 = 3 * HEARTBEAT_MS;

/// What this process is as a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeConfig {
    /// What it is called. Of two processes of one name the one that started last counts.
    pub name: NodeName,
    /// How much of the whole it takes, beside the others'.
    pub weight: u32,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            name: NodeName::of("node"),
            weight: USUAL_WEIGHT,
        }
    }
}

/// What the process keeps in memory about nodes.
pub(crate) struct State {
    config: NodeConfig,
    host: Option<Host>,
    /// Of this process, since it is a node.
    run: Mutex<Option<String>>,
    /// The last heartbeat of its own that was written, and before which nothing can be said of the others.
    heard: Mutex<Heard>,
    view: Mutex<Option<Arc<View>>>,
    /// One reads the rows, the others wait for what it finds.
    reading: tokio::sync::Mutex<()>,
    /// This machine's clock minus the database's, as it was last measured.
    clock_offset_ms: Mutex<Option<i64>>,
    draining: watch::Sender<bool>,
    /// How often guards may have been given other nodes while they are linked here.
    balanced: watch::Sender<u64>,
    /// Guards that were here and have no node that lives, to be given one together.
    homeless: Mutex<BTreeMap<GuardId, Option<String>>>,
}

/// What this process's own heartbeats say about those of others.
#[derive(Clone, Copy, Default)]
struct Heard {
    written_at: Option<Millis>,
    /// Its own heartbeats failed until then: so may those of others have, without their being dead.
    blind_until: Option<Millis>,
}

impl Heard {
    fn written(&mut self, now: Millis) {
        if self.written_at.is_some_and(|before| now.since(before) > BLIND_AFTER_MS) {
            self.blind_until = Some(now);
        }
        self.written_at = Some(now);
    }
}

impl State {
    pub(crate) fn new(config: NodeConfig, advertise: Option<&str>) -> Self {
        Self {
            config,
            host: advertise.and_then(Host::parse),
            run: Mutex::default(),
            heard: Mutex::default(),
            view: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            clock_offset_ms: Mutex::default(),
            draining: watch::Sender::new(false),
            balanced: watch::Sender::new(0),
            homeless: Mutex::default(),
        }
    }

    fn run(&self) -> Option<String> {
        locked(&self.run).clone()
    }

    /// Guards that are linked here may belong elsewhere now.
    pub(crate) fn guards_were_moved(&self) {
        self.balanced.send_modify(|times| *times += 1);
    }
}

/// A clock's difference to the database's, as far as it is reckoned with.
fn offset(measured_ms: Option<i64>) -> i64 {
    let near = measured_ms.filter(|ms| ms.saturating_abs() <= MOST_CLOCK_OFFSET_MS);
    near.unwrap_or(0)
}

/// A time that a node wrote by its clock, by this machine's: both are measured against the database's.
fn by_our_clock(b: &Backend, at: i64, of_node_ms: Option<i64>) -> i64 {
    let ours = offset(*locked(&b.nodes().clock_offset_ms));
    at.saturating_sub(offset(of_node_ms)).saturating_add(ours)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What this process is called and weighs.
pub fn this(b: &Backend) -> &NodeConfig {
    &b.nodes().config
}

/// Where others reach this process, where that was said.
pub(crate) fn own_host(b: &Backend) -> Option<&Host> {
    b.nodes().host.as_ref()
}

/// The names of all that are there for everybody, as of at most a second ago.
#[crate::boxed]
pub async fn live(b: &Backend) -> Result<Vec<NodeName>> {
    let (view, now) = (view::recent(b).await?, b.now());
    let live = view.nodes.iter().filter(|node| node.condition(now) == Condition::Live);
    Ok(live.map(|node| node.name.clone()).collect())
}

/// True while an operator wants everybody sent elsewhere from here.
pub fn draining(b: &Backend) -> watch::Receiver<bool> {
    b.nodes().draining.subscribe()
}

/// Another number each time [`balance`] moved guards, here or at another node.
pub fn balanced(b: &Backend) -> watch::Receiver<u64> {
    b.nodes().balanced.subscribe()
}

/// A guard is here whose row names this node, or none. Where that node is not alive, it gets one with the next heartbeat.
pub(crate) fn guard_is_here(b: &Backend, guard_id: &GuardId, node: Option<&str>) {
    let state = b.nodes();
    if state.run().is_none() || view::serves(b, node) {
        return;
    }
    locked(&state.homeless).insert(guard_id.clone(), node.map(str::to_owned));
}

row! {
    struct InfoRow {
        name: String,
        host: Option<String>,
        weight: i64,
        state: String,
        run: String,
        started_at: i64,
        seen_at: i64,
        stopped_at: Option<i64>,
        guards: i64,
        clock_offset_ms: Option<i64>,
    }
}

/// All nodes, by name.
#[crate::boxed]
pub async fn list(b: &Backend, actor: &Actor) -> Result<Vec<NodeInfo>> {
    actor.require_operator()?;
    let rows: Vec<InfoRow> = b.db().all(sql!(
        "SELECT name, host, weight, state, run, started_at, seen_at, stopped_at, guards, clock_offset_ms FROM nodes ORDER BY name",
    )).await?;
    let owners = counts(
        b,
        sql!("SELECT node, COUNT(*) AS number FROM owners WHERE node IS NOT NULL GROUP BY node"),
    )
    .await?;
    let guards = counts(
        b,
        sql!("SELECT node, COUNT(*) AS number FROM guards WHERE node IS NOT NULL GROUP BY node"),
    )
    .await?;
    let (now, run) = (b.now(), b.nodes().run());
    let of = |counts: &HashMap<String, i64>, name: &str| counts.get(name).map_or(0, |count| count.unsigned_abs());
    rows.into_iter()
        .map(|row| {
            let here = run.as_deref() == Some(row.run.as_str());
            let (owners, guards) = (of(&owners, &row.name), of(&guards, &row.name));
            let node = view::node(
                &row.name,
                row.host.as_deref(),
                row.weight,
                &row.state,
                by_our_clock(b, row.seen_at, row.clock_offset_ms),
                row.stopped_at,
            )?;
            let condition = node.condition(now);
            Ok(NodeInfo {
                condition,
                drained: node.draining,
                name: node.name,
                host: node.host,
                weight: node.weight,
                started_at: Millis(row.started_at),
                seen_at: node.seen_at,
                owners,
                guards,
                linked: if condition.is_alive() {
                    row.guards.unsigned_abs()
                } else {
                    0
                },
                here,
            })
        })
        .collect()
}

async fn counts(b: &Backend, counted: Statement<'_>) -> Result<HashMap<String, i64>> {
    row! {
        struct Count {
            node: String,
            number: i64,
        }
    }
    let rows: Vec<Count> = b.db().all(counted).await?;
    Ok(rows.into_iter().map(|row| (row.node, row.number)).collect())
}

/// Sends everybody elsewhere from this node, little by little, and nobody there any more, until [`undrain`].
#[crate::boxed]
pub async fn drain(b: &Backend, actor: &Actor, name: &NodeName) -> Result<()> {
    want(b, actor, name, "draining").await
}

/// Takes back [`drain`]. Who was sent elsewhere stays there.
#[crate::boxed]
pub async fn undrain(b: &Backend, actor: &Actor, name: &NodeName) -> Result<()> {
    want(b, actor, name, "live").await
}

/// What [`balance`] moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Owners whose clients are sent to another node from now on.
    pub owners: u64,
    /// Guards.
    pub guards: u64,
}

/// Gives every live node its share by weight, which a node that was added gets from those who are new only. Nobody moves who would be sent
/// where they are. Guards that are linked are told to go, little by little; one whose node does not hear of it goes when it next connects.
#[crate::boxed]
pub async fn balance(b: &Backend, actor: &Actor) -> Result<Moved> {
    actor.require_operator()?;
    refresh(b);
    let moved = Moved {
        owners: homes::rebalance(b, Of::Owner).await?,
        guards: homes::rebalance(b, Of::Guard).await?,
    };
    let by = actor.phone().map_or("the command line", |phone| phone.as_str());
    tracing::info!(moved.owners, moved.guards, by, "the nodes were balanced");
    b.nodes().guards_were_moved();
    b.bus().tell(Hint::Balanced);
    Ok(moved)
}

async fn want(b: &Backend, actor: &Actor, name: &NodeName, state: &str) -> Result<()> {
    actor.require_operator()?;
    let known = b
        .db()
        .execute(sql!(
            "UPDATE nodes SET state = $2 WHERE name = $1",
            name.as_str(),
            state
        ))
        .await?;
    if known == 0 {
        return Err(Refusal::Unknown);
    }
    done(b, actor, name, state);
    Ok(())
}

/// Forgets a node that is gone for good; [`Refusal::NodeAlive`] for one that is not. Those who were sent there are sent elsewhere when
/// somebody next asks, as they would be anyway.
#[crate::boxed]
pub async fn remove(b: &Backend, actor: &Actor, name: &NodeName) -> Result<()> {
    actor.require_operator()?;
    // The condition is in the statement, so that a node that comes back just now is not lost. What is on the left is by the database's clock, so
    // what is on the right is too.
    let ours = b.now().plus(-offset(*locked(&b.nodes().clock_offset_ms)));
    let removed = b
        .db()
        .execute(sql!(
            "DELETE FROM nodes WHERE name = $1 AND (stopped_at IS NOT NULL OR seen_at - CASE
             WHEN clock_offset_ms BETWEEN -CAST($3 AS BIGINT) AND CAST($3 AS BIGINT) THEN clock_offset_ms ELSE 0 END <= $2)",
            name.as_str(),
            ours.plus(-DEAD_AFTER_MS).0,
            MOST_CLOCK_OFFSET_MS
        ))
        .await?;
    if removed == 0 {
        let known: Option<i64> = b
            .db()
            .optional(sql!("SELECT weight FROM nodes WHERE name = $1", name.as_str()))
            .await?;
        return Err(known.map_or(Refusal::Unknown, |_| Refusal::NodeAlive));
    }
    done(b, actor, name, "removed");
    Ok(())
}

/// For the log, and for callers that go by what was so a second ago.
fn done(b: &Backend, actor: &Actor, name: &NodeName, what: &str) {
    let by = actor.phone().map_or("the command line", |phone| phone.as_str());
    tracing::info!(node = %name, by, "an operator's word about a node: {what}");
    changed(b);
}

/// Everybody reads the nodes again, the other nodes as well.
fn changed(b: &Backend) {
    refresh(b);
    b.bus().tell(Hint::Nodes);
}
