//! One damaged row never keeps others from being read.

use crate::both;
use crate::guard_rig::{by_password, code, guards_of, hello, id, number, record};
use crate::harness::{MINUTE, World};
use backend::guard::guards::{self, CodeCheck};
use backend::guard::records::{self, Filter};
use backend::guard::{cards, inventory, link, passwords};
use backend::{Actor, damage};
use domain::error::Refusal;
use domain::guard::grants::Key;
use domain::guard::ids::CardNumb;
use domain::guard::link::{Change, ToDevice, Version};

/// Another letter at this place of a sealed value.
fn flipped(column: &str) -> String {
    format!(
        "substr({column}, 1, 39) || CASE WHEN substr({column}, 40, 1) = 'A' THEN 'B' ELSE 'A' END || substr({column}, 41)"
    )
}

/// What a flipped highest bit leaves: no UTF-8. PostgreSQL does not let that in.
fn no_text(column: &str) -> String {
    format!("substr({column}, 1, 39) || CAST(x'C1' AS TEXT) || substr({column}, 41)")
}

/// The kinds of damage this engine can be given.
pub fn damages(w: &World, column: &str) -> Vec<String> {
    let mut all = vec![flipped(column), "'x'".to_owned()];
    if !w.is_postgres() {
        all.push(no_text(column));
    }
    all
}

pub async fn named(w: &World) -> Vec<String> {
    let operator = w.operator().await;
    damage::rows(&w.b, &operator).unwrap()
}

both! {
    async fn a_damaged_grant_is_left_out_and_the_others_reach_the_guard(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        for service_numb in ["1", "2", "3"] {
            w.password(&who, "G0001", service_numb, "135790").await;
        }
        for service_numb in ["4", "5"] {
            cards::add(&w.b, &who, &id("G0001"), w.new_card(service_numb, "110101199003071234")).await.unwrap();
        }
        guard.catch_up().await;
        let ways = damages(w, "content");
        for how in &ways {
            w.sql(&format!("UPDATE grants SET content = {how} WHERE service_numb IN ('2', '4')")).await;
            let listed = passwords::list(&w.b, &who, &who.phone, &id("G0001")).await.unwrap();
            let readable: Vec<_> = listed.passwords.iter().map(|one| one.service_numb.clone()).collect();
            assert_eq!(readable, [number("1"), number("3")], "{how}");
            assert_eq!(listed.unreadable.len(), 1);
            assert_eq!(listed.unreadable[0].service_numb, number("2"));
            let (readable, unreadable) = cards::list_all(&w.b, &who, &who.phone, &id("G0001")).await.unwrap();
            assert_eq!((readable.len(), unreadable.len()), (1, 1));
            // One without a history to build on gets a snapshot without them.
            let frames = guard.session.changes_since(Version::default()).await.unwrap();
            let [ToDevice::Snapshot(all)] = frames.as_slice() else { panic!("{frames:?}") };
            assert_eq!(all.grants.len(), 3);
        }
        let rows = named(w).await;
        assert_eq!(rows, ["grants G0001 2", "grants G0001 4"]);
        // It can be cancelled, and the guard forgets what it had under its number.
        passwords::cancel(&w.b, &who, &id("G0001"), &number("2")).await.unwrap();
        cards::cancel(&w.b, &who, &id("G0001"), &number("4"), CardNumb::parse("110101199003071234").ok().as_ref()).await.unwrap();
        w.password(&who, "G0001", "6", "135790").await;
        let frames = guard.session.changes_since(guard.version).await.unwrap();
        let [ToDevice::Changes(batch)] = frames.as_slice() else { panic!("{frames:?}") };
        let dropped = batch.changes.iter().filter(|change| matches!(change, Change::Drop { .. })).count();
        assert_eq!((batch.changes.len(), dropped), (3, 2));
        guard.catch_up().await;
        assert_eq!(guard.live(w.now()), 4);
        let info = guards::get(&w.b, &who, &id("G0001")).await.unwrap();
        assert_eq!(info.on_the_way(), 0);
        // A record by it is stored like any other.
        let opened = by_password(1, w.now(), "2");
        assert_eq!(guard.session.store_records(&[opened]).await, Ok(1));
        // The number stays taken.
        let again = passwords::add(&w.b, &who, &id("G0001"), w.new_password("2", "135790")).await;
        assert!(matches!(again, Err(Refusal::Field { .. })), "{again:?}");
    }

    async fn a_damaged_record_is_shown_as_one_and_the_others_stay(w: &World) {
        let who = w.owner("13800000001").await;
        let guard = w.guard_of(&who, "G0001").await;
        w.password(&who, "G0001", "1", "135790").await;
        let start = w.now();
        let all: Vec<_> = (1..=5).map(|seq| by_password(seq, start.plus(seq * MINUTE), "1")).collect();
        w.pass(10 * MINUTE);
        guard.session.store_records(&all).await.unwrap();
        let ways = damages(w, "info");
        for how in &ways {
            w.sql(&format!("UPDATE records SET info = {how} WHERE seq = 3")).await;
            let between = records::between(&w.b, &who, &who.phone, start, w.now(), 100).await.unwrap();
            let damaged: Vec<(i64, bool)> = between.iter().map(|row| (row.seq, row.damaged)).collect();
            assert_eq!(damaged, [(1, false), (2, false), (3, true), (4, false), (5, false)], "{how}");
            let mut filter = Filter { limit: 2, ..Filter::default() };
            let mut pages = Vec::new();
            loop {
                let page = records::page(&w.b, &who, &who.phone, &filter).await.unwrap();
                pages.extend(page.rows.iter().map(|row| row.seq));
                filter.cursor = page.next;
                if filter.cursor.is_none() {
                    break;
                }
            }
            assert_eq!(pages, [5, 4, 3, 2, 1]);
            let at = between[2].at;
            assert_eq!(records::reveal_card(&w.b, &who, &who.phone, &id("G0001"), at, 3).await, Err(Refusal::Unknown));
        }
        assert_eq!(named(w).await, ["records G0001 3"]);
    }

    async fn a_row_whose_reason_nobody_knows_does_not_end_the_page(w: &World) {
        let who = w.owner("13800000001").await;
        let guard = w.guard_of(&who, "G0001").await;
        let start = w.now();
        let all: Vec<_> = (1..=6).map(|seq| by_password(seq, start.plus(seq * MINUTE), "1")).collect();
        w.pass(10 * MINUTE);
        guard.session.store_records(&all).await.unwrap();
        w.sql("UPDATE records SET opened = 0, reason = 'xnded' WHERE seq IN (4, 5)").await;
        let mut filter = Filter { limit: 2, ..Filter::default() };
        let mut seen = Vec::new();
        loop {
            let page = records::page(&w.b, &who, &who.phone, &filter).await.unwrap();
            seen.extend(page.rows.iter().map(|row| row.seq));
            filter.cursor = page.next;
            if filter.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, [6, 3, 2, 1]);
        assert_eq!(named(w).await, ["records G0001 4", "records G0001 5"]);
    }

    async fn damaged_default_passwords_leave_the_guard_in_the_list(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        let _other = w.guard_of(&who, "G0002").await;
        let ways = damages(w, "default_password1");
        for how in &ways {
            w.sql(&format!("UPDATE guards SET default_password1 = {how} WHERE guard_id = 'G0001'")).await;
            let listed = guards_of(&w.b, &who, &who.phone).await.unwrap();
            assert_eq!(listed.len(), 2, "{how}");
            assert!(listed[0].default_passwords[0].is_none() && listed[0].default_passwords[1].is_some());
            assert!(listed[1].default_passwords[0].is_some());
            let frames = guard.session.changes_since(Version::default()).await.unwrap();
            assert!(matches!(frames.as_slice(), [ToDevice::Snapshot(_)]), "{frames:?}");
        }
        guard.catch_up().await;
        assert!(guard.grants.default_passwords[0].is_none() && guard.grants.default_passwords[1].is_some());
        // What was opened by one of them is stored all the same.
        for (seq, number) in [(1, 1), (2, 2)] {
            let opened = record(seq, w.now(), Key::DefaultPassword { number });
            assert_eq!(guard.session.store_records(&[opened]).await, Ok(seq));
        }
        assert_eq!(named(w).await, ["guards G0001 default_password1"]);
    }

    async fn a_damaged_device_key_is_mended_by_importing_it_again(w: &World) {
        w.import(&["G0001", "G0002"]).await;
        for how in damages(w, "device_key") {
            w.sql(&format!("UPDATE guards SET device_key = {how} WHERE guard_id = 'G0001'")).await;
            assert!(link::device_key(&w.b, &id("G0001")).await.unwrap().is_none(), "{how}");
            assert!(link::device_key(&w.b, &id("G0002")).await.unwrap().is_some());
            w.sql("DELETE FROM guards WHERE guard_id = 'G0003'").await;
            let file = "guardId,deviceKey\nG0001,device-key-of-G0001\nG0002,device-key-of-G0002\nG0003,device-key-of-G0003\n";
            let report = inventory::import_csv(&w.b, &Actor::Cli, file.as_bytes()).await.unwrap();
            assert_eq!((report.added, report.unchanged, report.errors.len()), (2, 1, 0));
            assert!(link::device_key(&w.b, &id("G0001")).await.unwrap().is_some());
        }
        assert_eq!(named(w).await, ["guards G0001 device_key"]);
    }

    async fn a_damaged_verification_code_is_what_the_device_says_next(w: &World) {
        let who = w.owner("13800000001").await;
        drop(w.device("G0001", "123456").await);
        for how in damages(w, "op_code") {
            w.sql(&format!("UPDATE guards SET op_code = {how} WHERE guard_id = 'G0001'")).await;
            let tried = code("123456");
            assert_eq!(guards::check_code(&w.b, &who, &id("G0001"), Some(&tried)).await, Ok(CodeCheck::NoCode), "{how}");
            drop(w.connect(&hello("G0001", Some("123456"))).await);
            assert_eq!(guards::check_code(&w.b, &who, &id("G0001"), Some(&tried)).await, Ok(CodeCheck::Match));
        }
    }

    async fn only_operators_are_told_which_rows_are_damaged(w: &World) {
        let owner = w.owner("13800000001").await;
        assert_eq!(damage::rows(&w.b, &owner), Err(Refusal::NotYours));
    }
}
