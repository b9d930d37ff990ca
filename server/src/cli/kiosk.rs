//! `latchkey kiosk …`

use super::{CliError, Store};
use backend::locker::kiosks::{self, NewKiosk};
use backend::{Actor, Backend};
use clap::{Args, Subcommand};
use domain::ids::Yid;

/// What to do about kiosks.
#[derive(Subcommand, Debug)]
pub enum Kiosk {
    /// Add a kiosk and print an enrolment code
    Add(Add),
    /// Print a fresh enrolment code; the one before ends
    Code(Code),
    /// List the kiosks
    List(List),
}

/// A new kiosk.
#[derive(Args, Debug)]
pub struct Add {
    #[command(flatten)]
    store: Store,
    /// Its number
    #[arg(long)]
    yid: i64,
    /// Its name
    #[arg(long)]
    name: String,
    /// Where it stands
    #[arg(long, default_value = "")]
    address: String,
    /// Number of lock boards (jumper 1 and up)
    #[arg(long)]
    boards: i64,
    /// Ports on each board (serial 1 and up)
    #[arg(long)]
    ports: i64,
    /// Given secret of a legacy kiosk; weak, so leave it out where you can
    #[arg(long)]
    secret: Option<String>,
}

/// An enrolment code.
#[derive(Args, Debug)]
pub struct Code {
    #[command(flatten)]
    store: Store,
    /// The kiosk's number
    #[arg(long)]
    yid: i64,
}

/// All kiosks.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    store: Store,
}

pub(super) async fn run(command: Kiosk) -> Result<(), CliError> {
    match command {
        Kiosk::Add(add) => {
            let Add {
                store,
                yid,
                name,
                address,
                boards,
                ports,
                secret,
            } = add;
            let backend = store.open().await?;
            let new = NewKiosk {
                yid,
                name,
                address,
                boards,
                ports,
                secret,
            };
            let kiosk = kiosks::add(&backend, &Actor::Cli, new).await?;
            println!(
                "added kiosk {} ({}) with {} compartments",
                kiosk.yid, kiosk.name, kiosk.counts.total
            );
            if kiosk.legacy {
                println!("warning: a given secret is weak; this kiosk is marked as legacy");
            }
            print_code(&backend, kiosk.yid).await?;
        }
        Kiosk::Code(code) => {
            let backend = code.store.open().await?;
            print_code(&backend, Yid(code.yid)).await?;
        }
        Kiosk::List(list) => {
            let backend = list.store.open().await?;
            for kiosk in kiosks::list_all(&backend, &Actor::Cli).await? {
                let enrolled = kiosk.enrolled_at.map_or_else(|| "never".to_owned(), |at| at.to_iso());
                let weak = if kiosk.legacy { "\tlegacy" } else { "" };
                println!(
                    "{}\t{}\t{} compartments\tenrolled {enrolled}{weak}",
                    kiosk.yid, kiosk.name, kiosk.counts.total
                );
            }
        }
    }
    Ok(())
}

async fn print_code(backend: &Backend, yid: Yid) -> Result<(), CliError> {
    let code = kiosks::enrolment_code(backend, &Actor::Cli, yid).await?;
    println!(
        "enrolment code for kiosk {yid}: {} (until {})",
        code.code,
        code.expires.to_iso()
    );
    Ok(())
}
