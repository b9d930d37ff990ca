//! The worker that decodes pictures (`frontend/decoder`).

use js_sys::{Array, Object, Reflect};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// How long a picture may take before the worker counts as lost.
const LOST_AFTER_MS: f64 = 4_000.0;

#[derive(Clone, Copy, PartialEq)]
enum Doing {
    Starting,
    Nothing,
    Decoding { since: f64 },
    Lost,
}

/// A running worker; dropping it ends it.
pub struct Decoder {
    worker: Worker,
    doing: Rc<Cell<Doing>>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn()>,
}

impl Decoder {
    /// Starts one. `on_text` gets what was read in each picture, or `None`. `name`: whose it is; a kiosk's puts frames together by itself.
    pub fn start(name: &str, on_text: impl Fn(Option<String>) + 'static) -> Result<Self, JsValue> {
        let script = script().ok_or(JsValue::NULL)?;
        let options = WorkerOptions::new();
        options.set_name(name);
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&script, &options)?;
        let doing = Rc::new(Cell::new(Doing::Starting));
        let on_message = {
            let doing = doing.clone();
            Closure::new(move |event: MessageEvent| {
                doing.set(Doing::Nothing);
                if let Ok(text) = Reflect::get(&event.data(), &"text".into())
                    && !text.is_undefined()
                {
                    on_text(text.as_string());
                }
            })
        };
        let on_error = {
            let doing = doing.clone();
            Closure::new(move || doing.set(Doing::Lost))
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            doing,
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    /// Would it take a picture now?
    pub fn is_free(&self) -> bool {
        self.doing.get() == Doing::Nothing
    }

    /// Has it died, or is it hanging?
    pub fn is_lost(&self, now: f64) -> bool {
        match self.doing.get() {
            Doing::Lost => true,
            Doing::Decoding { since } => now - since > LOST_AFTER_MS,
            Doing::Starting | Doing::Nothing => false,
        }
    }

    /// Hands a picture over, without copying it.
    pub fn decode(&self, picture: &JsValue, width: u32, height: u32, now: f64) -> Result<(), JsValue> {
        let pixels = Reflect::get(&Reflect::get(picture, &"data".into())?, &"buffer".into())?;
        let message = Object::new();
        Reflect::set(&message, &"pixels".into(), &pixels)?;
        Reflect::set(&message, &"width".into(), &width.into())?;
        Reflect::set(&message, &"height".into(), &height.into())?;
        self.doing.set(Doing::Decoding { since: now });
        self.worker.post_message_with_transfer(&message, &Array::of1(&pixels))
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// The worker's script, which lies beside the page's.
fn script() -> Option<String> {
    let element = web_sys::window()?
        .document()?
        .query_selector("script[data-wasm]")
        .ok()??;
    let src = element.get_attribute("src")?;
    let (directory, _) = src.rsplit_once('/')?;
    Some([directory, "/decoder.js"].concat())
}
