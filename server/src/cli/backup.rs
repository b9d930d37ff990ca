//! `latchkey backup` and `latchkey restore`

use super::{CliError, Store};
use backend::clock::{Clock, SystemClock};
use backend::copy::{self, Step};
use clap::Args;
use std::path::PathBuf;

/// What to back up, and where to.
#[derive(Args, Debug)]
pub struct Backup {
    #[command(flatten)]
    store: Store,
    /// Directory of the backups; each is one SQLite file, whatever the database is
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// What to restore.
#[derive(Args, Debug)]
pub struct Restore {
    #[command(flatten)]
    store: Store,
    /// A file that latchkey backup made
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Empty a database that an earlier attempt left unfinished, and begin again
    #[arg(long)]
    start_over: bool,
    /// Restore also a file that has no checksum (FILE.sha256) beside it
    #[arg(long)]
    unchecked: bool,
}

pub(super) async fn backup(command: Backup) -> Result<(), CliError> {
    let mut rows = 0;
    let path = copy::backup(
        &command.store.config().database_url,
        &command.to,
        SystemClock.now(),
        async |step| count(&mut rows, step),
    )
    .await?;
    println!(
        "{}: {rows} rows, read back; its checksum is beside it. The master key is not in it: keep it elsewhere",
        path.display()
    );
    Ok(())
}

pub(super) async fn restore(command: Restore) -> Result<(), CliError> {
    let mut rows = 0;
    let data = &command.store.data;
    std::fs::create_dir_all(data).map_err(|source| CliError::Read {
        what: data.display().to_string(),
        source,
    })?;
    let url = command.store.config().database_url;
    let what = copy::Restore {
        file: &command.from,
        to: &url,
        aside: data,
        start_over: command.start_over,
        unchecked: command.unchecked,
        now: SystemClock.now(),
    };
    copy::restore(what, async |step| count(&mut rows, step)).await?;
    println!("{rows} rows restored and read back. It needs the master key of the database the backup is of");
    Ok(())
}

fn count(rows: &mut u64, step: Step) {
    if let Step::Verified { sum, .. } = step {
        *rows += sum.rows;
    }
}
