//! `latchkey order …`

use super::{CliError, Store, say};
use backend::Actor;
use backend::locker::orders;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do about orders.
#[derive(Subcommand, Debug)]
pub enum Order {
    /// Import orders from a CSV file (thingsSq,customerNo,customerName,address,meterKind,business,status)
    Import(Import),
}

/// A file of orders.
#[derive(Args, Debug)]
pub struct Import {
    #[command(flatten)]
    store: Store,
    /// The CSV file, in UTF-8, EUC-KR or GBK
    file: PathBuf,
}

pub(super) async fn run(command: Order) -> Result<(), CliError> {
    let Order::Import(import) = command;
    let what = import.file.display().to_string();
    let bytes = std::fs::read(&import.file).map_err(|source| CliError::Read {
        what: what.clone(),
        source,
    })?;
    let backend = import.store.open().await?;
    let report = orders::import_csv(&backend, &Actor::Cli, &bytes).await?;
    for error in &report.errors {
        eprintln!("{what}:{}: {}", error.line, say(&error.refusal));
    }
    println!(
        "{what} ({}): {} added, {} unchanged, {} refused",
        report.encoding,
        report.added,
        report.unchanged,
        report.errors.len()
    );
    match report.errors.len() {
        0 => Ok(()),
        refused => Err(CliError::Rows { refused }),
    }
}
