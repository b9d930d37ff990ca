//! `latchkey clock …`

use super::{CliError, Store};
use backend::{Actor, known_time};
use clap::Subcommand;

/// What to do about the clock.
#[derive(Subcommand, Debug)]
pub enum Clock {
    /// Say that this machine's clock is right now and was ahead before, so that later moments in the database do not count
    Trust(Store),
}

pub(super) async fn run(command: Clock) -> Result<(), CliError> {
    let Clock::Trust(store) = command;
    let backend = store.open().await?;
    match known_time::trust(&backend, &Actor::Cli).await? {
        Some(newest) => println!(
            "the clock is right: moments up to {} do not count any more, and guards are given the time within seconds",
            newest.to_iso()
        ),
        None => println!("nothing to do: the database knows no moment that has not come yet"),
    }
    Ok(())
}
