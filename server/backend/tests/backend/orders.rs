use crate::both;
use crate::harness::World;
use backend::Actor;
use backend::locker::history;
use backend::locker::orders::{self, NewOrder, table};
use domain::error::{Problem, Refusal};
use domain::ids::{BusinessName, ThingsSq, Yid};
use domain::locker::history::Happening;
use domain::locker::orders::{OrderFilter, OrderSearch, OrderStatus, OrderTable, OrderTexts, Sort};
use domain::people::Role;

fn by_customer(prefix: &str) -> OrderFilter {
    OrderFilter {
        customer_no: prefix.to_owned(),
        limit: 50,
        ..OrderFilter::default()
    }
}

/// This number of orders, their customers' numbers `0200000000` and up, businesses in turn.
async fn many_orders(w: &World, count: u32) {
    let mut csv = String::from("thingsSq,customerNo,customerName,address,meterKind,business,status\n");
    for number in 0..count {
        let business = ["한빛전기", "대성전력"][number as usize % 2];
        let status = ["A", "B"][number as usize / 2 % 2];
        csv.push_str(&format!(
            "t{number},02{number:08},홍길동,서울,전자식,{business},{status}\n"
        ));
    }
    let report = orders::import_csv(&w.b, &Actor::Cli, csv.as_bytes()).await.unwrap();
    assert_eq!((report.added, report.errors.len()), (count, 0));
}

async fn keys(w: &World, filter: OrderFilter) -> Vec<String> {
    let staff = domain::people::Person {
        phone: crate::harness::phone("01000000002"),
        name: "김서연".to_owned(),
        role: Role::Staff,
        business: None,
        active: true,
    };
    let page = orders::search(&w.b, &staff, &filter).await.unwrap();
    page.rows.into_iter().map(|order| order.things_sq.0).collect()
}

both! {
    async fn orders_are_found_by_the_beginning_of_the_customer_number(w: &World) {
        w.business("한빛전기").await;
        for (key, customer) in [("1", "02-1"), ("2", "02-12"), ("3", "02-2"), ("4", "0212"), ("5", "가나"), ("6", "02-1%")] {
            let new = NewOrder {
                things_sq: key.to_owned(),
                texts: OrderTexts {
                    customer_no: customer.to_owned(),
                    business: "한빛전기".to_owned(),
                    ..OrderTexts::default()
                },
                ..NewOrder::default()
            };
            orders::add(&w.b, &Actor::Cli, new).await.unwrap();
        }
        assert_eq!(keys(w, by_customer("02-1")).await, ["1", "6", "2"]);
        assert_eq!(keys(w, by_customer("02-1%")).await, ["6"]);
        assert_eq!(keys(w, by_customer("가")).await, ["5"]);
        assert_eq!(keys(w, by_customer("' OR 1=1 --")).await, Vec::<String>::new());
        assert_eq!(keys(w, by_customer("")).await.len(), 6);
    }

    async fn pages_follow_each_other_without_gap_or_repeat(w: &World) {
        w.business("한빛전기").await;
        w.business("대성전력").await;
        let staff = w.staff("01000000002").await;
        many_orders(w, 25).await;
        let mut seen = Vec::new();
        let mut filter = OrderFilter { limit: 10, ..by_customer("02") };
        loop {
            let page = orders::search(&w.b, &staff, &filter).await.unwrap();
            seen.extend(page.rows.into_iter().map(|order| order.things_sq.0));
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => break,
            }
        }
        let expected: Vec<_> = (0..25).map(|number| format!("t{number}")).collect();
        assert_eq!(seen, expected);
        let forged = OrderFilter { cursor: Some("forged".to_owned()), ..filter };
        assert!(matches!(orders::search(&w.b, &staff, &forged).await, Err(Refusal::Malformed { .. })));
    }

    async fn conditions_hold_together(w: &World) {
        w.business("한빛전기").await;
        w.business("대성전력").await;
        many_orders(w, 40).await;
        let business = Some(BusinessName("한빛전기".to_owned()));
        let filter = OrderFilter { status: Some(OrderStatus::Ready), business, ..by_customer("020000001") };
        assert_eq!(keys(w, filter).await, ["t10", "t14", "t18"]);
        let filter = OrderFilter { yid: Some(Yid(1234)), ..by_customer("") };
        assert_eq!(keys(w, filter).await, Vec::<String>::new());
    }

    async fn a_business_sees_its_own_orders_only(w: &World) {
        let own = w.business_user("01000000004", "한빛전기").await;
        w.business("대성전력").await;
        let owner = w.person("13800000001", Role::Owner, None).await;
        many_orders(w, 10).await;
        let other = Some(BusinessName("대성전력".to_owned()));
        for filter in [by_customer(""), OrderFilter { business: other, ..by_customer("") }] {
            let page = orders::search(&w.b, &own, &filter).await.unwrap();
            assert_eq!(page.rows.len(), 5);
            assert!(page.rows.iter().all(|order| order.business.as_str() == "한빛전기"));
        }
        assert_eq!(orders::get(&w.b, &own, &ThingsSq("t1".to_owned())).await, Err(Refusal::NotYours));
        assert_eq!(orders::get(&w.b, &own, &ThingsSq("none".to_owned())).await, Err(Refusal::Unknown));
        assert_eq!(orders::search(&w.b, &owner, &by_customer("")).await, Err(Refusal::NotYours));
        let counts = orders::counts(&w.b, &own).await.unwrap();
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<u32>(), 5);
    }

    async fn a_search_page_is_a_range_of_an_index(w: &World) {
        w.business("한빛전기").await;
        let own = w.business_user("01000000004", "대성전력").await;
        let staff = w.staff("01000000002").await;
        many_orders(w, 20_000).await;
        w.sql("ANALYZE").await;
        let first = orders::search(&w.b, &staff, &by_customer("0200")).await.unwrap();
        let searches = [
            (&staff, by_customer("0200"), "orders_customer"),
            (&staff, OrderFilter { cursor: first.next, ..by_customer("0200") }, "orders_customer"),
            (&staff, by_customer(""), "orders_customer"),
            (&staff, OrderFilter { status: Some(OrderStatus::Ready), ..by_customer("0200") }, "orders_"),
            (&own, by_customer("0200"), "orders_"),
        ];
        for (who, filter, index) in searches {
            let plan = orders::explain_search(&w.b, who, &filter).await.unwrap().join("\n");
            assert!(plan.contains(index), "{filter:?}\n{plan}");
            // On Citus the pages of all shards are merged.
            let sort = if crate::citus::is_on() { "Seq Scan" } else { "Sort" };
            for slow in ["SCAN orders\n", "Seq Scan", "TEMP B-TREE", sort] {
                assert!(!plan.contains(slow), "{filter:?}\n{plan}");
            }
        }
    }

    async fn a_table_is_counted_and_its_pages_follow_each_other(w: &World) {
        w.business("한빛전기").await;
        w.business("대성전력").await;
        let staff = w.staff("01000000002").await;
        many_orders(w, 45).await;
        let mut asked = OrderTable { limit: 20, ..OrderTable::default() };
        let mut seen = Vec::new();
        for number in 1..=3 {
            asked.page = number;
            let page = table::page(&w.b, &staff, &asked).await.unwrap();
            assert_eq!((page.count.rows, page.count.more), (45, false));
            seen.extend(page.rows.into_iter().map(|order| order.things_sq.0));
        }
        assert_eq!(seen, (0..45).map(|number| format!("t{number}")).collect::<Vec<_>>());
        for none in [4, 1_000_000_000_000_000_000, u64::MAX] {
            asked.page = none;
            let page = table::page(&w.b, &staff, &asked).await.unwrap();
            assert_eq!((page.rows.len(), page.count.rows), (0, 45), "page {none}");
        }
        let ready = OrderTable { status: Some(OrderStatus::Ready), ..OrderTable::default() };
        assert_eq!(table::count(&w.b, &staff, &ready).await.unwrap().rows, 22);
    }

    async fn a_table_is_sorted_by_any_column_in_both_directions(w: &World) {
        w.business("한빛전기").await;
        let operator = w.operator().await;
        for (key, customer, name, kind) in [("3", "01", "나", "x"), ("1", "02", "가", "y"), ("2", "03", "다", "x")] {
            let new = NewOrder {
                things_sq: key.to_owned(),
                texts: OrderTexts {
                    customer_no: customer.to_owned(),
                    customer_name: name.to_owned(),
                    meter_kind: kind.to_owned(),
                    business: "한빛전기".to_owned(),
                    ..OrderTexts::default()
                },
                ..NewOrder::default()
            };
            orders::add(&w.b, &Actor::Cli, new).await.unwrap();
        }
        let sorted = async |text: &str| {
            let sort = Sort::parse(text).unwrap();
            let page = table::page(&w.b, &operator, &OrderTable { sort, ..OrderTable::default() }).await.unwrap();
            assert_eq!(page.sort, sort);
            page.rows.into_iter().map(|order| order.things_sq.0).collect::<String>()
        };
        for (text, expected) in [
            ("customer-no", "312"), ("-customer-no", "213"), ("order-no", "123"), ("-order-no", "321"), ("name", "132"),
            ("-name", "231"), ("kind", "231"), ("-kind", "132"), ("status", "123"), ("place", "123"), ("address", "123"),
            ("business", "123"),
        ] {
            assert_eq!(sorted(text).await, expected, "{text}");
        }
    }

    async fn a_business_sees_a_table_of_its_own_orders_only(w: &World) {
        let own = w.business_user("01000000004", "한빛전기").await;
        w.business("대성전력").await;
        let owner = w.person("13800000001", Role::Owner, None).await;
        many_orders(w, 10).await;
        for business in [None, Some(BusinessName("대성전력".to_owned()))] {
            let asked = OrderTable { business, ..OrderTable::default() };
            let page = table::page(&w.b, &own, &asked).await.unwrap();
            assert_eq!((page.rows.len(), page.count.rows), (5, 5));
            assert!(page.rows.iter().all(|order| order.business.as_str() == "한빛전기"));
        }
        let all = OrderTable::default();
        assert_eq!(table::page(&w.b, &owner, &all).await, Err(Refusal::NotYours));
        assert_eq!(table::count(&w.b, &owner, &all).await, Err(Refusal::NotYours));
    }

    async fn all_received_orders_of_a_list_become_ready_batch_by_batch(w: &World) {
        w.business("한빛전기").await;
        w.business("대성전력").await;
        let operator = w.operator().await;
        let staff = w.staff("01000000002").await;
        many_orders(w, 1_000).await;
        let all = OrderSearch { business: Some(BusinessName("한빛전기".to_owned())), ..OrderSearch::default() };
        assert_eq!(table::make_ready(&w.b, &staff, &all, 1).await, Err(Refusal::NotYours));
        let first = table::make_ready(&w.b, &operator, &all, 1).await.unwrap();
        assert_eq!((first.made, first.left), (200, 0));
        assert!(first.next.is_some());
        let on = OrderSearch { cursor: first.next, ..all.clone() };
        let rest = table::make_ready(&w.b, &operator, &on, 10).await.unwrap();
        assert_eq!((rest.made, rest.left, rest.next), (50, 0, None));
        let again = table::make_ready(&w.b, &operator, &all, 10).await.unwrap();
        assert_eq!((again.made, again.next), (0, None));
        let received = OrderTable { status: Some(OrderStatus::Received), ..OrderTable::default() };
        assert_eq!(table::count(&w.b, &operator, &received).await.unwrap().rows, 250, "the other business's");
        let evidence = history::for_order(&w.b, &operator, &ThingsSq("t4".to_owned())).await.unwrap();
        let ready = evidence.iter().find(|step| step.what == Happening::Ready).unwrap();
        assert_eq!(ready.who.as_ref(), Some(&operator.phone));
    }

    async fn all_that_match_a_text_become_ready_and_no_others(w: &World) {
        w.business("한빛전기").await;
        w.business("대성전력").await;
        let operator = w.operator().await;
        many_orders(w, 120).await;
        let asked = OrderSearch { text: "02000001".to_owned(), ..OrderSearch::default() };
        let done = table::make_ready(&w.b, &operator, &asked, 10).await.unwrap();
        // 100 to 119, of which every other pair was received.
        assert_eq!((done.made, done.next), (10, None));
        let left = OrderTable { status: Some(OrderStatus::Received), ..OrderTable::default() };
        assert_eq!(table::count(&w.b, &operator, &left).await.unwrap().rows, 50);
    }

    async fn two_operators_make_the_same_list_ready_and_each_order_becomes_ready_once(w: &World) {
        w.business("한빛전기").await;
        w.business("대성전력").await;
        let operator = w.operator().await;
        many_orders(w, 2_000).await;
        let asked = OrderSearch::default();
        let all = || table::make_ready(&w.b, &operator, &asked, 100);
        let (one, other) = tokio::join!(all(), all());
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.made + other.made, 1_000, "{one:?} {other:?}");
        assert_eq!((&one.next, &other.next), (&None, &None));
        for key in ["t0", "t1996"] {
            let evidence = history::for_order(&w.b, &operator, &ThingsSq(key.to_owned())).await.unwrap();
            assert_eq!(evidence.iter().filter(|step| step.what == Happening::Ready).count(), 1, "{key}");
        }
    }

    async fn a_received_order_becomes_ready_once(w: &World) {
        let operator = w.operator().await;
        let staff = w.staff("01000000002").await;
        w.business("한빛전기").await;
        let (one, two) = (w.order("1001", "한빛전기", "A").await, w.order("1002", "한빛전기", "B").await);
        let keys = [one.clone(), two, one.clone(), ThingsSq("none".to_owned())];
        assert_eq!(orders::make_ready(&w.b, &staff, &keys).await, Err(Refusal::NotYours));
        assert_eq!(orders::make_ready(&w.b, &operator, &keys).await, Ok(1));
        assert_eq!(orders::make_ready(&w.b, &operator, &keys).await, Ok(0));
        assert_eq!(w.status(&operator, &one).await, OrderStatus::Ready);
    }

    async fn an_impossible_order_is_refused(w: &World) {
        w.business("한빛전기").await;
        w.order("1001", "한빛전기", "A").await;
        let good = NewOrder {
            things_sq: "1002".to_owned(),
            texts: OrderTexts {
                customer_no: "0212345678".to_owned(),
                business: "한빛전기".to_owned(),
                ..OrderTexts::default()
            },
            ..NewOrder::default()
        };
        let with = |texts| NewOrder { texts, ..good.clone() };
        let cases = [
            (NewOrder { things_sq: String::new(), ..good.clone() }, "thingsSq", Problem::Required),
            (NewOrder { things_sq: "1001".to_owned(), ..good.clone() }, "thingsSq", Problem::Taken),
            (with(OrderTexts { customer_no: "1".repeat(33), ..good.texts.clone() }), "customerNo", Problem::TooLong { max: 32 }),
            (with(OrderTexts { address: "a\nb".to_owned(), ..good.texts.clone() }), "address", Problem::Form),
            (with(OrderTexts { business: "없는회사".to_owned(), ..good.texts.clone() }), "business", Problem::Unknown),
            (NewOrder { status: "C".to_owned(), ..good.clone() }, "status", Problem::Contradicts),
            (NewOrder { status: "ready".to_owned(), ..good.clone() }, "status", Problem::Form),
        ];
        for (new, field, problem) in cases {
            assert_eq!(orders::add(&w.b, &Actor::Cli, new).await, Err(Refusal::field(field, problem)));
        }
    }
}
