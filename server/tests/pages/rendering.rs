//! Pages as a browser without JavaScript uses them.

use crate::harness::{Answer, BUSINESS, OPERATOR, OWNER, PASSWORD, SIGN_IN, STAFF, World};
use http::header::SET_COOKIE;

on_every_engine! {
    everybody_lands_on_their_own_page,
    a_refused_sign_in_keeps_the_number_and_not_the_password,
    sign_in_returns_to_the_requested_page,
    too_many_tries_are_slowed_down,
    a_search_is_in_the_address,
    any_part_of_an_order_finds_it_and_is_marked,
    what_is_found_alone_by_the_form_is_opened,
    people_and_kiosks_are_found_by_any_part,
    a_deposit_is_completed_with_a_typed_code,
    the_language_is_kept,
}

async fn everybody_lands_on_their_own_page(world: World) {
    for (phone, home) in [
        (OPERATOR, "/operator"),
        (STAFF, "/staff"),
        (BUSINESS, "/business"),
        (OWNER, "/owner"),
    ] {
        let answer = world
            .post("/sign-in")
            .form(&[SIGN_IN, ("phone", phone), ("password", PASSWORD)])
            .send()
            .await;
        assert_eq!((answer.status, answer.header("location")), (303, home));
        let cookie = answer.headers[SET_COOKIE]
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        assert_eq!(world.get(home).cookie(&cookie).send().await.status, 200, "{home}");
        let front = world.get("/").cookie(&cookie).send().await;
        assert_eq!(front.header("location"), home);
    }
}

async fn a_refused_sign_in_keeps_the_number_and_not_the_password(world: World) {
    let answer = world
        .post("/sign-in")
        .form(&[SIGN_IN, ("phone", STAFF), ("password", "wrong pass")])
        .send()
        .await;
    assert_eq!(answer.status, 401);
    assert!(answer.text().contains(&format!("value=\"{STAFF}\"")));
    assert!(!answer.text().contains("wrong pass") && answer.text().contains("role=\"alert\""));
    let unknown = world
        .post("/sign-in")
        .form(&[SIGN_IN, ("phone", "01099998888"), ("password", "wrong pass")])
        .send()
        .await;
    assert_eq!(unknown.status, 401);
    let empty = world
        .post("/sign-in")
        .form(&[SIGN_IN, ("phone", STAFF), ("password", "")])
        .send()
        .await;
    assert_eq!(empty.status, 422);
    assert!(empty.text().contains("aria-invalid"), "beside the field");
}

async fn sign_in_returns_to_the_requested_page(world: World) {
    let turned_away = world.get("/staff/orders?customerNo=1002").send().await;
    let sign_in = turned_away.header("location").to_owned();
    let form = [SIGN_IN, ("phone", STAFF), ("password", PASSWORD)];
    let answer = world.post(&sign_in).form(&form).send().await;
    assert_eq!(answer.header("location"), "/staff/orders?customerNo=1002");
    for foreign in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "javascript%3Aalert(1)",
        "%2F%09%2Fevil.example",
        "%2F%0A%2Fevil.example",
        "%09%2F%2Fevil.example",
        "%2F.%2F%2Fevil.example",
        "%2Fx%2F..%2F%2Fevil.example",
        "%2F%5C%09%5Cevil.example",
    ] {
        let answer = world.post(&format!("/sign-in?next={foreign}")).form(&form).send().await;
        assert_eq!(answer.header("location"), "/staff", "{foreign}");
        let session = world.cookie(STAFF).await;
        let answer = world
            .get(&format!("/sign-in?next={foreign}"))
            .cookie(&session)
            .send()
            .await;
        assert_eq!(answer.header("location"), "/staff", "{foreign}");
        let text = form_urlencoded::parse(format!("x={foreign}").as_bytes())
            .next()
            .unwrap()
            .1
            .into_owned();
        let answer = world
            .post("/do/anyone/choose-language")
            .header("accept", "text/html")
            .form(&[("lang", "zh"), ("back", &text)])
            .send()
            .await;
        assert_eq!(answer.header("location"), "/", "{foreign}");
    }
}

async fn too_many_tries_are_slowed_down(world: World) {
    let mut answer = None;
    for _ in 0..12 {
        answer = Some(
            world
                .post("/sign-in")
                .form(&[SIGN_IN, ("phone", STAFF), ("password", "not it at all")])
                .send()
                .await,
        );
    }
    assert_eq!(answer.unwrap().status, 429);
    let answer = world
        .post("/v1/Login")
        .json(&serde_json::json!({ "phoneNumber": STAFF, "password": PASSWORD }))
        .send()
        .await;
    assert_eq!(answer.refused(429), "too-many");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    world.clock.forward_minutes(60);
    world.cookie(STAFF).await;
}

async fn a_search_is_in_the_address(world: World) {
    let cookie = world.cookie(STAFF).await;
    let page = world
        .get("/staff/orders?customerNo=100200302")
        .cookie(&cookie)
        .send()
        .await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("/staff/orders/1002") && !page.text().contains("/staff/orders/1003"));
    let nasty = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%27%3B--%22";
    let page = world
        .get(&format!("/staff/orders?customerNo={nasty}"))
        .cookie(&cookie)
        .send()
        .await;
    assert!(page.status < 500 && !page.text().contains("<script>alert"));
}

/// The page without the marks that separate texts for scripts.
fn shown(page: &Answer) -> String {
    page.text().replace("<!>", "")
}

async fn any_part_of_an_order_finds_it_and_is_marked(world: World) {
    for (person, list) in [
        (STAFF, "/staff/orders"),
        (BUSINESS, "/business/orders"),
        (OPERATOR, "/operator/orders"),
    ] {
        let cookie = world.cookie(person).await;
        for (typed, found, others) in [
            ("0302", "1002", "1003"),
            ("%EF%BC%91%EF%BC%90%EF%BC%90-200%20302", "1002", "1003"),
            ("1003", "1003", "1002"),
        ] {
            let page = world.get(&format!("{list}?q={typed}")).cookie(&cookie).send().await;
            let text = shown(&page);
            assert_eq!(page.status, 200, "{list} {typed}");
            assert!(text.contains(&format!("{list}/{found}\"")), "{list} {typed}");
            assert!(!text.contains(&format!("{list}/{others}\"")), "{list} {typed}");
            assert!(
                text.contains("<mark>") && text.contains("data-testid=\"matched\""),
                "{list} {typed}"
            );
        }
        // ㅎㄱㄷ and 중구: the business of 2001 is another one.
        let page = world
            .get(&format!("{list}?q=%E3%85%8E%E3%84%B1%E3%84%B7%20%EC%A4%91%EA%B5%AC"))
            .cookie(&cookie)
            .send()
            .await;
        let text = shown(&page);
        assert!(
            text.contains(&format!("{list}/1001\"")) && text.contains("<mark>홍길동</mark>"),
            "{list}"
        );
        assert_eq!(text.contains(&format!("{list}/2001\"")), person != BUSINESS, "{list}");
        let nothing = world.get(&format!("{list}?q=777777")).cookie(&cookie).send().await;
        assert!(nothing.status == 200 && !shown(&nothing).contains(&format!("{list}/1001\"")));
    }
}

async fn what_is_found_alone_by_the_form_is_opened(world: World) {
    for (person, list) in [
        (STAFF, "/staff/orders"),
        (BUSINESS, "/business/orders"),
        (OPERATOR, "/operator/orders"),
    ] {
        let cookie = world.cookie(person).await;
        let opened = world
            .get(&format!("{list}?q=200302&open=1"))
            .cookie(&cookie)
            .send()
            .await;
        assert_eq!(
            (opened.status, opened.header("location")),
            (303, format!("{list}/1002").as_str())
        );
        for several in ["q=2003&open=1", "q=200302", "q=&open=1"] {
            let page = world.get(&format!("{list}?{several}")).cookie(&cookie).send().await;
            assert_eq!(page.status, 200, "{list}?{several}");
        }
    }
    let cookie = world.cookie(BUSINESS).await;
    let foreign = world.get("/business/orders?q=2001&open=1").cookie(&cookie).send().await;
    assert_eq!(foreign.status, 200, "the order of another business is not there");
}

async fn people_and_kiosks_are_found_by_any_part(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let last = &STAFF[STAFF.len() - 4..];
    let opened = world
        .get(&format!("/operator/people?q={last}&open=1"))
        .cookie(&cookie)
        .send()
        .await;
    assert_eq!(
        (opened.status, opened.header("location")),
        (303, format!("/operator/people/{STAFF}").as_str())
    );
    let page = world
        .get(&format!("/operator/people?q={last}"))
        .cookie(&cookie)
        .send()
        .await;
    assert!(shown(&page).contains(&format!("<mark>{last}</mark>")));
    let page = world
        .get("/operator/kiosks?q=%EF%BC%91%2023")
        .cookie(&cookie)
        .send()
        .await;
    assert!(shown(&page).contains("<mark>123</mark>"));
    let opened = world.get("/operator/kiosks?q=1234&open=1").cookie(&cookie).send().await;
    assert_eq!(
        (opened.status, opened.header("location")),
        (303, "/operator/kiosks/1234")
    );
}

async fn a_deposit_is_completed_with_a_typed_code(world: World) {
    let kiosk = world.kiosk(1234).await;
    let cookie = world.cookie(STAFF).await;
    let token = kiosk.deposit_code(1, 3);
    let scanned = world
        .post("/staff/scan")
        .cookie(&cookie)
        .form(&[("do", "/do/staff/read-code"), ("code", &token)])
        .send()
        .await;
    assert_eq!(scanned.status, 303, "{}", scanned.text());
    let again = world
        .post("/staff/scan")
        .cookie(&cookie)
        .form(&[("do", "/do/staff/read-code"), ("code", &token)])
        .send()
        .await;
    assert_eq!(again.status, 409);
    assert!(again.text().contains(&token), "what was typed is kept");
    let fields = world.hidden(&cookie, "/staff/orders/1002", "complete").await;
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let done = world
        .post("/staff/orders/1002")
        .cookie(&cookie)
        .form(&fields)
        .send()
        .await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(world.status_of("1002").await, "C");
}

async fn the_language_is_kept(world: World) {
    let answer = world
        .post("/do/anyone/choose-language")
        .header("accept", "text/html")
        .form(&[("lang", "zh"), ("back", "/sign-in")])
        .send()
        .await;
    assert_eq!((answer.status, answer.header("location")), (303, "/sign-in"));
    assert!(answer.header("set-cookie").starts_with("lang=zh"));
    let page = world
        .get("/sign-in")
        .cookie("lang=zh")
        .header("accept-language", "ko")
        .send()
        .await;
    assert!(page.text().contains("lang=\"zh\""));
}
