//! The use cases, each on a real database of its own, on both engines.

mod demo;
mod harness;
