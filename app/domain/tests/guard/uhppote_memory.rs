//! What a controller's own memory of cards is filled with.

use domain::guard::drivers::uhppote::{Card, Day, Memory, Minute, Request, TimeProfile};
use domain::guard::grants::{Grant, GrantKind, Grants};
use domain::guard::ids::{CardHolder, CardNumb, DnCode, ServiceNumb};
use domain::guard::times::{Civil, LocalSecond, Zone};
use domain::ids::Millis;

struct Utc;

impl Zone for Utc {
    fn to_millis(&self, civil: Civil) -> Option<Millis> {
        let epoch = LocalSecond::parse("19700101000000").ok()?;
        Some(Millis(LocalSecond::from_civil(civil)?.seconds_since(epoch) * 1_000))
    }

    fn end_to_millis(&self, civil: Civil) -> Option<Millis> {
        self.to_millis(civil)
    }

    fn to_civil(&self, at: Millis) -> Option<Civil> {
        let digits: String = at.to_iso()[..19].chars().filter(char::is_ascii_digit).collect();
        Some(LocalSecond::parse(&digits).ok()?.civil())
    }
}

fn at(text: &str) -> Millis {
    Millis::from_iso(&format!("{text}Z")).unwrap()
}

fn day(day: u8) -> Day {
    Day::new(2026, 11, day).unwrap()
}

fn grant(card: &str, from: &str, until: &str) -> Grant {
    Grant {
        service_numb: ServiceNumb::parse(from).unwrap(),
        kind: GrantKind::Card {
            name: CardHolder::parse("张伟").unwrap(),
            card_numb: CardNumb::parse(card).unwrap(),
            dn_code: DnCode::parse("").unwrap(),
        },
        from: at(from),
        until: at(until),
        version: 1,
        cancelled: false,
    }
}

fn grants(grants: Vec<Grant>) -> Grants {
    Grants {
        owned: true,
        grants,
        ..Grants::default()
    }
}

/// What a controller with an empty memory is asked on 2026-11-25.
fn asked(doors: &[(u8, &Grants)]) -> Vec<Request> {
    Memory::default().changes(&Memory::of(doors, day(25), &Utc))
}

fn card(number: u32, to: u8, doors: [u8; 4]) -> Request {
    Request::PutCard(Card {
        number,
        from: Some(day(25)),
        to: Some(day(to)),
        doors,
        pin: 0,
    })
}

#[test]
fn a_card_that_opens_all_day_opens_up_to_its_last_whole_day() {
    for (from, until, to) in [
        ("2026-11-20T12:00:00", "2026-11-27T00:00:00", 26),
        ("2026-11-25T00:00:00", "2026-11-26T00:00:00", 25),
        ("2026-11-20T12:00:00", "2026-11-28T09:30:00", 27),
        ("2026-11-20T12:00:00", "2026-11-26T09:30:00", 25),
    ] {
        let one = grants(vec![grant("471147", from, until)]);
        assert_eq!(asked(&[(2, &one)]), [card(471_147, to, [0, 1, 0, 0])], "{from} {until}");
    }
}

#[test]
fn a_part_of_a_day_becomes_a_time_profile_that_is_never_longer() {
    let minute = |hour, minute| Minute::new(hour, minute).unwrap();
    let none = (Minute::default(), Minute::default());
    let cases = [
        (
            "2026-11-25T08:30:00",
            "2026-11-25T09:45:00",
            (minute(8, 30), minute(9, 44)),
        ),
        (
            "2026-11-25T08:30:01",
            "2026-11-25T09:45:59",
            (minute(8, 31), minute(9, 44)),
        ),
        (
            "2026-11-25T22:00:00",
            "2026-11-28T00:00:00",
            (minute(22, 0), minute(23, 59)),
        ),
        (
            "2026-11-20T22:00:00",
            "2026-11-25T06:00:00",
            (minute(0, 0), minute(5, 59)),
        ),
    ];
    for (from, until, times) in cases {
        let one = grants(vec![grant("471147", from, until)]);
        let profile = TimeProfile {
            number: 2,
            from: day(25),
            to: day(25),
            weekdays: [true; 7],
            times: [times, none, none],
            linked: 0,
        };
        let wanted = [Request::SetTimeProfile(profile), card(471_147, 25, [2, 0, 0, 0])];
        assert_eq!(asked(&[(1, &one)]), wanted, "{from} {until}");
    }
    let short = grants(vec![grant("471147", "2026-11-25T08:30:01", "2026-11-25T08:31:30")]);
    assert_eq!(asked(&[(1, &short)]), [], "no whole minute");
}

#[test]
fn what_a_controller_cannot_have_or_must_not_open_by_is_left_out() {
    let (from, until) = ("2026-11-20T00:00:00", "2026-11-30T00:00:00");
    let mut cancelled = grant("471148", from, until);
    cancelled.cancelled = true;
    let all = grants(vec![
        cancelled,
        grant("0471147", from, until),
        grant("13579013579013579X", from, until),
        grant("4294967295", from, until),
        grant("16777215", from, until),
        grant("471149", "2026-11-26T00:00:00", until),
        grant("471150", from, "2026-11-25T00:00:00"),
    ]);
    assert_eq!(asked(&[(1, &all)]), []);
    let mut nobodys = grants(vec![grant("471147", from, until)]);
    nobodys.owned = false;
    assert_eq!(asked(&[(1, &nobodys)]), []);
}

#[test]
fn several_doors_and_times_share_one_card() {
    let (from, until) = ("2026-11-20T00:00:00", "2026-11-30T00:00:00");
    let one = grants(vec![grant("471147", from, until)]);
    let other = grants(vec![
        grant("471147", "2026-11-25T08:00:00", "2026-11-25T09:00:00"),
        grant("471147", "2026-11-25T08:30:00", "2026-11-25T10:00:00"),
        grant("471147", "2026-11-25T12:00:00", "2026-11-25T13:00:00"),
    ]);
    let requests = asked(&[(1, &one), (3, &other)]);
    let [Request::SetTimeProfile(profile), put] = requests[..] else {
        panic!("{requests:?}");
    };
    let minute = |hour, minute| Minute::new(hour, minute).unwrap();
    assert_eq!(
        profile.times[..2],
        [(minute(8, 0), minute(9, 59)), (minute(12, 0), minute(12, 59))]
    );
    assert_eq!(put, card(471_147, 29, [1, 0, 2, 0]));
    // A door that opens for fewer days ends the card for all of them.
    let short = grants(vec![grant("471147", from, "2026-11-27T00:00:00")]);
    assert_eq!(asked(&[(1, &one), (2, &short)]), [card(471_147, 26, [1, 1, 0, 0])]);
}

#[test]
fn only_what_changed_is_asked_and_a_card_is_gone_before_its_profile_changes() {
    let (from, until) = ("2026-11-20T00:00:00", "2026-11-30T00:00:00");
    let before = grants(vec![
        grant("1001", from, until),
        grant("1002", "2026-11-25T08:00:00", "2026-11-25T09:00:00"),
        grant("1003", from, until),
    ]);
    let after = grants(vec![
        grant("1001", from, until),
        grant("1002", "2026-11-25T08:00:00", "2026-11-25T10:00:00"),
        grant("1004", from, until),
    ]);
    let (have, wanted) = (
        Memory::of(&[(1, &before)], day(25), &Utc),
        Memory::of(&[(1, &after)], day(25), &Utc),
    );
    let requests = have.changes(&wanted);
    let deletes = |number| Request::DeleteCard { number };
    assert_eq!(requests[..2], [deletes(1002), deletes(1003)]);
    assert!(matches!(
        requests[2],
        Request::SetTimeProfile(TimeProfile { number: 2, .. })
    ));
    assert_eq!(
        requests[3..],
        [card(1002, 25, [2, 0, 0, 0]), card(1004, 29, [1, 0, 0, 0])]
    );
    assert_eq!(wanted.changes(&wanted), []);
    assert!(requests.iter().all(|request| request.encode(7).is_some()));
}

#[test]
fn more_times_than_a_controller_can_have_are_left_out() {
    let many: Vec<Grant> = (0..300)
        .map(|at| {
            let from = format!("2026-11-25T{:02}:{:02}:00", at / 60, at % 60);
            grant(&(5_000 + at).to_string(), &from, "2026-11-25T20:00:00")
        })
        .collect();
    let all = grants(many);
    let requests = asked(&[(1, &all)]);
    let profiles = requests
        .iter()
        .filter(|one| matches!(one, Request::SetTimeProfile(_)))
        .count();
    assert_eq!((profiles, requests.len()), (253, 2 * 253));
    assert!(requests.iter().all(|request| request.encode(7).is_some()));
}
