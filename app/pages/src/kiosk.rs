//! `/kiosk`: the page that the kiosk draws itself into.

use islands::context;
use islands::i18n::{self, td_string};
use islands::ui::head;
use islands::ui::wasm::Preload;
use leptos::prelude::*;

/// The page around it. What a browser shows until the kiosk has drawn itself is all that the server renders: the state is in the device.
#[component]
pub fn KioskPage() -> impl IntoView {
    let request = context::request();
    let locale = request.locale;
    let title = td_string!(locale, kiosk.title);
    head::set_title(title.to_owned());
    view! {
        <Preload/>
        <div data-kiosk="" data-lang=i18n::code(locale) data-demo=request.demo.then_some("true")>
            <main class="m-auto flex max-w-2xl flex-col gap-4 p-8 text-center" data-testid="loading">
                <h1 class="text-3xl font-bold">{title}</h1>
                <p>{td_string!(locale, kiosk.loading)}</p>
            </main>
        </div>
    }
}
