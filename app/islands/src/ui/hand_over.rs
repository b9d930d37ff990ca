//! Buttons that copy a text or hand it to another app. The text stands in the page, in an element that is named. Hidden until it is known that
//! the browser can.

#![expect(missing_docs, reason = "the structs that the macro `island` makes of the arguments")]

use js_sys::Reflect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::ShareData;

/// Copies the text of an element.
#[island]
pub fn CopyButton(
    /// The element's id.
    of: String,
    /// What is said once it is copied.
    copied: String,
    /// What stands on the button.
    children: Children,
) -> impl IntoView {
    let (can, done) = (offered("clipboard"), RwSignal::new(false));
    let copy = move |_| {
        let written = window().navigator().clipboard().write_text(&text_of(&of));
        spawn_local(async move {
            if JsFuture::from(written).await.is_ok() {
                done.set(true);
            }
        });
    };
    view! {
        <button type="button" hidden=move || !can.get() class="btn btn-primary btn-lg flex-1 whitespace-nowrap" data-testid="copy" on:click=copy>
            {children()}
        </button>
        <p class="says order-last -mb-2 min-h-6 basis-full text-center" role="status">{move || done.get().then(|| copied.clone())}</p>
    }
}

/// Hands the text of an element to another app.
#[island]
pub fn ShareButton(
    /// The element's id.
    of: String,
    /// What stands on the button.
    children: Children,
) -> impl IntoView {
    let can = offered("share");
    let share = move |_| {
        let data = ShareData::new();
        data.set_text(&text_of(&of));
        let shared = window().navigator().share_with_data(&data);
        spawn_local(async move {
            // A person who changes their mind has shared nothing, and that is no fault.
            let _shared = JsFuture::from(shared).await;
        });
    };
    view! {
        <button type="button" hidden=move || !can.get() class="btn btn-outline btn-lg flex-1 whitespace-nowrap" data-testid="share" on:click=share>
            {children()}
        </button>
    }
}

/// Whether the browser's navigator has this; on secure pages only, and not in every browser.
fn offered(name: &'static str) -> RwSignal<bool> {
    let offered = RwSignal::new(false);
    Effect::new(move |_| {
        let found = Reflect::get(&window().navigator(), &name.into());
        offered.set(found.is_ok_and(|found| !found.is_undefined()));
    });
    offered
}

fn text_of(id: &str) -> String {
    document()
        .get_element_by_id(id)
        .and_then(|element| element.text_content())
        .unwrap_or_default()
}
