//! `latchkey order …`

use super::CliError;
use super::import::Import;
use backend::Actor;
use backend::locker::orders;
use clap::Subcommand;

/// What to do about orders.
#[derive(Subcommand, Debug)]
pub enum Order {
    /// Import orders from a CSV file (thingsSq,customerNo,customerName,address,meterKind,business,status)
    Import(Import),
}

pub(super) async fn run(command: Order) -> Result<(), CliError> {
    let Order::Import(import) = command;
    let bytes = import.read()?;
    let backend = import.store.open().await?;
    let report = orders::import_csv_with(&backend, &Actor::Cli, &bytes, import.options()).await?;
    if import.keeps_refused(&report) {
        let lines = orders::import::refused_of(&backend, &bytes, import.options(), &report.errors).await?;
        import.keep_refused(lines, &report)?;
    }
    import.told(&report)
}
