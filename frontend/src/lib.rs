//! The wasm files of pages, and nothing else. Built once a role (features `staff` and `owner`), so that nobody loads what moves on others'
//! pages only, and once for the kiosk (feature `kiosk`), where leptos draws everything in the browser.

use wasm_bindgen::prelude::wasm_bindgen;

pub use islands;

/// Once, before the islands of a page are woken. Each is a function of its own, which `page.js` finds by the name in the page.
#[cfg(feature = "hydrate")]
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

/// Draws the kiosk into its element.
#[cfg(feature = "kiosk")]
#[wasm_bindgen]
pub fn kiosk(element: &web_sys::Element) {
    console_error_panic_hook::set_once();
    ::kiosk::mount(element);
}
