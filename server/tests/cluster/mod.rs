//! Several nodes on one database.

mod kill;
mod outage;
mod postgres;
mod talk;
