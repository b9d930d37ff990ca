use crate::both;
use crate::guard_rig::{HOUR, by_password, id, number};
use crate::harness::{DAY, MINUTE, World};
use backend::guard::passwords::NewPassword;
use backend::guard::records::{self, By, Filter};
use backend::guard::{cards, guards, passwords, service_numb};
use backend::migrations;
use domain::error::{Problem, Refusal};
use domain::guard::grants::{Addition, Key, MOST_GRANTS};
use domain::guard::ids::{CardHolder, CardNumb};
use domain::guard::link::{Attempt, Happening, Record};
use domain::people::Person;
use sqlx::Row;

async fn add(w: &World, who: &Person, new: NewPassword) -> Result<Addition, Refusal> {
    passwords::add(&w.b, who, &id("G0001"), new).await
}

async fn listed(w: &World, who: &Person, of: &Person) -> Vec<String> {
    let list = passwords::list(&w.b, who, &of.phone, &id("G0001")).await.unwrap();
    list.passwords
        .iter()
        .map(|one| one.service_numb.as_str().to_owned())
        .collect()
}

both! {
    async fn the_same_again_is_no_failure_and_something_else_under_the_number_is(w: &World) {
        let who = w.owner("13800000001").await;
        let _guard = w.guard_of(&who, "G0001").await;
        let new = w.new_password("1", "135790");
        assert_eq!(add(w, &who, new.clone()).await, Ok(Addition::New));
        assert_eq!(add(w, &who, new.clone()).await, Ok(Addition::Repeated));
        let taken = Err(Refusal::field("serviceNumb", Problem::Taken));
        assert_eq!(add(w, &who, w.new_password("1", "135791")).await, taken);
        let longer = NewPassword { until: new.until.plus(MINUTE), ..new.clone() };
        assert_eq!(add(w, &who, longer).await, taken);
        let before = guards::get(&w.b, &who, &id("G0001")).await.unwrap().desired;
        assert_eq!(add(w, &who, new.clone()).await, Ok(Addition::Repeated));
        assert_eq!(guards::get(&w.b, &who, &id("G0001")).await.unwrap().desired, before);
        passwords::cancel(&w.b, &who, &id("G0001"), &number("1")).await.unwrap();
        assert_eq!(add(w, &who, new).await, taken);
    }

    async fn for_whom_a_password_is_its_owner_knows_and_nobody_else(w: &World) {
        let who = w.owner("13800000001").await;
        let above = w.owner("13800000002").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        let liu = CardHolder::parse("刘洋").unwrap();
        passwords::add_for(&w.b, &who, &id("G0001"), w.new_password("1", "135790"), Some(liu.clone())).await.unwrap();
        add(w, &who, w.new_password("2", "246802")).await.unwrap();
        w.below(&above, &who).await;
        let names = async |reader: &Person| {
            let listed = passwords::list(&w.b, reader, &who.phone, &id("G0001")).await.unwrap().passwords;
            listed.into_iter().map(|one| one.for_whom).collect::<Vec<_>>()
        };
        assert_eq!(names(&who).await, [Some(liu.clone()), None]);
        assert_eq!(names(&above).await, [None, None]);
        let stored = w.sql("SELECT content FROM grants").await;
        assert!(stored.iter().all(|row| !row.get::<String, _>(0).contains("刘洋")));

        // The guard hears what opens, and nothing of persons.
        let frames = guard.session.changes_since(guard.version).await.unwrap();
        let sent = serde_json::to_string(&frames).unwrap();
        assert!(sent.contains("135790") && !sent.contains("刘洋") && !sent.contains("forWhom"), "{sent}");
        guard.catch_up().await;
        guard.session.store_records(&[by_password(1, w.now(), "1")]).await.unwrap();
        for (reader, person, name) in [(&who, "刘", Some(&liu)), (&above, "", None)] {
            let filter = Filter { person: person.to_owned(), limit: 10, ..Filter::default() };
            let rows = records::page(&w.b, reader, &who.phone, &filter).await.unwrap().rows;
            let Some(By::Password { for_whom, .. }) = rows[0].by() else { panic!("{rows:?}") };
            assert_eq!(for_whom.as_ref(), name);
        }
        let filter = Filter { person: "刘".to_owned(), limit: 10, ..Filter::default() };
        assert!(records::page(&w.b, &above, &who.phone, &filter).await.unwrap().rows.is_empty());

        // The digits are for the owner who asks, while the password stands.
        let digits = async |reader: &Person, numb: &str| passwords::reveal(&w.b, reader, &id("G0001"), &number(numb)).await;
        assert_eq!(digits(&who, "1").await.unwrap().as_str(), "135790");
        assert_eq!(digits(&who, "3").await, Err(Refusal::Unknown));
        assert!(digits(&above, "1").await.is_err());
        passwords::cancel(&w.b, &who, &id("G0001"), &number("1")).await.unwrap();
        assert_eq!(digits(&who, "1").await, Err(Refusal::Unknown));
    }

    async fn cards_and_passwords_are_numbered_apart(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        assert_eq!(add(w, &who, w.new_password("1", "135790")).await, Ok(Addition::New));
        guard.catch_up().await;
        let card = cards::add(&w.b, &who, &id("G0001"), w.new_card("1", "110101199003071234")).await;
        assert_eq!(card, Ok(Addition::New));
        assert_eq!(add(w, &who, w.new_password("1", "135790")).await, Ok(Addition::Repeated));
        guard.catch_up().await;
        assert_eq!(guard.live(w.now()), 2);
        let by_card = Record {
            seq: 2,
            at: w.now(),
            uncertainty_ms: Some(5),
            what: Happening::Opened {
                attempt: Attempt::Card { card_numb: None, dn_code: None },
                key: Key::Grant { service_numb: number("1") },
            },
        };
        guard.session.store_records(&[by_password(1, w.now(), "1"), by_card]).await.unwrap();
        let filter = Filter { limit: 10, ..Filter::default() };
        let stored = records::page(&w.b, &who, &who.phone, &filter).await.unwrap().rows;
        let Some(By::Card { name: Some(name), .. }) = stored[0].by() else { panic!("{stored:?}") };
        assert_eq!(name.as_str(), "赵敏");
        let Some(By::Password { password: Some(password), .. }) = stored[1].by() else { panic!("{stored:?}") };
        assert_eq!(password.as_str(), "135790");
        // Of the two one is cancelled, and the other stays.
        cards::cancel(&w.b, &who, &id("G0001"), &number("1"), None).await.unwrap();
        guard.catch_up().await;
        assert_eq!(guard.live(w.now()), 1);
        assert_eq!(listed(w, &who, &who).await, ["1"]);
        assert!(cards::list(&w.b, &who, &who.phone, &id("G0001")).await.unwrap().is_empty());
    }

    async fn the_migration_that_numbers_them_apart_keeps_them_all(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        for service_numb in ["1", "2"] {
            w.password(&who, "G0001", service_numb, "135790").await;
        }
        cards::add(&w.b, &who, &id("G0001"), w.new_card("3", "110101199003071234")).await.unwrap();
        passwords::cancel(&w.b, &who, &id("G0001"), &number("2")).await.unwrap();
        let before = w.sql("SELECT count(*) FROM grants WHERE cancelled_at IS NULL").await[0].get::<i64, _>(0);
        w.sql("DELETE FROM _sqlx_migrations WHERE version = 13").await;
        migrations::migrate(&w.url).await.unwrap();
        let after = w.sql("SELECT count(*) FROM grants WHERE cancelled_at IS NULL").await[0].get::<i64, _>(0);
        assert_eq!((before, after), (2, 2));
        assert_eq!(listed(w, &who, &who).await, ["1"]);
        guard.catch_up().await;
        assert_eq!(guard.live(w.now()), 2);
    }

    async fn the_same_at_once_is_added_once(w: &World) {
        let who = w.owner("13800000001").await;
        let _guard = w.guard_of(&who, "G0001").await;
        let before = guards::get(&w.b, &who, &id("G0001")).await.unwrap().desired;
        let mut tries = Vec::new();
        for _ in 0..8 {
            let (b, who, new) = (w.b.clone(), who.clone(), w.new_password("1", "135790"));
            tries.push(tokio::spawn(async move { passwords::add(&b, &who, &id("G0001"), new).await }));
        }
        let mut new = 0;
        for one in tries {
            new += usize::from(one.await.unwrap().unwrap() == Addition::New);
        }
        assert_eq!(new, 1);
        assert_eq!(guards::get(&w.b, &who, &id("G0001")).await.unwrap().desired, before + 1);
    }

    async fn an_authorisation_begins_before_it_ends_and_ends_later_than_now(w: &World) {
        let who = w.owner("13800000001").await;
        let _guard = w.guard_of(&who, "G0001").await;
        let of = |from: i64, until: i64| NewPassword {
            from: w.now().plus(from),
            until: w.now().plus(until),
            ..w.new_password("1", "135790")
        };
        let end_time = |refused: Result<Addition, Refusal>| matches!(refused, Err(Refusal::Field { field, .. }) if field == "endTime");
        for (from, until) in [(HOUR, HOUR), (2 * HOUR, HOUR), (-HOUR, 0), (-2 * HOUR, -HOUR)] {
            assert!(end_time(add(w, &who, of(from, until)).await), "{from} {until}");
        }
        assert!(listed(w, &who, &who).await.is_empty());
        let new = of(-HOUR, 1);
        assert_eq!(add(w, &who, new.clone()).await, Ok(Addition::New));
        // Asked again after it ended, because the answer was lost.
        w.pass(HOUR);
        assert_eq!(add(w, &who, new).await, Ok(Addition::Repeated));
    }

    async fn a_list_shows_what_opens_now_or_will(w: &World) {
        let who = w.owner("13800000001").await;
        let _guard = w.guard_of(&who, "G0001").await;
        let from_to = |name: &str, from: i64, until: i64| NewPassword {
            from: w.now().plus(from),
            until: w.now().plus(until),
            ..w.new_password(name, "135790")
        };
        for new in [from_to("future", DAY, 2 * DAY), from_to("now", 0, DAY), from_to("short", 0, HOUR), from_to("cancelled", 0, DAY)] {
            add(w, &who, new).await.unwrap();
        }
        passwords::cancel(&w.b, &who, &id("G0001"), &number("cancelled")).await.unwrap();
        assert_eq!(listed(w, &who, &who).await, ["short", "now", "future"]);
        w.pass(HOUR);
        assert_eq!(listed(w, &who, &who).await, ["now", "future"]);
        assert_eq!(w.sql("SELECT service_numb FROM grants").await.len(), 4);
    }

    async fn cancelling_keeps_the_row_and_may_be_repeated(w: &World) {
        let who = w.owner("13800000001").await;
        let _guard = w.guard_of(&who, "G0001").await;
        let unknown = Err(Refusal::field("serviceNumb", Problem::Unknown));
        let cancel = async |name: &str| passwords::cancel(&w.b, &who, &id("G0001"), &number(name)).await;
        assert_eq!(cancel("1").await, unknown);
        w.password(&who, "G0001", "1", "135790").await;
        cards::add(&w.b, &who, &id("G0001"), w.new_card("2", "11010119900307123x")).await.unwrap();
        assert_eq!(cancel("2").await, unknown);
        assert_eq!(cancel("1").await, Ok(()));
        assert_eq!(cancel("1").await, Ok(()));
        assert_eq!(w.sql("SELECT 1 FROM grants WHERE cancelled_at IS NOT NULL").await.len(), 1);

        let card = |text: &str| CardNumb::parse(text).unwrap();
        let cancel = async |card: &CardNumb| cards::cancel(&w.b, &who, &id("G0001"), &number("2"), Some(card)).await;
        let other = cancel(&card("110101199003071235")).await;
        assert_eq!(other, Err(Refusal::field("cardNumb", Problem::Contradicts)));
        assert_eq!(cards::list(&w.b, &who, &who.phone, &id("G0001")).await.unwrap().len(), 1);
        assert_eq!(cancel(&card("11010119900307123X")).await, Ok(()));
        assert!(cards::list(&w.b, &who, &who.phone, &id("G0001")).await.unwrap().is_empty());
    }

    async fn those_above_read_without_passwords_and_never_write(w: &World) {
        let (top, owner, stranger) = (w.owner("13800000001").await, w.owner("13800000002").await, w.owner("13800000003").await);
        w.below(&top, &owner).await;
        let _guard = w.guard_of(&owner, "G0001").await;
        w.password(&owner, "G0001", "1", "135790").await;
        cards::add(&w.b, &owner, &id("G0001"), w.new_card("2", "110101199003071234")).await.unwrap();

        let list = passwords::list(&w.b, &top, &owner.phone, &id("G0001")).await.unwrap();
        assert_eq!((list.default_passwords, list.passwords[0].password.clone()), ([None, None], None));
        let own = passwords::list(&w.b, &owner, &owner.phone, &id("G0001")).await.unwrap();
        assert!(own.default_passwords.iter().all(Option::is_some) && own.passwords[0].password.is_some());
        assert_eq!(cards::list(&w.b, &top, &owner.phone, &id("G0001")).await.unwrap().len(), 1);
        assert_eq!(cards::list(&w.b, &top, &top.phone, &id("G0001")).await, Err(Refusal::NotYours));

        for who in [&top, &stranger] {
            assert_eq!(add(w, who, w.new_password("3", "135790")).await, Err(Refusal::NotYours));
            // What exists is no answer to give to others, not even as a repetition.
            assert_eq!(add(w, who, w.new_password("1", "135790")).await, Err(Refusal::NotYours));
            let cancelled = passwords::cancel(&w.b, who, &id("G0001"), &number("1")).await;
            assert_eq!(cancelled, Err(Refusal::NotYours));
            let cancelled = cards::cancel(&w.b, who, &id("G0001"), &number("2"), Some(&CardNumb::parse("1").unwrap())).await;
            assert_eq!(cancelled, Err(Refusal::NotYours));
        }
        assert_eq!(passwords::list(&w.b, &stranger, &owner.phone, &id("G0001")).await, Err(Refusal::NotYours));
        let unknown = passwords::add(&w.b, &owner, &id("G9999"), w.new_password("1", "135790")).await;
        assert_eq!(unknown, Err(Refusal::Unknown));
    }

    async fn a_whole_card_number_is_shown_on_request_and_the_request_is_kept(w: &World) {
        let (top, owner) = (w.owner("13800000001").await, w.owner("13800000002").await);
        w.below(&top, &owner).await;
        let _guard = w.guard_of(&owner, "G0001").await;
        cards::add(&w.b, &owner, &id("G0001"), w.new_card("2", "110101199003071234")).await.unwrap();
        let shown = cards::reveal(&w.b, &top, &owner.phone, &id("G0001"), &number("2")).await.unwrap();
        assert_eq!(shown.as_str(), "110101199003071234");
        assert_eq!(cards::reveal(&w.b, &owner, &top.phone, &id("G0001"), &number("2")).await, Err(Refusal::NotYours));
        let views = cards::views(&w.b, &owner, None, None, 10).await.unwrap().rows;
        assert_eq!(views.len(), 1);
        assert_eq!((&views[0].who, views[0].service_numb.as_str(), views[0].at), (&top.phone, "2", w.now()));
        assert_eq!(views[0].who_name, top.name);
        assert_eq!(views[0].holder.as_ref().unwrap().as_str(), "赵敏");
        assert_eq!(cards::views(&w.b, &top, None, None, 10).await.unwrap().rows, []);

        w.pass(1_000);
        cards::cancel(&w.b, &owner, &id("G0001"), &number("2"), None).await.unwrap();
        let _other = w.guard_of(&owner, "G0002").await;
        cards::add(&w.b, &owner, &id("G0002"), w.new_card("3", "110101199003071234")).await.unwrap();
        cards::reveal(&w.b, &owner, &owner.phone, &id("G0002"), &number("3")).await.unwrap();
        let first = cards::views(&w.b, &owner, None, None, 1).await.unwrap();
        assert_eq!((first.rows.len(), &first.rows[0].who), (1, &owner.phone));
        let second = cards::views(&w.b, &owner, None, first.next.as_deref(), 1).await.unwrap();
        // Whose card it was is known when it opens no longer.
        assert_eq!((second.rows.as_slice(), second.next), (views.as_slice(), None));
        let of_one = cards::views(&w.b, &owner, Some(&id("G0001")), None, 10).await.unwrap();
        assert_eq!(of_one.rows, views);
    }

    async fn a_guard_holds_a_limited_number_of_grants(w: &World) {
        let who = w.owner("13800000001").await;
        let _guard = w.guard_of(&who, "G0001").await;
        let until = w.now().plus(HOUR).0;
        let rows: Vec<String> = (0..MOST_GRANTS)
            .map(|n| format!("('G0001', 'x{n}', 'password', '', 0, {until}, 2, 0, '')"))
            .collect();
        w.sql(&format!(
            "INSERT INTO grants (guard_id, service_numb, kind, content, starts, ends, version, added_at, added_by) VALUES {}",
            rows.join(", ")
        ))
        .await;
        let refused = add(w, &who, w.new_password("1", "135790")).await;
        assert!(matches!(refused, Err(Refusal::Field { field, .. }) if field == "guardId"));
        w.pass(HOUR);
        assert_eq!(add(w, &who, w.new_password("1", "135790")).await, Ok(Addition::New));
    }

    async fn a_service_number_is_time_phone_and_chance(w: &World) {
        let who = w.owner("13800000001").await;
        let (one, other) = (service_numb(&w.b, &who).unwrap(), service_numb(&w.b, &who).unwrap());
        // 09:00 in UTC is 17:00 in Shanghai.
        assert!(one.as_str().starts_with("2026030217000013800000001"), "{one}");
        assert_eq!(one.as_str().len(), 32);
        assert_ne!(one, other);
        let short = w.owner("12345").await;
        assert_eq!(service_numb(&w.b, &short).unwrap().as_str().len(), 32);
        assert_eq!(passwords::generate(&w.b).unwrap().masked(), "******");
    }
}
