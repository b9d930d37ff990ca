//! What an operator's forms call: people, nodes, guards.

use crate::harness::{Answer, OPERATOR, STAFF, World};
use backend::people;
use domain::guard::link::{Fault, Status, Version};
use domain::ids::Phone;
use serde_json::json;

on_every_engine! {
    everything_that_is_wrong_with_a_person_is_reported_at_once,
    a_password_that_was_typed_is_not_shown,
    a_code_is_shown_until_a_device_used_it,
    a_password_that_was_made_is_shown_to_a_script_as_well,
    an_empty_list_says_how_its_first_row_comes_and_a_search_how_to_end_it,
    the_first_steps_are_ticked_off_and_can_be_hidden,
    nobody_disables_themselves,
    what_is_refused_about_a_node_is_shown_once,
    why_a_guard_is_faulty_is_shown_to_the_operator_in_every_language,
}

const ADD_PERSON: &str = "/do/operator/add-person";
const NEW_PERSON: &str = "/operator/people/new";

pub async fn sent(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let cookie = world.cookie(OPERATOR).await;
    world.post(path).cookie(&cookie).form(fields).send().await
}

/// Exactly these fields have a problem beside them, and no problem is shown twice.
pub fn marks(page: &str, names: &[&str]) {
    for name in names {
        assert!(page.contains(&format!("id=\"{name}-problem\"")), "{name}: {page}");
    }
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), names.len(), "{page}");
    assert!(!page.contains("data-testid=\"refusal\""), "{page}");
}

pub fn refusals(page: &str) -> usize {
    page.matches("data-testid=\"refusal\"").count()
}

async fn everything_that_is_wrong_with_a_person_is_reported_at_once(world: World) {
    let long = "가".repeat(101);
    let unreadable = [
        ("do", ADD_PERSON),
        ("phone", "x"),
        ("name", long.as_str()),
        ("role", "king"),
        ("how", "typed"),
        ("password", "long enough"),
    ];
    let answer = sent(&world, NEW_PERSON, &unreadable).await;
    assert_eq!(answer.status, 422);
    marks(&answer.text(), &["phone", "name", "role"]);
    let missing = [
        ("do", ADD_PERSON),
        ("phone", "01055556666"),
        ("name", "새 사람"),
        ("role", "business"),
        ("business", ""),
        ("how", "typed"),
        ("password", ""),
    ];
    let answer = sent(&world, NEW_PERSON, &missing).await;
    assert_eq!(answer.status, 422);
    let page = answer.text();
    marks(&page, &["business", "password"]);
    assert!(
        page.contains("value=\"01055556666\"") && page.contains("value=\"새 사람\""),
        "{page}"
    );
    let phone = Phone("01055556666".to_owned());
    assert_eq!(people::get(&world.backend, &phone).await.unwrap(), None);
}

async fn a_password_that_was_typed_is_not_shown(world: World) {
    let secret = "a secret of theirs";
    let person = |phone| {
        [
            ("do", ADD_PERSON),
            ("phone", phone),
            ("name", "새 사람"),
            ("role", "staff"),
            ("how", "typed"),
            ("password", secret),
        ]
    };
    for (path, status) in [(NEW_PERSON, 422), (ADD_PERSON, 422)] {
        let answer = sent(&world, path, &person(STAFF)).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(!answer.text().contains(secret), "{path}");
    }
    let added = sent(&world, NEW_PERSON, &person("01055556666")).await;
    assert_eq!(
        (added.status, added.header("location")),
        (303, "/operator/people/01055556666?notice=person-added")
    );
    let path = "/operator/people/01055556666";
    let changed = [
        ("do", "/do/operator/new-password-for"),
        ("phone", "01055556666"),
        ("how", "typed"),
        ("password", "another secret of theirs"),
    ];
    let answer = sent(&world, path, &changed).await;
    assert_eq!(answer.header("location"), format!("{path}?notice=password-set"));
    world.cookie_by("01055556666", "another secret of theirs").await;
}

async fn a_password_that_was_made_is_shown_to_a_script_as_well(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let person = json!({ "phone": "010-5555-6666", "name": "새 사람", "role": "staff", "reassign": false });
    let answer = world.post(ADD_PERSON).cookie(&cookie).json(&person).send().await;
    let page = "/operator/people/01055556666?notice=person-added";
    assert_eq!((answer.status, answer.header("location")), (200, page));
    assert_eq!(answer.json(), json!(null), "the secret is on the page alone");
    let shown = world.get(page).cookie(&cookie).send().await.text();
    let (_, rest) = shown.split_once("data-testid=\"password-once\"").unwrap();
    let password = rest.split_once('>').unwrap().1.split_once('<').unwrap().0.to_owned();
    world.cookie_by("01055556666", &password).await;
    // In no island's arguments, in no address.
    let props: String = shown
        .split("<leptos-island")
        .skip(1)
        .map(|tag| tag.split('>').next().unwrap())
        .collect();
    assert!(!props.contains(&password) && !shown.contains(&format!("={password}")));
    assert_eq!(
        shown.matches(&password).count(),
        2,
        "large, and in the sentence that is copied"
    );
}

async fn a_code_is_shown_until_a_device_used_it(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let made = world
        .post("/do/operator/enrolment-code")
        .cookie(&cookie)
        .json(&json!({ "yid": 1234 }))
        .send()
        .await;
    assert_eq!(made.header("location"), "/operator/kiosks/1234");
    let page = async || {
        world
            .get("/operator/kiosks/1234")
            .cookie(&cookie)
            .header("cookie", "lang=en")
            .send()
            .await
            .text()
    };
    let shown = page().await;
    assert!(shown.contains("data-testid=\"waiting-for-device\""), "{shown}");
    let (_, rest) = shown.split_once("data-testid=\"enrolment-code\"").unwrap();
    let code: String = rest
        .split_once('>')
        .unwrap()
        .1
        .chars()
        .take(9)
        .filter(char::is_ascii_digit)
        .collect();
    // Where it is typed, in words and as a code.
    assert!(shown.contains("/kiosk<") && shown.contains("<svg"), "{shown}");
    assert_eq!(
        page().await.matches("data-testid=\"enrolment-code\"").count(),
        1,
        "also when it is loaded again"
    );
    world
        .post("/v1/Kiosks/Enrol")
        .json(&json!({ "code": code }))
        .send()
        .await
        .ok();
    let shown = page().await;
    assert!(
        shown.contains("data-testid=\"enrolled-now\"") && !shown.contains("data-testid=\"enrolment-code\""),
        "{shown}"
    );
}

async fn the_first_steps_are_ticked_off_and_can_be_hidden(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let page = async || {
        world
            .get("/operator")
            .cookie(&cookie)
            .header("cookie", "lang=en")
            .send()
            .await
            .text()
    };
    let shown = page().await;
    let done = |page: &str, testid: &str| {
        let (_, rest) = page.split_once(&format!("data-testid=\"{testid}\"")).unwrap();
        rest.split('>').next().unwrap().contains("data-done")
    };
    for (step, is_done) in [
        ("step-business", true),
        ("step-staff", true),
        ("step-kiosk", true),
        ("step-ready", true),
        ("step-deposit", false),
    ] {
        assert_eq!(done(&shown, step), is_done, "{step}");
    }
    let form = world.hidden(&cookie, "/operator", "hide-steps").await;
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
    let hidden = world.post("/operator").cookie(&cookie).form(&form).send().await;
    assert_eq!(hidden.header("location"), "/operator");
    assert!(!page().await.contains("data-testid=\"first-steps\""));
}

async fn an_empty_list_says_how_its_first_row_comes_and_a_search_how_to_end_it(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let page = async |path: &str| {
        world
            .get(path)
            .cookie(&cookie)
            .header("cookie", "lang=en")
            .send()
            .await
            .text()
    };
    for (path, first) in [("/operator/guards", "/operator/guards/import")] {
        let empty = page(path).await;
        assert!(
            empty.contains("data-testid=\"first-one\"") && empty.contains(&format!("href=\"{first}\"")),
            "{path}"
        );
        assert!(!empty.contains("data-testid=\"show-all\""), "{path}");
    }
    for path in [
        "/operator/guards?q=nothing",
        "/operator/orders?q=zzzz",
        "/operator/kiosks?q=zzzz",
        "/operator/businesses?q=zzzz",
        "/operator/people?q=zzzz",
    ] {
        let empty = page(path).await;
        assert!(
            empty.contains("data-testid=\"show-all\"") && !empty.contains("data-testid=\"first-one\""),
            "{path}"
        );
    }
}

async fn nobody_disables_themselves(world: World) {
    let own = format!("/operator/people/{OPERATOR}");
    let disable = |phone| [("do", "/do/operator/disable-person"), ("phone", phone)];
    let answer = sent(&world, &own, &disable(OPERATOR)).await;
    assert_eq!((answer.status, refusals(&answer.text())), (403, 1));
    assert!(world.person(OPERATOR).await.active);
    let theirs = format!("/operator/people/{STAFF}");
    let answer = sent(&world, &theirs, &disable(STAFF)).await;
    assert_eq!(answer.header("location"), format!("{theirs}?notice=person-blocked"));
    assert!(!world.person(STAFF).await.active);
    // A person that another form names is told apart from the one of the page.
    let answer = sent(&world, &theirs, &disable("01099990000")).await;
    assert_eq!((answer.status, refusals(&answer.text())), (404, 1));
    let enable = [("do", "/do/operator/enable-person"), ("phone", STAFF)];
    let answer = sent(&world, &theirs, &enable).await;
    assert_eq!(answer.header("location"), format!("{theirs}?notice=person-unblocked"));
    assert!(world.person(STAFF).await.active);
}

async fn what_is_refused_about_a_node_is_shown_once(world: World) {
    for function in ["drain-node", "undrain-node", "remove-node"] {
        let function = format!("/do/operator/{function}");
        let answer = sent(&world, "/operator/nodes", &[("do", &function), ("name", "nobody")]).await;
        assert_eq!((answer.status, refusals(&answer.text())), (404, 1), "{function}");
        let answer = sent(&world, "/operator/nodes", &[("do", &function), ("name", "a b")]).await;
        assert_eq!((answer.status, refusals(&answer.text())), (422, 1), "{function}");
    }
}

async fn why_a_guard_is_faulty_is_shown_to_the_operator_in_every_language(world: World) {
    let (_, mut guard) = world.family().await;
    let cookie = world.cookie(OPERATOR).await;
    let page = async |language: &str| {
        let get = world.get("/operator/guards").cookie(&cookie);
        get.header("accept-language", language).send().await.text()
    };
    // What guards say is written a moment later.
    let until = async |language: &str, told: &dyn Fn(&str) -> bool| {
        for _ in 0..100 {
            if told(&page(language).await) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{language}: {}", page(language).await);
    };
    guard.heartbeat(Status::Faulty, Some(Fault::AnotherDevice), Some(5), Version::default());
    for (language, words) in [
        ("en", "Another controller answers: it has another serial number."),
        ("ko", "다른 컨트롤러가 응답합니다."),
        ("zh", "应答的是另一台控制器"),
    ] {
        until(language, &|page| page.contains(words)).await;
    }
    guard.heartbeat(Status::Working, None, Some(5), Version::default());
    until("en", &|page| !page.contains("data-testid=\"guard-fault\"")).await;
}
