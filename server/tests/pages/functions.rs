//! Server functions: who may call them, what they take and what they answer. `function_forms.rs` has what a form without JavaScript gets.

use crate::harness::{Answer, BUSINESS, OPERATOR, OWNER, PASSWORD, STAFF, World};
use crate::sign_rig::CODE;
use axum::body::Body;
use domain::guard::ids::OwnerPassword;
use domain::people::Role;
use http::{Method, Request, Response};
use islands::doors::{Door, PUBLIC, door};
use islands::functions::account::ChangePassword;
use leptos::server_fn::axum::server_fn_paths;
use leptos::server_fn::{ServerFnTraitObj, inventory};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_every_engine! {
    a_function_opens_for_its_role_alone,
    a_function_takes_no_other_method,
    a_function_called_by_another_site_is_refused,
    arguments_that_cannot_be_read_are_all_reported,
    a_body_that_is_no_form_and_no_json_is_refused,
    a_call_answers_with_where_it_leads,
    orders_are_read_by_staff_and_businesses,
    a_password_is_in_no_answer,
    signing_in_by_a_call_sets_the_same_cookies,
}

const FORM: &str = "application/x-www-form-urlencoded";
pub const ADD_GUARD: &str = "/do/owner/add-guard";

fn paths() -> BTreeSet<&'static str> {
    server_fn_paths().map(|(path, _)| path).collect()
}

#[test]
fn every_function_has_a_door_and_a_path_of_its_own() {
    for (path, method) in server_fn_paths() {
        assert_eq!(method, Method::POST, "{path}");
        assert!(door(path).is_some(), "{path} has no door");
        let name = path.rsplit('/').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(!name.is_empty() && name.chars().all(plain), "{path}");
    }
    // Two functions with one path would overwrite each other without a word.
    let registered = inventory::iter::<ServerFnTraitObj<Request<Body>, Response<Body>>>;
    assert_eq!(registered.into_iter().count(), paths().len());
    assert!(paths().contains(ADD_GUARD));
    // What anybody may call is listed by name, and nothing else stands below that door.
    let public: BTreeSet<&str> = paths()
        .into_iter()
        .filter(|path| door(path) == Some(Door::Anyone))
        .collect();
    assert_eq!(public, PUBLIC.into_iter().collect());
}

/// Nobody, and somebody of each role.
const CALLERS: [(Option<Role>, &str); 5] = [
    (None, ""),
    (Some(Role::Operator), OPERATOR),
    (Some(Role::Staff), STAFF),
    (Some(Role::Business), BUSINESS),
    (Some(Role::Owner), OWNER),
];

async fn call(world: &World, path: &str, cookie: Option<&str>, body: &Value) -> Answer {
    let ask = world.post(path).json(body);
    match cookie {
        Some(cookie) => ask.cookie(cookie).send().await,
        None => ask.send().await,
    }
}

/// A refusal of a function: its status and a text for people.
fn refused(answer: &Answer, status: u16) -> Value {
    let body = answer.json();
    assert_eq!(answer.status, status, "{body}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(body["status"], status, "{body}");
    assert!(body["words"].as_str().is_some_and(|words| !words.is_empty()), "{body}");
    body
}

async fn a_function_opens_for_its_role_alone(world: World) {
    for (role, phone) in CALLERS {
        for path in paths() {
            // A session of its own for each call: some functions end the others.
            let cookie = match role {
                Some(_) => Some(world.cookie(phone).await),
                None => None,
            };
            let answer = call(&world, path, cookie.as_deref(), &json!({})).await;
            let opens = match door(path).unwrap() {
                Door::Anyone => true,
                Door::SignedIn => role.is_some(),
                Door::Only(wanted) => role == Some(wanted),
            };
            if opens {
                assert!(
                    ![401, 403, 405, 500].contains(&answer.status)
                        && answer.header("content-type") == "application/json",
                    "{role:?} {path} {}",
                    answer.text()
                );
            } else {
                refused(&answer, if role.is_none() { 401 } else { 403 });
            }
        }
    }
    let owner = world.cookie(OWNER).await;
    for unknown in [
        "/do/owner/nothing",
        "/do/nobody/add-guard",
        "/do/owner/add-guard/x",
        "/do/owner/Add-Guard",
    ] {
        let answer = call(&world, unknown, Some(&owner), &json!({})).await;
        assert_eq!(answer.status, 404, "{unknown}");
    }
}

async fn a_function_takes_no_other_method(world: World) {
    let owner = world.cookie(OWNER).await;
    for path in paths()
        .into_iter()
        .filter(|path| door(path) == Some(Door::Only(Role::Owner)))
    {
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let answer = world.ask(method, path).cookie(&owner).send().await;
            assert_eq!(answer.status, 405, "{method} {path}");
        }
    }
}

async fn a_function_called_by_another_site_is_refused(world: World) {
    let owner = world.cookie(OWNER).await;
    world.device("G7", Some(CODE)).await;
    let fields = [
        ("do", ADD_GUARD),
        ("guard_id", "G7"),
        ("op_code", CODE),
        ("guard_name", "门"),
    ];
    for path in [ADD_GUARD, "/owner/add-guard"] {
        let ask = world.post(path).cookie(&owner).header("origin", "https://evil.example");
        let answer = ask.form(&fields).send().await;
        assert_eq!(answer.status, 403, "{path}");
        let page = world.get("/owner/guards/G7").cookie(&owner).send().await;
        assert_ne!(page.status, 200, "{path} added the guard");
    }
}

/// The names of the fields that are wrong.
fn wrong(body: &Value) -> Vec<&str> {
    let fields = body["fields"].as_array();
    fields.map_or(Vec::new(), |fields| {
        let named = fields.iter().map(|wrong| {
            assert!(wrong["words"].as_str().is_some_and(|words| !words.is_empty()), "{body}");
            wrong["field"].as_str().unwrap()
        });
        named.collect()
    })
}

async fn arguments_that_cannot_be_read_are_all_reported(world: World) {
    let owner = world.cookie(OWNER).await;
    let ask = async |body: &str| world.post(ADD_GUARD).cookie(&owner).body(FORM, body).send().await;
    let long = "1".repeat(600);
    for (form, expected) in [
        ("", vec!["guard_id", "op_code", "guard_name"]),
        ("guard_id=G1&op_code=1", vec!["guard_name"]),
        (
            "guard_id=%00&op_code=%FF&guard_name=x&guard_comment=a%00b",
            vec!["guard_id", "op_code", "guard_comment"],
        ),
        (
            "guard_id=G1&guard_id=G2&op_code=1&op_code=1&guard_name=x",
            vec!["guard_id", "op_code"],
        ),
        (
            &format!("guard_id={long}&op_code={long}&guard_name={long}&guard_location={long}&guard_comment={long}"),
            vec!["guard_id", "op_code", "guard_name", "guard_location", "guard_comment"],
        ),
    ] {
        let answer = ask(form).await;
        assert_eq!(wrong(&refused(&answer, 422)), expected, "{form}");
    }
    let of_json = call(
        &world,
        ADD_GUARD,
        Some(&owner),
        &json!({ "guard_id": 7, "op_code": null, "guard_name": [] }),
    )
    .await;
    assert_eq!(wrong(&refused(&of_json, 422)), ["guard_id", "op_code", "guard_name"]);
    // What does not exist is said of its own field as well.
    let unknown = ask("guard_id=none-such&op_code=1&guard_name=x").await;
    assert_eq!(wrong(&refused(&unknown, 422)), ["guard_id"]);
}

async fn a_body_that_is_no_form_and_no_json_is_refused(world: World) {
    let owner = world.cookie(OWNER).await;
    for (kind, body) in [
        ("application/json", ""),
        ("application/json", "[]"),
        ("application/json", "{"),
        ("application/json", r#"{"guard_id":"a","guard_id":"b"}"#),
        ("text/plain", "guard_id=G1"),
        ("multipart/form-data; boundary=x", "--x--"),
    ] {
        let answer = world.post(ADD_GUARD).cookie(&owner).body(kind, body).send().await;
        refused(&answer, 400);
        let page = world
            .post("/owner/add-guard")
            .cookie(&owner)
            .body(kind, body)
            .send()
            .await;
        assert_eq!(page.status, 400, "{kind} {body}");
        assert!(page.text().contains("data-testid=\"refusal\""), "{kind} {body}");
    }
    let huge = format!("guard_id={}", "1".repeat(1 << 20));
    let answer = world
        .post(ADD_GUARD)
        .cookie(&owner)
        .body(FORM, huge.clone())
        .send()
        .await;
    refused(&answer, 413);
    let page = world
        .post("/owner/add-guard")
        .cookie(&owner)
        .body(FORM, huge)
        .send()
        .await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (413, "text/html; charset=utf-8")
    );
    assert!(page.text().contains("data-testid=\"refusal\""));
}

async fn a_call_answers_with_where_it_leads(world: World) {
    let owner = world.cookie(OWNER).await;
    world.device("G7", Some(CODE)).await;
    let guard = json!({ "guard_id": "G7", "op_code": CODE, "guard_name": "门" });
    let answer = call(&world, ADD_GUARD, Some(&owner), &guard).await;
    assert_eq!((answer.status, answer.json()), (200, Value::Null));
    assert_eq!(answer.header("location"), "/owner/guards/G7?notice=guard-added");
    assert!(answer.headers.contains_key("serverfnredirect"));
    let edited = json!({ "guard_id": "G7", "guard_name": "새 문", "guard_location": "서울" });
    let answer = call(&world, "/do/owner/edit-guard", Some(&owner), &edited).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (200, "/owner/guards/G7?notice=saved")
    );
    let other = world.cookie_by(OWNER, crate::harness::PASSWORD).await;
    let page = world.get("/owner/guards/G7").cookie(&other).send().await.text();
    assert!(page.contains("새 문") && page.contains("서울"), "{page}");
}

async fn orders_are_read_by_staff_and_businesses(world: World) {
    let (staff, business) = (world.cookie(STAFF).await, world.cookie(BUSINESS).await);
    let keys = |answer: &Answer| -> Vec<String> {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let rows = answer.json()["rows"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["of"]["things_sq"].as_str().unwrap().to_owned())
            .collect()
    };
    let wanted = json!({ "customer_no": "1002003", "status": "B" });
    let found = call(&world, "/do/staff/search-orders", Some(&staff), &wanted).await;
    assert_eq!(keys(&found), ["1002", "1003"]);
    let any_part = json!({ "text": "ㅎㄱㄷ 0302" });
    let found = call(&world, "/do/staff/search-orders", Some(&staff), &any_part).await;
    assert_eq!(keys(&found), ["1002"]);
    let parts: Vec<Value> = found.json()["rows"][0]["found"].as_array().unwrap().clone();
    assert_eq!(
        parts,
        [
            json!({ "part": "customerNo", "start": 5, "end": 9 }),
            json!({ "part": "name", "start": 0, "end": 3 })
        ]
    );
    let foreign = json!({ "text": "2001" });
    let found = call(&world, "/do/business/search-orders", Some(&business), &foreign).await;
    assert!(keys(&found).is_empty());
    let forged = json!({ "text": "1", "cursor": "forged" });
    refused(
        &call(&world, "/do/staff/search-orders", Some(&staff), &forged).await,
        400,
    );
    let all = call(&world, "/do/staff/search-orders", Some(&staff), &json!({})).await;
    assert_eq!(keys(&all).len(), 4);
    let own = call(
        &world,
        "/do/business/search-orders",
        Some(&business),
        &json!({ "customer_no": "" }),
    )
    .await;
    refused(&own, 422);
    let own = world
        .post("/do/business/search-orders")
        .cookie(&business)
        .form(&[("customer_no", "")])
        .send()
        .await;
    assert_eq!(keys(&own), ["1001", "1002", "1003"]);
    for body in [json!({ "status": "Z" }), json!({ "customer_no": "1".repeat(33) })] {
        refused(&call(&world, "/do/staff/search-orders", Some(&staff), &body).await, 422);
    }
}

async fn signing_in_by_a_call_sets_the_same_cookies(world: World) {
    let body = json!({ "phone": STAFF, "password": PASSWORD });
    let answer = call(&world, "/do/anyone/sign-in", None, &body).await;
    assert_eq!((answer.status, answer.header("location")), (200, "/staff"));
    let set: Vec<&str> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|set| set.to_str().unwrap())
        .collect();
    assert!(
        set[0].starts_with("latchkey=") && set[1].starts_with("known="),
        "{set:?}"
    );
    let session = set[0].split(';').next().unwrap();
    assert_eq!(world.get("/staff").cookie(session).send().await.status, 200);
    let out = world.post("/do/anyone/sign-out").cookie(session).form(&[]).send().await;
    assert_eq!(
        (out.status, out.header("location")),
        (200, "/sign-in?notice=signed-out")
    );
    assert!(
        out.headers
            .get_all("set-cookie")
            .iter()
            .any(|set| set.to_str().unwrap().starts_with("recent=;"))
    );
    assert_eq!(world.get("/staff").cookie(session).send().await.status, 303);
}

async fn a_password_is_in_no_answer(world: World) {
    let cookie = world.cookie(STAFF).await;
    let secrets = ["not my password", "a long enough secret", "another long secret"];
    let names = ["current_password", "new_password", "repeat_password"];
    for different in [true, false] {
        let mut fields: Vec<(&str, &str)> = names.into_iter().zip(secrets).collect();
        if !different {
            fields[2].1 = secrets[1];
        }
        fields.push(("do", "/do/account/change-password"));
        for path in ["/account", "/do/account/change-password"] {
            let answer = world.post(path).cookie(&cookie).form(&fields).send().await;
            assert_eq!(answer.status, 422, "{}", answer.text());
            let head = format!("{:?}", answer.headers);
            for secret in secrets {
                assert!(
                    !answer.text().contains(secret) && !head.contains(secret),
                    "{path} {}",
                    answer.text()
                );
            }
        }
    }
    let own = [
        ("current_password", PASSWORD),
        ("new_password", secrets[1]),
        ("repeat_password", secrets[1]),
    ];
    let hidden = world.hidden(&cookie, "/account", "password-form").await;
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    fields.extend(own);
    let changed = world.post("/account").cookie(&cookie).form(&fields).send().await;
    assert_eq!(
        (changed.status, changed.header("location")),
        (303, "/account?notice=password-changed")
    );
    world.cookie_by(STAFF, secrets[1]).await;
}

#[test]
fn the_arguments_of_a_function_print_no_secret() {
    let password = |text: &str| OwnerPassword::parse(text).unwrap();
    let arguments = ChangePassword {
        current_password: password("one secret"),
        new_password: password("two secret"),
        repeat_password: password("two secret"),
    };
    assert!(!format!("{arguments:?}").contains("secret"));
}
