//! One damaged row of the locker half never keeps others from being read.

use crate::both;
use crate::guard_damage::{damages, named};
use crate::harness::{MINUTE, World, port};
use crate::notify::{Recorder, codes};
use backend::guard::owners;
use backend::locker::{codes as kiosk_codes, deposits, events, history, kiosks, orders, scans, search, sync};
use backend::notify;
use domain::error::{Problem, Refusal};
use domain::ids::{ThingsSq, Yid};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::orders::{OrderFilter, OrderSearch, OrderStatus};
use domain::people::Person;
use domain::token::Payload;
use kiosk_codes::CodeRequest;
use std::sync::Arc;

const BUSINESS: &str = "한빛전기";

async fn people(w: &World) -> (Person, Person) {
    let staff = w.staff("01000000002").await;
    (staff, w.business_user("01000000004", BUSINESS).await)
}

both! {
    async fn a_damaged_kiosk_secret_ends_that_kiosks_codes_and_nothing_else(w: &World) {
        let (staff, business) = people(w).await;
        let order = w.ready_order("1001", BUSINESS).await;
        let kiosk = w.kiosk(1234, 1).await;
        kiosk.deposit(&staff, &order, port(1, 1), "48213").await;
        kiosk.deposit_scanned(&staff, port(1, 2), "11111").await;
        let sound = w.kiosk(1235, 1).await;
        for how in damages(w, "secret") {
            w.sql(&format!("UPDATE kiosks SET secret = {how} WHERE yid = 1234")).await;
            w.pass(MINUTE);
            let refused = scans::read_code(&w.b, &staff, &kiosk.data_code()).await;
            assert_eq!(refused.err(), Some(Refusal::KioskUnreadable), "{how}");
            let pass = CodeRequest::StaffPass { yid: kiosk.yid };
            assert_eq!(kiosk_codes::make(&w.b, &staff, pass).await, Err(Refusal::KioskUnreadable));
            let taken = kiosk_codes::take_code(&w.b, &business, &order).await;
            assert_eq!(taken.err(), Some(Refusal::KioskUnreadable));
            // Everything that needs no key is as it was.
            assert_eq!(kiosks::whereabouts(&w.b, &business, kiosk.yid).await.unwrap().name, "키오스크 1234");
            assert_eq!(scans::pending_deposit(&w.b, &staff).await.unwrap().unwrap().kiosk_name, "키오스크 1234");
            assert_eq!(kiosks::list(&w.b, &staff).await.unwrap().len(), 2);
            assert_eq!(kiosks::get(&w.b, &staff, kiosk.yid).await.unwrap().1.len(), 8);
            scans::read_code(&w.b, &staff, &sound.data_code()).await.unwrap();
        }
        assert_eq!(named(w).await, ["kiosks 1234 secret"]);
        // A device that enrols again has another one.
        let kiosk = w.replace(kiosk).await;
        scans::read_code(&w.b, &staff, &kiosk.data_code()).await.unwrap();
        kiosk_codes::take_code(&w.b, &business, &order).await.unwrap();
    }

    async fn a_legacy_kiosk_whose_secret_is_damaged_enrols_with_a_fresh_one(w: &World) {
        let new = kiosks::NewKiosk {
            yid: 1234, name: "x".to_owned(), address: String::new(), boards: 1, ports: 2, secret: Some("weak".to_owned()),
        };
        kiosks::add(&w.b, &backend::Actor::Cli, new).await.unwrap();
        let operator = w.operator().await;
        let enrol = async || {
            let code = kiosks::enrolment_code(&w.b, &backend::Actor::Cli, Yid(1234)).await.unwrap();
            let enrolled = kiosks::enrol(&w.b, &code.code, "10.0.0.9").await.unwrap();
            let (kiosk, _) = kiosks::get(&w.b, &operator, Yid(1234)).await.unwrap();
            (enrolled.secret, kiosk.legacy)
        };
        assert_eq!(enrol().await, ("weak".to_owned(), true));
        for how in damages(w, "secret") {
            w.sql(&format!("UPDATE kiosks SET secret = {how}, legacy = 1")).await;
            let (secret, legacy) = enrol().await;
            assert!(secret.len() == 43 && !legacy, "{how}");
        }
        let rows = backend::damage::rows(&w.b, &operator).unwrap();
        assert_eq!(rows, ["kiosks 1234 secret"]);
    }

    async fn a_damaged_compartment_password_is_left_out_and_mended_by_the_kiosk(w: &World) {
        let (staff, business) = people(w).await;
        let (one, two) = (w.ready_order("1001", BUSINESS).await, w.ready_order("1002", BUSINESS).await);
        let kiosk = w.kiosk(1234, 1).await;
        kiosk.deposit(&staff, &one, port(1, 1), "48213").await;
        kiosk.deposit(&staff, &two, port(1, 2), "59324").await;
        for how in damages(w, "pwd") {
            w.sql(&format!("UPDATE compartments SET pwd = {how} WHERE serial = 1")).await;
            assert_eq!(kiosks::get(&w.b, &staff, kiosk.yid).await.unwrap().1.len(), 8, "{how}");
            let damaged = kiosk_codes::take_code(&w.b, &business, &one).await;
            assert_eq!(damaged.err(), Some(Refusal::field("pwd", Problem::Unknown)));
            let sound = kiosk_codes::take_code(&w.b, &business, &two).await.unwrap();
            assert_eq!(sound.pwd, "59324");
            // A sync of all doors goes through, and brings the password again.
            w.pass(MINUTE);
            let outcome = sync::apply_kiosk(&w.b, kiosk.yid, Some(w.now()), &kiosk.rows()).await.unwrap();
            assert_eq!((outcome.completed, outcome.conflicts.len()), (0, 0));
            assert_eq!(kiosk_codes::take_code(&w.b, &business, &one).await.unwrap().pwd, "48213");
        }
        assert_eq!(named(w).await, ["compartments 1234 1 1 pwd"]);
    }

    async fn a_device_enrols_though_a_compartment_is_damaged(w: &World) {
        let (staff, _) = people(w).await;
        let (one, two) = (w.ready_order("1001", BUSINESS).await, w.ready_order("1002", BUSINESS).await);
        let kiosk = w.kiosk(1234, 1).await;
        kiosk.deposit(&staff, &one, port(1, 1), "48213").await;
        kiosk.deposit(&staff, &two, port(1, 2), "59324").await;
        kiosk.deposit_scanned(&staff, port(1, 3), "11111").await;
        for how in damages(w, "pwd") {
            w.sql(&format!("UPDATE compartments SET pwd = {how} WHERE serial = 1")).await;
            w.sql("UPDATE scans SET data = 'x' WHERE done_at IS NULL").await;
            let code = kiosks::enrolment_code(&w.b, &backend::Actor::Cli, kiosk.yid).await.unwrap();
            let enrolled = kiosks::enrol(&w.b, &code.code, "10.0.0.9").await.unwrap();
            let passwords: Vec<_> = enrolled.compartments.iter().map(|door| door.pwd.as_deref()).collect();
            assert_eq!(passwords[..3], [None, Some("59324"), None], "{how}");
            assert_eq!(enrolled.compartments[0].things_sq, Some(one.clone()));
        }
    }

    async fn a_compartment_of_which_nothing_is_known_is_out_of_order_until_the_kiosk_says(w: &World) {
        let (staff, _) = people(w).await;
        let operator = w.operator().await;
        let kiosk = w.kiosk(1234, 1).await;
        w.sql("UPDATE compartments SET status = 'b', kind = 'depot' WHERE serial = 1").await;
        let doors = async || kiosks::get(&w.b, &staff, kiosk.yid).await.unwrap().1;
        assert_eq!(doors().await[0].status, CompartmentStatus::OutOfOrder);
        assert_eq!(doors().await[1].status, CompartmentStatus::Free);
        assert_eq!(kiosks::list(&w.b, &staff).await.unwrap()[0].counts.total, 8);
        let label = kiosks::DoorLayout { port: port(1, 2), label: "B".to_owned(), size: 1, status: CompartmentStatus::Free };
        kiosks::set_layout(&w.b, &operator, kiosk.yid, vec![label]).await.unwrap();
        w.pass(MINUTE);
        sync::apply_kiosk(&w.b, kiosk.yid, Some(w.now()), &kiosk.rows()).await.unwrap();
        assert_eq!(doors().await[0].status, CompartmentStatus::Free);
        let rows = backend::damage::rows(&w.b, &operator).unwrap();
        assert_eq!(rows, ["compartments 1234 1 1 kind", "compartments 1234 1 1 status"]);
    }

    async fn a_damaged_scan_is_passed_over_and_scanned_again(w: &World) {
        let (staff, _) = people(w).await;
        let order = w.ready_order("1001", BUSINESS).await;
        let kiosk = w.kiosk(1234, 1).await;
        let (fields, whole) = kiosk.deposit_scanned(&staff, port(1, 1), "48213").await;
        w.pass(1);
        let (of_broken, broken) = kiosk.deposit_scanned(&staff, port(1, 2), "59324").await;
        let rows = kiosk.rows();
        scans::read_code(&w.b, &staff, &kiosk.data_code()).await.unwrap();
        w.pass(1);
        let data = scans::read_code(&w.b, &staff, &kiosk.data_code()).await.unwrap().token_id;
        let key = |name: &str| name.split_once('.').unwrap().1.to_owned();
        for how in damages(w, "data") {
            w.sql(&format!("UPDATE scans SET data = {how} WHERE token_id IN ('{}', '{}')", key(&broken), key(&data))).await;
            assert_eq!(scans::reopen(&w.b, &staff, &broken).await.err(), Some(Refusal::NotScanned), "{how}");
            let refused = deposits::complete_scanned(&w.b, &staff, &order, &broken).await;
            assert_eq!(refused.err(), Some(Refusal::NotScanned));
            assert_eq!(sync::apply_from_scan(&w.b, &staff, &data).await.err(), Some(Refusal::NotScanned));
            // The others are found behind it.
            let pending = scans::pending_deposit(&w.b, &staff).await.unwrap().unwrap();
            assert_eq!((pending.token_id.as_str(), pending.port), (whole.as_str(), port(1, 1)));
            let waiting = scans::waiting_at(&w.b, &staff, kiosk.yid).await.unwrap();
            assert_eq!(waiting.iter().map(|(port, _)| *port).collect::<Vec<_>>(), [port(1, 1)]);
        }
        sync::apply_scanned(&w.b, &staff, kiosk.yid, &rows).await.unwrap();
        let mut expected = [format!("scans {broken}"), format!("scans {data}")];
        expected.sort();
        assert_eq!(named(w).await, expected);
        deposits::complete(&w.b, &staff, &order, fields).await.unwrap();
        assert_eq!(w.status(&staff, &order).await, OrderStatus::Stored);
        // The kiosk shows another code of the deposit whose scan cannot be read.
        let other = w.ready_order("1002", BUSINESS).await;
        let refused = deposits::complete(&w.b, &staff, &other, of_broken.clone()).await;
        assert_eq!(refused.err(), Some(Refusal::NotScanned));
        w.pass(MINUTE);
        let again = kiosk.seal(&Payload::OpenToSave(of_broken.clone()));
        scans::read_code(&w.b, &staff, &again).await.unwrap();
        deposits::complete(&w.b, &staff, &other, of_broken).await.unwrap();
        assert_eq!(w.status(&staff, &other).await, OrderStatus::Stored);
    }

    async fn damaged_evidence_and_events_are_left_out_of_their_lists(w: &World) {
        let (staff, business) = people(w).await;
        let order = w.ready_order("1001", BUSINESS).await;
        let kiosk = w.kiosk(1234, 1).await;
        kiosk.deposit(&staff, &order, port(1, 1), "48213").await;
        let steps = history::for_order(&w.b, &staff, &order).await.unwrap().len();
        assert!(steps > 1);
        w.sql("UPDATE evidence SET what = 'Stored?' WHERE what = 'stored'").await;
        assert_eq!(history::for_order(&w.b, &staff, &order).await.unwrap().len(), steps - 1);
        assert_eq!(history::for_business(&w.b, &business, None, 50).await.unwrap().rows.len(), steps - 1);
        let event = |seq| KioskEvent {
            seq, at: w.now(), kind: EventKind::StaffOut, port: None, things_sq: None, actor: None, detail: None,
        };
        events::append(&w.b, kiosk.yid, (1..=6).map(event).collect()).await.unwrap();
        w.sql("UPDATE events SET kind = 'x' WHERE seq IN (3, 4)").await;
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = events::list(&w.b, &staff, kiosk.yid, cursor.as_deref(), 2).await.unwrap();
            seen.extend(page.rows.iter().map(|event| event.seq));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, [6, 5, 2, 1]);
        let rows = named(w).await;
        assert_eq!(rows[..2], ["events 1234 3", "events 1234 4"]);
        assert!(rows.len() == 3 && rows[2].starts_with("evidence 1001 "), "{rows:?}");
    }

    async fn an_order_of_an_unknown_status_is_left_out_of_every_list_and_named(w: &World) {
        let (staff, business) = people(w).await;
        for number in 1001..=1005 {
            w.ready_order(&number.to_string(), BUSINESS).await;
        }
        w.sql("UPDATE orders SET status = '?' WHERE things_sq IN ('1002', '1003')").await;
        for who in [&staff, &business] {
            // A page ends where it would have: the next one begins behind what cannot be read.
            let (mut seen, mut pages) = (Vec::new(), 0);
            let mut filter = OrderFilter { limit: 2, ..OrderFilter::default() };
            loop {
                let page = orders::search(&w.b, who, &filter).await.unwrap();
                seen.extend(page.rows.into_iter().map(|order| order.things_sq.0));
                pages += 1;
                filter.cursor = page.next;
                if filter.cursor.is_none() {
                    break;
                }
            }
            assert_eq!((seen.as_slice(), pages), (&["1001", "1004", "1005"].map(str::to_owned)[..], 3));
            for (text, found) in [("홍길동", 3), ("021002", 0), ("021004", 1)] {
                let asked = OrderSearch { text: text.to_owned(), limit: 50, ..OrderSearch::default() };
                assert_eq!(search::find(&w.b, who, &asked).await.unwrap().rows.len(), found, "{text}");
            }
        }
        // Among the few of a kiosk.
        w.sql("UPDATE orders SET yid = 7, jumper = 1, serial = 1").await;
        let asked = OrderSearch { text: "홍길동".to_owned(), yid: Some(Yid(7)), limit: 50, ..OrderSearch::default() };
        assert_eq!(search::find(&w.b, &staff, &asked).await.unwrap().rows.len(), 3);
        assert_eq!(named(w).await, ["orders 1002", "orders 1003"]);
        let damaged = ThingsSq("1002".to_owned());
        assert_eq!(orders::get(&w.b, &staff, &damaged).await.err(), Some(Refusal::Internal));
    }

    async fn a_damaged_message_is_dropped_and_the_others_are_sent(w: &World) {
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        for (number, how) in (1..).zip(damages(w, "body")) {
            let (first, second) = (format!("1380000{number:02}01"), format!("1380000{number:02}02"));
            for phone in [&first, &second] {
                w.owner(phone).await;
                owners::request_reset_code(&b, "10.0.0.1", &crate::harness::phone(phone)).await.unwrap();
            }
            w.sql(&format!("UPDATE notifications SET body = {how} WHERE phone = '{first}'")).await;
            let delivered = notify::deliver_due(&b).await.unwrap();
            assert_eq!((delivered.sent, delivered.dropped), (1, 1), "{how}");
            assert!(w.sql("SELECT id FROM notifications").await.is_empty());
        }
        assert_eq!(codes(&b, &recorder).await.len(), damages(w, "body").len());
        let operator = w.operator().await;
        assert_eq!(backend::damage::rows(&b, &operator).unwrap().len(), damages(w, "body").len());
        b.close().await;
    }
}
