//! Lists by keyboard: `/` goes to the search, `j` and `k` to the next and the previous row, `x` ticks a row, Enter opens it, Esc leaves the search
//! or unticks all rows. The arrows go from the search to the rows and back as well. The box in the head of a table ticks all rows of the page. The island `Keys` draws nothing.

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

const SEARCH: &str = "form[data-search] input[type=search]";
const ROWS: &str = "#results a.row-go";
const PICKED: &str = "#results .pick input:checked";
const PICKS: &str = "#results tbody .pick input";

/// Serves the list of the page.
#[island]
pub fn Keys() -> impl IntoView {
    Effect::new(|_| {
        let pressed = Closure::<dyn Fn(KeyboardEvent)>::new(|event: KeyboardEvent| {
            // Fails only where the page has no such element.
            let _done = on_key(&event);
        });
        let changed = Closure::<dyn Fn(Event)>::new(|event: Event| {
            let _done = on_change(&event);
        });
        // Cannot fail with a function.
        let _added = document().add_event_listener_with_callback("keydown", pressed.as_ref().unchecked_ref());
        let _added = document().add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
        pressed.forget();
        changed.forget();
    });
}

fn on_key(event: &KeyboardEvent) -> Result<(), JsValue> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing() {
        return Ok(());
    }
    let active = document().active_element();
    let typing = active.as_ref().is_some_and(is_typing);
    let key = event.key();
    match key.as_str() {
        "ArrowDown" | "ArrowUp" if walks(active.as_ref()) => {
            event.prevent_default();
            arrow(active.as_ref(), if key == "ArrowDown" { 1 } else { -1 })
        }
        "Escape" if typing => active.map_or(Ok(()), |field| field.unchecked_into::<HtmlElement>().blur()),
        "Escape" => all(PICKED, |input| input.set_checked(false)),
        _ if typing || document().query_selector("dialog[open]")?.is_some() => Ok(()),
        "/" => {
            event.prevent_default();
            search()
        }
        "j" => step(active.as_ref(), 1),
        "k" => step(active.as_ref(), -1),
        "x" => tick(active.as_ref()),
        _ => Ok(()),
    }
}

/// Is this where letters go?
fn is_typing(element: &Element) -> bool {
    let field = element.matches("textarea, select, input:not([type=checkbox], [type=radio]), [contenteditable]");
    field.unwrap_or_default()
}

fn rows() -> Result<Vec<HtmlElement>, JsValue> {
    let found = document().query_selector_all(ROWS)?;
    let rows = (0..found.length()).filter_map(|at| found.get(at));
    Ok(rows.map(JsCast::unchecked_into).collect())
}

fn row_of(active: Option<&Element>) -> Result<Option<Element>, JsValue> {
    active.map_or(Ok(None), |active| active.closest("tr"))
}

/// The focus goes to the link of the next row, or of the first or last one.
fn step(active: Option<&Element>, by: isize) -> Result<(), JsValue> {
    let (rows, here) = (rows()?, row_of(active)?);
    let at = here.and_then(|here| rows.iter().position(|row| here.contains(Some(row.as_ref()))));
    let to = match at {
        Some(at) => at.saturating_add_signed(by),
        None if by > 0 => 0,
        None => rows.len().saturating_sub(1),
    };
    match rows.get(to) {
        Some(row) => row.focus(),
        None => Ok(()),
    }
}

/// Do the arrows go through the list from here? From its search and its rows, where no sheet lies over the page.
fn walks(active: Option<&Element>) -> bool {
    let place = [SEARCH, ", ", ROWS].concat();
    active.is_some_and(|active| active.matches(&place).unwrap_or_default())
        && document()
            .query_selector("dialog[open]")
            .is_ok_and(|dialog| dialog.is_none())
}

/// Above the first row is the search.
fn arrow(active: Option<&Element>, by: isize) -> Result<(), JsValue> {
    let rows = rows()?;
    let here = rows.iter().position(|row| active == Some(row.as_ref()));
    match (here, by) {
        (Some(0), -1) => search(),
        (Some(at), _) => rows.get(at.saturating_add_signed(by)).map_or(Ok(()), |row| row.focus()),
        (None, 1) => rows.first().map_or(Ok(()), |row| row.focus()),
        (None, _) => Ok(()),
    }
}

/// The focus goes to the search, where there is one.
fn search() -> Result<(), JsValue> {
    let Some(field) = document().query_selector(SEARCH)? else {
        return Ok(());
    };
    let field: HtmlInputElement = field.unchecked_into();
    field.focus()?;
    field.select();
    Ok(())
}

fn tick(active: Option<&Element>) -> Result<(), JsValue> {
    let Some(row) = row_of(active)? else {
        return Ok(());
    };
    if let Some(input) = row.query_selector(".pick input")? {
        input.unchecked_into::<HtmlElement>().click();
    }
    Ok(())
}

/// The box in the head of the table was ticked, or not any more.
fn on_change(event: &Event) -> Result<(), JsValue> {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    match target.filter(|input| input.has_attribute("data-all")) {
        Some(head) => all(PICKS, |input| input.set_checked(head.checked())),
        None => Ok(()),
    }
}

fn all(selector: &str, act: impl Fn(&HtmlInputElement)) -> Result<(), JsValue> {
    let found = document().query_selector_all(selector)?;
    for at in 0..found.length() {
        if let Some(node) = found.get(at) {
            act(node.unchecked_ref());
        }
    }
    Ok(())
}
