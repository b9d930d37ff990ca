use crate::both;
use crate::harness::{DAY, MINUTE, World, phone, port};
use backend::locker::{events, history, kiosks, sync};
use domain::error::{Problem, Refusal};
use domain::ids::{Millis, ThingsSq, Yid};
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::history::{Happening, Source};
use domain::people::Person;

fn event(w: &World, seq: i64, kind: EventKind) -> KioskEvent {
    KioskEvent {
        seq,
        at: w.now(),
        kind,
        port: None,
        things_sq: None,
        actor: None,
        detail: None,
    }
}

async fn append(w: &World, seqs: &[i64]) -> i64 {
    let events = seqs.iter().map(|seq| event(w, *seq, EventKind::Started)).collect();
    events::append(&w.b, Yid(1234), events).await.unwrap()
}

both! {
    async fn events_are_stored_without_a_gap(w: &World) {
        let staff = w.staff("01000000002").await;
        w.kiosk(1234, 2).await;
        assert_eq!(append(w, &[1, 2, 3]).await, 3);
        assert_eq!(append(w, &[2, 3, 4]).await, 4, "repeats are ignored");
        assert_eq!(append(w, &[6, 7]).await, 4, "what lies behind a gap is not stored");
        assert_eq!(append(w, &[7, 6, 5, 5]).await, 7, "order and doubles do not matter");
        assert_eq!(append(w, &[]).await, 7);
        assert_eq!(append(w, &[i64::MAX, i64::MIN, 0, -1]).await, 7);
        let page = events::list(&w.b, &staff, Yid(1234), None, 5).await.unwrap();
        let seqs: Vec<_> = page.rows.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, [7, 6, 5, 4, 3]);
        let rest = events::list(&w.b, &staff, Yid(1234), page.next.as_deref(), 5).await.unwrap();
        assert_eq!((rest.rows.len(), rest.next), (2, None));
    }

    async fn the_same_events_at_once_are_stored_once(w: &World) {
        w.kiosk(1234, 2).await;
        let other = w.another_node().await;
        let list = || (1..=20).map(|seq| event(w, seq, EventKind::Started)).collect::<Vec<_>>();
        let (x, y) = tokio::join!(events::append(&w.b, Yid(1234), list()), events::append(&other, Yid(1234), list()));
        assert_eq!((x, y), (Ok(20), Ok(20)));
        assert_eq!(w.sql("SELECT seq FROM events").await.len(), 20);
    }

    async fn an_event_comes_back_as_it_was_sent(w: &World) {
        let staff = w.staff("01000000002").await;
        w.kiosk(1234, 2).await;
        let sent = KioskEvent {
            port: Some(port(1, 2)),
            things_sq: Some(ThingsSq("'; DROP TABLE events; --".to_owned())),
            actor: Some(staff.phone.clone()),
            detail: Some("<script>\"code-used\"</script>".to_owned()),
            ..event(w, 1, EventKind::Refused)
        };
        events::append(&w.b, Yid(1234), vec![sent.clone()]).await.unwrap();
        assert_eq!(events::list(&w.b, &staff, Yid(1234), None, 5).await.unwrap().rows, [sent]);
    }

    async fn what_happened_to_an_order_becomes_evidence(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit(&staff, &order, port(1, 3), "48213").await;
        w.pass(MINUTE);
        // The kiosk names no order; it is the one that is in that compartment.
        let opened = KioskEvent { port: Some(port(1, 3)), ..event(w, 1, EventKind::PickUpOpened) };
        let empty = KioskEvent { port: Some(port(1, 4)), ..event(w, 2, EventKind::PickUpOpened) };
        for _ in 0..2 {
            events::append(&w.b, Yid(1234), vec![opened.clone(), empty.clone()]).await.unwrap();
        }
        let steps = history::for_order(&w.b, &staff, &order).await.unwrap();
        let last = steps.last().unwrap();
        assert_eq!((last.what, last.source, last.label.as_deref()), (Happening::OpenedToTake, Source::Kiosk, Some("A3")));
        assert_eq!(steps.iter().filter(|step| step.what == Happening::OpenedToTake).count(), 1);
    }

    async fn what_cannot_be_so_is_stored_and_not_shown_as_history(w: &World) {
        let (operator, staff) = (w.operator().await, w.staff("01000000002").await);
        let business = w.business_user("01000000004", "한빛전기").await;
        let elsewhere = w.ready_order("1001", "한빛전기").await;
        let here = w.ready_order("1002", "한빛전기").await;
        let ready = w.ready_order("1003", "한빛전기").await;
        w.kiosk(1235, 2).await.deposit(&staff, &elsewhere, port(1, 3), "48213").await;
        w.pass(MINUTE);
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit(&staff, &here, port(1, 1), "48214").await;
        w.pass(MINUTE);
        let told = |order: &ThingsSq, kind, actor: Option<&Person>| KioskEvent {
            port: Some(port(1, 1)),
            things_sq: Some(order.clone()),
            actor: actor.map(|person| person.phone.clone()),
            ..event(w, 0, kind)
        };
        let at = |at, event| KioskEvent { at, ..event };
        let far = w.now().plus(11 * MINUTE);
        let doubtful = [
            // Nobody stored these in this kiosk.
            told(&elsewhere, EventKind::DepositOpened, Some(&staff)),
            told(&elsewhere, EventKind::PickUpOpened, None),
            told(&elsewhere, EventKind::RetrievalClosed, Some(&staff)),
            told(&elsewhere, EventKind::ReturnClosed, None),
            told(&ready, EventKind::DepositOpened, Some(&staff)),
            told(&ready, EventKind::ReturnClosed, None),
            // The staff area is for staff.
            told(&here, EventKind::RetrievalOpened, Some(&operator)),
            told(&here, EventKind::DepositOpened, Some(&business)),
            KioskEvent { actor: Some(phone("01099999999")), ..told(&here, EventKind::RetrievalOpened, None) },
            // It was no kiosk then, or is not yet.
            at(far, told(&here, EventKind::PickUpOpened, None)),
            at(Millis(0), told(&here, EventKind::PickUpOpened, None)),
            at(w.now().plus(-DAY), told(&here, EventKind::PickUpOpened, None)),
            at(Millis(i64::MAX), told(&here, EventKind::PickUpOpened, None)),
            at(Millis(i64::MIN), told(&here, EventKind::PickUpOpened, None)),
        ];
        let before = async |order: &ThingsSq| history::for_order(&w.b, &operator, order).await.unwrap();
        let known = [before(&elsewhere).await, before(&here).await, before(&ready).await];
        let count = doubtful.len() as i64;
        let numbered: Vec<_> = (1..).zip(doubtful).map(|(seq, event)| KioskEvent { seq, ..event }).collect();
        assert_eq!(events::append(&w.b, Yid(1234), numbered.clone()).await.unwrap(), count);
        assert_eq!([before(&elsewhere).await, before(&here).await, before(&ready).await], known);
        let stored = events::list(&w.b, &staff, Yid(1234), None, 100).await.unwrap().rows;
        assert_eq!(stored.into_iter().rev().collect::<Vec<_>>(), numbered, "each is stored as it came");

        let true_ones = [
            told(&here, EventKind::RetrievalOpened, Some(&staff)),
            at(w.now().plus(9 * MINUTE), told(&here, EventKind::PickUpOpened, None)),
        ];
        let numbered = (count + 1..).zip(true_ones).map(|(seq, event)| KioskEvent { seq, ..event });
        events::append(&w.b, Yid(1234), numbered.collect()).await.unwrap();
        let opened = before(&here).await.into_iter().filter(|step| step.what == Happening::OpenedToTake).count();
        assert_eq!(opened, 2);
    }

    async fn an_old_meter_may_come_back_to_another_kiosk(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let first = w.kiosk(1235, 2).await;
        first.deposit(&staff, &order, port(1, 3), "48213").await;
        w.pass(MINUTE);
        first.take_out(port(1, 3));
        sync::apply_kiosk(&w.b, first.yid, Some(w.now()), &first.rows()).await.unwrap();
        let second = w.kiosk(1234, 2).await;
        let event = |seq, kind, actor: Option<&Person>| KioskEvent {
            port: Some(port(1, 1)),
            things_sq: Some(order.clone()),
            actor: actor.map(|person| person.phone.clone()),
            ..event(w, seq, kind)
        };
        let events = vec![event(1, EventKind::ReturnClosed, None), event(2, EventKind::RetrievalClosed, Some(&staff))];
        for event in events {
            events::append(&w.b, second.yid, vec![event]).await.unwrap();
        }
        let steps = history::for_order(&w.b, &staff, &order).await.unwrap();
        let told: Vec<_> = steps.iter().rev().take(2).map(|step| (step.what, step.yid)).collect();
        assert_eq!(told, [(Happening::Retrieved, Some(Yid(1234))), (Happening::Returned, Some(Yid(1234)))]);
    }

    async fn a_clock_that_was_set_is_known(w: &World) {
        let staff = w.staff("01000000002").await;
        w.kiosk(1234, 2).await;
        let set = KioskEvent { detail: Some("1200000".to_owned()), ..event(w, 1, EventKind::ClockSet) };
        let odd = KioskEvent { detail: Some("soon".to_owned()), ..event(w, 2, EventKind::ClockSet) };
        events::append(&w.b, Yid(1234), vec![set, odd]).await.unwrap();
        let (kiosk, _) = kiosks::get(&w.b, &staff, Yid(1234)).await.unwrap();
        assert_eq!((kiosk.clock_offset_ms, kiosk.acked_seq), (1_200_000, 2));
    }

    async fn impossible_events_are_refused(w: &World) {
        w.kiosk(1234, 2).await;
        let long = KioskEvent { detail: Some("x".repeat(501)), ..event(w, 1, EventKind::Refused) };
        let refused = events::append(&w.b, Yid(1234), vec![long]).await;
        assert_eq!(refused, Err(Refusal::field("detail", Problem::TooLong { max: 500 })));
        let unknown = events::append(&w.b, Yid(9), vec![event(w, 1, EventKind::Started)]).await;
        assert_eq!(unknown, Err(Refusal::Unknown));
        let business = w.business_user("01000000004", "한빛전기").await;
        assert_eq!(events::list(&w.b, &business, Yid(1234), None, 5).await, Err(Refusal::NotYours));
    }
}
