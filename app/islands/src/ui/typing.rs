//! Results while somebody types: the island `Typing` fetches the list that a search form would lead to, and puts its results into the page.
//!
//! What such a form looks like: a form with `data-search`, which leads to the list with what was typed in its address; the results are the
//! element `results`, each hit has `data-hit`. Without the island, or before it runs, the same form leads to the same list.

use crate::ui::again;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, FormData, HtmlElement, HtmlFormElement, UrlSearchParams};

/// Nothing is asked while the next letter is on its way.
const PAUSE: Duration = Duration::from_millis(150);
const FORM: &str = "form[data-search]";
const RESULTS: &str = "results";
/// On a form where Enter opens the first hit of several.
const FIRST: &str = "data-first";
/// The field that asks for the page of a sole hit in place of the list.
pub const OPEN: &str = "open";

/// Serves the search forms of the page. It draws nothing.
#[island]
pub fn Typing() -> impl IntoView {
    Effect::new(|_| {
        let typing = Rc::new(Shown::default());
        let input = typing.clone();
        on("input", move |event| {
            if let Some(form) = form_of(event) {
                input.clone().typed(form);
            }
        });
        on("submit", move |event| {
            let Some(form) = form_of(event) else { return };
            let first = form.has_attribute(FIRST);
            // The results may still be those of what was typed before: then the form leads to the list, or waits for them to open the first.
            if typing.is_current() {
                if let Some(hit) = hit(first) {
                    event.prevent_default();
                    hit.click();
                }
            } else if first {
                event.prevent_default();
                typing.opens.set(true);
            }
        });
    });
}

/// As long as the page lives.
fn on(name: &str, act: impl Fn(&Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| act(&event));
    // Cannot fail with a function.
    let _added = document().add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}

fn form_of(event: &Event) -> Option<HtmlFormElement> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(FORM).ok()??.dyn_into().ok()
}

/// Where a form that asks leads: to the list, also where that has one row alone, which the form itself would open.
pub fn address(form: &HtmlFormElement) -> Result<String, JsValue> {
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form)?.into())?;
    fields.delete(OPEN);
    // A form without an address of its own has that of its page, with what was asked before.
    let action = form.action();
    let action = action.split(['?', '#']).next().unwrap_or_default();
    Ok([action, "?", &String::from(fields.to_string())].concat())
}

/// The one result there is, or the first of several.
fn hit(first: bool) -> Option<HtmlElement> {
    let hits = document().query_selector_all("#results [data-hit]").ok()?;
    let hit = hits.get(0).filter(|_| first || hits.length() == 1);
    hit.map(JsCast::unchecked_into)
}

/// What the results on the page are of, as a number that grows with every letter.
#[derive(Default)]
struct Shown {
    typed: Cell<u32>,
    shown: Cell<u32>,
    /// Enter was pressed: what is found first is opened.
    opens: Cell<bool>,
}

impl Shown {
    fn is_current(&self) -> bool {
        self.typed.get() == self.shown.get()
    }

    fn typed(self: Rc<Self>, form: HtmlFormElement) {
        let number = self.typed.get().wrapping_add(1);
        self.typed.set(number);
        self.opens.set(false);
        set_timeout(
            move || {
                if self.typed.get() == number {
                    spawn_local(async move {
                        // What failed is asked again with the next letter, or by the form itself.
                        let _shown = self.show(&form, number).await;
                    });
                }
            },
            PAUSE,
        );
    }

    async fn show(&self, form: &HtmlFormElement, number: u32) -> Result<(), JsValue> {
        let address = address(form)?;
        let fetched = again::page(&address).await?;
        // An answer to an earlier letter comes too late.
        if self.typed.get() != number {
            return Ok(());
        }
        let Some(fetched) = fetched else {
            return location().assign(&address);
        };
        if let Some(results) = document().get_element_by_id(RESULTS) {
            again::swap(&results, &fetched)?;
        }
        self.shown.set(number);
        // The address is that of the page, not of a sheet over it.
        if form.closest("dialog")?.is_none() {
            let history = window().history()?;
            history.replace_state_with_url(&JsValue::NULL, "", Some(&address))?;
        }
        if self.opens.take()
            && let Some(hit) = hit(true)
        {
            hit.click();
        }
        Ok(())
    }
}
