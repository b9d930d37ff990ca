//! What only a browser can tell or do. Never called on the server.

use domain::ids::Millis;
use domain::locker::kiosk::Sound;
use islands::i18n::{self, Locale};
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

const LANGUAGE: &str = "latchkey-kiosk-language";

/// The device's clock.
pub fn now() -> Millis {
    #[expect(
        clippy::disallowed_methods,
        clippy::cast_possible_truncation,
        reason = "the one place where the kiosk's clock is read; whole milliseconds, far below 2^53"
    )]
    Millis(js_sys::Date::now() as i64)
}

/// Milliseconds since the page began, which never go back.
pub fn passed() -> Millis {
    let passed = window().performance().map_or(0.0, |performance| performance.now());
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, far below 2^53")]
    Millis(passed as i64)
}

/// Random bytes from the browser's cryptographic source.
pub fn random(bytes: &mut [u8]) {
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(bytes);
    }
}

/// A moment as people here write it, in the device's own zone.
pub fn local_time(locale: Locale, at: Millis) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of this era are exact in a float"
    )]
    let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
    let options = Object::new();
    for (key, value) in [
        ("month", "numeric"),
        ("day", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
    ] {
        set(&options, key, &value.into());
    }
    set(&options, "hour12", &JsValue::FALSE);
    date.to_locale_string(i18n::code(locale), &options).into()
}

/// The time of day, for the clock in the corner.
pub fn time_of_day(at: Millis) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of this era are exact in a float"
    )]
    let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// The language last chosen at this device.
pub fn kept_language() -> Option<Locale> {
    i18n::parse(&kept(LANGUAGE)?)
}

/// Keeps the language, and tells assistive technology which one it is.
pub fn keep_language(locale: Locale) {
    keep(LANGUAGE, i18n::code(locale));
    say_language(locale);
}

fn kept(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

fn keep(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(name, value);
    }
}

/// What staff turn on and off at a device.
#[derive(Clone, Copy)]
pub enum Switch {
    /// Short tones; on at first.
    Tones,
    /// What is to be done is spoken as well, by `kiosk-voice.js`; off at first.
    Voice,
}

impl Switch {
    fn name(self) -> &'static str {
        match self {
            Self::Tones => "latchkey-kiosk-tones",
            Self::Voice => "latchkey-kiosk-voice",
        }
    }

    /// Is it on?
    pub fn is_on(self) -> bool {
        kept(self.name()).map_or(matches!(self, Self::Tones), |kept| kept == "on")
    }

    /// Turns it on or off.
    pub fn turn(self, on: bool) {
        keep(self.name(), if on { "on" } else { "off" });
    }
}

/// Tells the document its language.
pub fn say_language(locale: Locale) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", i18n::code(locale));
    }
}

/// A short tone; silence where the device has no sound.
pub fn beep(sound: Sound) {
    if Switch::Tones.is_on() {
        let _ = try_beep(sound);
    }
}

fn try_beep(sound: Sound) -> Result<(), JsValue> {
    let (pitch, seconds) = match sound {
        Sound::Accepted => (880.0, 0.12),
        Sound::Refused => (220.0, 0.35),
        Sound::Reminder => (660.0, 0.6),
        Sound::Alarm => (990.0, 2.5),
    };
    let context = web_sys::AudioContext::new()?;
    let (tone, volume) = (context.create_oscillator()?, context.create_gain()?);
    tone.frequency().set_value(pitch);
    volume.gain().set_value(0.15);
    tone.connect_with_audio_node(&volume)?;
    volume.connect_with_audio_node(&context.destination())?;
    tone.start()?;
    tone.stop_with_when(context.current_time() + seconds)?;
    let closing = context.clone();
    let ended = Closure::once_into_js(move || {
        let _ = closing.close();
    });
    tone.set_onended(Some(ended.unchecked_ref()));
    Ok(())
}

/// Did the page come safely (HTTPS, or from the device itself)? Without that a browser has no locks, no camera, and keeps no page offline.
pub fn is_secure() -> bool {
    window().is_secure_context()
}

/// Waits until this window alone may run the kiosk, and keeps it so until the window closes. `waiting` is called when another window has it.
/// False: this browser has no locks, as on pages that are not secure.
pub async fn be_the_only_one(waiting: impl Fn() + 'static) -> bool {
    let navigator = window().navigator();
    let Some((locks, request)) = method(&navigator, "locks", "request") else {
        return false;
    };
    let granted = Promise::new(&mut |resolve, _| {
        // The lock is held for as long as the promise given back is open: for ever.
        let hold = Closure::once_into_js(move |_lock: JsValue| {
            let _ = resolve.call0(&JsValue::NULL);
            Promise::new(&mut |_, _| {})
        });
        let _ = request.call2(&locks, &"latchkey-kiosk".into(), &hold);
    });
    let timer = Closure::once_into_js(waiting);
    let handle = window().set_timeout_with_callback_and_timeout_and_arguments_0(timer.unchecked_ref(), 400);
    let _ = JsFuture::from(granted).await;
    if let Ok(handle) = handle {
        window().clear_timeout_with_handle(handle);
    }
    true
}

/// A name for this window that no other has.
pub fn window_name() -> String {
    let mut bytes = [0; 16];
    random(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits.
pub async fn sleep(milliseconds: i32) {
    let over = Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = JsFuture::from(over).await;
}

/// Asks the browser to keep the stored state when space runs out. Answers whether it will; browsers that cannot tell do not.
pub async fn keep_stored() -> bool {
    let navigator = window().navigator();
    let Some((storage, persist)) = method(&navigator, "storage", "persist") else {
        return false;
    };
    let Some(asked) = persist
        .call0(&storage)
        .ok()
        .and_then(|it| it.dyn_into::<Promise>().ok())
    else {
        return false;
    };
    JsFuture::from(asked).await.is_ok_and(|kept| kept.is_truthy())
}

/// Keeps the screen awake.
pub fn stay_awake() {
    let navigator = window().navigator();
    if let Some((lock, request)) = method(&navigator, "wakeLock", "request")
        && let Ok(promise) = request.call1(&lock, &"screen".into())
        && let Ok(promise) = promise.dyn_into::<Promise>()
    {
        wasm_bindgen_futures::spawn_local(async move {
            let _ = JsFuture::from(promise).await;
        });
    }
}

/// Registers the service worker, which keeps the page for a start without network; `updated` is called when it has a newer one.
pub fn keep_page_offline(updated: impl Fn() + 'static) {
    let container = Reflect::get(&window().navigator(), &"serviceWorker".into()).unwrap_or_default();
    let Ok(container) = container.dyn_into::<web_sys::ServiceWorkerContainer>() else {
        return;
    };
    let heard = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        if event.data().as_string().as_deref() == Some("updated") {
            updated();
        }
    });
    container.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
    let options = web_sys::RegistrationOptions::new();
    // The whole origin, because the worker that decodes the camera's pictures lives beside the scripts and must start offline too.
    options.set_scope("/");
    let registered = container.register_with_options("/kiosk-sw.js", &options);
    wasm_bindgen_futures::spawn_local(async move {
        let _ = JsFuture::from(registered).await;
    });
}

/// Has the service worker look for a newer page.
pub fn look_for_update() {
    let container = Reflect::get(&window().navigator(), &"serviceWorker".into()).unwrap_or_default();
    if let Ok(container) = container.dyn_into::<web_sys::ServiceWorkerContainer>()
        && let Some(worker) = container.controller()
    {
        let _ = worker.post_message(&"check".into());
    }
}

/// `object.name`, undefined where there is none.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// `object.name(…)`
pub fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &name.into())?.dyn_into()?;
    Reflect::apply(&function, object, &arguments.iter().collect())
}

/// What a promise comes to.
pub async fn wait(promise: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&promise)).await
}

/// Copies a text. Browsers let only a tap do it.
pub fn copy(text: &str) {
    let clipboard = get(&window().navigator(), "clipboard");
    if let Ok(copied) = call(&clipboard, "writeText", &[text.into()]) {
        wasm_bindgen_futures::spawn_local(async move {
            let _ = wait(copied).await;
        });
    }
}

/// `object.name.function`, where all of it exists.
fn method(object: &JsValue, name: &str, function: &str) -> Option<(JsValue, Function)> {
    let target = Reflect::get(object, &name.into()).ok().filter(JsValue::is_object)?;
    let function = Reflect::get(&target, &function.into()).ok()?.dyn_into().ok()?;
    Some((target, function))
}

fn set(object: &Object, key: &str, value: &JsValue) {
    let _ = Reflect::set(object, &key.into(), value);
}
