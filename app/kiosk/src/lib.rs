//! The kiosk's page, drawn by the browser alone over [`domain::locker::kiosk`]. The state machine decides; `shell` stores what it decided and only
//! then acts; everything else here draws the state or listens to somebody.

mod boards;
mod browser;
mod doors;
mod keys;
mod net;
mod screens;
mod shell;
mod staff;
mod store;
mod words;

use islands::i18n;
use leptos::prelude::*;

/// Draws the kiosk into its element; called by the page once the wasm file is loaded.
pub fn mount(element: &web_sys::Element) {
    use wasm_bindgen::JsCast;
    let Ok(element) = element.clone().dyn_into::<web_sys::HtmlElement>() else {
        return;
    };
    let lang = element.get_attribute("data-lang").unwrap_or_default();
    let demo = element.has_attribute("data-demo");
    element.set_inner_html("");
    let mounted = leptos::mount::mount_to(element, move || {
        let shell = shell::Shell::new(i18n::parse(&lang).unwrap_or(i18n::Locale::en), demo);
        shell.start();
        view! { <screens::Everything shell=shell/> }
    });
    // The kiosk lives as long as its page.
    mounted.forget();
}
