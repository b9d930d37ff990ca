//! Vouchers: for whom, for what, and until when.

use crate::both;
use crate::harness::{DAY, MINUTE, TestKiosk, World, in_status, port};
use backend::locker::codes;
use backend::locker::history;
use backend::locker::vouchers::{self, VoucherRequest};
use domain::error::{Problem, Refusal};
use domain::ids::{Millis, ThingsSq, Yid};
use domain::locker::history::Happening;
use domain::people::Person;
use domain::token::{self, Caveat, Payload, Voucher, narrow};

fn wish(orders: &[&ThingsSq]) -> VoucherRequest {
    VoucherRequest {
        orders: orders.iter().map(|order| (*order).clone()).collect(),
        until: None,
        sign_in: Some("session".to_owned()),
    }
}

/// A business user, two of their stored orders, and the kiosk.
async fn stored<'w>(w: &'w World) -> (Person, [ThingsSq; 2], TestKiosk<'w>) {
    let staff = w.staff("01000000002").await;
    let own = w.business_user("01000000004", "한빛전기").await;
    let orders = [
        w.ready_order("1001", "한빛전기").await,
        w.ready_order("1002", "한빛전기").await,
    ];
    let kiosk = w.kiosk(1234, 2).await;
    kiosk.deposit(&staff, &orders[0], port(1, 3), "48213").await;
    kiosk.deposit(&staff, &orders[1], port(2, 1), "48214").await;
    (own, orders, kiosk)
}

fn opened(kiosk: &TestKiosk<'_>, token: &str) -> Voucher {
    match token::open(&kiosk.key, token).unwrap().payload {
        Payload::Voucher(voucher) => voucher,
        other => panic!("{other:?}"),
    }
}

both! {
    async fn a_voucher_carries_what_the_server_knows_of_both_deposits(w: &World) {
        let (own, [one, two], kiosk) = stored(w).await;
        let made = vouchers::make(&w.b, &own, wish(&[&two, &one, &two])).await.unwrap();
        assert_eq!((made.yid, made.kiosk_name.as_str()), (Yid(1234), "키오스크 1234"));
        let shown: Vec<_> = made.doors.iter().map(|door| (door.things_sq.clone(), door.label.as_str(), door.pwd.as_str())).collect();
        assert_eq!(shown, [(two.clone(), "B1", "48214"), (one.clone(), "A3", "48213")]);
        let voucher = opened(&kiosk, &made.token);
        assert_eq!((voucher.holder, voucher.sign_in.as_str()), (own.phone.clone(), "session"));
        assert_eq!(voucher.doors.iter().map(|door| door.port()).collect::<Vec<_>>(), [port(2, 1), port(1, 3)]);
        let dates: Vec<_> = kiosk.rows().into_iter().filter_map(|row| row.save_date).collect();
        assert!(voucher.doors.iter().all(|door| dates.contains(&door.save_date)));
        for order in [&one, &two] {
            let steps = history::for_order(&w.b, &own, order).await.unwrap();
            assert_eq!(steps.iter().filter(|step| step.what == Happening::CodeShown).count(), 1);
        }
    }

    async fn it_is_good_until_the_end_of_the_next_day_here_and_no_longer(w: &World) {
        let (own, [one, _], kiosk) = stored(w).await;
        let latest = w.b.zone().end_of_next_day(w.now()).unwrap();
        let made = vouchers::make(&w.b, &own, wish(&[&one])).await.unwrap();
        assert_eq!((made.until, opened(&kiosk, &made.token).until), (latest, latest));
        assert!(latest.since(w.now()) > DAY && latest.since(w.now()) <= 2 * DAY);
        let until = |until: Millis| VoucherRequest { until: Some(until), ..wish(&[&one]) };
        let sooner = Millis((w.now().0 + 60 * MINUTE) / 1_000 * 1_000 + 999);
        let made = vouchers::make(&w.b, &own, until(sooner)).await.unwrap();
        assert_eq!(made.until, sooner.plus(-999), "whole seconds");
        for wrong in [w.now(), w.now().plus(-DAY), latest.plus(1_000), Millis(i64::MAX), Millis(i64::MIN)] {
            let refused = vouchers::make(&w.b, &own, until(wrong)).await.err();
            let (min, max) = (w.now().0, latest.0);
            assert_eq!(refused, Some(Refusal::field("until", Problem::Range { min, max })), "{wrong:?}");
        }
    }

    async fn it_is_made_for_the_business_whose_stored_orders_they_are(w: &World) {
        let (own, [one, two], _) = stored(w).await;
        let other = w.business_user("01000000005", "대성전력").await;
        let (staff, operator) = (w.staff("01000000003").await, w.operator().await);
        for who in [&other, &staff, &operator] {
            assert_eq!(vouchers::make(&w.b, who, wish(&[&one])).await.err(), Some(Refusal::NotYours));
        }
        let foreign = w.ready_order("2001", "대성전력").await;
        assert_eq!(vouchers::make(&w.b, &own, wish(&[&one, &foreign])).await.err(), Some(Refusal::NotYours));
        let ready = w.ready_order("1003", "한빛전기").await;
        assert_eq!(vouchers::make(&w.b, &own, wish(&[&one, &ready])).await.err(), Some(in_status("B")));
        for orders in [&[][..], &[&one, &two, &ready, &foreign, &ThingsSq("1".to_owned()), &ThingsSq("2".to_owned()), &ThingsSq("3".to_owned()), &ThingsSq("4".to_owned()), &ThingsSq("5".to_owned())]] {
            let refused = vouchers::make(&w.b, &own, wish(orders)).await.err();
            assert_eq!(refused, Some(Refusal::field("orders", Problem::Range { min: 1, max: 8 })));
        }
    }

    async fn orders_at_two_kiosks_do_not_fit_into_one_voucher(w: &World) {
        let (own, [one, _], _) = stored(w).await;
        let staff = w.staff("01000000003").await;
        let elsewhere = w.ready_order("1003", "한빛전기").await;
        w.kiosk(1235, 2).await.deposit(&staff, &elsewhere, port(1, 1), "48215").await;
        let refused = vouchers::make(&w.b, &own, wish(&[&one, &elsewhere])).await.err();
        assert_eq!(refused, Some(Refusal::field("orders", Problem::Differs)));
    }

    async fn a_voucher_is_drawn_for_its_business_until_its_end(w: &World) {
        let (own, [one, two], _) = stored(w).await;
        let other = w.business_user("01000000005", "대성전력").await;
        let made = vouchers::make(&w.b, &own, wish(&[&one, &two])).await.unwrap();
        let narrowed = narrow(&made.token, &Caveat { name: Some("김기사".to_owned()), ..Caveat::default() }).unwrap();
        w.pass(5 * 60 * MINUTE);
        for code in [&made.token, &narrowed] {
            assert_eq!(codes::check(&w.b, &own, code).await.unwrap().cmd, "OpenToTake");
            assert_eq!(codes::check(&w.b, &other, code).await, Err(Refusal::NotYours));
        }
        w.pass(2 * DAY);
        assert_eq!(codes::check(&w.b, &own, &made.token).await, Err(Refusal::CodeExpired));
    }
}
