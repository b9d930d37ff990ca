use crate::both;
use crate::guard_rig::{HOUR, about, code, digits, guards_of, hello, id};
use crate::harness::{MINUTE, World};
use backend::guard::guards::{self, CodeCheck};
use backend::guard::{directory, link, passwords, presence};
use domain::error::{Problem, Refusal};
use domain::guard::ids::GuardName;
use domain::guard::link::{Status, Version};
use domain::guard::messages::guards::GuardStatus;
use domain::people::Role;
use sqlx::Row;

both! {
    async fn a_code_is_checked_by_what_the_device_said(w: &World) {
        let who = w.owner("13800000001").await;
        let check = async |guard_id: &str, tried: &str| {
            guards::check_code(&w.b, &who, &id(guard_id), Some(&code(tried))).await.unwrap()
        };
        assert_eq!(check("G0001", "123456").await, CodeCheck::Unknown);
        w.import(&["G0001", "G0002"]).await;
        assert_eq!(check("G0001", "123456").await, CodeCheck::Unknown);
        assert_eq!(directory::guard_host(&w.b, &who, "here", &id("G0001")).await, Err(Refusal::Unknown));
        let _one = w.connect(&hello("G0001", Some("123456"))).await;
        let _two = w.connect(&hello("G0002", None)).await;
        assert_eq!(directory::guard_host(&w.b, &who, "here", &id("G0001")).await.unwrap(), "here");
        assert_eq!(check("G0001", "123456").await, CodeCheck::Match);
        assert_eq!(check("G0001", "123457").await, CodeCheck::Mismatch);
        assert_eq!(check("G0002", "123456").await, CodeCheck::NoCode);
        let none = guards::check_code(&w.b, &who, &id("G0001"), None).await.unwrap();
        assert_eq!(none, CodeCheck::Mismatch);
    }

    async fn five_wrong_codes_close_a_guard_for_a_quarter_of_an_hour(w: &World) {
        let who = w.owner("13800000001").await;
        let _device = w.device("G0001", "123456").await;
        let check = async |tried: &str| {
            guards::check_code(&w.b, &who, &id("G0001"), Some(&code(tried))).await.unwrap()
        };
        for _ in 0..20 {
            assert_eq!(check("123456").await, CodeCheck::Match);
        }
        for _ in 0..5 {
            assert_eq!(check("000000").await, CodeCheck::Mismatch);
        }
        assert_eq!(check("123456").await, CodeCheck::Mismatch);
        let refused = guards::add(&w.b, &who, &id("G0001"), &code("123456"), &about("门")).await;
        assert_eq!(refused, Err(Refusal::field("opCode", Problem::Contradicts)));
        w.pass(15 * MINUTE);
        assert_eq!(check("123456").await, CodeCheck::Match);
    }

    async fn adding_needs_the_right_code_and_a_guard_nobody_has(w: &World) {
        let (one, two) = (w.owner("13800000001").await, w.owner("13800000002").await);
        w.import(&["G0001", "G0002"]).await;
        let add = async |who, guard_id: &str, tried: &str| {
            guards::add(&w.b, who, &id(guard_id), &code(tried), &about("大门")).await
        };
        let unknown = Err(Refusal::field("guardId", Problem::Unknown));
        assert_eq!(add(&one, "G9999", "123456").await, unknown);
        assert_eq!(add(&one, "G0001", "123456").await, unknown);
        let _first = w.connect(&hello("G0001", Some("123456"))).await;
        let _second = w.connect(&hello("G0002", None)).await;
        assert_eq!(add(&one, "G0001", "654321").await, Err(Refusal::field("opCode", Problem::Contradicts)));
        assert_eq!(add(&one, "G0002", "123456").await, Err(Refusal::field("opCode", Problem::Unknown)));

        let added = add(&one, "G0001", "123456").await.unwrap();
        assert_eq!((added.name.as_str(), added.comment.as_str()), ("大门", "两行\n备注"));
        let [Some(first), Some(second)] = added.default_passwords else { panic!() };
        assert_ne!(first, second);
        let taken = Err(Refusal::field("guardId", Problem::Taken));
        assert_eq!(add(&two, "G0001", "123456").await, taken);
        assert_eq!(add(&one, "G0001", "123456").await, taken);
        assert_eq!(guards::owner_of(&w.b, &two, &id("G0001")).await.unwrap(), Some(one.phone.clone()));
        assert_eq!(guards::owner_of(&w.b, &two, &id("G0002")).await.unwrap(), None);
        assert_eq!(directory::guard_hosts(&w.b, &one, "here").await.unwrap(), [(id("G0001"), "here".to_owned())]);
        assert!(directory::guard_hosts(&w.b, &two, "here").await.unwrap().is_empty());
    }

    async fn of_many_who_add_a_guard_at_once_one_has_it(w: &World) {
        let _device = w.device("G0001", "123456").await;
        let mut tries = Vec::new();
        for number in 1..=4 {
            let (b, who) = (w.b.clone(), w.owner(&format!("1380000000{number}")).await);
            tries.push(tokio::spawn(async move {
                guards::add(&b, &who, &id("G0001"), &code("123456"), &about("门")).await.is_ok()
            }));
        }
        let mut added = 0;
        for one in tries {
            added += usize::from(one.await.unwrap());
        }
        assert_eq!(added, 1);
        assert_eq!(w.sql("SELECT owner FROM owner_guards").await.len(), 1);
        assert_eq!(w.sql("SELECT owner FROM ownerships").await.len(), 1);
    }

    async fn only_the_owner_edits_and_deletes(w: &World) {
        let (one, two) = (w.owner("13800000001").await, w.owner("13800000002").await);
        w.below(&two, &one).await;
        let _guard = w.guard_of(&one, "G0001").await;
        let edit = async |who, guard_id: &str| guards::edit(&w.b, who, &id(guard_id), &about("后门")).await;
        assert_eq!(edit(&two, "G0001").await, Err(Refusal::NotYours));
        assert_eq!(edit(&one, "G9999").await, Err(Refusal::Unknown));
        assert_eq!(guards::delete(&w.b, &two, &id("G0001")).await, Err(Refusal::NotYours));
        assert_eq!(guards::delete(&w.b, &one, &id("G9999")).await, Err(Refusal::Unknown));
        assert_eq!(edit(&one, "G0001").await.unwrap().name.as_str(), "后门");
        guards::delete(&w.b, &one, &id("G0001")).await.unwrap();
        assert_eq!(guards::delete(&w.b, &one, &id("G0001")).await, Err(Refusal::Unknown));
        assert_eq!(edit(&one, "G0001").await, Err(Refusal::Unknown));
        assert!(guards_of(&w.b, &one, &one.phone).await.unwrap().is_empty());
    }

    async fn deleting_ends_the_grants_and_tells_the_device(w: &World) {
        let (one, two) = (w.owner("13800000001").await, w.owner("13800000002").await);
        let mut guard = w.guard_of(&one, "G0001").await;
        w.password(&one, "G0001", "1", "135790").await;
        guard.catch_up().await;
        assert!(guard.grants.owned && guard.live(w.now()) == 1);
        guards::delete(&w.b, &one, &id("G0001")).await.unwrap();
        guard.catch_up().await;
        assert!(!guard.grants.owned && guard.live(w.now()) == 0);
        assert_eq!(guard.grants.default_passwords, [None, None]);

        // The next owner begins with nothing, and with other default passwords.
        let added = w.add_guard(&two, "G0001").await;
        guard.catch_up().await;
        assert!(guard.grants.owned && guard.live(w.now()) == 0);
        assert_eq!(guard.grants.default_passwords, added.default_passwords);
        let listed = passwords::list(&w.b, &two, &two.phone, &id("G0001")).await.unwrap();
        assert!(listed.passwords.is_empty());
        assert_eq!(guards::get(&w.b, &one, &id("G0001")).await, Err(Refusal::NotYours));
    }

    async fn those_above_read_without_passwords(w: &World) {
        let (top, middle, owner) = (w.owner("13800000001").await, w.owner("13800000002").await, w.owner("13800000003").await);
        w.below(&top, &middle).await;
        w.below(&middle, &owner).await;
        let _guard = w.guard_of(&owner, "G0001").await;
        for above in [&top, &middle] {
            let list = guards_of(&w.b, above, &owner.phone).await.unwrap();
            assert_eq!(list.len(), 1);
            assert_eq!(list[0].default_passwords, [None, None]);
            let one = guards::get(&w.b, above, &id("G0001")).await.unwrap();
            assert_eq!(one.default_passwords, [None, None]);
        }
        assert!(guards_of(&w.b, &owner, &owner.phone).await.unwrap()[0].default_passwords[1].is_some());
        assert_eq!(guards_of(&w.b, &owner, &top.phone).await, Err(Refusal::NotYours));
        let staff = w.person("01000000002", Role::Staff, None).await;
        assert_eq!(guards_of(&w.b, &staff, &owner.phone).await, Err(Refusal::NotYours));
    }

    async fn the_status_is_what_the_device_says_while_it_says_anything(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        let status = async || guards_of(&w.b, &who, &who.phone).await.unwrap()[0].status;
        assert_eq!(status().await, GuardStatus::Working);
        guard.session.heartbeat(Status::Faulty, None, Some(40), Version::default());
        assert_eq!(status().await, GuardStatus::Faulty);
        w.pass(presence::SILENT_MS + 1);
        assert_eq!(status().await, GuardStatus::NotConnected);
        guard.session.heartbeat(Status::Working, None, Some(40), Version::default());
        assert_eq!(status().await, GuardStatus::Working);

        // Another node learns of it from the database.
        let other = w.another_node().await;
        let seen = async || guards::list(&other, &who, &who.phone).await.unwrap()[0].clone();
        for _ in 0..100 {
            if seen().await.status == GuardStatus::Working {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!((seen().await.status, seen().await.clock_uncertainty_ms), (GuardStatus::Working, Some(40)));
        other.close().await;

        // The same guard connects again before the old connection ends: it stays connected.
        let again = w.connect(&hello("G0001", Some("123456"))).await;
        drop(guard);
        assert_eq!(status().await, GuardStatus::Working);
        drop(again);
        assert_eq!(status().await, GuardStatus::NotConnected);
    }

    async fn what_is_on_the_way_is_shown_until_the_device_has_it(w: &World) {
        let who = w.owner("13800000001").await;
        let mut guard = w.guard_of(&who, "G0001").await;
        let info = async || guards::get(&w.b, &who, &id("G0001")).await.unwrap();
        guard.catch_up().await;
        assert_eq!(info().await.on_the_way(), 0);
        w.password(&who, "G0001", "1", "135790").await;
        w.password(&who, "G0001", "2", "135791").await;
        assert_eq!(info().await.on_the_way(), 2);
        w.pass(HOUR / 2);
        guard.catch_up().await;
        let done = info().await;
        assert_eq!((done.on_the_way(), done.acked_at), (0, Some(w.now())));
    }

    async fn many_guards_of_one_owner_are_listed_in_the_order_they_were_added(w: &World) {
        let who = w.owner("13800000001").await;
        let ids: Vec<String> = (0..300).rev().map(|n| format!("G{n:04}")).collect();
        w.import(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let mut sessions = Vec::new();
        for guard_id in &ids {
            sessions.push(link::connected(&w.b, &hello(guard_id, Some("123456"))).await.unwrap());
            w.add_guard(&who, guard_id).await;
            w.pass(1);
        }
        let list = guards_of(&w.b, &who, &who.phone).await.unwrap();
        let listed: Vec<&str> = list.iter().map(|guard| guard.id.as_str()).collect();
        assert_eq!(listed, ids);
    }

    async fn a_bar_code_may_be_any_text(w: &World) {
        let who = w.owner("13800000001").await;
        for (n, odd) in ["门'; DROP TABLE guards --", "a\"b", "%_\\"].into_iter().enumerate() {
            let csv = format!("guardId,deviceKey\n\"{}\",device-key-of-odd-{n}\n", odd.replace('"', "\"\""));
            backend::guard::inventory::import_csv(&w.b, &backend::Actor::Cli, csv.as_bytes()).await.unwrap();
            let mut guard = w.connect(&hello(odd, Some("123456"))).await;
            w.add_guard(&who, odd).await;
            w.password(&who, odd, "1", "135790").await;
            guard.catch_up().await;
            assert_eq!(guard.live(w.now()), 1);
        }
        assert_eq!(guards_of(&w.b, &who, &who.phone).await.unwrap().len(), 3);
    }

    async fn what_opens_a_door_is_sealed_at_rest(w: &World) {
        let who = w.owner("13800000001").await;
        let _guard = w.guard_of(&who, "G0001").await;
        w.password(&who, "G0001", "1", "135790").await;
        backend::guard::cards::add(&w.b, &who, &id("G0001"), w.new_card("2", "110101199003071234")).await.unwrap();
        let info = guards::get(&w.b, &who, &id("G0001")).await.unwrap();
        let mut secrets = vec!["135790".to_owned(), "110101199003071234".to_owned(), "赵敏".to_owned(), "123456".to_owned()];
        secrets.push("device-key-of-G0001".to_owned());
        secrets.extend(info.default_passwords.into_iter().flatten().map(String::from));
        let mut seen = String::new();
        for row in w.sql("SELECT device_key, op_code, default_password1, default_password2 FROM guards").await {
            (0..4).for_each(|column| seen += &row.get::<String, _>(column));
        }
        for row in w.sql("SELECT content FROM grants").await {
            seen += &row.get::<String, _>(0);
        }
        assert!(seen.len() > 300);
        for secret in secrets {
            assert!(!seen.contains(&secret), "{secret}");
        }
        assert_eq!(digits("135790").masked(), "******");
        assert!(GuardName::parse("").is_err());
    }
}
