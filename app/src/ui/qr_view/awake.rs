//! Keeping the screen on.

use js_sys::{Object, Reflect};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Keeps the screen on while the piece that calls this is on it; where the browser cannot, nothing happens.
pub fn keep_awake() {
    Effect::new(move |_| {
        let lock = StoredValue::new(None::<SendWrapper<JsValue>>);
        let ask = move || {
            leptos::task::spawn_local(async move {
                if let Ok(granted) = request_wake_lock().await {
                    lock.try_set_value(Some(SendWrapper::new(granted)));
                }
            });
        };
        ask();
        // Browsers take it back whenever the page is hidden.
        let heard = window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                ask();
            }
        });
        on_cleanup(move || {
            heard.remove();
            if let Some(granted) = lock.try_get_value().flatten() {
                // One that was taken back already cannot be given back.
                let _released = call(&granted, "release", &JsValue::UNDEFINED);
            }
        });
    });
}

async fn request_wake_lock() -> Result<JsValue, JsValue> {
    let wake_lock = Reflect::get(&window().navigator(), &"wakeLock".into())?;
    let promise = call(&wake_lock, "request", &"screen".into())?;
    JsFuture::from(promise.unchecked_into::<js_sys::Promise>()).await
}

fn call(object: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    Reflect::get(object.dyn_ref::<Object>().ok_or(JsValue::NULL)?, &method.into())?
        .dyn_into::<js_sys::Function>()?
        .call1(object, argument)
}
