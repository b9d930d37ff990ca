//! Lists of what was revoked: small, exact about what they name, and never about what was made later.

use domain::ids::{Millis, Phone};
use domain::token::Revocations;
use domain::token::revoked::{IDS_MAX, IN_CODE_BYTES, Learnt, Subject};
use proptest::prelude::*;

const NOW: Millis = Millis(1_772_000_000_123);
const HOUR: i64 = 3_600_000;

fn phones(count: usize) -> Vec<Phone> {
    (0..count).map(|number| Phone(format!("0107{number:07}"))).collect()
}

fn people(phones: &[Phone]) -> Vec<Subject<'_>> {
    phones.iter().map(Subject::Person).collect()
}

fn list(at: Millis, ids: &[&str]) -> Revocations {
    let ids: Vec<_> = ids.iter().map(|id| Subject::Code(id)).collect();
    Revocations::of(at, &ids, &[]).unwrap()
}

#[test]
fn ten_thousand_ids_are_all_on_the_list_and_take_less_than_three_bytes_each() {
    let phones = phones(10_000);
    let list = Revocations::of(NOW, &people(&phones), &[]).unwrap();
    assert!(phones.iter().all(|phone| list.holds(Subject::Person(phone))));
    let bytes = list.to_bytes();
    eprintln!("10,000 ids: {} bytes", bytes.len());
    assert!(bytes.len() < 28_000, "{}", bytes.len());
    assert_eq!(Revocations::from_bytes(&bytes), Some(list));
}

#[test]
fn others_are_hardly_ever_taken_for_one_of_them() {
    let phones = phones(10_000);
    let list = Revocations::of(NOW, &people(&phones), &[]).unwrap();
    let wrong = (0..20_000)
        .filter(|number| list.holds(Subject::SignIn(&format!("session {number}"))))
        .count();
    assert!(wrong <= 1, "{wrong} of 20,000");
}

#[test]
fn who_is_to_be_spared_is_spared() {
    let gone = [Subject::Code("a")];
    let careless = Revocations::of(NOW, &gone, &[]).unwrap();
    let unlucky = (0..100_000_000)
        .map(|number| format!("session {number}"))
        .find(|name| careless.holds(Subject::SignIn(name)))
        .unwrap();
    let list = Revocations::of(NOW, &gone, &[Subject::SignIn(&unlucky)]).unwrap();
    assert!(!list.holds(Subject::SignIn(&unlucky)) && list.holds(Subject::Code("a")));
    let both = Revocations::of(NOW, &[Subject::Code("a")], &[Subject::Code("a")]).unwrap();
    assert!(both.holds(Subject::Code("a")), "what was revoked is not spared");
}

#[test]
fn a_list_in_a_code_is_the_newest_that_fit_into_two_kilobytes() {
    let phones = phones(5_000);
    let list = Revocations::newest(NOW, &people(&phones), &[], IN_CODE_BYTES).unwrap();
    assert!(list.to_bytes().len() <= IN_CODE_BYTES);
    assert!(list.count() > 730, "{}", list.count());
    assert!(!list.complete);
    assert!(
        phones[..list.count()]
            .iter()
            .all(|phone| list.holds(Subject::Person(phone)))
    );
    let small = Revocations::newest(NOW, &people(&phones[..700]), &[], IN_CODE_BYTES).unwrap();
    assert!(small.complete && small.count() == 700);
}

#[test]
fn where_there_is_no_room_for_one_id_there_is_no_list() {
    let phones = phones(3);
    for room in 0..17 {
        assert_eq!(Revocations::newest(NOW, &people(&phones), &[], room), None, "{room}");
    }
    let one = Revocations::newest(NOW, &people(&phones), &[], 18).unwrap();
    assert_eq!((one.count(), one.complete), (1, false));
    assert!(one.holds(Subject::Person(&phones[0])));
}

#[test]
fn an_empty_list_names_nobody_and_too_long_a_one_is_not_made() {
    let none = Revocations::of(NOW, &[], &[]).unwrap();
    assert!(!none.holds(Subject::Code("a")) && none.complete);
    assert_eq!(Revocations::from_bytes(&none.to_bytes()), Some(none));
    assert_eq!(Revocations::of(NOW, &people(&phones(IDS_MAX + 1)), &[]), None);
}

#[test]
fn kinds_of_ids_do_not_mix() {
    let list = Revocations::of(NOW, &[Subject::Code("01000000004")], &[]).unwrap();
    assert!(!list.holds(Subject::Person(&Phone("01000000004".to_owned()))));
    assert!(!list.holds(Subject::SignIn("01000000004")));
}

#[test]
fn a_code_made_after_the_list_is_not_meant_by_it() {
    let mut learnt = Learnt::default();
    learnt.learn(&list(NOW, &["a"]), NOW);
    assert!(learnt.revokes(Subject::Code("a"), NOW.plus(-1)));
    assert!(learnt.revokes(Subject::Code("a"), NOW));
    assert!(!learnt.revokes(Subject::Code("a"), NOW.plus(1)));
    assert!(!learnt.revokes(Subject::Code("b"), NOW.plus(-1)));
}

#[test]
fn a_newer_list_takes_the_place_of_an_older_one_and_never_the_other_way_round() {
    let mut learnt = Learnt::default();
    let now = NOW.plus(HOUR);
    learnt.learn(&list(NOW, &["a"]), now);
    learnt.learn(&list(NOW.plus(HOUR), &["b"]), now);
    assert!(!learnt.revokes(Subject::Code("a"), NOW.plus(-1)), "taken back");
    learnt.learn(&list(NOW, &["a"]), now);
    assert!(
        !learnt.revokes(Subject::Code("a"), NOW.plus(-1)),
        "an old code brings nothing back"
    );
    assert!(learnt.revokes(Subject::Code("b"), NOW));
}

#[test]
fn what_did_not_fit_into_a_newer_code_is_still_known_from_the_complete_list() {
    let phones = phones(3_000);
    let mut learnt = Learnt::default();
    learnt.learn(&Revocations::of(NOW, &people(&phones), &[]).unwrap(), NOW);
    for step in 1..10 {
        let at = NOW.plus(step);
        learnt.learn(
            &Revocations::newest(at, &people(&phones), &[], IN_CODE_BYTES).unwrap(),
            at,
        );
    }
    assert!(learnt.revokes(Subject::Person(&phones[2_999]), NOW));
}

#[test]
fn a_list_from_a_wrong_clock_is_not_learnt() {
    let mut learnt = Learnt::default();
    learnt.learn(&list(NOW.plus(HOUR), &["a"]), NOW);
    assert!(learnt.is_empty());
}

#[test]
fn what_was_learnt_is_stored_with_the_kiosk() {
    let mut learnt = Learnt::default();
    learnt.learn(&list(NOW, &["a"]), NOW);
    let text = serde_json::to_string(&learnt).unwrap();
    assert_eq!(serde_json::from_str::<Learnt>(&text).unwrap(), learnt);
    assert!(serde_json::from_str::<Learnt>(r#"["AAAA"]"#).is_err());
}

proptest! {
    #[test]
    fn lists_hold_what_they_were_made_of(ids in prop::collection::hash_set("[a-z]{1,12}", 0..200), other in "[A-Z]{1,12}") {
        let subjects: Vec<_> = ids.iter().map(|id| Subject::SignIn(id)).collect();
        let list = Revocations::of(NOW, &subjects, &[Subject::SignIn(&other)]).unwrap();
        prop_assert!(subjects.iter().all(|subject| list.holds(*subject)));
        prop_assert!(!list.holds(Subject::SignIn(&other)));
        prop_assert_eq!(Revocations::from_bytes(&list.to_bytes()), Some(list));
    }

    #[test]
    fn bytes_of_any_kind_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(list) = Revocations::from_bytes(&bytes) {
            prop_assert!(!list.holds(Subject::Code("a")) || list.count() > 0);
        }
    }

    #[test]
    fn a_list_that_was_cut_or_goes_on_is_refused(count in 1..50_usize, surplus in 1..4_usize) {
        let phones = phones(count);
        let bytes = Revocations::of(NOW, &people(&phones), &[]).unwrap().to_bytes();
        for end in 0..bytes.len() {
            prop_assert_eq!(Revocations::from_bytes(&bytes[..end]), None);
        }
        let longer = [&bytes[..], &vec![0; surplus][..]].concat();
        prop_assert_eq!(Revocations::from_bytes(&longer), None);
    }
}
