use crate::both;
use crate::harness::{World, phone};
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
        let sizes: Vec<_> = kiosks.iter().map(|kiosk| (kiosk.yid.0, kiosk.counts.total)).collect();
        assert_eq!(sizes, [(1234, 16), (1235, 64)]);
        for number in 1001..=1060 {
            let order = orders::get(&w.b, &operator, &ThingsSq(number.to_string())).await.unwrap();
            assert_eq!(order.status, demo::status_of(number), "{number}");
            assert_eq!(order.place.is_some(), matches!(order.status, OrderStatus::Stored | OrderStatus::Done));
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

    async fn sample_data_is_put_into_an_empty_database_only(w: &World) {
        w.operator().await;
        assert!(!demo::load_if_empty(&w.b).await.unwrap());
        let operator = people::get(&w.b, &phone("01000000001")).await.unwrap().unwrap();
        assert!(kiosks::get(&w.b, &operator, Yid(1234)).await.is_err());
    }
}
