//! A token as bytes: base64 undone where it hides bytes, in the parts of the token and in the sealed text within them.
//! What a frame carries is four ninths shorter for it.

use super::super::MAX_TOKEN_BYTES;
use super::super::sealing::HEADER;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text itself.
const AS_TEXT: u8 = 0;
/// Signature, claims up to the sealed text, the rest of the claims, the sealed bytes.
const SEALED: u8 = 1;
const SIGNATURE_BYTES: usize = 32;
/// What may be long: a list of what was revoked, which stands before the data, or the data.
const LONG: [&[u8]; 2] = [b"\"rev\":\"", b"\"data\":\""];
/// No token has more bytes in this form than in its own.
pub(super) const MAX_BYTES: usize = MAX_TOKEN_BYTES + 1;

/// The bytes from which [`unpack`] makes exactly this token again.
pub(super) fn pack(token: &str) -> Vec<u8> {
    let exact = |bytes: &Vec<u8>| unpack(bytes).as_deref() == Some(token);
    sealed(token).filter(exact).unwrap_or_else(|| {
        let mut bytes = vec![AS_TEXT];
        bytes.extend(token.as_bytes());
        bytes
    })
}

fn sealed(token: &str) -> Option<Vec<u8>> {
    let (claims, signature) = token.strip_prefix(HEADER)?.strip_prefix('.')?.split_once('.')?;
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let after = |name: &&[u8]| {
        let at = claims.windows(name.len()).position(|window| window == *name)?;
        Some(at + name.len())
    };
    let start = LONG.iter().find_map(after)?;
    let (before, rest) = claims.split_at(start);
    let (data, after) = rest.split_at(rest.iter().position(|&byte| byte == b'"')?);
    let mut bytes = vec![SEALED];
    bytes.extend(signature);
    for part in [before, after] {
        bytes.extend(u16::try_from(part.len()).ok()?.to_be_bytes());
        bytes.extend(part);
    }
    bytes.extend(URL_SAFE_NO_PAD.decode(data).ok()?);
    Some(bytes)
}

/// The inverse of [`pack`]; `None` for anything it did not make.
pub(super) fn unpack(bytes: &[u8]) -> Option<String> {
    match bytes.split_first()? {
        (&AS_TEXT, token) => String::from_utf8(token.to_vec()).ok(),
        (&SEALED, rest) => {
            let (signature, mut rest) = rest.split_first_chunk::<SIGNATURE_BYTES>()?;
            let before = part(&mut rest)?;
            let after = part(&mut rest)?;
            let claims = [before, URL_SAFE_NO_PAD.encode(rest).as_bytes(), after].concat();
            let (claims, signature) = (URL_SAFE_NO_PAD.encode(claims), URL_SAFE_NO_PAD.encode(signature));
            Some(format!("{HEADER}.{claims}.{signature}"))
        }
        _ => None,
    }
}

fn part<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (part, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    *bytes = rest;
    Some(part)
}
