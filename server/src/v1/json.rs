//! JSON in and out. Everything malformed is refused with its place; fields that are not known are ignored.

use super::error::Failure;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use domain::error::{Problem, Refusal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A body read as JSON.
pub struct Json<T>(pub T);

/// An answer: `{"success":true, …}`.
#[derive(Serialize)]
pub struct Success<T> {
    success: bool,
    #[serde(flatten)]
    rest: T,
}

/// What a handler answers.
pub type Reply<T> = Result<Success<T>, Failure>;

impl<T> Success<T> {
    /// With these fields beside `success`.
    pub fn with(rest: T) -> Self {
        Self { success: true, rest }
    }
}

impl<T: Serialize> IntoResponse for Success<T> {
    fn into_response(self) -> Response {
        axum::Json(self).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let body = read(request, state).await?;
        Ok(Self(parse(&body)?))
    }
}

/// The whole body.
pub async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            Refusal::TooLarge {
                max_bytes: islands::fields::MAX_FORM_BYTES,
            }
        } else {
            Refusal::malformed("the body ended too early")
        }
    })
}

/// Reads a body.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    if body.trim_ascii().is_empty() {
        return Err(Refusal::malformed("the body is empty"));
    }
    let text = std::str::from_utf8(body).map_err(|error| Refusal::malformed(format!("not UTF-8: {error}")))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => explain::<T>(text),
        _ => Refusal::malformed(format!("not JSON: {error}")),
    })
}

/// Reads once more, slower, to say where the fault is. A value of the right type that cannot be is a matter of that field.
fn explain<T: DeserializeOwned>(text: &str) -> Refusal {
    /// How serde begins when the type is right and the value is not. A number too large for its type comes as floating point.
    const IMPOSSIBLE: [&str; 4] = [
        "invalid value",
        "unknown variant",
        "invalid type: floating point",
        "expected a whole number",
    ];
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
        return Refusal::malformed("the body could not be read");
    };
    let path = error.path().to_string();
    let message = error.inner().to_string();
    if IMPOSSIBLE.iter().any(|start| message.starts_with(start)) {
        Refusal::field(&path, Problem::Form)
    } else {
        Refusal::malformed(format!("{path}: {message}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::token::CompartmentRow;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Asked {
        #[allow(dead_code, reason = "only whether it can be read is asked")]
        data: Vec<CompartmentRow>,
    }

    fn refusal(body: &[u8]) -> Refusal {
        parse::<Asked>(body).map(|_| ()).unwrap_err()
    }

    #[test]
    fn what_is_malformed_is_400_and_what_cannot_be_is_422() {
        let row = |rest: &str| format!(r#"{{"data":[{{"jumper":1,"serial":1,{rest}}}]}}"#);
        for body in [
            "",
            " \n",
            "x",
            "{",
            "[]",
            "{}",
            "null",
            r#"{"data":1}"#,
            r#"{"data":[],"data":[]}"#,
        ] {
            assert_eq!(refusal(body.as_bytes()).status(), 400, "{body}");
        }
        assert_eq!(refusal(b"{\"data\":\"\xff\"}").status(), 400);
        assert_eq!(refusal(row(r#""status":1"#).as_bytes()).status(), 400);
        assert_eq!(refusal(row(r#""status":"A","status":"A""#).as_bytes()).status(), 400);
        assert_eq!(
            refusal(row(r#""status":"Z""#).as_bytes()),
            Refusal::field("data[0].status", Problem::Form)
        );
        let huge = r#"{"data":[{"jumper":99999999999999999999999,"serial":1,"status":"A"}]}"#;
        assert_eq!(
            refusal(huge.as_bytes()),
            Refusal::field("data[0].jumper", Problem::Form)
        );
        assert!(parse::<Asked>(row(r#""status":"A","other":{"a":1,"a":2}"#).as_bytes()).is_ok());
        assert!(parse::<Asked>("\u{feff}{\"data\":[]}".as_bytes()).is_ok());
    }

    #[test]
    fn nesting_without_end_is_refused() {
        assert_eq!(refusal("[".repeat(100_000).as_bytes()).status(), 400);
    }
}
