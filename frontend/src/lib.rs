//! The wasm files of pages, and nothing else. Built once a role (features `staff` and `owner`), so that nobody loads what moves on others'
//! pages only, and once for the kiosk (feature `kiosk`), where leptos draws everything in the browser.

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
        #[cfg(feature = "staff")]
        "scan" => app::ui::qr_scanner::scan(element),
        #[cfg(feature = "staff")]
        "live" => app::ui::qr_view::keep_live(element),
        #[cfg(feature = "owner")]
        "fresh" => app::ui::fresh::keep_fresh(element),
        #[cfg(feature = "owner")]
        "hand-over" => app::ui::hand_over::hand_over(element),
        _ => Ok(()),
    }
}
