//! The pages, drawn on the server: forms and tables that work before, or without, wasm.
//!
//! No browser ever runs what is here. What runs in one are the islands that pages put between their parts (crate `islands`, woken by
//! `style/public/page.js`) and the kiosk (crate `kiosk`). What pages ask of the server are the functions in `islands::functions`.

// A page is one nested type, a level for every element.
#![recursion_limit = "512"]

pub mod app;
pub mod auth;
pub mod business;
pub mod code_card;
pub mod components;
pub mod entry;
pub mod error;
pub mod home;
pub mod kiosk;
pub mod lists_csv;
pub mod offline;
pub mod operator;
pub mod orders;
pub mod owner;
pub mod render;
pub mod staff;
pub mod ui;
pub mod upload;
mod views;
