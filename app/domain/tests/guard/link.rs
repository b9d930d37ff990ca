//! The frames of the link.

use crate::rig::*;
use domain::guard::link::proof::{Handshake, Prover};
use domain::guard::link::*;
use domain::guard::{grants::Reason, ids::*};
use domain::ids::Millis;
use proptest::prelude::*;

fn refusal(seq: i64) -> Record {
    let what = Happening::Refused {
        attempt: Attempt::Password {
            masked: "****".to_owned(),
        },
        reason: Reason::Ended,
        service_numb: ServiceNumb::parse("a").ok(),
    };
    Record {
        seq,
        at: NOON,
        uncertainty_ms: Some(7),
        what,
    }
}

fn lost(from: i64, seq: i64) -> Record {
    Record {
        seq,
        at: NOON,
        uncertainty_ms: None,
        what: Happening::Lost { from },
    }
}

#[test]
fn frames_are_these_texts() {
    let records = vec![lost(1, 4), refusal(5)];
    let frame = FromDevice::Records { records };
    assert_eq!(
        frame.to_json(),
        concat!(
            r#"{"type":"records","records":[{"seq":4,"at":1800000000000,"uncertaintyMs":null,"what":"lost","from":1},"#,
            r#"{"seq":5,"at":1800000000000,"uncertaintyMs":7,"what":"refused","attempt":{"way":"password","masked":"****"},"#,
            r#""reason":"ended","serviceNumb":"a"}]}"#
        )
    );
    assert_eq!(FromDevice::parse(&frame.to_json()).unwrap(), frame);
    let mut grant = password("a", "4711");
    grant.version = 3;
    let changes = vec![
        Change::Put { grant },
        Change::Settings {
            settings: owned(),
            version: 4,
        },
    ];
    let frame = ToDevice::Changes(Box::new(Changes {
        epoch: 1,
        from: 2,
        to: 4,
        changes,
    }));
    assert_eq!(
        frame.to_json(),
        concat!(
            r#"{"type":"changes","epoch":1,"from":2,"to":4,"changes":[{"change":"put","grant":{"serviceNumb":"a","kind":"password","#,
            r#""password":"4711","from":1799996400000,"until":1803600000000,"version":3,"cancelled":false}},"#,
            r#"{"change":"settings","settings":{"owned":true,"defaultPasswords":["111111",null]},"version":4}]}"#
        )
    );
    assert_eq!(ToDevice::parse(&frame.to_json()).unwrap(), frame);
}

#[test]
fn rows_must_follow_each_other_and_be_few() {
    let judged = |records| FromDevice::parse(&FromDevice::Records { records }.to_json());
    assert!(judged(vec![refusal(3), refusal(4), lost(5, 9), refusal(10)]).is_ok());
    assert_eq!(judged(vec![refusal(3), refusal(5)]), Err(FrameFault::OutOfOrder));
    assert_eq!(judged(vec![refusal(3), refusal(3)]), Err(FrameFault::OutOfOrder));
    assert_eq!(judged(vec![refusal(0)]), Err(FrameFault::OutOfRange));
    assert_eq!(judged(vec![refusal(i64::MAX)]), Err(FrameFault::OutOfRange));
    assert_eq!(judged(vec![lost(i64::MIN, 5)]), Err(FrameFault::OutOfRange));
    assert_eq!(judged((1..=65).map(refusal).collect()), Err(FrameFault::TooMany));
    let change = |version| Change::Settings {
        settings: owned(),
        version,
    };
    let judged = |from, to, versions: &[i64]| {
        let changes = versions.iter().map(|version| change(*version)).collect();
        ToDevice::parse(
            &ToDevice::Changes(Box::new(Changes {
                epoch: 1,
                from,
                to,
                changes,
            }))
            .to_json(),
        )
    };
    assert!(judged(2, 5, &[3, 3, 5]).is_ok());
    for (from, to, versions) in [(2, 5, [2, 3]), (2, 5, [4, 3]), (2, 5, [3, 6]), (5, 2, [3, 4])] {
        assert_eq!(judged(from, to, &versions), Err(FrameFault::OutOfOrder));
    }
    assert_eq!(
        ToDevice::parse(&" ".repeat(MAX_FRAME_BYTES + 1)),
        Err(FrameFault::TooLarge)
    );
}

#[test]
fn the_largest_frames_fit() {
    let wide = |length| "𠮷".repeat(length);
    let mut grant = password(&wide(32), "4711");
    grant.kind = domain::guard::grants::GrantKind::Card {
        name: CardHolder::parse(&wide(64)).unwrap(),
        card_numb: CardNumb::parse(&wide(64)).unwrap(),
        dn_code: DnCode::parse(&wide(128)).unwrap(),
    };
    let grants = domain::guard::grants::Grants {
        grants: vec![grant; MAX_CHANGES],
        ..Default::default()
    };
    let frames = Snapshot::frames(Version { epoch: 1, number: 1 }, &grants);
    assert_eq!(frames.len(), 1);
    assert!(ToDevice::parse(&frames[0].to_json()).is_ok());
    let mut record = refusal(1);
    record.what = Happening::Refused {
        attempt: Attempt::Card {
            card_numb: CardNumb::parse(&wide(64)).ok(),
            dn_code: DnCode::parse(&wide(128)).ok(),
        },
        reason: Reason::Ended,
        service_numb: ServiceNumb::parse(&wide(32)).ok(),
    };
    let records = (1..=64).map(|seq| Record { seq, ..record.clone() }).collect();
    assert!(FromDevice::parse(&FromDevice::Records { records }.to_json()).is_ok());
}

#[test]
fn records_are_stored_once_and_never_over_a_gap() {
    let batch = [refusal(3), refusal(4), lost(5, 9), refusal(10)];
    let new = |stored| after(stored, &batch).map(|new| new.iter().map(|record| record.seq).collect::<Vec<_>>());
    assert_eq!(new(1), None);
    assert_eq!(new(2), Some(vec![3, 4, 9, 10]));
    assert_eq!(new(4), Some(vec![9, 10]));
    assert_eq!(new(7), Some(vec![9, 10]));
    assert_eq!(new(10), Some(vec![]));
    assert_eq!(new(99), Some(vec![]));
    assert_eq!(after(3, &[]), Some(&[][..]));
}

#[test]
fn a_proof_is_good_for_one_side_one_guard_and_one_connection() {
    let nonce = |byte: u8| Nonce::generate(&mut |bytes: &mut [u8]| bytes.fill(byte));
    let (guard, other) = (GuardId::parse("G1").unwrap(), GuardId::parse("G2").unwrap());
    let (a, b, c) = (nonce(1), nonce(2), nonce(3));
    let key = DeviceKey::generate(&mut |bytes: &mut [u8]| bytes.fill(9));
    let handshake = Handshake {
        guard_id: &guard,
        node_nonce: &a,
        device_nonce: &b,
    };
    let proof = handshake.prove(&key, Prover::Device);
    assert!(handshake.verify(&key, Prover::Device, &proof));
    assert!(!handshake.verify(&key, Prover::Node, &proof));
    assert!(!handshake.verify(&DeviceKey::parse("another-device-key").unwrap(), Prover::Device, &proof));
    for changed in [
        Handshake {
            guard_id: &other,
            ..handshake
        },
        Handshake {
            node_nonce: &c,
            ..handshake
        },
        Handshake {
            device_nonce: &c,
            ..handshake
        },
        Handshake {
            node_nonce: &b,
            device_nonce: &a,
            ..handshake
        },
    ] {
        assert!(!changed.verify(&key, Prover::Device, &proof));
    }
    for text in ["", "x", "AAAA", &proof[1..]] {
        assert!(!handshake.verify(&key, Prover::Device, text));
    }
    assert_eq!(DeviceKey::parse("short"), None);
    assert_eq!(DeviceKey::parse("with spaces in the middle"), None);
}

#[test]
fn a_hello_with_a_short_nonce_is_refused() {
    let short = r#"{"type":"challenge","nonce":"abc"}"#;
    assert_eq!(ToDevice::parse(short), Err(FrameFault::OutOfRange));
    let hello = |nonce: &str| {
        FromDevice::parse(&format!(
            r#"{{"type":"hello","guardId":"G0001","nonce":"{nonce}","proof":"x","opCode":null,"firmware":"x","status":"working","version":{{"epoch":0,"number":0}},"lastRecord":0,"sent":0}}"#
        ))
    };
    assert!(hello("bm9uY2Ugb2YgdGhlIGd1YXJkLCAzMiBieXRlcyBsb25n").is_ok());
    assert_eq!(hello("bm9uY2U"), Err(FrameFault::OutOfRange));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}|\\{\"type\":\"(records|hello|changes|welcome)\",\\PC{0,100}") {
        let _ = FromDevice::parse(&text);
        let _ = ToDevice::parse(&text);
    }

    #[test]
    fn a_frame_cut_anywhere_is_no_frame(at in any::<prop::sample::Index>(), seq in 1i64..1000) {
        let text = FromDevice::Records { records: vec![refusal(seq)] }.to_json();
        let cut = at.index(text.len());
        prop_assert!(FromDevice::parse(&text[..cut]).is_err());
        let text = ToDevice::Heartbeat { now: Millis(seq), echo: Millis(-seq), clock_epoch: 0 }.to_json();
        let cut = at.index(text.len());
        prop_assert!(ToDevice::parse(&text[..cut]).is_err());
    }
}
