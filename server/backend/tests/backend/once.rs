//! Requests with a one-use key: done once, and answered the first result each time.

use crate::both;
use crate::guard_rig::id;
use crate::harness::{DAY, World, port};
use backend::guard::{guards, passwords};
use backend::locker::kiosks::{self, EnrolmentCode};
use backend::locker::{deposits, scans};
use backend::once::{self, KEPT_MS, KEPT_OF_ONE, Request, Who};
use backend::people::{self, NewPerson};
use backend::{Actor, Backend, businesses, limits};
use domain::error::{Problem, Refusal};
use domain::guard::ids::ServiceNumb;
use domain::ids::{Phone, Yid};
use domain::people::{Person, Role};
use domain::token::Payload;
use sqlx::Row as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

const GUARD: &str = "G0001";
const ZHANG: &str = "13800000001";

fn request<'a>(who: &'a Person, key: &'a str, body: &'a str) -> Request<'a> {
    Request {
        who: Who::Person(who),
        key,
        action: "new-password",
        body: body.as_bytes(),
    }
}

/// Makes a password of a number of its own, as the owner's form does, and answers the number.
async fn make(b: &Backend, w: &World, who: &Person) -> Result<ServiceNumb, Refusal> {
    let number = backend::guard::service_numb(b, who)?;
    let new = passwords::NewPassword {
        password: passwords::generate(b)?,
        service_numb: number.clone(),
        ..w.new_password("x", "1234")
    };
    passwords::add(b, who, &id(GUARD), new).await?;
    Ok(number)
}

async fn made_once(b: &Backend, w: &World, who: &Person, key: &str, body: &str) -> Result<ServiceNumb, Refusal> {
    once::run(b, request(who, key, body), make(b, w, who)).await
}

async fn made(b: &Backend, who: &Person) -> usize {
    let listed = passwords::list(b, who, &who.phone, &id(GUARD)).await.unwrap();
    listed.passwords.len()
}

async fn zhang(w: &World) -> Person {
    let who = w.owner(ZHANG).await;
    w.guard_of(&who, GUARD).await;
    who
}

async fn kept(w: &World) -> i64 {
    w.sql("SELECT count(*) FROM idempotency_keys").await[0].get(0)
}

both! {
    async fn the_same_request_is_done_once_at_every_node_and_after_a_restart(w: &World) {
        let who = zhang(w).await;
        let other = w.another_node().await;
        let first = made_once(&w.b, w, &who, "k", "hour").await.unwrap();
        assert_eq!(made_once(&w.b, w, &who, "k", "hour").await.unwrap(), first);
        assert_eq!(made_once(&other, w, &who, "k", "hour").await.unwrap(), first);
        other.close().await;
        let again = w.open_again().await.unwrap();
        assert_eq!(made_once(&again, w, &who, "k", "hour").await.unwrap(), first);
        again.close().await;
        assert_eq!(made(&w.b, &who).await, 1);
        assert_ne!(made_once(&w.b, w, &who, "l", "hour").await.unwrap(), first, "another key is another request");
    }

    async fn the_same_key_with_another_request_is_rejected(w: &World) {
        let who = zhang(w).await;
        let first = made_once(&w.b, w, &who, "k", "hour").await.unwrap();
        assert_eq!(made_once(&w.b, w, &who, "k", "month").await, Err(Refusal::KeyReused));
        let elsewhere = Request { action: "new-card", ..request(&who, "k", "hour") };
        assert_eq!(once::run(&w.b, elsewhere, make(&w.b, w, &who)).await, Err(Refusal::KeyReused));
        // What belongs to the action is not taken for the beginning of the body.
        let shifted = Request { action: "new-passwordh", ..request(&who, "k", "our") };
        assert_eq!(once::run(&w.b, shifted, make(&w.b, w, &who)).await, Err(Refusal::KeyReused));
        assert_eq!(made(&w.b, &who).await, 1);
        assert_eq!(made_once(&w.b, w, &who, "k", "hour").await.unwrap(), first);
    }

    async fn a_key_is_worth_nothing_to_anybody_else(w: &World) {
        let who = zhang(w).await;
        made_once(&w.b, w, &who, "k", "hour").await.unwrap();
        let li = w.owner("13800000002").await;
        assert_eq!(made_once(&w.b, w, &li, "k", "hour").await, Err(Refusal::NotYours));
        let answer = async |who: Who<'_>, text: &str| {
            let request = Request { who, key: "k", action: "a", body: b"" };
            once::run::<_, Refusal>(&w.b, request, async { Ok(text.to_owned()) }).await
        };
        let phone = Phone("01099990000".to_owned());
        for (number, who) in [Who::Kiosk(Yid(1)), Who::Kiosk(Yid(2)), Who::Phone(&phone), Who::Secret("1"), Who::Secret("2")].into_iter().enumerate() {
            assert_eq!(answer(who, &number.to_string()).await.unwrap(), number.to_string(), "{who:?}");
            assert_eq!(answer(who, "again").await.unwrap(), number.to_string(), "{who:?}");
        }
    }

    async fn what_was_done_stands_only_with_its_result(w: &World) {
        let who = zhang(w).await;
        let other = w.another_node().await;
        let done = Notify::new();
        {
            // The process ends between what it did and the answer.
            let work = async {
                make(&w.b, w, &who).await?;
                done.notify_one();
                std::future::pending::<Result<ServiceNumb, Refusal>>().await
            };
            let running = once::run(&w.b, request(&who, "k", "hour"), work);
            let looked = async {
                done.notified().await;
                (made(&other, &who).await, kept(w).await)
            };
            tokio::select! {
                _ = running => panic!("it does not end"),
                seen = looked => assert_eq!(seen, (0, 0), "nobody sees what is not committed"),
            }
        }
        assert_eq!(made(&w.b, &who).await, 0);
        let first = made_once(&other, w, &who, "k", "hour").await.unwrap();
        assert_eq!(made_once(&w.b, w, &who, "k", "hour").await.unwrap(), first);
        assert_eq!((made(&w.b, &who).await, kept(w).await), (1, 1));
        other.close().await;
    }

    async fn of_requests_at_once_one_is_done(w: &World) {
        let who = zhang(w).await;
        let other = w.another_node().await;
        for round in 0..5 {
            let key = format!("k{round}");
            let tap = |b: &Backend| {
                let (b, key, who) = (b.clone(), key.clone(), who.clone());
                async move { made_once(&b, w, &who, &key, "hour").await }
            };
            let (one, two, three, four) = tokio::join!(tap(&w.b), tap(&other), tap(&w.b), tap(&other));
            let first = one.unwrap();
            assert!([two, three, four].iter().all(|answer| *answer == Ok(first.clone())));
            assert_eq!(made(&w.b, &who).await, round + 1);
        }
        // With another body at once, one of them is told so.
        let (one, two) = tokio::join!(
            made_once(&w.b, w, &who, "k", "hour"),
            made_once(&other, w, &who, "k", "month")
        );
        assert!(matches!((&one, &two), (Ok(_), Err(Refusal::KeyReused)) | (Err(Refusal::KeyReused), Ok(_))), "{one:?} {two:?}");
        other.close().await;
    }

    async fn a_result_is_kept_for_a_day(w: &World) {
        let who = zhang(w).await;
        let first = made_once(&w.b, w, &who, "k", "hour").await.unwrap();
        w.pass(KEPT_MS - 1);
        w.b.sweep().await.unwrap();
        assert_eq!(made_once(&w.b, w, &who, "k", "hour").await.unwrap(), first);
        w.pass(1);
        let second = made_once(&w.b, w, &who, "k", "hour").await.unwrap();
        assert_ne!(second, first);
        assert_eq!(made_once(&w.b, w, &who, "k", "hour").await.unwrap(), second);
        w.pass(DAY);
        w.b.sweep().await.unwrap();
        assert_eq!(kept(w).await, 0);
    }

    async fn of_one_person_only_the_newest_results_are_kept(w: &World) {
        let (who, other) = (w.owner(ZHANG).await, w.owner("13800000002").await);
        let answer = async |who: &Person, key: u32, text: &str| {
            let key = key.to_string();
            let request = Request { who: Who::Person(who), key: &key, action: "a", body: b"" };
            once::run::<_, Refusal>(&w.b, request, async { Ok(text.to_owned()) }).await.unwrap()
        };
        answer(&other, 1, "first").await;
        for key in 0..KEPT_OF_ONE + 5 {
            w.pass(1);
            answer(&who, key, "first").await;
        }
        assert_eq!(kept(w).await, i64::from(KEPT_OF_ONE) + 1);
        assert_eq!(answer(&who, KEPT_OF_ONE + 4, "second").await, "first");
        assert_eq!(answer(&who, 5, "second").await, "first");
        assert_eq!(answer(&who, 4, "second").await, "second");
        assert_eq!(answer(&other, 1, "second").await, "first");
    }

    async fn a_refused_request_keeps_nothing_but_what_it_counted(w: &World) {
        let who = zhang(w).await;
        let refused = async {
            limits::count(&w.b, "tries", 1, DAY).await?;
            businesses::add(&w.b, &Actor::Cli, "한빛전기").await?;
            Err::<ServiceNumb, _>(Refusal::field("digits", Problem::Form))
        };
        let answer = once::run(&w.b, request(&who, "k", "hour"), refused).await;
        assert_eq!(answer, Err(Refusal::field("digits", Problem::Form)));
        assert_eq!(kept(w).await, 0);
        assert!(limits::count(&w.b, "tries", 1, DAY).await.is_err(), "the first try was counted");
        assert_eq!(w.sql("SELECT name FROM businesses").await.len(), 1, "what it had committed stands");
        made_once(&w.b, w, &who, "k", "another body").await.unwrap();
    }

    async fn several_use_cases_are_one_transaction(w: &World) {
        let who = zhang(w).await;
        let operator = Actor::Person(w.operator().await);
        let work = async {
            // A single statement, a transaction, one that is rolled back, one that is dropped, and reading in between.
            businesses::add(&w.b, &operator, "한빛전기").await?;
            make(&w.b, w, &who).await?;
            let again = passwords::list(&w.b, &who, &who.phone, &id(GUARD)).await?;
            let number = again.passwords[0].service_numb.clone();
            let taken = passwords::NewPassword { service_numb: number, ..w.new_password("x", "975310") };
            let refused = passwords::add(&w.b, &who, &id(GUARD), taken).await;
            assert_eq!(refused.err(), Some(Refusal::field("serviceNumb", Problem::Taken)));
            let person = NewPerson {
                phone: ZHANG.to_owned(),
                name: "새 사람".to_owned(),
                role: Role::Staff,
                business: None,
                password: "correct horse battery".to_owned(),
            };
            let refused = people::add(&w.b, &operator, person).await;
            assert_eq!(refused.err(), Some(Refusal::field("phone", Problem::Taken)));
            make(&w.b, w, &who).await?;
            Ok::<_, Refusal>(made(&w.b, &who).await)
        };
        assert_eq!(once::run(&w.b, request(&who, "k", ""), work).await, Ok(2));
        assert_eq!(made(&w.b, &who).await, 2);
        assert_eq!(w.sql("SELECT name FROM businesses").await.len(), 1);
        assert_eq!(w.sql("SELECT phone FROM people WHERE role = 'staff'").await.len(), 0);
        // Afterwards the connections are as good as before.
        for round in 0..20 {
            made_once(&w.b, w, &who, &format!("after {round}"), "").await.unwrap();
        }
        assert_eq!(made(&w.b, &who).await, 22);
    }

    async fn nobody_is_told_before_it_is_committed(w: &World) {
        let who = zhang(w).await;
        let mut live = w.b.hub().subscribe(&who.phone);
        while timeout(Duration::from_millis(300), live.next()).await.is_ok() {}
        let told = AtomicU32::new(0);
        let work = async {
            let number = make(&w.b, w, &who).await?;
            if timeout(Duration::from_millis(300), live.next()).await.is_ok() {
                told.fetch_add(1, Ordering::SeqCst);
            }
            Ok::<_, Refusal>(number)
        };
        once::run(&w.b, request(&who, "k", "hour"), work).await.unwrap();
        assert_eq!(told.load(Ordering::SeqCst), 0);
        assert!(timeout(Duration::from_secs(5), live.next()).await.is_ok(), "then they are told");
    }

    async fn a_guard_is_added_and_a_deposit_completed_once(w: &World) {
        let who = w.owner(ZHANG).await;
        w.device(GUARD, "123456").await;
        let add = async || {
            let about = crate::guard_rig::about("大门");
            let add = async { guards::add(&w.b, &who, &id(GUARD), &crate::guard_rig::code("123456"), &about).await.map(|guard| guard.id) };
            once::run(&w.b, request(&who, "add", ""), add).await
        };
        assert_eq!(add().await.unwrap(), id(GUARD));
        assert_eq!(add().await.unwrap(), id(GUARD));
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let token = kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, 1), "48213")));
        let scan = async || {
            let scan = async { scans::read_code(&w.b, &staff, &token).await.map(|scanned| scanned.token_id) };
            once::run(&w.b, request(&staff, "scan", &token), scan).await
        };
        let first = scan().await.unwrap();
        assert_eq!(scan().await.unwrap(), first);
        assert_eq!(scans::read_code(&w.b, &staff, &token).await.err(), Some(Refusal::CodeUsed));
        let complete = async || {
            let complete = async { deposits::complete_scanned(&w.b, &staff, &order, &first).await };
            once::run(&w.b, request(&staff, "deposit", &first), complete).await
        };
        let (one, two) = tokio::join!(complete(), complete());
        assert_eq!(one.unwrap(), two.unwrap());
        complete().await.unwrap();
    }

    async fn a_device_that_lost_the_answer_enrols_with_the_same_code(w: &World) {
        w.kiosk(1234, 1).await;
        let EnrolmentCode { code, .. } = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap();
        let enrol = async |key: &str| {
            let request = Request { who: Who::Secret(&code), key, action: "enrol", body: code.as_bytes() };
            let enrol = async { kiosks::enrol(&w.b, &code, "10.0.0.9").await.map(|enrolled| enrolled.secret) };
            timeout(Duration::from_secs(20), once::run(&w.b, request, enrol)).await.unwrap()
        };
        let (one, two) = tokio::join!(enrol("k"), enrol("k"));
        assert_eq!(one.unwrap(), two.clone().unwrap());
        assert_eq!(enrol("k").await, two);
        assert_eq!(enrol("l").await, Err(Refusal::EnrolmentCode));
        assert_eq!(kiosks::enrol(&w.b, &code, "10.0.0.9").await.err(), Some(Refusal::EnrolmentCode));
        let wrong: i64 = w.sql("SELECT tries FROM limits WHERE what = 'enrol'").await[0].get(0);
        assert!((2..=3).contains(&wrong), "wrong codes are counted, and so may be the one that came second: {wrong}");
    }

    async fn a_request_that_is_dropped_does_not_keep_others_waiting(w: &World) {
        let who = zhang(w).await;
        for _ in 0..3 {
            let reached = Arc::new(Notify::new());
            let work = async {
                make(&w.b, w, &who).await?;
                reached.notify_one();
                sleep(Duration::from_secs(60)).await;
                Err::<ServiceNumb, _>(Refusal::Internal)
            };
            tokio::select! {
                _ = once::run(&w.b, request(&who, "k", "hour"), work) => panic!("it sleeps"),
                () = reached.notified() => {}
            }
            timeout(Duration::from_secs(3), make(&w.b, w, &who)).await.unwrap().unwrap();
        }
        assert_eq!(made(&w.b, &who).await, 3);
    }
}
