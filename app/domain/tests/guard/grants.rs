//! What opens a guard, and why it stays shut.

use domain::guard::grants::*;
use domain::guard::ids::*;
use domain::ids::Millis;
use proptest::prelude::*;

const FROM: Millis = Millis(1_000_000_000);
const UNTIL: Millis = Millis(1_003_600_000);
const MINUTE: i64 = 60_000;

fn digits(text: &str) -> DoorPassword {
    DoorPassword::parse(text).unwrap()
}

fn service(text: &str) -> ServiceNumb {
    ServiceNumb::parse(text).unwrap()
}

fn grant(number: &str, kind: GrantKind) -> Grant {
    Grant {
        service_numb: service(number),
        kind,
        from: FROM,
        until: UNTIL,
        version: 1,
        cancelled: false,
    }
}

fn password(number: &str, text: &str) -> Grant {
    grant(number, GrantKind::Password { password: digits(text) })
}

fn card(number: &str, card: &str, chip: &str) -> Grant {
    let kind = GrantKind::Card {
        name: CardHolder::parse("李雷").unwrap(),
        card_numb: CardNumb::parse(card).unwrap(),
        dn_code: DnCode::parse(chip).unwrap(),
    };
    grant(number, kind)
}

fn guard(grants: Vec<Grant>) -> Grants {
    Grants {
        owned: true,
        default_passwords: [Some(digits("111111")), Some(digits("222222"))],
        grants,
    }
}

fn typed(text: &str) -> Presented {
    Presented::Password { password: digits(text) }
}

fn held(card: Option<&str>, chip: Option<&str>) -> Presented {
    Presented::Card {
        card_numb: card.map(|card| CardNumb::parse(card).unwrap()),
        dn_code: chip.map(|chip| DnCode::parse(chip).unwrap()),
    }
}

fn opens(number: &str) -> Decision {
    Decision::Open(Key::Grant {
        service_numb: service(number),
    })
}

fn refused(reason: Reason, number: Option<&str>) -> Decision {
    Decision::Refuse {
        reason,
        service_numb: number.map(service),
    }
}

#[test]
fn a_password_opens_from_its_beginning_until_before_its_end() {
    let guard = guard(vec![password("a", "4711")]);
    let at = |now| may_open(&guard, &typed("4711"), now, 0);
    assert_eq!(at(FROM.plus(-1)), refused(Reason::NotYetValid, Some("a")));
    assert_eq!(at(FROM), opens("a"));
    assert_eq!(at(UNTIL.plus(-1)), opens("a"));
    assert_eq!(at(UNTIL), refused(Reason::Ended, Some("a")));
    assert_eq!(
        may_open(&guard, &typed("4712"), FROM, 0),
        refused(Reason::UnknownPassword, None)
    );
}

#[test]
fn doubt_about_the_clock_counts_for_a_minute_and_no_more() {
    let guard = guard(vec![password("a", "4711")]);
    let at = |now, doubt| may_open(&guard, &typed("4711"), now, doubt);
    assert_eq!(at(FROM.plus(-5), 5), opens("a"));
    assert_eq!(at(FROM.plus(-6), 5), refused(Reason::NotYetValid, Some("a")));
    assert_eq!(at(UNTIL.plus(4), 5), opens("a"));
    assert_eq!(at(UNTIL.plus(5), 5), refused(Reason::Ended, Some("a")));
    assert_eq!(at(UNTIL.plus(MINUTE), 30 * MINUTE), refused(Reason::Ended, Some("a")));
    assert_eq!(at(FROM, USELESS_CLOCK_MS + 1), refused(Reason::ClockUnknown, Some("a")));
    let by_default = may_open(&guard, &typed("222222"), FROM, i64::MAX);
    assert_eq!(by_default, Decision::Open(Key::DefaultPassword { number: 2 }));
}

#[test]
fn a_card_is_known_by_number_or_chip_and_never_against_one_of_them() {
    let guard = guard(vec![
        card("a", "11010119900307123X", "DN1"),
        card("b", "110101199003071245", ""),
    ]);
    let at = |number, chip| may_open(&guard, &held(number, chip), FROM, 0);
    let unknown = refused(Reason::UnknownCard, None);
    assert_eq!(at(Some("11010119900307123x"), None), opens("a"));
    assert_eq!(at(None, Some("DN1")), opens("a"));
    assert_eq!(at(Some("11010119900307123X"), Some("DN1")), opens("a"));
    assert_eq!(at(Some("11010119900307123X"), Some("DN2")), unknown);
    assert_eq!(at(Some("110101199003071245"), Some("DN2")), opens("b"));
    assert_eq!(at(Some("999999"), Some("DN1")), unknown);
    assert_eq!(at(None, Some("")), unknown);
    assert_eq!(at(None, None), unknown);
}

#[test]
fn what_was_cancelled_is_refused_by_name_unless_another_grant_opens() {
    let mut first = password("a", "4711");
    first.cancelled = true;
    assert_eq!(
        may_open(&guard(vec![first.clone()]), &typed("4711"), FROM, 0),
        refused(Reason::Cancelled, Some("a"))
    );
    let both = guard(vec![first, password("b", "4711")]);
    assert_eq!(may_open(&both, &typed("4711"), FROM, 0), opens("b"));
}

#[test]
fn a_guard_nobody_owns_opens_to_nobody() {
    let mut grants = guard(vec![password("a", "4711")]);
    grants.owned = false;
    let at = |text| may_open(&grants, &typed(text), FROM, 0);
    assert_eq!(at("4711"), refused(Reason::NoLongerAuthorised, Some("a")));
    assert_eq!(at("111111"), refused(Reason::NoLongerAuthorised, None));
    assert_eq!(at("9999"), refused(Reason::UnknownPassword, None));
}

#[test]
fn a_number_again_is_a_repetition_only_with_the_same_content() {
    let first = password("a", "4711");
    assert_eq!(first.addition(None), Addition::New);
    let again = Grant {
        version: 9,
        ..first.clone()
    };
    assert_eq!(again.addition(Some(&first)), Addition::Repeated);
    assert_eq!(password("a", "4712").addition(Some(&first)), Addition::Reused);
    let longer = Grant {
        until: UNTIL.plus(1),
        ..first.clone()
    };
    assert_eq!(longer.addition(Some(&first)), Addition::Reused);
    let cancelled = Grant {
        cancelled: true,
        ..first.clone()
    };
    assert_eq!(first.addition(Some(&cancelled)), Addition::Reused);
}

#[test]
fn every_reason_reads_back_as_it_is_written() {
    for reason in Reason::ALL {
        assert_eq!(Reason::parse(reason.as_str()), Some(reason));
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
}

proptest! {
    #[test]
    fn nothing_opens_but_by_a_grant_that_covers_the_moment(
        rows in prop::collection::vec((0usize..3, -100i64..100, 0i64..100, any::<bool>()), 0..8),
        now in -200i64..200,
        doubt in 0i64..50,
        owned in any::<bool>(),
    ) {
        let texts = ["4711", "4712", "4713"];
        let grants = rows.iter().enumerate().map(|(n, (which, from, long, cancelled))| Grant {
            from: Millis(*from),
            until: Millis(from + long),
            cancelled: *cancelled,
            ..password(&n.to_string(), texts[*which])
        });
        let guard = Grants { owned, default_passwords: [None, None], grants: grants.collect() };
        let covers = |grant: &Grant| grant.kind == GrantKind::Password { password: digits("4711") }
            && !grant.cancelled && now + doubt >= grant.from.0 && now - doubt < grant.until.0;
        let expected = owned && guard.grants.iter().any(covers);
        match may_open(&guard, &typed("4711"), Millis(now), doubt) {
            Decision::Open(Key::Grant { service_numb }) => {
                prop_assert!(expected);
                prop_assert!(guard.grants.iter().any(|grant| grant.service_numb == service_numb && covers(grant)));
            }
            Decision::Open(key) => prop_assert!(false, "{key:?}"),
            Decision::Refuse { .. } => prop_assert!(!expected),
        }
    }
}
