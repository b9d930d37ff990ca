//! Guards are sent elsewhere: before this process ends, while an operator drains this node, and when they were given another node.

use super::links::LinkId;
use crate::state::AppState;
use backend::{Backend, nodes};
use domain::guard::ids::GuardId;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Guards that are told to go within one step.
const AT_ONCE: usize = 50;
const STEP: Duration = Duration::from_millis(250);
/// While a node drains somebody may still come to it, and other nodes may come and go.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A guard that was just told to go may be back because nobody answered there: it stays for so long.
const STAYS: Duration = Duration::from_secs(5);
/// Longest wait for the database before an end.
const ASKED_WITHIN: Duration = Duration::from_secs(2);

/// Sends every guard elsewhere while an operator wants that of this node, two hundred a second, until the process stops.
pub async fn while_drained(state: AppState) {
    let mut wanted = nodes::draining(&state.backend);
    let mut stopping = state.stopping.subscribe();
    let draining = async {
        while wanted.wait_for(|draining| *draining).await.is_ok() {
            let linked = state.links.linked_for(STAYS);
            // A failure is in the log, and this is tried again.
            let told = spread(&state, linked, AT_ONCE, STEP, || *wanted.borrow()).await;
            if told > 0 {
                tracing::info!(told, "guards were sent to other nodes");
            }
            sleep(LOOK_AGAIN).await;
        }
    };
    tokio::select! {
        () = draining => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

/// Sends those guards elsewhere that belong there, once each time the nodes were balanced, two hundred a second, until the process stops.
pub async fn when_balanced(state: AppState) {
    let mut balanced = nodes::balanced(&state.backend);
    let mut stopping = state.stopping.subscribe();
    let sending = async {
        while balanced.changed().await.is_ok() {
            let linked = state.links.linked_for(Duration::ZERO);
            let told = spread(&state, linked, AT_ONCE, STEP, || true).await;
            tracing::info!(told, "guards were sent to the nodes that have them now");
        }
    };
    tokio::select! {
        () = sending => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

/// Sends every guard to where it belongs when this node is not there any more, spread over `within`. Those that have nowhere to go stay.
pub async fn before_the_end(state: &AppState, within: Duration) {
    let linked = state.links.linked_for(Duration::ZERO);
    let all = linked.len();
    if all == 0 {
        return;
    }
    let until = Instant::now() + within;
    let steps = usize::try_from(within.as_millis() / STEP.as_millis().max(1))
        .unwrap_or(1)
        .max(1);
    let told = spread(state, linked, (all / steps).max(AT_ONCE), STEP, || {
        Instant::now() < until
    })
    .await;
    tracing::info!(
        told,
        stayed = all - told,
        "guards were sent to other nodes before the end"
    );
}

/// Tells guards step by step, for as long as `go_on` says so; how many were told.
async fn spread(
    state: &AppState,
    linked: Vec<(LinkId, GuardId)>,
    at_once: usize,
    step: Duration,
    go_on: impl Fn() -> bool,
) -> usize {
    let mut told = 0;
    for some in linked.chunks(at_once) {
        if !go_on() {
            break;
        }
        let begun = Instant::now();
        let hosts = hosts(&state.backend, some).await;
        for (link, guard) in some {
            if let Some(host) = hosts.get(guard)
                && state.links.send(*link, host.clone())
            {
                told += 1;
            }
        }
        if !hosts.is_empty() && some.len() == at_once {
            sleep(step.saturating_sub(begun.elapsed())).await;
        }
    }
    told
}

async fn hosts(b: &Backend, guards: &[(LinkId, GuardId)]) -> HashMap<GuardId, String> {
    let ids: Vec<GuardId> = guards.iter().map(|(_, guard)| guard.clone()).collect();
    let asked = tokio::time::timeout(ASKED_WITHIN, nodes::elsewhere(b, &ids)).await;
    // Where the database does not answer they go back where they came from.
    let found = asked.unwrap_or(Ok(Vec::new())).unwrap_or_default();
    found
        .into_iter()
        .map(|(guard, host)| (guard, host.in_brackets()))
        .collect()
}
