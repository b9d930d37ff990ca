//! Accepting sockets.

use super::{Connection, Connections, Guarded};
use crate::edge::counters::Count;
use axum_server::{AddrListener, Address};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// After an accept that failed.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// A socket that was accepted.
#[derive(Clone)]
pub struct Arrived {
    pub(super) peer: SocketAddr,
    pub(super) connection: Arc<Connection>,
}

impl Address for Arrived {
    type Stream = Guarded;
    type Listener = BoundedListener;
}

/// Accepts sockets for which there is a place, and closes the others.
pub struct BoundedListener {
    listener: TcpListener,
    connections: Connections,
}

impl BoundedListener {
    /// Accepts from this listener.
    pub fn new(listener: TcpListener, connections: Connections) -> Self {
        Self { listener, connections }
    }
}

impl AddrListener<Guarded, Arrived> for BoundedListener {
    async fn bind_to(_address: Arrived) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    async fn accept_stream(&self) -> io::Result<(Guarded, Arrived)> {
        loop {
            let (stream, peer) = match self.listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    let inner = &self.connections.0;
                    inner.counters.add(Count::AcceptFailed);
                    if let Some(times) = inner.failed.due() {
                        tracing::warn!(times, %error, "a connection could not be accepted");
                    }
                    sleep(ACCEPT_AGAIN).await;
                    continue;
                }
            };
            let Some(connection) = self.connections.admit(peer.ip()).await else {
                continue;
            };
            // A socket that is gone already says so when it is read.
            let _set_or_gone = stream.set_nodelay(true);
            let guarded = Guarded::new(stream, Arc::clone(&connection));
            return Ok((guarded, Arrived { peer, connection }));
        }
    }

    fn get_local_addr(&self) -> io::Result<Arrived> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
