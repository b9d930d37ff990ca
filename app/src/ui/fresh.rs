//! Keeps a page that the server drew up to date: at every event of `/owner/live` the page is fetched again, and the elements
//! marked `data-live` take the content of those with the same id. Without leptos: its wasm file has to be small.

use crate::ui::dom;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Document, DomParser, Element, EventSource, HtmlElement, Request, RequestCache, RequestInit, Response, SupportedType,
};

/// How often the page is fetched while there is no stream of events.
const POLL_MS: i32 = 60_000;
/// Events that come together cause one fetch.
const SETTLE_MS: i32 = 150;

struct Fresh {
    /// Says that the account is used elsewhere; hidden until then.
    elsewhere: Option<HtmlElement>,
    events: String,
    stream: RefCell<Option<EventSource>>,
    /// A fetch is under way or about to be.
    busy: Cell<bool>,
    /// Something happened during it.
    again: Cell<bool>,
}

/// Begins. `root` names the events' address in `data-events`. Lives as long as the page.
pub fn keep_fresh(root: &Element) -> Result<(), JsValue> {
    let fresh = Rc::new(Fresh {
        elsewhere: dom::find(root, "[hidden]").ok(),
        events: root.get_attribute("data-events").unwrap_or_default(),
        stream: RefCell::new(None),
        busy: Cell::new(false),
        again: Cell::new(false),
    });
    fresh.listen();
    let (polling, returning) = (fresh.clone(), fresh);
    dom::every(POLL_MS, move || {
        if !dom::hidden() && !polling.is_listening() {
            polling.ask();
            polling.listen();
        }
    });
    // Out of sight nothing is fetched; what was missed is fetched on return.
    dom::on_return(move || {
        if dom::hidden() {
            returning.hang_up();
        } else if !returning.is_listening() {
            returning.ask();
            returning.listen();
        }
    });
    Ok(())
}

impl Fresh {
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
        let Ok(stream) = EventSource::new(&self.events) else {
            return;
        };
        // What happened before the stream was open, or while it was broken, was told to nobody.
        for name in ["open", "records", "guards"] {
            self.on(&stream, name, |fresh| fresh.ask());
        }
        self.on(&stream, "elsewhere", |fresh| {
            if let Some(element) = &fresh.elsewhere {
                element.set_hidden(false);
            }
        });
        *self.stream.borrow_mut() = Some(stream);
    }

    fn on(self: &Rc<Self>, stream: &EventSource, name: &str, act: fn(&Rc<Self>)) {
        let fresh = self.clone();
        let listener = Closure::<dyn Fn()>::new(move || act(&fresh));
        // Cannot fail with a function.
        let _added = stream.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        listener.forget();
    }

    fn ask(self: &Rc<Self>) {
        if self.busy.replace(true) {
            self.again.set(true);
            return;
        }
        let fresh = self.clone();
        dom::after(SETTLE_MS, move || {
            spawn_local(async move {
                fresh.again.set(false);
                // What failed is tried again with the next event.
                let _renewed = renew().await;
                fresh.busy.set(false);
                if fresh.again.get() {
                    fresh.ask();
                }
            });
        });
    }
}

/// Fetches this page and puts what is new in it into its place.
async fn renew() -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let document = window.document().ok_or(JsValue::NULL)?;
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    let request = Request::new_with_str_and_init(&window.location().href()?, &init)?;
    let response: Response = JsFuture::from(window.fetch_with_request(&request))
        .await?
        .unchecked_into();
    if response.redirected() || matches!(response.status(), 403 | 404) {
        // Signed out, or what was shown is gone or no longer to be seen: the browser shows what the server says.
        return window.location().reload();
    }
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let fetched = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    let places = document.query_selector_all("[data-live]")?;
    for at in 0..places.length() {
        if let Some(place) = places.get(at) {
            swap(&document, place.unchecked_ref(), &fetched)?;
        }
    }
    Ok(())
}

/// Puts the fetched element of the same id in the place of `old`, unless nothing changed. What was unfolded stays so, and the
/// focus stays on what has the same id or leads to the same place.
fn swap(document: &Document, old: &Element, fetched: &Document) -> Result<(), JsValue> {
    let Some(new) = fetched.get_element_by_id(&old.id()) else {
        return Ok(());
    };
    let unfolded = old.query_selector_all("details[open][id]")?;
    for at in 0..unfolded.length() {
        let id = unfolded.get(at).map(|node| node.unchecked_into::<Element>().id());
        if let Some(same) = id.and_then(|id| fetched.get_element_by_id(&id)) {
            dom::set(&same, "open", "");
        }
    }
    if new.is_equal_node(Some(old)) {
        return Ok(());
    }
    let focused = document.active_element().filter(|element| old.contains(Some(element)));
    let again = focused.map(|element| match element.get_attribute("href") {
        Some(href) => ["a[href=\"", &href, "\"]"].concat(),
        None => ["[id=\"", &element.id(), "\"]"].concat(),
    });
    old.set_inner_html(&new.inner_html());
    if let Some(element) = again.and_then(|selector| dom::find::<HtmlElement>(old, &selector).ok()) {
        element.focus()?;
    }
    Ok(())
}
