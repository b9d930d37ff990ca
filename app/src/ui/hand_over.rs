//! Buttons that copy a text or hand it to another app. The server draws them hidden; they appear where the browser can.

use crate::ui::dom;
use js_sys::Reflect;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement, ShareData};

struct HandOver {
    /// Says that it was copied.
    says: HtmlElement,
    copied: String,
    text: String,
    short: String,
}

/// Brings the buttons inside `root` to life: `.copy` takes `data-short`, `.share` hands on `data-text`.
pub fn hand_over(root: &Element) -> Result<(), JsValue> {
    let attribute = |name| root.get_attribute(name).unwrap_or_default();
    let subject = Rc::new(HandOver {
        says: dom::find(root, ".says")?,
        copied: attribute("data-copied"),
        text: attribute("data-text"),
        short: attribute("data-short"),
    });
    let navigator = web_sys::window().ok_or(JsValue::NULL)?.navigator();
    // Both are there on secure pages only, and sharing not in every browser.
    for (name, selector, act) in [
        ("clipboard", ".copy", HandOver::copy as fn(&Rc<HandOver>)),
        ("share", ".share", HandOver::share),
    ] {
        if !Reflect::get(&navigator, &name.into())?.is_undefined() {
            let button: HtmlElement = dom::find(root, selector)?;
            dom::on_click(&button, &subject, act);
            button.set_hidden(false);
        }
    }
    Ok(())
}

impl HandOver {
    fn copy(self: &Rc<Self>) {
        let Some(window) = web_sys::window() else { return };
        let subject = self.clone();
        let written = window.navigator().clipboard().write_text(&self.short);
        spawn_local(async move {
            if JsFuture::from(written).await.is_ok() {
                subject.says.set_inner_text(&subject.copied);
            }
        });
    }

    fn share(self: &Rc<Self>) {
        let Some(window) = web_sys::window() else { return };
        let data = ShareData::new();
        data.set_text(&self.text);
        let shared = window.navigator().share_with_data(&data);
        spawn_local(async move {
            // Whoever changes their mind has shared nothing, and that is no fault.
            let _shared = JsFuture::from(shared).await;
        });
    }
}
