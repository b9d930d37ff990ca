//! Request and response bodies as streams, for `server_fn`, which names them in a trait whether or not a function streams.
//!
//! No function of ours does, yet the compiler cannot know that and keeps 6 KB of Brotli for them in every wasm file with leptos.
//! The workspace puts this crate in the place of `wasm-streams`, with the same names as far as `server_fn` uses them: a body that is
//! sent as a stream is empty, one that is received as a stream ends at once.

use futures::stream::{self, Empty, Stream};
use wasm_bindgen::JsValue;

/// A body that could be read piece by piece.
#[derive(Debug)]
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// The body of a response.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// A body to be sent. The pieces are dropped.
    ///
    /// # Panics
    /// Where the browser has no streams.
    pub fn from_stream(_pieces: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        Self(web_sys::ReadableStream::new().expect("every browser that runs wasm has streams"))
    }

    /// The browser's own object.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// The pieces of a response: none.
    pub fn into_stream(self) -> Empty<Result<JsValue, JsValue>> {
        stream::empty()
    }
}
