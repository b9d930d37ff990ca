//! Who asks what, and how often.

use super::world::Entry;
use crate::client::Request;
use crate::guards::sign;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng as _, RngExt as _};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    OwnersGuards,
    Records,
    AddPassword,
    CancelPassword,
    OwnerHost,
    GuardHosts,
    SignIn,
    ScanCode,
    DrawCode,
    SearchOrders,
    Console,
    StartPage,
}

/// Each kind, its name, and how many of a thousand requests it is.
pub const KINDS: [(Kind, &str, u32); 12] = [
    (Kind::OwnersGuards, "sign 12, an owner's guards", 225),
    (Kind::Records, "sign 22, records of a day", 60),
    (Kind::AddPassword, "sign 17, a password", 60),
    (Kind::CancelPassword, "sign 18, cancelled", 30),
    (Kind::OwnerHost, "sign 3, an owner's node", 15),
    (Kind::GuardHosts, "sign 11, all guards' nodes", 60),
    (Kind::SignIn, "sign 4, sign-in", 5),
    (Kind::ScanCode, "QrData, a scanned code", 220),
    (Kind::DrawCode, "QrImage, a drawn code", 80),
    (Kind::SearchOrders, "page: order search", 120),
    (Kind::Console, "page: an owner's guards", 100),
    (Kind::StartPage, "page: start", 25),
];

/// Some kind, as often as it is asked.
pub fn some_kind(random: &mut StdRng) -> Kind {
    let all: u32 = KINDS.iter().map(|(_, _, share)| share).sum();
    let mut at = random.next_u32() % all;
    for (kind, _, share) in KINDS {
        if at < share {
            return kind;
        }
        at -= share;
    }
    Kind::StartPage
}

/// What the requests of a run have used up.
#[derive(Default)]
pub struct Used {
    codes: AtomicUsize,
    passwords: AtomicUsize,
    /// Added some time ago and not cancelled yet: owner, guard, service number.
    added: Mutex<VecDeque<(usize, String, String)>>,
}

/// Somebody who cancels a password has had it for a while.
const KEPT: usize = 100;

/// A request of this kind; `None` where nothing is left to ask it with.
pub fn request(kind: Kind, entry: &Entry, used: &Used, random: &mut StdRng) -> Option<Request> {
    let owner = entry.owners.choose(random)?;
    let staff = entry.staff.choose(random)?;
    let about = |number: u8, more: serde_json::Value| {
        let mut message = json!({ "sign": number, "ownerPhoneNumber": owner.phone, "token": owner.token });
        if let (Some(message), serde_json::Value::Object(more)) = (message.as_object_mut(), more) {
            message.extend(more);
        }
        sign(&message)
    };
    Some(match kind {
        Kind::OwnersGuards => about(12, json!({})),
        Kind::Records => about(22, json!({ "startTime": entry.yesterday, "endTime": entry.tomorrow })),
        Kind::AddPassword => {
            let at = used.passwords.fetch_add(1, Ordering::Relaxed);
            let guard = owner.guards.choose(random)?;
            let number = service_numb(entry, &owner.phone, at);
            let position = entry.owners.iter().position(|one| one.phone == owner.phone)?;
            used.added
                .lock()
                .ok()?
                .push_back((position, guard.clone(), number.clone()));
            about(
                17,
                json!({
                    "guardId": guard, "password": format!("{:08}", 10_000_000 + at), "serviceNumb": number,
                    "startTime": entry.yesterday, "endTime": entry.tomorrow, "timetag": entry.now,
                }),
            )
        }
        Kind::CancelPassword => {
            let mut added = used.added.lock().ok()?;
            if added.len() < KEPT {
                return None;
            }
            let (position, guard, number) = added.pop_front()?;
            let owner = entry.owners.get(position)?;
            sign(&json!({
                "sign": 18, "ownerPhoneNumber": owner.phone, "token": owner.token, "guardId": guard,
                "serviceNumb": number, "timetag": entry.now,
            }))
        }
        Kind::OwnerHost => sign(&json!({ "sign": 3, "ownerPhoneNumber": owner.phone })),
        Kind::GuardHosts => about(11, json!({})),
        Kind::SignIn => sign(&json!({
            "sign": 4, "ownerPhoneNumber": owner.phone, "ownerPassword": crate::guards::PASSWORD,
            "imei": "860000000000001", "timetag": entry.now,
        })),
        Kind::ScanCode => {
            let code = entry.codes.get(used.codes.fetch_add(1, Ordering::Relaxed))?;
            Request::post("/v1/QrData", &json!({ "data": code }).to_string()).bearer(&staff.token)
        }
        Kind::DrawCode => {
            let code = entry.drawn.choose(random)?;
            Request::get(&format!("/v1/QrImage/{code}")).bearer(&staff.token)
        }
        Kind::SearchOrders => {
            let prefix = random.random_range(0..10_000);
            Request::get(&format!("/staff/orders?customerNo={prefix:04}&status=all")).cookie(&staff.cookie)
        }
        Kind::Console => Request::get("/owner").cookie(&owner.cookie),
        Kind::StartPage => Request::get("/"),
    })
}

fn service_numb(entry: &Entry, phone: &str, at: usize) -> String {
    format!("{}{phone}{at:07}", entry.now)
}
