//! What every request and every response passes.

use crate::harness::{BUSINESS, SIGN_IN, STAFF, World};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use server::edge;
use server::edge::counters::Count;
use server::edge::host::OwnHosts;
use server::state::{AppState, Transport};
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
    an_authorization_header_makes_no_session_speak_for_another_site,
    only_own_hosts_are_served,
    exactly_one_host_is_named,
    every_path_has_one_form_and_the_others_lead_there,
    what_fits_no_route_shows_no_page,
    cookies_that_are_no_text_do_no_harm,
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
    // The kiosk's page alone may reach the door bridge on its own machine.
    assert!(!policy.contains("ws:"), "{policy}");
    let kiosk = world.get("/kiosk").send().await;
    let policy = kiosk.header("content-security-policy");
    assert!(policy.contains("connect-src 'self' ws://127.0.0.1:7350;"), "{policy}");
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
    let text = answer.text();
    assert!(text.contains("Origin") && text.contains("--public-url"), "{text}");
    assert_eq!(
        evil("/v1/QrData")
            .json(&json!({ "data": "x" }))
            .send()
            .await
            .refused(403),
        "other-site"
    );
    let answer = world
        .post("/do/anyone/sign-out")
        .cookie(&cookie)
        .header("sec-fetch-site", "cross-site")
        .form(&[])
        .send()
        .await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        world.get("/staff").cookie(&cookie).send().await.status,
        200,
        "still signed in"
    );
    let same = world
        .post("/do/anyone/sign-out")
        .cookie(&cookie)
        .header("origin", "http://latchkey.test")
        .header("accept", "text/html")
        .form(&[])
        .send()
        .await;
    assert_eq!(same.status, 303);
}

async fn an_authorization_header_makes_no_session_speak_for_another_site(world: World) {
    let (cookie, bearer) = (world.cookie(STAFF).await, world.bearer(STAFF).await);
    let evil = |path: &str, authorization: &str| {
        world
            .post(path)
            .cookie(&cookie)
            .header("origin", "https://evil.example")
            .header("authorization", authorization)
    };
    for authorization in ["Bearer x", "Basic eDp5", "x"] {
        let form = evil("/do/anyone/sign-out", authorization).form(&[]).send().await;
        assert_eq!(form.status, 403, "{authorization}");
        let answer = evil("/v1/QrData", authorization)
            .json(&json!({ "data": "x" }))
            .send()
            .await;
        assert!(matches!(answer.status, 401 | 403), "{authorization}: {}", answer.text());
    }
    assert_eq!(
        world.get("/staff").cookie(&cookie).send().await.status,
        200,
        "still signed in"
    );
    // A good token speaks for itself, wherever it is sent from.
    let token = format!("Bearer {bearer}");
    let answer = evil("/v1/QrData", &token).json(&json!({ "data": "x" })).send().await;
    assert_eq!(answer.refused(400), "code-damaged");
    // And where a token is not asked for, nothing speaks.
    let answer = evil("/v1/Logout", &token).json(&json!({})).send().await;
    assert!(answer.status < 500);
    assert_eq!(
        world.get("/staff").cookie(&cookie).send().await.status,
        200,
        "still signed in"
    );
}

async fn only_own_hosts_are_served(world: World) {
    let world = world.with_edge(|edge| edge.hosts = OwnHosts::new(["locks.com"]));
    let ask = |path: &str, host: &str| world.get(path).without("host").header("host", host);
    for host in [
        "locks.com",
        "LOCKS.com:3000",
        "127.0.0.1:3000",
        "[::1]:3000",
        "localhost",
        "locker",
    ] {
        assert_eq!(ask("/sign-in", host).send().await.status, 200, "{host}");
    }
    for host in ["evil.com", "locks.com.evil.com", "127.0.0.1.evil.com:3000"] {
        let page = ask("/sign-in", host).send().await;
        assert_eq!(page.status, 421, "{host}");
        assert!(page.text().contains("--hosts"), "{}", page.text());
        // Not `send`, which looks at the description: this is not an answer of that address.
        let clock = ask("/v1/Clock", host).open().await;
        assert_eq!(
            (clock.status().as_u16(), &clock.headers()["content-type"]),
            (421, &"application/json".parse().unwrap())
        );
        let clock = to_bytes(clock.into_body(), 1_000).await.unwrap();
        assert!(String::from_utf8_lossy(&clock).contains("\"wrong-host\""));
        assert_eq!(ask("/v1/link", host).open().await.status(), 421);
        let sign = world.post("/").without("host").header("host", host);
        assert_eq!(sign.body("text/json", "{}").open().await.status(), 421);
        // A monitor may use any name.
        assert_eq!(ask("/healthz", host).send().await.status, 200);
    }
    assert_eq!(world.state.edge.counters.get(Count::HostRefused), 3 * 4);
}

async fn exactly_one_host_is_named(world: World) {
    let none = world.get("/sign-in").without("host").send().await;
    let two = world.get("/sign-in").header("host", "latchkey.test").send().await;
    assert_eq!((none.status, two.status), (400, 400));
    assert_eq!(world.get("/v1/Clock").without("host").open().await.status(), 400);
    assert_eq!(
        world
            .get("https://latchkey.test/sign-in")
            .over_http_2()
            .send()
            .await
            .status,
        200
    );
    assert_eq!(
        world.get("https://evil.com/sign-in").over_http_2().send().await.status,
        421
    );
}

async fn every_path_has_one_form_and_the_others_lead_there(world: World) {
    for (path, form) in [
        ("/kiosk/", "/kiosk"),
        ("//kiosk", "/kiosk"),
        ("/sign-in/?next=%2Fstaff", "/sign-in?next=%2Fstaff"),
        ("/x/../staff", "/staff"),
        ("/x/%2E%2e/staff", "/staff"),
        ("/%73taff", "/staff"),
        ("/staff/./orders//", "/staff/orders"),
        ("//evil.com//", "/evil.com"),
        ("/kiosk-sw.js/", "/kiosk-sw.js"),
    ] {
        let answer = world.get(path).send().await;
        assert_eq!((answer.status, answer.header("location")), (308, form), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 32);
    }
    let posted = world.post("/sign-in/").form(&[("phone", STAFF)]).send().await;
    assert_eq!((posted.status, posted.header("location")), (308, "/sign-in"));
    assert_eq!(world.get("/\\evil.com/").send().await.status, 400);
    assert_eq!(world.get("/kiosk").send().await.status, 200);
}

async fn what_fits_no_route_shows_no_page(world: World) {
    let cookie = world.cookie(STAFF).await;
    for path in [
        "/staff/nowhere",
        "/operator/nowhere/x",
        "/nowhere",
        "/sign-in/x",
        "/owner/guards/G1/nowhere",
    ] {
        let nobody = world.get(path).send().await;
        let somebody = world.get(path).cookie(&cookie).send().await;
        assert_eq!((nobody.status, somebody.status), (404, 404), "{path}");
        assert!(
            !somebody.text().contains("<form method=\"post\" action=\"/staff"),
            "{path}"
        );
    }
}

async fn cookies_that_are_no_text_do_no_harm(world: World) {
    let cookie = world.cookie(STAFF).await;
    // EUC-KR, GBK, UTF-8: what another program on the same host may set.
    for foreign in [
        &b"name=\xc8\xab\xb1\xe6"[..],
        b"name=\xd5\xc5\xc8\xfd",
        "name=홍길동".as_bytes(),
    ] {
        let all = [foreign, b"; ", cookie.as_bytes(), b"; lang=zh; zone=Asia/Seoul"].concat();
        let page = world.get("/staff").header_bytes("cookie", &all).send().await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("lang=\"zh\""));
        let apart = world.get("/staff").header_bytes("cookie", foreign).cookie(&cookie);
        assert_eq!(apart.header("cookie", "lang=ko").send().await.status, 200);
    }
}

/// Over HTTP browsers keep what was signed out of; over TLS they are asked to forget it (`a_page_may_come_back_where_signing_out_empties_what_was_kept`).
async fn pages_of_signed_in_people_are_not_kept(world: World) {
    let leaving = world.cookie(BUSINESS).await;
    let out = world
        .post("/do/anyone/sign-out")
        .cookie(&leaving)
        .form(&[])
        .send()
        .await;
    assert_eq!(out.header("clear-site-data"), "\"cache\"");
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
    let form = [SIGN_IN, ("phone", STAFF), ("password", crate::harness::PASSWORD)];
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
    let routes = Router::new()
        .route("/fails", get(fails))
        .route("/v1/fails", get(fails))
        .route("/works", get(async || "works"));
    let service = edge::around(routes, &state, Transport::Plain);
    let ask = async |path: &str| {
        let request = Request::get(path).header("host", "latchkey.test");
        let request = request.header("accept-language", "en");
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
    assert_eq!(state.edge.counters.get(Count::Panic), 2);
    assert_eq!(state.edge.counters.get(Count::Failure), 2);
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
