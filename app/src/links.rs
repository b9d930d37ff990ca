//! Addresses inside the site: ids made safe for paths, and redirects from a page being rendered.

use http::header::{HeaderValue, LOCATION};
use http::request::Parts;
use leptos::prelude::*;
use std::fmt::Write;

/// Text as one segment of a path or one value of a query: everything but letters, digits and `-._~` percent-encoded.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A path with a query made of these; empty values are left out.
pub fn with_query(path: &str, values: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(name);
        out.push('=');
        out.push_str(&encoded(value));
    }
    out
}

/// The part of the path of the page being rendered that stands after this many slashes. Decoded once; the router's parameters are
/// decoded twice, and an id with a `%` in it would be another one.
pub fn part(slashes: usize) -> String {
    let path = crate::context::request().path;
    let part = path.split('/').nth(slashes).unwrap_or_default();
    percent_encoding::percent_decode_str(part)
        .decode_utf8_lossy()
        .into_owned()
}

/// The address of the page being rendered, query included.
pub fn here() -> String {
    use_context::<Parts>()
        .and_then(|parts| parts.uri.path_and_query().map(ToString::to_string))
        .unwrap_or_else(|| "/".to_owned())
}

/// Answers the page being rendered with a redirect (303) to an address of ours.
pub fn redirect(address: &str) {
    if let (Some(response), Ok(value)) = (
        use_context::<leptos_axum::ResponseOptions>(),
        HeaderValue::from_str(address),
    ) {
        response.insert_header(LOCATION, value);
        response.set_status(http::StatusCode::SEE_OTHER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_with_any_character_stays_one_segment() {
        assert_eq!(encoded("A-1/2?x=가&"), "A-1%2F2%3Fx%3D%EA%B0%80%26");
    }

    #[test]
    fn empty_values_are_left_out_of_a_query() {
        assert_eq!(
            with_query("/a", &[("x", ""), ("y", "1 2"), ("z", "3")]),
            "/a?y=1%202&z=3"
        );
        assert_eq!(with_query("/a", &[("x", "")]), "/a");
    }
}
