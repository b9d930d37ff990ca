//! Corrections as an operator's browser makes them.

use crate::harness::{Answer, BUSINESS, MINE, OPERATOR, OTHER_BUSINESS, OTHERS, World};

on_every_engine! {
    who_saves_second_sees_both_values_and_may_keep_their_own,
    an_order_is_cancelled_with_a_reason_and_received_again,
    a_renamed_person_is_not_renamed_by_a_page_that_is_older,
    a_kiosk_is_not_renamed_by_a_page_that_is_older,
    a_full_kiosk_is_not_retired_and_the_page_says_what_to_do,
}

const ORDER: &str = "/operator/orders/1001";

async fn send(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let cookie = world.cookie(OPERATOR).await;
    world.post(path).cookie(&cookie).form(fields).send().await
}

async fn page(world: &World, who: &str, path: &str) -> String {
    let cookie = world.cookie(who).await;
    let page = world.get(path).cookie(&cookie).send().await;
    assert_eq!(page.status, 200, "{path}");
    shown(&page)
}

/// The page without the marks that separate texts for scripts.
fn shown(page: &Answer) -> String {
    page.text().replace("<!>", "")
}

/// The form as a page with these values was filled in.
fn correction<'f>(was: &'f str, address: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("do", "/do/operator/correct-order"),
        ("things_sq", "1001"),
        ("texts.customer_no", "100200301"),
        ("texts.customer_name", "홍길동"),
        ("texts.address", address),
        ("texts.meter_kind", "단상"),
        ("texts.business", MINE),
        ("was.customer_no", "100200301"),
        ("was.customer_name", "홍길동"),
        ("was.address", was),
        ("was.meter_kind", "단상"),
        ("was.business", MINE),
    ]
}

async fn who_saves_second_sees_both_values_and_may_keep_their_own(world: World) {
    let first = send(&world, ORDER, &correction("서울 중구", "부산")).await;
    assert_eq!(
        first.header("location"),
        "/operator/orders/1001?notice=order-corrected",
        "{}",
        first.text()
    );

    let second = send(&world, ORDER, &correction("서울 중구", "대구")).await;

    assert_eq!(second.status, 409);
    let shown = shown(&second);
    assert!(shown.contains("Somebody else changed this to “부산”"), "{shown}");
    assert!(shown.contains("value=\"대구\""), "what was typed stays");
    assert!(
        shown.contains("name=\"was.address\" value=\"부산\""),
        "saving again knows the other's value"
    );
    assert!(!page(&world, OPERATOR, ORDER).await.contains("대구"));
    let cookie = world.cookie(OPERATOR).await;
    let script = world.post(ORDER).cookie(&cookie).header("accept", "application/json");
    let told = script.form(&correction("서울 중구", "대구")).send().await.json();
    assert_eq!(
        (&told["code"], &told["fields"][0]["now"]),
        (&"changed".into(), &"부산".into())
    );
    let kept = send(&world, ORDER, &correction("부산", "대구")).await;
    assert_eq!(kept.status, 303);
    let history = page(&world, BUSINESS, "/business/orders/1001").await;
    for text in [
        "<del>서울 중구</del>",
        "<ins>부산</ins>",
        "<del>부산</del>",
        "<ins>대구</ins>",
    ] {
        assert!(history.contains(text), "{text}");
    }
    let mut wrong = correction("대구", "울산");
    wrong[6] = ("texts.business", "nobody");
    let refused = send(&world, ORDER, &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("id=\"texts.business-problem\"") && refused.text().contains("value=\"울산\""));
}

async fn an_order_is_cancelled_with_a_reason_and_received_again(world: World) {
    let path = "/operator/orders/1002";
    let cancel = [
        ("do", "/do/operator/cancel-order"),
        ("things_sq", "1002"),
        ("reason", ""),
    ];
    let refused = send(&world, path, &cancel).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("id=\"reason-problem\""));
    assert_eq!(world.status_of("1002").await, "B");
    let reason = "두 번 접수됨 <b>";
    let done = send(&world, path, &[cancel[0], cancel[1], ("reason", reason)]).await;
    assert_eq!(done.header("location"), "/operator/orders/1002?notice=order-cancelled");
    assert_eq!(world.status_of("1002").await, "X");
    let shown = page(&world, BUSINESS, "/business/orders/1002").await;
    assert!(shown.contains("This order was cancelled") && shown.contains("두 번 접수됨 &lt;b&gt;"));
    let list = page(&world, OPERATOR, "/operator/orders?status=X").await;
    assert!(list.contains("data-order=\"1002\"") && list.contains("1–1 of 1"));
    let back = [
        ("do", "/do/operator/set-order-back"),
        ("things_sq", "1002"),
        ("from", "X"),
        ("why", "잘못 취소함"),
    ];
    assert_eq!(
        send(&world, path, &back).await.header("location"),
        "/operator/orders/1002?notice=order-set-back"
    );
    assert_eq!(world.status_of("1002").await, "A");
    // From a page that is older.
    let late = send(&world, path, &back).await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("Received"));
}

async fn a_renamed_person_is_not_renamed_by_a_page_that_is_older(world: World) {
    let path = format!("/operator/people/{OTHER_BUSINESS}");
    let name = format!("이름 {OTHER_BUSINESS}");
    let form = |name: &'static str, was: &str| {
        [
            ("do", "/do/operator/correct-person"),
            ("phone", OTHER_BUSINESS),
            ("name", name),
            ("business", OTHERS),
            ("was.name", was),
            ("was.business", OTHERS),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let send = async |fields: [(String, String); 6]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        send(&world, &path, &fields).await
    };
    assert_eq!(
        send(form("새 이름", &name)).await.header("location"),
        format!("{path}?notice=saved")
    );
    let late = send(form("늦은 이름", &name)).await;
    assert_eq!(late.status, 409);
    assert!(
        late.text().contains("Somebody else changed this to “새 이름”") && late.text().contains("value=\"늦은 이름\"")
    );
    assert_eq!(send(form("늦은 이름", "새 이름")).await.status, 303);
    assert!(page(&world, OPERATOR, "/operator/people").await.contains("늦은 이름"));
}

async fn a_kiosk_is_not_renamed_by_a_page_that_is_older(world: World) {
    let path = "/operator/kiosks/1234";
    let form = |name: &'static str| {
        [
            ("do", "/do/operator/edit-kiosk"),
            ("yid", "1234"),
            ("name", name),
            ("address", "서울"),
            ("was.name", "1234호"),
            ("was.address", "서울"),
        ]
    };
    let first = send(&world, path, &form("첫째 이름")).await;
    assert_eq!(first.header("location"), "/operator/kiosks/1234?notice=saved");
    let second = send(&world, path, &form("둘째 이름")).await;
    assert_eq!(second.status, 409);
    let shown = shown(&second);
    assert!(
        shown.contains("첫째 이름") && shown.contains("value=\"둘째 이름\""),
        "both are shown"
    );
    let history = page(&world, OPERATOR, path).await;
    assert!(
        history.contains("<del>1234호") && history.contains("<ins>첫째 이름"),
        "{history}"
    );
}

async fn a_full_kiosk_is_not_retired_and_the_page_says_what_to_do(world: World) {
    crate::pages::inhabited::store(&world).await;
    let path = "/operator/kiosks/1234";
    let form = [("do", "/do/operator/retire-kiosk"), ("yid", "1234")];
    let full = send(&world, path, &form).await;
    assert_eq!(full.status, 422);
    let operator = world.cookie(OPERATOR).await;
    let english = world
        .post(path)
        .cookie(&operator)
        .header("cookie", "lang=en")
        .form(&form)
        .send()
        .await;
    assert!(
        english.text().contains("There is something in this kiosk"),
        "{}",
        english.status
    );
    let form = [("do", "/do/operator/retire-kiosk"), ("yid", "1235")];
    let empty = send(&world, "/operator/kiosks/1235", &form).await;
    assert_eq!(empty.header("location"), "/operator/kiosks/1235?notice=kiosk-retired");
    assert!(
        !page(&world, OPERATOR, "/operator/kiosks")
            .await
            .contains("/operator/kiosks/1235\"")
    );
    assert!(
        page(&world, OPERATOR, "/operator/kiosks?state=retired")
            .await
            .contains("/operator/kiosks/1235\"")
    );
    let shown = page(&world, OPERATOR, "/operator/kiosks/1235").await;
    assert!(shown.contains("data-testid=\"restore\"") && !shown.contains("data-testid=\"make-code\""));
}
