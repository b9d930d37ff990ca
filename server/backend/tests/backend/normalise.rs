//! Text that earlier versions stored as it was typed.

use crate::both;
use crate::harness::{MINUTE, World, port};
use backend::locker::{codes, history, kiosks, orders, search, sync};
use backend::normalise::{self, Collisions};
use backend::{businesses, people};
use domain::error::Refusal;
use domain::ids::ThingsSq;
use domain::locker::orders::{OrderFilter, OrderSearch, OrderStatus};
use domain::people::Person;
use domain::token::CompartmentRow;

/// 한빛전기 as macOS writes it.
const NFD: &str = "\u{1112}\u{1161}\u{11ab}\u{1107}\u{1175}\u{11be}\u{110c}\u{1165}\u{11ab}\u{1100}\u{1175}";
const NFC: &str = "한빛전기";

async fn found(w: &World, who: &Person, customer_no: &str) -> Vec<String> {
    let filter = OrderFilter {
        customer_no: customer_no.to_owned(),
        limit: 50,
        ..OrderFilter::default()
    };
    let page = orders::search(&w.b, who, &filter).await.unwrap();
    page.rows.into_iter().map(|order| order.things_sq.0).collect()
}

/// Puts a business and everything that names it back into the form in which it was stored once.
async fn as_before(w: &World, from: &str, to: &str) {
    for sql in [
        format!("UPDATE businesses SET name = '{to}' WHERE name = '{from}'"),
        format!("UPDATE people SET business = '{to}' WHERE business = '{from}'"),
        format!("UPDATE orders SET business = '{to}' WHERE business = '{from}'"),
        format!("UPDATE evidence SET business = '{to}' WHERE business = '{from}'"),
    ] {
        w.sql(&sql).await;
    }
}

both! {
    async fn a_business_is_found_again_with_its_people_orders_and_history(w: &World) {
        let operator = w.operator().await;
        let user = w.business_user("01000000004", NFC).await;
        w.ready_order("1001", NFC).await;
        let steps = history::for_business(&w.b, &user, None, 50).await.unwrap().rows.len();
        assert!(steps > 0);
        as_before(w, NFC, NFD).await;
        w.sql("UPDATE people SET name = 'A  B' WHERE phone = '01000000004'").await;
        assert!(businesses::add(&w.b, &backend::Actor::Cli, NFC).await.is_ok(), "it was not found");
        w.sql(&format!("DELETE FROM businesses WHERE name = '{NFC}'")).await;

        w.b.start_serving().await.unwrap();
        let listed = businesses::list(&w.b, &operator, "한빛", None, 50).await.unwrap().rows;
        assert_eq!(listed.iter().map(|one| (one.name.as_str(), one.people, one.orders)).collect::<Vec<_>>(), [(NFC, 1, 1)]);
        let user = people::get(&w.b, &user.phone).await.unwrap().unwrap();
        assert_eq!(user.name, "A B");
        assert_eq!(found(w, &user, "").await, ["1001"]);
        assert_eq!(history::for_business(&w.b, &user, None, 50).await.unwrap().rows.len(), steps);
        assert_eq!(normalise::collisions(&w.b, &operator).await, Ok(Collisions::default()));
        assert_eq!(normalise::collisions(&w.b, &user).await, Err(Refusal::NotYours));
    }

    async fn an_order_is_found_again_with_its_history_and_its_door(w: &World) {
        let staff = w.staff("01000000002").await;
        let user = w.business_user("01000000004", NFC).await;
        let order = w.ready_order("1001", NFC).await;
        w.ready_order("1002", NFC).await;
        let kiosk = w.kiosk(1234, 1).await;
        kiosk.deposit(&staff, &order, port(1, 1), "48213").await;
        let steps = history::for_order(&w.b, &staff, &order).await.unwrap();
        for table in ["orders", "evidence", "compartments"] {
            w.sql(&format!("UPDATE {table} SET things_sq = '１００１' WHERE things_sq = '1001'")).await;
        }
        w.sql("UPDATE orders SET customer_no = '０２ 1', customer_name = '\u{1112}\u{1161}\u{11ab}' WHERE things_sq = '１００１'").await;
        // A column of a later version goes along.
        for table in ["orders", "evidence"] {
            w.sql(&format!("ALTER TABLE {table} ADD COLUMN later TEXT")).await;
            w.sql(&format!("UPDATE {table} SET later = 'kept'")).await;
        }
        kiosk.name_order(port(1, 1), &ThingsSq("１００１".to_owned()));
        assert_eq!(orders::get(&w.b, &staff, &order).await, Err(Refusal::Unknown));
        w.sql("DELETE FROM search_waiting").await;
        w.sql("INSERT INTO search_backlog (things_sq) SELECT things_sq FROM orders").await;

        w.b.start_serving().await.unwrap();
        for table in ["orders", "evidence"] {
            assert!(w.sql(&format!("SELECT 1 FROM {table} WHERE later IS NULL")).await.is_empty(), "{table}");
        }
        while search::progress(&w.b, 1).await.unwrap() > 0 {
            search::catch_up(&w.b).await.unwrap();
        }
        let asked = OrderSearch { text: "1001".to_owned(), limit: 50, ..OrderSearch::default() };
        let hits = search::find(&w.b, &staff, &asked).await.unwrap();
        assert_eq!(hits.rows.iter().map(|hit| hit.of.things_sq.as_str()).collect::<Vec<_>>(), ["1001"]);
        let stored = orders::get(&w.b, &staff, &order).await.unwrap();
        assert_eq!((stored.status, stored.customer_name.as_str()), (OrderStatus::Stored, "한"));
        assert_eq!(found(w, &staff, "02 1").await, ["1001"]);
        assert_eq!(history::for_order(&w.b, &staff, &order).await.unwrap(), steps);
        assert_eq!(codes::take_code(&w.b, &user, &order).await.unwrap().pwd, "48213");
        let bindings = kiosks::bindings(&w.b, kiosk.yid).await.unwrap();
        assert_eq!(bindings.iter().map(|bound| (bound.port(), &bound.things_sq)).collect::<Vec<_>>(), [(port(1, 1), &order)]);
        assert!(w.sql("SELECT things_sq FROM orders WHERE things_sq = '１００１'").await.is_empty());
        assert!(w.sql("SELECT things_sq FROM evidence WHERE things_sq = '１００１'").await.is_empty());
        // The kiosk may go on naming it as before: what it sends is read in the one form.
        let rows: Vec<CompartmentRow> = serde_json::from_str(&serde_json::to_string(&kiosk.rows()).unwrap()).unwrap();
        w.pass(MINUTE);
        let outcome = sync::apply_kiosk(&w.b, kiosk.yid, Some(w.now()), &rows).await;
        assert_eq!(outcome.unwrap(), sync::SyncOutcome::default());
        kiosk.take_out(port(1, 1));
        w.pass(MINUTE);
        sync::apply_kiosk(&w.b, kiosk.yid, Some(w.now()), &kiosk.rows()).await.unwrap();
        assert_eq!(w.status(&staff, &order).await, OrderStatus::Done);
    }

    async fn what_would_be_the_same_as_something_else_is_left_and_named(w: &World) {
        let operator = w.operator().await;
        let user = w.business_user("01000000004", NFC).await;
        w.business("대성전력").await;
        w.ready_order("1001", NFC).await;
        w.ready_order("2001", "대성전력").await;
        as_before(w, "대성전력", NFD).await;
        w.sql("UPDATE orders SET things_sq = '1001 ' WHERE things_sq = '2001'").await;
        // Full-width twins, of which the first becomes the one.
        w.ready_order("3001", NFC).await;
        w.ready_order("3002", NFC).await;
        w.sql("UPDATE orders SET things_sq = '３００１' WHERE things_sq = '3001'").await;
        w.sql("UPDATE orders SET things_sq = '3００１' WHERE things_sq = '3002'").await;
        for _ in 0..2 {
            w.b.start_serving().await.unwrap();
            let left = normalise::collisions(&w.b, &operator).await.unwrap();
            assert_eq!(left.named, [format!("businesses {NFD}"), "orders 1001 ".to_owned(), "orders ３００１".to_owned()]);
            assert_eq!(left.count, 3);
            assert_eq!(found(w, &user, "").await, ["1001", "３００１", "3001"]);
            assert_eq!(w.sql("SELECT things_sq FROM orders").await.len(), 4);
        }
    }

    async fn of_two_nodes_that_start_at_once_neither_takes_the_other_for_a_collision(w: &World) {
        let operator = w.operator().await;
        w.business(NFC).await;
        for number in 0..20 {
            w.ready_order(&format!("{number:04}"), NFC).await;
            w.sql(&format!("UPDATE orders SET things_sq = '＃{number:04}' WHERE things_sq = '{number:04}'")).await;
        }
        as_before(w, NFC, NFD).await;
        let other = w.another_node().await;
        let (one, two) = tokio::join!(w.b.start_serving(), other.start_serving());
        assert_eq!((one, two), (Ok(()), Ok(())));
        assert_eq!(normalise::collisions(&other, &operator).await, Ok(Collisions::default()));
        let keys: Vec<String> = found(w, &operator, "").await;
        assert_eq!(keys, (0..20).map(|number| format!("#{number:04}")).collect::<Vec<_>>());
        other.close().await;
    }

    async fn it_is_done_once(w: &World) {
        let operator = w.operator().await;
        w.b.start_serving().await.unwrap();
        w.business(NFC).await;
        as_before(w, NFC, NFD).await;
        w.b.start_serving().await.unwrap();
        let names = businesses::all_names(&w.b, &operator).await.unwrap();
        assert_eq!(names[0].as_str(), NFD);
    }
}
