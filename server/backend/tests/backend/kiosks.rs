use crate::both;
use crate::harness::{MINUTE, World, port};
use backend::Actor;
use backend::locker::kiosks::{self, DoorLayout, NewKiosk};
use backend::locker::{deposits, events, sync};
use backend::tokens::{self, Bearer};
use domain::error::{Problem, Refusal};
use domain::ids::Yid;
use domain::locker::compartments::CompartmentStatus;
use domain::locker::events::{EventKind, KioskEvent};
use domain::locker::kiosk::pin;
use domain::locker::kiosks::KioskTexts;
use domain::locker::orders::OrderStatus;

fn new(yid: i64) -> NewKiosk {
    NewKiosk {
        yid,
        name: "중구지사".to_owned(),
        address: "서울".to_owned(),
        boards: 2,
        ports: 8,
        secret: None,
    }
}

fn door(jumper: i64, serial: i64, label: &str, status: CompartmentStatus) -> DoorLayout {
    DoorLayout {
        port: port(jumper, serial),
        label: label.to_owned(),
        size: 2,
        status,
    }
}

both! {
    async fn a_new_kiosk_has_its_doors_labelled_by_board_and_port(w: &World) {
        let operator = w.operator().await;
        let kiosk = kiosks::add(&w.b, &Actor::Cli, new(1234)).await.unwrap();
        assert_eq!((kiosk.counts.total, kiosk.counts.free, kiosk.legacy), (16, 16, false));
        let (_, doors) = kiosks::get(&w.b, &operator, Yid(1234)).await.unwrap();
        let labels: Vec<_> = doors.iter().map(|door| door.label.as_str()).collect();
        assert_eq!(labels[..3], ["A1", "A2", "A3"]);
        assert_eq!(labels[15], "B8");
    }

    async fn a_given_secret_is_marked_and_kept_at_enrolment(w: &World) {
        let given = NewKiosk { secret: Some("iloveyang".to_owned()), ..new(1234) };
        assert!(kiosks::add(&w.b, &Actor::Cli, given).await.unwrap().legacy);
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap();
        assert_eq!(kiosks::enrol(&w.b, &code.code, "10.0.0.9").await.unwrap().secret, "iloveyang");
    }

    async fn impossible_kiosks_are_refused(w: &World) {
        kiosks::add(&w.b, &Actor::Cli, new(1)).await.unwrap();
        let cases = [
            (new(0), "yid", Problem::Range { min: 1, max: 9_007_199_254_740_991 }),
            (new(1), "yid", Problem::Taken),
            (NewKiosk { name: String::new(), ..new(2) }, "name", Problem::Required),
            (NewKiosk { boards: 17, ..new(2) }, "boards", Problem::Range { min: 1, max: 16 }),
            (NewKiosk { boards: 16, ports: 17, ..new(2) }, "ports", Problem::Range { min: 1, max: 16 }),
            (NewKiosk { ports: i64::MAX, ..new(2) }, "ports", Problem::Range { min: 1, max: 32 }),
        ];
        for (new, field, problem) in cases {
            let refused = kiosks::add(&w.b, &Actor::Cli, new).await;
            assert_eq!(refused, Err(Refusal::field(field, problem)));
        }
    }

    async fn an_enrolment_code_is_good_once(w: &World) {
        let kiosk = w.kiosk(1234, 2).await;
        assert_eq!(tokens::authenticate(&w.b, &kiosk.token).await, Ok(Bearer::Kiosk(Yid(1234))));
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap().code;
        assert_eq!((code.len(), code.bytes().all(|byte| byte.is_ascii_digit())), (8, true));
        kiosks::enrol(&w.b, &code, "10.0.0.9").await.unwrap();
        assert_eq!(kiosks::enrol(&w.b, &code, "10.0.0.9").await.unwrap_err(), Refusal::EnrolmentCode);
        // Another device is the kiosk now.
        assert_eq!(tokens::authenticate(&w.b, &kiosk.token).await, Err(Refusal::NotSignedIn));
    }

    async fn an_enrolment_code_ends_after_ten_minutes(w: &World) {
        kiosks::add(&w.b, &Actor::Cli, new(1234)).await.unwrap();
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap().code;
        w.pass(10 * MINUTE);
        assert_eq!(kiosks::enrol(&w.b, &code, "10.0.0.9").await.unwrap_err(), Refusal::EnrolmentCode);
    }

    async fn a_fresh_enrolment_code_ends_the_one_before(w: &World) {
        kiosks::add(&w.b, &Actor::Cli, new(1234)).await.unwrap();
        let before = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap().code;
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap().code;
        assert_eq!(kiosks::enrol(&w.b, &before, "10.0.0.9").await.unwrap_err(), Refusal::EnrolmentCode);
        assert!(kiosks::enrol(&w.b, &code, "10.0.0.9").await.is_ok());
    }

    async fn wrong_codes_of_strangers_end_no_enrolment_code(w: &World) {
        kiosks::add(&w.b, &Actor::Cli, new(1234)).await.unwrap();
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap().code;
        for wrong in ["", "1", "00000000", "' OR 1=1 --", "１２３４５６７８"] {
            for _ in 0..4 {
                assert_eq!(kiosks::enrol(&w.b, wrong, "10.0.0.8").await.unwrap_err(), Refusal::EnrolmentCode);
            }
        }
        let refused = kiosks::enrol(&w.b, &code, "10.0.0.8").await.unwrap_err();
        assert!(matches!(refused, Refusal::TooMany { .. }), "{refused:?}");
        assert!(kiosks::enrol(&w.b, &code, "10.0.0.9").await.is_ok());
    }

    async fn of_two_devices_with_one_code_one_enrols(w: &World) {
        kiosks::add(&w.b, &Actor::Cli, new(1234)).await.unwrap();
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap().code;
        let other = w.another_node().await;
        let (one, two) = tokio::join!(kiosks::enrol(&w.b, &code, "10.0.0.8"), kiosks::enrol(&other, &code, "10.0.0.9"));
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    }

    async fn a_replaced_device_learns_what_is_in_the_kiosk(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        w.kiosk(1234, 2).await.deposit(&staff, &order, port(1, 3), "48213").await;
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap().code;
        let enrolled = kiosks::enrol(&w.b, &code, "10.0.0.9").await.unwrap();
        let door = enrolled.compartments.iter().find(|door| door.port() == port(1, 3)).unwrap();
        assert_eq!(door.pwd.as_deref(), Some("48213"));
        assert_eq!(door.things_sq, Some(order));
        assert_eq!(kiosks::bindings(&w.b, Yid(1234)).await.unwrap().len(), 1);
    }

    async fn doors_of_a_replaced_device_are_unknown_until_staff_looked_into_them(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (one, two, three) = (
            w.ready_order("1001", "한빛전기").await,
            w.ready_order("1002", "한빛전기").await,
            w.ready_order("1003", "한빛전기").await,
        );
        let old = w.kiosk(1234, 1).await;
        old.deposit(&staff, &one, port(1, 1), "11111").await;
        old.change(port(1, 8), |row| row.status = CompartmentStatus::OutOfOrder);
        sync::apply_kiosk(&w.b, old.yid, Some(w.now()), &old.rows()).await.unwrap();
        let heard = w.now();
        w.pass(MINUTE);
        // Scanned and not completed yet; and one of which nobody heard before the device was gone.
        let (_, scanned) = old.deposit_scanned(&staff, port(1, 2), "22222").await;
        old.put_in(port(1, 3), "33333");
        w.pass(MINUTE);

        let new = w.replace(old).await;
        let status = |at| new.change(at, |row| row.status);
        let (_, doors) = kiosks::get(&w.b, &staff, new.yid).await.unwrap();
        let door = |at| doors.iter().find(|door| door.port == at).unwrap();
        assert_eq!([1, 2, 3, 4, 8].map(|serial| status(port(1, serial)).letter()), ["A", "A", "D", "D", "C"]);
        assert_eq!([1, 2, 3, 4, 8].map(|serial| door(port(1, serial)).status.letter()), ["A", "A", "D", "D", "C"]);
        assert_eq!(door(port(1, 3)).unknown_since, Some(heard));
        assert_eq!((door(port(1, 1)).unknown_since.is_some(), door(port(1, 8)).unknown_since), (true, None));
        let (kiosk, _) = kiosks::get(&w.b, &staff, new.yid).await.unwrap();
        assert_eq!(kiosk.counts.free, 0, "none is offered as free");

        // What was scanned is completed as if nothing had happened.
        deposits::complete_scanned(&w.b, &staff, &two, &scanned).await.unwrap();
        w.pass(MINUTE);
        // Staff find one door full and one empty, and look into no other yet.
        let (_, token) = new.deposit_scanned(&staff, port(1, 3), "54321").await;
        deposits::complete_scanned(&w.b, &staff, &three, &token).await.unwrap();
        new.take_out(port(1, 4));
        sync::apply_kiosk(&w.b, new.yid, Some(w.now()), &new.rows()).await.unwrap();
        for order in [&one, &two, &three] {
            assert_eq!(w.status(&staff, order).await, OrderStatus::Stored);
        }
        let (_, doors) = kiosks::get(&w.b, &staff, new.yid).await.unwrap();
        let unknown: Vec<_> = doors.iter().filter(|door| door.unknown_since.is_some()).map(|door| door.port.serial).collect();
        assert_eq!(unknown, [1, 5, 6, 7]);
        let settled = KioskEvent {
            seq: 1,
            at: w.now(),
            kind: EventKind::Settled,
            port: Some(port(1, 1)),
            things_sq: None,
            actor: Some(staff.phone.clone()),
            detail: Some("stored".to_owned()),
        };
        events::append(&w.b, new.yid, vec![settled]).await.unwrap();
        let (_, known) = kiosks::get(&w.b, &staff, new.yid).await.unwrap();
        assert_eq!(known[0].unknown_since, None);
        let free: Vec<_> = doors.iter().filter(|door| door.status == CompartmentStatus::Free).map(|door| door.port.serial).collect();
        assert_eq!(free, [4]);
    }

    async fn doors_of_a_first_device_are_known(w: &World) {
        let staff = w.staff("01000000002").await;
        w.kiosk(1234, 1).await;
        let (kiosk, doors) = kiosks::get(&w.b, &staff, Yid(1234)).await.unwrap();
        assert_eq!((kiosk.counts.free, doors.iter().filter(|door| door.unknown_since.is_some()).count()), (8, 0));
    }

    async fn no_secret_and_no_password_lies_open_in_the_database(w: &World) {
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let given = NewKiosk { secret: Some("iloveyang".to_owned()), ..new(1) };
        kiosks::add(&w.b, &Actor::Cli, given).await.unwrap();
        w.kiosk(1234, 2).await.deposit(&staff, &order, port(1, 3), "48213").await;
        for sql in [
            "SELECT yid FROM kiosks WHERE secret LIKE '%iloveyang%'",
            "SELECT yid FROM compartments WHERE pwd LIKE '%48213%'",
            "SELECT yid FROM scans WHERE data LIKE '%48213%'",
        ] {
            assert!(w.sql(sql).await.is_empty(), "{sql}");
        }
    }

    async fn a_layout_changes_labels_sizes_and_conditions(w: &World) {
        let operator = w.operator().await;
        kiosks::add(&w.b, &Actor::Cli, new(1234)).await.unwrap();
        let doors = vec![
            door(1, 1, "왼쪽 위", CompartmentStatus::Free),
            door(1, 2, "A2", CompartmentStatus::Joined),
            door(1, 3, "A3", CompartmentStatus::OutOfOrder),
        ];
        let doors = kiosks::set_layout(&w.b, &operator, Yid(1234), doors).await.unwrap();
        assert_eq!((doors[0].label.as_str(), doors[0].size), ("왼쪽 위", 2));
        let (kiosk, _) = kiosks::get(&w.b, &operator, Yid(1234)).await.unwrap();
        assert_eq!((kiosk.counts.total, kiosk.counts.free, kiosk.counts.out_of_order), (15, 14, 1));
    }

    async fn a_layout_leaves_occupied_doors_alone_and_labels_unique(w: &World) {
        let operator = w.operator().await;
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let order = w.ready_order("1001", "한빛전기").await;
        w.kiosk(1234, 2).await.deposit(&staff, &order, port(1, 1), "48213").await;
        let set = |door| kiosks::set_layout(&w.b, &operator, Yid(1234), vec![door]);
        assert_eq!(set(door(1, 1, "A1", CompartmentStatus::Free)).await, Err(Refusal::CompartmentTaken));
        let renamed = DoorLayout { size: 1, ..door(1, 1, "Z1", CompartmentStatus::Stored) };
        assert_eq!(set(renamed).await.unwrap()[0].label, "Z1");
        let doubled = set(door(1, 2, "A3", CompartmentStatus::Free)).await;
        assert_eq!(doubled, Err(Refusal::field("label", Problem::Taken)));
        let stored = set(door(1, 2, "A2", CompartmentStatus::Stored)).await;
        assert_eq!(stored, Err(Refusal::field("status", Problem::Contradicts)));
        assert_eq!(set(door(9, 9, "Q", CompartmentStatus::Free)).await, Err(Refusal::Unknown));
    }

    async fn a_pin_is_kept_as_the_hash_the_kiosk_checks(w: &World) {
        let operator = w.operator().await;
        kiosks::add(&w.b, &Actor::Cli, new(1234)).await.unwrap();
        assert!(kiosks::set_pin(&w.b, &operator, Yid(1234), "12").await.is_err());
        kiosks::set_pin(&w.b, &operator, Yid(1234), "2580").await.unwrap();
        kiosks::set_overdue_days(&w.b, &operator, Yid(1234), 7).await.unwrap();
        let settings = kiosks::settings(&w.b, &operator, Yid(1234)).await.unwrap();
        assert_eq!((settings.has_pin, settings.overdue_days), (true, 7));
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(1234)).await.unwrap().code;
        let enrolled = kiosks::enrol(&w.b, &code, "10.0.0.9").await.unwrap();
        let hash = enrolled.pin.unwrap();
        assert!(pin::matches("2580", &hash) && !pin::matches("2581", &hash));
    }

    async fn kiosks_are_for_staff_and_operators(w: &World) {
        kiosks::add(&w.b, &Actor::Cli, new(1234)).await.unwrap();
        let staff = w.staff("01000000002").await;
        let business = w.business_user("01000000004", "한빛전기").await;
        assert!(kiosks::list(&w.b, &staff).await.is_ok());
        assert_eq!(kiosks::list(&w.b, &business).await, Err(Refusal::NotYours));
        assert_eq!(kiosks::get(&w.b, &business, Yid(1234)).await, Err(Refusal::NotYours));
        assert_eq!(kiosks::whereabouts(&w.b, &business, Yid(1234)).await.unwrap().name, "중구지사");
        assert_eq!(kiosks::edit(&w.b, &staff, Yid(1234), None, &KioskTexts::default()).await, Err(Refusal::NotYours));
        assert_eq!(kiosks::set_layout(&w.b, &staff, Yid(1234), vec![]).await, Err(Refusal::NotYours));
        assert_eq!(kiosks::get(&w.b, &staff, Yid(9)).await, Err(Refusal::Unknown));
        let code = kiosks::enrolment_code(&w.b, &Actor::from(&staff), Yid(1234)).await;
        assert_eq!(code.unwrap_err(), Refusal::NotYours);
    }
}
