//! Making tokens and opening them.

use super::{Claims, Command, FORMAT_VERSION, MAX_TOKEN_BYTES, Payload, Peeked, Random, TokenKey, lenient};
use crate::error::Refusal;
use crate::ids::{Millis, Yid};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// `{"typ":"JWT","alg":"HS256"}`
pub(super) const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9";
const JTI_BYTES: usize = 16;
const MAX_JTI_CHARS: usize = 64;

/// A verified and decrypted token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it says about itself.
    pub claims: Claims,
    /// What it carries.
    pub payload: Payload,
    /// What a reader remembers so that a token is accepted once: its `jti`, or where it has none (or one of more than 64
    /// characters) the SHA-256 of the token in base64url.
    pub token_id: String,
}

#[derive(Serialize)]
struct Made<'a> {
    cmd: &'static str,
    yid: Yid,
    date: &'a str,
    jti: &'a str,
    v: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a str>,
}

#[derive(Deserialize)]
struct Read {
    cmd: String,
    yid: Yid,
    date: String,
    #[serde(default)]
    jti: Option<String>,
    #[serde(default)]
    v: Option<i64>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

/// The three parts of a JWT.
struct Parts<'a> {
    header: &'a str,
    claims: &'a str,
    /// Header and claims with the point between: what is signed.
    message: &'a str,
    signature: &'a str,
}

/// Makes a token. `random` gives the nonce and the `jti`.
///
/// Refuses with [`Refusal::TooLarge`] what would not be read back.
pub fn seal(key: &TokenKey, yid: Yid, date: Millis, payload: &Payload, random: &mut Random) -> Result<String, Refusal> {
    let cmd = payload.command();
    let date = date.to_iso();
    let data = payload
        .to_plain()?
        .map(|plain| key.encrypt(&plain, &associated(cmd, yid, &date), random))
        .transpose()?;
    let mut jti = [0; JTI_BYTES];
    random(&mut jti);
    let claims = Made {
        cmd: cmd.as_str(),
        yid,
        date: &date,
        jti: &URL_SAFE_NO_PAD.encode(jti),
        v: FORMAT_VERSION,
        data: data.as_deref(),
    };
    let claims = serde_json::to_vec(&claims).map_err(|_| Refusal::Internal)?;
    let mut token = String::with_capacity(HEADER.len() + claims.len() * 4 / 3 + 50);
    token.push_str(HEADER);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&claims, &mut token);
    let signature = key.sign(&token)?;
    token.push('.');
    token.push_str(&signature);
    bounded(&token)?;
    Ok(token)
}

/// What the token claims, unverified: only for finding the key with which to [`open`] it.
pub fn peek(token: &str) -> Result<Peeked, Refusal> {
    let token = bounded(token)?;
    let (claims, _) = read_claims(parts(token)?.claims)?;
    Ok(Peeked {
        cmd: claims.cmd,
        yid: claims.yid,
        date: claims.date,
    })
}

/// Verifies and decrypts. Says nothing about freshness or repeated use, and takes a token of any kiosk that shares the
/// key: a caller that knows which kiosk it must be of compares `claims.yid`.
pub fn open(key: &TokenKey, token: &str) -> Result<Opened, Refusal> {
    let token = bounded(token)?;
    let parts = parts(token)?;
    check_header(parts.header)?;
    key.verify(parts.message, parts.signature)?;
    let (claims, data) = read_claims(parts.claims)?;
    let payload = read_data(key, &claims, data.as_deref())?;
    let token_id = match &claims.jti {
        Some(jti) if !jti.is_empty() && jti.chars().count() <= MAX_JTI_CHARS => jti.clone(),
        _ => URL_SAFE_NO_PAD.encode(Sha256::digest(token)),
    };
    Ok(Opened {
        claims,
        payload,
        token_id,
    })
}

/// Scanners that type add a line end, people who paste add blanks; both go before anything is measured.
fn bounded(token: &str) -> Result<&str, Refusal> {
    let token = token.trim();
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Refusal::TooLarge {
            max_bytes: MAX_TOKEN_BYTES as u64,
        });
    }
    Ok(token)
}

fn parts(token: &str) -> Result<Parts<'_>, Refusal> {
    let (message, signature) = token.rsplit_once('.').ok_or(Refusal::CodeDamaged)?;
    let (header, claims) = message.split_once('.').ok_or(Refusal::CodeDamaged)?;
    Ok(Parts {
        header,
        claims,
        message,
        signature,
    })
}

/// Only HS256; ours word for word, of others in any order. A header with `crit` must be refused (RFC 7515, 4.1.11): none of
/// its extensions is understood here.
fn check_header(header: &str) -> Result<(), Refusal> {
    #[derive(Deserialize)]
    struct Header {
        alg: String,
        #[serde(default)]
        typ: Option<String>,
        #[serde(default)]
        crit: Option<serde::de::IgnoredAny>,
    }
    if header == HEADER {
        return Ok(());
    }
    let json = URL_SAFE_NO_PAD.decode(header).map_err(|_| Refusal::CodeDamaged)?;
    let header: Header = serde_json::from_slice(&json).map_err(|_| Refusal::CodeDamaged)?;
    let ours = header.alg == "HS256" && header.crit.is_none();
    let typed = header.typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    if ours && typed {
        Ok(())
    } else {
        Err(Refusal::CodeDamaged)
    }
}

fn read_claims(claims: &str) -> Result<(Claims, Option<Box<RawValue>>), Refusal> {
    let json = URL_SAFE_NO_PAD.decode(claims).map_err(|_| Refusal::CodeDamaged)?;
    let read: Read = lenient::parse(&json).ok_or(Refusal::CodeDamaged)?;
    let claims = Claims {
        cmd: Command::parse(&read.cmd).ok_or(Refusal::CodeKind)?,
        yid: read.yid,
        date: Millis::from_iso(&read.date).ok_or(Refusal::CodeDamaged)?,
        date_text: read.date,
        jti: read.jti,
        v: read.v,
    };
    Ok((claims, read.data))
}

/// `data` is a sealed text, or for `SaveToData` also the plain array of the source.
fn read_data(key: &TokenKey, claims: &Claims, data: Option<&RawValue>) -> Result<Payload, Refusal> {
    let Some(data) = data.filter(|_| claims.cmd != Command::SyncDate) else {
        return Payload::from_plain(claims.cmd, None);
    };
    if claims.cmd == Command::SaveToData && data.get().starts_with('[') {
        return Payload::from_plain(claims.cmd, Some(data.get().as_bytes()));
    }
    let sealed: String = serde_json::from_slice(data.get().as_bytes()).map_err(|_| Refusal::CodeDamaged)?;
    let plain = key.decrypt(&sealed, &associated(claims.cmd, claims.yid, &claims.date_text))?;
    Payload::from_plain(claims.cmd, Some(&plain))
}

fn associated(cmd: Command, yid: Yid, date: &str) -> String {
    format!("{cmd}|{yid}|{date}")
}
