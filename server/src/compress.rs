//! Pages and lists over the wire, compressed.
//!
//! Compressing what an attacker may put a part of, beside what is secret, tells the secret by the length (BREACH), to somebody who can make a
//! browser ask again and again and can see how long the answers are. Only another site can make it ask so, and only what is encrypted on the way
//! has a secret to tell by its length. So over TLS an answer is compressed where the browser says that no other site caused the request.

use crate::edge::address::Client;
use crate::state::Transport;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderName};
use http_body::Body;
use tower_http::CompressionLevel;
use tower_http::compression::{CompressionLayer, Predicate};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Who caused a request for which the answer may be compressed: a page of ours, or a person by the address bar.
const OWN: [&str; 2] = ["same-origin", "none"];
/// A little more than pages of nothing but their frame gain by: a tenth less for twice the work beyond.
const QUALITY: i32 = 5;
/// Shorter answers fit into a packet as they are.
const FROM_BYTES: u64 = 1024;

/// Compresses what [`gate`] let through.
pub fn layer() -> CompressionLayer<Texts> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(QUALITY))
        .compress_when(Texts)
}

/// Pages and lists, nothing that is a stream.
#[derive(Clone, Copy)]
pub struct Texts;

impl Predicate for Texts {
    fn should_compress<B: Body>(&self, response: &http::Response<B>) -> bool {
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let text = kind.is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("text/csv"));
        text && response
            .body()
            .size_hint()
            .exact()
            .is_none_or(|size| size >= FROM_BYTES)
    }
}

/// Lets a request ask for a compressed answer only where that tells nobody anything.
pub async fn gate(mut request: Request, next: Next) -> Response {
    let client = request.extensions().get();
    let transport = client.map_or(Transport::Tls, |client: &Client| client.transport);
    let site = request.headers().get(SITE).and_then(|site| site.to_str().ok());
    if !may_be_compressed(transport, site) {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    next.run(request).await
}

fn may_be_compressed(transport: Transport, site: Option<&str>) -> bool {
    match transport {
        Transport::Plain => true,
        // A browser that does not say may be asked by anybody.
        Transport::Tls => site.is_some_and(|site| OWN.contains(&site)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_tls_only_requests_of_our_own_pages_are_answered_compressed() {
        for (site, expected) in [
            (Some("same-origin"), true),
            (Some("none"), true),
            (Some("same-site"), false),
            (Some("cross-site"), false),
            (Some(""), false),
            (None, false),
        ] {
            assert_eq!(may_be_compressed(Transport::Tls, site), expected, "{site:?}");
            assert!(may_be_compressed(Transport::Plain, site), "{site:?}");
        }
    }
}
