//! The kiosk's page, drawn by the browser alone over [`domain::locker::kiosk`]. The state machine decides; `shell` stores what it decided and only
//! then acts; everything else here draws the state or listens to somebody.

#[cfg(feature = "kiosk")]
mod boards;
#[cfg(feature = "kiosk")]
mod browser;
#[cfg(feature = "kiosk")]
mod doors;
#[cfg(feature = "kiosk")]
mod keys;
#[cfg(feature = "kiosk")]
mod net;
#[cfg(feature = "kiosk")]
mod screens;
#[cfg(feature = "kiosk")]
mod shell;
#[cfg(feature = "kiosk")]
mod store;
#[cfg(feature = "kiosk")]
mod words;

use crate::i18n;
use leptos::prelude::*;

/// The page around it. What a browser shows until the kiosk has drawn itself is all that the server renders: the state is in the device.
#[cfg(feature = "ssr")]
#[component]
pub fn KioskPage() -> impl IntoView {
    use crate::i18n::td_string;
    let request = crate::context::request();
    let locale = request.locale;
    let title = td_string!(locale, kiosk.title);
    view! {
        <leptos_meta::Title text=title/>
        <crate::ui::wasm::Preload/>
        <div data-kiosk="" data-lang=i18n::code(locale) data-demo=request.demo.then_some("true")>
            <main class="m-auto flex max-w-2xl flex-col gap-4 p-8 text-center" data-testid="loading">
                <h1 class="text-3xl font-bold">{title}</h1>
                <p>{td_string!(locale, kiosk.loading)}</p>
            </main>
        </div>
    }
}

/// Draws the kiosk into its element; called by the page once the wasm file is loaded.
#[cfg(feature = "kiosk")]
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
