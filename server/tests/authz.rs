//! Every address as nobody, as the wrong person, and as the right kind of person asking for what is somebody else's.

use crate::harness::{
    Answer, Ask, BUSINESS, OPERATOR, OTHER_BUSINESS, OTHER_STAFF, OWNER, PASSWORD, STAFF, World, cabinet, deposited,
};
use crate::pages::inhabited::{inhabit, store};
use backend::Actor;
use domain::people::Role;
use islands::addresses::page_at;
use islands::doors::Door;
use serde_json::{Value, json};

on_every_engine! {
    nobody_gets_into_v1,
    the_wrong_people_get_nothing_from_v1,
    nobody_gets_beyond_the_sign_in_page,
    the_right_people_get_every_page,
    the_wrong_people_get_no_page_and_no_action,
    a_business_sees_and_opens_only_its_own,
    a_kiosk_speaks_only_for_itself,
    a_token_that_ended_opens_nothing,
    a_session_that_ended_opens_nothing,
}

/// An address of `/v1`: method, path, a proper body, and whose it is (`K`: the kiosk 1234).
const V1: [(&str, &str, &str, &[&str]); 9] = [
    ("POST", "/v1/QrData", r#"{"data":"x"}"#, &["staff"]),
    (
        "PUT",
        "/v1/Powermeter/OpenToSave/1002",
        r#"{"serial":1,"jumper":1,"pwd":"12345"}"#,
        &["staff"],
    ),
    (
        "POST",
        "/v1/SyncData/1234",
        r#"{"data":[{"jumper":1,"serial":1,"status":"B"}]}"#,
        &["staff", "K"],
    ),
    (
        "POST",
        "/v1/Encrypt",
        r#"{"data":{"cmd":"SyncDate","yid":1234}}"#,
        &["staff"],
    ),
    (
        "POST",
        "/v1/Encrypt",
        r#"{"data":{"cmd":"OpenToTake","yid":1234,"thingsSq":"1002"}}"#,
        &["business"],
    ),
    ("GET", "/v1/QrImage/a.b.c", "", &["staff", "business"]),
    ("GET", "/v1/Orders", "", &["staff", "business"]),
    ("POST", "/v1/Kiosks/1234/Events", r#"{"events":[]}"#, &["K"]),
    ("POST", "/v1/Kiosks/1234/Whose", r#"{"order":"1003"}"#, &["K"]),
];

fn v1<'a>(world: &'a World, method: &str, path: &str, body: &str) -> Ask<'a> {
    let ask = world.ask(method, path);
    if body.is_empty() {
        ask
    } else {
        ask.body("application/json", body)
    }
}

async fn nobody_gets_into_v1(world: World) {
    for (method, path, body, _) in V1 {
        assert_eq!(
            v1(&world, method, path, body).send().await.refused(401),
            "not-signed-in",
            "{path}"
        );
        for authorization in ["Bearer x", "Bearer ", "Basic eDp5", "x", ""] {
            let answer = v1(&world, method, path, body)
                .header("authorization", authorization)
                .send()
                .await;
            assert_eq!(answer.refused(401), "not-signed-in", "{path} {authorization}");
        }
        let answer = v1(&world, method, path, body)
            .cookie("latchkey=AAAAAAAAAAAAAAAAAAAAAA")
            .send()
            .await;
        assert_eq!(answer.refused(401), "not-signed-in", "{path}");
    }
    world.get("/v1/Clock").send().await.ok();
    assert_eq!(world.get("/v1/Nothing").send().await.refused(404), "unknown");
    world.get("/v1/QrData").send().await.refused(405);
}

async fn the_wrong_people_get_nothing_from_v1(world: World) {
    world
        .sql("UPDATE orders SET status = 'D' WHERE things_sq = '1003'")
        .await;
    let kiosk = world.kiosk(1234).await;
    let callers = [
        ("operator", world.bearer(OPERATOR).await),
        ("staff", world.bearer(STAFF).await),
        ("business", world.bearer(BUSINESS).await),
        ("owner", world.bearer(OWNER).await),
        ("K", kiosk.token),
    ];
    for (method, path, body, allowed) in V1 {
        for (caller, bearer) in &callers {
            let answer = v1(&world, method, path, body).bearer(bearer).send().await;
            if allowed.contains(caller) {
                let others = matches!(answer.status, 200 | 400 | 409) || answer.text().contains("not-scanned");
                assert!(others, "{caller} {path}: {}", answer.text());
            } else {
                assert_eq!(answer.refused(403), "not-yours", "{caller} {path}");
            }
        }
    }
}

/// Whose a page is, by the list of pages; `None`: anybody's, or that of everybody who is signed in.
fn role_of(path: &str) -> Option<Role> {
    match page_at(path)?.door {
        Door::Only(role) => Some(role),
        Door::Anyone | Door::SignedIn => None,
    }
}

async fn nobody_gets_beyond_the_sign_in_page(world: World) {
    for path in inhabit(&world)
        .await
        .pages()
        .iter()
        .filter(|path| role_of(path).is_some() || *path == "/account")
    {
        for method in ["GET", "POST"] {
            let answer = world.ask(method, path).send().await;
            assert_eq!(answer.status, 303, "{method} {path}");
            let next: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            assert_eq!(answer.header("location"), format!("/sign-in?next={next}"));
        }
    }
}

async fn the_right_people_get_every_page(world: World) {
    let inhabited = inhabit(&world).await;
    for (role, cookie) in &inhabited.people {
        let mine = inhabited
            .pages()
            .into_iter()
            .filter(|path| role_of(path) == Some(*role));
        let mut shown = 0;
        for path in mine.chain(["/".to_owned(), "/account".to_owned()]) {
            let answer = world.get(&path).cookie(cookie).send().await;
            // The start page leads those who are signed in to their own.
            if path == "/" {
                assert_eq!(
                    (answer.status, answer.header("location")),
                    (303, role.home()),
                    "{role:?}"
                );
                continue;
            }
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, "text/html; charset=utf-8"),
                "{role:?} {path}"
            );
            assert!(!answer.text().contains("data-testid=\"refusal\""), "{role:?} {path}");
            shown += 1;
        }
        assert!(shown > 4, "{role:?} has {shown} pages");
    }
}

async fn the_wrong_people_get_no_page_and_no_action(world: World) {
    let inhabited = inhabit(&world).await;
    for (role, cookie) in &inhabited.people {
        for path in inhabited.pages() {
            if role_of(&path).is_none_or(|wanted| wanted == *role) {
                continue;
            }
            let page = world.get(&path).cookie(cookie).send().await;
            let action = world.post(&path).cookie(cookie).form(&[("x", "1")]).send().await;
            for answer in [page, action] {
                assert_eq!(
                    (answer.status, answer.header("content-type")),
                    (403, "text/html; charset=utf-8"),
                    "{role:?} {path}"
                );
                assert!(answer.text().contains("data-testid=\"refusal\""), "{role:?} {path}");
                for secret in ["100200302", "135790", "110101199003071234"] {
                    assert!(!answer.text().contains(secret), "{role:?} {path}");
                }
            }
        }
    }
}

async fn a_business_sees_and_opens_only_its_own(world: World) {
    store(&world).await;
    let (mine, theirs) = (world.bearer(BUSINESS).await, world.bearer(OTHER_BUSINESS).await);
    let keys = async |bearer: &str| -> Vec<Value> {
        let list = world
            .get("/v1/Orders?customerNo=100200")
            .bearer(bearer)
            .send()
            .await
            .ok();
        list["orders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|order| order["thingsSq"].clone())
            .collect()
    };
    assert_eq!(keys(&mine).await, ["1001", "1002", "1003"]);
    assert_eq!(keys(&theirs).await, ["2001"]);
    let wanted = json!({ "data": { "cmd": "OpenToTake", "yid": 1234, "thingsSq": "1002" } });
    assert_eq!(
        world
            .post("/v1/Encrypt")
            .bearer(&theirs)
            .json(&wanted)
            .send()
            .await
            .refused(403),
        "not-yours"
    );
    let made = world.post("/v1/Encrypt").bearer(&mine).json(&wanted).send().await.ok();
    let image = format!("/v1/QrImage/{}", made["data"].as_str().unwrap());
    assert_eq!(world.get(&image).bearer(&theirs).send().await.refused(403), "not-yours");
    let cookie = world.cookie(OTHER_BUSINESS).await;
    for path in ["/business/orders/1002", "/business/orders/1002/find"] {
        let answer = world.get(path).cookie(&cookie).send().await;
        assert_eq!(answer.status, 403, "{path}");
        for secret in ["100200302", &deposited(1, 1).pwd, "홍길동"] {
            assert!(!answer.text().contains(secret), "{path} shows {secret}");
        }
    }
}

async fn a_kiosk_speaks_only_for_itself(world: World) {
    let (one, other) = (world.kiosk(1234).await, world.kiosk(1235).await);
    for (path, body) in [
        ("/v1/Kiosks/1234/Events", json!({ "events": [] })),
        ("/v1/SyncData/1234", json!({ "data": cabinet(&[]) })),
    ] {
        world.post(path).bearer(&one.token).json(&body).send().await.ok();
        let answer: Answer = world.post(path).bearer(&other.token).json(&body).send().await;
        assert_eq!(answer.refused(403), "not-yours", "{path}");
    }
    // Not a person either: no page knows its token.
    assert_eq!(world.get("/staff").bearer(&one.token).send().await.status, 303);
}

async fn a_token_that_ended_opens_nothing(world: World) {
    let token = world.bearer(STAFF).await;
    let orders = async || world.get("/v1/Orders").bearer(&token).send().await;
    orders().await.ok();
    world.post("/v1/Logout").bearer(&token).send().await.ok();
    assert_eq!(orders().await.refused(401), "not-signed-in");
    let login = json!({ "phoneNumber": STAFF, "password": crate::harness::PASSWORD });
    let body = world.post("/v1/Login").json(&login).send().await.ok();
    assert_eq!(body["role"], "staff");
    let token = body["token"].as_str().unwrap();
    world.get("/v1/Orders").bearer(token).send().await.ok();
    let operator = world.person(OPERATOR).await;
    let staff = world.person(STAFF).await.phone;
    backend::people::set_active(&world.backend, &(&operator).into(), &staff, false)
        .await
        .unwrap();
    assert_eq!(
        world.get("/v1/Orders").bearer(token).send().await.refused(401),
        "not-signed-in"
    );
    let again = world.post("/v1/Login").json(&login).send().await;
    assert_eq!(again.refused(401), "wrong-sign-in");
}

async fn a_session_that_ended_opens_nothing(world: World) {
    let cookie = world.cookie(STAFF).await;
    assert_eq!(world.get("/staff").cookie(&cookie).send().await.status, 200);
    world.get("/v1/Orders").cookie(&cookie).send().await.ok();
    let out = world.post("/do/anyone/sign-out").cookie(&cookie).form(&[]).send().await;
    assert_eq!(out.status, 200, "{}", out.text());
    assert_eq!(world.get("/staff").cookie(&cookie).send().await.status, 303);
    world.get("/v1/Orders").cookie(&cookie).send().await.refused(401);

    let cookie = world.cookie(OTHER_STAFF).await;
    let phone = world.person(OTHER_STAFF).await.phone;
    backend::people::set_password(&world.backend, &Actor::Cli, &phone, "another horse")
        .await
        .unwrap();
    assert_eq!(
        world.get("/staff").cookie(&cookie).send().await.status,
        303,
        "a new password ends it"
    );
    backend::people::set_password(&world.backend, &Actor::Cli, &phone, PASSWORD)
        .await
        .unwrap();

    let cookie = world.cookie(OTHER_STAFF).await;
    world.clock.forward_minutes(11 * 60);
    let used = world.get("/staff").cookie(&cookie).send().await;
    assert_eq!(used.status, 200);
    assert!(
        used.header("set-cookie").starts_with("latchkey="),
        "a session in use is prolonged"
    );
    let idle = world.cookie(STAFF).await;
    world.clock.forward_minutes(12 * 60 + 1);
    assert_eq!(world.get("/staff").cookie(&idle).send().await.status, 303);
}
