//! The commands that do an operator's work from a shell, also while the server runs. Each prints what it did, or in one line why
//! not, and then ends with a status other than zero.

mod archive;
mod backup;
mod business;
mod clock;
mod copy;
mod guard;
mod import;
mod key;
mod kiosk;
mod migrate;
mod node;
mod order;
mod user;

use crate::config::ignored_parameter;
use crate::door_bridge::{self, DoorBridge};
use crate::guard_sim::{self, GuardSim, SimError};
use crate::log;
use backend::archive::ArchiveError;
use backend::copy::CopyError;
use backend::rotation::RotateError;
use backend::{Backend, Config, OpenError};
use clap::{Args, Subcommand};
use domain::error::{Problem, Refusal};
use domain::phone::{Home, set_home};
use islands::i18n::Locale;
use islands::words::{problem_text, refusal_text};
use std::ops::Deref;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::runtime::Handle;

/// Where the data is; the same for every command.
#[derive(Args, Clone, Debug)]
pub struct Store {
    /// Directory of the SQLite file, the master key and backups
    #[arg(long, value_name = "DIR", env = "LATCHKEY_DATA", default_value = "./data")]
    pub data: PathBuf,
    /// sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME instead of the SQLite file in the data directory
    #[arg(long, value_name = "URL", env = "LATCHKEY_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Countries whose phone numbers are written without their calling code; the first counts where two could be meant
    #[arg(long, value_name = "KR,CN,…", env = "LATCHKEY_COUNTRY", default_value_t)]
    pub country: Home,
}

/// An operator's commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// People who may sign in
    #[command(subcommand)]
    User(user::User),
    /// Contractor companies
    #[command(subcommand)]
    Business(business::Business),
    /// Kiosks and their enrolment
    #[command(subcommand)]
    Kiosk(kiosk::Kiosk),
    /// Orders
    #[command(subcommand)]
    Order(order::Order),
    /// Guards of doors
    #[command(subcommand)]
    Guard(guard::Guard),
    /// The clock by which guards decide
    #[command(subcommand)]
    Clock(clock::Clock),
    /// Bring the database's tables up to date, as every start does, and say from which version to which
    Migrate(migrate::Migrate),
    /// Copy everything into a file, also while the server runs, and verify it
    Backup(backup::Backup),
    /// Fill a database nobody has used from such a file
    Restore(backup::Restore),
    /// Copy everything into another database of either engine, and verify it
    Copy(copy::Copy),
    /// Write old months of records and events into files, and remove them if asked to
    Archive(archive::Archive),
    /// The master key, and what is sealed under it
    #[command(subcommand)]
    Key(key::Key),
    /// Nodes that share a database
    #[command(subcommand)]
    Node(node::Node),
    /// A simulated guard, or a fleet of them
    GuardSim(Box<GuardSim>),
    /// Doors of other makers as guards
    #[command(subcommand)]
    DoorBridge(Box<DoorBridge>),
}

/// Why a command did nothing, in one line.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The data could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The driver would ignore a part of the database's address.
    #[error("--database-url has a parameter that the database driver does not know: {0}")]
    DatabaseParameter(String),
    /// The use case refused.
    #[error("{}", say(.0))]
    Refused(#[from] Refusal),
    /// A file or standard input could not be read.
    #[error("{what}: {source}")]
    Read {
        /// What was to be read.
        what: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("{what}: {source}")]
    Write {
        /// What was to be written.
        what: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The simulated guard ended.
    #[error(transparent)]
    Sim(#[from] SimError),
    /// The copy is not whole.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// Not everything is sealed under the first key.
    #[error(transparent)]
    Rotate(#[from] RotateError),
    /// Not everything was archived.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The tables are not what this program needs.
    #[error(
        "the tables stand at version {from} and this program needs {to}: latchkey migrate, or a start, brings them there"
    )]
    Behind {
        /// What was found.
        from: i64,
        /// What is needed.
        to: i64,
    },
    /// Some rows of a file were refused; the report was printed.
    #[error("{refused} rows were refused; the others stand")]
    Rows {
        /// How many.
        refused: usize,
    },
}

fn say(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Field {
            problem: Problem::Encoding,
            ..
        } => "the file is Korean or Chinese, and there is too little text to tell which: give --encoding euc-kr or --encoding gbk".to_owned(),
        Refusal::Field { field, problem } => format!("{field}: {}", problem_text(Locale::en, problem)),
        other => refusal_text(Locale::en, other),
    }
}

/// Runs a command; says what it did, or in one line why not.
pub async fn run(command: Command) -> ExitCode {
    let outcome = match command {
        Command::User(command) => user::run(command).await,
        Command::Business(command) => business::run(command).await,
        Command::Kiosk(command) => kiosk::run(command).await,
        Command::Order(command) => order::run(command).await,
        Command::Guard(command) => guard::run(command).await,
        Command::Clock(command) => clock::run(command).await,
        Command::Migrate(command) => migrate::run(command).await,
        Command::Backup(command) => backup::backup(command).await,
        Command::Restore(command) => backup::restore(command).await,
        Command::Copy(command) => copy::run(command).await,
        Command::Archive(command) => archive::run(command).await,
        Command::Key(command) => key::run(command).await,
        Command::Node(command) => node::run(command).await,
        Command::DoorBridge(bridge) => door_bridge::run(*bridge).await.map_err(CliError::from),
        Command::GuardSim(sim) => guard_sim::run(*sim).await.map_err(CliError::from),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::complain(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

impl Store {
    /// Reads phone numbers as the deployment's countries write them, from now on.
    pub fn use_country(&self) {
        set_home(self.country.clone());
    }

    fn config(&self) -> Config {
        self.use_country();
        Config::new(&self.data, self.database_url.clone())
    }

    async fn open(&self) -> Result<Opened, CliError> {
        if let Some(parameter) = self.database_url.as_deref().and_then(ignored_parameter) {
            return Err(CliError::DatabaseParameter(parameter));
        }
        Ok(Opened(Backend::open(self.config()).await?))
    }
}

/// What a command works on. It is closed at the command's end, so that running nodes hear at once of what it changed.
struct Opened(Backend);

impl Deref for Opened {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.0
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        tokio::task::block_in_place(|| Handle::current().block_on(self.0.close()));
    }
}

/// Reads the first line of standard input.
fn line_from_stdin(what: &str) -> Result<String, CliError> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|source| CliError::Read {
        what: what.to_owned(),
        source,
    })?;
    Ok(first_line(&line).to_owned())
}

/// A line without its end, and without the byte order mark that PowerShell puts in front of what it pipes.
fn first_line(line: &str) -> &str {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    line.trim_end_matches(['\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn a_line_has_no_byte_order_mark_and_no_line_end() {
        for piped in ["\u{feff}correct horse\r\n", "correct horse\n", "correct horse"] {
            assert_eq!(first_line(piped), "correct horse");
        }
        assert_eq!(first_line(" pass word \n"), " pass word ");
    }
}
