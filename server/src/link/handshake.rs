//! The beginning of a link: the guard proves its key, the node proves that it knows it too.

use super::Setting;
use super::links::Place;
use super::socket::{End, Socket};
use backend::guard::link::{self, Session};
use domain::guard::link::proof::{Handshake, Prover};
use domain::guard::link::{FromDevice, GoodbyeReason, Hello, Nonce, ToDevice, Version, Welcome};
use tokio::time::timeout;

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
    // Thousands come back at once after a restart: some at a time ask the database.
    let turn = links.turn().await;
    let (session, welcome) = greet(setting, &hello, &nonce).await?;
    drop(turn);
    socket.send(&welcome, links.pace().send_within).await?;
    tracing::debug!(guard = %session.guard_id(), "linked");
    Ok(Admitted {
        session,
        held: hello.version,
    })
}

async fn greet(setting: &Setting, hello: &Hello, nonce: &Nonce) -> Result<(Session, ToDevice), End> {
    let Setting { backend: b, links, .. } = setting;
    let busy = |_refusal| End::Goodbye(GoodbyeReason::Busy);
    let guard_id = &hello.guard_id;
    let handshake = Handshake {
        guard_id,
        node_nonce: nonce,
        device_nonce: &hello.nonce,
    };
    let key = link::device_key(b, guard_id).await.map_err(busy)?;
    let Some(key) = key.filter(|key| handshake.verify(key, Prover::Device, &hello.proof)) else {
        tracing::warn!(guard = %guard_id, "a guard was not admitted: it is unknown, or its key is wrong");
        return Err(End::Goodbye(GoodbyeReason::NotAdmitted));
    };
    let session = link::connected(b, hello).await.map_err(busy)?;
    let welcome = Welcome {
        proof: handshake.prove(&key, Prover::Node),
        now: b.now(),
        echo: hello.sent,
        zone: b.time_zone().to_owned(),
        heartbeat_ms: i64::try_from(links.pace().heartbeat.as_millis()).unwrap_or(i64::MAX),
        desired: session.desired(),
        records_stored: session.records_stored(),
    };
    Ok((session, ToDevice::Welcome(Box::new(welcome))))
}
