//! Deposits nobody fetched in time.

use crate::both;
use crate::harness::{DAY, World, port};
use backend::locker::{kiosks, overdue};
use domain::error::Refusal;
use domain::ids::{ThingsSq, Yid};

async fn keys(w: &World, who: &domain::people::Person, limit: u32) -> Vec<ThingsSq> {
    let rows = overdue::list(&w.b, who, limit).await.unwrap();
    rows.into_iter().map(|row| row.things_sq).collect()
}

both! {
    async fn a_deposit_is_overdue_after_the_days_of_its_kiosk(w: &World) {
        let (staff, operator) = (w.staff("01000000002").await, w.operator().await);
        w.business("한빛전기").await;
        let (patient, strict) = (w.kiosk(1234, 2).await, w.kiosk(1235, 2).await);
        kiosks::set_overdue_days(&w.b, &operator, Yid(1235), 3).await.unwrap();
        let long = w.ready_order("1001", "한빛전기").await;
        let short = w.ready_order("1002", "한빛전기").await;
        let later = w.ready_order("1003", "한빛전기").await;
        patient.deposit(&staff, &long, port(1, 1), "11111").await;
        w.pass(DAY);
        strict.deposit(&staff, &short, port(1, 2), "22222").await;
        w.pass(DAY);
        strict.deposit(&staff, &later, port(2, 3), "33333").await;

        w.pass(2 * DAY);
        assert_eq!(keys(w, &staff, 50).await, [], "three days are not yet over");
        w.pass(1);
        assert_eq!(keys(w, &staff, 50).await, std::slice::from_ref(&short));
        w.pass(20 * DAY);
        assert_eq!(keys(w, &staff, 50).await, [long.clone(), short.clone(), later.clone()], "the oldest first");
        assert_eq!(keys(w, &operator, 2).await, [long.clone(), short]);
        let first = overdue::list(&w.b, &staff, 1).await.unwrap().remove(0);
        assert_eq!((first.yid, first.label.as_str(), first.customer_no.as_str()), (Yid(1234), "A1", "021001"));
        assert_eq!(w.now().since(first.stored_at), 24 * DAY + 1);
    }

    async fn what_was_fetched_is_not_overdue(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let kiosk = w.kiosk(1234, 2).await;
        let order = w.ready_order("1001", "한빛전기").await;
        kiosk.deposit(&staff, &order, port(1, 1), "11111").await;
        w.pass(15 * DAY);
        assert_eq!(keys(w, &staff, 50).await, [order]);
        kiosk.take_out(port(1, 1));
        backend::locker::sync::apply_kiosk(&w.b, kiosk.yid, None, &kiosk.rows()).await.unwrap();
        assert_eq!(keys(w, &staff, 50).await, []);
    }

    async fn businesses_do_not_see_what_is_overdue(w: &World) {
        let business = w.business_user("01000000004", "한빛전기").await;
        assert_eq!(overdue::list(&w.b, &business, 50).await, Err(Refusal::NotYours));
    }
}
