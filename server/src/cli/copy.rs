//! `latchkey copy`

use super::CliError;
use backend::copy::{self, Step};
use clap::Args;

/// From where to where.
#[derive(Args, Debug)]
pub struct Copy {
    /// The database to read: sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME
    #[arg(long, value_name = "URL")]
    from: String,
    /// The database to fill, which nobody has used yet
    #[arg(long, value_name = "URL")]
    to: String,
    /// Empty a target that an earlier copy left unfinished, and begin again
    #[arg(long)]
    start_over: bool,
}

pub(super) async fn run(command: Copy) -> Result<(), CliError> {
    let mut rows = 0;
    let told = async |step: Step| match step {
        Step::Copied { table, sum } => println!("{table}: {} rows copied", sum.rows),
        Step::Verified { table, sum } => {
            rows += sum.rows;
            println!("{table}: {} rows read back, sum {sum}: the same", sum.rows);
        }
    };
    copy::copy(&command.from, &command.to, command.start_over, told).await?;
    println!(
        "{rows} rows in all, as they were when the copy began. What the source's nodes have written since is not in it.\n\
         The master key is in no database: give every node of the copy the master.key the source has had, or the same LATCHKEY_MASTER_KEY."
    );
    Ok(())
}
