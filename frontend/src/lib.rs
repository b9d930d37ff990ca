//! The wasm entries, and nothing else. Built twice: with the feature `kiosk`, where the kiosk's island is brought to life by
//! leptos, and without it for all other pages, where the server drew everything and only the scanner and the live codes move;
//! those do without leptos, which keeps their file a third as large. In both a worker reads camera pictures.

mod decoder;

use wasm_bindgen::prelude::wasm_bindgen;

pub use app;

/// Brings the islands to life; called by the kiosk's page once the file is loaded.
#[cfg(feature = "kiosk")]
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}

/// Brings an element with the attribute `data-start` to life; called by all other pages.
#[cfg(not(feature = "kiosk"))]
#[wasm_bindgen]
pub fn start(what: &str, element: &web_sys::Element) -> Result<(), wasm_bindgen::JsValue> {
    match what {
        "scan" => app::ui::qr_scanner::scan(element),
        "live" => app::ui::qr_view::keep_live(element),
        _ => Ok(()),
    }
}
