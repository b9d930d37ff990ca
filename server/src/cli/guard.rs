//! `latchkey guard …`

use super::{CliError, Store, say};
use backend::Actor;
use backend::guard::inventory;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do about guards.
#[derive(Subcommand, Debug)]
pub enum Guard {
    /// Import devices from a CSV file (guardId,deviceKey)
    Import(Import),
}

/// A file of devices.
#[derive(Args, Debug)]
pub struct Import {
    #[command(flatten)]
    store: Store,
    /// The CSV file, in UTF-8, EUC-KR or GBK; - reads standard input
    file: PathBuf,
}

pub(super) async fn run(command: Guard) -> Result<(), CliError> {
    let Guard::Import(import) = command;
    let what = import.file.display().to_string();
    let bytes = read(&import.file).map_err(|source| CliError::Read {
        what: what.clone(),
        source,
    })?;
    let backend = import.store.open().await?;
    let report = inventory::import_csv(&backend, &Actor::Cli, &bytes).await?;
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

fn read(file: &std::path::Path) -> std::io::Result<Vec<u8>> {
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
        Ok(bytes)
    } else {
        std::fs::read(file)
    }
}
