//! The beginning of a link: the guard proves its key, the node proves that it knows it too.

use super::links::Place;
use super::socket::{End, Socket};
use super::talk::{LOOK_EVERY, time_for};
use super::wrong_keys::Verdict;
use super::{COME_BACK_SECONDS, Setting};
use backend::guard::link::{self, Session};
use domain::error::Refusal;
use domain::guard::link::proof::{Handshake, Prover};
use domain::guard::link::{FromDevice, GoodbyeReason, Hello, Nonce, ToDevice, Version, Welcome};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

/// A guard that was admitted.
pub(super) struct Admitted {
    pub(super) session: Session,
    /// Where its grants stand.
    pub(super) held: Version,
}

/// Challenge, hello, welcome.
pub(super) async fn admit(socket: &mut Socket, setting: &Setting, place: &mut Place) -> Result<Admitted, End> {
    let links = &setting.links;
    let nonce = Nonce::generate(&mut |bytes: &mut [u8]| setting.rng.fill(bytes));
    let challenge = ToDevice::Challenge { nonce: nonce.clone() };
    socket.send(&challenge, links.pace().send_within).await?;
    let hello = tokio::select! {
        () = place.ending() => return Err(End::Goodbye(GoodbyeReason::ShuttingDown)),
        frame = timeout(links.pace().hello_within, socket.receive()) => match frame {
            Ok(frame) => frame?,
            Err(_) => return Err(End::Goodbye(GoodbyeReason::Silent)),
        },
    };
    let FromDevice::Hello(hello) = hello else {
        return Err(End::BAD_FRAME);
    };
    let (session, welcome) = tokio::select! {
        () = place.ending() => return Err(End::Goodbye(GoodbyeReason::ShuttingDown)),
        greeted = greet_when_available(setting, &hello, &nonce) => greeted?,
    };
    socket.send(&welcome, links.pace().send_within).await?;
    tracing::debug!(guard = %session.guard_id(), "linked");
    Ok(Admitted {
        session,
        held: hello.version,
    })
}

/// A guard that comes while the database is away is greeted as soon as it is back: sent away it would stay away for longer. It waits for
/// a welcome as long as for any other word, three heartbeats.
async fn greet_when_available(setting: &Setting, hello: &Hello, nonce: &Nonce) -> Result<(Session, ToDevice), End> {
    let late = Instant::now() + setting.links.pace().heartbeat * 2;
    loop {
        // Thousands come back at once after a restart: some at a time ask the database.
        let turn = setting.links.turn().await;
        let greeted = greet(setting, hello, nonce).await;
        drop(turn);
        match greeted {
            Ok(Some(greeted)) => return Ok(greeted),
            Ok(None) => return Err(End::Goodbye(GoodbyeReason::NotAdmitted)),
            Err(Refusal::Unavailable) if Instant::now() < late => {
                // It may have failed before it is known to be away.
                let look_again = Instant::now() + LOOK_EVERY;
                sleep_until(look_again.min(late)).await;
                let _available = timeout_at(late, setting.backend.until_available()).await;
            }
            Err(_) => return Err(End::Goodbye(GoodbyeReason::Busy)),
        }
    }
}

/// `None`: not one of ours.
async fn greet(setting: &Setting, hello: &Hello, nonce: &Nonce) -> Result<Option<(Session, ToDevice)>, Refusal> {
    let Setting { backend: b, links, .. } = setting;
    let guard_id = &hello.guard_id;
    let handshake = Handshake {
        guard_id,
        node_nonce: nonce,
        device_nonce: &hello.nonce,
    };
    let (wrong_keys, address) = (links.wrong_keys(), setting.address.as_str());
    match wrong_keys.may_look(address, guard_id, Instant::now()) {
        Verdict::Look => {}
        Verdict::Refused => return Ok(None),
        Verdict::Later => {
            return Err(Refusal::TooMany {
                seconds: COME_BACK_SECONDS,
            });
        }
    }
    let key = link::device_key(b, guard_id).await?;
    let Some(key) = key.filter(|key| handshake.verify(key, Prover::Device, &hello.proof)) else {
        if wrong_keys.wrong(address, guard_id, Instant::now()) {
            tracing::warn!(guard = %guard_id, address, "a guard was not admitted: it is unknown, or its key is wrong");
        }
        return Ok(None);
    };
    wrong_keys.admitted(address, guard_id, Instant::now());
    let session = link::connected(b, hello).await?;
    let (now, echo) = time_for(b, hello.sent);
    let welcome = Welcome {
        proof: handshake.prove(&key, Prover::Node),
        now,
        echo,
        clock_epoch: b.clock_epoch(),
        zone: b.time_zone().to_owned(),
        heartbeat_ms: i64::try_from(links.pace().heartbeat.as_millis()).unwrap_or(i64::MAX),
        desired: session.desired(),
        records_stored: session.records_stored(),
        door_records: true,
    };
    Ok(Some((session, ToDevice::Welcome(Box::new(welcome)))))
}
