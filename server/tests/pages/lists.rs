//! Lists for work: counted, sorted, page by page, as files, and made ready as a whole.

use crate::harness::{Answer, BUSINESS, MINE, OPERATOR, OTHERS, STAFF, World};
use backend::Actor;
use backend::locker::orders;
use std::fmt::Write;

on_every_engine! {
    every_list_of_an_operator_is_counted_and_has_numbered_pages,
    a_list_says_where_it_stands_and_leads_to_the_pages_beside,
    a_page_that_does_not_exist_is_said_in_words,
    a_list_is_sorted_by_its_columns_and_by_no_other,
    all_received_orders_of_a_list_become_ready_by_one_form,
    a_script_makes_all_ready_step_by_step,
    chosen_orders_that_somebody_else_changed_are_left_and_counted,
    every_list_is_a_file_with_its_filters,
    a_list_is_small_over_the_wire,
}

const NAMES: [&str; 6] = ["김민준", "이서윤", "박도현", "최하은", "정지우", "강수빈"];
const STREETS: [&str; 4] = ["서초대로 254", "올림픽로 300", "판교역로 166", "천호대로 1005"];

/// Adds this number of received orders, as a utility would deliver them.
async fn add_orders(world: &World, count: usize) {
    let mut csv = String::from("thingsSq,customerNo,customerName,address,meterKind,business,status\n");
    for at in 0..count {
        let (name, street) = (NAMES[at * 7 % NAMES.len()], STREETS[at * 3 % STREETS.len()]);
        let business = if at % 2 == 0 { MINE } else { OTHERS };
        let (number, door) = (40_000 + at, 101 + at % 9);
        let customer_no = 300_021_000 + at * 137;
        writeln!(
            csv,
            "{number},0{customer_no},{name},\"서울특별시 서초구 {street}, {door}호\",단상 저압 30A,{business},A"
        )
        .unwrap();
    }
    let report = orders::import_csv(&world.backend, &Actor::Cli, csv.as_bytes())
        .await
        .unwrap();
    assert_eq!((report.added as usize, report.errors.len()), (count, 0));
}

async fn get(world: &World, cookie: &str, path: &str) -> String {
    let answer = world.get(path).cookie(cookie).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

/// The order numbers of the rows, in their order.
fn rows(page: &str) -> Vec<&str> {
    page.split("data-order=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// The address of the link with this name in tests.
fn link<'p>(page: &'p str, testid: &str) -> Option<&'p str> {
    let tag = page
        .split('<')
        .find(|tag| tag.contains(&format!("data-testid=\"{testid}\"")))?;
    tag.split("href=\"").nth(1)?.split('"').next()
}

async fn a_list_says_where_it_stands_and_leads_to_the_pages_beside(world: World) {
    add_orders(&world, 120).await;
    // Four orders were there.
    for (who, path, total) in [
        (OPERATOR, "/operator/orders", "124"),
        (STAFF, "/staff/orders", "124"),
        (BUSINESS, "/business/orders", "63"),
    ] {
        let cookie = world.cookie(who).await;
        let first = get(&world, &cookie, path).await;
        assert!(first.contains(&format!("1–50 of {total}")), "{path}");
        assert_eq!(
            (rows(&first).len(), link(&first, "previous-page")),
            (50, None),
            "{path}"
        );
        let to = link(&first, "next-page").unwrap().replace("&amp;", "&");
        assert_eq!(to, format!("{path}?page=2"));
        let second = get(&world, &cookie, &to).await;
        let last = if total == "63" {
            "51–63 of 63"
        } else {
            "51–100 of 124"
        };
        assert!(second.contains(last), "{path}");
        assert_eq!(link(&second, "previous-page"), Some(path));
        assert!(rows(&second).iter().all(|row| !rows(&first).contains(row)));
    }
}

async fn a_page_that_does_not_exist_is_said_in_words(world: World) {
    add_orders(&world, 120).await;
    for (who, path) in [
        (OPERATOR, "/operator/orders"),
        (STAFF, "/staff/orders"),
        (BUSINESS, "/business/orders"),
    ] {
        let cookie = world.cookie(who).await;
        for number in [
            "9",
            "0",
            "-1",
            "1000000000000000000",
            "999999999999999999999999",
            "two",
            "%3Cb%3E",
        ] {
            let page = get(&world, &cookie, &format!("{path}?page={number}")).await;
            assert!(
                page.contains("There is no page") && rows(&page).is_empty(),
                "{path} {number}"
            );
            assert!(!page.contains("<b>:"), "what was typed is text");
            let last = link(&page, "last-page").unwrap();
            assert!(!rows(&get(&world, &cookie, last).await).is_empty(), "{last}");
        }
    }
}

async fn a_list_is_sorted_by_its_columns_and_by_no_other(world: World) {
    add_orders(&world, 60).await;
    let cookie = world.cookie(OPERATOR).await;
    let page = get(&world, &cookie, "/operator/orders?sort=-order-no").await;
    assert_eq!(rows(&page)[..3], ["40059", "40058", "40057"]);
    assert!(page.contains("aria-sort=\"descending\""));
    assert_eq!(link(&page, "sort-order-no"), Some("/operator/orders?sort=order-no"));
    assert_eq!(
        link(&page, "next-page"),
        Some("/operator/orders?page=2&amp;sort=-order-no")
    );
    for column in [
        "customer-no",
        "order-no",
        "name",
        "address",
        "kind",
        "business",
        "status",
        "place",
    ] {
        let page = get(&world, &cookie, &format!("/operator/orders?sort={column}")).await;
        assert!(
            page.contains("aria-sort=\"ascending\"") && !page.contains("not-sorted"),
            "{column}"
        );
    }
    for unknown in ["password", "%3Cscript%3E", "customer_no;DROP+TABLE+orders", "--name"] {
        let page = get(&world, &cookie, &format!("/operator/orders?sort={unknown}")).await;
        assert!(
            page.contains("There is no column") && !page.contains("<script>;"),
            "{unknown}"
        );
        assert_eq!(rows(&page).len(), 50, "the list is there all the same");
    }
    // What is found by a text comes in an order of its own.
    let found = get(&world, &cookie, "/operator/orders?q=0300&sort=name").await;
    assert!(!found.contains("aria-sort"));
}

async fn all_received_orders_of_a_list_become_ready_by_one_form(world: World) {
    add_orders(&world, 450).await;
    let cookie = world.cookie(OPERATOR).await;
    let path = format!("/operator/orders?status=A&business={}", islands::links::encoded(MINE));
    let page = get(&world, &cookie, &path).await;
    assert!(
        page.contains("Make all 226 received ready"),
        "225, and one that was there"
    );
    let fields = [
        ("do", "/do/operator/make-all-ready"),
        ("business", MINE),
        // Three were changed by somebody else since the page was drawn.
        ("expected", "229"),
        ("back", "/operator/orders?status=A"),
    ];
    let done = world
        .post("/operator/orders")
        .cookie(&cookie)
        .form(&fields)
        .send()
        .await;
    assert_eq!(done.status, 303, "{}", done.text());
    let back = done.header("location").to_owned();
    assert_eq!(back, "/operator/orders?status=A&notice=orders-ready&made=226&left=3");
    let list = get(&world, &cookie, &back).await;
    assert!(list.contains("Orders that are ready now: 226. Left as they were, because somebody else changed them: 3."));
    assert!(list.contains("1–50 of 225"), "the other business's are received still");
    assert!(!link(&list, "next-page").unwrap().contains("notice"), "it is said once");
    let again = world
        .post("/operator/orders")
        .cookie(&cookie)
        .form(&fields[..2])
        .send()
        .await;
    assert_eq!(
        again.header("location"),
        "/operator/orders?notice=orders-ready&made=0&left=0"
    );
}

async fn a_script_makes_all_ready_step_by_step(world: World) {
    add_orders(&world, 1_300).await;
    let cookie = world.cookie(OPERATOR).await;
    let call = async |fields: &[(&str, &str)]| -> Answer {
        let path = "/do/operator/make-all-ready";
        world
            .post(path)
            .cookie(&cookie)
            .header("accept", "application/json")
            .form(fields)
            .send()
            .await
    };
    let first = call(&[("brief", "true"), ("expected", "1301")]).await.json();
    assert_eq!((first["made"].as_u64(), first["left"].as_u64()), (Some(1_000), Some(0)));
    let next = first["next"].as_str().unwrap();
    let last = call(&[
        ("brief", "true"),
        ("expected", "1301"),
        ("made", "1000"),
        ("cursor", next),
    ])
    .await
    .json();
    assert_eq!(
        (last["made"].as_u64(), last["left"].as_u64(), last["next"].as_str()),
        (Some(1_301), Some(0), None)
    );
    let forged = call(&[("brief", "true"), ("cursor", "forged")]).await;
    assert_eq!(forged.status, 400);
    for who in [STAFF, BUSINESS] {
        let cookie = world.cookie(who).await;
        let refused = world
            .post("/do/operator/make-all-ready")
            .cookie(&cookie)
            .form(&[])
            .send()
            .await;
        assert_eq!(refused.status, 403, "{who}");
    }
}

async fn chosen_orders_that_somebody_else_changed_are_left_and_counted(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    // 1002 is ready already.
    let fields = [
        ("do", "/do/operator/make-ready"),
        ("pick.1001", "1"),
        ("pick.1002", "1"),
    ];
    let done = world
        .post("/operator/orders")
        .cookie(&cookie)
        .form(&fields)
        .send()
        .await;
    assert_eq!(
        done.header("location"),
        "/operator/orders?notice=orders-ready&made=1&left=1"
    );
}

async fn every_list_is_a_file_with_its_filters(world: World) {
    add_orders(&world, 300).await;
    let [operator, staff, business] = [
        world.cookie(OPERATOR).await,
        world.cookie(STAFF).await,
        world.cookie(BUSINESS).await,
    ];
    let lines = async |cookie: &str, path: &str| {
        let answer = world.get(path).cookie(cookie).send().await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "text/csv; charset=utf-8"),
            "{path}"
        );
        answer.text().lines().count()
    };
    for (cookie, path, expected) in [
        (&operator, "/operator/orders.csv", 305),
        (&operator, "/operator/orders.csv?status=B", 4),
        (&operator, "/operator/orders.csv?q=40299", 2),
        (&staff, "/staff/orders.csv", 305),
        (&business, "/business/orders.csv", 154),
        (&operator, "/operator/kiosks.csv?q=1234", 2),
        (&operator, "/operator/businesses.csv", 3),
        (&operator, "/operator/people.csv?role=operator", 2),
        (&operator, "/operator/guards.csv", 1),
    ] {
        assert_eq!(lines(cookie, path).await, expected, "{path}");
    }
    let page = get(&world, &operator, "/operator/orders?status=B&page=1&sort=name").await;
    assert_eq!(
        link(&page, "export"),
        Some("/operator/orders.csv?sort=name&amp;status=B")
    );
    let other = world.get("/operator/orders.csv").cookie(&staff).send().await;
    assert_eq!(other.status, 403);
    let nobody = world.get("/operator/people.csv").send().await;
    assert_eq!(nobody.status, 303);
}

async fn a_list_is_small_over_the_wire(world: World) {
    add_orders(&world, 120).await;
    for (who, path) in [
        (OPERATOR, "/operator/orders"),
        (STAFF, "/staff/orders"),
        (BUSINESS, "/business/orders"),
    ] {
        let cookie = world.cookie(who).await;
        let plain = world.get(path).cookie(&cookie).send().await;
        assert_eq!(rows(&plain.text()).len(), 50);
        let small = world
            .get(path)
            .cookie(&cookie)
            .header("accept-encoding", "br, gzip")
            .send()
            .await;
        assert_eq!(small.header("content-encoding"), "br");
        assert!(small.header("vary").to_lowercase().contains("accept-encoding"));
        assert!(small.body.len() <= 6 * 1024, "{path}: {} bytes", small.body.len());
    }
}

async fn every_list_of_an_operator_is_counted_and_has_numbered_pages(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    for number in 0..60 {
        backend::businesses::add(&world.backend, &Actor::Cli, &format!("업체 {number:02}"))
            .await
            .unwrap();
    }
    let guards: String = (0..51)
        .map(|number| format!("G9{number:03},a-good-device-key-{number}\n"))
        .collect();
    let file = format!("guardId,deviceKey\n{guards}");
    backend::guard::inventory::import_csv(&world.backend, &Actor::Cli, file.as_bytes())
        .await
        .unwrap();
    let page = async |path: &str| {
        let answer = world.get(path).cookie(&cookie).header("cookie", "lang=en").send().await;
        (answer.status, answer.text().replace("<!>", ""))
    };
    for (path, count, row) in [
        ("/operator/businesses?page=2", "51–62 of 62", "business-row"),
        (
            "/operator/businesses?q=%EC%97%85%EC%B2%B4%200",
            "1–10 of 10",
            "business-row",
        ),
        ("/operator/guards?page=2", "51–51 of 51", "guard-row"),
        ("/operator/people", "1–6 of 6", "person-row"),
        ("/operator/people?role=staff", "1–2 of 2", "person-row"),
        ("/operator/kiosks", "1–2 of 2", "kiosk-row"),
    ] {
        let (status, text) = page(path).await;
        assert_eq!(status, 200, "{path}");
        assert!(text.contains(count), "{path}: {count}");
        assert!(text.contains(&format!("data-testid=\"{row}\"")), "{path}");
    }
    // A page number beyond the last one is answered with a message and a link to the last page, even where it is very large.
    for list in ["people", "businesses", "kiosks", "guards"] {
        for wrong in ["1000000000000000000", "99999999999999999999999999", "0", "-1", "x"] {
            let (status, text) = page(&format!("/operator/{list}?page={wrong}")).await;
            assert_eq!(status, 200, "{list} {wrong}");
            assert!(text.contains("data-testid=\"last-page\""), "{list} {wrong}");
        }
    }
    // Addresses from before still go on from their cursor.
    let (status, text) = page("/operator/people?cursor=01011110002").await;
    assert!(status == 200 && !text.contains("/operator/people/01011110002\""));
}
