//! Keeps a page that the server drew up to date: at every event of `/owner/live` or `/operator/live` the page is fetched again, and the elements marked `data-live`
//! take the content of those with the same id. A page that missed nothing before it listened is not fetched.

#![expect(missing_docs, reason = "the structs that the macro `island` makes of the arguments")]

use crate::ui::{again, visible};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, EventSource, MessageEvent};

/// How often the page is fetched while there is no stream of events.
const POLL_EVERY: Duration = Duration::from_secs(60);
/// Events that come together cause one fetch.
const SETTLE: Duration = Duration::from_millis(150);

/// Listens as long as the page lives. The children say that the account is used elsewhere, and are hidden until it is.
#[island]
pub fn Fresh(
    /// Where the events come from.
    events: String,
    /// Where they stood when the page was drawn.
    seen: String,
    /// What is shown once the account is used elsewhere.
    children: Children,
) -> impl IntoView {
    let elsewhere = RwSignal::new(false);
    Effect::new(move |_| listen(events.clone(), seen.clone(), elsewhere));
    view! {
        <div role="status" class="contents" data-alone="">
            <div hidden=move || !elsewhere.get() class="needs-you" data-testid="elsewhere">{children()}</div>
        </div>
    }
}

struct Listening {
    events: String,
    elsewhere: RwSignal<bool>,
    /// Where the events stood when the last one was told.
    seen: RefCell<String>,
    stream: RefCell<Option<EventSource>>,
    /// A fetch is under way or about to be.
    busy: Cell<bool>,
    /// Something happened during it.
    again: Cell<bool>,
}

fn listen(events: String, seen: String, elsewhere: RwSignal<bool>) {
    let listening = Rc::new(Listening {
        events,
        elsewhere,
        seen: RefCell::new(seen),
        stream: RefCell::new(None),
        busy: Cell::new(false),
        again: Cell::new(false),
    });
    listening.listen();
    let (polling, returning) = (listening.clone(), listening);
    set_interval(
        move || {
            if !visible::hidden() && !polling.is_listening() {
                polling.ask();
                polling.listen();
            }
        },
        POLL_EVERY,
    );
    // Out of sight nothing is fetched; what was missed is fetched on return.
    visible::on_return(move || {
        if visible::hidden() {
            returning.hang_up();
        } else if !returning.is_listening() {
            returning.listen();
        }
    });
}

impl Listening {
    fn is_listening(&self) -> bool {
        let stream = self.stream.borrow();
        stream
            .as_ref()
            .is_some_and(|stream| stream.ready_state() == EventSource::OPEN)
    }

    fn hang_up(&self) {
        if let Some(stream) = self.stream.borrow_mut().take() {
            stream.close();
        }
    }

    fn listen(self: &Rc<Self>) {
        self.hang_up();
        let address = [self.events.as_str(), "?seen=", &self.seen.borrow()].concat();
        let Ok(stream) = EventSource::new(&address) else {
            return;
        };
        // What was missed is told first, as an event of its own.
        for name in ["missed", "records", "guards", "work"] {
            self.on(&stream, name, |listening| listening.ask());
        }
        self.on(&stream, "elsewhere", |listening| listening.elsewhere.set(true));
        *self.stream.borrow_mut() = Some(stream);
    }

    fn on(self: &Rc<Self>, stream: &EventSource, name: &str, act: fn(&Rc<Self>)) {
        let listening = self.clone();
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            *listening.seen.borrow_mut() = event.last_event_id();
            act(&listening);
        });
        // Cannot fail with a function.
        let _added = stream.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        listener.forget();
    }

    fn ask(self: &Rc<Self>) {
        if self.busy.replace(true) {
            self.again.set(true);
            return;
        }
        let listening = self.clone();
        set_timeout(
            move || {
                spawn_local(async move {
                    listening.again.set(false);
                    // What failed is tried again with the next event.
                    let _renewed = renew().await;
                    listening.busy.set(false);
                    if listening.again.get() {
                        listening.ask();
                    }
                });
            },
            SETTLE,
        );
    }
}

/// Fetches this page, and the one that lies over it in a sheet, and puts what is new in them into its place.
async fn renew() -> Result<(), JsValue> {
    let location = location();
    let fetched = loop {
        let address = location.href()?;
        let fetched = again::page(&address).await?;
        // Where a search went on meanwhile, this is no longer the answer.
        if location.href()? == address {
            break fetched;
        }
    };
    let Some(fetched) = fetched else {
        return location.reload();
    };
    let Some(body) = document().body() else { return Ok(()) };
    again::swap_all(&body, ":not(dialog *)[data-live]", &fetched)?;
    // What lies over the page in a sheet, and what is shown of other pages.
    let others = document().query_selector_all(&["[", again::ADDRESS, "]"].concat())?;
    for at in 0..others.length() {
        let Some(other) = others.get(at).map(JsCast::unchecked_into::<Element>) else {
            continue;
        };
        if let Some(fetched) = again::page(&other.get_attribute(again::ADDRESS).unwrap_or_default()).await? {
            again::swap_all(&other, "[data-live]", &fetched)?;
        }
    }
    Ok(())
}
