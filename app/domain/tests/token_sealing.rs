//! What is sealed opens again as it was; whatever else is presented is refused and never a panic.

mod token_rig;

use domain::error::Refusal;
use domain::ids::{Millis, Phone, ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::token::{
    Command, CompartmentFields, CompartmentRow, MAX_TOKEN_BYTES, Payload, StaffPass, TokenKey, open, peek, seal,
};
use proptest::prelude::*;
use proptest::sample::select;
use token_rig::{SECRET, key, random};

const NOW: Millis = Millis(1_772_000_000_123);

fn made(payload: &Payload) -> String {
    seal(&key(), Yid(1234), NOW, payload, &mut random(7)).unwrap()
}

fn fields() -> impl Strategy<Value = CompartmentFields> {
    let key = proptest::option::of("[A-Za-z0-9-]{1,64}");
    (any::<i64>(), any::<i64>(), "[0-9]{4,12}", ".{0,30}", ".{0,8}", key).prop_map(
        |(serial, jumper, pwd, save_date, label, key)| CompartmentFields {
            serial,
            jumper,
            pwd,
            save_date,
            label,
            things_sq: key.map(ThingsSq),
        },
    )
}

fn row() -> impl Strategy<Value = CompartmentRow> {
    let saved = prop_oneof![
        Just(None),
        ".{1,20}".prop_map(Some),
        (0..4_000_000_000_000_i64).prop_map(|at| Some(Millis(at).to_iso())),
    ];
    let kind = select(vec![None, Some(ContentKind::Deposit), Some(ContentKind::Return)]);
    let label = prop_oneof!["[A-D]1?[0-9]", ".{0,8}"];
    (
        (0..5_i64, prop_oneof![1..17_i64, any::<i64>()]),
        select(CompartmentStatus::ALL.to_vec()),
        label,
        proptest::option::of("[0-9]{4,12}"),
        saved,
        proptest::option::of("[A-Za-z0-9가-힣-]{1,20}"),
        kind,
    )
        .prop_map(
            |((jumper, serial), status, label, pwd, save_date, key, kind)| CompartmentRow {
                jumper,
                serial,
                status,
                label,
                pwd,
                save_date,
                things_sq: key.map(ThingsSq),
                kind,
            },
        )
}

fn payload() -> impl Strategy<Value = Payload> {
    // A number is kept in the one form that reading it gives.
    let phone = "[0-9]{5,20}".prop_filter_map("a phone number", |text| Phone::parse(&text));
    let pass = (phone, ".{0,40}").prop_map(|(phone, name)| StaffPass { phone, name });
    prop_oneof![
        fields().prop_map(Payload::OpenToSave),
        fields().prop_map(Payload::OpenToTake),
        proptest::collection::vec(row(), 0..40).prop_map(Payload::SaveToData),
        Just(Payload::SyncDate),
        pass.prop_map(Payload::StaffPass),
    ]
}

proptest! {
    #[test]
    fn what_is_sealed_opens_again(payload in payload(), secret in ".{1,64}", yid: i64, at in 0..4_000_000_000_000_i64, seed: u64) {
        let key = TokenKey::new(secret.as_bytes());
        let token = seal(&key, Yid(yid), Millis(at), &payload, &mut random(seed)).unwrap();
        let opened = open(&key, &token).unwrap();
        prop_assert_eq!(&opened.payload, &payload);
        prop_assert_eq!(opened.claims.cmd, payload.command());
        prop_assert_eq!(opened.claims.yid, Yid(yid));
        prop_assert_eq!(opened.claims.date, Millis(at));
        prop_assert_eq!(opened.claims.v, Some(1));
        prop_assert_eq!(Some(opened.token_id), opened.claims.jti);
        let peeked = peek(&token).unwrap();
        prop_assert_eq!((peeked.cmd, peeked.yid, peeked.date), (payload.command(), Yid(yid), Millis(at)));
    }

    #[test]
    fn any_byte_changed_is_refused(payload in payload(), at: prop::sample::Index, other in 1..=127_u8) {
        let token = made(&payload);
        let mut bytes = token.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = (bytes[at] + other) % 128;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(open(&key(), &changed).is_err());
    }

    #[test]
    fn anything_cut_or_added_is_refused(payload in payload(), at: prop::sample::Index, added in "[A-Za-z0-9_.=-]{1,4}") {
        let token = made(&payload);
        let at = at.index(token.len());
        let key = key();
        prop_assert!(open(&key, &token[..at]).is_err());
        prop_assert!(open(&key, &token[at + 1..]).is_err());
        prop_assert!(open(&key, &[&token[..at], &added, &token[at..]].concat()).is_err());
    }

    #[test]
    fn another_secret_is_refused(payload in payload(), secret in ".{0,64}") {
        prop_assume!(secret.as_bytes() != SECRET);
        prop_assert_eq!(open(&TokenKey::new(secret.as_bytes()), &made(&payload)), Err(Refusal::CodeDamaged));
    }

    #[test]
    fn arbitrary_text_is_refused(text in any::<String>(), parts in "[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,44}") {
        let key = key();
        prop_assert!(open(&key, &text).is_err());
        prop_assert!(open(&key, &parts).is_err());
        let _any_answer_but_a_panic = (peek(&text), peek(&parts));
    }
}

#[test]
fn every_character_of_a_token_matters() {
    let token = made(&Payload::SyncDate);
    let key = key();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n";
    for at in 0..token.len() {
        for &other in alphabet.iter().filter(|&&other| other != token.as_bytes()[at]) {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = other;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(open(&key, &changed).is_err(), "{at}: {changed}");
        }
    }
}

#[test]
fn blanks_around_a_token_are_no_part_of_it() {
    let token = made(&Payload::SyncDate);
    let key = key();
    assert_eq!(open(&key, &format!(" {token}\r\n")), open(&key, &token));
}

#[test]
fn the_header_is_exactly_the_one_specified() {
    assert!(made(&Payload::SyncDate).starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."));
}

#[test]
fn too_long_a_text_is_refused_before_it_is_looked_at() {
    let too_large = Refusal::TooLarge {
        max_bytes: MAX_TOKEN_BYTES as u64,
    };
    let text = "a".repeat(MAX_TOKEN_BYTES + 1);
    assert_eq!(peek(&text), Err(too_large.clone()));
    assert_eq!(open(&key(), &text), Err(too_large.clone()));
    let fields = CompartmentFields {
        serial: 1,
        jumper: 1,
        pwd: "12345".into(),
        save_date: String::new(),
        label: "x".repeat(MAX_TOKEN_BYTES),
        things_sq: None,
    };
    let sealed = seal(&key(), Yid(1), NOW, &Payload::OpenToSave(fields), &mut random(1));
    assert_eq!(sealed, Err(too_large));
}

#[test]
fn two_tokens_of_one_content_differ() {
    let key = key();
    let mut random = random(3);
    let mut one = || open(&key, &seal(&key, Yid(1), NOW, &Payload::SyncDate, &mut random).unwrap()).unwrap();
    assert_ne!(one().token_id, one().token_id);
}

#[test]
fn freshness_depends_on_the_command() {
    let minutes = |minutes: i64| NOW.plus(minutes * 60_000);
    let claims = |payload: Payload| open(&key(), &made(&payload)).unwrap().claims;
    let fields = CompartmentFields {
        serial: 1,
        jumper: 1,
        pwd: "12345".into(),
        save_date: String::new(),
        label: "A1".into(),
        things_sq: None,
    };
    let take = claims(Payload::OpenToTake(fields));
    assert_eq!(take.freshness(minutes(10)), Ok(()));
    assert_eq!(take.freshness(minutes(11)), Err(Refusal::CodeExpired));
    assert_eq!(take.freshness(minutes(-11)), Err(Refusal::CodeFromFuture));
    let pass = claims(Payload::StaffPass(StaffPass {
        phone: Phone("01000000002".into()),
        name: "Kim".into(),
    }));
    assert_eq!(pass.freshness(minutes(5)), Ok(()));
    assert_eq!(pass.freshness(minutes(6)), Err(Refusal::CodeExpired));
    assert_eq!(claims(Payload::SyncDate).freshness(minutes(6000)), Ok(()));
    assert_eq!(Command::SaveToData.window_ms(), None);
}

#[test]
fn nothing_printed_gives_a_secret_away() {
    let key = TokenKey::new(b"iloveyang");
    let fields = CompartmentFields {
        serial: 1,
        jumper: 1,
        pwd: "98765".into(),
        save_date: String::new(),
        label: "A1".into(),
        things_sq: None,
    };
    let token = seal(&key, Yid(1), NOW, &Payload::OpenToSave(fields), &mut random(1)).unwrap();
    let printed = format!("{key:?} {:?}", open(&key, &token).unwrap());
    assert!(
        !printed.contains("iloveyang") && !printed.contains("98765"),
        "{printed}"
    );
}
