//! Who somebody is: numbers and names however they are typed, failures that count for those who made them, known browsers, passwords in
//! every form their letters may be composed in.

use crate::both;
use crate::harness::{DAY, MINUTE, PASSWORD, World, phone};
use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use backend::guard::owners::{self, Registrant};
use backend::known_devices::{self, KNOWN_FOR_MS};
use backend::locker::orders::{self, NewOrder};
use backend::people::{self, Caller, NewPerson};
use backend::sessions::{self, BEGAN_KEY, BROWSER_KEY, ENDS_KEY, PERSON_KEY, SessionStore};
use backend::{Actor, Backend, businesses, limits};
use domain::error::{Problem, Refusal};
use domain::guard::ids::{OwnerName, OwnerPassword};
use domain::ids::Millis;
use domain::locker::orders::OrderTexts;
use domain::people::{Person, Role};
use std::collections::HashMap;
use std::time::Duration;
use time::OffsetDateTime;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

const HERE: &str = "10.0.0.1";
const ELSEWHERE: &str = "10.0.0.9";
const STAFF: &str = "01012345678";
/// 한빛전기 as macOS types it.
const DECOMPOSED: &str = "\u{1112}\u{1161}\u{11ab}\u{1107}\u{1175}\u{11be}\u{110c}\u{1165}\u{11ab}\u{1100}\u{1175}";

async fn patient(w: &World) -> Backend {
    w.node_with(|config| config.slow_down_step = Duration::from_millis(1))
        .await
}

async fn fails(b: &Backend, number: &str, from: &str, times: usize) {
    for _ in 0..times {
        assert_eq!(
            people::sign_in(b, number, "wrong password", from).await,
            Err(Refusal::WrongSignIn)
        );
    }
}

async fn until_right(b: &Backend, number: &str) -> Person {
    for _ in 0..1000 {
        match people::sign_in(b, number, PASSWORD, HERE).await {
            Ok(person) => return person,
            // Those that hung up are still being checked.
            Err(Refusal::TooMany { seconds: 1 }) => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(refusal) => panic!("{refusal:?}"),
        }
    }
    panic!("still being checked");
}

fn order(business: &str) -> NewOrder {
    NewOrder {
        things_sq: "Ａ－１".to_owned(),
        texts: OrderTexts {
            customer_no: "０５１２\u{200b}".to_owned(),
            customer_name: "\u{1100}\u{1175}\u{11b7}서연".to_owned(),
            address: "서울".to_owned(),
            business: business.to_owned(),
            ..OrderTexts::default()
        },
        status: "A".to_owned(),
    }
}

fn session(w: &World, phone: &str, role: Role) -> Record {
    let now = w.now();
    let data = HashMap::from([
        (PERSON_KEY.to_owned(), phone.into()),
        (BEGAN_KEY.to_owned(), now.0.into()),
        (ENDS_KEY.to_owned(), sessions::latest_end(role, now).0.into()),
        (BROWSER_KEY.to_owned(), "Chrome, Android".into()),
    ]);
    Record {
        id: Id::default(),
        data,
        expiry_date: after(w, 12 * 60 * MINUTE),
    }
}

fn after(w: &World, millis: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(w.now().plus(millis).0 / 1000).unwrap()
}

both! {
    async fn a_number_is_the_same_however_it_is_typed(w: &World) {
        let staff = w.staff(STAFF).await;
        for written in ["+82 10-1234-5678", "0082 10 1234 5678", "０１０－１２３４－５６７８", "\u{202d}010\u{2011}1234\u{2013}5678\u{202c}", "tel:+82-10-1234-5678"] {
            assert_eq!(people::sign_in(&w.b, written, PASSWORD, HERE).await, Ok(staff.clone()), "{written:?}");
        }
        let new = NewPerson {
            phone: "+82 10-1234-5678".to_owned(),
            name: "김".to_owned(),
            role: Role::Staff,
            business: None,
            password: PASSWORD.to_owned(),
        };
        assert_eq!(people::add(&w.b, &Actor::Cli, new).await, Err(Refusal::field("phone", Problem::Taken)));
        let operator = w.operator().await;
        for query in ["+82 10-1234-5678", "０１０-1234", "010-1234-5678"] {
            let found = people::list(&w.b, &operator, query, None, None, 10).await.unwrap();
            let found: Vec<_> = found.rows.into_iter().map(|hit| hit.of).collect();
            assert_eq!(found, std::slice::from_ref(&staff), "{query}");
        }
    }

    async fn somebody_kept_under_their_calling_code_still_signs_in(w: &World) {
        w.staff("821012345678").await;
        for written in ["+82 10-1234-5678", "821012345678"] {
            let person = people::sign_in(&w.b, written, PASSWORD, HERE).await.unwrap();
            assert_eq!(person.phone, phone("821012345678"));
        }
    }

    async fn what_is_no_number_is_a_field_error_and_counts_for_the_address_alone(w: &World) {
        w.staff(STAFF).await;
        for text in ["no number", "", "1234", "01012345678 ext 2"].into_iter().cycle().take(50) {
            assert_eq!(people::sign_in(&w.b, text, PASSWORD, ELSEWHERE).await, Err(Refusal::field("phone", Problem::Form)));
        }
        let refused = people::sign_in(&w.b, "no number", PASSWORD, ELSEWHERE).await;
        assert!(matches!(refused, Err(Refusal::TooMany { .. })));
        assert_eq!(people::sign_in(&w.b, "no number", PASSWORD, HERE).await, Err(Refusal::field("phone", Problem::Form)));
    }

    async fn failures_elsewhere_keep_nobody_out(w: &World) {
        let b = patient(w).await;
        let staff = w.staff(STAFF).await;
        for stranger in 0..8 {
            fails(&b, STAFF, &format!("10.9.0.{stranger}"), 5).await;
        }
        let refused = people::sign_in(&b, STAFF, PASSWORD, "10.9.0.1").await;
        assert!(matches!(refused, Err(Refusal::TooMany { .. })));
        assert_eq!(people::sign_in(&b, STAFF, PASSWORD, HERE).await, Ok(staff));
        b.close().await;
    }

    async fn a_number_that_fails_everywhere_makes_others_wait(w: &World) {
        let b = w.node_with(|config| config.slow_down_step = Duration::from_secs(600)).await;
        let staff = w.staff(STAFF).await;
        for stranger in 0..4 {
            fails(&b, STAFF, &format!("10.9.0.{stranger}"), 5).await;
        }
        assert!(people::sign_in(&b, STAFF, PASSWORD, HERE).await.is_ok(), "twenty make nobody wait");
        fails(&b, STAFF, "10.9.0.8", 1).await;
        let waiting = tokio::time::timeout(Duration::from_millis(300), people::sign_in(&b, STAFF, PASSWORD, HERE)).await;
        assert!(waiting.is_err(), "it is still waiting");
        let kept = known_devices::remember(&b, &staff.phone, "").unwrap();
        let known = Caller { address: HERE, kept: &kept };
        assert_eq!(people::sign_in_from(&b, STAFF, PASSWORD, known).await, Ok(staff));
        b.close().await;
    }

    async fn a_known_browser_is_counted_by_itself(w: &World) {
        let b = patient(w).await;
        let staff = w.staff(STAFF).await;
        let kept = known_devices::remember(&b, &staff.phone, "").unwrap();
        for number in 0..50 {
            fails(&b, &format!("0107777{number:04}"), HERE, 1).await;
        }
        let from = |kept| Caller { address: HERE, kept };
        let unknown = people::sign_in_from(&b, STAFF, PASSWORD, from("")).await;
        assert!(matches!(unknown, Err(Refusal::TooMany { .. })));
        assert_eq!(people::sign_in_from(&b, STAFF, PASSWORD, from(&kept)).await, Ok(staff));
        for _ in 0..5 {
            assert_eq!(people::sign_in_from(&b, STAFF, "wrong password", from(&kept)).await, Err(Refusal::WrongSignIn));
        }
        let refused = people::sign_in_from(&b, STAFF, PASSWORD, from(&kept)).await;
        assert!(matches!(refused, Err(Refusal::TooMany { .. })), "a stolen mark has five tries");
        b.close().await;
    }

    async fn a_mark_is_good_for_its_person_and_time_alone(w: &World) {
        let b = patient(w).await;
        let staff = w.staff(STAFF).await;
        w.staff("01055556666").await;
        fails(&b, STAFF, HERE, 5).await;
        let mark = known_devices::remember(&b, &phone("01055556666"), "").unwrap();
        let own = known_devices::remember(&b, &staff.phone, &mark).unwrap();
        let damaged = own.replacen('.', ".x", 1);
        let enters = async |kept: &str| people::sign_in_from(&b, STAFF, PASSWORD, Caller { address: HERE, kept }).await.is_ok();
        for kept in ["", "~", "..", "1.2.3", &mark, &damaged, &"x".repeat(5000)] {
            assert!(!enters(kept).await, "{kept}");
        }
        assert!(enters(&own).await, "beside the mark of somebody else");
        let again = known_devices::remember(&b, &staff.phone, &own).unwrap();
        assert_eq!(again.split('~').count(), 2);
        w.pass(KNOWN_FOR_MS);
        fails(&b, STAFF, HERE, 5).await;
        assert!(!enters(&own).await, "it has ended");
        b.close().await;
    }

    async fn callers_that_hang_up_make_no_right_password_wrong(w: &World) {
        let staff = w.staff(STAFF).await;
        for _ in 0..40 {
            let _hung_up = tokio::time::timeout(Duration::from_micros(300), people::sign_in(&w.b, STAFF, PASSWORD, HERE)).await;
        }
        assert_eq!(until_right(&w.b, STAFF).await, staff);
        assert!(w.sql("SELECT what FROM limits WHERE what LIKE 'sign-in/%'").await.is_empty());
    }

    async fn a_wrong_password_counts_though_the_caller_hung_up(w: &World) {
        w.staff(STAFF).await;
        for _ in 0..200 {
            let hung_up = tokio::time::timeout(Duration::from_millis(2), people::sign_in(&w.b, STAFF, "wrong password", HERE)).await;
            if matches!(hung_up, Ok(Err(Refusal::TooMany { seconds })) if seconds > 1) {
                return;
            }
        }
        panic!("two hundred wrong passwords were looked at");
    }

    async fn wrong_passwords_at_once_are_not_all_taken_for_the_first(w: &World) {
        w.staff(STAFF).await;
        let tries: Vec<_> = (0..30).map(|_| {
            let b = w.b.clone();
            tokio::spawn(async move { people::sign_in(&b, STAFF, "wrong password", HERE).await })
        }).collect();
        let mut checked = 0;
        for one in tries {
            checked += usize::from(one.await.unwrap() == Err(Refusal::WrongSignIn));
        }
        assert!((1..=5).contains(&checked), "{checked} were checked");
    }

    async fn a_limit_from_a_clock_that_was_ahead_begins_again(w: &World) {
        w.pass(DAY);
        for _ in 0..3 {
            limits::count(&w.b, "x", 3, MINUTE).await.unwrap();
        }
        assert!(limits::count(&w.b, "x", 3, MINUTE).await.is_err());
        let staff = w.staff(STAFF).await;
        fails(&w.b, STAFF, HERE, 5).await;
        w.pass(-DAY);
        limits::count(&w.b, "x", 3, MINUTE).await.unwrap();
        assert_eq!(people::sign_in(&w.b, STAFF, PASSWORD, HERE).await, Ok(staff));
    }

    async fn nobody_waits_longer_than_a_window(w: &World) {
        w.pass(5 * MINUTE);
        limits::count(&w.b, "x", 1, MINUTE).await.unwrap();
        w.pass(-5 * MINUTE);
        assert_eq!(limits::count(&w.b, "x", 1, MINUTE).await, Err(Refusal::TooMany { seconds: 61 }));
    }

    async fn a_password_is_the_same_composed_and_decomposed(w: &World) {
        let staff = w.staff(STAFF).await;
        let composed = "보라색 우산 세 개";
        let decomposed = "\u{1107}\u{1169}\u{1105}\u{1161}\u{1109}\u{1162}\u{11a8} \u{110b}\u{116e}\u{1109}\u{1161}\u{11ab} \u{1109}\u{1166} \u{1100}\u{1162}";
        for (set, typed) in [(composed, decomposed), (decomposed, composed)] {
            people::set_password(&w.b, &Actor::Cli, &staff.phone, set).await.unwrap();
            assert!(people::sign_in(&w.b, STAFF, typed, HERE).await.is_ok());
            assert!(people::sign_in(&w.b, STAFF, set, HERE).await.is_ok());
        }
        // Hashed as it was typed on macOS, before passwords were composed.
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let hash: PasswordHash = argon2.hash_password_with_salt(decomposed.as_bytes(), b"0123456789abcdef").unwrap();
        w.sql(&format!("UPDATE people SET password_hash = '{hash}' WHERE phone = '{STAFF}'")).await;
        for typed in [composed, decomposed] {
            assert!(people::sign_in(&w.b, STAFF, typed, HERE).await.is_ok());
        }
    }

    async fn a_business_has_one_name_however_it_is_composed(w: &World) {
        w.business("한빛전기").await;
        for typed in [DECOMPOSED, " 한빛전기\u{200b}", "\u{3000}한빛전기"] {
            let refused = businesses::add(&w.b, &Actor::Cli, typed).await;
            assert_eq!(refused, Err(Refusal::field("name", Problem::Taken)), "{typed:?}");
        }
        let operator = w.operator().await;
        assert_eq!(businesses::list(&w.b, &operator, DECOMPOSED, None, 10).await.unwrap().rows.len(), 1);
        let added = orders::add(&w.b, &Actor::Cli, order(DECOMPOSED)).await.unwrap();
        assert_eq!((added.things_sq.as_str(), added.customer_no.as_str()), ("A-1", "0512"));
        assert_eq!((added.customer_name.as_str(), added.business.as_str()), ("김서연", "한빛전기"));
        let again = NewOrder { things_sq: "A-1".to_owned(), ..order("한빛전기") };
        assert_eq!(orders::add(&w.b, &Actor::Cli, again).await, Err(Refusal::field("thingsSq", Problem::Taken)));
    }

    async fn a_new_password_that_can_be_guessed_is_rejected_and_an_old_one_still_counts(w: &World) {
        let operator = w.operator().await;
        let guessable = |field| Err(Refusal::field(field, Problem::Guessable));
        let new = |password: &str| NewPerson {
            phone: "01055556666".to_owned(),
            name: "김서연".to_owned(),
            role: Role::Staff,
            business: None,
            password: password.to_owned(),
        };
        for weak in ["password", "12345678", "010-5555-6666", "qwer1234", "woaini1314"] {
            assert_eq!(people::add(&w.b, &Actor::from(&operator), new(weak)).await.map(|_| ()), guessable("password"), "{weak}");
        }
        let staff = people::add(&w.b, &Actor::from(&operator), new(PASSWORD)).await.unwrap();
        assert_eq!(people::set_password(&w.b, &Actor::Cli, &staff.phone, "01055556666").await, guessable("password"));
        assert_eq!(people::change_password(&w.b, &staff, PASSWORD, "password1").await, guessable("new"));
        // The messages take any text.
        let (name, weak) = (OwnerName::parse("张三").unwrap(), OwnerPassword::parse("1").unwrap());
        owners::register(&w.b, HERE, Registrant { name: &name, phone: &phone("13800000001"), password: &weak, imei: None, code: None }).await.unwrap();
        assert!(people::sign_in(&w.b, "13800000001", "1", HERE).await.is_ok());
    }

    async fn wrong_current_passwords_are_counted_apart_from_signing_in(w: &World) {
        let staff = w.staff(STAFF).await;
        fails(&w.b, STAFF, ELSEWHERE, 5).await;
        people::change_password(&w.b, &staff, PASSWORD, "mango tunnel 42").await.unwrap();
        for _ in 0..5 {
            let refused = people::change_password(&w.b, &staff, "not this one", "mango tunnel 43").await;
            assert_eq!(refused, Err(Refusal::field("current", Problem::WrongPassword)));
        }
        let refused = people::change_password(&w.b, &staff, "mango tunnel 42", "mango tunnel 43").await;
        assert!(matches!(refused, Err(Refusal::TooMany { .. })));
    }

    async fn a_session_ends_at_its_time_however_much_it_is_used(w: &World) {
        let store = SessionStore::new(&w.b);
        for (role, lasts) in [(Role::Operator, DAY / 2), (Role::Staff, DAY / 2), (Role::Business, DAY / 2), (Role::Owner, 30 * DAY)] {
            let mut used = session(w, STAFF, role);
            store.create(&mut used).await.unwrap();
            let begun = w.now();
            while w.now().since(begun) < lasts - 60 * MINUTE {
                w.pass(60 * MINUTE);
                let mut record = store.load(&used.id).await.unwrap().expect("it is used every hour");
                record.expiry_date = after(w, DAY / 2);
                store.save(&record).await.unwrap();
            }
            w.pass(60 * MINUTE);
            assert_eq!(store.load(&used.id).await.unwrap(), None, "{role:?}");
        }
    }

    async fn a_session_from_before_gets_an_end(w: &World) {
        let store = SessionStore::new(&w.b);
        let mut old = session(w, STAFF, Role::Staff);
        old.data.retain(|key, _| key == PERSON_KEY);
        store.create(&mut old).await.unwrap();
        let mut record = store.load(&old.id).await.unwrap().unwrap();
        record.expiry_date = after(w, 2 * DAY);
        store.save(&record).await.unwrap();
        w.pass(DAY / 2);
        assert_eq!(store.load(&old.id).await.unwrap(), None);
    }

    async fn somebody_sees_and_ends_their_own_sessions_alone(w: &World) {
        let (staff, other) = (w.staff(STAFF).await, w.staff("01055556666").await);
        let store = SessionStore::new(&w.b);
        let (mut one, mut two, mut foreign) = (session(w, STAFF, Role::Staff), session(w, STAFF, Role::Staff), session(w, "01055556666", Role::Staff));
        for record in [&mut one, &mut two, &mut foreign] {
            store.create(record).await.unwrap();
        }
        let listed = sessions::list(&w.b, &staff).await.unwrap();
        assert_eq!(listed.len(), 2);
        let found = listed.iter().find(|listed| listed.handle == sessions::handle(&one.id)).unwrap();
        assert_eq!((found.browser.as_str(), found.began), ("Chrome, Android", Some(w.now())));
        assert_eq!(found.ends, Millis(w.now().0 / 1000 * 1000).plus(DAY / 2));
        assert!(!found.handle.contains(&one.id.to_string()));

        for handle in [sessions::handle(&foreign.id), one.id.to_string(), String::new(), "a\0b".to_owned()] {
            assert_eq!(sessions::end(&w.b, &staff, &handle).await, Err(Refusal::Unknown));
        }
        sessions::end(&w.b, &staff, &found.handle).await.unwrap();
        assert_eq!(store.load(&one.id).await.unwrap(), None);
        assert!(store.load(&two.id).await.unwrap().is_some());
        assert_eq!(sessions::list(&w.b, &other).await.unwrap().len(), 1);
        w.sql(&format!("UPDATE people SET active = 0 WHERE phone = '{STAFF}'")).await;
        let gone = people::get(&w.b, &phone(STAFF)).await.unwrap().unwrap();
        assert_eq!(sessions::list(&w.b, &gone).await, Err(Refusal::NotSignedIn));
        assert_eq!(sessions::end(&w.b, &gone, "x").await, Err(Refusal::NotSignedIn));
    }
}
