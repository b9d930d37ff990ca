//! The network, when there is one: enrolment, events, rows.

use super::browser;
use super::shell::Shell;
use domain::locker::kiosk::{Checked, EnrolRequest, Enrolment, EventsRequest, Input, Named, ServerState, SyncRequest};
use domain::token::CompartmentRow;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

const PATIENCE_MS: u32 = 15_000;
/// A person waits for this answer.
const SHORT_PATIENCE_MS: u32 = 5_000;
/// The number of events sent at once.
const BATCH: usize = 200;

/// How the server was last found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Net {
    /// It answered.
    Online,
    /// It did not.
    Offline,
    /// It answered that it does not know this device (any more).
    Refused,
}

/// Why enrolling failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolProblem {
    /// Wrong, used or expired.
    Code,
    /// Too many tries.
    TooMany,
    /// No answer.
    Network,
    /// Anything else.
    Other,
}

/// As JSON. Plain data always can be; the server refuses what could not.
fn to_json(what: &impl Serialize) -> String {
    serde_json::to_string(what).unwrap_or_default()
}

struct Answer {
    status: u16,
    body: String,
}

async fn post(path: &str, bearer: Option<&str>, body: &str, patience: u32) -> Result<Answer, JsValue> {
    let headers = Headers::new()?;
    headers.set("Content-Type", "application/json")?;
    if let Some(bearer) = bearer {
        headers.set("Authorization", &format!("Bearer {bearer}"))?;
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&body.into());
    init.set_signal(Some(&AbortSignal::timeout_with_u32(patience)));
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(path, &init))
        .await?
        .dyn_into()?;
    let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok(Answer {
        status: response.status(),
        body,
    })
}

/// Trades an enrolment code for everything a kiosk needs.
pub async fn enrol(code: &str) -> Result<Enrolment, EnrolProblem> {
    let body = to_json(&EnrolRequest { code: code.into() });
    let answer = post("/v1/Kiosks/Enrol", None, &body, PATIENCE_MS)
        .await
        .map_err(|_| EnrolProblem::Network)?;
    match answer.status {
        200..=299 => serde_json::from_slice(answer.body.as_bytes()).map_err(|_| EnrolProblem::Other),
        400 | 404 | 409 | 410 | 422 => Err(EnrolProblem::Code),
        429 => Err(EnrolProblem::TooMany),
        _ => Err(EnrolProblem::Other),
    }
}

/// One round: events until the server has them all, then the rows if they changed. Each answer goes through the state machine.
pub async fn sync(shell: Shell) {
    let Some((yid, bearer)) = shell.credentials() else {
        return;
    };
    let net = match sync_all(shell, yid, &bearer).await {
        Ok(()) => Net::Online,
        Err(status) if status == 401 || status == 403 => Net::Refused,
        Err(_) => Net::Offline,
    };
    shell.net.set(net);
}

/// `Err` holds the status, 0 where nothing answered.
async fn sync_all(shell: Shell, yid: i64, bearer: &str) -> Result<(), u16> {
    // More rounds than any log needs: a server that confirms nothing must not hold the loop.
    for _ in 0..1_000 {
        let events = shell
            .with_kiosk(|kiosk| {
                let waiting = kiosk.log.unconfirmed();
                let batch = &waiting[..waiting.len().min(BATCH)];
                to_json(&EventsRequest {
                    events: batch.into(),
                    wired: kiosk.wiring_to_tell(),
                })
            })
            .ok_or(0_u16)?;
        let before = shell.with_kiosk(|kiosk| kiosk.log.acked());
        let state: ServerState = post_json(&format!("/v1/Kiosks/{yid}/Events"), bearer, &events).await?;
        shell.send_and_wait(Input::Server(state)).await;
        let left = shell.with_kiosk(|kiosk| (kiosk.log.unconfirmed().is_empty(), kiosk.log.acked()));
        match left {
            Some((false, acked)) if Some(acked) != before => {}
            _ => break,
        }
    }
    let rows = shell
        .with_kiosk(|kiosk| {
            let seq = kiosk.log.last();
            (seq > kiosk.synced.rows_seq).then(|| (seq, to_json(&rows(kiosk.rows()))))
        })
        .flatten();
    if let Some((seq, body)) = rows {
        let _applied: Applied = post_json(&format!("/v1/SyncData/{yid}"), bearer, &body).await?;
        shell.send_and_wait(Input::RowsApplied { seq }).await;
    }
    Ok(())
}

/// Whose the old meter with this number is. A server that was away a moment ago is not waited for.
pub async fn whose(shell: Shell, named: &Named) -> Checked {
    let Some((yid, bearer)) = shell.credentials().filter(|_| shell.net.get_untracked() == Net::Online) else {
        return Checked::NotAsked;
    };
    let path = format!("/v1/Kiosks/{yid}/Whose");
    match post(&path, Some(&bearer), &to_json(named), SHORT_PATIENCE_MS).await {
        Ok(answer) if answer.status == 404 => Checked::Refused,
        Ok(answer) => js_sys::JSON::parse(&answer.body)
            .ok()
            .and_then(|whose| browser::get(&whose, "name").as_string())
            .map_or(Checked::NotAsked, Checked::Whose),
        Err(_) => Checked::NotAsked,
    }
}

/// The date of a kiosk is the server's when it gets the rows.
fn rows(data: Vec<CompartmentRow>) -> SyncRequest {
    SyncRequest { data, date: None }
}

/// Only that it was applied counts; what it changed is the server's business.
#[derive(Deserialize)]
struct Applied {}

async fn post_json<T: serde::de::DeserializeOwned>(path: &str, bearer: &str, body: &str) -> Result<T, u16> {
    let answer = post(path, Some(bearer), body, PATIENCE_MS).await.map_err(|_| 0_u16)?;
    if !(200..300).contains(&answer.status) {
        return Err(answer.status);
    }
    serde_json::from_slice(answer.body.as_bytes()).map_err(|_| answer.status)
}
