//! What a function answered, and what is kept of it for when the same form comes again.

use super::{JSON, REDIRECTS};
use crate::i18n::Locale;
use crate::links;
use crate::refused::Refused;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use domain::error::Refusal;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

/// Why a function made nothing that could be kept.
pub(super) enum Ended {
    /// The function refused.
    Refused(Box<Answer>),
    /// It was not run, or its answer is lost.
    Failed(Refusal),
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal)
    }
}

/// What a function answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What is kept of a success for when the same form comes again.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    address: Option<String>,
    /// Cookies and the like, as texts.
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        self.status.is_success()
    }

    pub(super) fn address(&self) -> Option<String> {
        let address = self.headers.get(LOCATION)?;
        address.to_str().ok().map(str::to_owned)
    }

    /// A redirect to this address of ours, with what else belongs to the answer.
    pub(super) fn leads_to(&self, address: &str) -> Response {
        let mut response = links::see_other(address);
        response.headers_mut().extend(self.kept_headers());
        response
    }

    /// Why nothing was done.
    pub(super) fn refused(&self, locale: Locale) -> Refused {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| Refused {
            status: self.status.as_u16(),
            ..Refused::of(locale, &Refusal::Internal)
        })
    }

    /// What is kept of it.
    pub(super) fn kept(self) -> Result<Kept, Ended> {
        if !self.is_success() {
            return Err(Ended::Refused(Box::new(self)));
        }
        let headers = self.kept_headers();
        let headers = headers.iter().filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        Ok(Kept {
            address: self.address(),
            headers: headers.collect(),
            body: String::from_utf8(self.body.to_vec()).map_err(|_| Refusal::Internal)?,
        })
    }

    /// The headers that also belong to a page, such as cookies.
    pub(super) fn kept_headers(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        for own in [CONTENT_TYPE, CONTENT_LENGTH, LOCATION, REDIRECTS] {
            headers.remove(own);
        }
        headers
    }
}

impl From<Kept> for Answer {
    fn from(kept: Kept) -> Self {
        let headers = kept.headers.into_iter().filter_map(|(name, value)| {
            let name: HeaderName = name.parse().ok()?;
            Some((name, HeaderValue::try_from(value).ok()?))
        });
        let mut headers: HeaderMap = headers.collect();
        headers.insert(CONTENT_TYPE, JSON);
        if let Some(Ok(address)) = kept.address.map(HeaderValue::try_from) {
            headers.insert(LOCATION, address);
            headers.insert(REDIRECTS, HeaderValue::from_static(""));
        }
        Self {
            status: StatusCode::OK,
            headers,
            body: Bytes::from(kept.body),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
