//! `latchkey key`

use super::{CliError, Store};
use backend::clock::SystemRng;
use backend::rotation::{self, Step};
use backend::{Actor, put_master_key_in_front};
use clap::{Args, Subcommand};

/// The master key.
#[derive(Subcommand, Debug)]
pub enum Key {
    /// Put a fresh master key in front of those in the data directory; nodes use it from their next start
    New(Place),
    /// Seal everything under the first master key, also while the server runs; then end the owners' tokens and let go of the older keys
    Rotate(Place),
}

/// Where the keys and the data are.
#[derive(Args, Debug)]
pub struct Place {
    #[command(flatten)]
    store: Store,
}

pub(super) async fn run(command: Key) -> Result<(), CliError> {
    match command {
        Key::New(place) => new(&place.store),
        Key::Rotate(place) => rotate(&place.store).await,
    }
}

fn new(store: &Store) -> Result<(), CliError> {
    let path = put_master_key_in_front(&store.data, &SystemRng)?;
    println!(
        "{}: a new master key is in front. Copy the file to every node, start them again one after the other, and then run: latchkey key rotate",
        path.display()
    );
    Ok(())
}

async fn rotate(store: &Store) -> Result<(), CliError> {
    let backend = store.open().await?;
    let told = async |step: Step| match step {
        Step::Sealed { table, rows } => println!("{table}: {rows} rows sealed under the first key"),
        Step::Damaged { table, column, row } => {
            println!("{table}: {column} of {row} cannot be opened by any key; it stays as it is");
        }
    };
    let rotated = rotation::rotate(&backend, &Actor::Cli, told).await?;
    println!("{} values sealed, {} damaged", rotated.sealed, rotated.damaged);
    if rotated.retired {
        println!(
            "Owners have to sign in again. Nothing needs the older keys now but archives and backups from before: \
             keep them with those, take them out of master.key or LATCHKEY_MASTER_KEY on every node, and start the nodes again"
        );
    } else {
        println!("Everything was under the first key already");
    }
    Ok(())
}
