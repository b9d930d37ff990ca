//! Bodies that are too large, and bodies that come too slowly.

use super::bounds::Bounds;
use super::counters::{Count, Counters};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use futures::StreamExt;
use http::header::CONTENT_LENGTH;
use http_body::{Frame, SizeHint};
use islands::addresses::FILE_PAGES;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, timeout};

/// Most bytes of a body.
pub const MAX_BYTES: u64 = islands::fields::MAX_FORM_BYTES;
/// Of a body that is too large so much is read and forgotten, because a browser shows the answer only when it could send all.
const SWALLOW_BYTES: u64 = 64 << 20;

/// Hands on a request; one whose length says that it is too large with a body that is just too large, so that the one who
/// reads it answers in the way of that address, and nobody keeps megabytes. An import takes larger files and counts them itself.
pub async fn bounded(request: Request, bounds: &Bounds, counters: &Counters) -> Request {
    let length = request.headers().get(CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|value| value.to_str().ok()?.parse().ok());
    let counted_there = FILE_PAGES.contains(&request.uri().path());
    if counted_there || length.is_none_or(|length| length <= MAX_BYTES) {
        return request;
    }
    counters.add(Count::BodyLarge);
    let (mut parts, body) = request.into_parts();
    // A client slower than this does not see the answer.
    let _all_or_some = timeout(bounds.swallow_within, swallow(body)).await;
    parts.headers.remove(CONTENT_LENGTH);
    Request::from_parts(parts, just_too_large())
}

async fn swallow(body: Body) {
    let mut left = SWALLOW_BYTES;
    let mut stream = body.into_data_stream();
    while let Some(Ok(bytes)) = stream.next().await {
        left = left.saturating_sub(bytes.len() as u64);
        if left == 0 {
            break;
        }
    }
}

fn just_too_large() -> Body {
    static BLANKS: [u8; 1 << 16] = [b' '; 1 << 16];
    let chunks = MAX_BYTES / BLANKS.len() as u64 + 1;
    let chunks = (0..chunks).map(|_| Ok::<_, io::Error>(Bytes::from_static(&BLANKS)));
    Body::from_stream(futures::stream::iter(chunks))
}

/// Hands on a request whose body ends with an error when it comes too slowly, and what tells whether it did.
pub fn paced(request: Request, bounds: &Bounds, counters: &Arc<Counters>) -> (Request, Slow) {
    let slow = Slow::default();
    if request.body().is_end_stream() {
        return (request, slow);
    }
    let paced = |body| {
        Body::new(Paced {
            body,
            pause: bounds.body_pause,
            bytes_per_second: bounds.body_bytes_per_second.max(1),
            received: 0,
            waited: Duration::ZERO,
            waiting: None,
            slow: slow.clone(),
            counters: Arc::clone(counters),
        })
    };
    (request.map(paced), slow)
}

/// Whether a body came too slowly.
#[derive(Clone, Default)]
pub struct Slow(Arc<AtomicBool>);

impl Slow {
    /// It was given up.
    pub fn is_true(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct Paced {
    body: Body,
    pause: Duration,
    bytes_per_second: u64,
    received: u64,
    /// Only while somebody wanted more; a handler may take its time.
    waited: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    slow: Slow,
    counters: Arc<Counters>,
}

impl Paced {
    fn left(&self) -> Duration {
        let earned = Duration::from_millis(self.received.saturating_mul(1_000) / self.bytes_per_second);
        (self.pause + earned).saturating_sub(self.waited)
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let left = self.left();
        let (_, alarm) = self
            .waiting
            .get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        alarm.as_mut().poll(cx)
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            if let Some((since, _)) = self.waiting.take() {
                self.waited += since.elapsed();
            }
            if let Some(Ok(Some(bytes))) = frame.as_ref().map(|frame| frame.as_ref().map(Frame::data_ref)) {
                self.received += bytes.len() as u64;
            }
            return Poll::Ready(frame);
        }
        ready!(self.wait(cx));
        if !self.slow.0.swap(true, Ordering::Relaxed) {
            self.counters.add(Count::BodySlow);
        }
        let late = io::Error::new(io::ErrorKind::TimedOut, "the body came too slowly");
        Poll::Ready(Some(Err(axum::Error::new(late))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    fn bounds() -> Bounds {
        Bounds {
            body_pause: Duration::from_millis(300),
            body_bytes_per_second: 10_000,
            ..Bounds::default()
        }
    }

    /// Sends this number of bytes every 20 ms; answers whether it was given up, and whether all of it was read.
    async fn sent(bytes: usize, times: usize) -> (bool, bool) {
        let chunks = futures::stream::iter(0..times).then(move |_| async move {
            sleep(Duration::from_millis(20)).await;
            Ok::<_, io::Error>(Bytes::from(vec![b'x'; bytes]))
        });
        let counters = Arc::new(Counters::default());
        let request = Request::new(Body::from_stream(chunks));
        let (request, slow) = paced(request, &bounds(), &counters);
        let read = to_bytes(request.into_body(), usize::MAX).await;
        assert_eq!(counters.get(Count::BodySlow), u64::from(slow.is_true()));
        (slow.is_true(), read.is_ok_and(|read| read.len() == bytes * times))
    }

    #[tokio::test]
    async fn a_body_that_drips_is_given_up_and_a_slow_one_is_read() {
        assert_eq!(sent(1, 200).await, (true, false));
        assert_eq!(sent(40, 200).await, (true, false));
        assert_eq!(sent(1, 3).await, (false, true));
        // Slow machines deliver late, so a good deal more than the least rate.
        assert_eq!(sent(4_000, 100).await, (false, true));
    }

    #[tokio::test]
    async fn the_time_a_handler_takes_is_not_the_senders() {
        let chunks = futures::stream::iter((0..4).map(|_| Ok::<_, io::Error>(Bytes::from_static(b"x"))));
        let counters = Arc::new(Counters::default());
        let (request, slow) = paced(Request::new(Body::from_stream(chunks)), &bounds(), &counters);
        let mut body = request.into_body().into_data_stream();
        while let Some(chunk) = body.next().await {
            assert!(chunk.is_ok());
            sleep(bounds().body_pause / 2).await;
        }
        assert!(!slow.is_true());
    }
}
