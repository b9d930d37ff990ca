//! Requests that another site made a browser send.

use axum::extract::Request;
use http::header::{AUTHORIZATION, HOST, ORIGIN};

/// Whether a browser sent this on behalf of another site, and it could change something. A client without a browser sends
/// neither header, and one with a bearer token chose to send that itself.
pub fn is_cross_site(request: &Request) -> bool {
    let headers = request.headers();
    if request.method().is_safe() || headers.contains_key(AUTHORIZATION) {
        return false;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let host = headers
        .get(HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    match text(ORIGIN.as_str()) {
        None => false,
        // Scheme apart: behind a proxy that ends TLS it differs.
        Some(origin) => origin.split_once("://").map(|(_, host)| host) != host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn cross_site(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder()
            .method(method)
            .uri("/x")
            .header("host", "a.example:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        is_cross_site(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn only_what_another_site_sends_is_refused() {
        assert!(!cross_site("GET", &[("origin", "https://evil.example")]));
        assert!(!cross_site("POST", &[]));
        assert!(!cross_site("POST", &[("origin", "https://a.example:3000")]));
        assert!(!cross_site(
            "POST",
            &[("sec-fetch-site", "same-origin"), ("origin", "null")]
        ));
        assert!(!cross_site(
            "POST",
            &[("origin", "https://evil.example"), ("authorization", "Bearer x")]
        ));
        for origin in ["https://evil.example", "null", "https://a.example", ""] {
            assert!(cross_site("POST", &[("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", ""] {
            assert!(cross_site("PUT", &[("sec-fetch-site", site)]), "{site}");
        }
    }
}
