//! What a voucher is, and what is not one.

use crate::*;

#[test]
fn a_voucher_is_an_open_to_take_of_version_2_with_an_end_and_one_use() {
    let token = made(&voucher(2));
    let claims = claims(&token);
    assert_eq!(claims["cmd"], "OpenToTake");
    assert_eq!(
        (&claims["v"], &claims["exp"], &claims["use"]),
        (&2.into(), &1_772_100_000.into(), &1.into())
    );
    assert_eq!(peek(&token).unwrap().cmd, Command::OpenToTake);
    let opened = open(&key(), &token).unwrap();
    assert_eq!(opened.payload, Payload::Voucher(voucher(2)));
    assert_eq!(
        (opened.claims.exp, opened.caveats.len(), opened.revoked),
        (Some(UNTIL), 0, None)
    );
}

/// Written into codes that people hold: as they were read yesterday they must be read tomorrow.
#[test]
fn a_voucher_of_this_version_is_made_and_narrowed_letter_by_letter_as_recorded() {
    let voucher = made(&voucher(1));
    let narrowed = narrow(
        &voucher,
        &Caveat {
            until: Some(1_772_090_000),
            name: Some("김기사".to_owned()),
            ..orders(&[1])
        },
    )
    .unwrap();
    assert_eq!(voucher, RECORDED);
    assert_eq!(narrowed, RECORDED_NARROWED);
    let left = granted(&open(&key(), RECORDED_NARROWED).unwrap());
    assert_eq!((left.doors, left.until), (vec![door(1)], Millis(1_772_090_000_000)));
}

#[test]
fn it_is_fresh_until_its_end_and_not_for_ten_minutes() {
    let claims = open(&key(), &made(&voucher(1))).unwrap().claims;
    assert_eq!(claims.freshness(NOW.plus(20 * HOUR)), Ok(()));
    assert_eq!(claims.freshness(UNTIL.plus(-1)), Ok(()));
    assert_eq!(claims.freshness(UNTIL), Err(Refusal::CodeExpired));
    assert_eq!(claims.freshness(NOW.plus(-600_001)), Err(Refusal::CodeFromFuture));
}

#[test]
fn what_may_not_be_a_voucher_is_not_made() {
    assert!(!refused(voucher(DOORS_MAX as i64)));
    for (what, wrong) in [
        ("no door", voucher(0)),
        ("too many doors", voucher(DOORS_MAX as i64 + 1)),
        (
            "ended",
            Voucher {
                until: Millis(NOW.0 / 1_000 * 1_000),
                ..voucher(1)
            },
        ),
        (
            "too long",
            Voucher {
                until: Millis((NOW.0 + LONGEST_MS) / 1_000 * 1_000 + 1_000),
                ..voucher(1)
            },
        ),
        (
            "parts of a second",
            Voucher {
                until: UNTIL.plus(1),
                ..voucher(1)
            },
        ),
        (
            "sign-in too long",
            Voucher {
                sign_in: "x".repeat(65),
                ..voucher(1)
            },
        ),
        (
            "the same door twice",
            Voucher {
                doors: vec![door(1), door(1)],
                ..voucher(1)
            },
        ),
        (
            "no order",
            Voucher {
                doors: vec![CompartmentFields {
                    things_sq: None,
                    ..door(1)
                }],
                ..voucher(1)
            },
        ),
        (
            "no deposit",
            Voucher {
                doors: vec![CompartmentFields {
                    save_date: String::new(),
                    ..door(1)
                }],
                ..voucher(1)
            },
        ),
        (
            "no password",
            Voucher {
                doors: vec![CompartmentFields {
                    pwd: "12a45".to_owned(),
                    ..door(1)
                }],
                ..voucher(1)
            },
        ),
    ] {
        assert!(refused(wrong), "{what}");
    }
}

#[test]
fn a_signed_voucher_without_its_end_or_for_more_uses_is_refused() {
    let token = made(&voucher(1));
    let header = token.split('.').next().unwrap();
    assert!(
        open(&key(), &signed(header, &claims(&token))).is_ok(),
        "the test signs as the server does"
    );
    let changed = |name: &str, value: serde_json::Value| {
        let mut claims = claims(&token);
        claims[name] = value;
        open(&key(), &signed(header, &claims)).map(|opened| opened.payload)
    };
    let long = (NOW.0 + LONGEST_MS) / 1_000 + 1;
    for (name, value) in [
        ("exp", serde_json::Value::Null),
        ("exp", "1772100000".into()),
        ("exp", 1_772_100_000.5.into()),
        ("use", 2.into()),
        ("use", serde_json::Value::Null),
    ] {
        assert_eq!(
            changed(name, value.clone()),
            Err(Refusal::CodeDamaged),
            "{name} {value}"
        );
    }
    assert!(changed("exp", long.into()).is_err(), "longer than a kiosk remembers");
    // As the first version it is not readable: its data is of another form.
    assert!(changed("v", 1.into()).is_err());
}

#[test]
fn the_first_version_reads_as_before_whatever_else_is_claimed() {
    let token = seal(&key(), Yid(1234), NOW, &Payload::OpenToTake(door(1)), &mut random(7)).unwrap();
    let header = token.split('.').next().unwrap();
    let mut claims = claims(&token);
    assert!(claims.get("exp").is_none() && claims.get("use").is_none() && claims.get("rev").is_none());
    for value in [
        serde_json::json!(1),
        serde_json::json!("x"),
        serde_json::json!([1]),
        serde_json::Value::Null,
    ] {
        for name in ["exp", "use", "rev"] {
            claims[name] = value.clone();
        }
        let opened = open(&key(), &signed(header, &claims)).unwrap();
        assert_eq!(opened.payload, Payload::OpenToTake(door(1)));
        assert_eq!((opened.claims.exp, opened.revoked), (None, None));
        assert_eq!(opened.claims.freshness(NOW.plus(600_001)), Err(Refusal::CodeExpired));
    }
}

#[test]
fn a_code_without_a_list_is_the_same_byte_for_byte() {
    for payload in [
        Payload::SyncDate,
        Payload::OpenToTake(door(1)),
        Payload::OpenToSave(door(1)),
    ] {
        let before = seal(&key(), Yid(1234), NOW, &payload, &mut random(7));
        let now = seal_with(&key(), Yid(1234), NOW, &payload, None, &mut random(7));
        assert_eq!(before, now);
    }
    // Recorded from the version before vouchers.
    let clock = seal(&key(), Yid(1234), NOW, &Payload::SyncDate, &mut |bytes: &mut [u8]| {
        bytes.fill(7)
    })
    .unwrap();
    let claims = URL_SAFE_NO_PAD.decode(clock.split('.').nth(1).unwrap()).unwrap();
    assert_eq!(
        String::from_utf8(claims).unwrap(),
        r#"{"cmd":"SyncDate","yid":1234,"date":"2026-02-25T06:13:20.123Z","jti":"BwcHBwcHBwcHBwcHBwcHBw","v":1}"#
    );
}

#[test]
fn a_voucher_is_one_plain_code_also_with_eight_doors_and_three_caveats() {
    let one = made(&voucher(1));
    let eight = made(&voucher(8));
    let mut narrowed = eight.clone();
    for who in ["김기사 (한빛전기)", "이기사 (한빛전기)", "박기사 (한빛전기)"] {
        narrowed = narrow(
            &narrowed,
            &Caveat {
                name: Some(who.to_owned()),
                ..orders(&[1, 2])
            },
        )
        .unwrap();
    }
    eprintln!(
        "voucher: {} characters, of eight doors {}, narrowed three times {}",
        one.len(),
        eight.len(),
        narrowed.len()
    );
    assert!(one.len() <= 600, "{}", one.len());
    assert!(eight.len() <= MAX_PLAIN_CHARS, "{}", eight.len());
    assert_eq!(DEPTH_MAX, 3);
    for token in [&one, &eight, &narrowed] {
        let frames = frames::encode(token).unwrap();
        let mut decoder = frames::Decoder::default();
        let read = frames
            .iter()
            .take(60)
            .map(|text| decoder.receive(&text))
            .find(|read| matches!(read, frames::Reading::Whole(_)));
        assert_eq!(read, Some(frames::Reading::Whole(token.clone())));
    }
}
