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
mod cluster_kill;
mod cluster_outage;
mod cluster_postgres;
mod cluster_rig;
mod cluster_talk;
mod damaged_rows;
mod disk;
mod door_bridge;
mod door_bridge_kiosk;
mod edge;
mod edge_client;
mod edge_connections;
mod edge_log;
mod edge_nginx;
mod edge_trace;
mod engine;
mod forgotten;
mod forms;
mod function_forms;
mod functions;
mod functions_input;
mod functions_replay;
mod functions_rig;
mod growing;
mod guards_import;
mod identity;
mod inhabited;
mod json_schema;
mod link_again;
mod link_basics;
mod link_clock;
mod link_cuts;
mod link_drain;
mod link_flood;
mod link_frames;
mod link_proxy;
mod link_rig;
mod link_sim;
mod openapi;
mod operator_functions;
mod owner_live;
mod owner_records_csv;
mod owner_superiors;
mod pages;
mod process;
mod process_nodes;
mod registering;
mod repeats;
mod seam;
mod settings;
mod shown_passwords;
mod sign_bad_input;
mod sign_conversation;
mod sign_masked;
mod sign_rig;
mod sign_transport;
mod sign_who;
mod site;
mod v1_deposit;
mod v1_encrypt;
mod v1_idempotency;
mod v1_kiosk;
mod v1_qr;
mod v1_sync;
