//! `latchkey business …`

use super::{CliError, Store};
use backend::{Actor, businesses};
use clap::{Args, Subcommand};

/// What to do about businesses.
#[derive(Subcommand, Debug)]
pub enum Business {
    /// Add a business
    Add(Add),
}

/// A new business.
#[derive(Args, Debug)]
pub struct Add {
    #[command(flatten)]
    store: Store,
    /// Its name
    name: String,
}

pub(super) async fn run(command: Business) -> Result<(), CliError> {
    let Business::Add(add) = command;
    let backend = add.store.open().await?;
    let business = businesses::add(&backend, &Actor::Cli, &add.name).await?;
    println!("added business {}", business.name);
    Ok(())
}
