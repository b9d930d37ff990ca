//! A page of the server fetched once more, and pieces of it put into their places.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, DomParser, Element, Event, Headers, HtmlElement, HtmlInputElement, Request, RequestCache, RequestInit,
    Response, SupportedType,
};

/// The page at this address; `None` where the browser had better go there itself: it is gone or no longer to be
/// seen. An error too where the session ended.
pub async fn page(address: &str) -> Result<Option<Document>, JsValue> {
    asked(address, &RequestInit::new()).await
}

/// The page in which these fields of a form, sent to this address, are answered; `None` as for [`page`].
pub async fn posted(address: &str, fields: &str) -> Result<Option<Document>, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/x-www-form-urlencoded")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&fields.into());
    asked(address, &init).await
}

async fn asked(address: &str, init: &RequestInit) -> Result<Option<Document>, JsValue> {
    init.set_cache(RequestCache::NoStore);
    let request = Request::new_with_str_and_init(address, init)?;
    let response: Response = JsFuture::from(window().fetch_with_request(&request))
        .await?
        .unchecked_into();
    if response.redirected() && response.url().contains("sign-in?next=") {
        // The page asks to sign in again (`drafts.js`), and then for this once more.
        window().dispatch_event(&Event::new("signed-out")?)?;
        return Err(JsValue::NULL);
    }
    if response.redirected() || matches!(response.status(), 403 | 404) {
        return Ok(None);
    }
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    DomParser::new()?
        .parse_from_string(&text, SupportedType::TextHtml)
        .map(Some)
}

/// On an element whose content is that of another page than the one around it: that page's address.
pub const ADDRESS: &str = "data-address";

/// Swaps everything below `root` that the selector names.
pub fn swap_all(root: &Element, selector: &str, fetched: &Document) -> Result<(), JsValue> {
    let places = root.query_selector_all(selector)?;
    for at in 0..places.length() {
        if let Some(place) = places.get(at) {
            swap(place.unchecked_ref(), fetched)?;
        }
    }
    Ok(())
}

/// Puts the fetched element of the same id in the place of `old`, unless nothing changed. What was unfolded stays so, what was ticked too, and the
/// focus stays on what has the same id, leads to the same place or chooses the same row. Where the row that had it is gone, it goes to the row that
/// took its place, or to the last one.
pub fn swap(old: &Element, fetched: &Document) -> Result<(), JsValue> {
    let Some(new) = fetched.get_element_by_id(&old.id()) else {
        return Ok(());
    };
    let unfolded = old.query_selector_all("details[open][id]")?;
    for at in 0..unfolded.length() {
        let id = unfolded.get(at).map(|node| node.unchecked_into::<Element>().id());
        if let Some(same) = id.and_then(|id| fetched.get_element_by_id(&id)) {
            same.set_attribute("open", "")?;
        }
    }
    if new.is_equal_node(Some(old)) {
        return Ok(());
    }
    let focused = document()
        .active_element()
        .filter(|element| old.contains(Some(element)));
    let focused = focused.map(|element| (same(&element), row_number(old, &element)));
    let ticked: Vec<String> = every(old, ".pick input:checked")?.iter().map(same).collect();
    old.set_inner_html(&new.inner_html());
    for selector in ticked {
        if let Some(input) = old.query_selector(&selector)? {
            input.unchecked_into::<HtmlInputElement>().set_checked(true);
        }
    }
    let Some((selector, number)) = focused else {
        return Ok(());
    };
    let rows = every(old, ROWS)?;
    let neighbour = || number.and_then(|number| rows.get(number).or_else(|| rows.last()).cloned());
    if let Some(element) = old.query_selector(&selector)?.or_else(neighbour) {
        element.unchecked_into::<HtmlElement>().focus()?;
    }
    Ok(())
}

/// The links of the rows of a list.
pub const ROWS: &str = "a.row-go";

/// What finds the same thing in a page that was fetched again.
fn same(element: &Element) -> String {
    let of = |name: &str| element.get_attribute(name).unwrap_or_default();
    match (element.get_attribute("href"), element.get_attribute("value")) {
        (Some(href), _) => ["a[href=\"", &href, "\"]"].concat(),
        (None, Some(value)) => ["[name=\"", &of("name"), "\"][value=\"", &value, "\"]"].concat(),
        (None, None) => ["[id=\"", &element.id(), "\"]"].concat(),
    }
}

/// Which row of the list `element` is in.
fn row_number(list: &Element, element: &Element) -> Option<usize> {
    let row = element.closest("tr, li").ok()??;
    every(list, ROWS).ok()?.iter().position(|link| row.contains(Some(link)))
}

fn every(root: &Element, selector: &str) -> Result<Vec<Element>, JsValue> {
    let found = root.query_selector_all(selector)?;
    let found = (0..found.length()).filter_map(|at| found.get(at));
    Ok(found.map(JsCast::unchecked_into).collect())
}
