//! What an operator corrects: texts of orders and people, orders that are cancelled or set back. All of it is in the history.

use crate::both;
use crate::harness::{World, in_status, port};
use backend::Actor;
use backend::locker::{deposits, history, kiosks, orders, search};
use backend::people::{self, PersonTexts};
use domain::error::{Problem, Refusal};
use domain::ids::{ThingsSq, Yid};
use domain::locker::compartments::CompartmentStatus;
use domain::locker::history::{Evidence, Happening};
use domain::locker::orders::{Corrected, Order, OrderSearch, OrderStatus, OrderTexts};
use domain::people::{Person, Role};

async fn texts(w: &World, who: &Person, order: &ThingsSq) -> OrderTexts {
    OrderTexts::from(&orders::get(&w.b, who, order).await.unwrap())
}

async fn last(w: &World, who: &Person, order: &ThingsSq) -> Evidence {
    history::for_order(&w.b, who, order).await.unwrap().pop().unwrap()
}

fn done(corrected: Corrected) -> Order {
    match corrected {
        Corrected::Done(order) => *order,
        Corrected::Changed(order) => panic!("changed by somebody else: {order:?}"),
    }
}

async fn found(w: &World, who: &Person, text: &str) -> usize {
    let asked = OrderSearch {
        text: text.to_owned(),
        limit: 50,
        ..OrderSearch::default()
    };
    search::find(&w.b, who, &asked).await.unwrap().rows.len()
}

both! {
    async fn a_corrected_order_is_found_by_its_new_texts_and_keeps_the_old_ones_in_its_history(w: &World) {
        let other = w.business_user("01000000004", "한빛전기").await;
        w.business("대성전력").await;
        let operator = w.operator().await;
        let order = w.ready_order("1001", "한빛전기").await;
        let was = texts(w, &operator, &order).await;
        let to = OrderTexts { customer_name: " 선우용녀 ".to_owned(), business: "대성전력".to_owned(), ..was.clone() };
        w.pass(1_000);
        let now = done(orders::correct(&w.b, &operator, &order, &was, &to).await.unwrap());
        assert_eq!((now.customer_name.as_str(), now.business.as_str(), now.status), ("선우용녀", "대성전력", OrderStatus::Ready));
        assert_eq!((found(w, &operator, "선우용").await, found(w, &operator, &was.customer_name).await), (1, 0));
        let step = last(w, &operator, &order).await;
        assert_eq!((step.what, step.who.as_ref()), (Happening::Corrected, Some(&operator.phone)));
        let changes: Vec<_> = step.changes.iter().map(|change| (change.field.as_str(), change.was.as_str(), change.is.as_str())).collect();
        assert_eq!(changes, [("customer_name", was.customer_name.as_str(), "선우용녀"), ("business", "한빛전기", "대성전력")]);
        assert_eq!(orders::get(&w.b, &other, &order).await, Err(Refusal::NotYours), "it was moved away");
    }

    async fn an_order_in_a_block_of_the_search_is_found_by_its_new_texts(w: &World) {
        w.business("한빛전기").await;
        let operator = w.operator().await;
        let mut csv = String::from("thingsSq,customerNo,customerName,address,meterKind,business,status\n");
        for number in 0..4_096 {
            csv.push_str(&format!("t{number},02{number:08},홍길동,서울,전자식,한빛전기,A\n"));
        }
        orders::import_csv(&w.b, &Actor::Cli, csv.as_bytes()).await.unwrap();
        search::catch_up(&w.b).await.unwrap();
        let order = ThingsSq("t7".to_owned());
        let was = texts(w, &operator, &order).await;
        let to = OrderTexts { customer_name: "선우용녀".to_owned(), ..was.clone() };
        done(orders::correct(&w.b, &operator, &order, &was, &to).await.unwrap());
        assert_eq!(found(w, &operator, "선우").await, 1);
        assert_eq!(found(w, &operator, "홍길동 0200000007").await, 0);
    }

    async fn the_second_of_two_who_correct_at_once_is_told_what_the_first_wrote(w: &World) {
        w.business("한빛전기").await;
        let operator = w.operator().await;
        let order = w.ready_order("1001", "한빛전기").await;
        let was = texts(w, &operator, &order).await;
        let one = OrderTexts { address: "부산".to_owned(), ..was.clone() };
        let other = OrderTexts { address: "대구".to_owned(), ..was.clone() };
        done(orders::correct(&w.b, &operator, &order, &was, &one).await.unwrap());
        let told = orders::correct(&w.b, &operator, &order, &was, &other).await.unwrap();
        assert!(matches!(&told, Corrected::Changed(order) if order.address == "부산"), "{told:?}");
        assert_eq!(texts(w, &operator, &order).await.address, "부산");
        // Sent twice, or what the other one wrote: nothing is left to do.
        let steps = history::for_order(&w.b, &operator, &order).await.unwrap().len();
        done(orders::correct(&w.b, &operator, &order, &was, &one).await.unwrap());
        assert_eq!(history::for_order(&w.b, &operator, &order).await.unwrap().len(), steps);
        // Knowing the other's text, it may be overwritten.
        assert_eq!(done(orders::correct(&w.b, &operator, &order, &one, &other).await.unwrap()).address, "대구");
        let (one, two) = (
            OrderTexts { address: "광주".to_owned(), ..other.clone() },
            OrderTexts { address: "인천".to_owned(), ..other.clone() },
        );
        let (first, second) = tokio::join!(
            orders::correct(&w.b, &operator, &order, &other, &one),
            orders::correct(&w.b, &operator, &order, &other, &two),
        );
        let both = [first.unwrap(), second.unwrap()];
        assert_eq!(both.iter().filter(|told| matches!(told, Corrected::Done(_))).count(), 1, "{both:?}");
    }

    async fn a_correction_is_checked_as_a_new_order_is(w: &World) {
        w.business("한빛전기").await;
        let operator = w.operator().await;
        let order = w.ready_order("1001", "한빛전기").await;
        let was = texts(w, &operator, &order).await;
        let long = "가".repeat(201);
        for (to, refused) in [
            (OrderTexts { business: "없음".to_owned(), ..was.clone() }, Refusal::field("business", Problem::Unknown)),
            (OrderTexts { customer_no: String::new(), ..was.clone() }, Refusal::field("customerNo", Problem::Required)),
            (OrderTexts { address: long.clone(), ..was.clone() }, Refusal::field("address", Problem::TooLong { max: 200 })),
        ] {
            assert_eq!(orders::correct(&w.b, &operator, &order, &was, &to).await, Err(refused));
        }
        let none = ThingsSq("none".to_owned());
        assert_eq!(orders::correct(&w.b, &operator, &none, &was, &was).await, Err(Refusal::Unknown));
        assert_eq!(orders::cancel(&w.b, &operator, &none, "x").await, Err(Refusal::Unknown));
        assert_eq!(orders::cancel(&w.b, &operator, &order, " ").await, Err(Refusal::field("reason", Problem::Required)));
        let too_long = orders::cancel(&w.b, &operator, &order, &long).await;
        assert_eq!(too_long, Err(Refusal::field("reason", Problem::TooLong { max: 200 })));
    }

    async fn a_cancelled_order_is_not_stored_and_can_be_received_again(w: &World) {
        w.business("한빛전기").await;
        let operator = w.operator().await;
        let staff = w.staff("01000000002").await;
        let order = w.ready_order("1001", "한빛전기").await;
        let kiosk = w.kiosk(1234, 1).await;
        w.pass(1_000);
        let cancelled = orders::cancel(&w.b, &operator, &order, "두 번 접수됨").await.unwrap();
        assert_eq!(cancelled.status, OrderStatus::Cancelled);
        let step = last(w, &staff, &order).await;
        assert_eq!((step.what, step.reason.as_deref()), (Happening::Cancelled, Some("두 번 접수됨")));
        let (fields, _) = kiosk.deposit_scanned(&staff, port(1, 1), "11111").await;
        assert_eq!(deposits::complete(&w.b, &staff, &order, fields.clone()).await, Err(in_status("X")));
        assert_eq!(orders::make_ready(&w.b, &operator, std::slice::from_ref(&order)).await, Ok(0));
        assert_eq!(orders::cancel(&w.b, &operator, &order, "x").await, Err(in_status("X")));
        w.pass(1_000);
        let back = orders::set_back(&w.b, &operator, &order, OrderStatus::Cancelled, "잘못 취소함").await.unwrap();
        assert_eq!(back.status, OrderStatus::Received);
        assert_eq!(last(w, &staff, &order).await.what, Happening::SetBack);
        orders::make_ready(&w.b, &operator, std::slice::from_ref(&order)).await.unwrap();
        assert!(deposits::complete(&w.b, &staff, &order, fields).await.is_ok());
        assert_eq!(orders::cancel(&w.b, &operator, &order, "x").await, Err(in_status("C")), "what is stored is set back first");
    }

    async fn a_stored_order_is_set_back_and_its_compartment_is_nobodys(w: &World) {
        w.business("한빛전기").await;
        let operator = w.operator().await;
        let staff = w.staff("01000000002").await;
        let (order, other) = (w.ready_order("1001", "한빛전기").await, w.ready_order("1002", "한빛전기").await);
        let kiosk = w.kiosk(1234, 1).await;
        kiosk.deposit(&staff, &order, port(1, 1), "11111").await;
        w.pass(1_000);
        let back = orders::set_back(&w.b, &operator, &order, OrderStatus::Stored, "다른 고객의 것").await.unwrap();
        assert_eq!((back.status, back.place, back.stored_by), (OrderStatus::Ready, None, None));
        let (_, doors) = kiosks::get(&w.b, &staff, Yid(1234)).await.unwrap();
        let door = doors.iter().find(|door| door.port == port(1, 1)).unwrap();
        assert_eq!((door.status, &door.things_sq), (CompartmentStatus::Stored, &None), "what lies there stays known");
        let step = last(w, &operator, &order).await;
        assert_eq!((step.what, step.label.as_deref(), step.reason.as_deref()), (Happening::SetBack, Some("A1"), Some("다른 고객의 것")));
        // From another page that still shows it as stored.
        assert_eq!(orders::set_back(&w.b, &operator, &order, OrderStatus::Stored, "x").await, Err(in_status("B")));
        let ready = orders::set_back(&w.b, &operator, &order, OrderStatus::Ready, "아직 아님").await.unwrap();
        assert_eq!(ready.status, OrderStatus::Received);
        for status in [OrderStatus::Received, OrderStatus::Done] {
            assert!(orders::set_back(&w.b, &operator, &other, status, "x").await.is_err());
        }
        assert_eq!(w.status(&staff, &other).await, OrderStatus::Ready);
    }

    async fn corrections_are_for_operators(w: &World) {
        let business = w.business_user("01000000004", "한빛전기").await;
        let operator = w.operator().await;
        let order = w.ready_order("1001", "한빛전기").await;
        let was = texts(w, &operator, &order).await;
        let others = [
            w.staff("01000000002").await,
            business,
            w.person("13800000001", Role::Owner, None).await,
        ];
        for who in &others {
            let refused = Err(Refusal::NotYours);
            assert_eq!(orders::correct(&w.b, who, &order, &was, &was).await, Err(Refusal::NotYours));
            assert_eq!(orders::cancel(&w.b, who, &order, "x").await, refused);
            assert_eq!(orders::set_back(&w.b, who, &order, OrderStatus::Ready, "x").await, refused);
            let texts = PersonTexts::from(who);
            let person = people::correct(&w.b, &who.into(), &who.phone, &texts, &texts).await;
            assert_eq!(person, Err(Refusal::NotYours));
        }
    }

    async fn a_person_is_renamed_and_moved_unless_somebody_else_was_faster(w: &World) {
        w.business("대성전력").await;
        let operator = Actor::from(&w.operator().await);
        let person = w.business_user("01000000004", "한빛전기").await;
        let was = PersonTexts::from(&person);
        let to = |name: &str, business: Option<&str>| PersonTexts { name: name.to_owned(), business: business.map(str::to_owned) };
        let moved = people::correct(&w.b, &operator, &person.phone, &was, &to("새 이름", Some("대성전력"))).await.unwrap();
        assert_eq!((moved.0.name.as_str(), moved.0.business.as_ref().unwrap().as_str(), moved.1), ("새 이름", "대성전력", true));
        let late = people::correct(&w.b, &operator, &person.phone, &was, &to("늦은 이름", Some("한빛전기"))).await.unwrap();
        assert_eq!((late.0.name.as_str(), late.1), ("새 이름", false));
        let again = people::correct(&w.b, &operator, &person.phone, &was, &to("새 이름", Some("대성전력"))).await.unwrap();
        assert!(again.1, "sent twice");
        let now = PersonTexts::from(&moved.0);
        for (to, refused) in [
            (to("x", None), Refusal::field("business", Problem::Required)),
            (to("x", Some("없음")), Refusal::field("business", Problem::Unknown)),
            (to(" ", Some("한빛전기")), Refusal::field("name", Problem::Required)),
        ] {
            assert_eq!(people::correct(&w.b, &operator, &person.phone, &now, &to).await, Err(refused));
        }
        let staff = w.staff("01000000002").await;
        let business = people::correct(&w.b, &operator, &staff.phone, &PersonTexts::from(&staff), &to("x", Some("한빛전기"))).await;
        assert_eq!(business, Err(Refusal::field("business", Problem::Contradicts)));
    }
}
