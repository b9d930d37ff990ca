//! `latchkey guard …`

use super::import::Import;
use super::{CliError, Store};
use backend::Actor;
use backend::guard::{inventory, link};
use clap::Subcommand;

/// What to do about guards.
#[derive(Subcommand, Debug)]
pub enum Guard {
    /// Import devices from a CSV file (guardId,deviceKey)
    Import(Import),
    /// Send every guard all its grants again, after the database was put back to an earlier moment by other means than latchkey restore
    NewHistory(Store),
}

pub(super) async fn run(command: Guard) -> Result<(), CliError> {
    match command {
        Guard::Import(import) => {
            let bytes = import.read()?;
            let backend = import.store.open().await?;
            let report = inventory::import_csv_with(&backend, &Actor::Cli, &bytes, import.options()).await?;
            if import.keeps_refused(&report) {
                let lines = inventory::refused_of(&backend, &bytes, import.options(), &report.errors).await?;
                import.keep_refused(lines, &report)?;
            }
            import.told(&report)
        }
        Guard::NewHistory(store) => {
            let backend = store.open().await?;
            link::begin_history(&backend).await?;
            println!(
                "every guard gets all its grants again when it connects; nodes that are running must be restarted"
            );
            Ok(())
        }
    }
}
