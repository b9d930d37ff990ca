//! Lists of what was revoked, in codes.

use crate::*;

#[test]
fn a_list_rides_in_codes_and_comes_out_as_it_was() {
    let phones: Vec<Phone> = (0..5_000).map(|number| Phone(format!("0101{number:07}"))).collect();
    let gone: Vec<_> = phones.iter().map(Subject::Person).collect();
    let list = Revocations::newest(NOW, &gone, &[], IN_CODE_BYTES).unwrap();
    assert!(!list.complete && list.to_bytes().len() <= IN_CODE_BYTES);
    for payload in [Payload::SyncDate, Payload::Voucher(voucher(2))] {
        let token = seal_with(&key(), Yid(1234), NOW, &payload, Some(&list), &mut random(7)).unwrap();
        let opened = open(&key(), &token).unwrap();
        assert_eq!((opened.payload, opened.revoked.as_ref()), (payload, Some(&list)));
        let frames = frames::encode(&token).unwrap();
        eprintln!(
            "a list of {} ids: {} characters, {} frames",
            list.count(),
            token.len(),
            frames.pieces()
        );
    }
}

#[test]
fn a_list_takes_the_room_that_is_left_in_one_plain_code_and_no_more() {
    let phones: Vec<Phone> = (0..5_000).map(|number| Phone(format!("0101{number:07}"))).collect();
    let gone: Vec<_> = phones.iter().map(Subject::Person).collect();
    let pass = domain::token::StaffPass {
        phone: Phone::parse("01000000002").unwrap(),
        name: "가".repeat(100),
    };
    let vouchers = (1..=8).map(|doors| Payload::Voucher(voucher(doors)));
    for payload in vouchers.chain([Payload::SyncDate, Payload::StaffPass(pass)]) {
        let plain = seal(&key(), Yid(1234), NOW, &payload, &mut random(7)).unwrap();
        let Some(list) = Revocations::newest(NOW, &gone, &[], room_beside(&plain)) else {
            assert!(room_beside(&plain) < 20, "{}", plain.len());
            continue;
        };
        let token = seal_with(&key(), Yid(1234), NOW, &payload, Some(&list), &mut random(7)).unwrap();
        assert!(token.len() <= MAX_PLAIN_CHARS, "{}", token.len());
        assert!(token.len() > MAX_PLAIN_CHARS - 30, "{}", token.len());
        assert!(list.count() > 0);
    }
    assert_eq!(
        (
            room_beside(&"x".repeat(MAX_PLAIN_CHARS)),
            room_beside(&"x".repeat(9_000))
        ),
        (0, 0)
    );
}

#[test]
fn a_list_of_another_code_does_not_open() {
    let list = Revocations::of(NOW, &[Subject::Code("a")], &[]).unwrap();
    let token = seal_with(&key(), Yid(1234), NOW, &Payload::SyncDate, Some(&list), &mut random(7)).unwrap();
    let header = token.split('.').next().unwrap();
    let mut moved = claims(&token);
    moved["date"] = NOW.plus(1).to_iso().into();
    assert_eq!(open(&key(), &signed(header, &moved)).unwrap().revoked, None);
}
