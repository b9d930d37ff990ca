//! A code that renews itself.

use super::CodeView;
use crate::i18n::{self, Locale, td_string};
use js_sys::Reflect;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// How often the remaining time is counted.
const TICK: Duration = Duration::from_millis(500);
/// A renewal that failed is tried again after this.
const RETRY_MS: f64 = 3_000.0;

/// A code that is made anew by `POST /v1/Encrypt` before it ends, with the remaining time as a ring. Without script it is the
/// code the server drew, good until it ends.
#[island]
pub fn LiveCode(
    /// Code of the language.
    locale: String,
    /// What the server made when it rendered the page.
    token: String,
    /// What it is, for those who cannot see it.
    label: String,
    /// Body of the request for the next one.
    request: String,
    /// How long a token is good for, in milliseconds.
    valid_ms: f64,
    /// After how long the next one is fetched.
    renew_ms: f64,
) -> impl IntoView {
    let locale = i18n::parse(&locale).unwrap_or(Locale::en);
    let token = RwSignal::new(token);
    let live = Live {
        token,
        state: RwSignal::new(LiveState::Good),
        left_ms: RwSignal::new(valid_ms),
        made: StoredValue::new(0.0),
        asked: StoredValue::new(None),
        request: StoredValue::new(request),
        valid_ms,
        renew_ms,
    };
    Effect::new(move |_| live.begin());
    let gone = move || live.left_ms.get() <= 0.0;
    let turning = valid_ms >= 60_000.0;
    view! {
        <div class="live-code" class:live-code-gone=gone data-testid="live-code" data-state=move || live.state.get().name()>
            <CodeView token=token label=Signal::stored(label)/>
            <p class="flex min-h-12 items-center justify-center gap-3" role="status">
                {turning.then(|| view! { <Remaining live/> })}
                <span>{move || live.state.get().text(locale, live.left_ms.get() <= 0.0)}</span>
            </p>
        </div>
    }
}

#[derive(Clone, Copy, PartialEq)]
enum LiveState {
    Good,
    Offline,
    Refused,
}

impl LiveState {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Offline => "offline",
            Self::Refused => "refused",
        }
    }

    fn text(self, locale: Locale, gone: bool) -> &'static str {
        match (self, gone) {
            (Self::Good, false) => td_string!(locale, common.qr_renews),
            (Self::Good, true) => td_string!(locale, common.qr_renewing),
            (Self::Offline, false) => td_string!(locale, common.qr_offline),
            (Self::Offline, true) => td_string!(locale, common.qr_offline_gone),
            (Self::Refused, _) => td_string!(locale, common.qr_refused),
        }
    }
}

#[derive(Clone, Copy)]
struct Live {
    token: RwSignal<String>,
    state: RwSignal<LiveState>,
    left_ms: RwSignal<f64>,
    /// When the present token was made, on the page's own clock.
    made: StoredValue<f64>,
    /// When the next one was asked for last.
    asked: StoredValue<Option<f64>>,
    request: StoredValue<String>,
    valid_ms: f64,
    renew_ms: f64,
}

impl Live {
    fn begin(self) {
        self.made.set_value(now());
        let timer = set_interval_with_handle(move || self.tick(), TICK);
        // Timers sleep with the phone: after waking the age is not known.
        let heard = ["visibilitychange", "online", "pageshow"].map(|name| {
            window_event_listener_untyped(name, move |_| {
                if !document().hidden() {
                    self.ask();
                }
            })
        });
        on_cleanup(move || {
            if let Ok(timer) = timer {
                timer.clear();
            }
            heard.into_iter().for_each(|listener| listener.remove());
        });
    }

    fn tick(self) {
        let now = now();
        let age = now - self.made.get_value();
        self.left_ms.set((self.valid_ms - age).max(0.0));
        let may_ask = self.asked.get_value().is_none_or(|asked| now - asked >= RETRY_MS);
        if age >= self.renew_ms && may_ask && !document().hidden() {
            self.ask();
        }
    }

    fn ask(self) {
        if self.state.get_untracked() == LiveState::Refused {
            return;
        }
        let asked = now();
        self.asked.set_value(Some(asked));
        leptos::task::spawn_local(async move {
            let answer = fetch_token(&self.request.get_value()).await;
            let state = match answer {
                Answer::Token(token) => {
                    self.made.try_set_value(asked);
                    self.left_ms.try_set(self.valid_ms);
                    self.token.try_set(token);
                    LiveState::Good
                }
                Answer::Refused => LiveState::Refused,
                Answer::Unreachable => LiveState::Offline,
            };
            self.state.try_set(state);
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
        let response: Response = JsFuture::from(window().fetch_with_str_and_init("/v1/Encrypt", &init))
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

/// The remaining time as a ring with minutes and seconds in it.
#[component]
fn Remaining(live: Live) -> impl IntoView {
    let left = move || live.left_ms.get();
    let dashes = move || [&((left() / live.valid_ms * 100.0).ceil() as u32).to_string(), " 100"].concat();
    let words = move || {
        // At most some minutes.
        let seconds = (left() / 1000.0).ceil() as u32;
        let (minutes, rest) = ((seconds / 60).to_string(), (seconds % 60).to_string());
        [minutes.as_str(), if rest.len() < 2 { ":0" } else { ":" }, &rest].concat()
    };
    view! {
        <span class="relative inline-grid size-14 shrink-0 place-items-center" role="timer" data-testid="remaining">
            <svg class="absolute inset-0 -rotate-90" viewBox="0 0 40 40" fill="none" stroke-width="4" aria-hidden="true">
                <circle cx="20" cy="20" r="17" stroke="currentColor" opacity="0.15"/>
                <circle cx="20" cy="20" r="17" stroke="currentColor" pathLength="100" stroke-dasharray=dashes/>
            </svg>
            <span class="text-sm font-semibold tabular-nums">{words}</span>
        </span>
    }
}

/// Milliseconds since the page was opened.
fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}
