//! One socket, which ends when its time is over.

use super::Connection;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// A connection with a request under way is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A socket that ends when its time is over.
pub struct Guarded {
    stream: TcpStream,
    connection: Arc<Connection>,
    alarm: Pin<Box<Sleep>>,
}

impl Guarded {
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        let alarm = Box::pin(sleep(connection.all.bounds.first_byte_within));
        Self {
            stream,
            connection,
            alarm,
        }
    }

    /// While the socket gives nothing: is its time over?
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        self.connection.told.register(cx.waker());
        loop {
            let until = match self.connection.verdict() {
                Ok(Some(at)) => at.min(Instant::now() + LOOK_EVERY),
                Ok(None) => return Poll::Pending,
                Err(why) => return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why))),
            };
            // An alarm that rings too early is set again then; setting it at every request would cost more.
            if until < self.alarm.deadline() || self.alarm.is_elapsed() {
                self.alarm.as_mut().reset(until);
            }
            if self.alarm.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.connection.all.leave(&self.connection);
    }
}

impl AsyncRead for Guarded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Pending => self.wait(cx),
            ready => {
                if buf.filled().len() > before {
                    self.connection.came();
                }
                ready
            }
        }
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.connection.went(written.is_ready());
        if written.is_pending() { self.wait(cx) } else { written }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.connection.went(written.is_ready());
        if written.is_pending() { self.wait(cx) } else { written }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
