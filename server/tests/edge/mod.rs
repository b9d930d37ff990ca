//! What lies around all routes: where a request comes from, bounds, headers, the log.

mod client;
mod connections;
mod log;
mod nginx;
mod requests;
mod trace;
