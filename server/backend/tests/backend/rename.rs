//! A business gets another name, and everything that was its own with it.

use crate::both;
use crate::harness::World;
use backend::locker::orders::{self, NewOrder};
use backend::locker::{history, rename, search};
use backend::{Actor, businesses, changes, people};
use domain::changes::{About, Deed};
use domain::error::{Problem, Refusal};
use domain::ids::BusinessName;
use domain::locker::orders::{OrderFilter, OrderSearch, OrderTexts};

fn name(text: &str) -> BusinessName {
    BusinessName(text.to_owned())
}

/// Orders of a business with these numbers.
async fn add(w: &World, business: &str, numbers: std::ops::Range<u32>) {
    let rows: String = numbers
        .map(|number| format!("{number},{number},김,서울,LP,{business}\n"))
        .collect();
    let file = format!("thingsSq,customerNo,customerName,address,meterKind,business\n{rows}");
    let report = orders::import_csv(&w.b, &Actor::Cli, file.as_bytes()).await.unwrap();
    assert_eq!(report.errors, []);
}

both! {
    async fn people_orders_and_their_history_follow_the_new_name(w: &World) {
        let who = w.operator().await;
        let user = w.business_user("01000000004", "한빛전기").await;
        add(w, "한빛전기", 0..450).await;
        w.pass(1);
        let so_far = rename::business(&w.b, &who, &name("한빛전기"), "한빛에너지", 1).await.unwrap();
        assert_eq!((so_far.made, so_far.next.is_some()), (200, true));
        // Left in the middle: nothing new belongs to the old name, and it is known what it becomes.
        let texts = OrderTexts { customer_no: "1".to_owned(), business: "한빛전기".to_owned(), ..OrderTexts::default() };
        let late = NewOrder { things_sq: "x".to_owned(), texts, ..NewOrder::default() };
        assert_eq!(orders::add(&w.b, &Actor::Cli, late).await.err(), Some(Refusal::field("business", Problem::Unknown)));
        assert_eq!(rename::becomes(&w.b, &who, &name("한빛전기")).await.unwrap(), Some(name("한빛에너지")));
        let so_far = rename::go_on(&w.b, &who, &name("한빛전기"), 10).await.unwrap();
        assert_eq!((so_far.made, so_far.next), (250, None));
        assert_eq!(businesses::get(&w.b, &who, &name("한빛전기")).await.err(), Some(Refusal::Unknown));
        let renamed = businesses::get(&w.b, &who, &name("한빛에너지")).await.unwrap();
        assert_eq!((renamed.orders, renamed.people, renamed.retired_at), (450, 1, None));
        let user = people::get(&w.b, &user.phone).await.unwrap().unwrap();
        let filter = OrderFilter { limit: 200, ..OrderFilter::default() };
        assert_eq!(orders::search(&w.b, &user, &filter).await.unwrap().rows.len(), 200);
        assert_eq!(history::for_business(&w.b, &user, None, 50).await.unwrap().rows.len(), 50);
        let asked = OrderSearch { text: "한빛에너지".to_owned(), limit: 50, ..OrderSearch::default() };
        assert_eq!(search::find(&w.b, &who, &asked).await.unwrap().rows.len(), 50);
        let noted = changes::list(&w.b, &who, &About::Business(name("한빛에너지"))).await.unwrap();
        assert_eq!((noted[0].deed, noted[0].values[0].was.as_str()), (Deed::Corrected, "한빛전기"));
    }

    async fn the_name_of_another_business_is_taken(w: &World) {
        let who = w.operator().await;
        w.business("한빛전기").await;
        w.business("대성전력").await;
        let taken = rename::business(&w.b, &who, &name("한빛전기"), "대성전력", 1).await;
        assert_eq!(taken.err(), Some(Refusal::field("newName", Problem::Taken)));
        assert!(businesses::get(&w.b, &who, &name("한빛전기")).await.unwrap().retired_at.is_none());
        assert_eq!(rename::business(&w.b, &who, &name("없음"), "새 이름", 1).await.err(), Some(Refusal::Unknown));
        assert_eq!(rename::go_on(&w.b, &who, &name("한빛전기"), 1).await.err(), Some(Refusal::Unknown));
        // The same name is no change.
        rename::business(&w.b, &who, &name("한빛전기"), " 한빛전기 ", 1).await.unwrap();
        assert_eq!(businesses::all_names(&w.b, &who).await.unwrap().len(), 2);
    }
}
