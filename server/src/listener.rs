//! Listening: sockets within the bounds of the edge, HTTP/1 and HTTP/2, with TLS or without.

use crate::edge::bounds::Bounds;
use crate::edge::connections::{Arrived, BoundedListener, Connections, PerConnection};
use crate::router::router;
use crate::run::RunError;
use crate::state::{AppState, Transport};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::net::SocketAddr;

/// A listener that accepts requests.
pub struct Listening {
    /// Where, with the port the system chose.
    pub address: SocketAddr,
    /// Ends it.
    pub handle: Handle<Arrived>,
    /// Comes back when it ended.
    pub ended: tokio::task::JoinHandle<()>,
}

/// Accepts requests at this address, with TLS where a certificate is given.
///
/// # Errors
/// The address is taken.
pub async fn listen(
    address: SocketAddr,
    state: &AppState,
    connections: &Connections,
    certificate: Option<RustlsConfig>,
) -> Result<Listening, RunError> {
    let failed = |source| RunError::Listen { address, source };
    let listener = std::net::TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
    let listener = BoundedListener::new(listener, connections.clone());
    let handle = Handle::new();
    let transport = if certificate.is_some() {
        Transport::Tls
    } else {
        Transport::Plain
    };
    let service = PerConnection(router(state, transport));
    let mut server = Server::<Arrived>::from_listener(listener).handle(handle.clone());
    let bounds = &state.edge.bounds;
    bound(server.http_builder(), bounds);
    let ended = match certificate {
        None => tokio::spawn(async move { report(address, server.serve(service).await) }),
        Some(config) => {
            let tls = RustlsAcceptor::new(config).handshake_timeout(bounds.head_within);
            let server = server.acceptor(tls);
            tokio::spawn(async move { report(address, server.serve(service).await) })
        }
    };
    Ok(Listening { address, handle, ended })
}

/// What HTTP itself is bounded by; how long a connection may be silent is bounded where it is accepted.
fn bound(http: &mut Builder<TokioExecutor>, bounds: &Bounds) {
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(bounds.head_bytes);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(bounds.ping_every)
        .keep_alive_timeout(bounds.ping_within)
        .max_concurrent_streams(bounds.streams)
        .max_header_list_size(bounds.header_list_bytes);
}

fn report(address: SocketAddr, outcome: std::io::Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(%address, %error, "a listener failed");
    }
}
