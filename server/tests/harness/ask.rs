//! A request of a test, and what came back.

use super::World;
use crate::v1::openapi;
use axum::body::{Body, to_bytes};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, Request};
use serde_json::Value;
use tower::ServiceExt;

/// A request being put together.
pub struct Ask<'a> {
    world: &'a World,
    method: String,
    path: String,
    request: http::request::Builder,
    body: Vec<u8>,
}

impl<'a> Ask<'a> {
    pub(super) fn of(world: &'a World, method: &str, path: &str) -> Self {
        Self {
            world,
            method: method.to_owned(),
            path: path.to_owned(),
            request: Request::builder()
                .method(method)
                .uri(path)
                .header("host", "latchkey.test"),
            body: Vec::new(),
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// As HTTP/2 has it.
    pub fn over_http_2(mut self) -> Self {
        self.request = self.request.version(http::Version::HTTP_2);
        self.without("host")
    }

    /// With a header that is no text.
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.request = self.request.header(name, http::HeaderValue::from_bytes(value).unwrap());
        self
    }

    /// Without this header.
    pub fn without(mut self, name: &str) -> Self {
        if let Some(headers) = self.request.headers_mut() {
            headers.remove(name);
        }
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// From this address.
    pub fn from(mut self, address: &str) -> Self {
        let address = std::net::SocketAddr::new(address.parse().unwrap(), 4711);
        self.request = self.request.extension(axum::extract::ConnectInfo(address));
        self
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header(COOKIE.as_str(), cookie)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.body("application/x-www-form-urlencoded", body)
    }

    pub fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        let length = self.body.len().to_string();
        self.header(CONTENT_TYPE.as_str(), kind)
            .header("content-length", &length)
    }

    /// A body whose length nobody was told.
    pub fn unmeasured(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header(CONTENT_TYPE.as_str(), kind)
    }

    /// A body nothing is said about.
    pub async fn send_raw(mut self, body: impl Into<Vec<u8>>) -> Answer {
        self.body = body.into();
        self.send().await
    }

    /// An answer whose body is read by the test, because it may never end.
    pub async fn open(self) -> http::Response<Body> {
        let request = self.request.body(Body::from(self.body)).unwrap();
        self.world.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(self) -> Answer {
        let request = self.request.body(Body::from(self.body.clone())).unwrap();
        let response = self.world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let answer = Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        };
        let described = openapi::check(&self.method, &self.path, &self.body, &answer);
        self.world.seen.lock().unwrap().extend(described);
        answer
    }
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A success of `/v1`.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        let body = self.json();
        assert_eq!(body["success"], true);
        body
    }

    /// A failure of `/v1` in exactly the form of the specification; answers the reason's name.
    pub fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/json");
        let body = self.json();
        assert_eq!(
            (&body["success"], &body["errorCode"]),
            (&Value::Bool(false), &Value::from(status))
        );
        assert!(
            body["message"].as_str().is_some_and(|message| !message.is_empty()),
            "{body}"
        );
        body["reason"]["code"].as_str().unwrap().to_owned()
    }
}
