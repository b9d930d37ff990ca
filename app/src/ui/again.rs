//! A page of the server fetched once more, and pieces of it put into their places.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, DomParser, Element, Headers, HtmlElement, Request, RequestCache, RequestInit, Response, SupportedType,
};

/// The page at this address; `None` where the browser had better go there itself: somebody signed out, or it is gone or no longer to be seen.
pub(crate) async fn page(address: &str) -> Result<Option<Document>, JsValue> {
    asked(address, &RequestInit::new()).await
}

/// The page in which these fields of a form, sent to this address, are answered; `None` as for [`page`].
pub(crate) async fn posted(address: &str, fields: &str) -> Result<Option<Document>, JsValue> {
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
    if response.redirected() || matches!(response.status(), 403 | 404) {
        return Ok(None);
    }
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    DomParser::new()?
        .parse_from_string(&text, SupportedType::TextHtml)
        .map(Some)
}

/// On an element whose content is that of another page than the one around it: that page's address.
pub(crate) const ADDRESS: &str = "data-address";

/// Swaps everything below `root` that the selector names.
pub(crate) fn swap_all(root: &Element, selector: &str, fetched: &Document) -> Result<(), JsValue> {
    let places = root.query_selector_all(selector)?;
    for at in 0..places.length() {
        if let Some(place) = places.get(at) {
            swap(place.unchecked_ref(), fetched)?;
        }
    }
    Ok(())
}

/// Puts the fetched element of the same id in the place of `old`, unless nothing changed. What was unfolded stays so, and the
/// focus stays on what has the same id or leads to the same place.
pub(crate) fn swap(old: &Element, fetched: &Document) -> Result<(), JsValue> {
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
    let again = focused.map(|element| match element.get_attribute("href") {
        Some(href) => ["a[href=\"", &href, "\"]"].concat(),
        None => ["[id=\"", &element.id(), "\"]"].concat(),
    });
    old.set_inner_html(&new.inner_html());
    let again = again.and_then(|selector| old.query_selector(&selector).ok()?);
    if let Some(element) = again {
        element.unchecked_into::<HtmlElement>().focus()?;
    }
    Ok(())
}
