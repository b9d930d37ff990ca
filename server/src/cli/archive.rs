//! `latchkey archive`

use super::{CliError, Store};
use backend::archive::{self, Step};
use backend::partitions::Month;
use clap::Args;
use std::path::PathBuf;

/// What to archive, and where to.
#[derive(Args, Debug)]
pub struct Archive {
    #[command(flatten)]
    store: Store,
    /// Months (of UTC) before this one, such as 2026-01
    #[arg(long, value_name = "MONTH")]
    before: Month,
    /// Directory of the files: for each month and table one of CSV, packed with gzip, and a manifest
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Remove from the database what is in the files, after reading them back
    #[arg(long)]
    drop: bool,
}

pub(super) async fn run(command: Archive) -> Result<(), CliError> {
    let backend = command.store.open().await?;
    let mut months = 0;
    let told = async |step: Step| {
        let (done, month) = match step {
            Step::Written(month) => ("written", month),
            Step::There(month) => ("already there", month),
            Step::Dropped(month) => ("removed from the database", month),
        };
        months += 1;
        println!(
            "{} {}: {} rows, {done}: {}",
            month.table,
            month.month,
            month.rows,
            month.file.display()
        );
    };
    archive::archive(&backend, command.before, &command.to, command.drop, told).await?;
    if months == 0 {
        println!("nothing is older than {}", command.before);
    }
    Ok(())
}
