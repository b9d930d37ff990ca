//! `latchkey guard …`

use super::CliError;
use super::import::Import;
use backend::Actor;
use backend::guard::inventory;
use clap::Subcommand;

/// What to do about guards.
#[derive(Subcommand, Debug)]
pub enum Guard {
    /// Import devices from a CSV file (guardId,deviceKey)
    Import(Import),
}

pub(super) async fn run(command: Guard) -> Result<(), CliError> {
    let Guard::Import(import) = command;
    let bytes = import.read()?;
    let backend = import.store.open().await?;
    import.told(&inventory::import_csv(&backend, &Actor::Cli, &bytes).await?)
}
