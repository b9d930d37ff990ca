//! Notifications on the pages: who is offered them, and what ends with a session.

use crate::functions_rig::{PUSH_KEY, PUSH_SECRET};
use crate::harness::{BUSINESS, OPERATOR, OTHER_BUSINESS, OWNER, STAFF, World};
use backend::push;
use domain::push::Kind;
use serde_json::{Value, json};

on_every_engine! {
    staff_and_businesses_are_offered_them_where_the_deployment_sends_them,
    they_end_in_a_browser_that_is_signed_out,
    the_page_for_no_network_has_their_words_in_every_language,
    an_address_of_a_local_network_is_refused_in_words,
}

async fn account(world: &World, phone: &str) -> String {
    let cookie = world.cookie(phone).await;
    world.get("/account").cookie(&cookie).send().await.text()
}

async fn staff_and_businesses_are_offered_them_where_the_deployment_sends_them(world: World) {
    let switch = format!("data-push=\"{}\"", push::public_key(&world.backend).unwrap());
    for phone in [STAFF, BUSINESS] {
        assert!(account(&world, phone).await.contains(&switch), "{phone}");
    }
    for phone in [OWNER, OPERATOR] {
        assert!(!account(&world, phone).await.contains("data-push"), "{phone}");
    }
    let without = world.apart(world.now(), |config| config.push = None).await;
    assert!(!account(&without, STAFF).await.contains("data-push"));
    let cookie = without.cookie(STAFF).await;
    let turn_on = turned_on("https://push.example/send/x");
    let refused = without
        .post("/do/account/keep-push")
        .cookie(&cookie)
        .json(&turn_on)
        .send()
        .await;
    assert_eq!(refused.status, 404);
    without.backend.close().await;
}

fn turned_on(address: &str) -> Value {
    json!({ "address": address, "key": PUSH_KEY, "secret": PUSH_SECRET })
}

async fn they_end_in_a_browser_that_is_signed_out(world: World) {
    let (here, there) = (world.cookie(BUSINESS).await, world.cookie(BUSINESS).await);
    let person = world.person(BUSINESS).await;
    for (cookie, address) in [
        (&here, "https://push.example/here"),
        (&there, "https://push.example/there"),
    ] {
        let answer = world
            .post("/do/account/keep-push")
            .cookie(cookie)
            .json(&turned_on(address))
            .send()
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert!(
        account(&world, BUSINESS)
            .await
            .contains("Browsers in which they are on: 2")
    );
    world.post("/do/anyone/sign-out").cookie(&here).form(&[]).send().await;
    assert_eq!(push::count(&world.backend, &person).await, Ok(1));
    // Who signs in there next has a session of their own, and notifications of nobody.
    let other = world.cookie(OTHER_BUSINESS).await;
    let of = json!({ "address": "https://push.example/there" });
    let unknown = world
        .post("/do/account/renew-push")
        .cookie(&other)
        .json(&of)
        .send()
        .await;
    assert_eq!(unknown.status, 404);
    let renewed = world
        .post("/do/account/renew-push")
        .cookie(&there)
        .json(&of)
        .send()
        .await;
    assert_eq!(renewed.status, 200);
    world.post("/do/anyone/sign-out").cookie(&there).form(&[]).send().await;
    assert_eq!(push::count(&world.backend, &person).await, Ok(0));
}

async fn the_page_for_no_network_has_their_words_in_every_language(world: World) {
    let mut all = Vec::new();
    for language in ["ko", "zh", "en"] {
        let page = world
            .get("/offline")
            .header("accept-language", language)
            .send()
            .await
            .text();
        let (_, words) = page.split_once("data-push-words=\"").unwrap();
        let (words, _) = words.split_once('"').unwrap();
        let words: Value = serde_json::from_str(&words.replace("&quot;", "\"").replace("&amp;", "&")).unwrap();
        for kind in Kind::ALL {
            let of_kind = words[kind.as_str()].as_array().unwrap();
            assert_eq!(of_kind.len(), 2, "{language} {words}");
            assert!(
                of_kind
                    .iter()
                    .all(|text| text.as_str().is_some_and(|text| !text.is_empty()))
            );
        }
        all.push(words.to_string());
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 3);
}

async fn an_address_of_a_local_network_is_refused_in_words(world: World) {
    let cookie = world.cookie(STAFF).await;
    for address in [
        "https://169.254.169.254/latest",
        "http://push.example/x",
        "https://localhost:5432/",
    ] {
        let answer = world
            .post("/do/account/keep-push")
            .cookie(&cookie)
            .json(&turned_on(address))
            .send()
            .await;
        assert_eq!(answer.status, 422, "{address}");
        assert_eq!(answer.json()["fields"][0]["field"], "address", "{address}");
    }
}
