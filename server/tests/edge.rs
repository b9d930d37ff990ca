//! What every request and every response passes.

use crate::harness::{BUSINESS, STAFF, World};
use axum::body::{Body, to_bytes};
use axum::routing::get;
use axum::{Router, middleware};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use server::edge;
use server::state::AppState;
use tower::ServiceExt;

on_every_engine! {
    the_server_says_that_it_lives_and_is_ready,
    every_answer_has_a_request_id_of_its_own,
    the_browser_is_told_what_pages_may_do,
    what_other_sites_send_is_refused,
    pages_of_signed_in_people_are_not_kept,
    cookies_are_out_of_reach_of_scripts_and_other_sites,
    an_unknown_address_leads_home,
    messages_are_in_the_callers_language,
    a_panic_is_answered_and_the_next_request_works,
    a_body_is_bounded_whether_or_not_its_length_is_told,
}

async fn the_server_says_that_it_lives_and_is_ready(world: World) {
    assert_eq!(world.get("/healthz").send().await.text(), "ok\n");
    assert_eq!(world.get("/readyz").send().await.text(), "ready\n");
    world.backend.close().await;
    assert_eq!(world.get("/healthz").send().await.status, 200);
    assert_eq!(world.get("/readyz").send().await.status, 503);
}

async fn every_answer_has_a_request_id_of_its_own(world: World) {
    let id = async |path: &str| {
        let answer = world
            .get(path)
            .header("x-request-id", "chosen-by-the-client")
            .send()
            .await;
        answer.header("x-request-id").to_owned()
    };
    let (one, other) = (id("/").await, id("/v1/Clock").await);
    assert!(one.len() == 32 && other.len() == 32 && one != other, "{one} {other}");
    let page = world.get("/nowhere").send().await;
    assert!(page.text().contains(page.header("x-request-id")));
}

async fn the_browser_is_told_what_pages_may_do(world: World) {
    let page = world.get("/sign-in").send().await;
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(page.header("permissions-policy").contains("camera=(self)"));
    let policy = page.header("content-security-policy");
    let nonce = format!("'nonce-{}'", page.header("x-request-id"));
    for part in [
        "frame-ancestors 'none'",
        "'wasm-unsafe-eval'",
        "object-src 'none'",
        nonce.as_str(),
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    // No script of a page is without the nonce or a file of ours.
    for tag in page.text().split("<script").skip(1) {
        let tag = tag.split('>').next().unwrap();
        assert!(tag.contains("nonce=") || tag.contains("src=\"/"), "{tag}");
    }
    let json = world.get("/v1/Clock").send().await;
    assert_eq!(
        json.header("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'"
    );
}

async fn what_other_sites_send_is_refused(world: World) {
    let cookie = world.cookie(STAFF).await;
    let evil = |path: &str| {
        world
            .post(path)
            .cookie(&cookie)
            .header("origin", "https://evil.example")
    };
    let answer = evil("/account").form(&[("password", "x")]).send().await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (403, "text/html; charset=utf-8")
    );
    assert_eq!(
        evil("/v1/QrData")
            .json(&json!({ "data": "x" }))
            .send()
            .await
            .refused(403),
        "not-yours"
    );
    let answer = world
        .post("/sign-out")
        .cookie(&cookie)
        .header("sec-fetch-site", "cross-site")
        .send()
        .await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        world.get("/staff").cookie(&cookie).send().await.status,
        200,
        "still signed in"
    );
    let same = world
        .post("/sign-out")
        .cookie(&cookie)
        .header("origin", "http://latchkey.test")
        .send()
        .await;
    assert_eq!(same.status, 303);
}

async fn pages_of_signed_in_people_are_not_kept(world: World) {
    let cookie = world.cookie(BUSINESS).await;
    assert_eq!(
        world
            .get("/business")
            .cookie(&cookie)
            .send()
            .await
            .header("cache-control"),
        "no-store"
    );
    assert_eq!(
        world.get("/staff").cookie(&cookie).send().await.header("cache-control"),
        "no-store"
    );
    assert_eq!(
        world
            .get("/v1/Orders")
            .cookie(&cookie)
            .send()
            .await
            .header("cache-control"),
        "no-store"
    );
}

async fn cookies_are_out_of_reach_of_scripts_and_other_sites(world: World) {
    let form = [("phone", STAFF), ("password", crate::harness::PASSWORD)];
    let answer = world.post("/sign-in").form(&form).send().await;
    let cookie = answer.header("set-cookie");
    for part in ["latchkey=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let old = cookie.split(';').next().unwrap().to_owned();
    let answer = world.post("/sign-in").cookie(&old).form(&form).send().await;
    assert!(
        !answer.header("set-cookie").starts_with(&old),
        "signing in gives a new session"
    );
}

async fn an_unknown_address_leads_home(world: World) {
    let page = world.get("/nowhere/%3Cscript%3E?x=%3Cscript%3E").send().await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (404, "text/html; charset=utf-8")
    );
    assert!(page.text().contains("href=\"/\"") && !page.text().contains("<script>"));
    assert_eq!(world.get("/v1/nowhere").send().await.refused(404), "unknown");
    assert_eq!(world.get("/v1").send().await.status, 404);
}

async fn messages_are_in_the_callers_language(world: World) {
    let message = async |language: &str| {
        let answer = world.get("/v1/Orders").header("accept-language", language).send().await;
        answer.json()["message"].as_str().unwrap().to_owned()
    };
    let english = message("en").await;
    let (korean, chinese) = (message("ko-KR,ko;q=0.9").await, message("zh-CN").await);
    assert!(korean.chars().any(|c| ('가'..='힣').contains(&c)), "{korean}");
    assert!(chinese.chars().any(|c| ('一'..='龥').contains(&c)), "{chinese}");
    assert_eq!(message("fr").await, english);
    let page = world.get("/sign-in").header("accept-language", "ko").send().await;
    assert!(page.text().contains("lang=\"ko\""));
}

async fn fails() -> &'static str {
    panic!("provoked by a test")
}

async fn a_panic_is_answered_and_the_next_request_works(world: World) {
    let state = AppState::new(world.backend.clone());
    let service = Router::new()
        .route("/fails", get(fails))
        .route("/v1/fails", get(fails))
        .route("/works", get(async || "works"))
        .layer(middleware::from_fn_with_state(state, edge::around));
    let ask = async |path: &str| {
        let request = Request::get(path).header("accept-language", "en");
        let answer = service
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    };
    let (status, headers, page) = ask("/fails").await;
    let id = headers["x-request-id"].to_str().unwrap();
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert!(page.contains(id) && !page.contains("provoked"), "{page}");
    assert!(headers.contains_key("content-security-policy"));
    let (status, headers, body) = ask("/v1/fails").await;
    assert_eq!(
        (status, &headers["content-type"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &"application/json".parse().unwrap())
    );
    assert_eq!(headers["x-request-id"].len(), 32);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["success"], &body["errorCode"]), (&json!(false), &json!(500)));
    assert!(!body["message"].as_str().unwrap().contains("provoked"));
    assert_eq!(ask("/works").await.2, "works");
}

async fn a_body_is_bounded_whether_or_not_its_length_is_told(world: World) {
    let bearer = world.bearer(STAFF).await;
    let huge = json!({ "data": "x".repeat(1 << 20) }).to_string();
    let told = world
        .post("/v1/QrData")
        .bearer(&bearer)
        .body("application/json", huge.clone())
        .send()
        .await;
    assert_eq!(told.refused(413), "too-large");
    let untold = world
        .post("/v1/QrData")
        .bearer(&bearer)
        .unmeasured("application/json", huge.clone())
        .send()
        .await;
    assert_eq!(untold.refused(413), "too-large");
    let form = world
        .post("/sign-in")
        .unmeasured("application/x-www-form-urlencoded", huge)
        .send()
        .await;
    assert_eq!(form.status, 413);
}
