//! The files of the site, inside the binary: wasm, scripts, styles, icons. Each was compressed when it was built.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, StatusCode};
use leptos::config::LeptosOptions;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
#[allow_missing = true]
struct Site;

/// Changes whenever any file of the site changes; stands in the addresses, so that browsers may keep the files for ever.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Site::iter().collect();
    names.sort();
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for file in names.iter().filter_map(|name| Site::get(name)) {
        for byte in file.metadata.sha256_hash() {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{sum:016x}")
});

/// How leptos finds the scripts.
pub fn leptos_options() -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("latchkey")
        .site_pkg_dir(format!("pkg/{}", *VERSION))
        .build()
}

/// Every file: versioned ones under `/pkg/VERSION/`, the others under their own names.
pub fn router() -> Router {
    let mut router = Router::new().route("/pkg/{version}/{file}", get(packaged));
    for name in Site::iter().filter(|name| !name.contains('/') && !name.ends_with(".br")) {
        let file = name.to_string();
        router = router.route(
            &format!("/{name}"),
            get(move |headers: HeaderMap| async move { serve(&file, &headers, false) }),
        );
    }
    router
}

async fn packaged(Path((version, file)): Path<(String, String)>, headers: HeaderMap) -> Response {
    // A part that a script loads later shares the memory of its own version's wasm file, and would write anywhere in another's.
    if (file.starts_with("split_") || file.starts_with("chunk_")) && version != *VERSION {
        return StatusCode::NOT_FOUND.into_response();
    }
    let built = format!("pkg/{file}");
    let name = if Site::get(&built).is_some() { built } else { file };
    serve(&name, &headers, version == *VERSION)
}

fn serve(name: &str, headers: &HeaderMap, for_ever: bool) -> Response {
    let Some(plain) = Site::get(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", hex(&plain));
    let caching = if for_ever {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let has = |header, text: &str| {
        headers
            .get(header)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains(text))
    };
    let common = [
        (CACHE_CONTROL, caching.to_owned()),
        (ETAG, tag.clone()),
        (VARY, "Accept-Encoding".to_owned()),
    ];
    if has(IF_NONE_MATCH, &tag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = [(CONTENT_TYPE, content_type(name))];
    match Site::get(&format!("{name}.br")).filter(|_| has(ACCEPT_ENCODING, "br")) {
        Some(brotli) => (common, kind, [(CONTENT_ENCODING, "br")], brotli.data).into_response(),
        None => (common, kind, plain.data).into_response(),
    }
}

fn hex(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
