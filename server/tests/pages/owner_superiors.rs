//! The page on which a junior sees who is above, agrees, refuses and leaves.

use crate::harness::{Answer, STAFF, World};
use crate::sign_rig::{LI, SECRET, WANG, ZHANG, ZHAO, add_junior};
use serde_json::json;

on_every_engine! {
    a_request_is_on_the_juniors_page_and_is_answered_there,
    only_the_junior_answers_a_request,
    a_superiors_pages_are_closed_before_the_junior_agreed,
    every_language_has_the_request,
    where_nobody_is_asked_the_superior_is_shown_and_may_be_left,
}

const PAGE: &str = "/owner/juniors";

async fn page(world: &World, phone: &str, path: &str) -> Answer {
    let cookie = world.cookie_by(phone, SECRET).await;
    world.get(path).cookie(&cookie).send().await
}

async fn shows(world: &World, phone: &str, path: &str, test_id: &str) -> bool {
    page(world, phone, path)
        .await
        .text()
        .contains(&format!("data-testid=\"{test_id}\""))
}

fn function(what: &str) -> &'static str {
    match what {
        "agree" => "/do/owner/agree-superior",
        _ => "/do/owner/leave-superior",
    }
}

async fn answers(world: &World, phone: &str, what: &str, superior: &str) -> Answer {
    let cookie = world.cookie_by(phone, SECRET).await;
    world
        .post(PAGE)
        .cookie(&cookie)
        .form(&[("do", function(what)), ("phone", superior)])
        .send()
        .await
}

/// Li asks Zhang, who has a guard.
async fn asked(world: &World) -> [String; 2] {
    let tokens = [world.register(ZHANG, "张三").await, world.register(LI, "李四").await];
    world.register(ZHAO, "赵六").await;
    assert_eq!(world.result(&tokens[1], add_junior(LI, ZHANG, 0)).await, 0);
    tokens
}

async fn a_request_is_on_the_juniors_page_and_is_answered_there(world: World) {
    let tokens = asked(&world).await;
    let reads = async || {
        world
            .result(&tokens[1], json!({ "sign": 12, "ownerPhoneNumber": ZHANG }))
            .await
            == 0
    };
    assert!(shows(&world, ZHANG, PAGE, "superior-asks").await && shows(&world, ZHANG, "/owner", "superior-hint").await);
    assert!(page(&world, ZHANG, PAGE).await.text().contains("李四"));
    assert!(shows(&world, LI, PAGE, "not-yet-agreed").await && !shows(&world, LI, PAGE, "superior-asks").await);
    assert!(!reads().await);
    let agreed = answers(&world, ZHANG, "agree", LI).await;
    assert_eq!(
        (agreed.status, agreed.header("location")),
        (303, "/owner/juniors?notice=superior-agreed")
    );
    assert!(reads().await);
    assert!(shows(&world, ZHANG, PAGE, "superior").await && !shows(&world, ZHANG, PAGE, "superior-asks").await);
    assert!(!shows(&world, ZHANG, "/owner", "superior-hint").await && !shows(&world, LI, PAGE, "not-yet-agreed").await);
    let left = answers(&world, ZHANG, "leave", LI).await;
    assert_eq!(
        (left.status, left.header("location")),
        (303, "/owner/juniors?notice=superior-left")
    );
    assert!(!reads().await && !shows(&world, ZHANG, PAGE, "superior").await);
    let listed = world
        .say(&json!({ "sign": 24, "ownerPhoneNumber": LI, "token": tokens[1] }))
        .await;
    assert_eq!(listed, json!({ "result": 0, "juniorList": [] }));
}

async fn only_the_junior_answers_a_request(world: World) {
    let tokens = asked(&world).await;
    for (who, superior) in [(LI, LI), (ZHAO, LI), (ZHANG, ZHAO), (ZHANG, WANG)] {
        for what in ["agree", "leave"] {
            let refused = answers(&world, who, what, superior).await;
            assert_eq!(refused.status, 422, "{who} {what} {superior}");
            assert!(refused.text().contains("data-testid=\"refusal\""), "{}", refused.text());
        }
    }
    let staff = world.cookie(STAFF).await;
    let refused = world
        .post(PAGE)
        .cookie(&staff)
        .form(&[("do", function("agree")), ("phone", LI)])
        .send()
        .await;
    assert_eq!(refused.status, 403);
    let refused = world
        .post(PAGE)
        .form(&[("do", function("agree")), ("phone", LI)])
        .send()
        .await;
    assert_ne!(refused.header("location"), "/owner/juniors?notice=superior-agreed");
    assert_eq!(
        world
            .result(&tokens[1], json!({ "sign": 12, "ownerPhoneNumber": ZHANG }))
            .await,
        1
    );
    assert!(shows(&world, ZHANG, PAGE, "superior-asks").await);
}

async fn a_superiors_pages_are_closed_before_the_junior_agreed(world: World) {
    let (tokens, _guard) = world.family().await;
    assert_eq!(
        world
            .result(
                &tokens[1],
                json!({ "sign": 25, "ownerPhoneNumber": LI, "juniorPhoneNumber": ZHANG })
            )
            .await,
        0
    );
    assert_eq!(world.result(&tokens[1], add_junior(LI, ZHANG, 0)).await, 0);
    let pages = [
        format!("/owner/juniors/{ZHANG}"),
        format!("/owner/juniors/{WANG}"),
        "/owner/guards/G0001".to_owned(),
        format!("/owner/records?of={ZHANG}"),
        format!("/owner/records.csv?of={ZHANG}"),
    ];
    for path in &pages {
        assert_eq!(page(&world, LI, path).await.status, 403, "{path}");
    }
    world.agrees(ZHANG, LI).await;
    for path in &pages {
        assert_eq!(page(&world, LI, path).await.status, 200, "{path}");
    }
}

async fn every_language_has_the_request(world: World) {
    asked(&world).await;
    let cookie = world.cookie_by(ZHANG, SECRET).await;
    for (language, agree) in [("ko", "동의"), ("zh", "同意"), ("en", "Agree")] {
        let shown = world
            .get(PAGE)
            .cookie(&cookie)
            .header("accept-language", language)
            .send()
            .await;
        assert!(shown.text().contains(agree), "{language}");
    }
}

async fn where_nobody_is_asked_the_superior_is_shown_and_may_be_left(world: World) {
    let world = world
        .apart(world.now(), |config| {
            config.juniors = backend::guard::superiors::Consent::AskNothing
        })
        .await;
    let tokens = asked(&world).await;
    assert_eq!(
        world
            .result(&tokens[1], json!({ "sign": 12, "ownerPhoneNumber": ZHANG }))
            .await,
        0
    );
    assert!(shows(&world, ZHANG, PAGE, "superior").await && !shows(&world, ZHANG, PAGE, "superior-asks").await);
    assert_eq!(answers(&world, ZHANG, "leave", LI).await.status, 303);
    assert_eq!(
        world
            .result(&tokens[1], json!({ "sign": 12, "ownerPhoneNumber": ZHANG }))
            .await,
        1
    );
}
