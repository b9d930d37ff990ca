//! One line for a request that failed or took long. Never a token, never a query.

use axum::extract::Request;
use domain::ids::Millis;
use http::{Method, StatusCode};

/// Requests that take longer are always logged.
const SLOW_MS: i64 = 1_000;
const MOST_CHARS: usize = 200;

/// A request on its way.
pub struct Line {
    method: Method,
    path: String,
    begun: Millis,
}

impl Line {
    /// When a request arrives.
    pub fn begin(request: &Request, now: Millis) -> Self {
        Self {
            method: request.method().clone(),
            path: loggable(request.uri().path()).to_owned(),
            begun: now,
        }
    }

    /// What may be logged of its path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// When its response leaves.
    pub fn end(self, id: &str, status: StatusCode, now: Millis) {
        let (method, path, status, ms) = (&self.method, &*self.path, status.as_u16(), now.since(self.begun));
        if status == 503 {
            // Many at once; why is in the log once.
            tracing::warn!(id, %method, path, status, ms, "unavailable");
        } else if status >= 500 {
            tracing::error!(id, %method, path, status, ms, "failed");
        } else if ms > SLOW_MS {
            tracing::warn!(id, %method, path, status, ms, "slow");
        } else if status >= 400 {
            tracing::info!(id, %method, path, status, ms, "refused");
        } else {
            tracing::debug!(id, %method, path, status, ms, "answered");
        }
    }
}

/// What of a path may be logged: a code in it is cut away.
pub fn loggable(path: &str) -> &str {
    const IMAGE: &str = "/v1/QrImage";
    let path = match path.get(..IMAGE.len()) {
        Some(start) if start.eq_ignore_ascii_case(IMAGE) => start,
        _ => path,
    };
    path.char_indices()
        .nth(MOST_CHARS)
        .map_or(path, |(end, _)| &path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_in_a_path_is_not_logged() {
        assert_eq!(loggable("/v1/QrImage/eyJ0eXAiOiJKV1Qi.e30.x"), "/v1/QrImage");
        assert_eq!(loggable("/v1/Orders"), "/v1/Orders");
        assert_eq!(loggable(&"/".repeat(5000)).len(), MOST_CHARS);
    }
}
