//! The wasm entries, and nothing else: the islands register themselves from the crate `app`, and a worker reads camera
//! pictures. Built twice, without the feature `kiosk` for all ordinary pages and with it for the kiosk.

mod decoder;

use wasm_bindgen::prelude::wasm_bindgen;

pub use app;

/// Called by the page once the file is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
