//! A city's day in a minute: owners and their clients, staff and their phones, and doors that are opened, all at once, against one node or several.
//!
//! Requests come when they come, whether or not those before were answered (open loop), and each is timed from when it should have been sent. So a server
//! that stands still for a second is charged with everybody who would have waited, not with the few whose turn it was.

pub mod closed_loop;
mod mix;
mod open_loop;
mod report;
mod world;

use crate::guards::Fleet;
use crate::world::Server;
use clap::Parser;
use open_loop::Plan;
use std::path::PathBuf;
use std::time::Duration;
pub use world::City;

/// What traffic, against what
#[derive(Parser, Debug)]
#[command(name = "city")]
pub struct Options {
    /// Requests a second, on average
    #[arg(long, default_value_t = 400.0)]
    rate: f64,
    /// How long, after three seconds that do not count
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Owners
    #[arg(long, default_value_t = 50)]
    owners: u32,
    /// Guards of all owners together
    #[arg(long, default_value_t = 1000)]
    guards: u32,
    /// People who come to each door in a minute
    #[arg(long, default_value_t = 6.0)]
    openings: f64,
    /// Orders
    #[arg(long, default_value_t = 50_000)]
    orders: u32,
    /// Connections over which requests come
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// How many nodes, on PostgreSQL
    #[arg(
        long,
        default_value_t = 1,
        requires_if("2", "database"),
        requires_if("3", "database")
    )]
    nodes: usize,
    /// postgres://USER:PASSWORD@HOST/NAME, empty, instead of SQLite
    #[arg(long)]
    database: Option<String>,
    /// Where the picture goes
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/city.svg"))]
    picture: PathBuf,
}

/// Prepares, loads and reports.
pub async fn measure(arguments: impl Iterator<Item = String>) {
    let options = Options::parse_from(arguments);
    eprintln!("building a city …");
    let city = City::build(&options).await;
    let mut servers: Vec<Server> = (0..options.nodes).map(|node| city.serve(node)).collect();
    let entry = city.enter(&servers[0], &options).await;
    let addresses: Vec<_> = servers.iter().map(Server::address).collect();
    let fleet = (options.guards > 0).then(|| {
        eprintln!("linking {} guards …", options.guards);
        let mut fleet = Fleet::of(
            options.guards,
            &addresses,
            &["--records-per-minute", &options.openings.to_string()],
        );
        fleet.all_linked();
        fleet
    });
    eprintln!("loading …");
    let plan = Plan {
        rate: options.rate,
        warm_up: Duration::from_secs(3),
        lasts: Duration::from_secs(options.seconds),
        connections: options.connections,
    };
    let outcome = open_loop::run(&addresses, &plan, &entry).await;
    let doors = fleet.map(Fleet::last_line);
    for server in &mut servers {
        server.stop();
    }
    println!("{}", report::table(&outcome, &plan));
    if let Some(doors) = doors {
        println!("doors: {doors}");
    }
    report::picture(&outcome, &options.picture);
    println!("picture: {}", options.picture.display());
}
