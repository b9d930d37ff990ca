//! Addresses inside the site: ids made safe for paths, and redirects from a page being rendered.

use axum::response::{IntoResponse, Redirect, Response};
use http::header::{HeaderValue, LOCATION};
use http::request::Parts;
use leptos::prelude::*;
use std::fmt::Write;
use url::{Position, Url};

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

/// The address of the page being rendered, query included.
pub fn here() -> String {
    let here = with_context(|parts: &Parts| parts.uri.path_and_query().map(ToString::to_string));
    here.flatten().unwrap_or_else(|| "/".to_owned())
}

/// Path, query and fragment of an address on this site, percent-encoded; `None` for every other text. All redirects go through here: an
/// address may come from a link or form of somebody else's, and browsers read addresses more generously than people do.
pub fn local(address: &str) -> Option<String> {
    if !address.starts_with('/') || address.contains(char::is_control) {
        return None;
    }
    let site = Url::parse("https://this-site.invalid/").ok()?;
    let url = site.join(address).ok()?;
    let here = url.origin() == site.origin() && url.username().is_empty() && url.password().is_none();
    let rest = &url[Position::BeforePath..];
    // A path may still begin with two slashes, such as that of `/.//other.example`, and would lead elsewhere.
    (here && !rest.starts_with("//")).then(|| rest.to_owned())
}

/// A redirect (303) to an address of ours, or home where it is none.
pub fn see_other(address: &str) -> Response {
    Redirect::to(&local(address).unwrap_or_else(|| "/".to_owned())).into_response()
}

/// Answers the page being rendered with a redirect (303) to an address of ours, or home where it is none.
pub fn redirect(address: &str) {
    let address = local(address).unwrap_or_else(|| "/".to_owned());
    if let (Some(response), Ok(value)) = (
        use_context::<leptos_axum::ResponseOptions>(),
        HeaderValue::from_str(&address),
    ) {
        response.insert_header(LOCATION, value);
        response.set_status(http::StatusCode::SEE_OTHER);
    }
}

/// Back to where signing in was asked for, or to the role's first page.
pub fn after_sign_in(next: &str, home: &str) -> String {
    if next.is_empty() {
        home.to_owned()
    } else {
        local(next).unwrap_or_else(|| home.to_owned())
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
    fn addresses_of_this_site_are_kept() {
        for ours in [
            "/",
            "/staff?x=1",
            "/owner/guards/G%2F1#top",
            "/staff/orders?customerNo=1&x=%26",
        ] {
            assert_eq!(local(ours).as_deref(), Some(ours));
        }
        assert_eq!(local("/staff/../owner?q=가").as_deref(), Some("/owner?q=%EA%B0%80"));
    }

    #[test]
    fn addresses_that_lead_elsewhere_are_none() {
        for foreign in [
            "",
            "staff",
            "//evil.example",
            "///evil.example",
            "https://evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/a\r\nSet-Cookie: x=1",
            "/.//evil.example",
            "/..//evil.example",
            "/x/..//evil.example",
            "/%2e%2e//evil.example",
            "/./\\evil.example",
            "javascript:alert(1)",
            "/\u{85}/evil.example",
            "/\u{7f}/evil.example",
        ] {
            assert_eq!(local(foreign), None, "{foreign:?}");
        }
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
