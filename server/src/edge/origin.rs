//! Requests that another site made a browser send.

use super::address::{PublicUrl, same_authority};
use crate::state::Transport;
use axum::extract::Request;
use http::header::{AUTHORIZATION, ORIGIN};
use http::uri::Authority;

/// What the browser says about the page that sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A page of ours, or no browser; or the request changes nothing.
    Ours,
    /// A page of another site, but a token of its own speaks for it: nothing else may, so cookies do not count.
    WithToken,
    /// A page of another site.
    OtherSite,
}

/// Who sent this request, which names this host. A client without a browser sends neither header.
pub fn sender(request: &Request, host: Option<&Authority>, public_url: Option<&PublicUrl>) -> Sender {
    let headers = request.headers();
    if request.method().is_safe() {
        return Sender::Ours;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let ours = match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None) => true,
        (None, Some(origin)) => is_ours(origin, host) || public_url.is_some_and(|url| url.is_origin(origin)),
    };
    if ours {
        return Sender::Ours;
    }
    // Below `/v1` a token that is sent is the only one who speaks.
    let bearer = text(AUTHORIZATION.as_str()).and_then(|value| value.split_once(' '));
    let bearer = bearer.is_some_and(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
    if bearer && request.uri().path().starts_with("/v1/") {
        Sender::WithToken
    } else {
        Sender::OtherSite
    }
}

/// Transport apart: behind a proxy that ends TLS it differs.
fn is_ours(origin: &str, host: Option<&Authority>) -> bool {
    let (Some((scheme, authority)), Some(host)) = (origin.split_once("://"), host) else {
        return false;
    };
    let transport = if scheme == "https" {
        Transport::Tls
    } else {
        Transport::Plain
    };
    same_authority(transport, authority, host.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const TOKEN: (&str, &str) = ("authorization", "Bearer x");

    fn sent(method: &str, path: &str, headers: &[(&str, &str)]) -> Sender {
        let request = Request::builder().method(method).uri(path);
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        let host = Authority::from_static("a.example:3000");
        let public: PublicUrl = "http://public.example:8080".parse().unwrap();
        sender(&request.body(Body::empty()).unwrap(), Some(&host), Some(&public))
    }

    #[test]
    fn only_what_another_site_sends_is_refused() {
        let post = |headers: &[(&str, &str)]| sent("POST", "/x", headers);
        assert_eq!(sent("GET", "/x", &[("origin", "https://evil.example")]), Sender::Ours);
        assert_eq!(post(&[]), Sender::Ours);
        assert_eq!(post(&[("origin", "https://a.example:3000")]), Sender::Ours);
        assert_eq!(post(&[("origin", "http://public.example:8080")]), Sender::Ours);
        assert_eq!(
            post(&[("sec-fetch-site", "same-origin"), ("origin", "null")]),
            Sender::Ours
        );
        for origin in [
            "https://evil.example",
            "null",
            "https://a.example",
            "",
            "http://public.example",
        ] {
            assert_eq!(post(&[("origin", origin)]), Sender::OtherSite, "{origin}");
        }
        for site in ["cross-site", "same-site", ""] {
            assert_eq!(
                sent("PUT", "/x", &[("sec-fetch-site", site)]),
                Sender::OtherSite,
                "{site}"
            );
        }
    }

    #[test]
    fn only_a_token_that_speaks_for_the_request_makes_up_for_the_other_site() {
        let evil = ("origin", "https://evil.example");
        assert_eq!(sent("POST", "/v1/Orders", &[evil, TOKEN]), Sender::WithToken);
        for (path, authorization) in [
            ("/account", "Bearer x"),
            ("/", "Bearer x"),
            ("/v1/Orders", "Basic eDp5"),
            ("/v1/Orders", "x"),
        ] {
            let headers = [evil, ("authorization", authorization)];
            assert_eq!(
                sent("POST", path, &headers),
                Sender::OtherSite,
                "{path} {authorization}"
            );
        }
    }

    #[test]
    fn the_usual_port_may_be_left_out() {
        let host = Authority::from_static("a.example:443");
        let request = Request::post("/x")
            .header(ORIGIN, "https://a.example")
            .body(Body::empty())
            .unwrap();
        assert_eq!(sender(&request, Some(&host), None), Sender::Ours);
    }
}
