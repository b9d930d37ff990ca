//! A code that renews itself before it ends, with the remaining time as a ring, on a screen that stays on.

use super::awake::Awake;
use crate::functions::codes;
use crate::refused::Refused;
use crate::ui::visible;
use domain::ids::{ThingsSq, Yid};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often the remaining time is counted.
const TICK: Duration = Duration::from_millis(500);
/// A renewal that failed is tried again after this.
const RETRY_MS: f64 = 3_000.0;
/// Below this a ring would only be restless.
const RING_FROM_MS: f64 = 60_000.0;

/// Which code is shown.
#[derive(Clone, Serialize, Deserialize)]
pub enum Which {
    /// The clock of a kiosk.
    Clock(Yid),
    /// The staff pass for a kiosk.
    Pass(Yid),
    /// The compartment of an order, at a kiosk.
    Take(Yid, ThingsSq),
}

impl Which {
    /// A new one, as SVG.
    async fn draw(self) -> Result<String, Refused> {
        match self {
            Self::Clock(yid) => codes::clock_code(yid).await,
            Self::Pass(yid) => codes::pass_code(yid).await,
            Self::Take(yid, things_sq) => codes::take_code(yid, things_sq).await,
        }
    }
}

/// What is said of a code.
#[derive(Clone, Serialize, Deserialize)]
pub struct Words {
    /// It is good, and will be renewed.
    pub good: String,
    /// It ended; the next one is on its way.
    pub renewing: String,
    /// There is no network; it is good still.
    pub offline: String,
    /// There is no network, and it ended.
    pub offline_gone: String,
    /// There will be no further one.
    pub refused: String,
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

/// Renews the code that the server drew, which is its children, and keeps the screen on. Without script it is the code the server drew, good
/// until it ends.
#[island]
pub fn LiveCode(
    /// What it is, for those who cannot see it.
    label: String,
    /// What is said of it.
    words: Words,
    /// Which code it is, for the next one.
    which: Which,
    /// How long a token is good for, in milliseconds.
    valid_ms: f64,
    /// After how long the next one is fetched.
    renew_ms: f64,
    /// The picture of the first.
    children: Children,
) -> impl IntoView {
    let (state, left) = (RwSignal::new(State::Good), RwSignal::new(None));
    let live = Live {
        code: NodeRef::new(),
        state,
        left,
        made: StoredValue::new(0.0),
        asked: StoredValue::new(0.0),
        which: StoredValue::new(which),
        valid_ms,
        renew_ms,
    };
    Effect::new(move |_| live.begin());
    let gone = move || left.get() == Some(0.0);
    let ring = (valid_ms >= RING_FROM_MS).then(|| {
        let share = move || left.get().map_or(100.0, |left| (left / valid_ms * 100.0).ceil()) as u32;
        view! {
            <span class="live-ring" role="timer" data-testid="remaining">
                <svg viewBox="0 0 40 40" fill="none" stroke-width="4" aria-hidden="true">
                    <circle cx="20" cy="20" r="17" stroke="currentColor" opacity="0.15"/>
                    <circle cx="20" cy="20" r="17" stroke="currentColor" pathLength="100" stroke-dasharray=move || [&share().to_string(), " 100"].concat() class="live-left"/>
                </svg>
                <span class="live-words">{move || left.get().map(clock)}</span>
            </span>
        }
    });
    let says = move || {
        left.get()?;
        let text = match (state.get(), gone()) {
            (State::Good, false) => &words.good,
            (State::Good, true) => &words.renewing,
            (State::Offline, false) => &words.offline,
            (State::Offline, true) => &words.offline_gone,
            (State::Refused, _) => &words.refused,
        };
        Some(text.clone())
    };
    view! {
        <div class="live-code" data-state=move || state.get().name() data-gone=move || if gone() { "true" } else { "false" } data-testid="live-code">
            <div class="code-view" role="img" aria-label=label data-testid="code" node_ref=live.code>{children()}</div>
            <p class="live-line">
                {ring}
                <span class="live-says" role="status">{says}</span>
            </p>
        </div>
    }
}

/// Minutes and seconds. What is full counts: the server gives a code some milliseconds more than ten minutes.
fn clock(left_ms: f64) -> String {
    let seconds = (left_ms / 1000.0) as u32;
    let (minutes, rest) = ((seconds / 60).to_string(), (seconds % 60).to_string());
    let between = if rest.len() < 2 { ":0" } else { ":" };
    [minutes.as_str(), between, &rest].concat()
}

/// Milliseconds since the page was opened.
fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

#[derive(Clone, Copy)]
struct Live {
    code: NodeRef<Div>,
    state: RwSignal<State>,
    /// Milliseconds; `None` before it was counted.
    left: RwSignal<Option<f64>>,
    /// When the present token was made, on the page's own clock.
    made: StoredValue<f64>,
    /// When the next one was asked for last.
    asked: StoredValue<f64>,
    which: StoredValue<Which>,
    valid_ms: f64,
    renew_ms: f64,
}

impl Live {
    /// Lives as long as the page.
    fn begin(self) {
        let made = now();
        self.made.set_value(made);
        self.asked.set_value(made);
        self.tick();
        set_interval(move || self.tick(), TICK);
        // Timers sleep with the phone: after waking the age is not known.
        visible::on_return(move || {
            if !visible::hidden() && now() - self.asked.get_value() > RETRY_MS {
                self.ask();
            }
        });
        std::mem::forget(Awake::begin());
    }

    fn tick(self) {
        let at = now();
        let age = at - self.made.get_value();
        self.left.set(Some((self.valid_ms - age).max(0.0)));
        if age >= self.renew_ms && at - self.asked.get_value() >= RETRY_MS && !visible::hidden() {
            self.ask();
        }
    }

    fn ask(self) {
        if self.state.get_untracked() == State::Refused {
            return;
        }
        let asked = now();
        self.asked.set_value(asked);
        spawn_local(async move {
            match self.which.get_value().draw().await {
                Ok(picture) => {
                    self.made.set_value(asked);
                    self.state.set(State::Good);
                    if let Some(code) = self.code.get_untracked() {
                        code.set_inner_html(&picture);
                    }
                }
                // Too many, or a fault of the server: worth another try.
                Err(refused) if matches!(refused.status, 429 | 500..) => self.state.set(State::Offline),
                Err(_) => self.state.set(State::Refused),
            }
            self.tick();
        });
    }
}
