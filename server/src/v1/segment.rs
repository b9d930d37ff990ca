//! Parts of the path.

use super::error::Failure;
use axum::extract::{FromRequestParts, Path};
use domain::error::{Problem, Refusal};
use domain::ids::{ThingsSq, Yid};
use http::request::Parts;

/// The text of the one part that varies.
pub struct Segment(pub String);

/// A kiosk's number.
pub struct YidSegment(pub Yid);

/// An order's key.
pub struct ThingsSqSegment(pub ThingsSq);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Refusal::malformed("the path is not UTF-8"))?;
        Ok(Self(text))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for YidSegment {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Segment(text) = Segment::from_request_parts(parts, state).await?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Failure(Refusal::malformed("yid: not a whole number")));
        }
        let range = Problem::Range { min: 1, max: i64::MAX };
        let number: Option<i64> = text.parse().ok().filter(|number| *number > 0);
        Ok(Self(Yid(number.ok_or_else(|| Refusal::field("yid", range))?)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ThingsSqSegment {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Segment(text) = Segment::from_request_parts(parts, state).await?;
        let things_sq = ThingsSq::parse(&text).ok_or_else(|| Refusal::field("thingsSq", Problem::Form))?;
        Ok(Self(things_sq))
    }
}
