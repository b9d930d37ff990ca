//! Headers that tell the browser what pages of ours may do.

use super::cookies;
use crate::state::Transport;
use axum::response::Response;
use domain::boards::driver::BRIDGE_PORT;
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue};
use tower_http::set_header::SetResponseHeaderLayer;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

type Fixed = SetResponseHeaderLayer<HeaderValue>;

/// Adds those that are the same for every response.
pub fn always() -> (Fixed, Fixed, Fixed, Fixed, Fixed) {
    let fixed = |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    (
        fixed(REFERRER_POLICY, "same-origin"),
        fixed(X_CONTENT_TYPE_OPTIONS, "nosniff"),
        fixed(
            PERMISSIONS_POLICY,
            "camera=(self), screen-wake-lock=(self), serial=(self), fullscreen=(self), microphone=(), geolocation=(), payment=()",
        ),
        fixed(OPENER_POLICY, "same-origin"),
        fixed(RESOURCE_POLICY, "same-origin"),
    )
}

/// A worker lives by the policy its own file came with, not by that of the page that started it.
const WORKER_POLICY: &str =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'";
/// A browser that was here with TLS comes with TLS for a year. Not for other names below this one, which are not ours to decide about.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds those that depend on the response; `nonce` is that of the page's own inline script. The kiosk's page may reach the door bridge on its own machine.
pub fn secure(response: &mut Response, nonce: &str, transport: Transport, is_kiosk: bool) {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let (is_page, is_script) = (kind.starts_with(b"text/html"), kind.starts_with(b"text/javascript"));
    let policy = if is_page {
        HeaderValue::from_str(&page_policy(nonce, is_kiosk)).ok()
    } else if is_script {
        Some(HeaderValue::from_static(WORKER_POLICY))
    } else {
        Some(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
    };
    let headers = response.headers_mut();
    if let Some(policy) = policy {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    if transport == Transport::Tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, TLS_ONLY);
        cookies::for_tls_only(headers);
    }
}

/// Own files only; inline script only with the nonce; `style` attributes, because a cabinet is drawn with them.
fn page_policy(nonce: &str, is_kiosk: bool) -> String {
    let bridge = if is_kiosk {
        format!(" ws://127.0.0.1:{BRIDGE_PORT}")
    } else {
        String::new()
    };
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'{bridge}; worker-src 'self'; manifest-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}
