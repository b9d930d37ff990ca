use crate::both;
use crate::guard_rig::{HOUR, by_password, digits, hello, id, record};
use crate::harness::{DAY, World};
use backend::guard::hub::{Live, LiveSubscription, Wake};
use backend::guard::records::{self, By, Filter, What};
use backend::guard::{cards, guards, link, passwords};
use domain::error::Refusal;
use domain::guard::grants::{Key, Reason};
use domain::guard::ids::{CardNumb, GuardId};
use domain::guard::link::{Attempt, Happening, MAX_RECORDS, Record, ToDevice, Version};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::Millis;
use domain::people::Person;
use sqlx::Row;
use std::time::Duration;

async fn all(w: &World, who: &Person) -> Vec<records::Record> {
    let filter = Filter {
        limit: 200,
        ..Filter::default()
    };
    records::page(&w.b, who, &who.phone, &filter).await.unwrap().rows
}

fn lost(seq: i64, from: i64, at: Millis) -> Record {
    Record {
        seq,
        at,
        uncertainty_ms: None,
        what: Happening::Lost { from },
    }
}

fn openings(range: std::ops::RangeInclusive<i64>, at: Millis) -> Vec<Record> {
    range.map(|seq| by_password(seq, at.plus(seq), "1")).collect()
}

both! {
    async fn a_key_is_known_by_the_inventory_only(w: &World) {
        w.import(&["G0001"]).await;
        let key = link::device_key(&w.b, &id("G0001")).await.unwrap().unwrap();
        assert_eq!(key.expose(), "device-key-of-G0001");
        assert!(link::device_key(&w.b, &id("G0002")).await.unwrap().is_none());
        assert!(matches!(link::connected(&w.b, &hello("G0002", None)).await.err(), Some(Refusal::Unknown)));
        assert_eq!(w.b.hub().connected_guards(), 0);
    }

    async fn a_guard_is_sent_what_it_lacks_and_nothing_else(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        assert_eq!(guard.catch_up().await, 1);
        assert_eq!(guard.catch_up().await, 0);
        w.password(&who, "G0001", "1", "135790").await;
        w.password(&who, "G0001", "2", "135791").await;
        let frames = guard.session.changes_since(guard.version).await.unwrap();
        let [ToDevice::Changes(changes)] = frames.as_slice() else { panic!("{frames:?}") };
        assert_eq!(changes.changes.len(), 2);
        guard.catch_up().await;
        passwords::cancel(&w.b, &who, &id("G0001"), &"1".to_owned().try_into().unwrap()).await.unwrap();
        let frames = guard.session.changes_since(guard.version).await.unwrap();
        let [ToDevice::Changes(changes)] = frames.as_slice() else { panic!("{frames:?}") };
        assert_eq!(changes.changes.len(), 1);
        guard.catch_up().await;
        assert_eq!((guard.live(w.now()), guard.grants.grants.len()), (1, 2));
    }

    async fn a_version_that_leads_nowhere_gets_a_snapshot(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        w.password(&who, "G0001", "1", "135790").await;
        guard.catch_up().await;
        let held = guard.version;
        for odd in [
            Version { epoch: held.epoch - 1, number: held.number },
            Version { epoch: held.epoch, number: held.number + 1 },
            Version::default(),
        ] {
            let frames = guard.session.changes_since(odd).await.unwrap();
            assert!(matches!(frames.as_slice(), [ToDevice::Snapshot(_)]), "{odd:?}: {frames:?}");
        }
        guard.session.acknowledged(Version { epoch: held.epoch - 1, number: held.number });
        let info = guards::get(&w.b, &who, &id("G0001")).await.unwrap();
        assert_eq!(info.acked, 0);
        let other = w.another_node().await;
        assert_eq!(link::epoch(&other).await.unwrap(), held.epoch);
        other.close().await;
    }

    async fn two_thousand_grants_reach_the_guard(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        guard.catch_up().await;
        for n in 0..2_000 {
            w.password(&who, "G0001", &n.to_string(), &format!("{n:06}")).await;
        }
        assert_eq!(guard.catch_up().await, 2_000usize.div_ceil(64));
        assert_eq!(guard.live(w.now()), 2_000);
        assert_eq!(passwords::list(&w.b, &who, &who.phone, &id("G0001")).await.unwrap().passwords.len(), 2_000);
        guards::delete(&w.b, &who, &id("G0001")).await.unwrap();
        guard.catch_up().await;
        assert_eq!(guard.live(w.now()), 0);
        assert!(!guard.grants.owned);
    }

    async fn whatever_changes_meanwhile_the_versions_converge(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        let (b, owner, now) = (w.b.clone(), who.clone(), w.now());
        let changes = tokio::spawn(async move {
            for n in 0..200 {
                let new = passwords::NewPassword {
                    service_numb: n.to_string().try_into().unwrap(),
                    password: digits("135790"),
                    from: now,
                    until: now.plus(HOUR),
                };
                passwords::add(&b, &owner, &id("G0001"), new).await.unwrap();
                if n % 2 == 0 {
                    passwords::cancel(&b, &owner, &id("G0001"), &n.to_string().try_into().unwrap()).await.unwrap();
                }
            }
        });
        while !changes.is_finished() {
            guard.catch_up().await;
        }
        changes.await.unwrap();
        guard.catch_up().await;
        assert_eq!(guard.live(w.now()), 100);
        assert_eq!(guards::get(&w.b, &who, &id("G0001")).await.unwrap().on_the_way(), 0);
    }

    async fn a_change_wakes_the_link_and_a_second_connection_ends_the_first(w: &World) {
        let who = w.owner("13800000001").await;
        let mut first = w.guard_of(&who, "G0001").await;
        let wait = Duration::from_secs(5);
        assert_eq!(tokio::time::timeout(wait, first.session.woken()).await, Ok(Wake::Changed));
        w.password(&who, "G0001", "1", "135790").await;
        assert_eq!(tokio::time::timeout(wait, first.session.woken()).await, Ok(Wake::Changed));
        let mut second = w.connect(&hello("G0001", Some("123456"))).await;
        assert_eq!(tokio::time::timeout(wait, first.session.woken()).await, Ok(Wake::Superseded));
        w.password(&who, "G0001", "2", "135791").await;
        assert_eq!(tokio::time::timeout(wait, second.session.woken()).await, Ok(Wake::Changed));
    }

    async fn owners_and_those_above_hear_of_it(w: &World) {
        let (top, who, stranger) = (w.owner("13800000001").await, w.owner("13800000002").await, w.owner("13800000003").await);
        w.below(&top, &who).await;
        let mut pages = [&who, &top, &stranger].map(|person| w.b.hub().subscribe(&person.phone));
        // When the bus begins to listen it tells every page to load itself again.
        for page in &mut pages {
            while tokio::time::timeout(Duration::from_millis(300), page.next()).await.is_ok() {}
        }
        let mut guard = w.guard_of(&who, "G0001").await;
        let [own, above, other] = &mut pages;
        let wait = Duration::from_secs(5);
        let hears = async |page: &mut LiveSubscription, news: Live| {
            while tokio::time::timeout(wait, page.next()).await.unwrap() != news {}
        };
        for page in [&mut *own, above] {
            hears(page, Live::GuardChanged).await;
        }
        let opened = guard.opened(w.now(), "1");
        guard.session.store_records(&[opened]).await.unwrap();
        for page in [own, above] {
            hears(page, Live::RecordStored).await;
        }
        assert!(tokio::time::timeout(Duration::from_millis(300), other.next()).await.is_err());
    }

    async fn records_are_stored_once_and_without_a_gap(w: &World) {
        let who = w.owner("13800000001").await;
        let guard = w.guard_of(&who, "G0001").await;
        let at = w.now();
        let store = async |records: &[Record]| guard.session.store_records(records).await.unwrap();
        assert_eq!(store(&[]).await, 0);
        assert_eq!(store(&openings(2..=3, at)).await, 0);
        assert_eq!(store(&openings(1..=3, at)).await, 3);
        assert_eq!(store(&openings(1..=3, at)).await, 3);
        assert_eq!(store(&openings(2..=5, at)).await, 5);
        assert_eq!(store(&openings(7..=8, at)).await, 5);
        // Given up: the numbers 6 to 9 are one record.
        assert_eq!(store(&[lost(9, 6, at.plus(9))]).await, 9);
        assert_eq!(store(&openings(10..=10, at)).await, 10);
        let seqs: Vec<i64> = all(w, &who).await.iter().rev().map(|record| record.seq).collect();
        assert_eq!(seqs, [1, 2, 3, 4, 5, 9, 10]);
        let again = w.connect(&hello("G0001", Some("123456"))).await;
        assert_eq!(again.session.records_stored(), 10);
        assert_eq!(link::store_records(&w.b, &id("G0002"), &openings(1..=1, at)).await, Err(Refusal::Unknown));
    }

    async fn the_same_records_from_everywhere_at_once_are_stored_once(w: &World) {
        let who = w.owner("13800000001").await;
        let _guards = [w.guard_of(&who, "G0001").await, w.guard_of(&who, "G0002").await];
        let other = w.another_node().await;
        let at = w.now();
        let mut tasks = Vec::new();
        for n in 0..40 {
            let b = if n % 4 == 3 { other.clone() } else { w.b.clone() };
            let guard_id = id(if n % 2 == 0 { "G0001" } else { "G0002" });
            tasks.push(tokio::spawn(async move {
                let mut stands = 0;
                while stands < 300 {
                    let batch = openings(stands + 1..=(stands + 50).min(300), at);
                    stands = stands.max(link::store_records(&b, &guard_id, &batch).await.unwrap_or(stands));
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let rows = w.sql("SELECT guard_id, count(*), min(seq), max(seq) FROM records GROUP BY guard_id ORDER BY guard_id").await;
        for row in rows {
            let counts: (i64, i64, i64) = (row.get(1), row.get(2), row.get(3));
            assert_eq!(counts, (300, 1, 300));
        }
        other.close().await;
    }

    async fn however_many_a_guard_sends_at_once_few_are_taken(w: &World) {
        let who = w.owner("13800000001").await;
        let guard = w.guard_of(&who, "G0001").await;
        let records = openings(1..=1_000_000, w.now());
        let stored = guard.session.store_records(&records).await.unwrap();
        assert_eq!(stored, MAX_RECORDS as i64);
        assert_eq!(w.sql("SELECT seq FROM records").await.len(), MAX_RECORDS);
    }

    async fn a_late_record_belongs_to_the_owner_of_its_time(w: &World) {
        let (one, two) = (w.owner("13800000001").await, w.owner("13800000002").await);
        let guard = w.device("G0001", "123456").await;
        let mut at = vec![w.now()];
        w.pass(DAY);
        w.add_guard(&one, "G0001").await;
        at.push(w.now());
        w.pass(DAY);
        guards::delete(&w.b, &one, &id("G0001")).await.unwrap();
        at.push(w.now());
        w.pass(DAY);
        w.add_guard(&two, "G0001").await;
        at.push(w.now());
        w.pass(DAY);
        let records: Vec<Record> = (1..).zip(&at).map(|(seq, at)| by_password(seq, at.plus(HOUR), "1")).collect();
        assert_eq!(guard.session.store_records(&records).await.unwrap(), 4);
        let of = async |who: &Person| all(w, who).await.iter().map(|record| record.seq).collect::<Vec<_>>();
        assert_eq!(of(&one).await, [2]);
        assert_eq!(of(&two).await, [4]);
        // The records of a deleted guard stay with whose it was.
        let openings = records::between(&w.b, &one, &one.phone, at[0], w.now(), 100).await.unwrap();
        assert_eq!(openings.len(), 1);
        assert_eq!(openings[0].guard_id, id("G0001"));
    }

    async fn a_default_password_of_before_is_not_told_as_the_one_of_now(w: &World) {
        let (one, two) = (w.owner("13800000001").await, w.owner("13800000002").await);
        let guard = w.guard_of(&one, "G0001").await;
        let before = w.now();
        w.pass(DAY);
        guards::delete(&w.b, &one, &id("G0001")).await.unwrap();
        w.add_guard(&two, "G0001").await;
        let late = record(1, before.plus(HOUR), Key::DefaultPassword { number: 1 });
        assert_eq!(guard.session.store_records(&[late]).await.unwrap(), 1);
        let What::Opened(By::Password { password, .. }) = all(w, &one).await.remove(0).what else { panic!() };
        assert_eq!(password, None);
    }

    async fn the_end_of_an_older_link_elsewhere_does_not_say_that_a_guard_is_gone(w: &World) {
        let who = w.owner("13800000001").await;
        let older = w.guard_of(&who, "G0001").await;
        let other = w.another_node().await;
        w.pass(1);
        let newer = link::connected(&other, &hello("G0001", Some("123456"))).await.unwrap();
        // What guards say is written a moment later.
        let written = Duration::from_millis(500);
        tokio::time::sleep(written).await;
        drop(older);
        tokio::time::sleep(written).await;
        let info = guards::get(&other, &who, &id("G0001")).await.unwrap();
        assert_eq!(info.status, GuardStatus::Working);
        drop(newer);
        other.close().await;
    }

    async fn a_clock_that_is_wrong_without_knowing_is_not_believed(w: &World) {
        let who = w.owner("13800000001").await;
        let guard = w.guard_of(&who, "G0001").await;
        let mut records = vec![
            by_password(1, Millis(0), "1"),
            by_password(2, w.now().plus(400 * DAY), "1"),
            by_password(3, w.now(), "1"),
        ];
        records[2].uncertainty_ms = None;
        guard.session.store_records(&records).await.unwrap();
        for record in all(w, &who).await {
            assert_eq!((record.at, record.uncertainty_ms), (w.now(), None), "{record:?}");
        }
    }

    async fn a_record_says_whose_card_and_which_password_it_was(w: &World) {
        let who = w.owner("13800000001").await;
        let guard = w.guard_of(&who, "G0001").await;
        let info = guards::get(&w.b, &who, &id("G0001")).await.unwrap();
        w.password(&who, "G0001", "1", "135790").await;
        cards::add(&w.b, &who, &id("G0001"), w.new_card("2", "110101199003071234")).await.unwrap();
        let by_card = |seq, card_numb: Option<&str>, key: Option<&str>| Record {
            seq,
            at: w.now().plus(seq),
            uncertainty_ms: Some(20),
            what: match key {
                Some(number) => Happening::Opened {
                    attempt: Attempt::Card { card_numb: card_numb.map(|n| CardNumb::parse(n).unwrap()), dn_code: None },
                    key: Key::Grant { service_numb: number.to_owned().try_into().unwrap() },
                },
                None => Happening::Refused {
                    attempt: Attempt::Card { card_numb: card_numb.map(|n| CardNumb::parse(n).unwrap()), dn_code: None },
                    reason: Reason::UnknownCard,
                    service_numb: None,
                },
            },
        };
        let records = [
            by_password(1, w.now().plus(1), "1"),
            record(2, w.now().plus(2), Key::DefaultPassword { number: 2 }),
            by_card(3, None, Some("2")),
            by_card(4, Some("999999199003071234"), None),
        ];
        assert_eq!(guard.session.store_records(&records).await.unwrap(), 4);
        let rows = w.sql("SELECT info FROM records").await;
        assert!(rows.iter().all(|row| !row.get::<String, _>(0).contains("135790") && row.get::<String, _>(0).contains('.')));
        let [unknown, card, default, password] = <[records::Record; 4]>::try_from(all(w, &who).await).unwrap();
        let What::Opened(By::Password { password: Some(digits_of), default_password: None, .. }) = password.what else { panic!() };
        assert_eq!(digits_of, digits("135790"));
        let What::Opened(By::Password { password, default_password, .. }) = default.what else { panic!() };
        assert_eq!((password, default_password), (info.default_passwords[1].clone(), Some(2)));
        let What::Opened(By::Card { name, card_numb, .. }) = card.what else { panic!() };
        assert_eq!((name.unwrap().as_str(), card_numb.unwrap().as_str()), ("赵敏", "110101199003071234"));
        let What::Refused(By::Card { name: None, card_numb: Some(_), .. }, Reason::UnknownCard) = unknown.what else { panic!() };
        let whole = records::reveal_card(&w.b, &who, &who.phone, &id("G0001"), unknown.at, unknown.seq).await.unwrap();
        assert_eq!(whole.as_str(), "999999199003071234");
        assert_eq!(cards::views(&w.b, &who, None, None, 10).await.unwrap().rows.len(), 1);
        assert!(GuardId::parse("G0001").is_ok());
    }
}
