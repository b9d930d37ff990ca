//! Small helpers for what the server drew and the browser brings to life.

use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

/// The first element inside `root` that matches; an error where the markup is not as expected.
pub(crate) fn find<T: JsCast>(root: &Element, selector: &str) -> Result<T, JsValue> {
    root.query_selector(selector)?
        .map(JsCast::unchecked_into)
        .ok_or_else(|| selector.into())
}

/// Sets an attribute.
pub(crate) fn set(element: &Element, name: &str, value: &str) {
    // Fails only for a name that is none.
    let _set = element.set_attribute(name, value);
}

/// Does something with `subject` at every click, as long as the page lives.
pub(crate) fn on_click<T: 'static>(button: &HtmlElement, subject: &Rc<T>, act: fn(&Rc<T>)) {
    let subject = subject.clone();
    let listener = Closure::<dyn Fn()>::new(move || act(&subject));
    button.set_onclick(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
}

/// Does something once, later.
pub(crate) fn after(millis: i32, act: impl FnOnce() + 'static) {
    if let Some(window) = web_sys::window() {
        let callback = Closure::once_into_js(act);
        // Cannot fail with a function.
        let _timer = window.set_timeout_with_callback_and_timeout_and_arguments_0(callback.unchecked_ref(), millis);
    }
}

/// Does something again and again, as long as the page lives.
pub(crate) fn every(millis: i32, act: impl Fn() + 'static) {
    if let Some(window) = web_sys::window() {
        let callback = Closure::<dyn Fn()>::new(act);
        // Cannot fail with a function.
        let _timer =
            window.set_interval_with_callback_and_timeout_and_arguments_0(callback.as_ref().unchecked_ref(), millis);
        callback.forget();
    }
}

/// Does something whenever the page comes back: shown again, fetched out of the browser's memory, online again.
pub(crate) fn on_return(act: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else { return };
    let listener = Closure::<dyn Fn()>::new(act);
    for name in ["visibilitychange", "pageshow", "online"] {
        // Cannot fail with a function.
        let _added = window.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    }
    listener.forget();
}

/// Is the page out of sight?
pub(crate) fn hidden() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_some_and(|document| document.hidden())
}

/// Milliseconds since the page was opened.
pub(crate) fn now() -> f64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |performance| performance.now())
}
