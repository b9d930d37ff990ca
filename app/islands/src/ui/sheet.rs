//! A sheet over a page that must not be left, such as the scanner: pages of one list are shown in it, fetched as they are. Forms in them are sent
//! by `Act`, results while typing come by `Typing`; without script the same links and forms lead from page to page.

#![expect(missing_docs, reason = "the structs that the macro `island` makes of the arguments")]

use crate::ui::{act, again, typing};
use leptos::html::{Dialog, Div};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, Document, Element, Event, EventInit, HtmlAnchorElement, HtmlElement, HtmlFormElement, Url};

/// Told on the document when the sheet opens, and when it closes.
pub const OPENED: &str = "sheet-opened";
/// See [`OPENED`].
pub const CLOSED: &str = "sheet-closed";

/// The id of the heading of what is shown.
const TITLE: &str = "sheet-title";

/// Lies over the page at `over`; shows the pages whose path begins with `below`.
#[island]
pub fn Sheet(
    /// Path of what is shown in it.
    below: String,
    /// Path of the page it lies on: a link there closes it.
    over: String,
    /// What the button says that closes it.
    close: String,
    /// What stands on that button.
    children: Children,
) -> impl IntoView {
    let sheet = Open {
        dialog: NodeRef::new(),
        content: NodeRef::new(),
        below: StoredValue::new(below),
        over: StoredValue::new(over),
        changed: StoredValue::new(false),
    };
    Effect::new(move |_| sheet.begin());
    view! {
        <dialog node_ref=sheet.dialog class="sheet" aria-labelledby=TITLE on:close=move |_| sheet.closed()>
            <button type="button" class="btn btn-circle sheet-close" aria-label=close data-testid="sheet-close" on:click=move |_| sheet.close()>{children()}</button>
            <div node_ref=sheet.content class="sheet-content" data-testid="sheet"></div>
        </dialog>
    }
}

#[derive(Clone, Copy)]
struct Open {
    dialog: NodeRef<Dialog>,
    content: NodeRef<Div>,
    below: StoredValue<String>,
    over: StoredValue<String>,
    /// Something was done since the page below was drawn.
    changed: StoredValue<bool>,
}

impl Open {
    /// Listens as long as the page lives.
    fn begin(self) {
        on(act::LEADS, move |event| {
            let form: Element = event.target()?.dyn_into().ok()?;
            form.closest("dialog, [data-sheet]").ok()??;
            let address = event.unchecked_ref::<CustomEvent>().detail().as_string();
            self.follow(event, &address?)?;
            self.changed.set_value(true);
            Some(())
        });
        on(act::MADE, move |event| {
            let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
            let page: Document = event.unchecked_ref::<CustomEvent>().detail().dyn_into().ok()?;
            self.put(Some(page), &form.action()).ok()?;
            self.changed.set_value(true);
            event.prevent_default();
            Some(())
        });
        on("click", move |event| {
            let target: Element = event.target()?.dyn_into().ok()?;
            let link: HtmlAnchorElement = target.closest("dialog a[href], a[data-sheet]").ok()??.dyn_into().ok()?;
            self.follow(event, &link.href())
        });
        // A form that asks leads to what it asks for.
        on("submit", move |event| {
            let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
            let asks = form.closest("dialog").ok()?.is_some() && form.method() == "get";
            if asks && !event.default_prevented() {
                self.follow(event, &typing::address(&form).ok()?)?;
            }
            Some(())
        });
    }

    /// Shows what an address leads to, unless that is another page altogether.
    fn follow(self, event: &Event, address: &str) -> Option<()> {
        let location = location();
        let url = Url::new_with_base(address, &location.href().ok()?).ok()?;
        if url.origin() != location.origin().ok()? {
            return None;
        }
        let path = url.pathname();
        let is_over = path == self.over.get_value();
        if !is_over && !path.starts_with(&self.below.get_value()) {
            return None;
        }
        event.prevent_default();
        let address = [path, url.search()].concat();
        spawn_local(async move {
            let shown = if is_over {
                self.go_back(&address).await
            } else {
                self.show(&address).await
            };
            if shown.is_err() {
                // The browser says what is wrong.
                let _gone = leptos::prelude::location().assign(&address);
            }
        });
        Some(())
    }

    async fn show(self, address: &str) -> Result<(), JsValue> {
        self.put(again::page(address).await?, address)
    }

    /// Shows a page that was fetched.
    fn put(self, fetched: Option<Document>, address: &str) -> Result<(), JsValue> {
        let fetched = fetched.ok_or(JsValue::NULL)?;
        let main = fetched.query_selector("main")?.ok_or(JsValue::NULL)?;
        // What the page below has as well is there once.
        let alone = main.query_selector_all("leptos-island:has(> [data-alone]), [data-alone]")?;
        for at in 0..alone.length() {
            if let Some(own) = alone.get(at) {
                own.unchecked_ref::<Element>().remove();
            }
        }
        let (content, dialog) = self
            .content
            .get_untracked()
            .zip(self.dialog.get_untracked())
            .ok_or(JsValue::NULL)?;
        content.set_inner_html(&main.inner_html());
        content.set_attribute(again::ADDRESS, address)?;
        // A form is posted to its own page, which is another one here.
        let forms = content.query_selector_all("form:not([action])")?;
        for at in 0..forms.length() {
            if let Some(form) = forms.get(at) {
                form.unchecked_ref::<Element>().set_attribute("action", address)?;
            }
        }
        wake(&content);
        content.set_scroll_top(0);
        if !dialog.open() {
            dialog.show_modal()?;
            tell(OPENED);
        }
        // Not the field to type in: the keyboard of a phone would cover what is there to be chosen.
        if let Some(heading) = content.query_selector("h1")? {
            heading.set_id(TITLE);
            heading.set_attribute("tabindex", "-1")?;
            heading.unchecked_into::<HtmlElement>().focus()?;
        }
        Ok(())
    }

    /// Back on the page below, which may be about something else now: what is marked `data-over` is renewed.
    async fn go_back(self, address: &str) -> Result<(), JsValue> {
        let fetched = again::page(address).await?.ok_or(JsValue::NULL)?;
        if let Some(body) = document().body() {
            again::swap_all(&body, "[data-over], :not(dialog *)[data-live]", &fetched)?;
        }
        // What was chosen stands in the address, as without script.
        window()
            .history()?
            .replace_state_with_url(&JsValue::NULL, "", Some(address))?;
        self.changed.set_value(false);
        self.close();
        Ok(())
    }

    /// The page below is as good as new before it goes on.
    fn closed(self) {
        if let Some(content) = self.content.get_untracked() {
            content.set_inner_html("");
            // Fails only for an invalid name.
            let _removed = content.remove_attribute(again::ADDRESS);
        }
        spawn_local(async move {
            if self.changed.get_value() {
                // Where it cannot be fetched, the page goes on as it is.
                let _renewed = self.go_back(&self.over.get_value()).await;
            }
            tell(CLOSED);
        });
    }

    fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }
}

/// Has `page.js` wake the islands that came with what was fetched.
fn wake(content: &Element) {
    let init = EventInit::new();
    init.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("islands", &init) {
        // Cannot fail with an event of our own.
        let _told = content.dispatch_event(&event);
    }
}

fn tell(name: &str) {
    if let Ok(event) = Event::new(name) {
        // Cannot fail with an event of our own.
        let _told = document().dispatch_event(&event);
    }
}

fn on(name: &str, act: impl Fn(&Event) -> Option<()> + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        act(&event);
    });
    // Cannot fail with a function.
    let _added = document().add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}
