//! Brings the code that the server drew to life.

use super::awake::Awake;
use crate::ui::dom;
use js_sys::Reflect;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Headers, RequestInit, Response};

/// How often the remaining time is counted.
const TICK_MS: i32 = 500;
/// A renewal that failed is tried again after this.
const RETRY_MS: f64 = 3_000.0;

struct Live {
    root: Element,
    code: Element,
    says: Element,
    /// Ring and words of the remaining time.
    ring: Option<(Element, Element)>,
    request: String,
    valid_ms: f64,
    renew_ms: f64,
    /// When the present token was made, on the page's own clock.
    made: Cell<f64>,
    /// When the next one was asked for last.
    asked: Cell<f64>,
    state: Cell<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Good,
    Offline,
    /// The server will make no more of them.
    Refused,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Offline => "offline",
            Self::Refused => "refused",
        }
    }
}

/// Renews the code drawn by `LiveCode` and keeps the screen on. Lives as long as the page.
pub fn keep_live(root: &Element) -> Result<(), JsValue> {
    let number = |name| {
        let text = root.get_attribute(name).unwrap_or_default();
        js_sys::Number::from(JsValue::from(text)).value_of()
    };
    let ring = dom::find(root, ".live-left").and_then(|ring| Ok((ring, dom::find(root, ".live-words")?)));
    let now = dom::now();
    let live = Rc::new(Live {
        code: dom::find(root, ".code-view")?,
        says: dom::find(root, ".live-says")?,
        ring: ring.ok(),
        request: root.get_attribute("data-request").unwrap_or_default(),
        valid_ms: number("data-valid"),
        renew_ms: number("data-renew"),
        made: Cell::new(now),
        asked: Cell::new(now),
        state: Cell::new(State::Good),
        root: root.clone(),
    });
    live.tick();
    let (ticking, returning) = (live.clone(), live);
    dom::every(TICK_MS, move || ticking.tick());
    // Timers sleep with the phone: after waking the age is not known.
    dom::on_return(move || {
        if !dom::hidden() && dom::now() - returning.asked.get() > RETRY_MS {
            returning.ask();
        }
    });
    std::mem::forget(Awake::begin());
    Ok(())
}

impl Live {
    fn tick(self: &Rc<Self>) {
        let now = dom::now();
        let age = now - self.made.get();
        self.show((self.valid_ms - age).max(0.0));
        if age >= self.renew_ms && now - self.asked.get() >= RETRY_MS && !dom::hidden() {
            self.ask();
        }
    }

    fn show(&self, left_ms: f64) {
        let state = self.state.get().name();
        dom::set(&self.root, "data-state", state);
        let gone = if left_ms > 0.0 { "" } else { "-gone" };
        let text = self.says.get_attribute(&["data-", state, gone].concat());
        if self.says.text_content() != text {
            self.says.set_text_content(text.as_deref());
        }
        dom::set(&self.root, "data-gone", if left_ms > 0.0 { "false" } else { "true" });
        if let Some((ring, words)) = &self.ring {
            let share = ((left_ms / self.valid_ms * 100.0).ceil() as u32).to_string();
            dom::set(ring, "stroke-dasharray", &[&share, " 100"].concat());
            // What is full counts: the server gives a code some milliseconds more than ten minutes.
            let seconds = (left_ms / 1000.0) as u32;
            let (minutes, rest) = ((seconds / 60).to_string(), (seconds % 60).to_string());
            let between = if rest.len() < 2 { ":0" } else { ":" };
            words.set_text_content(Some(&[minutes.as_str(), between, &rest].concat()));
        }
    }

    fn ask(self: &Rc<Self>) {
        if self.state.get() == State::Refused {
            return;
        }
        let asked = dom::now();
        self.asked.set(asked);
        let live = self.clone();
        spawn_local(async move {
            match fetch_token(&live.request).await {
                Answer::Token(token) => {
                    live.made.set(asked);
                    live.state.set(State::Good);
                    live.code.set_inner_html(&super::svg(&token));
                }
                Answer::Refused => live.state.set(State::Refused),
                Answer::Unreachable => live.state.set(State::Offline),
            }
            live.tick();
        });
    }
}

enum Answer {
    Token(String),
    Refused,
    Unreachable,
}

async fn fetch_token(body: &str) -> Answer {
    let attempt = async {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&body.into());
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let response: Response = JsFuture::from(window.fetch_with_str_and_init("/v1/Encrypt", &init))
            .await?
            .unchecked_into();
        // Too many, or a fault of the server: worth another try.
        if matches!(response.status(), 429 | 500..) {
            return Ok(Answer::Unreachable);
        }
        let answer = JsFuture::from(response.json()?).await?;
        let token = Reflect::get(&answer, &"data".into())?.as_string();
        Ok::<_, JsValue>(token.filter(|_| response.ok()).map_or(Answer::Refused, Answer::Token))
    };
    attempt.await.unwrap_or(Answer::Unreachable)
}
