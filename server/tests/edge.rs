//! What every request and every response passes.

use crate::harness::{BUSINESS, STAFF, World};
use serde_json::json;

on_every_engine! {
    the_server_says_that_it_lives_and_is_ready,
    every_answer_has_a_request_id_of_its_own,
    the_browser_is_told_what_pages_may_do,
    what_other_sites_send_is_refused,
    pages_of_signed_in_people_are_not_kept,
    cookies_are_out_of_reach_of_scripts_and_other_sites,
    an_unknown_address_leads_home,
    messages_are_in_the_callers_language,
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
