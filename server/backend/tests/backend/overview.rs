//! What an operator's first page says of the whole deployment.

use crate::both;
use crate::harness::{World, port};
use backend::locker::{events, kiosks, orders, overview};
use backend::{Actor, businesses};
use domain::ids::{ThingsSq, Yid};
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::history::Happening;
use domain::locker::overview::FirstSteps;

both! {
    async fn each_first_step_is_ticked_when_it_is_done(w: &World) {
        let who = w.operator().await;
        let steps = || overview::first_steps(&w.b, &who);
        assert_eq!(steps().await.unwrap(), FirstSteps::default());
        w.business_user("01000000004", "한빛전기").await;
        let staff = w.staff("01000000002").await;
        let so_far = steps().await.unwrap();
        assert_eq!((so_far.business, so_far.business_user, so_far.staff), (true, true, true));
        assert_eq!((so_far.kiosk, so_far.order, so_far.are_done()), (false, false, false));
        let kiosk = w.kiosk(1234, 2).await;
        let order = w.ready_order("1001", "한빛전기").await;
        let so_far = steps().await.unwrap();
        assert_eq!((so_far.kiosk, so_far.order, so_far.ready, so_far.deposit), (true, true, true, false));
        kiosk.deposit(&staff, &order, port(1, 1), "48213").await;
        assert!(steps().await.unwrap().deposit);
        w.sql("UPDATE kiosks SET enrolled_at = NULL").await;
        assert!(!steps().await.unwrap().enrolled);
        w.sql("UPDATE kiosks SET enrolled_at = 1").await;
        assert!(steps().await.unwrap().are_done());
    }

    async fn the_first_steps_can_be_hidden(w: &World) {
        let who = w.operator().await;
        overview::hide_first_steps(&w.b, &who).await.unwrap();
        overview::hide_first_steps(&w.b, &who).await.unwrap();
        assert!(overview::first_steps(&w.b, &who).await.unwrap().is_hidden);
    }

    async fn what_went_in_today_is_counted_and_listed_without_what_a_file_brought(w: &World) {
        let who = w.operator().await;
        w.business("한빛전기").await;
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 4).await;
        for number in 0..3 {
            let order = w.ready_order(&format!("100{number}"), "한빛전기").await;
            kiosk.deposit(&staff, &order, port(1, number + 1), "48213").await;
        }
        let (from, until) = (w.now().plus(-3_600_000), w.now().plus(60_000));
        let quarters = overview::quarters(&w.b, &who, from, until).await.unwrap();
        let stored: u32 = quarters.iter().filter(|quarter| quarter.is_in() == Some(true)).map(|quarter| quarter.count).sum();
        assert_eq!(stored, 3, "{quarters:?}");
        let later = w.now().plus(3_600_000);
        assert!(overview::quarters(&w.b, &who, later, later.plus(1_000)).await.unwrap().is_empty());
        let latest = overview::latest(&w.b, &who, 2).await.unwrap();
        assert_eq!(latest.len(), 2);
        assert!(latest.iter().all(|row| !matches!(row.what, Happening::Received | Happening::Ready)), "{latest:?}");
        assert!(latest[0].at >= latest[1].at);
    }

    async fn doors_of_kiosks_that_somebody_must_look_into_are_listed_for_a_day(w: &World) {
        let who = w.operator().await;
        w.kiosk(1234, 2).await;
        w.kiosk(1235, 2).await;
        let happened = async |yid, seq, kind| {
            let event = KioskEvent { seq, at: w.now(), kind, port: Some(port(1, 1)), things_sq: None, actor: None, detail: None };
            events::append(&w.b, Yid(yid), vec![event]).await.unwrap();
            w.pass(1_000);
        };
        happened(1234, 1, EventKind::DoorForced).await;
        happened(1235, 1, EventKind::Started).await;
        happened(1235, 2, EventKind::DoorLeftOpen).await;
        let listed = overview::door_alarms(&w.b, &who, 10).await.unwrap();
        let told: Vec<_> = listed.iter().map(|alarm| (alarm.place.0, alarm.what)).collect();
        assert_eq!(told, [(Yid(1235), EventKind::DoorLeftOpen), (Yid(1234), EventKind::DoorForced)]);
        assert!(!listed[0].place.1.is_empty(), "the door is named by its label");
        assert_eq!(overview::door_alarms(&w.b, &who, 1).await.unwrap().len(), 1);
        w.sql("UPDATE kiosks SET retired_at = 1 WHERE yid = 1235").await;
        assert_eq!(overview::door_alarms(&w.b, &who, 10).await.unwrap().len(), 1);
        w.pass(24 * 3_600_000);
        assert!(overview::door_alarms(&w.b, &who, 10).await.unwrap().is_empty());
    }

    async fn operators_pages_hear_of_work_and_of_nothing_else(w: &World) {
        let who = w.operator().await;
        let mut work = w.b.bus().watch_work();
        let mut reading_changes_it = true;
        // Once, at a time of its own, a node hears that it may have missed something: when it begins to listen to others.
        for _ in 0..3 {
            let mark = w.b.bus().work_mark();
            orders::get(&w.b, &who, &ThingsSq("1".to_owned())).await.unwrap_err();
            reading_changes_it &= w.b.bus().work_mark() != mark;
        }
        assert!(!reading_changes_it);
        work.mark_unchanged();
        let mark = w.b.bus().work_mark();
        businesses::add(&w.b, &Actor::from(&who), "한빛전기").await.unwrap();
        assert!(work.has_changed().unwrap());
        work.mark_unchanged();
        w.ready_order("1001", "한빛전기").await;
        assert!(work.has_changed().unwrap());
        work.mark_unchanged();
        w.kiosk(1234, 1).await;
        let code = kiosks::enrolment_code(&w.b, &Actor::from(&who), Yid(1234)).await.unwrap().code;
        work.mark_unchanged();
        kiosks::enrol(&w.b, &code, "10.0.0.1").await.unwrap();
        assert!(work.has_changed().unwrap());
        assert_ne!(w.b.bus().work_mark(), mark);
    }
}
