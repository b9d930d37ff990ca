//! The token that a request carries in its header.

use domain::error::Refusal;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The token of `Authorization: Bearer`; `None` without that header. Any other content of it is refused.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or(Refusal::NotSignedIn)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(token.trim()))
    } else {
        Err(Refusal::NotSignedIn)
    }
}
