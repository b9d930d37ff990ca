//! `latchkey node …`

use super::{CliError, Opened, Store};
use backend::nodes::{self, NodeInfo};
use backend::{Actor, Backend};
use clap::{Args, Subcommand};
use domain::error::{Problem, Refusal};
use domain::nodes::{Condition, NodeName};

/// What to do about nodes.
#[derive(Subcommand, Debug)]
pub enum Node {
    /// List the nodes, how they are, and who is sent to each
    List(Store),
    /// Send everybody elsewhere from a node, little by little, until it is undrained
    Drain(Named),
    /// Let people and guards be sent to a node again
    Undrain(Named),
    /// Give every live node its share by weight, also of those who have another one: after a node was added
    Balance(Store),
    /// Forget a node that is gone for good
    Remove(Named),
}

/// One node.
#[derive(Args, Debug)]
pub struct Named {
    #[command(flatten)]
    store: Store,
    /// Its name, as in the list
    #[arg(value_name = "NAME")]
    name: String,
}

impl Named {
    async fn open(&self) -> Result<(Opened, NodeName), CliError> {
        let name = NodeName::parse(&self.name).ok_or_else(|| Refusal::field("name", Problem::Form))?;
        Ok((self.store.open().await?, name))
    }
}

pub(super) async fn run(command: Node) -> Result<(), CliError> {
    match command {
        Node::List(store) => {
            let backend = store.open().await?;
            print(&backend, &nodes::list(&backend, &Actor::Cli).await?);
        }
        Node::Drain(named) => {
            let (backend, name) = named.open().await?;
            nodes::drain(&backend, &Actor::Cli, &name).await?;
            println!("{name} drains: its guards are sent to the other nodes within the next seconds");
        }
        Node::Undrain(named) => {
            let (backend, name) = named.open().await?;
            nodes::undrain(&backend, &Actor::Cli, &name).await?;
            println!("{name} is there for everybody again");
        }
        Node::Balance(store) => {
            let backend = store.open().await?;
            let moved = nodes::balance(&backend, &Actor::Cli).await?;
            println!(
                "{} owners and {} guards have another node now; linked guards go there within the next seconds",
                moved.owners, moved.guards
            );
        }
        Node::Remove(named) => {
            let (backend, name) = named.open().await?;
            nodes::remove(&backend, &Actor::Cli, &name).await?;
            println!("{name} is forgotten");
        }
    }
    Ok(())
}

/// One line a node, in columns that a script can split at white space.
fn print(backend: &Backend, all: &[NodeInfo]) {
    let width = all
        .iter()
        .map(|node| node.name.as_str().len())
        .max()
        .unwrap_or(0)
        .max(4);
    let host_of = |node: &NodeInfo| node.host.as_ref().map_or("-", |host| host.as_str()).to_owned();
    let host_width = all.iter().map(|node| host_of(node).len()).max().unwrap_or(0).max(4);
    println!(
        "{:width$}  {:host_width$}  {:>6}  {:8}  {:>8}  {:>9}  {:>9}  {:>9}",
        "NAME", "HOST", "WEIGHT", "STATE", "SEEN", "OWNERS", "GUARDS", "LINKED"
    );
    for node in all {
        let seen = format!("{}s", backend.now().since(node.seen_at).max(0) / 1_000);
        println!(
            "{:width$}  {:host_width$}  {:>6}  {:8}  {seen:>8}  {:>9}  {:>9}  {:>9}",
            node.name.as_str(),
            host_of(node),
            node.weight,
            state(node.condition),
            node.owners,
            node.guards,
            node.linked,
        );
    }
}

fn state(condition: Condition) -> &'static str {
    match condition {
        Condition::Live => "live",
        Condition::Draining => "draining",
        Condition::Dead => "dead",
        Condition::Stopped => "stopped",
    }
}
