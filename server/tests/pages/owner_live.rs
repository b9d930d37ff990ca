//! `/owner/live`: who hears that something happened, and for how long.

use crate::harness::{STAFF, World};
use crate::sign_rig::*;
use axum::body::{Body, BodyDataStream};
use backend::guard::link::Session;
use domain::guard::grants::Reason;
use domain::guard::link::{Attempt, Happening, Record};
use domain::ids::Phone;
use futures::StreamExt;
use http::Response;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

on_every_engine! {
    the_owner_and_those_above_hear_that_something_happened_and_nobody_else_does,
    another_device_is_the_owners_own_matter,
    after_signing_out_nothing_is_heard_any_more,
    a_new_password_ends_what_its_owner_listened_to,
    a_server_that_stops_ends_what_its_readers_listen_to,
    only_an_owner_who_is_signed_in_may_listen,
    only_a_page_that_missed_something_is_told_so,
    a_stream_that_broke_goes_on_at_the_last_event,
}

/// An owner's open page.
struct Page(BodyDataStream);

impl Page {
    async fn of(world: &World, phone: &str) -> Self {
        Self::with(world, &world.cookie_by(phone, SECRET).await).await
    }

    /// One that does not know at which mark it was drawn.
    async fn with(world: &World, cookie: &str) -> Self {
        let mut page = Self::listening(listen(world, Some(cookie)).await).await;
        assert_eq!(page.hears().await.as_deref(), Some("missed"));
        page
    }

    /// One that was drawn at this mark.
    async fn drawn_at(world: &World, phone: &str, mark: &str) -> Self {
        let cookie = world.cookie_by(phone, SECRET).await;
        let ask = world.get(&format!("/owner/live?seen={mark}")).cookie(&cookie);
        Self::listening(ask.open().await).await
    }

    async fn listening(answer: Response<Body>) -> Self {
        assert_eq!(answer.status(), 200);
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!(header("cache-control"), "no-store");
        let mut page = Self(answer.into_body().into_data_stream());
        let first = page.0.next().await.unwrap().unwrap();
        assert!(first.ends_with(b": listening\n\n"), "{first:?}");
        page
    }

    /// The next event's name; `None` once the stream has ended.
    async fn hears(&mut self) -> Option<String> {
        let next = timeout(Duration::from_secs(10), self.0.next()).await.expect("silence");
        let event = String::from_utf8(next?.unwrap().to_vec()).unwrap();
        let name = event.lines().find_map(|line| line.strip_prefix("event: "));
        let line = |start: &str| event.lines().find_map(|line| line.strip_prefix(start));
        // Nothing about what happened but where the events stand.
        assert!(line("id: ").is_some_and(|id| !id.is_empty()), "{event}");
        assert_eq!(line("data: "), line("id: "));
        name.map(str::to_owned)
    }

    /// For longer than news take.
    async fn hears_nothing(&mut self) {
        let heard = timeout(Duration::from_millis(600), self.0.next()).await;
        assert!(heard.is_err(), "{heard:?}");
    }
}

async fn listen(world: &World, cookie: Option<&str>) -> Response<Body> {
    let ask = world.get("/owner/live");
    match cookie {
        Some(cookie) => ask.cookie(cookie).open().await,
        None => ask.open().await,
    }
}

/// Somebody types a password nobody knows.
async fn somebody_tries(world: &World, guard: &Session) {
    let refused = Record {
        seq: 1,
        at: world.now(),
        uncertainty_ms: Some(5),
        what: Happening::Refused {
            attempt: Attempt::Password {
                masked: "****".to_owned(),
            },
            reason: Reason::UnknownPassword,
            service_numb: None,
        },
    };
    assert_eq!(guard.store_records(&[refused]).await.unwrap(), 1);
}

async fn the_owner_and_those_above_hear_that_something_happened_and_nobody_else_does(world: World) {
    let ([zhang, ..], guard) = world.family().await;
    let mut owner = Page::of(&world, ZHANG).await;
    let mut above = Page::of(&world, LI).await;
    let mut below = Page::of(&world, WANG).await;
    let mut beside = Page::of(&world, ZHAO).await;

    assert_eq!(
        world.result(&zhang, add_password(&world, "password-1", "135790")).await,
        0
    );
    assert_eq!(owner.hears().await.as_deref(), Some("guards"));
    assert_eq!(above.hears().await.as_deref(), Some("guards"));
    somebody_tries(&world, &guard).await;
    assert_eq!(owner.hears().await.as_deref(), Some("records"));
    assert_eq!(above.hears().await.as_deref(), Some("records"));
    below.hears_nothing().await;
    beside.hears_nothing().await;
}

async fn another_device_is_the_owners_own_matter(world: World) {
    world.family().await;
    let mut owner = Page::of(&world, ZHANG).await;
    let mut above = Page::of(&world, LI).await;
    world.sign_in(ZHANG, "imei-1").await;
    owner.hears_nothing().await;
    world.sign_in(ZHANG, "imei-2").await;
    assert_eq!(owner.hears().await.as_deref(), Some("elsewhere"));
    above.hears_nothing().await;
}

async fn after_signing_out_nothing_is_heard_any_more(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let cookie = world.cookie_by(ZHANG, SECRET).await;
    let mut signed_out = Page::with(&world, &cookie).await;
    let mut other_browser = Page::of(&world, ZHANG).await;
    let answer = world.post("/do/anyone/sign-out").cookie(&cookie).form(&[]).send().await;
    assert_eq!(answer.status, 200);

    assert_eq!(
        world.result(&zhang, add_password(&world, "password-1", "135790")).await,
        0
    );
    assert_eq!(signed_out.hears().await, None);
    assert_eq!(other_browser.hears().await.as_deref(), Some("guards"));
    assert_eq!(listen(&world, Some(&cookie)).await.status(), 303);
}

async fn a_new_password_ends_what_its_owner_listened_to(world: World) {
    let ([zhang, li, ..], _guard) = world.family().await;
    let mut above = Page::of(&world, LI).await;
    let reset = json!({ "sign": 19, "ownerPhoneNumber": LI, "newPassword": "新密码", "timetag": world.second() });
    assert_eq!(world.result(&li, reset).await, 0);
    assert_eq!(
        world.result(&zhang, add_password(&world, "password-1", "135790")).await,
        0
    );
    assert_eq!(above.hears().await, None);
}

async fn a_server_that_stops_ends_what_its_readers_listen_to(world: World) {
    world.family().await;
    let mut page = Page::of(&world, ZHANG).await;
    world.state.stopping.send_replace(true);
    assert_eq!(page.hears().await, None);
}

async fn only_an_owner_who_is_signed_in_may_listen(world: World) {
    let ([token, ..], _guard) = world.family().await;
    let nobody = listen(&world, None).await;
    assert_eq!(nobody.status(), 303);
    assert_eq!(nobody.headers()["location"], "/sign-in?next=%2Fowner%2Flive");
    let staff = world.cookie(STAFF).await;
    assert_eq!(listen(&world, Some(&staff)).await.status(), 403);
    // The tokens of the messages are for the messages.
    let by_token = world.get("/owner/live").bearer(&token).open().await;
    assert_eq!(by_token.status(), 303);
}

/// Where the events of this owner stand.
fn mark(world: &World, phone: &str) -> String {
    world.backend.hub().mark(&Phone(phone.to_owned())).to_string()
}

async fn only_a_page_that_missed_something_is_told_so(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let before = [ZHANG, LI, WANG, ZHAO].map(|phone| mark(&world, phone));
    let mut quiet = Page::drawn_at(&world, ZHANG, &before[0]).await;
    quiet.hears_nothing().await;

    let added = world.result(&zhang, add_password(&world, "password-1", "135790"));
    assert_eq!(added.await, 0);
    assert_eq!(quiet.hears().await.as_deref(), Some("guards"));
    for (phone, mark, missed) in [
        (ZHANG, &before[0], true),
        // What happens below is seen above.
        (LI, &before[1], true),
        (WANG, &before[2], false),
        (ZHAO, &before[3], false),
        // Of another run or node.
        (ZHAO, &"0.0.0".to_owned(), true),
    ] {
        let mut page = Page::drawn_at(&world, phone, mark).await;
        if missed {
            assert_eq!(page.hears().await.as_deref(), Some("missed"), "{phone}");
        } else {
            page.hears_nothing().await;
        }
    }
}

async fn a_stream_that_broke_goes_on_at_the_last_event(world: World) {
    let ([zhang, ..], _guard) = world.family().await;
    let first = mark(&world, ZHANG);
    let added = world.result(&zhang, add_password(&world, "password-1", "135790"));
    assert_eq!(added.await, 0);
    let cookie = world.cookie_by(ZHANG, SECRET).await;
    let again = |last: String| {
        let ask = world.get(&format!("/owner/live?seen={first}")).cookie(&cookie);
        ask.header("last-event-id", &last).open()
    };
    let mut page = Page::listening(again(mark(&world, ZHANG)).await).await;
    page.hears_nothing().await;
    let mut page = Page::listening(again(first.clone()).await).await;
    assert_eq!(page.hears().await.as_deref(), Some("missed"));
}
