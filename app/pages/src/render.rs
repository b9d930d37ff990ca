//! A page as one whole answer. `leptos_axum` would send it in pieces, with what a browser needs to take up the page, which none of ours does.

use crate::app::shell;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures::StreamExt as _;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use hydration_context::SsrSharedContext;
use islands::act::Drawing;
use islands::context;
use islands::ui::head::Head;
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos::reactive::owner::Sandboxed;
use leptos_axum::ResponseOptions;
use std::sync::{Arc, PoisonError};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Draws the page that a request asks for.
pub fn page(options: LeptosOptions, request: Request) -> Drawing {
    Box::pin(async move {
        let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
        let (parts, _) = request.into_parts();
        let head = Head::default();
        let answer = ResponseOptions::default();
        let drawing = owner.with(|| {
            provide_context(parts);
            provide_context(head.clone());
            provide_context(answer.clone());
            context::provide();
            shell(options).to_html_stream_in_order()
        });
        let html: String = Sandboxed::new(drawing).collect().await;
        owner.unset_with_forced_cleanup();
        response(head.put_into(&html), &answer)
    })
}

fn response(html: String, answer: &ResponseOptions) -> Response {
    let mut response = Response::new(Body::from(html));
    response.headers_mut().insert(CONTENT_TYPE, HTML);
    let mut answer = answer.0.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(status) = answer.status {
        *response.status_mut() = status;
    }
    response.headers_mut().extend(std::mem::take(&mut answer.headers));
    response
}
