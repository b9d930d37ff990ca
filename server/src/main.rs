//! The binary `latchkey`.

use clap::Parser;
use server::config::{Command, CommandLine};
use server::{cli, run};
use std::process::ExitCode;

/// A page is many small allocations on several threads; this allocator is made for that and gives memory back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    run::log_to_standard_error();
    let outcome = match command {
        Command::Serve(settings) => run::run(settings, false).await,
        Command::Demo(settings) => run::run(settings, true).await,
        Command::Operator(command) => return cli::run(command).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}
