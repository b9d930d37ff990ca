//! Every use case asks first who is asking.

use crate::both;
use crate::harness::{World, phone, port};
use backend::guard::inventory;
use backend::locker::codes::{self, Claimed, CodeRequest};
use backend::locker::kiosks::{self, NewKiosk};
use backend::locker::orders::{self, NewOrder};
use backend::locker::{deposits, events, history, overdue, overview, rename, scans, sync, vouchers};
use backend::people::{self, NewPerson};
use backend::{Actor, ImportBounds, ImportGo, businesses, changes, imports, shown, uploads};
use domain::changes::About;
use domain::error::Refusal;
use domain::ids::{BusinessName, ThingsSq, Yid};
use domain::imports::{ImportKind, UploadId};
use domain::locker::kiosks::KioskTexts;
use domain::locker::orders::OrderFilter;
use domain::locker::orders::OrderTexts;
use domain::people::{Person, Role};
use domain::token::Payload;

macro_rules! not_theirs {
    ($who:ident: $($call:expr),* $(,)?) => {$(
        assert_eq!($call.await.map(|_| ()), Err(Refusal::NotYours), "{:?}: {}", $who.role, stringify!($call));
    )*};
}

/// One person of each role, an order, and a kiosk.
async fn everybody(w: &World) -> [Person; 4] {
    let business = w.business_user("01000000004", "한빛전기").await;
    w.ready_order("1001", "한빛전기").await;
    let owner = w.person("01000000006", Role::Owner, None).await;
    [w.operator().await, w.staff("01000000002").await, business, owner]
}

both! {
    async fn an_operators_work_is_for_operators(w: &World) {
        let [_, staff, business, owner] = everybody(w).await;
        w.kiosk(1234, 1).await;
        let (b, order, yid) = (&w.b, ThingsSq("1001".to_owned()), Yid(1234));
        let upload = UploadId::try_from("abc".to_owned()).unwrap();
        for who in [&staff, &business, &owner] {
            let actor = Actor::from(who);
            let person = NewPerson {
                phone: "01000000009".to_owned(),
                name: "새 사람".to_owned(),
                role: Role::Operator,
                business: None,
                password: "long enough".to_owned(),
            };
            let kiosk = NewKiosk {
                yid: 9,
                name: "새 키오스크".to_owned(),
                address: String::new(),
                boards: 1,
                ports: 1,
                secret: None,
            };
            let new = NewOrder {
                things_sq: "2".to_owned(),
                texts: OrderTexts {
                    customer_no: "2".to_owned(),
                    business: "한빛전기".to_owned(),
                    ..OrderTexts::default()
                },
                status: "A".to_owned(),
            };
            not_theirs!(who:
                businesses::list(b, who, "", None, 50),
                businesses::add(b, &actor, "새 업체"),
                people::page(b, who, None, 1, 50),
                businesses::numbered(b, who, "", 1, 50),
                inventory::page(b, who, 1, 50),
                people::list(b, who, "", None, None, 50),
                people::list(b, who, "한", None, None, 50),
                people::add(b, &actor, person),
                people::set_active(b, &actor, &phone("01000000001"), false),
                people::set_password(b, &actor, &phone("01000000001"), "long enough"),
                kiosks::add(b, &actor, kiosk),
                kiosks::list_all(b, &actor),
                kiosks::edit(b, who, yid, None, &KioskTexts::default()),
                kiosks::set_retired(b, who, yid, true),
                businesses::get(b, who, &BusinessName("한빛전기".to_owned())),
                businesses::set_retired(b, who, &BusinessName("한빛전기".to_owned()), true),
                rename::business(b, who, &BusinessName("한빛전기".to_owned()), "x", 1),
                rename::go_on(b, who, &BusinessName("한빛전기".to_owned()), 1),
                rename::becomes(b, who, &BusinessName("한빛전기".to_owned())),
                changes::list(b, who, &About::Kiosk(yid)),
                kiosks::set_overdue_days(b, who, yid, 3),
                kiosks::change_overdue_days(b, who, yid, None, 3),
                kiosks::set_pin(b, who, yid, "2580"),
                kiosks::replace_pin(b, who, yid, None, "2580"),
                overview::door_alarms(b, who, 10),
                inventory::door_alarms(b, who, 10),
                kiosks::set_wiring(b, who, yid, None),
                kiosks::set_layout(b, who, yid, vec![]),
                kiosks::enrolment_code(b, &actor, yid),
                orders::add(b, &actor, new),
                orders::import_csv(b, &actor, b"thingsSq,customerNo,customerName,address,meterKind,business\n"),
                imports::keep(b, who, ImportKind::Orders, "o.csv", b"thingsSq,customerNo,customerName,address,meterKind,business\n"),
                imports::keep(b, who, ImportKind::Guards, "g.csv", b"guardId,deviceKey\n"),
                shown::keep(b, who, "kiosk/1234", "x"),
                shown::get(b, who, "kiosk/1234"),
                shown::forget(b, who, "kiosk/1234"),
                overview::first_steps(b, who),
                overview::hide_first_steps(b, who),
                overview::latest(b, who, 10),
                overview::quarters(b, who, w.now(), w.now()),
                inventory::faulty(b, who),
                uploads::list(b, who),
                uploads::get(b, who, &upload),
                uploads::discard(b, who, &upload),
                imports::look(b, who, &upload, None),
                imports::refused(b, who, &upload, None),
                imports::go_on(b, who, &upload, ImportGo::On, ImportBounds { rows: 1, ms: 0 }),
                orders::make_ready(b, who, std::slice::from_ref(&order)),
                orders::cancel(b, who, &order, "x"),
                orders::table::make_ready(b, who, &domain::locker::orders::OrderSearch::default(), 1),
            );
        }
    }

    async fn deposits_and_syncs_are_for_staff(w: &World) {
        let [operator, staff, business, owner] = everybody(w).await;
        let kiosk = w.kiosk(1234, 1).await;
        let (b, order, yid) = (&w.b, ThingsSq("1001".to_owned()), Yid(1234));
        let (fields, token_id) = kiosk.deposit_scanned(&staff, port(1, 1), "11111").await;
        let code = kiosk.seal(&Payload::OpenToSave(fields.clone()));
        let rows = kiosk.rows();
        for who in [&operator, &business, &owner] {
            not_theirs!(who:
                scans::read_code(b, who, &code),
                scans::read_late(b, who, &code, w.now()),
                deposits::complete_late(b, who, &order, deposits::LateDeposit { code: code.clone(), scanned_at: w.now(), chosen_at: w.now() }),
                scans::reopen(b, who, &token_id),
                scans::pending_deposit(b, who),
                deposits::complete(b, who, &order, fields.clone()),
                deposits::complete_scanned(b, who, &order, &token_id),
                deposits::undo(b, who, &order),
                deposits::can_undo(b, who, &order),
                sync::apply_scanned(b, who, yid, &rows),
                sync::apply_from_scan(b, who, &token_id),
                codes::make(b, who, CodeRequest::SyncDate { yid }),
                codes::make(b, who, CodeRequest::StaffPass { yid }),
            );
        }
    }

    async fn a_pick_up_is_for_businesses(w: &World) {
        let [operator, staff, _, owner] = everybody(w).await;
        let kiosk = w.kiosk(1234, 1).await;
        let (b, order, yid) = (&w.b, ThingsSq("1001".to_owned()), Yid(1234));
        kiosk.deposit(&staff, &order, port(1, 1), "11111").await;
        for who in [&operator, &staff, &owner] {
            let wanted = CodeRequest::OpenToTake { yid, things_sq: Some(order.clone()), claimed: Claimed::default() };
            not_theirs!(who:
                codes::make(b, who, wanted),
                codes::take_code(b, who, &order),
                vouchers::make(b, who, vouchers::VoucherRequest { orders: vec![order.clone()], until: None, sign_in: None }),
                vouchers::withdraw(b, who, "a.b.c"),
                history::for_business(b, who, None, 50),
            );
        }
    }

    async fn kiosks_and_orders_are_seen_by_those_who_work_with_them(w: &World) {
        let [operator, _, business, owner] = everybody(w).await;
        let kiosk = w.kiosk(1234, 1).await;
        let (b, order, yid) = (&w.b, ThingsSq("1001".to_owned()), Yid(1234));
        for who in [&business, &owner] {
            not_theirs!(who:
                kiosks::list(b, who),
                kiosks::get(b, who, yid),
                kiosks::settings(b, who, yid),
                events::list(b, who, yid, None, 50),
                overdue::list(b, who, 50),
                backend::revoked::list(b, who),
                codes::pass(b, who, yid),
            );
        }
        let (who, filter) = (&owner, OrderFilter { limit: 50, ..OrderFilter::default() });
        not_theirs!(who:
            kiosks::whereabouts(b, who, yid),
            orders::search(b, who, &filter),
            orders::get(b, who, &order),
            orders::counts(b, who),
            history::for_order(b, who, &order),
        );
        let code = kiosk.seal(&Payload::SyncDate);
        for who in [&operator, &owner] {
            not_theirs!(who: codes::check(b, who, &code));
        }
    }

    async fn who_may_not_sign_in_may_do_nothing(w: &World) {
        let [operator, staff, ..] = everybody(w).await;
        for who in [operator, staff] {
            let who = Person { active: false, ..who };
            assert_eq!(kiosks::list(&w.b, &who).await.map(|_| ()), Err(Refusal::NotSignedIn));
            assert_eq!(orders::counts(&w.b, &who).await.map(|_| ()), Err(Refusal::NotSignedIn));
        }
    }
}
