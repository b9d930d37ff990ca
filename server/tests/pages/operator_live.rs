//! `/operator/live`: operators' open pages hear that there is something new, together and of nothing else.

use crate::harness::{BUSINESS, OPERATOR, OWNER, STAFF, World};
use backend::Actor;
use futures::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

on_every_engine! {
    an_operators_page_hears_of_what_happens_once,
    a_page_that_missed_nothing_is_not_told,
    nobody_but_an_operator_listens,
}

const LIVE: &str = "/operator/live";

async fn an_operators_page_hears_of_what_happens_once(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let mark = world.backend.bus().work_mark();
    let answer = world.get(&format!("{LIVE}?seen={mark}")).cookie(&cookie).open().await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut events = answer.into_body().into_data_stream();
    let first = events.next().await.unwrap().unwrap();
    assert!(first.ends_with(b": listening\n\n"), "{first:?}");
    for name in ["하나", "둘", "셋"] {
        backend::businesses::add(&world.backend, &Actor::Cli, name)
            .await
            .unwrap();
    }
    let told = timeout(Duration::from_secs(10), events.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let told = String::from_utf8(told.to_vec()).unwrap();
    assert!(told.contains("event: work") && !told.contains("하나"), "{told}");
    assert!(told.contains(&world.backend.bus().work_mark()), "{told}");
    let more = timeout(Duration::from_millis(600), events.next()).await;
    assert!(more.is_err(), "three that came together are told once: {more:?}");
}

async fn a_page_that_missed_nothing_is_not_told(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let before = world.backend.bus().work_mark();
    backend::businesses::add(&world.backend, &Actor::Cli, "하나")
        .await
        .unwrap();
    for (seen, missed) in [(before, true), (world.backend.bus().work_mark(), false)] {
        let answer = world.get(&format!("{LIVE}?seen={seen}")).cookie(&cookie).open().await;
        let mut events = answer.into_body().into_data_stream();
        events.next().await.unwrap().unwrap();
        let next = timeout(Duration::from_millis(600), events.next()).await;
        let told = next.is_ok_and(|told| String::from_utf8_lossy(&told.unwrap().unwrap()).contains("event: missed"));
        assert_eq!(told, missed, "{seen}");
    }
}

async fn nobody_but_an_operator_listens(world: World) {
    for phone in [STAFF, BUSINESS, OWNER] {
        let cookie = world.cookie(phone).await;
        assert_eq!(world.get(LIVE).cookie(&cookie).send().await.status, 403, "{phone}");
    }
    assert_eq!(world.get(LIVE).send().await.status, 303);
}
