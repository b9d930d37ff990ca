//! The wasm entries, and nothing else. Built twice: with the feature `kiosk`, where leptos draws the kiosk in the browser,
//! and without it for all other pages, where the server drew everything and only the scanner and the live codes move;
//! those do without leptos, which keeps their file a third as large. In both a worker reads camera pictures.

mod decoder;

use wasm_bindgen::prelude::wasm_bindgen;

pub use app;

/// Brings an element with the attribute `data-start` to life.
#[wasm_bindgen]
pub fn start(what: &str, element: &web_sys::Element) -> Result<(), wasm_bindgen::JsValue> {
    match what {
        #[cfg(feature = "kiosk")]
        "kiosk" => {
            console_error_panic_hook::set_once();
            app::kiosk::mount(element);
            Ok(())
        }
        #[cfg(not(feature = "kiosk"))]
        "scan" => app::ui::qr_scanner::scan(element),
        #[cfg(not(feature = "kiosk"))]
        "live" => app::ui::qr_view::keep_live(element),
        #[cfg(not(feature = "kiosk"))]
        "fresh" => app::ui::fresh::keep_fresh(element),
        #[cfg(not(feature = "kiosk"))]
        "hand-over" => app::ui::hand_over::hand_over(element),
        _ => Ok(()),
    }
}
