use crate::both;
use crate::harness::{MINUTE, TestKiosk, World, in_status, port};
use backend::locker::codes::{self, Claimed, CodeRequest};
use backend::locker::{history, scans, sync};
use domain::error::{Problem, Refusal};
use domain::ids::{ThingsSq, Yid};
use domain::locker::history::Happening;
use domain::people::Person;
use domain::token::{self, Command, Payload};

fn pick_up(yid: i64, things_sq: Option<&ThingsSq>, claimed: Claimed) -> CodeRequest {
    CodeRequest::OpenToTake {
        yid: Yid(yid),
        things_sq: things_sq.cloned(),
        claimed,
    }
}

/// A business user, their stored order, and the kiosk it is in.
async fn stored<'w>(w: &'w World) -> (Person, ThingsSq, TestKiosk<'w>) {
    let staff = w.staff("01000000002").await;
    let own = w.business_user("01000000004", "한빛전기").await;
    let order = w.ready_order("1001", "한빛전기").await;
    let kiosk = w.kiosk(1234, 2).await;
    kiosk.deposit(&staff, &order, port(1, 3), "48213").await;
    (own, order, kiosk)
}

both! {
    async fn staff_get_the_clock_code_and_a_pass_of_their_own(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let clock = codes::make(&w.b, &staff, CodeRequest::SyncDate { yid: Yid(1234) }).await.unwrap();
        let opened = token::open(&kiosk.key, &clock).unwrap();
        assert_eq!((opened.claims.cmd, opened.claims.date), (Command::SyncDate, w.now()));
        let pass = codes::make(&w.b, &staff, CodeRequest::StaffPass { yid: Yid(1234) }).await.unwrap();
        let Payload::StaffPass(named) = token::open(&kiosk.key, &pass).unwrap().payload else { panic!("no pass") };
        assert_eq!((named.phone, named.name), (staff.phone.clone(), staff.name.clone()));
        let unknown = codes::make(&w.b, &staff, CodeRequest::SyncDate { yid: Yid(9) }).await;
        assert_eq!(unknown, Err(Refusal::Unknown));
    }

    async fn a_pick_up_code_carries_what_the_server_knows(w: &World) {
        let (own, order, kiosk) = stored(w).await;
        let code = codes::make(&w.b, &own, pick_up(1234, Some(&order), Claimed::default())).await.unwrap();
        let Payload::OpenToTake(fields) = token::open(&kiosk.key, &code).unwrap().payload else { panic!("no pick-up") };
        assert_eq!((fields.port(), fields.pwd.as_str(), fields.label.as_str()), (port(1, 3), "48213", "A3"));
        assert_eq!(fields.things_sq, Some(order.clone()));
        let shown = codes::take_code(&w.b, &own, &order).await.unwrap();
        assert_eq!((shown.pwd.as_str(), shown.label.as_str(), shown.yid), ("48213", "A3", Yid(1234)));
        assert_eq!(shown.expires, w.now().plus(10 * MINUTE));
    }

    async fn a_pick_up_code_can_be_asked_for_by_compartment_as_in_the_source(w: &World) {
        let (own, _, kiosk) = stored(w).await;
        let claimed = Claimed { serial: Some(3), jumper: Some(1), pwd: Some("48213".to_owned()), ..Claimed::default() };
        let code = codes::make(&w.b, &own, pick_up(1234, None, claimed)).await.unwrap();
        assert!(token::open(&kiosk.key, &code).is_ok());
        let elsewhere = Claimed { serial: Some(4), jumper: Some(1), ..Claimed::default() };
        assert_eq!(codes::make(&w.b, &own, pick_up(1234, None, elsewhere)).await, Err(Refusal::NotYours));
        let missing = codes::make(&w.b, &own, pick_up(1234, None, Claimed::default())).await;
        assert_eq!(missing, Err(Refusal::field("serial", Problem::Required)));
    }

    async fn claims_that_contradict_are_refused(w: &World) {
        let (own, order, _) = stored(w).await;
        for (field, claimed) in [
            ("serial", Claimed { serial: Some(4), ..Claimed::default() }),
            ("jumper", Claimed { jumper: Some(2), ..Claimed::default() }),
            ("pwd", Claimed { pwd: Some("00000".to_owned()), ..Claimed::default() }),
            ("label", Claimed { label: Some("B1".to_owned()), ..Claimed::default() }),
            ("saveDate", Claimed { save_date: Some("111".to_owned()), ..Claimed::default() }),
        ] {
            let refused = codes::make(&w.b, &own, pick_up(1234, Some(&order), claimed)).await;
            assert_eq!(refused, Err(Refusal::field(field, Problem::Contradicts)));
        }
        w.kiosk(1235, 2).await;
        let refused = codes::make(&w.b, &own, pick_up(1235, Some(&order), Claimed::default())).await;
        assert_eq!(refused, Err(Refusal::field("yid", Problem::Contradicts)));
    }

    async fn a_pick_up_code_is_for_the_business_whose_stored_order_it_is(w: &World) {
        let (own, order, kiosk) = stored(w).await;
        let other = w.business_user("01000000005", "대성전력").await;
        let staff = w.staff("01000000003").await;
        for who in [&other, &staff] {
            let refused = codes::make(&w.b, who, pick_up(1234, Some(&order), Claimed::default())).await;
            assert_eq!(refused, Err(Refusal::NotYours));
            let claimed = Claimed { serial: Some(3), jumper: Some(1), pwd: Some("48213".to_owned()), ..Claimed::default() };
            assert_eq!(codes::make(&w.b, who, pick_up(1234, None, claimed)).await, Err(Refusal::NotYours));
            assert_eq!(codes::take_code(&w.b, who, &order).await.unwrap_err(), Refusal::NotYours);
        }
        let ready = w.ready_order("1002", "한빛전기").await;
        assert_eq!(codes::take_code(&w.b, &own, &ready).await.unwrap_err(), in_status("B"));
        w.pass(MINUTE);
        kiosk.take_out(port(1, 3));
        sync::apply_kiosk(&w.b, kiosk.yid, None, &kiosk.rows()).await.unwrap();
        assert_eq!(codes::take_code(&w.b, &own, &order).await.unwrap_err(), in_status("D"));
    }

    async fn businesses_make_no_staff_codes(w: &World) {
        let (own, ..) = stored(w).await;
        for request in [CodeRequest::SyncDate { yid: Yid(1234) }, CodeRequest::StaffPass { yid: Yid(1234) }] {
            assert_eq!(codes::make(&w.b, &own, request).await, Err(Refusal::NotYours));
        }
    }

    async fn a_code_that_renews_itself_is_one_showing(w: &World) {
        let (own, order, _) = stored(w).await;
        for _ in 0..3 {
            codes::take_code(&w.b, &own, &order).await.unwrap();
            w.pass(9 * MINUTE);
        }
        let steps = history::for_order(&w.b, &own, &order).await.unwrap();
        assert_eq!(steps.iter().filter(|step| step.what == Happening::CodeShown).count(), 1);
        let page = history::for_business(&w.b, &own, None, 2).await.unwrap();
        assert_eq!((page.rows.len(), page.rows[0].what), (2, Happening::CodeShown));
        let rest = history::for_business(&w.b, &own, page.next.as_deref(), 50).await.unwrap();
        assert_eq!(rest.rows.len(), steps.len() - 2);
    }

    async fn a_code_is_drawn_for_those_who_may_see_it(w: &World) {
        let (own, order, kiosk) = stored(w).await;
        let (one, two) = (w.staff("01000000006").await, w.staff("01000000003").await);
        let other = w.business_user("01000000005", "대성전력").await;
        let take = codes::take_code(&w.b, &own, &order).await.unwrap().token;
        let pass = codes::make(&w.b, &one, CodeRequest::StaffPass { yid: Yid(1234) }).await.unwrap();
        let clock = codes::make(&w.b, &one, CodeRequest::SyncDate { yid: Yid(1234) }).await.unwrap();
        assert_eq!(codes::check(&w.b, &own, &take).await.unwrap().cmd, "OpenToTake");
        assert!(codes::check(&w.b, &one, &pass).await.is_ok());
        assert!(codes::check(&w.b, &two, &clock).await.is_ok());
        for (who, code) in [(&other, &take), (&one, &take), (&two, &pass), (&own, &pass), (&own, &clock), (&own, &kiosk.data_code())] {
            assert_eq!(codes::check(&w.b, who, code).await, Err(Refusal::NotYours));
        }
        assert_eq!(codes::check(&w.b, &one, "nonsense").await, Err(Refusal::CodeDamaged));
        w.pass(11 * MINUTE);
        assert_eq!(codes::check(&w.b, &own, &take).await, Err(Refusal::CodeExpired));
        assert_eq!(scans::pending_deposit(&w.b, &one).await, Ok(None));
    }
}
