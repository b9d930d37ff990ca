//! The server as a library, so that tests and benches drive the very code the binary `latchkey` runs.

// A page is one nested type, a level for every element.
#![recursion_limit = "512"]

pub mod cli;
pub mod config;
pub mod demo;
pub mod edge;
pub mod guard_sim;
pub mod health;
pub mod link;
pub mod live;
mod open_files;
pub mod page;
pub mod router;
pub mod run;
pub mod set_up;
pub mod sign;
pub mod site;
pub mod state;
pub mod tls;
pub mod v1;
