use crate::both;
use crate::harness::{MINUTE, World, port};
use backend::locker::scans;
use domain::error::Refusal;
use domain::ids::{ThingsSq, Yid};
use domain::people::Role;
use domain::token::{self, Payload, StaffPass, TokenKey};
use serde_json::json;

both! {
    async fn a_deposit_code_is_answered_in_clear_with_what_to_do_next(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let mut fields = kiosk.put_in(port(1, 3), "48213");
        fields.things_sq = Some(ThingsSq("10/01 가".to_owned()));
        let scanned = scans::read_code(&w.b, &staff, &kiosk.seal(&Payload::OpenToSave(fields.clone()))).await.unwrap();
        assert_eq!((scanned.cmd.as_str(), scanned.yid), ("OpenToSave", Yid(1234)));
        assert_eq!(scanned.date, w.now().to_iso());
        let expected = json!({"serial": 3, "jumper": 1, "pwd": "48213", "saveDate": fields.save_date, "label": "A3", "thingsSq": "10/01 가"});
        assert_eq!(scanned.data, Some(expected));
        let next = scanned.next.clone().unwrap();
        assert_eq!((next.method.as_str(), next.href.as_str()), ("PUT", "/v1/Powermeter/OpenToSave/10%2F01%20%EA%B0%80"));
        assert_eq!(scans::reopen(&w.b, &staff, &scanned.token_id).await, Ok(scanned));
    }

    async fn a_data_code_is_answered_as_rows(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let scanned = scans::read_code(&w.b, &staff, &kiosk.data_code()).await.unwrap();
        assert_eq!(scanned.data.unwrap().as_array().unwrap().len(), 16);
        assert_eq!(scanned.next.unwrap().href, "/v1/SyncData/1234");
    }

    async fn a_code_is_accepted_once(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        let kiosk = w.kiosk(1234, 2).await;
        let code = kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, 1), "48213")));
        scans::read_code(&w.b, &one, &code).await.unwrap();
        for who in [&one, &two] {
            assert_eq!(scans::read_code(&w.b, who, &code).await, Err(Refusal::CodeUsed));
        }
        assert_eq!(scans::pending_deposit(&w.b, &two).await, Ok(None));
    }

    async fn of_many_phones_with_one_code_one_wins(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let code = kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, 1), "48213")));
        let other = w.another_node().await;
        let reads = (0..40).map(|number| {
            let b = if number % 2 == 0 { w.b.clone() } else { other.clone() };
            let (staff, code) = (staff.clone(), code.clone());
            tokio::spawn(async move { scans::read_code(&b, &staff, &code).await })
        });
        let mut accepted = 0;
        for read in reads.collect::<Vec<_>>() {
            match read.await.unwrap() {
                Ok(_) => accepted += 1,
                Err(refusal) => assert_eq!(refusal, Refusal::CodeUsed),
            }
        }
        assert_eq!(accepted, 1);
    }

    async fn codes_that_are_read_at_once_are_each_accepted_once(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        // More than are stored together, and no power of two.
        let door = |number: i64| port(1 + number / 8, 1 + number % 8);
        let code = |number: i64| kiosk.seal(&Payload::OpenToSave(kiosk.put_in(door(number % 16), "48213")));
        let codes: Vec<String> = (0..45).map(code).collect();
        let twice = codes.iter().chain(codes.iter().take(7));
        let reads = futures::future::join_all(twice.map(|code| scans::read_code(&w.b, &staff, code))).await;
        let used = reads.iter().filter(|read| **read == Err(Refusal::CodeUsed)).count();
        assert_eq!((used, reads.iter().filter(|read| read.is_ok()).count()), (7, codes.len()));
        let stored: std::collections::BTreeSet<&String> = reads.iter().flatten().map(|scanned| &scanned.token_id).collect();
        assert_eq!(stored.len(), codes.len());
        for name in stored {
            assert!(scans::reopen(&w.b, &staff, name).await.is_ok());
        }
    }

    async fn a_deposit_code_is_fresh_for_ten_minutes(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let code = |serial| kiosk.seal(&Payload::OpenToSave(kiosk.put_in(port(1, serial), "48213")));
        let (early, late, future) = (code(1), code(2), code(3));
        w.pass(10 * MINUTE);
        assert!(scans::read_code(&w.b, &staff, &early).await.is_ok());
        w.pass(1);
        assert_eq!(scans::read_code(&w.b, &staff, &late).await, Err(Refusal::CodeExpired));
        w.pass(-20 * MINUTE - 2);
        assert_eq!(scans::read_code(&w.b, &staff, &future).await, Err(Refusal::CodeFromFuture));
    }

    async fn codes_that_are_not_this_kiosks_are_refused(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let payload = Payload::OpenToSave(kiosk.put_in(port(1, 1), "48213"));
        let good = kiosk.seal(&payload);
        let mut random = |bytes: &mut [u8]| bytes.fill(7);
        let forged = token::seal(&TokenKey::new(b"guessed"), Yid(1234), w.now(), &payload, &mut random).unwrap();
        let foreign = token::seal(&kiosk.key, Yid(9), w.now(), &payload, &mut random).unwrap();
        let mut changed = good.clone().into_bytes();
        let middle = changed.len() / 2;
        changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        for (code, refusal) in [
            (forged.as_str(), Refusal::CodeDamaged),
            (foreign.as_str(), Refusal::CodeForeign),
            (changed.as_str(), Refusal::CodeDamaged),
            ("", Refusal::CodeDamaged),
            ("not a code", Refusal::CodeDamaged),
            ("a.b.c", Refusal::CodeDamaged),
        ] {
            assert_eq!(scans::read_code(&w.b, &staff, code).await, Err(refusal), "{code}");
        }
        let huge = "a".repeat(2_000_000);
        assert!(matches!(scans::read_code(&w.b, &staff, &huge).await, Err(Refusal::TooLarge { .. })));
        assert!(w.sql("SELECT yid FROM scans").await.is_empty());
        assert!(scans::read_code(&w.b, &staff, &good).await.is_ok());
    }

    async fn codes_meant_for_a_kiosk_are_of_another_kind(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        let pass = StaffPass { phone: staff.phone.clone(), name: staff.name.clone() };
        let fields = kiosk.put_in(port(1, 1), "48213");
        for payload in [Payload::SyncDate, Payload::StaffPass(pass), Payload::OpenToTake(fields)] {
            let refused = scans::read_code(&w.b, &staff, &kiosk.seal(&payload)).await;
            assert_eq!(refused, Err(Refusal::CodeKind));
        }
    }

    async fn only_staff_read_codes(w: &World) {
        let kiosk = w.kiosk(1234, 2).await;
        let code = kiosk.data_code();
        let business = w.business_user("01000000004", "한빛전기").await;
        let mut gone = w.staff("01000000002").await;
        gone.active = false;
        assert_eq!(scans::read_code(&w.b, &business, &code).await, Err(Refusal::NotYours));
        assert_eq!(scans::read_code(&w.b, &w.person("13800000001", Role::Owner, None).await, &code).await, Err(Refusal::NotYours));
        assert_eq!(scans::read_code(&w.b, &gone, &code).await, Err(Refusal::NotSignedIn));
    }

    async fn the_newest_open_deposit_is_remembered_for_thirty_minutes(w: &World) {
        let (one, two) = (w.staff("01000000002").await, w.staff("01000000003").await);
        let kiosk = w.kiosk(1234, 2).await;
        kiosk.deposit_scanned(&one, port(1, 1), "11111").await;
        w.pass(MINUTE);
        let (_, token_id) = kiosk.deposit_scanned(&one, port(1, 2), "22222").await;
        let pending = scans::pending_deposit(&w.b, &one).await.unwrap().unwrap();
        assert_eq!((pending.port, pending.label.as_str(), pending.yid), (port(1, 2), "A2", Yid(1234)));
        assert_eq!(scans::pending_deposit(&w.b, &two).await, Ok(None));
        assert_eq!(scans::reopen(&w.b, &two, &token_id).await, Err(Refusal::NotScanned));
        w.pass(30 * MINUTE + 1);
        assert_eq!(scans::pending_deposit(&w.b, &one).await, Ok(None));
        assert_eq!(scans::reopen(&w.b, &one, &token_id).await, Err(Refusal::NotScanned));
    }

    async fn a_re_enrolled_kiosks_old_codes_are_refused(w: &World) {
        let staff = w.staff("01000000002").await;
        let kiosk = w.kiosk(1234, 2).await;
        assert!(scans::read_code(&w.b, &staff, &kiosk.data_code()).await.is_ok());
        let cli = backend::Actor::Cli;
        let code = backend::locker::kiosks::enrolment_code(&w.b, &cli, Yid(1234)).await.unwrap().code;
        backend::locker::kiosks::enrol(&w.b, &code, "10.0.0.9").await.unwrap();
        w.pass(MINUTE);
        assert_eq!(scans::read_code(&w.b, &staff, &kiosk.data_code()).await, Err(Refusal::CodeDamaged));
    }
}
