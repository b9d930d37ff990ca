//! The server as a library, so that tests and benches drive the very code the binary `latchkey` runs.

// A page is one nested type, a level for every element.
#![recursion_limit = "512"]

pub mod cli;
mod compress;
pub mod config;
pub mod demo;
pub mod door_bridge;
pub mod edge;
pub mod guard_sim;
pub mod health;
pub mod link;
pub mod listener;
pub mod live;
pub mod log;
mod memory;
mod open_files;
pub mod page;
pub mod router;
pub mod run;
pub mod session;
pub mod set_up;
pub mod sign;
pub mod site;
pub mod state;
pub mod tls;
pub mod v1;

use config::{Command, CommandLine, check_names};
use std::process::ExitCode;

/// What the binary does: reads the command line and carries it out.
#[tokio::main]
pub async fn main() -> ExitCode {
    let command = CommandLine::of_this_process().command;
    let usual = match &command {
        Command::Serve(_) | Command::Demo(_) | Command::Operator(cli::Command::DoorBridge(_)) => log::LOGGED,
        Command::Operator(_) => log::LOGGED_BY_COMMANDS,
    };
    let settings_hold = check_names()
        .map_err(|misspelt| misspelt.to_string())
        .and_then(|()| log::to_standard_error(usual).map_err(|bad| bad.to_string()));
    if let Err(error) = settings_hold {
        log::complain(&format!("error: {error}"));
        return ExitCode::FAILURE;
    }
    let outcome = match command {
        Command::Serve(settings) => run::run(settings, false).await,
        Command::Demo(settings) => run::run(settings, true).await,
        Command::Operator(command) => return cli::run(command).await,
    };
    log::flush();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::complain(&format!("error: {error}"));
            error.exit_code()
        }
    }
}
