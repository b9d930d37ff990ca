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
    #[arg(long, value_name = "MONTH", required_unless_present = "restore")]
    before: Option<Month>,
    /// Directory of the files: for each month and table one of CSV, packed with gzip, and a manifest
    #[arg(long, value_name = "DIR", required_unless_present = "restore")]
    to: Option<PathBuf>,
    /// Remove from the database what is in the files, after reading them back
    #[arg(long)]
    drop: bool,
    /// Put the rows of such a file, or of all in a directory, back into the database instead
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["before", "to", "drop"])]
    restore: Option<PathBuf>,
}

pub(super) async fn run(command: Archive) -> Result<(), CliError> {
    let backend = command.store.open().await?;
    match (&command.restore, command.before, &command.to) {
        (Some(from), ..) => archive::restore(&backend, from, async |step| say(&step)).await?,
        (None, Some(before), Some(to)) => {
            let mut months = 0;
            let told = async |step: Step| {
                months += 1;
                say(&step);
            };
            archive::archive(&backend, before, to, command.drop, told).await?;
            if months == 0 {
                println!("nothing is older than {before}");
            }
        }
        // The command line sees to it that there is one of them.
        _ => {}
    }
    Ok(())
}

fn say(step: &Step) {
    let (done, month) = match step {
        Step::Written(month) => ("written".to_owned(), month),
        Step::There(month) => ("already there".to_owned(), month),
        Step::Dropped(month) => ("removed from the database".to_owned(), month),
        Step::Restored { archived, new } => (format!("{new} of them new in the database"), archived),
    };
    println!(
        "{} {}: {} rows, {done}: {}",
        month.table,
        month.month,
        month.rows,
        month.file.display()
    );
}
