//! The outbox: what a phone without network wants done, in sentences and in any order of network, kill, restart and conflict.

mod rules;
mod walk;
mod world;
