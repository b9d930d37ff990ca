//! Nodes whose clocks differ.

use crate::harness::World;
use crate::nodes::named;
use backend::Actor;
use backend::clock::{Clock, SystemClock};
use backend::nodes;
use domain::error::Refusal;
use domain::ids::Millis;
use domain::nodes::{Condition, NodeName};
use std::sync::Arc;

/// The machine's clock, off by this number of milliseconds.
struct OffBy(i64);

impl Clock for OffBy {
    fn now(&self) -> Millis {
        SystemClock.now().plus(self.0)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_whose_clocks_are_a_minute_apart_take_each_other_for_alive() {
    let Some(w) = World::postgres().await else { return };
    let mut nodes = Vec::new();
    for (name, off_by) in [("early", 60_000), ("right", 0), ("late", -60_000)] {
        let node = w
            .node_with(|config| {
                config.node.name = NodeName::of(name);
                config.clock = Arc::new(OffBy(off_by));
            })
            .await;
        nodes::register(&node).await.unwrap();
        nodes.push(node);
    }
    for node in &nodes {
        nodes::refresh(node);
        let list = nodes::list(node, &Actor::Cli).await.unwrap();
        let conditions: Vec<Condition> = list.iter().map(|info| info.condition).collect();
        assert_eq!(conditions, [Condition::Live; 3], "{list:?}");
        assert_eq!(nodes::live(node).await.unwrap().len(), 3);
        for name in ["early", "late"] {
            assert_eq!(
                nodes::remove(node, &Actor::Cli, &named(name)).await,
                Err(Refusal::NodeAlive)
            );
        }
    }
    // One that has said nothing for a while is dead for all of them.
    w.sql("UPDATE nodes SET seen_at = seen_at - 20000 WHERE name = 'early'")
        .await;
    for node in &nodes {
        nodes::refresh(node);
        let list = nodes::list(node, &Actor::Cli).await.unwrap();
        assert_eq!(list[0].condition, Condition::Dead, "{list:?}");
    }
    assert_eq!(nodes::remove(&nodes[2], &Actor::Cli, &named("early")).await, Ok(()));
    for node in nodes {
        node.close().await;
    }
    w.end().await;
}
