//! Every form of every page, filled in by somebody who is signed in and means no good.

use crate::harness::{Answer, BUSINESS, MINE, OPERATOR, OTHER_STAFF, STAFF, World};
use backend::guard::inventory;
use backend::locker::orders::{self, NewOrder};
use backend::{Actor, businesses, people};
use domain::ids::Yid;
use domain::locker::orders::OrderTexts;
use islands::links::encoded;

on_every_engine! {
    every_field_takes_only_what_it_can_be,
    a_form_that_is_too_large_is_refused_on_its_page,
    an_upload_without_a_file_shows_an_error,
    an_order_with_any_key_can_be_opened,
}

type Fields = &'static [(&'static str, &'static str)];

/// Who, where, and everything filled in as it should be.
const FORMS: [(&str, &str, Fields); 17] = [
    (
        OTHER_STAFF,
        "/account",
        &[
            ("do", "/do/account/change-password"),
            ("current_password", "not this one"),
            ("new_password", "long enough"),
            ("repeat_password", "long enough"),
        ],
    ),
    (
        OTHER_STAFF,
        "/account",
        &[("do", "/do/account/end-session"), ("session", "nobody's")],
    ),
    (
        STAFF,
        "/staff/scan",
        &[("do", "/do/staff/read-code"), ("code", "a.b.c")],
    ),
    (
        STAFF,
        "/staff/orders/1002",
        &[
            ("do", "/do/staff/complete-deposit"),
            ("things_sq", "1002"),
            ("scan", "1234.x"),
        ],
    ),
    (
        STAFF,
        "/staff/orders/1002",
        &[("do", "/do/staff/read-code"), ("order", "1002"), ("code", "a.b.c")],
    ),
    (
        OPERATOR,
        "/operator/people/new",
        &[
            ("do", "/do/operator/add-person"),
            ("phone", "01055556666"),
            ("name", "새 사람"),
            ("role", "business"),
            ("business", MINE),
            ("how", "typed"),
            ("password", "long enough"),
        ],
    ),
    (
        OPERATOR,
        "/operator/people/01011110006",
        &[
            ("do", "/do/operator/new-password-for"),
            ("phone", "01011110006"),
            ("how", "typed"),
            ("password", "long enough"),
        ],
    ),
    (
        OPERATOR,
        "/operator/businesses",
        &[("do", "/do/operator/add-business"), ("name", "새 업체")],
    ),
    (
        OPERATOR,
        "/operator/kiosks/new",
        &[
            ("do", "/do/operator/add-kiosk"),
            ("yid", "77"),
            ("name", "새 키오스크"),
            ("address", "서울"),
            ("boards", "1"),
            ("ports", "4"),
            ("secret", "iloveyang"),
        ],
    ),
    (
        OPERATOR,
        "/operator/kiosks/1234",
        &[
            ("do", "/do/operator/edit-kiosk"),
            ("yid", "1234"),
            ("name", "1234호"),
            ("address", "서울"),
        ],
    ),
    (
        OPERATOR,
        "/operator/kiosks/1234",
        &[("do", "/do/operator/set-pin"), ("yid", "1234"), ("pin", "2580")],
    ),
    (
        OPERATOR,
        "/operator/kiosks/1234",
        &[
            ("do", "/do/operator/set-overdue"),
            ("yid", "1234"),
            ("overdue_days", "7"),
        ],
    ),
    (
        OPERATOR,
        "/operator/kiosks/1234/layout",
        &[
            ("do", "/do/operator/save-layout"),
            ("yid", "1234"),
            ("label.1.1", "Z1"),
            ("size.1.1", "2"),
            ("status.1.1", "C"),
        ],
    ),
    (
        OPERATOR,
        "/operator/orders",
        &[("do", "/do/operator/make-ready"), ("one", "1001")],
    ),
    (
        OPERATOR,
        "/operator/orders",
        &[("do", "/do/operator/make-ready"), ("pick.1001", "on")],
    ),
    (
        OPERATOR,
        "/operator/orders/1001",
        &[("do", "/do/operator/make-ready"), ("one", "1001")],
    ),
    (
        OPERATOR,
        "/operator/new-order",
        &[
            ("do", "/do/operator/add-order"),
            ("things_sq", "3001"),
            ("texts.customer_no", "300"),
            ("texts.customer_name", "홍길동"),
            ("texts.address", "서울"),
            ("texts.meter_kind", "단상"),
            ("texts.business", MINE),
            ("status", "B"),
        ],
    ),
];
/// Fields with a choice whose unknown values mean the usual one, and passwords, which may be anything.
const ANYTHING_GOES: [&str; 4] = ["do", "how", "password", "pick.1001"];
const SCRIPT: &str = "\"><script>alert(1)</script>";

/// What people see of everything a form can change.
async fn all(world: &World) -> String {
    let (operator, staff) = (world.person(OPERATOR).await, world.person(STAFF).await);
    let (b, actor) = (&world.backend, Actor::from(&operator));
    let people = people::list(b, &operator, "", None, None, 200).await.unwrap();
    let businesses = businesses::list(b, &operator, "", None, 200).await.unwrap();
    let kiosks = backend::locker::kiosks::list_all(b, &actor).await.unwrap();
    let doors = backend::locker::kiosks::get(b, &staff, Yid(1234)).await.unwrap();
    let settings = backend::locker::kiosks::settings(b, &staff, Yid(1234)).await.unwrap();
    let filter = domain::locker::orders::OrderFilter {
        limit: 200,
        ..Default::default()
    };
    let orders = orders::search(b, &staff, &filter).await.unwrap();
    let guards = inventory::list(b, &operator, "", None, 200).await.unwrap();
    format!("{people:?}{businesses:?}{kiosks:?}{doors:?}{settings:?}{orders:?}{guards:?}")
}

fn is_a_page_that_says_why(answer: &Answer) -> bool {
    let page = answer.text();
    answer.header("content-type") == "text/html; charset=utf-8"
        && (page.contains("role=\"alert\"")
            || page.contains("data-testid=\"refusal\"")
            || page.contains("aria-invalid=\"true\""))
}

async fn every_field_takes_only_what_it_can_be(world: World) {
    let long = "가".repeat(100_000);
    let mut before = all(&world).await;
    for (phone, path, fields) in FORMS {
        let cookie = world.cookie(phone).await;
        for (changed, _) in fields {
            for text in [
                "'; DROP TABLE orders; --",
                SCRIPT,
                "a\0b",
                "a\u{fffd}b",
                "\u{202e}x",
                "%",
                "",
                &long,
            ] {
                let filled: Vec<(&str, &str)> = fields
                    .iter()
                    .map(|(name, value)| (*name, if name == changed { text } else { *value }))
                    .collect();
                let body = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(filled)
                    .finish();
                // A byte that is no UTF-8, as a broken client would send it.
                let body = body.replace("%EF%BF%BD", "%FF");
                let kind = "application/x-www-form-urlencoded";
                let answer = world.post(path).cookie(&cookie).body(kind, body).send().await;
                let told = format!("{path} {changed}={:.20?}: {}", text, answer.status);
                assert!(answer.status < 500, "{told}");
                assert!(!answer.text().contains("<script>alert"), "{told}");
                let after = all(&world).await;
                if answer.status >= 400 {
                    assert!(is_a_page_that_says_why(&answer), "{told} {}", answer.text());
                    assert_eq!(before, after, "{told}");
                } else {
                    let broken = text.contains(['\0', '\u{fffd}']) || text.len() > 1000;
                    assert!(!broken || ANYTHING_GOES.contains(changed), "{told}");
                }
                before = after;
            }
        }
    }
    // What was kept as a name or label is shown as text.
    let operator = world.cookie(OPERATOR).await;
    for path in [
        "/operator",
        "/operator/people",
        "/operator/businesses",
        "/operator/kiosks",
        "/operator/kiosks/1234",
        "/operator/orders",
    ] {
        let page = world.get(path).cookie(&operator).send().await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.text().contains("<script>alert"), "{path}");
    }
    let kept = world.get("/operator/businesses").cookie(&operator).send().await.text();
    assert!(
        kept.contains("&lt;script&gt;alert") && kept.contains("DROP TABLE"),
        "{kept}"
    );
}

async fn a_form_that_is_too_large_is_refused_on_its_page(world: World) {
    let before = all(&world).await;
    for (phone, path, fields) in FORMS {
        let cookie = world.cookie(phone).await;
        let filled = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let body = format!("{filled}&more={}", "x".repeat(1 << 20));
        let answer = world
            .post(path)
            .cookie(&cookie)
            .body("application/x-www-form-urlencoded", body)
            .send()
            .await;
        assert_eq!(answer.status, 413, "{path}");
        assert!(is_a_page_that_says_why(&answer), "{path}");
    }
    assert_eq!(before, all(&world).await);
}

async fn an_upload_without_a_file_shows_an_error(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let before = all(&world).await;
    for (path, header) in [
        (
            "/operator/import",
            "thingsSq,customerNo,customerName,address,meterKind,business",
        ),
        ("/operator/guards/import", "guardId,deviceKey"),
    ] {
        let huge = format!("{header}\n{}", "x".repeat(10 << 20));
        let whole = |content: &[u8]| {
            let head = "--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"o.csv\"\r\n\r\n";
            [head.as_bytes(), content, b"\r\n--X--\r\n"].concat()
        };
        let multipart = "multipart/form-data; boundary=X";
        for (kind, body, status) in [
            (multipart, whole(b""), 422),
            (multipart, whole(b"\xff\xff\x80\x00"), 400),
            (multipart, whole(b"a,b\n1,2\n"), 422),
            (multipart, whole(format!("{header},{header}").as_bytes()), 422),
            (multipart, whole(format!("{header},{SCRIPT}\n").as_bytes()), 422),
            (multipart, whole(huge.as_bytes()), 413),
            (multipart, b"--X\r\nnonsense".to_vec(), 400),
            (multipart, b"".to_vec(), 400),
            ("multipart/form-data", whole(header.as_bytes()), 400),
            ("application/json", b"{}".to_vec(), 400),
        ] {
            let told = format!(
                "{path} {kind} {}",
                String::from_utf8_lossy(&body[..body.len().min(200)])
            );
            let answer = world.post(path).cookie(&cookie).body(kind, body).send().await;
            assert_eq!(answer.status, status, "{told}");
            assert!(is_a_page_that_says_why(&answer), "{told}");
            assert!(!answer.text().contains("<script>alert"), "{told}");
        }
    }
    assert_eq!(before, all(&world).await);
}

/// Keys are the contractors' own texts: none of them may fall upon another page's address.
async fn an_order_with_any_key_can_be_opened(world: World) {
    let cookies = [
        ("/operator", world.cookie(OPERATOR).await),
        ("/staff", world.cookie(STAFF).await),
        ("/business", world.cookie(BUSINESS).await),
    ];
    let key = "new import template.csv new-order done find a/b 2026/11/22-1 a%20b 100% #1 ?x=1 a&b=c a+b 가나다 ... ; \" <b> \\";
    for key in key.split(' ').chain(["a b"]) {
        let new = NewOrder {
            things_sq: key.to_owned(),
            texts: OrderTexts {
                customer_no: "777".to_owned(),
                business: MINE.to_owned(),
                ..OrderTexts::default()
            },
            status: "A".to_owned(),
        };
        orders::add(&world.backend, &Actor::Cli, new).await.unwrap();
        let shown = key.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        for (home, cookie) in &cookies {
            let path = format!("{home}/orders/{}", encoded(key));
            let page = world.get(&path).cookie(cookie).send().await;
            assert_eq!(page.status, 200, "{path}");
            assert!(page.text().contains(&shown), "{path}");
        }
        let path = format!("/operator/orders/{}", encoded(key));
        let moved = world
            .post(&path)
            .cookie(&cookies[0].1)
            .form(&[("do", "/do/operator/make-ready"), ("one", key)])
            .send()
            .await;
        assert_eq!(moved.status, 303, "{path}: {}", moved.text());
        assert_eq!(world.status_of(key).await, "B");
        let back = moved.header("location").to_owned();
        assert_eq!(
            world.get(&back).cookie(&cookies[0].1).send().await.status,
            200,
            "{back}"
        );
    }
    let list = world
        .get("/v1/Orders?customerNo=777")
        .bearer(&world.bearer(STAFF).await)
        .send()
        .await
        .ok();
    assert_eq!(list["orders"].as_array().unwrap().len(), 21);
}
