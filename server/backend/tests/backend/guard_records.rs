use crate::both;
use crate::guard_rig::{HOUR, by_password, id, number};
use crate::harness::{DAY, MINUTE, World};
use backend::Actor;
use backend::guard::records::{self, By, Filter, Way, What};
use backend::guard::{cards, inventory};
use domain::error::{Problem, Refusal};
use domain::guard::grants::{Key, Reason};
use domain::guard::link::{Attempt, DoorState, Happening, Record};
use domain::ids::Millis;
use domain::people::{Person, Role};
use domain::search::{Found, Part};

fn by_card(seq: i64, at: Millis, service_numb: &str) -> Record {
    let what = Happening::Opened {
        attempt: Attempt::Card {
            card_numb: None,
            dn_code: None,
        },
        key: Key::Grant {
            service_numb: number(service_numb),
        },
    };
    Record {
        seq,
        at,
        uncertainty_ms: Some(1500),
        what,
    }
}

fn refused(seq: i64, at: Millis) -> Record {
    let what = Happening::Refused {
        attempt: Attempt::Password {
            masked: "****".to_owned(),
        },
        reason: Reason::UnknownPassword,
        service_numb: None,
    };
    Record {
        seq,
        at,
        uncertainty_ms: Some(20),
        what,
    }
}

/// Two guards of one owner: a password and a card, openings a minute apart, every third one refused.
async fn world(w: &World, who: &Person, count: i64) -> Millis {
    let start = w.now();
    for (guard_id, shift) in [("G0001", 0), ("G0002", 30_000)] {
        let guard = w.guard_of(who, guard_id).await;
        w.password(who, guard_id, "1", "135790").await;
        cards::add(&w.b, who, &id(guard_id), w.new_card("2", "110101199003071234"))
            .await
            .unwrap();
        let all: Vec<Record> = (1..=count)
            .map(|seq| {
                let at = start.plus(seq * MINUTE + shift);
                match seq % 3 {
                    0 => refused(seq, at),
                    1 => by_password(seq, at, "1"),
                    _ => by_card(seq, at, "2"),
                }
            })
            .collect();
        w.pass(count * MINUTE);
        for batch in all.chunks(64) {
            guard.session.store_records(batch).await.unwrap();
        }
        w.pass(-count * MINUTE);
    }
    w.pass(count * MINUTE + HOUR);
    start
}

both! {
    async fn pages_of_records_have_numbers_and_the_list_is_counted(w: &World) {
        let who = w.owner("13800000001").await;
        world(w, &who, 60).await;
        let asked = Filter { limit: 50, ..Filter::default() };
        let page = async |filter: &Filter, number| records::numbered(&w.b, &who, &who.phone, filter, number).await.unwrap();
        let (mut all, mut seen) = (Vec::new(), Vec::new());
        for number in 1..=3 {
            let (part, count) = page(&asked, number).await;
            assert_eq!((count.rows, count.more, part.next.is_some()), (120, false, false));
            all.extend(part.rows);
        }
        let mut cursor = None;
        loop {
            let filter = Filter { cursor, ..asked.clone() };
            let part = records::page(&w.b, &who, &who.phone, &filter).await.unwrap();
            seen.extend(part.rows);
            cursor = part.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(all, seen);
        for beyond in [0, 4, u64::MAX] {
            let (part, count) = page(&asked, beyond).await;
            assert_eq!((part.rows.len(), count.rows), (0, 120), "{beyond}");
        }
        let refused = Filter { opened: Some(false), ..asked.clone() };
        assert_eq!(page(&refused, 1).await.1.rows, 40);
        let nobody = Filter { guard: Some(id("G0099")), ..asked };
        let (part, count) = page(&nobody, 1).await;
        assert_eq!((part.rows.len(), count.rows), (0, 0));
    }

    async fn doors_of_guards_that_somebody_must_look_into_are_listed_without_who_stood_there(w: &World) {
        let (who, operator) = (w.owner("13800000001").await, w.operator().await);
        let guard = w.guard_of(&who, "G0001").await;
        let all: Vec<Record> = (1..)
            .zip(DoorState::ALL)
            .map(|(seq, state)| Record { seq, at: w.now().plus(seq), uncertainty_ms: Some(20), what: Happening::Door { state } })
            .collect();
        w.pass(1_000);
        guard.session.store_records(&all).await.unwrap();
        let listed = inventory::door_alarms(&w.b, &operator, 10).await.unwrap();
        let told: Vec<_> = listed.iter().map(|alarm| (alarm.place.as_str(), alarm.what)).collect();
        assert_eq!(told, [("G0001", DoorState::NotOpened), ("G0001", DoorState::Held), ("G0001", DoorState::Forced)]);
        w.pass(DAY);
        assert!(inventory::door_alarms(&w.b, &operator, 10).await.unwrap().is_empty());
    }

    async fn openings_come_oldest_first_with_both_ends_of_the_time(w: &World) {
        let who = w.owner("13800000001").await;
        let start = world(w, &who, 9).await;
        let between = async |from: i64, until: i64, limit| {
            records::between(&w.b, &who, &who.phone, start.plus(from), start.plus(until), limit).await.unwrap()
        };
        let all = between(0, HOUR, 10_000).await;
        assert_eq!(all.len(), 12);
        assert!(all.is_sorted_by_key(|record| record.at));
        assert!(all.iter().all(|record| matches!(record.what, What::Opened(_))));
        let What::Opened(By::Password { password: Some(_), service_numb: Some(numb), .. }) = &all[0].what else { panic!() };
        assert_eq!(*numb, number("1"));
        let What::Opened(By::Card { name: Some(name), card_numb: Some(_), dn_code: Some(_), .. }) = &all[2].what else { panic!() };
        assert_eq!(name.as_str(), "赵敏");
        // From the first minute on, before the second.
        assert_eq!(between(MINUTE, 2 * MINUTE, 100).await.len(), 2);
        assert_eq!(between(0, HOUR, 5).await, all[..5]);
    }

    async fn what_a_door_did_is_a_record_and_neither_an_opening_nor_a_refusal(w: &World) {
        let who = w.owner("13800000001").await;
        let guard = w.guard_of(&who, "G0001").await;
        w.password(&who, "G0001", "1", "135790").await;
        let start = w.now();
        let mut all = vec![by_password(1, start.plus(MINUTE), "1")];
        for (seq, state) in (2..).zip(DoorState::ALL) {
            let at = start.plus(seq * MINUTE);
            all.push(Record { seq, at, uncertainty_ms: Some(20), what: Happening::Door { state } });
        }
        w.pass(HOUR);
        assert_eq!(guard.session.store_records(&all).await.unwrap(), 7);
        let page = async |opened| {
            let filter = Filter { opened, limit: 50, ..Filter::default() };
            records::page(&w.b, &who, &who.phone, &filter).await.unwrap().rows
        };
        let mut states: Vec<DoorState> = page(None).await.iter().filter_map(|record| match record.what {
            What::Door(state) => Some(state),
            _ => None,
        }).collect();
        states.reverse();
        assert_eq!(states, DoorState::ALL);
        assert_eq!(page(Some(true)).await.len(), 1);
        assert_eq!(page(Some(false)).await, []);
        let openings = records::between(&w.b, &who, &who.phone, start, start.plus(HOUR), 100).await.unwrap();
        assert_eq!(openings.len(), 1, "older programs hear of openings only");
    }

    async fn a_question_spans_at_most_366_days(w: &World) {
        let who = w.owner("13800000001").await;
        let ask = async |days: i64| records::between(&w.b, &who, &who.phone, w.now(), w.now().plus(days * DAY), 10).await;
        assert_eq!(ask(366).await, Ok(Vec::new()));
        let refused = Err(Refusal::field("endTime", Problem::Contradicts));
        assert_eq!(ask(367).await, refused);
        assert_eq!(ask(0).await, refused);
        assert_eq!(ask(-1).await, refused);
    }

    async fn those_above_see_records_without_passwords(w: &World) {
        let (top, who, stranger) = (w.owner("13800000001").await, w.owner("13800000002").await, w.owner("13800000003").await);
        w.below(&top, &who).await;
        let start = world(w, &who, 3).await;
        let all = records::between(&w.b, &top, &who.phone, start, w.now(), 100).await.unwrap();
        assert_eq!(all.len(), 4);
        assert!(!all.iter().any(|record| matches!(record.by(), Some(By::Password { password: Some(_), .. }))));
        let filter = Filter { limit: 50, ..Filter::default() };
        let page = records::page(&w.b, &top, &who.phone, &filter).await.unwrap();
        assert!(!page.rows.iter().any(|record| matches!(record.by(), Some(By::Password { password: Some(_), .. }))));
        for (asker, of) in [(&stranger, &who), (&who, &top)] {
            assert_eq!(records::between(&w.b, asker, &of.phone, start, w.now(), 100).await, Err(Refusal::NotYours));
            assert_eq!(records::page(&w.b, asker, &of.phone, &filter).await, Err(Refusal::NotYours));
        }
    }

    async fn pages_follow_each_other_newest_first_whatever_the_filter(w: &World) {
        let who = w.owner("13800000001").await;
        let start = world(w, &who, 90).await;
        for (filter, count) in [
            (Filter::default(), 180),
            (Filter { guard: Some(id("G0002")), ..Filter::default() }, 90),
            (Filter { way: Some(Way::Card), ..Filter::default() }, 60),
            (Filter { way: Some(Way::Password), opened: Some(true), ..Filter::default() }, 60),
            (Filter { opened: Some(false), ..Filter::default() }, 60),
            (Filter { person: "赵敏".to_owned(), ..Filter::default() }, 60),
            (Filter { person: "1990030712".to_owned(), guard: Some(id("G0001")), ..Filter::default() }, 30),
            (Filter { person: "nobody".to_owned(), ..Filter::default() }, 0),
            (Filter { from: Some(start.plus(10 * MINUTE)), until: Some(start.plus(20 * MINUTE)), ..Filter::default() }, 20),
        ] {
            let mut all = Vec::new();
            let mut page = Filter { limit: 7, ..filter.clone() };
            loop {
                let found = records::page(&w.b, &who, &who.phone, &page).await.unwrap();
                assert!(found.rows.len() <= 7);
                all.extend(found.rows);
                page.cursor = found.next;
                if page.cursor.is_none() {
                    break;
                }
            }
            assert_eq!(all.len(), count, "{filter:?}");
            assert!(all.is_sorted_by(|a, b| (a.at, &a.guard_id, a.seq) > (b.at, &b.guard_id, b.seq)));
        }
        let odd = Filter { cursor: Some("x".to_owned()), limit: 7, ..Filter::default() };
        assert!(matches!(records::page(&w.b, &who, &who.phone, &odd).await, Err(Refusal::Malformed { .. })));
    }

    async fn openings_are_counted_by_day_and_hour_of_the_zone(w: &World) {
        let who = w.owner("13800000001").await;
        let start = world(w, &who, 9).await;
        let filter = Filter { from: Some(start.plus(-DAY)), until: Some(start.plus(DAY)), ..Filter::default() };
        let openings = records::openings(&w.b, &who, &who.phone, &filter).await.unwrap();
        let days: Vec<_> = openings.by_day.iter().map(|day| (day.date, day.count)).collect();
        assert_eq!(days, [((2026, 3, 1), 0), ((2026, 3, 2), 12), ((2026, 3, 3), 0)]);
        assert_eq!(openings.by_hour.iter().sum::<u32>(), 12);
        assert_eq!(openings.by_hour[17], 12);
        let one = Filter { guard: Some(id("G0001")), ..filter.clone() };
        assert_eq!(records::openings(&w.b, &who, &who.phone, &one).await.unwrap().by_hour[17], 6);
        let count = async |way| {
            let by_way = Filter { way: Some(way), ..filter.clone() };
            records::openings(&w.b, &who, &who.phone, &by_way).await.unwrap().by_hour[17]
        };
        let (cards, passwords) = (count(Way::Card).await, count(Way::Password).await);
        assert_eq!((cards + passwords, cards > 0 && passwords > 0), (12, true));
        let endless = Filter { until: None, ..filter };
        assert!(records::openings(&w.b, &who, &who.phone, &endless).await.is_err());
    }

    async fn an_inventory_is_imported_row_by_row(w: &World) {
        let import = async |file: &str| inventory::import_csv(&w.b, &Actor::Cli, file.as_bytes()).await.unwrap();
        let file = "DeviceKey,GuardId\nkey-of-the-first-one,G0001\n\"\",G0002\nshort,G0003\nkey-of-the-fourth-one,G0004\nkey-of-another-one,G0004\n";
        let report = import(file).await;
        assert_eq!(report.added, 2);
        let lines: Vec<_> = report.errors.iter().map(|error| (error.line, error.refusal.clone())).collect();
        assert_eq!(lines, [
            (3, Refusal::field("deviceKey", Problem::Required)),
            (4, Refusal::field("deviceKey", Problem::Form)),
            (6, Refusal::field("guardId", Problem::Taken)),
        ]);
        let again = import("guardId;deviceKey\nG0001;key-of-the-first-one\nG0004;key-of-the-first-one\n").await;
        assert_eq!((again.added, again.unchanged, again.errors.len()), (0, 1, 1));

        let operator = w.operator().await;
        let page = inventory::list(&w.b, &operator, "G", None, 1).await.unwrap();
        assert_eq!((page.rows[0].of.guard_id.clone(), page.next.as_deref()), (id("G0001"), Some("G0001")));
        let page = inventory::list(&w.b, &operator, "", page.next.as_deref(), 10).await.unwrap();
        assert_eq!((page.rows.len(), page.next), (1, None));
        let page = inventory::list(&w.b, &operator, "０００1", None, 10).await.unwrap();
        let shown: Vec<_> = page.rows.iter().map(|hit| (hit.of.guard_id.to_string(), hit.found.clone())).collect();
        assert_eq!(shown, [("G0001".to_owned(), vec![Found { part: Part::Number, start: 1, end: 5 }])]);
        let owner = w.person("13800000001", Role::Owner, None).await;
        assert_eq!(inventory::list(&w.b, &owner, "", None, 10).await, Err(Refusal::NotYours));
        let by_owner = inventory::import_csv(&w.b, &Actor::Person(owner), file.as_bytes()).await;
        assert_eq!(by_owner, Err(Refusal::NotYours));
        for bad in ["guardId\nG1\n", "guardId,deviceKey,x\n", "guardId,guardId,deviceKey\n"] {
            assert!(inventory::import_csv(&w.b, &Actor::Cli, bad.as_bytes()).await.is_err(), "{bad}");
        }
    }
}
