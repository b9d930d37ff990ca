//! Signing in and the own account, as browsers and clients see them.

use crate::harness::{Answer, OTHER_STAFF, PASSWORD, SIGN_IN, STAFF, World};
use http::header::SET_COOKIE;

on_every_engine! {
    a_number_is_read_however_it_is_typed_and_shown_in_one_form,
    what_is_no_number_is_told_beside_the_field,
    a_known_browser_signs_in_though_others_behind_its_address_failed,
    a_new_password_that_can_be_guessed_is_refused_beside_the_field,
    somebody_sees_where_they_are_signed_in_and_ends_it,
    a_session_ends_half_a_day_after_signing_in,
    the_first_operator_is_added_with_the_code_on_the_console,
}

async fn sign_in(world: &World, phone: &str, password: &str, cookie: &str) -> Answer {
    let form = [SIGN_IN, ("phone", phone), ("password", password)];
    world.post("/sign-in").cookie(cookie).form(&form).send().await
}

/// A cookie that the answer sets, as a browser sends it back.
fn set(answer: &Answer, name: &str) -> String {
    let all = answer.headers.get_all(SET_COOKIE).iter();
    let mut texts = all.map(|value| value.to_str().unwrap());
    let cookie = texts.find(|text| text.starts_with(&format!("{name}="))).unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn a_number_is_read_however_it_is_typed_and_shown_in_one_form(world: World) {
    let national = STAFF.strip_prefix('0').unwrap();
    for typed in [
        format!("+82 {national}"),
        format!("\u{202d}{STAFF}\u{202c}"),
        format!("tel:+82-{national}"),
    ] {
        assert_eq!(sign_in(&world, &typed, PASSWORD, "").await.status, 303, "{typed}");
        let body = serde_json::json!({ "phoneNumber": typed, "password": PASSWORD });
        world.post("/v1/Login").json(&body).send().await.ok();
    }
    let page = sign_in(&world, "＋８２ 10-2222-3333", "wrong password", "")
        .await
        .text();
    assert!(page.contains("value=\"01022223333\""), "{page}");
}

async fn what_is_no_number_is_told_beside_the_field(world: World) {
    let answer = sign_in(&world, "my number", PASSWORD, "").await;
    assert_eq!(answer.status, 422);
    let page = answer.text();
    assert!(
        page.contains("aria-invalid=\"true\"") && page.contains("value=\"my number\""),
        "{page}"
    );
    let body = serde_json::json!({ "phoneNumber": "my number", "password": PASSWORD });
    let refused = world.post("/v1/Login").json(&body).send().await;
    assert_eq!(refused.refused(422), "field");
}

async fn a_known_browser_signs_in_though_others_behind_its_address_failed(world: World) {
    let first = sign_in(&world, STAFF, PASSWORD, "").await;
    let known = set(&first, "known");
    let attributes = first
        .headers
        .get_all(SET_COOKIE)
        .iter()
        .find(|value| value.to_str().unwrap().starts_with("known="));
    assert!(attributes.unwrap().to_str().unwrap().contains("HttpOnly; SameSite=Lax"));
    assert!(
        first.header("set-cookie").starts_with("latchkey="),
        "the session's comes first"
    );
    for _ in 0..5 {
        assert_eq!(sign_in(&world, STAFF, "wrong password", "").await.status, 401);
    }
    assert_eq!(sign_in(&world, STAFF, PASSWORD, "").await.status, 429);
    let again = sign_in(&world, STAFF, PASSWORD, &known).await;
    assert_eq!(again.status, 303);
    assert_ne!(set(&again, "known"), known);
    assert_eq!(sign_in(&world, OTHER_STAFF, "wrong password", &known).await.status, 401);
}

async fn a_new_password_that_can_be_guessed_is_refused_beside_the_field(world: World) {
    let cookie = world.cookie(STAFF).await;
    let form = [
        ("do", "/do/account/change-password"),
        ("current_password", PASSWORD),
        ("new_password", "password1"),
        ("repeat_password", "password1"),
    ];
    let answer = world.post("/account").cookie(&cookie).form(&form).send().await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("aria-invalid=\"true\""));
    let form = [
        ("do", "/do/anyone/register"),
        ("name", "张三"),
        ("phone", "13812345678"),
        ("password", "13812345678"),
    ];
    let answer = world.post("/register").form(&form).send().await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("aria-invalid=\"true\""));
}

async fn somebody_sees_where_they_are_signed_in_and_ends_it(world: World) {
    let agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36";
    let form = [SIGN_IN, ("phone", STAFF), ("password", PASSWORD)];
    let phone = world
        .post("/sign-in")
        .header("user-agent", agent)
        .form(&form)
        .send()
        .await;
    let (here, there) = (world.cookie(STAFF).await, set(&phone, "latchkey"));
    let foreign = world.cookie(OTHER_STAFF).await;
    let page = world.get("/account").cookie(&here).send().await.text();
    assert_eq!(page.matches("data-testid=\"session\"").count(), 2, "{page}");
    assert_eq!(page.matches("data-here=\"true\"").count(), 1);
    assert!(page.contains("Chrome, Android"));
    let (_, rest) = page.split_once("name=\"session\" value=\"").unwrap();
    let handle = rest.split('"').next().unwrap();
    assert!(!there.contains(handle));

    let end = async |cookie: &str| {
        let form = [("do", "/do/account/end-session"), ("session", handle)];
        world.post("/account").cookie(cookie).form(&form).send().await
    };
    assert_eq!(end(&foreign).await.status, 404, "nobody ends another person's");
    assert_eq!(end("").await.status, 401, "nor does anybody who is not signed in");
    assert_eq!(world.get("/staff").cookie(&there).send().await.status, 200);
    assert_eq!(end(&here).await.header("location"), "/account?notice=session-ended");
    assert_eq!(world.get("/staff").cookie(&there).send().await.status, 303);
    assert_eq!(world.get("/staff").cookie(&here).send().await.status, 200);
}

async fn a_session_ends_half_a_day_after_signing_in(world: World) {
    let cookie = world.cookie(STAFF).await;
    for _ in 0..11 {
        world.clock.forward_minutes(60);
        assert_eq!(world.get("/staff").cookie(&cookie).send().await.status, 200);
    }
    world.clock.forward_minutes(61);
    assert_eq!(world.get("/staff").cookie(&cookie).send().await.status, 303);
}

async fn the_first_operator_is_added_with_the_code_on_the_console(world: World) {
    let world = world.with_set_up("ABCD-2345");
    let send = async |code: &str, name: &str| {
        let form = [
            ("do", "/do/anyone/set-up"),
            ("code", code),
            ("name", name),
            ("phone", "010-9999-0001"),
            ("password", "correct horse battery"),
        ];
        world.post("/set-up").form(&form).send().await
    };
    assert_eq!(send("ABCD-2345", "김").await.status, 404, "there is an operator");
    world.sql("DELETE FROM people WHERE role = 'operator'").await;
    let page = world.get("/set-up").send().await;
    assert!(page.status == 200 && page.text().contains("data-testid=\"set-up-form\""));
    let refused = send("", "").await;
    assert_eq!(
        (refused.status, refused.text().matches("aria-invalid=\"true\"").count()),
        (422, 2)
    );
    let wrong = send("ABCD-2346", "김").await;
    assert_eq!(
        (wrong.status, wrong.text().matches("aria-invalid=\"true\"").count()),
        (422, 1)
    );
    assert!(wrong.text().contains("value=\"01099990001\""), "what was typed is kept");
    assert!(
        wrong
            .text()
            .contains("This is not the code. It stands in the server’s log"),
        "{}",
        wrong.text()
    );
    let done = send("abcd 2345", "김").await;
    assert_eq!(
        (done.status, done.header("location")),
        (303, "/operator"),
        "{}",
        done.text()
    );
    let session = set(&done, "latchkey");
    assert_eq!(world.get("/operator").cookie(&session).send().await.status, 200);
    assert_eq!(world.get("/set-up").send().await.status, 404);
    assert_eq!(send("ABCD-2345", "김").await.status, 404);
}
