//! The requests of each socket, counted as under way until their response is sent.

use super::{Arrived, Busy};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::StatusCode;
use http_body::{Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::Service;

/// Makes the service of each socket.
#[derive(Clone)]
pub struct PerConnection<S>(pub S);

impl<S: Clone> Service<Arrived> for PerConnection<S> {
    type Response = Requests<S>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Requests<S>, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, arrived: Arrived) -> Self::Future {
        let service = self.0.clone();
        std::future::ready(Ok(Requests { service, arrived }))
    }
}

/// The requests of one socket.
#[derive(Clone)]
pub struct Requests<S> {
    service: S,
    arrived: Arrived,
}

impl<S, B> Service<http::Request<B>> for Requests<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let Arrived { peer, connection } = self.arrived.clone();
        let busy = connection.begin(request.version());
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(Arc::clone(&connection));
        let answered = self.service.call(request);
        Box::pin(async move {
            let response = answered.await?;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                connection.upgraded();
            }
            Ok(response.map(|body| Body::new(UnderWay { body, _busy: busy })))
        })
    }
}

/// The body of a response: the request is under way until it is sent.
struct UnderWay {
    body: Body,
    _busy: Busy,
}

impl HttpBody for UnderWay {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
