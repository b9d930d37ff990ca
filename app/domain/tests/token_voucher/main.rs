//! Vouchers: what they are made of, that they can be narrowed and never widened, and that codes of the first version stay as they were.

mod lists;
mod made;
mod passed_on;
mod random;
#[path = "../token_rig/mod.rs"]
mod token_rig;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::error::Refusal;
use domain::ids::{Millis, Phone, ThingsSq, Yid};
use domain::token::frames::{self, MAX_PLAIN_CHARS};
use domain::token::revoked::{IN_CODE_BYTES, Subject};
use domain::token::voucher::{DEPTH_MAX, DOORS_MAX, LONGEST_MS, NAME_MAX};
use domain::token::{
    Caveat, Command, CompartmentFields, Opened, Payload, Revocations, Voucher, narrow, open, peek, room_beside, seal,
    seal_with,
};
use proptest::prelude::*;
use token_rig::{SECRET, key, random};

const NOW: Millis = Millis(1_772_000_000_123);
const UNTIL: Millis = Millis(1_772_100_000_000);
/// Made by another program, with Node's own cryptography.
const RECORDED: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJjbWQiOiJPcGVuVG9UYWtlIiwieWlkIjoxMjM0LCJkYXRlIjoiMjAyNi0wMi0yNVQwNjoxMzoyMC4xMjNaIiwianRpIjoiTWFJNkVPUW9GUFgxWEtBM3pjd1J4ZyIsInYiOjIsImV4cCI6MTc3MjEwMDAwMCwidXNlIjoxLCJkYXRhIjoiZnZUb1JVUWpaMUw3dFd1UFp5U0pkZXlwMDl2amd4QzdxOWJYWnk4TXBKbTJMYlZNSmVDV3d3VHNObVlOcHMwdWpCaHZmNndxYThBMnRpcDZLZDBZV2xlNlpKR1VFbGxuMUpwbGdGNG1TRzliU3NNUXl5dk92b29Dd2dZIn0.S0psCJGWOrEFkjHlUI5cP69bekYZZFSCrK_SoPspKIo";
/// Narrowed by it.
const RECORDED_NARROWED: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImNyaXQiOlsiY2F2Il0sImNhdiI6W3sib3JkZXJzIjpbIjIwMjYtMTEwMSJdLCJ1bnRpbCI6MTc3MjA5MDAwMCwibmFtZSI6Iuq5gOq4sOyCrCJ9XX0.eyJjbWQiOiJPcGVuVG9UYWtlIiwieWlkIjoxMjM0LCJkYXRlIjoiMjAyNi0wMi0yNVQwNjoxMzoyMC4xMjNaIiwianRpIjoiTWFJNkVPUW9GUFgxWEtBM3pjd1J4ZyIsInYiOjIsImV4cCI6MTc3MjEwMDAwMCwidXNlIjoxLCJkYXRhIjoiZnZUb1JVUWpaMUw3dFd1UFp5U0pkZXlwMDl2amd4QzdxOWJYWnk4TXBKbTJMYlZNSmVDV3d3VHNObVlOcHMwdWpCaHZmNndxYThBMnRpcDZLZDBZV2xlNlpKR1VFbGxuMUpwbGdGNG1TRzliU3NNUXl5dk92b29Dd2dZIn0.GtT-G4BUUn4gBTAOo-WKMFIW_QKcKOnzueTPHsivfoE";
const HOUR: i64 = 3_600_000;

fn door(number: i64) -> CompartmentFields {
    CompartmentFields {
        serial: number,
        jumper: 1,
        pwd: format!("9041{number}"),
        save_date: NOW.plus(-number * HOUR).to_iso(),
        label: format!("A{number}"),
        things_sq: Some(order(number)),
    }
}

fn order(number: i64) -> ThingsSq {
    ThingsSq(format!("2026-110{number}"))
}

fn voucher(doors: i64) -> Voucher {
    Voucher {
        until: UNTIL,
        holder: Phone::parse("01000000004").unwrap(),
        sign_in: "q7Yw2mZr0fJk9cTn4vXs6b".to_owned(),
        doors: (1..=doors).map(door).collect(),
    }
}

fn made(voucher: &Voucher) -> String {
    seal(
        &key(),
        Yid(1234),
        NOW,
        &Payload::Voucher(voucher.clone()),
        &mut random(7),
    )
    .unwrap()
}

fn refused(voucher: Voucher) -> bool {
    seal(&key(), Yid(1234), NOW, &Payload::Voucher(voucher), &mut random(7)).is_err()
}

fn claims(token: &str) -> serde_json::Value {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

fn granted(opened: &Opened) -> domain::token::voucher::Left {
    let Payload::Voucher(voucher) = &opened.payload else {
        panic!("no voucher");
    };
    voucher.under(&opened.caveats)
}

fn orders(numbers: &[i64]) -> Caveat {
    Caveat {
        orders: Some(numbers.iter().copied().map(order).collect()),
        ..Caveat::default()
    }
}

fn until(at: Millis) -> Caveat {
    Caveat {
        until: Some(at.0 / 1_000),
        ..Caveat::default()
    }
}

fn name(text: &str) -> Caveat {
    Caveat {
        name: Some(text.to_owned()),
        ..Caveat::default()
    }
}

fn mac(key: &[u8], message: &str) -> Vec<u8> {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A token with other parts, signed with the kiosk's secret.
fn signed(header: &str, claims: &serde_json::Value) -> String {
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac(SECRET, &message)))
}
