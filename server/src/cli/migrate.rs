//! `latchkey migrate`

use super::{CliError, Store};
use backend::migrations::{self, Versions};
use clap::Args;

/// What to do about the tables.
#[derive(Args, Debug)]
pub struct Migrate {
    #[command(flatten)]
    store: Store,
    /// Only say whether something is to be done; ends with a status other than zero if so
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(command: Migrate) -> Result<(), CliError> {
    let url = command.store.config().database_url;
    if !command.check {
        println!("{}", done(migrations::migrate(&url).await?));
        return Ok(());
    }
    let versions = migrations::look(&url).await?;
    if versions.is_current() {
        println!("{}", done(versions));
        return Ok(());
    }
    Err(CliError::Behind {
        from: versions.from,
        to: versions.to,
    })
}

fn done(versions: Versions) -> String {
    let Versions { from, to } = versions;
    if versions.is_current() {
        format!("the tables are up to date: version {to}")
    } else if from == 0 {
        format!("the tables were made: version {to}")
    } else {
        format!("the tables were brought up to date: version {from} to {to}")
    }
}
