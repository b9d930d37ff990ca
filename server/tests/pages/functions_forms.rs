//! What a form of a server function gets without JavaScript: a page with what was typed and what is wrong, or the way on.

use super::functions::ADD_GUARD;
use crate::harness::{OWNER, World};
use crate::sign_rig::{CODE, SECRET, ZHANG, add_card};

on_every_engine! {
    a_form_that_names_another_roles_function_is_refused,
    a_form_sent_after_the_session_ended_is_kept_on_the_page_that_asks_to_sign_in,
    a_refused_form_is_shown_at_its_own_address,
    the_same_form_sent_again_is_answered_as_the_first_time,
    a_number_shown_once_is_in_the_answer_to_its_own_form_alone,
    a_span_that_ends_before_it_begins_is_refused_beside_its_end,
    everything_wrong_in_a_public_form_is_reported_at_once,
    a_form_that_stands_on_every_page_is_led_on_or_told_why_not,
}

async fn a_form_that_names_another_roles_function_is_refused(world: World) {
    let owner = world.cookie(OWNER).await;
    for (function, status) in [
        ("/do/staff/search-orders", 403),
        ("/do/owner/nothing", 404),
        ("/owner/add-guard", 404),
        ("", 400),
    ] {
        let answer = world
            .post("/owner/add-guard")
            .cookie(&owner)
            .form(&[("do", function), ("guard_name", "门 <b>")])
            .send()
            .await;
        assert_eq!(answer.status, status, "{function}");
        let page = answer.text();
        assert_eq!(page.matches("data-testid=\"refusal\"").count(), 1, "{function}");
        assert!(page.contains("data-testid=\"add-guard-form\""), "{function}");
    }
}

async fn a_form_sent_after_the_session_ended_is_kept_on_the_page_that_asks_to_sign_in(world: World) {
    let fields = [
        ("do", ADD_GUARD),
        ("once", "a-key-of-this-form"),
        ("guard_name", "\"><b>门"),
        ("new_password", "never shown again"),
    ];
    let nobody = world.post("/owner/add-guard?x=%22").form(&fields).send().await;
    let page = nobody.text();
    assert_eq!((nobody.status, nobody.header("location")), (401, ""));
    assert!(page.contains("href=\"/sign-in?next=%2Fowner%2Fadd-guard\""), "{page}");
    assert!(page.contains("action=\"/owner/add-guard?x=%22\""), "{page}");
    assert!(page.contains("name=\"once\" value=\"a-key-of-this-form\""), "{page}");
    assert!(page.contains("name=\"guard_name\" value=\"&quot;&gt;"), "{page}");
    assert!(!page.contains("<b>") && !page.contains("never shown again"), "{page}");
    // A script that sends the same is told why.
    let script = world
        .post("/owner/add-guard")
        .header("accept", "application/json")
        .form(&fields);
    let script = script.send().await;
    assert_eq!(
        (script.status, script.header("content-type")),
        (401, "application/json")
    );
}

async fn a_refused_form_is_shown_at_its_own_address(world: World) {
    let owner = world.cookie(OWNER).await;
    let fields = [
        ("do", ADD_GUARD),
        ("guard_id", "\"><b>1"),
        ("op_code", ""),
        ("guard_name", ""),
        ("guard_location", "서울 </textarea>"),
        ("guard_comment", "</textarea><b>"),
    ];
    let answer = world.post("/owner/add-guard").cookie(&owner).form(&fields).send().await;
    let page = answer.text();
    assert_eq!((answer.status, answer.header("location")), (422, ""));
    for (id, is_wrong) in [("op_code", true), ("guard_name", true), ("guard_location", false)] {
        assert_eq!(page.contains(&format!("id=\"{id}-problem\"")), is_wrong, "{id}");
    }
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 2);
    assert_eq!(page.matches("autofocus").count(), 1, "the first wrong field alone");
    assert!(!page.contains("data-testid=\"refusal\""), "the fields say it");
    assert!(
        page.contains("value=\"서울 &lt;/textarea>\"") || page.contains("value=\"서울 &lt;/textarea&gt;\""),
        "{page}"
    );
    assert!(page.contains("&lt;/textarea>&lt;b>") && !page.contains("<b>"), "{page}");
}

/// The one-use key of the form on this page.
async fn key(world: &World, cookie: &str, path: &str) -> String {
    let page = world.get(path).cookie(cookie).send().await.text();
    let (_, rest) = page.split_once("name=\"once\" value=\"").expect("a one-use key");
    rest.split_once('"').unwrap().0.to_owned()
}

async fn the_same_form_sent_again_is_answered_as_the_first_time(world: World) {
    let owner = world.cookie(OWNER).await;
    world.device("G7", Some(CODE)).await;
    let key = key(&world, &owner, "/owner/add-guard").await;
    let form = |name: &'static str| {
        [
            ("do", ADD_GUARD),
            ("guard_id", "G7"),
            ("op_code", CODE),
            ("guard_name", name),
            ("once", &key),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let send = async |path: &str, name: &'static str| {
        let fields = form(name);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        world.post(path).cookie(&owner).form(&fields).send().await
    };
    let (one, two, three) = tokio::join!(
        send("/owner/add-guard", "门"),
        send("/owner/add-guard", "门"),
        send("/owner/add-guard", "门"),
    );
    for answer in [one, two, three, send("/owner/add-guard", "门").await] {
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(answer.header("location"), "/owner/guards/G7?notice=guard-added");
    }
    // Whether a page or a script sends it makes no difference.
    let called = send(ADD_GUARD, "门").await;
    assert_eq!(
        (called.status, called.header("location")),
        (200, "/owner/guards/G7?notice=guard-added")
    );
    // A key stands for one form, and nothing is lost.
    let changed = send("/owner/add-guard", "다른 문").await;
    assert_eq!(changed.status, 422);
    assert!(changed.text().contains("data-testid=\"refusal\"") && changed.text().contains("value=\"다른 문\""));
}

async fn a_number_shown_once_is_in_the_answer_to_its_own_form_alone(world: World) {
    let ([zhang, ..], _session) = world.family().await;
    assert_eq!(world.result(&zhang, add_card(&world, "card-1")).await, 0);
    let cookie = world.cookie_by(ZHANG, SECRET).await;
    let path = "/owner/guards/G0001/cards/card-1";
    let whole = "110101199003071234";
    let hidden = world.hidden(&cookie, path, "reveal").await;
    let fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    let shown = world.post(path).cookie(&cookie).form(&fields).send().await;
    assert_eq!((shown.status, shown.header("location")), (200, ""));
    assert!(shown.text().contains(whole), "{}", shown.text());
    let again = world.get(path).cookie(&cookie).send().await;
    assert!(!again.text().contains(whole));
}

async fn a_span_that_ends_before_it_begins_is_refused_beside_its_end(world: World) {
    world.family().await;
    let cookie = world.cookie_by(ZHANG, SECRET).await;
    let path = "/owner/guards/G0001/new-password";
    let hidden = world.hidden(&cookie, path, "new-password-form").await;
    let send = async |more: &[(&str, &str)]| {
        let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
        fields.extend(more);
        world.post(path).cookie(&cookie).form(&fields).send().await
    };
    let swapped = [
        ("span", "own"),
        ("start_time", "2099-01-01T10:00"),
        ("end_time", "2099-01-01T09:00"),
        ("digits", "1234"),
    ];
    for (fields, wrong) in [
        (&swapped[..], "end_time"),
        (&[("span", "own"), ("end_time", "2099-01-01T09:00")], "start_time"),
        (&[("span", "hour"), ("digits", "12")], "digits"),
    ] {
        let answer = send(fields).await;
        assert_eq!(answer.status, 422, "{wrong}");
        let page = answer.text();
        assert!(page.contains(&format!("id=\"{wrong}-problem\"")), "{wrong}");
        assert_eq!(page.matches("aria-invalid=\"true\"").count(), 1, "{wrong}");
    }
    assert!(
        send(&swapped).await.text().contains("value=\"1234\""),
        "what was typed stays"
    );
    assert_eq!(send(&[("span", "for-ever")]).await.status, 422);
    let made = send(&[("span", "hour"), ("digits", "1234")]).await;
    assert!(made.status == 200 && made.text().contains(">1234<"));
}

async fn everything_wrong_in_a_public_form_is_reported_at_once(world: World) {
    for (path, function, fields, wrong) in [
        (
            "/sign-in",
            "sign-in",
            &[("phone", "my number"), ("password", "")][..],
            2,
        ),
        (
            "/register",
            "register",
            &[("phone", "my number"), ("name", "张三"), ("password", "")],
            2,
        ),
        ("/forgotten", "ask-reset-code", &[("phone", "my number")], 1),
        (
            "/forgotten",
            "reset-password",
            &[("phone", "13800000001"), ("code", ""), ("password", "")],
            2,
        ),
    ] {
        let function = format!("/do/anyone/{function}");
        let mut fields: Vec<(&str, &str)> = fields.to_vec();
        fields.push(("do", &function));
        let answer = world.post(path).form(&fields).send().await;
        let page = answer.text();
        assert_eq!((answer.status, answer.header("location")), (422, ""), "{function}");
        if function.ends_with("reset-code") && !page.contains("<form method=\"post\" class") {
            // No codes are sent here, so there is no form to show it beside.
            assert!(page.contains("data-testid=\"refusal\""), "{function} {page}");
            continue;
        }
        assert_eq!(
            page.matches("aria-invalid=\"true\"").count(),
            wrong,
            "{function} {page}"
        );
        assert!(
            !page.contains("data-testid=\"refusal\""),
            "{function}: the fields say it"
        );
        let typed = if function.ends_with("reset-password") {
            "13800000001"
        } else {
            "my number"
        };
        assert!(page.contains(&format!("value=\"{typed}\"")), "{function} {page}");
    }
}

async fn a_form_that_stands_on_every_page_is_led_on_or_told_why_not(world: World) {
    let send = |fields: &'static [(&'static str, &'static str)]| {
        let ask = world
            .post("/do/anyone/choose-language")
            .header("accept", "text/html,*/*");
        ask.form(fields)
    };
    let led_on = send(&[("lang", "zh"), ("back", "/register?x=1")]).send().await;
    assert_eq!((led_on.status, led_on.header("location")), (303, "/register?x=1"));
    assert!(led_on.header("set-cookie").starts_with("lang=zh;"));
    for fields in [&[("lang", "xx"), ("back", "/")][..], &[("back", "/")]] {
        let refused = send(fields).send().await;
        assert_eq!(
            (
                refused.status,
                refused.header("content-type"),
                refused.header("set-cookie")
            ),
            (422, "text/html; charset=utf-8", "")
        );
        assert!(refused.text().contains("data-testid=\"refusal\""), "{}", refused.text());
    }
    let foreign = send(&[("lang", "zh")])
        .header("origin", "https://evil.example")
        .send()
        .await;
    assert_eq!(
        (foreign.status, foreign.header("content-type")),
        (403, "text/html; charset=utf-8")
    );
    // A form that is sent to a function that is not for everybody is shown why not, and no JSON.
    let ask = world
        .post(ADD_GUARD)
        .header("accept", "text/html")
        .form(&[("guard_id", "G1")]);
    let nobody = ask.send().await;
    assert_eq!(
        (nobody.status, nobody.header("content-type")),
        (401, "text/html; charset=utf-8")
    );
}
