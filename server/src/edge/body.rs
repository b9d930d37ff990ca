//! Bodies that are too large.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use futures::StreamExt;
use http::header::CONTENT_LENGTH;

/// Most bytes of a body.
pub const MAX_BYTES: u64 = app::form::MAX_FORM_BYTES;
/// Of a body that is too large so much is read and forgotten, because a browser shows the answer only when it could send all.
const SWALLOW_BYTES: u64 = 64 << 20;

/// Hands on a request; one whose length says that it is too large with a body that is just too large, so that whoever
/// reads it answers in the way of that address, and nobody keeps megabytes. An import takes larger files and counts them itself.
pub async fn bounded(request: Request) -> Request {
    let length = request.headers().get(CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|value| value.to_str().ok()?.parse().ok());
    let imports = [app::operator::IMPORT_PATH, app::operator::GUARDS_IMPORT_PATH];
    let counted_there = imports.contains(&request.uri().path());
    if counted_there || length.is_none_or(|length| length <= MAX_BYTES) {
        return request;
    }
    let (mut parts, body) = request.into_parts();
    let mut left = SWALLOW_BYTES;
    let mut stream = body.into_data_stream();
    while let Some(Ok(bytes)) = stream.next().await {
        left = left.saturating_sub(bytes.len() as u64);
        if left == 0 {
            break;
        }
    }
    parts.headers.remove(CONTENT_LENGTH);
    Request::from_parts(parts, just_too_large())
}

fn just_too_large() -> Body {
    static BLANKS: [u8; 1 << 16] = [b' '; 1 << 16];
    let chunks = MAX_BYTES / BLANKS.len() as u64 + 1;
    let chunks = (0..chunks).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&BLANKS)));
    Body::from_stream(futures::stream::iter(chunks))
}
