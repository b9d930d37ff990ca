use crate::harness::{DAY, World, phone};
use crate::{both, guard_rig};
use backend::guard::{cards, guards, link, passwords, records};
use backend::locker::{history, kiosks, orders};
use backend::{demo, people};
use domain::ids::{ThingsSq, Yid};
use domain::locker::history::Happening;
use domain::locker::orders::OrderStatus;

both! {
    async fn the_sample_data_is_what_the_specification_says(w: &World) {
        assert!(demo::load_if_empty(&w.b).await.unwrap());

        for (number, role, name, business) in demo::PEOPLE {
            let person = people::sign_in(&w.b, number, demo::PASSWORD, "10.0.0.1").await.unwrap();
            assert_eq!((person.role, person.name.as_str()), (role, name));
            assert_eq!(person.business.map(|name| name.0).as_deref(), business);
        }
        let operator = people::get(&w.b, &phone("01000000001")).await.unwrap().unwrap();
        let kiosks = kiosks::list(&w.b, &operator).await.unwrap();
        let sizes: Vec<_> = kiosks.iter().map(|kiosk| (kiosk.yid.0, kiosk.counts.total, kiosk.counts.stored)).collect();
        assert_eq!(sizes, [(1234, 16, 8), (1235, 64, 9)]);
        for number in 1001..=1060 {
            let order = orders::get(&w.b, &operator, &ThingsSq(number.to_string())).await.unwrap();
            let expected = OrderStatus::ALL[(number - 1001) / 15];
            assert_eq!(order.status, expected, "{number}");
            assert_eq!(order.place.is_some(), matches!(expected, OrderStatus::Stored | OrderStatus::Done));
        }
    }

    async fn the_sample_orders_have_a_history(w: &World) {
        demo::load_if_empty(&w.b).await.unwrap();
        let operator = people::get(&w.b, &phone("01000000001")).await.unwrap().unwrap();
        let story = history::for_order(&w.b, &operator, &ThingsSq("1055".to_owned())).await.unwrap();
        let steps: Vec<_> = story.iter().map(|step| step.what).collect();
        use Happening::{CodeShown, Done, OpenedToStore, OpenedToTake, Ready, Received, Stored};
        assert_eq!(steps, [Received, Ready, OpenedToStore, Stored, CodeShown, OpenedToTake, Done]);
        assert!(story.iter().all(|step| step.at <= w.now()));
    }

    async fn the_sample_guards_have_owners_grants_and_records(w: &World) {
        demo::load_if_empty(&w.b).await.unwrap();
        let top = people::get(&w.b, &phone("13800000001")).await.unwrap().unwrap();
        for (owner, expected) in [("13800000001", vec!["G0001"]), ("13800000002", vec!["G0002", "G0003"]), ("13800000003", vec!["G0004"])] {
            let guards = guards::list(&w.b, &top, &phone(owner)).await.unwrap();
            let mut listed: Vec<&str> = guards.iter().map(|guard| guard.id.as_str()).collect();
            listed.sort_unstable();
            assert_eq!(listed, expected);
            assert!(guards.iter().all(|guard| guard.on_the_way() == 0 && guard.seen_at.is_some()));
            let records = records::between(&w.b, &top, &phone(owner), w.now().plus(-15 * DAY), w.now(), 10_000).await.unwrap();
            assert!(records.len() > 20, "{}", records.len());
            for guard in guards {
                assert!(!passwords::list(&w.b, &top, &phone(owner), &guard.id).await.unwrap().passwords.is_empty());
                assert!(!cards::list(&w.b, &top, &phone(owner), &guard.id).await.unwrap().is_empty());
            }
        }
        for guard in demo::GUARDS {
            let (guard_id, code) = (guard_rig::id(guard.guard_id), guard_rig::code(guard.code));
            let key = link::device_key(&w.b, &guard_id).await.unwrap().unwrap();
            assert_eq!(key.expose(), demo::device_key(guard_id.as_str()));
            let check = guards::check_code(&w.b, &top, &guard_id, Some(&code)).await.unwrap();
            assert_eq!(check, guards::CodeCheck::Match);
        }
        let free = guards::owner_of(&w.b, &top, &guard_rig::id("G0005")).await.unwrap();
        assert_eq!(free, None);
    }

    async fn sample_data_is_put_into_an_empty_database_only(w: &World) {
        w.business("한빛전기").await;
        assert!(!demo::load_if_empty(&w.b).await.unwrap());
        let operator = w.operator().await;
        assert!(kiosks::get(&w.b, &operator, Yid(1234)).await.is_err());
    }
}
