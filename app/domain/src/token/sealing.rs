//! Making tokens and opening them.

use super::frames::MAX_PLAIN_CHARS;
use super::voucher::{self, Caveat, Narrowed, Voucher};
use super::{
    Claims, Command, FORMAT_VERSION, MAX_TOKEN_BYTES, Payload, Peeked, Random, Revocations, TokenKey, VOUCHER_VERSION,
    lenient,
};
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
    /// By what those who passed a voucher on narrowed it, in their order. Each is narrower than the one before.
    pub caveats: Vec<Caveat>,
    /// The list of what the server revoked, where the token brings one.
    pub revoked: Option<Revocations>,
}

#[derive(Serialize)]
struct Made<'a> {
    cmd: &'static str,
    yid: Yid,
    date: &'a str,
    jti: &'a str,
    v: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    uses: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rev: Option<&'a str>,
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
    /// Of any form where the token is no voucher: then it means nothing here.
    #[serde(default)]
    exp: Option<Box<RawValue>>,
    #[serde(default, rename = "use")]
    uses: Option<Box<RawValue>>,
    #[serde(default)]
    rev: Option<Box<RawValue>>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

/// What a token says in clear.
struct Envelope {
    claims: Claims,
    data: Option<Box<RawValue>>,
    rev: Option<Box<RawValue>>,
}

/// The three parts of a JWT.
pub(super) struct Parts<'a> {
    pub(super) header: &'a str,
    pub(super) claims: &'a str,
    /// Header and claims with the point between: what is signed.
    message: &'a str,
    pub(super) signature: &'a str,
}

/// Makes a token. `random` gives the nonce and the `jti`.
///
/// Refuses with [`Refusal::TooLarge`] what would not be read back.
pub fn seal(key: &TokenKey, yid: Yid, date: Millis, payload: &Payload, random: &mut Random) -> Result<String, Refusal> {
    seal_with(key, yid, date, payload, None, random)
}

/// The same with a list of what was revoked, for the kiosk to learn.
pub fn seal_with(
    key: &TokenKey,
    yid: Yid,
    date: Millis,
    payload: &Payload,
    revoked: Option<&Revocations>,
    random: &mut Random,
) -> Result<String, Refusal> {
    let voucher = match payload {
        Payload::Voucher(voucher) => Some(voucher),
        _ => None,
    };
    if let Some(voucher) = voucher {
        voucher.check(date)?;
    }
    let cmd = payload.command();
    let date = date.to_iso();
    let data = payload
        .to_plain()?
        .map(|plain| key.encrypt(&plain, &associated(cmd, yid, &date), random))
        .transpose()?;
    let rev = revoked
        .map(|list| key.encrypt(&list.to_bytes(), &associated_list(cmd, yid, &date), random))
        .transpose()?;
    let mut jti = [0; JTI_BYTES];
    random(&mut jti);
    let claims = Made {
        cmd: cmd.as_str(),
        yid,
        date: &date,
        jti: &URL_SAFE_NO_PAD.encode(jti),
        v: voucher.map_or(FORMAT_VERSION, |_| VOUCHER_VERSION),
        exp: voucher.map(|voucher| voucher.until.0.div_euclid(1_000)),
        uses: voucher.map(|_| voucher::USES),
        rev: rev.as_deref(),
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

/// How many bytes a list of what was revoked may have so that this token with it is still one plain code.
pub fn room_beside(token: &str) -> usize {
    const CLAIM: usize = r#","rev":"""#.len();
    const NONCE_AND_TAG: usize = 12 + 16;
    // The claims are base64 of what holds the list in base64.
    let free = MAX_PLAIN_CHARS.saturating_sub(token.trim().len() + 1) * 3 / 4;
    (free.saturating_sub(CLAIM) * 3 / 4).saturating_sub(NONCE_AND_TAG)
}

/// What the token claims, unverified: only for finding the key with which to [`open`] it.
pub fn peek(token: &str) -> Result<Peeked, Refusal> {
    let token = bounded(token)?;
    let Envelope { claims, .. } = read_claims(parts(token)?.claims)?;
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
    let caveats = match Narrowed::read(parts.header)? {
        None => {
            check_header(parts.header)?;
            key.verify(parts.message, parts.signature)?;
            Vec::new()
        }
        Some(narrowed) => {
            let first = key.mac(&format!("{HEADER}.{}", parts.claims))?;
            narrowed.verify(first, parts.signature)?;
            narrowed.caveats
        }
    };
    let envelope = read_claims(parts.claims)?;
    let payload = read_data(key, &envelope)?;
    let token_id = match &envelope.claims.jti {
        Some(jti) if !jti.is_empty() && jti.chars().count() <= MAX_JTI_CHARS => jti.clone(),
        _ => URL_SAFE_NO_PAD.encode(Sha256::digest(token)),
    };
    voucher::check_caveats(envelope.claims.exp, &caveats)?;
    if let Payload::Voucher(voucher) = &payload {
        voucher.check_orders(&caveats)?;
    }
    let revoked = read_list(key, &envelope);
    Ok(Opened {
        claims: envelope.claims,
        payload,
        token_id,
        caveats,
        revoked,
    })
}

/// Scanners that type add a line end, people who paste add blanks; both go before anything is measured.
pub(super) fn bounded(token: &str) -> Result<&str, Refusal> {
    let token = token.trim();
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Refusal::TooLarge {
            max_bytes: MAX_TOKEN_BYTES as u64,
        });
    }
    Ok(token)
}

pub(super) fn parts(token: &str) -> Result<Parts<'_>, Refusal> {
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

/// The end of a voucher by its claims alone; `None`: it is no voucher.
pub(super) fn read_exp(claims: &str) -> Result<Option<Millis>, Refusal> {
    Ok(read_claims(claims)?.claims.exp)
}

fn read_claims(claims: &str) -> Result<Envelope, Refusal> {
    let json = URL_SAFE_NO_PAD.decode(claims).map_err(|_| Refusal::CodeDamaged)?;
    let read: Read = lenient::parse(&json).ok_or(Refusal::CodeDamaged)?;
    let cmd = Command::parse(&read.cmd).ok_or(Refusal::CodeKind)?;
    let is_voucher = cmd == Command::OpenToTake && read.v == Some(VOUCHER_VERSION);
    let exp = if is_voucher {
        Some(read_end(read.exp.as_deref(), read.uses.as_deref())?)
    } else {
        None
    };
    let claims = Claims {
        cmd,
        yid: read.yid,
        date: Millis::from_iso(&read.date).ok_or(Refusal::CodeDamaged)?,
        date_text: read.date,
        jti: read.jti,
        v: read.v,
        exp,
    };
    Ok(Envelope {
        claims,
        data: read.data,
        rev: read.rev,
    })
}

/// What has no end, or another number of uses, is no voucher.
fn read_end(exp: Option<&RawValue>, uses: Option<&RawValue>) -> Result<Millis, Refusal> {
    let number = |raw: Option<&RawValue>| raw.and_then(|raw| raw.get().parse::<i64>().ok());
    let exp = number(exp).and_then(|seconds| seconds.checked_mul(1_000));
    exp.filter(|_| number(uses) == Some(voucher::USES))
        .map(Millis)
        .ok_or(Refusal::CodeDamaged)
}

/// `data` is a sealed text, or for `SaveToData` also the plain array of the source.
fn read_data(key: &TokenKey, envelope: &Envelope) -> Result<Payload, Refusal> {
    let claims = &envelope.claims;
    let Some(data) = envelope.data.as_deref().filter(|_| claims.cmd != Command::SyncDate) else {
        return Payload::from_plain(claims.cmd, None);
    };
    if claims.cmd == Command::SaveToData && data.get().starts_with('[') {
        return Payload::from_plain(claims.cmd, Some(data.get().as_bytes()));
    }
    let sealed: String = serde_json::from_str(data.get()).map_err(|_| Refusal::CodeDamaged)?;
    let plain = key.decrypt(&sealed, &associated(claims.cmd, claims.yid, &claims.date_text))?;
    match claims.exp {
        Some(until) => {
            let voucher = Voucher::from_plain(&plain, until).ok_or(Refusal::CodeDamaged)?;
            voucher.check(claims.date)?;
            Ok(Payload::Voucher(voucher))
        }
        None => Payload::from_plain(claims.cmd, Some(&plain)),
    }
}

/// The list a token brings. Others may have a claim of this name too, and a later version another form: what is no list of ours is not looked at.
fn read_list(key: &TokenKey, envelope: &Envelope) -> Option<Revocations> {
    let sealed: String = serde_json::from_str(envelope.rev.as_deref()?.get()).ok()?;
    let Claims {
        cmd, yid, date_text, ..
    } = &envelope.claims;
    let plain = key.decrypt(&sealed, &associated_list(*cmd, *yid, date_text)).ok()?;
    Revocations::from_bytes(&plain)
}

fn associated(cmd: Command, yid: Yid, date: &str) -> String {
    format!("{cmd}|{yid}|{date}")
}

fn associated_list(cmd: Command, yid: Yid, date: &str) -> String {
    format!("{cmd}|{yid}|{date}|revoked")
}
