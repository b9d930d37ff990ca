//! Narrowed and passed on.

use crate::*;

#[test]
fn a_voucher_is_passed_on_with_less_in_it_and_without_a_secret() {
    let foreman = made(&voucher(3));
    let technician = narrow(
        &foreman,
        &Caveat {
            name: Some("김기사".to_owned()),
            ..orders(&[1, 3])
        },
    )
    .unwrap();
    let helper = narrow(&technician, &until(UNTIL.plus(-5 * HOUR))).unwrap();
    let last = narrow(
        &helper,
        &Caveat {
            name: Some("Lee".to_owned()),
            ..orders(&[3])
        },
    )
    .unwrap();
    let opened = open(&key(), &last).unwrap();
    let left = granted(&opened);
    assert_eq!(left.doors, vec![door(3)]);
    assert_eq!(left.until, UNTIL.plus(-5 * HOUR));
    assert_eq!(left.names, vec!["김기사".to_owned(), "Lee".to_owned()]);
    assert_eq!(
        opened.token_id,
        open(&key(), &foreman).unwrap().token_id,
        "used once, by one of its holders"
    );
    assert_eq!(
        narrow(&last, &name("Park")),
        Err(Refusal::CodeDamaged),
        "three times at most"
    );
}

#[test]
fn a_narrowed_voucher_cannot_be_widened() {
    let foreman = made(&voucher(3));
    let narrowed = narrow(&narrow(&foreman, &orders(&[1, 2])).unwrap(), &until(UNTIL.plus(-HOUR))).unwrap();
    for wider in [orders(&[1, 2, 3]), orders(&[3]), until(UNTIL), until(UNTIL.plus(HOUR))] {
        assert_eq!(narrow(&narrowed, &wider), Err(Refusal::CodeDamaged), "{wider:?}");
    }
    for senseless in [
        Caveat::default(),
        orders(&[]),
        name(""),
        name(" Kim"),
        name("a\nb"),
        name(&"가".repeat(NAME_MAX + 1)),
    ] {
        assert_eq!(
            narrow(&narrowed, &senseless),
            Err(Refusal::CodeDamaged),
            "{senseless:?}"
        );
    }
    // What no phone can see: an order that is not the voucher's.
    let foreign = narrow(&foreman, &orders(&[1, 7])).unwrap();
    assert_eq!(open(&key(), &foreign).err(), Some(Refusal::CodeDamaged));
}

#[test]
fn taking_a_caveat_away_changing_one_or_adding_one_without_the_chain_is_refused() {
    let foreman = made(&voucher(3));
    let one = narrow(&foreman, &orders(&[1])).unwrap();
    let two = narrow(&one, &name("Kim")).unwrap();
    let part = |token: &str, at: usize| token.split('.').nth(at).unwrap().to_owned();
    let body = part(&foreman, 1);
    let header = |caveats: &str| {
        URL_SAFE_NO_PAD.encode(format!(
            r#"{{"typ":"JWT","alg":"HS256","crit":["cav"],"cav":[{caveats}]}}"#
        ))
    };
    let forged = [
        // The narrowed signature under the wide header, and with the caveat taken away.
        format!("{}.{body}.{}", part(&foreman, 0), part(&one, 2)),
        format!("{}.{body}.{}", part(&one, 0), part(&two, 2)),
        format!("{}.{body}.{}", part(&two, 0), part(&one, 2)),
        format!("{}.{body}.{}", part(&one, 0), part(&foreman, 2)),
        // Another order, another name, another order of caveats, the same JSON with a blank.
        format!("{}.{body}.{}", header(r#"{"orders":["2026-1102"]}"#), part(&one, 2)),
        format!(
            "{}.{body}.{}",
            header(r#"{"orders":["2026-1101"]},{"name":"Lee"}"#),
            part(&two, 2)
        ),
        format!(
            "{}.{body}.{}",
            header(r#"{"name":"Kim"},{"orders":["2026-1101"]}"#),
            part(&two, 2)
        ),
        format!("{}.{body}.{}", header(r#"{"orders": ["2026-1101"]}"#), part(&one, 2)),
        // Caveats of an unknown kind, none, and more than three.
        format!("{}.{body}.{}", header(r#"{"everything":true}"#), part(&one, 2)),
        format!("{}.{body}.{}", header(""), part(&foreman, 2)),
        format!(
            "{}.{body}.{}",
            header(r#"{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}"#),
            part(&one, 2)
        ),
    ];
    for forged in forged {
        assert_eq!(open(&key(), &forged).err(), Some(Refusal::CodeDamaged), "{forged}");
    }
    assert!(open(&key(), &one).is_ok() && open(&key(), &two).is_ok());
}

#[test]
fn only_vouchers_are_narrowed() {
    let old = seal(&key(), Yid(1234), NOW, &Payload::OpenToTake(door(1)), &mut random(7)).unwrap();
    assert_eq!(narrow(&old, &name("Kim")), Err(Refusal::CodeKind));
    assert_eq!(narrow("a.b.c", &name("Kim")), Err(Refusal::CodeDamaged));
    // Nor is a caveat on another code taken, however well it is chained.
    let caveat = r#"{"name":"Kim"}"#;
    let chained = |token: &str| {
        let mut parts = token.split('.').skip(1);
        let (claims, signature) = (
            parts.next().unwrap(),
            URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap(),
        );
        let header = format!(r#"{{"typ":"JWT","alg":"HS256","crit":["cav"],"cav":[{caveat}]}}"#);
        let signature = mac(&signature, &format!("latchkey/voucher/caveat/v1\n{caveat}"));
        format!(
            "{}.{claims}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(signature)
        )
    };
    assert!(
        open(&key(), &chained(&made(&voucher(1)))).is_ok(),
        "the test chains as a phone does"
    );
    assert_eq!(open(&key(), &chained(&old)).err(), Some(Refusal::CodeDamaged));
}
