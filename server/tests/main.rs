//! The server as its clients see it: the real router over a real database, on SQLite and, where `LATCHKEY_TEST_POSTGRES`
//! names a server, on PostgreSQL.

// A page is one nested type, a level for every element.
#![recursion_limit = "512"]

#[macro_use]
mod harness;
mod authz;
mod bad_input;
#[path = "../backend/tests/backend/citus.rs"]
mod citus;
mod cluster;
mod cluster_rig;
mod door_bridge_kiosk;
mod edge;
mod engine;
mod everything;
mod functions_rig;
mod identity;
mod link;
mod link_rig;
mod owner_messages;
mod pages;
mod peers;
mod process;
mod seam;
mod sign;
mod sign_rig;
mod uhppote_sim;
mod v1;
