//! What kiosks without network are told not to open for any more.

use crate::both;
use crate::harness::{DAY, MINUTE, World, port};
use backend::Actor;
use backend::locker::codes::{self, CodeRequest};
use backend::locker::vouchers::{self, VoucherRequest};
use backend::people::PersonTexts;
use backend::{people, revoked, sessions};
use domain::error::Refusal;
use domain::ids::{ThingsSq, Yid};
use domain::people::{Person, Role};
use domain::token::revoked::{Learnt, Subject};
use domain::token::{self, Revocations, TokenKey};

async fn session(w: &World, id: &str, phone: &str) {
    let ends = w.now().0 + DAY;
    w.sql(&format!(
        "INSERT INTO sessions (id, phone, data, expires) VALUES ('{id}', '{phone}', '{{}}', {ends})"
    ))
    .await;
}

/// The list in a clock code that a member of staff asks for now.
async fn told(w: &World, key: &TokenKey, staff: &Person) -> Option<Revocations> {
    let code = codes::make(&w.b, staff, CodeRequest::SyncDate { yid: Yid(1234) })
        .await
        .unwrap();
    token::open(key, &code).unwrap().revoked
}

both! {
    async fn while_nothing_is_revoked_codes_are_as_they_were(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 1).await;
        assert_eq!(told(w, &kiosk.key, &staff).await, None);
        let list = revoked::list(&w.b, &staff).await.unwrap();
        assert_eq!((list.count(), list.complete), (0, true));
    }

    async fn a_person_who_left_is_on_the_list_of_every_code_until_they_are_back(w: &World) {
        let (operator, staff) = (w.operator().await, w.staff("01000000002").await);
        let leaver = w.staff("01000000003").await;
        let kiosk = w.kiosk(1234, 1).await;
        people::set_active(&w.b, &Actor::Person(operator.clone()), &leaver.phone, false).await.unwrap();
        let list = told(w, &kiosk.key, &staff).await.unwrap();
        assert_eq!((list.at, list.complete), (w.now(), true));
        assert!(list.holds(Subject::Person(&leaver.phone)) && !list.holds(Subject::Person(&staff.phone)));
        let pass = codes::make(&w.b, &staff, CodeRequest::StaffPass { yid: Yid(1234) }).await.unwrap();
        assert!(token::open(&kiosk.key, &pass).unwrap().revoked.unwrap().holds(Subject::Person(&leaver.phone)));
        people::set_active(&w.b, &Actor::Person(operator), &leaver.phone, true).await.unwrap();
        let list = revoked::list(&w.b, &staff).await.unwrap();
        assert!(!list.holds(Subject::Person(&leaver.phone)));
    }

    async fn a_sign_in_that_was_ended_elsewhere_is_on_it_and_others_are_not(w: &World) {
        let staff = w.staff("01000000002").await;
        let own = w.business_user("01000000004", "한빛전기").await;
        let kiosk = w.kiosk(1234, 1).await;
        for id in ["lost", "kept"] {
            session(w, id, "01000000004").await;
        }
        sessions::end(&w.b, &own, "lost").await.unwrap();
        let list = told(w, &kiosk.key, &staff).await.unwrap();
        assert!(list.holds(Subject::SignIn("lost")) && !list.holds(Subject::SignIn("kept")));
        sessions::delete_for(&w.b, &own.phone).await.unwrap();
        let list = told(w, &kiosk.key, &staff).await.unwrap();
        assert!(list.holds(Subject::SignIn("kept")) && !list.holds(Subject::Person(&own.phone)));
        assert_eq!(sessions::end(&w.b, &own, "lost").await, Err(Refusal::Unknown));
    }

    async fn a_voucher_is_withdrawn_by_its_business_also_when_it_was_passed_on(w: &World) {
        let staff = w.staff("01000000002").await;
        let own = w.business_user("01000000004", "한빛전기").await;
        let other = w.business_user("01000000005", "대성전력").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 1).await;
        kiosk.deposit(&staff, &order, port(1, 3), "48213").await;
        let wish = VoucherRequest { orders: vec![order.clone()], until: None, sign_in: None };
        let made = vouchers::make(&w.b, &own, wish).await.unwrap();
        let caveat = token::Caveat { name: Some("Kim".to_owned()), ..token::Caveat::default() };
        let narrowed = token::narrow(&made.token, &caveat).unwrap();
        assert_eq!(vouchers::withdraw(&w.b, &other, &narrowed).await, Err(Refusal::NotYours));
        let take = codes::take_code(&w.b, &own, &order).await.unwrap().token;
        assert_eq!(vouchers::withdraw(&w.b, &own, &take).await, Err(Refusal::CodeKind));
        vouchers::withdraw(&w.b, &own, &narrowed).await.unwrap();
        let id = token::open(&kiosk.key, &made.token).unwrap().token_id;
        assert!(told(w, &kiosk.key, &staff).await.unwrap().holds(Subject::Code(&id)));
    }

    async fn moving_a_person_to_another_business_revokes_the_vouchers_they_made_and_none_after_it(w: &World) {
        let (operator, staff) = (w.operator().await, w.staff("01000000002").await);
        let own = w.business_user("01000000004", "한빛전기").await;
        let colleague = w.person("01000000007", Role::Business, Some("한빛전기")).await;
        w.business("대성전력").await;
        let (old, new) = (w.ready_order("1001", "한빛전기").await, w.ready_order("2001", "대성전력").await);
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit(&staff, &old, port(1, 3), "48213").await;
        kiosk.deposit(&staff, &new, port(2, 1), "48214").await;
        let make = async |who: &Person, order: &ThingsSq| {
            let wish = VoucherRequest { orders: vec![order.clone()], until: None, sign_in: Some("session".to_owned()) };
            let made = vouchers::make(&w.b, who, wish).await.unwrap();
            token::open(&kiosk.key, &made.token).unwrap().token_id
        };
        let (first, theirs) = (make(&own, &old).await, make(&colleague, &old).await);
        let correct = async |name: &str, business: &str| {
            let was = PersonTexts::from(&w.known("01000000004").await);
            let to = PersonTexts { name: name.to_owned(), business: Some(business.to_owned()) };
            people::correct(&w.b, &Actor::Person(operator.clone()), &own.phone, &was, &to).await.unwrap()
        };
        correct("새 이름", "한빛전기").await;
        assert_eq!(told(w, &kiosk.key, &staff).await, None, "a new name revokes nothing");
        let (moved, _) = correct("새 이름", "대성전력").await;
        let after = make(&moved, &new).await;
        let list = told(w, &kiosk.key, &staff).await.unwrap();
        assert!(list.holds(Subject::Code(&first)));
        assert!(!list.holds(Subject::Code(&theirs)) && !list.holds(Subject::Code(&after)));
        assert!(!list.holds(Subject::Person(&own.phone)) && !list.holds(Subject::SignIn("session")));
        // The kiosk decides by the same list.
        let mut learnt = Learnt::default();
        learnt.learn(&list, w.now());
        assert!(learnt.revokes(Subject::Code(&first), w.now().plus(-MINUTE)));
        w.pass(3 * DAY);
        w.b.sweep().await.unwrap();
        assert!(w.sql("SELECT id FROM vouchers_made").await.is_empty());
    }

    async fn nothing_stays_on_it_longer_than_what_was_made_before(w: &World) {
        let staff = w.staff("01000000002").await;
        let own = w.business_user("01000000004", "한빛전기").await;
        w.kiosk(1234, 1).await;
        session(w, "one", "01000000004").await;
        sessions::end(&w.b, &own, "one").await.unwrap();
        w.pass(3 * DAY + MINUTE);
        assert_eq!(revoked::list(&w.b, &staff).await.unwrap().count(), 0);
        session(w, "two", "01000000004").await;
        sessions::end(&w.b, &own, "two").await.unwrap();
        assert_eq!(w.sql("SELECT id FROM revocations").await.len(), 1, "old rows go");
    }

    async fn a_list_that_is_too_long_for_one_code_rides_whole_in_a_pass_that_moves(w: &World) {
        let staff = w.staff("01000000002").await;
        let own = w.business_user("01000000004", "한빛전기").await;
        let kiosk = w.kiosk(1234, 1).await;
        let pass = codes::pass(&w.b, &staff, Yid(1234)).await.unwrap();
        assert_eq!(pass.whole, None, "nothing is revoked");
        for id in 0..50 {
            session(w, &format!("session {id}"), own.phone.as_str()).await;
        }
        sessions::delete_for(&w.b, &own.phone).await.unwrap();
        let pass = codes::pass(&w.b, &staff, Yid(1234)).await.unwrap();
        assert_eq!(pass.whole, None, "all of it is in the plain code");
        for id in 50..350 {
            session(w, &format!("session {id}"), own.phone.as_str()).await;
        }
        sessions::delete_for(&w.b, &own.phone).await.unwrap();
        let pass = codes::pass(&w.b, &staff, Yid(1234)).await.unwrap();
        let list = |token: &str| token::open(&kiosk.key, token).unwrap().revoked.unwrap();
        let (plain, whole) = (list(&pass.token), list(&pass.whole.unwrap()));
        assert!(!plain.complete && plain.count() < 200, "{}", plain.count());
        assert_eq!((whole.complete, whole.count()), (true, 350));
        assert!((0..350).all(|id| whole.holds(Subject::SignIn(&format!("session {id}")))));
        assert!(!whole.holds(Subject::Person(&staff.phone)));
    }

    async fn people_who_show_no_codes_to_kiosks_are_not_named_there(w: &World) {
        let (operator, staff) = (w.operator().await, w.staff("01000000002").await);
        let owner = w.owner("01000000006").await;
        let kiosk = w.kiosk(1234, 1).await;
        session(w, "owner", "01000000006").await;
        sessions::delete_for(&w.b, &owner.phone).await.unwrap();
        people::set_active(&w.b, &Actor::Person(operator), &owner.phone, false).await.unwrap();
        assert_eq!(told(w, &kiosk.key, &staff).await, None);
    }

    async fn staff_and_operators_see_the_list(w: &World) {
        let operator = w.operator().await;
        let own = w.business_user("01000000004", "한빛전기").await;
        let owner = w.owner("01000000006").await;
        assert!(revoked::list(&w.b, &operator).await.is_ok());
        for who in [&own, &owner] {
            assert_eq!(revoked::list(&w.b, who).await, Err(Refusal::NotYours));
        }
    }
}
