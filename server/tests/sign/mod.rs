//! The 26 messages, as the field's clients send them.

mod bad_input;
mod conversation;
mod masked;
mod transport;
mod who;
