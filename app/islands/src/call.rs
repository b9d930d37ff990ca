//! How pages, islands and the kiosk call a server function: a `POST` with a form's fields or JSON, answered with JSON.

#[cfg(feature = "ssr")]
use crate::fields::Fields;
use crate::refused::Refused;
use http::Method;
#[cfg(feature = "ssr")]
use http::{Request, Response};
use leptos::server_fn::Protocol;
use leptos::server_fn::client::Client;
use leptos::server_fn::server::Server;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The protocol of every server function: `#[server(prefix = "/do/ROLE", endpoint = "verb-noun", protocol = Call)]`.
///
/// A success answers 200 with the function's output; where it leads somewhere else, the header `Location` says where and
/// `serverfnredirect` is set. A refusal answers with its own status and a [`Refused`].
pub struct Call;

#[cfg(feature = "ssr")]
impl<I, O, C, S> Protocol<I, O, C, S, Refused> for Call
where
    I: DeserializeOwned + Serialize + Send,
    O: Serialize + DeserializeOwned + Send,
    C: Client<Refused>,
    S: Server<Refused, Request = Request<axum::body::Body>, Response = Response<axum::body::Body>>,
{
    const METHOD: Method = Method::POST;

    async fn run_server<F, Fut>(request: S::Request, function: F) -> Result<S::Response, Refused>
    where
        F: Fn(I) -> Fut + Send,
        Fut: Future<Output = Result<O, Refused>> + Send,
    {
        let only_read = request.extensions().get::<OnlyRead>().is_some();
        let answer = match on_the_server::arguments(request).await {
            Ok(_) if only_read => return Ok(on_the_server::json(200, &())),
            Ok(input) => function(input).await,
            Err(refused) => Err(refused),
        };
        Ok(match answer {
            Ok(output) => on_the_server::json(200, &output),
            Err(refused) => on_the_server::json(refused.status, &refused),
        })
    }

    async fn run_client(_path: &str, _input: I) -> Result<O, Refused> {
        unreachable!("on the server a function is called by its name")
    }
}

/// An extension of a request: only whether its arguments can be read is asked, and the function is not run.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy)]
pub struct OnlyRead;

/// A refusal as a call gets it.
#[cfg(feature = "ssr")]
pub fn refusal(refused: &Refused) -> Response<axum::body::Body> {
    on_the_server::json(refused.status, refused)
}

/// The fields a request came with.
#[cfg(feature = "ssr")]
pub fn fields(kind: &str, body: &[u8]) -> Result<Fields, domain::error::Refusal> {
    use domain::error::Refusal;
    let is = |wanted: &str| {
        let plain = kind.split(';').next().unwrap_or_default().trim();
        plain.eq_ignore_ascii_case(wanted)
    };
    if is("application/x-www-form-urlencoded") {
        Ok(Fields::of_form(body))
    } else if is("application/json") {
        Fields::of_json(body).map_err(Refusal::malformed)
    } else {
        Err(Refusal::malformed("neither a form nor JSON"))
    }
}

#[cfg(feature = "ssr")]
mod on_the_server {
    use super::{DeserializeOwned, Refused, Request, Response, Serialize};
    use crate::context;
    use crate::fields::{Fields, MAX_FORM_BYTES};
    use axum::body::{Body, to_bytes};
    use domain::error::Refusal;
    use http::header::CONTENT_TYPE;
    use http::{HeaderValue, StatusCode};
    use std::sync::Arc;

    /// The fields of a request: read already where the form of a page brought them.
    async fn fields(request: Request<Body>) -> Result<Arc<Fields>, Refused> {
        let (parts, body) = request.into_parts();
        if let Some(fields) = parts.extensions.get::<Arc<Fields>>() {
            return Ok(fields.clone());
        }
        let limit = usize::try_from(MAX_FORM_BYTES).unwrap_or(usize::MAX);
        let too_large = Refusal::TooLarge {
            max_bytes: MAX_FORM_BYTES,
        };
        let body = to_bytes(body, limit).await.map_err(|_cut| too_large)?;
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        Ok(Arc::new(super::fields(kind.unwrap_or_default(), &body)?))
    }

    pub(super) async fn arguments<I: DeserializeOwned>(request: Request<Body>) -> Result<I, Refused> {
        let fields = fields(request).await?;
        let unknown = fields.unknown::<I>();
        if !unknown.is_empty() {
            return Err(Refused::of_another_version(context::locale(), &unknown));
        }
        fields.read().map_err(|wrong| {
            let mut refused = Refused::of_arguments(context::locale(), wrong);
            for wrong in &mut refused.fields {
                wrong.absent = !fields.has(&wrong.field);
            }
            refused
        })
    }

    pub(super) fn json<T: Serialize>(status: u16, value: &T) -> Response<Body> {
        let body = serde_json::to_vec(value);
        let status = if body.is_ok() { status } else { 500 };
        let mut response = Response::new(Body::from(body.unwrap_or_default()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}

#[cfg(not(feature = "ssr"))]
impl<I, O, C, S> Protocol<I, O, C, S, Refused> for Call
where
    I: DeserializeOwned + Serialize + Send,
    O: Serialize + DeserializeOwned + Send,
    C: Client<Refused>,
    S: Server<Refused>,
{
    const METHOD: Method = Method::POST;

    async fn run_server<F, Fut>(_request: S::Request, _function: F) -> Result<S::Response, Refused>
    where
        F: Fn(I) -> Fut + Send,
        Fut: Future<Output = Result<O, Refused>> + Send,
    {
        unreachable!("a browser serves no function")
    }

    async fn run_client(path: &str, input: I) -> Result<O, Refused> {
        let arguments = serde_json::to_string(&input).map_err(|_| in_the_browser::unreached())?;
        let answer = in_the_browser::call(path.to_owned(), arguments).await?;
        serde_json::from_str(&answer).map_err(|_| in_the_browser::unreached())
    }
}

/// The browser's half: one `fetch`.
#[cfg(not(feature = "ssr"))]
mod in_the_browser {
    use super::Refused;
    use send_wrapper::SendWrapper;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Event, Headers, RequestInit, Response};

    /// What there is to say where nothing was heard from the server.
    pub(super) fn unreached() -> Refused {
        Refused {
            status: 503,
            ..Refused::default()
        }
    }

    /// The body of the answer to a success. Where the function leads somewhere else, the page goes there.
    pub(super) async fn call(path: String, arguments: String) -> Result<String, Refused> {
        let (status, text) = SendWrapper::new(async move { send(&path, &arguments).await })
            .await
            .map_err(|_| unreached())?;
        if status == 401 {
            signed_out();
        }
        if (200..300).contains(&status) {
            Ok(text)
        } else {
            Err(serde_json::from_str(&text).unwrap_or(Refused {
                status,
                ..Refused::default()
            }))
        }
    }

    /// Tells the page, which asks to sign in again (`drafts.js`).
    fn signed_out() {
        if let (Some(window), Ok(event)) = (web_sys::window(), Event::new("signed-out")) {
            let _told = window.dispatch_event(&event);
        }
    }

    async fn send(path: &str, body: &str) -> Result<(u16, String), JsValue> {
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        headers.set("accept", "application/json")?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(body));
        let answer = JsFuture::from(window.fetch_with_str_and_init(path, &init)).await?;
        let answer: Response = answer.dyn_into()?;
        let text = JsFuture::from(answer.text()?).await?;
        if let Ok(Some(address)) = answer.headers().get("location") {
            window.location().assign(&address)?;
        }
        Ok((answer.status(), text.as_string().unwrap_or_default()))
    }
}
