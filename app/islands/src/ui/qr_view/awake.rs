//! Keeping the screen on.

use js_sys::{Function, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

const EVENT: &str = "visibilitychange";

/// Keeps the screen on until it is dropped; where the browser cannot, nothing happens.
pub struct Awake {
    state: Rc<State>,
    listener: Closure<dyn Fn()>,
}

#[derive(Default)]
struct State {
    ended: Cell<bool>,
    lock: RefCell<Option<JsValue>>,
}

impl Awake {
    /// Begins. Browsers take the lock back whenever the page is hidden, so it is asked for again when it is shown.
    pub fn begin() -> Self {
        let state = Rc::new(State::default());
        state.ask();
        let weak = Rc::downgrade(&state);
        let listener = Closure::<dyn Fn()>::new(move || {
            if let Some(state) = Weak::upgrade(&weak) {
                state.ask();
            }
        });
        if let Some(window) = web_sys::window() {
            // Cannot fail with a function.
            let _added = window.add_event_listener_with_callback(EVENT, listener.as_ref().unchecked_ref());
        }
        Self { state, listener }
    }
}

impl State {
    fn ask(self: &Rc<Self>) {
        let hidden = web_sys::window()
            .and_then(|window| window.document())
            .is_none_or(|d| d.hidden());
        if hidden {
            return;
        }
        let state = self.clone();
        spawn_local(async move {
            if let Ok(lock) = request().await {
                *state.lock.borrow_mut() = Some(lock);
            }
            if state.ended.get() {
                state.release();
            }
        });
    }

    fn release(&self) {
        if let Some(lock) = self.lock.borrow_mut().take() {
            // One that was taken back already cannot be given back.
            let _released = call(&lock, "release", &JsValue::UNDEFINED);
        }
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            // Cannot fail with a function.
            let _removed = window.remove_event_listener_with_callback(EVENT, self.listener.as_ref().unchecked_ref());
        }
        self.state.ended.set(true);
        self.state.release();
    }
}

async fn request() -> Result<JsValue, JsValue> {
    let navigator = web_sys::window().ok_or(JsValue::NULL)?.navigator();
    let wake_lock = Reflect::get(&navigator, &"wakeLock".into())?;
    let promise: Promise = call(&wake_lock, "request", &"screen".into())?.dyn_into()?;
    JsFuture::from(promise).await
}

fn call(object: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    if !object.is_object() {
        return Err(JsValue::UNDEFINED);
    }
    Reflect::get(object, &method.into())?
        .dyn_into::<Function>()?
        .call1(object, argument)
}
