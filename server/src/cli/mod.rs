//! The commands that do an operator's work from a shell, also while the server runs.

use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Where the data is; the same for every command.
#[derive(Args, Clone, Debug)]
pub struct Store {
    /// Directory of the SQLite file, the master key and backups
    #[arg(long, value_name = "DIR", env = "LATCHKEY_DATA", default_value = "./data")]
    pub data: PathBuf,
    /// sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME instead of the SQLite file in the data directory
    #[arg(long, value_name = "URL", env = "LATCHKEY_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

/// An operator's commands.
#[derive(Subcommand, Debug)]
pub enum Command {}

/// Runs a command; says what it did, or in one line why not.
pub async fn run(command: Command) -> ExitCode {
    match command {}
}
