//! Notifications, against a push service of the test's own.

use crate::both;
use crate::harness::{DAY, MINUTE, PASSWORD, TestKiosk, World, port};
use crate::push_service::{Browser, PushService};
use backend::locker::{deposits, kiosks, overdue, sync};
use backend::push::{self, Delivered, PushSettings};
use backend::sessions::{self, PERSON_KEY, SessionStore};
use backend::{Actor, Backend, people};
use domain::error::{Problem, Refusal};
use domain::ids::ThingsSq;
use domain::people::Person;
use time::OffsetDateTime;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

const CONTACT: &str = "mailto:ops@example.com";

/// A node that sends notifications, also to this machine.
async fn node(w: &World) -> Backend {
    let settings = PushSettings {
        contact: CONTACT.to_owned(),
        loopback: true,
    };
    let b = w.node_with(|config| config.push = Some(settings)).await;
    push::prepare(&b).await.unwrap();
    b
}

const NOTHING: Delivered = Delivered {
    sent: 0,
    failed: 0,
    dropped: 0,
};
const TAKEN: Delivered = Delivered { sent: 1, ..NOTHING };
const FAILED: Delivered = Delivered { failed: 1, ..NOTHING };
const DROPPED: Delivered = Delivered { dropped: 1, ..NOTHING };

async fn due(b: &Backend) -> Delivered {
    push::deliver_due(b).await.unwrap()
}

/// A kiosk, a member of staff, and a user of a business whose browser wants notifications.
struct Scene<'w> {
    w: &'w World,
    b: Backend,
    kiosk: TestKiosk<'w>,
    staff: Person,
    own: Person,
    service: PushService,
    browser: Browser,
}

impl<'w> Scene<'w> {
    async fn new(w: &'w World) -> Self {
        let (staff, own) = (
            w.staff("01000000002").await,
            w.business_user("01000000004", "한빛전기").await,
        );
        let (kiosk, service) = (w.kiosk(1234, 2).await, PushService::start());
        let browser = service.browser();
        let b = node(w).await;
        push::keep(&b, &own, "session", &browser.subscription()).await.unwrap();
        Self {
            w,
            b,
            kiosk,
            staff,
            own,
            service,
            browser,
        }
    }

    /// A meter of the business is stored, on the node that sends notifications.
    async fn store(&self, things_sq: &str, at: i64) -> ThingsSq {
        let order = self.w.ready_order(things_sq, "한빛전기").await;
        let (_, token_id) = self.kiosk.deposit_scanned(&self.staff, port(1, at), "48213").await;
        deposits::complete_scanned(&self.b, &self.staff, &order, &token_id)
            .await
            .unwrap();
        self.kiosk.name_order(port(1, at), &order);
        order
    }

    async fn rows(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for (count, table) in counts
            .iter_mut()
            .zip(["push_subscriptions", "push_events", "push_sends"])
        {
            *count = self.w.sql(&format!("SELECT 1 FROM {table}")).await.len();
        }
        counts
    }

    async fn end(self) {
        self.b.close().await;
    }
}

both! {
    async fn a_meter_that_was_stored_is_told_to_its_business_in_a_form_only_the_browser_reads(w: &World) {
        let scene = Scene::new(w).await;
        let stranger = w.business_user("01000000005", "대성전력").await;
        let theirs = scene.service.browser();
        push::keep(&scene.b, &stranger, "other", &theirs.subscription()).await.unwrap();
        scene.store("1001", 3).await;
        assert_eq!(due(&scene.b).await, NOTHING, "it may be taken back for a moment");
        w.pass(15_000);
        assert_eq!(due(&scene.b).await, TAKEN);
        let [posted] = &scene.service.posted()[..] else { panic!("one message") };
        assert_eq!(posted.path, scene.browser.path);
        let text = scene.browser.read(&posted.body).unwrap();
        assert_eq!(text, r#"{"kind":"meter-waits","path":"/business/orders/1001"}"#);
        assert!(theirs.read(&posted.body).is_none(), "another browser reads nothing");
        let words = String::from_utf8_lossy(&posted.body);
        assert!(!words.contains("1001") && !words.contains("meter"));
        for (name, value) in [("ttl", "86385"), ("content-encoding", "aes128gcm"), ("urgency", "normal")] {
            assert_eq!(posted.header(name), Some(value), "{name}");
        }
        assert_eq!(posted.header("topic").unwrap().len(), 32);
        let claims = posted.claims(&push::public_key(&scene.b).unwrap());
        assert_eq!((claims["aud"].as_str(), claims["sub"].as_str()), (Some(&*scene.service.origin), Some(CONTACT)));
        let ends = claims["exp"].as_i64().unwrap() * 1_000;
        assert!(ends > w.now().0 && ends <= w.now().0 + DAY);
        assert_eq!(due(&scene.b).await, NOTHING, "once");
        assert_eq!(scene.rows().await, [2, 0, 0]);
        scene.end().await;
    }

    async fn a_deposit_that_is_taken_back_at_once_is_not_told(w: &World) {
        let scene = Scene::new(w).await;
        let order = scene.store("1001", 3).await;
        assert_eq!(scene.rows().await, [1, 1, 0]);
        deposits::undo(&scene.b, &scene.staff, &order).await.unwrap();
        w.pass(MINUTE);
        assert_eq!(due(&scene.b).await, NOTHING);
        assert!(scene.service.posted().is_empty());
        scene.end().await;
    }

    async fn several_at_once_are_one_notification_that_leads_to_all_of_them(w: &World) {
        let scene = Scene::new(w).await;
        for (order, at) in [("1001", 1), ("1002", 2), ("1003", 3)] {
            scene.store(order, at).await;
        }
        w.pass(15_000);
        assert_eq!(due(&scene.b).await, TAKEN);
        let text = scene.browser.read(&scene.service.posted()[0].body).unwrap();
        assert_eq!(text, r#"{"kind":"meter-waits","path":"/business/orders"}"#);
        scene.end().await;
    }

    async fn a_meter_that_was_taken_out_is_told(w: &World) {
        let scene = Scene::new(w).await;
        scene.store("1001", 3).await;
        w.pass(MINUTE);
        assert_eq!(due(&scene.b).await, TAKEN);
        scene.kiosk.take_out(port(1, 3));
        sync::apply_kiosk(&scene.b, scene.kiosk.yid, None, &scene.kiosk.rows()).await.unwrap();
        assert_eq!(due(&scene.b).await, TAKEN);
        let text = scene.browser.read(&scene.service.posted()[1].body).unwrap();
        assert_eq!(text, r#"{"kind":"code-used","path":"/business/orders/1001"}"#);
        scene.end().await;
    }

    async fn what_becomes_overdue_is_told_once_to_the_business_and_to_staff(w: &World) {
        let scene = Scene::new(w).await;
        let theirs = scene.service.browser();
        push::keep(&scene.b, &scene.staff, "staff", &theirs.subscription()).await.unwrap();
        scene.store("1001", 3).await;
        w.pass(MINUTE);
        assert_eq!(due(&scene.b).await, TAKEN);
        overdue::tell(&scene.b).await.unwrap();
        let days = i64::from(kiosks::settings(&scene.b, &scene.staff, scene.kiosk.yid).await.unwrap().overdue_days);
        w.pass(days * DAY - 2 * MINUTE);
        overdue::tell(&scene.b).await.unwrap();
        assert_eq!(due(&scene.b).await, NOTHING);
        w.pass(2 * MINUTE);
        let other = node(w).await;
        let (one, two) = tokio::join!(overdue::tell(&scene.b), overdue::tell(&other));
        one.unwrap();
        two.unwrap();
        overdue::tell(&scene.b).await.unwrap();
        assert_eq!(due(&scene.b).await, Delivered { sent: 2, ..NOTHING });
        let posted = scene.service.posted();
        let told = |browser: &Browser| posted[1..].iter().find_map(|one| browser.read(&one.body)).unwrap();
        assert_eq!(told(&scene.browser), r#"{"kind":"overdue","path":"/business/orders/1001"}"#);
        assert_eq!(told(&theirs), r#"{"kind":"overdue","path":"/staff/kiosks"}"#);
        w.pass(DAY);
        overdue::tell(&scene.b).await.unwrap();
        assert_eq!(due(&scene.b).await, NOTHING);
        other.close().await;
        scene.end().await;
    }

    async fn a_browser_its_service_no_longer_knows_is_forgotten(w: &World) {
        let scene = Scene::new(w).await;
        for (order, at, status) in [("1001", 1, 404), ("1002", 2, 410)] {
            push::keep(&scene.b, &scene.own, "session", &scene.browser.subscription()).await.unwrap();
            scene.store(order, at).await;
            w.pass(MINUTE);
            scene.service.answer(status, &[]);
            assert_eq!(due(&scene.b).await, DROPPED, "{status}");
            assert_eq!(scene.rows().await, [0, 0, 0], "{status}");
        }
        scene.end().await;
    }

    async fn what_is_not_taken_is_offered_again_with_longer_pauses_and_in_the_end_dropped(w: &World) {
        let scene = Scene::new(w).await;
        scene.store("1001", 3).await;
        w.pass(15_000);
        scene.service.answer(503, &[]);
        for pause in [5_000, 10_000, 20_000] {
            assert_eq!(due(&scene.b).await, FAILED);
            w.pass(pause - 1);
            assert_eq!(due(&scene.b).await, NOTHING);
            w.pass(1);
        }
        // It says itself when it wants to be asked again.
        scene.service.answer(429, &[("Retry-After", "1200")]);
        assert_eq!(due(&scene.b).await, FAILED);
        w.pass(1_200_000 - 1);
        assert_eq!(due(&scene.b).await, NOTHING);
        w.pass(1);
        scene.service.stop();
        assert_eq!(due(&scene.b).await, FAILED, "not reached at all");
        w.pass(DAY);
        assert_eq!(due(&scene.b).await, DROPPED);
        assert_eq!(scene.rows().await, [1, 0, 0]);
        scene.end().await;
    }

    async fn a_service_that_refuses_or_redirects_is_not_asked_again(w: &World) {
        let scene = Scene::new(w).await;
        let elsewhere = PushService::start();
        for (order, at, status) in [("1001", 1, 400), ("1002", 2, 307)] {
            scene.store(order, at).await;
            w.pass(MINUTE);
            scene.service.answer(status, &[("Location", &format!("{}/elsewhere", elsewhere.origin))]);
            assert_eq!(due(&scene.b).await, DROPPED, "{status}");
            assert_eq!(scene.rows().await, [1, 0, 0], "{status}");
        }
        assert!(elsewhere.posted().is_empty());
        scene.end().await;
    }

    async fn of_two_nodes_one_sends_a_notification(w: &World) {
        let scene = Scene::new(w).await;
        let other = node(w).await;
        assert_eq!(push::public_key(&other), push::public_key(&scene.b), "nodes share a key");
        scene.store("1001", 3).await;
        w.pass(MINUTE);
        let (one, two) = tokio::join!(due(&scene.b), due(&other));
        assert_eq!(one.sent + two.sent, 1);
        assert_eq!(scene.service.posted().len(), 1);
        other.close().await;
        scene.end().await;
    }

    async fn they_end_with_the_session_that_turned_them_on(w: &World) {
        let scene = Scene::new(w).await;
        let store = SessionStore::new(&scene.b);
        let record = |phone: &str| Record {
            id: Id::default(),
            data: [(PERSON_KEY.to_owned(), phone.into())].into(),
            expiry_date: OffsetDateTime::from_unix_timestamp(w.now().0 / 1_000 + 3_600).unwrap(),
        };
        let phone = scene.own.phone.as_str().to_owned();
        let (mut here, mut there) = (record(&phone), record(&phone));
        store.create(&mut here).await.unwrap();
        store.create(&mut there).await.unwrap();
        let others = [scene.service.browser(), scene.service.browser()];
        for (browser, session) in others.iter().zip([&here, &there]) {
            push::keep(&scene.b, &scene.own, &sessions::handle(&session.id), &browser.subscription()).await.unwrap();
        }
        assert_eq!(push::count(&scene.b, &scene.own).await, Ok(3));
        store.delete(&here.id).await.unwrap();
        assert_eq!(push::count(&scene.b, &scene.own).await, Ok(2), "signed out there");
        sessions::end(&scene.b, &scene.own, &sessions::handle(&there.id)).await.unwrap();
        assert_eq!(push::count(&scene.b, &scene.own).await, Ok(1), "ended from elsewhere");
        people::change_password(&scene.b, &scene.own, PASSWORD, "a new password").await.unwrap();
        assert_eq!(push::count(&scene.b, &scene.own).await, Ok(0), "a new password ends all");
        scene.end().await;
    }

    async fn a_person_who_may_no_longer_sign_in_is_told_nothing(w: &World) {
        let scene = Scene::new(w).await;
        scene.store("1001", 3).await;
        w.pass(MINUTE);
        people::set_active(&scene.b, &Actor::Cli, &scene.own.phone, false).await.unwrap();
        assert_eq!(due(&scene.b).await, NOTHING);
        assert_eq!(scene.rows().await, [0, 0, 0]);
        scene.end().await;
    }

    async fn a_browser_is_of_the_person_who_turned_them_on_last(w: &World) {
        let scene = Scene::new(w).await;
        let other = w.business_user("01000000005", "대성전력").await;
        push::keep(&scene.b, &other, "session of another", &scene.browser.subscription()).await.unwrap();
        assert_eq!(push::count(&scene.b, &scene.own).await, Ok(0));
        scene.store("1001", 3).await;
        w.pass(MINUTE);
        assert_eq!(due(&scene.b).await, NOTHING);
        push::end(&scene.b, &scene.own, &scene.browser.subscription().address).await.unwrap();
        assert_eq!(push::count(&scene.b, &other).await, Ok(1), "nobody ends another person's");
        push::end(&scene.b, &other, &scene.browser.subscription().address).await.unwrap();
        assert_eq!(push::count(&scene.b, &other).await, Ok(0));
        scene.end().await;
    }

    async fn a_browser_that_comes_back_stays_on_with_its_session_and_one_that_was_turned_off_does_not(w: &World) {
        let scene = Scene::new(w).await;
        let other = w.business_user("01000000005", "대성전력").await;
        let address = scene.browser.subscription().address;
        w.pass(29 * DAY);
        push::renew(&scene.b, &scene.own, "later", &address).await.unwrap();
        assert_eq!(push::renew(&scene.b, &other, "theirs", &address).await, Err(Refusal::Unknown));
        w.pass(29 * DAY);
        scene.b.sweep().await.unwrap();
        assert_eq!(push::count(&scene.b, &scene.own).await, Ok(1));
        w.sql("INSERT INTO sessions (id, phone, data, expires) VALUES ('later', '01000000004', '{}', 9000000000000)").await;
        sessions::end(&scene.b, &scene.own, "later").await.unwrap();
        assert_eq!(push::renew(&scene.b, &scene.own, "again", &address).await, Err(Refusal::Unknown));
        assert_eq!(push::count(&scene.b, &scene.own).await, Ok(0));
        scene.end().await;
    }

    async fn a_person_has_ten_browsers_and_one_that_stays_away_is_forgotten(w: &World) {
        let scene = Scene::new(w).await;
        for _ in 0..12 {
            w.pass(1_000);
            push::keep(&scene.b, &scene.own, "session", &scene.service.browser().subscription()).await.unwrap();
        }
        assert_eq!(push::count(&scene.b, &scene.own).await, Ok(10));
        w.pass(29 * DAY);
        let back = scene.service.browser();
        push::keep(&scene.b, &scene.own, "session", &back.subscription()).await.unwrap();
        w.pass(2 * DAY);
        scene.b.sweep().await.unwrap();
        assert_eq!(push::count(&scene.b, &scene.own).await, Ok(1));
        push::end_everywhere(&scene.b, &scene.own).await.unwrap();
        assert_eq!(scene.rows().await, [0, 0, 0]);
        scene.end().await;
    }

    async fn an_address_of_a_local_network_is_refused_and_so_is_a_key_that_is_none(w: &World) {
        let scene = Scene::new(w).await;
        let mut wrong = scene.browser.subscription();
        for address in ["https://10.0.0.1/x", "http://push.example/x", "https://localhost/x"] {
            wrong.address = address.to_owned().try_into().unwrap();
            let refused = push::keep(&scene.b, &scene.own, "session", &wrong).await;
            assert_eq!(refused, Err(Refusal::field("address", Problem::Form)), "{address}");
        }
        let mut wrong = scene.browser.subscription();
        wrong.key.0[64] ^= 1;
        let refused = push::keep(&scene.b, &scene.own, "session", &wrong).await;
        assert_eq!(refused, Err(Refusal::field("key", Problem::Form)));
        // Without the setting for tests this machine is refused like any private address, even if it was accepted before.
        let settings = PushSettings { contact: CONTACT.to_owned(), loopback: false };
        let strict = w.node_with(|config| config.push = Some(settings)).await;
        push::prepare(&strict).await.unwrap();
        let refused = push::keep(&strict, &scene.own, "session", &scene.browser.subscription()).await;
        assert_eq!(refused, Err(Refusal::field("address", Problem::Form)));
        scene.store("1001", 3).await;
        w.pass(MINUTE);
        assert_eq!(due(&strict).await, DROPPED);
        assert!(scene.service.posted().is_empty());
        strict.close().await;
        scene.end().await;
    }

    async fn without_the_setting_nothing_is_offered_noted_or_sent(w: &World) {
        let (staff, own) = (w.staff("01000000002").await, w.business_user("01000000004", "한빛전기").await);
        push::start(&w.b).await.unwrap();
        assert_eq!(push::public_key(&w.b), None);
        let browser = PushService::start().browser();
        assert_eq!(push::keep(&w.b, &own, "session", &browser.subscription()).await, Err(Refusal::Unknown));
        let order = w.ready_order("1001", "한빛전기").await;
        w.kiosk(1234, 1).await.deposit(&staff, &order, port(1, 3), "48213").await;
        assert!(w.sql("SELECT 1 FROM push_events").await.is_empty());
        assert!(w.sql("SELECT 1 FROM push_keys").await.is_empty());
        assert_eq!(due(&w.b).await, NOTHING);
    }

    async fn the_key_is_made_once_and_it_and_addresses_are_stored_under_seal(w: &World) {
        use sqlx::Row;
        let scene = Scene::new(w).await;
        let key = push::public_key(&scene.b);
        let again = node(w).await;
        assert_eq!(push::public_key(&again), key);
        again.close().await;
        let address = scene.browser.subscription().address;
        for sql in ["SELECT content FROM push_subscriptions", "SELECT private FROM push_keys"] {
            let sealed: String = w.sql(sql).await[0].get(0);
            assert!(!sealed.contains("http") && !sealed.contains(address.host()) && sealed.contains('.'), "{sql}");
        }
        w.sql("UPDATE push_subscriptions SET content = 'x'").await;
        scene.store("1001", 3).await;
        w.pass(MINUTE);
        assert_eq!(due(&scene.b).await, DROPPED, "one that cannot be read is forgotten");
        assert_eq!(scene.rows().await, [0, 0, 0]);
        scene.end().await;
    }
}
