//! What an operator's forms call: people, doors of kiosks, nodes.

use crate::harness::{Answer, OPERATOR, STAFF, World};
use backend::locker::kiosks;
use backend::people;
use domain::boards::{Kind, Via, Wiring};
use domain::guard::link::{Fault, Status, Version};
use domain::ids::{Phone, Port, Yid};
use domain::locker::compartments::{Compartment, CompartmentStatus};
use serde_json::json;

on_every_engine! {
    everything_that_is_wrong_with_a_person_is_reported_at_once,
    a_password_that_was_typed_is_not_shown,
    a_code_is_shown_until_a_device_used_it,
    a_password_that_was_made_is_shown_to_a_script_as_well,
    an_empty_list_says_how_its_first_row_comes_and_a_search_how_to_end_it,
    the_first_steps_are_ticked_off_and_can_be_hidden,
    nobody_disables_themselves,
    every_door_that_is_wrong_is_marked_and_none_changes,
    doors_are_arranged_by_a_form_and_by_a_script,
    what_is_refused_about_a_node_is_shown_once,
    lock_boards_are_set_by_a_form_and_what_contradicts_the_layout_is_marked,
    why_nothing_opens_is_shown_to_the_operator_in_every_language,
    why_a_guard_is_faulty_is_shown_to_the_operator_in_every_language,
}

const ADD_PERSON: &str = "/do/operator/add-person";
const SAVE_LAYOUT: &str = "/do/operator/save-layout";
const SET_BOARDS: &str = "/do/operator/set-boards";
const NEW_PERSON: &str = "/operator/people/new";
const LAYOUT: &str = "/operator/kiosks/1234/layout";

async fn sent(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let cookie = world.cookie(OPERATOR).await;
    world.post(path).cookie(&cookie).form(fields).send().await
}

/// Exactly these fields have a problem beside them, and no problem is shown twice.
fn marks(page: &str, names: &[&str]) {
    for name in names {
        assert!(page.contains(&format!("id=\"{name}-problem\"")), "{name}: {page}");
    }
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), names.len(), "{page}");
    assert!(!page.contains("data-testid=\"refusal\""), "{page}");
}

fn refusals(page: &str) -> usize {
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

async fn doors(world: &World) -> Vec<Compartment> {
    let operator = world.person(OPERATOR).await;
    kiosks::get(&world.backend, &operator, Yid(1234)).await.unwrap().1
}

fn door(doors: &[Compartment], jumper: i64, serial: i64) -> &Compartment {
    let port = Port { jumper, serial };
    doors.iter().find(|door| door.port == port).unwrap()
}

async fn every_door_that_is_wrong_is_marked_and_none_changes(world: World) {
    let before = doors(&world).await;
    let taken = door(&before, 1, 2).label.clone();
    let kiosk = [("do", SAVE_LAYOUT), ("yid", "1234"), ("label.1.4", "새 이름")];
    let save = async |fields: &[(&str, &str)]| {
        let answer = sent(&world, LAYOUT, &[&kiosk[..], fields].concat()).await;
        assert_eq!(answer.status, 422, "{fields:?}");
        answer.text()
    };
    let page = save(&[
        ("label.1.1", " "),
        ("label.2.1", "12345678901234567"),
        ("size.1.1", "x"),
        ("status.2.2", "Z"),
    ])
    .await;
    marks(&page, &["label.1.1", "label.2.1", "size.1.1", "status.2.2"]);
    assert!(page.contains("value=\"새 이름\""), "what was typed stays: {page}");
    let page = save(&[("label.1.3", &taken), ("size.1.1", "5"), ("status.2.2", "A")]).await;
    marks(&page, &["label.1.3", "size.1.1", "status.2.2"]);
    // What no field of the page shows stands on top.
    assert_eq!(refusals(&save(&[("label.9.9", "A9")]).await), 1);
    assert_eq!(refusals(&save(&[("label.01.1", "A9")]).await), 1);
    assert_eq!(doors(&world).await, before);
}

async fn doors_are_arranged_by_a_form_and_by_a_script(world: World) {
    let before = doors(&world).await;
    let (one, two) = (door(&before, 1, 1).label.clone(), door(&before, 1, 2).label.clone());
    let answer = sent(
        &world,
        LAYOUT,
        &[
            ("do", SAVE_LAYOUT),
            ("yid", "1234"),
            ("label.1.1", &two),
            ("label.1.2", &one),
            ("size.1.1", "2"),
            ("status.1.2", "C"),
        ],
    )
    .await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "/operator/kiosks/1234?notice=layout-saved")
    );
    let after = doors(&world).await;
    let (first, second) = (door(&after, 1, 1), door(&after, 1, 2));
    assert_eq!((&first.label, first.size), (&two, 2));
    assert_eq!((&second.label, second.status), (&one, CompartmentStatus::OutOfOrder));
    assert_eq!(door(&after, 2, 4), door(&before, 2, 4));
    let cookie = world.cookie(OPERATOR).await;
    let layout = json!({ "yid": 1234, "size": { "1.1": 1 }, "status": { "1.2": "B" } });
    let answer = world.post(SAVE_LAYOUT).cookie(&cookie).json(&layout).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let after = doors(&world).await;
    assert_eq!(door(&after, 1, 1).size, 1);
    assert_eq!(door(&after, 1, 2).status, CompartmentStatus::Free);
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

async fn lock_boards_are_set_by_a_form_and_what_contradicts_the_layout_is_marked(world: World) {
    let operator = world.person(OPERATOR).await;
    let boards = async || kiosks::wiring(&world.backend, &operator, Yid(1234)).await.unwrap();
    let kiosk = "/operator/kiosks/1234";
    let chosen = [("do", SET_BOARDS), ("yid", "1234"), ("kind", "oto")];
    assert_eq!(sent(&world, kiosk, &chosen).await.status, 303);
    assert_eq!(boards().await, Some(Wiring::of(Kind::Oto)));
    let details = [
        ("do", SET_BOARDS),
        ("yid", "1234"),
        ("kind", "oto"),
        ("shown_for", "oto"),
        ("via", "browser"),
        ("adapters", "1-36 /dev/serial/by-id/one, 37-61"),
        ("open_ms", "2500"),
        ("inverted", "true"),
        ("contacts", "false"),
        ("wires", "1.1=1.9"),
    ];
    assert_eq!(sent(&world, kiosk, &details).await.status, 303);
    let set = boards().await.unwrap();
    assert_eq!(
        (set.via, set.boards.open_ms, set.boards.inverted, set.boards.contacts),
        (Via::Browser, 2_500, true, false)
    );
    assert_eq!(
        (set.adapters.len(), set.adapters[0].path.as_str()),
        (2, "/dev/serial/by-id/one")
    );
    assert_eq!(set.lock(Port { jumper: 1, serial: 1 }), Port { jumper: 1, serial: 9 });
    for (field, value) in [
        ("adapters", "1-36, 36-40"),
        ("adapters", "5-9"),
        ("adapters", "one to nine"),
        ("wires", "1.1=1.2"),
        ("wires", "1.1"),
        ("open_ms", "9000"),
        ("doors", "17"),
        ("baud", "12"),
        ("kind", "hua-heng"),
        // These have one door each, and this kiosk has eight on each board.
        ("kind", "oto-single"),
    ] {
        let wrong = [("do", SET_BOARDS), ("yid", "1234"), ("kind", "oto"), (field, value)];
        let wrong: Vec<_> = wrong
            .into_iter()
            .filter(|(name, _)| field != "kind" || *name != "kind")
            .chain((field == "kind").then_some((field, value)))
            .collect();
        let answer = sent(&world, kiosk, &wrong).await;
        assert_eq!(answer.status, 422, "{field} {value}");
        assert!(
            answer.text().contains(&format!("id=\"{field}-problem\"")),
            "{field} {value}: {}",
            answer.text()
        );
    }
    assert_eq!(boards().await, Some(set), "what was refused changed nothing");
    let none = [("do", SET_BOARDS), ("yid", "1234"), ("kind", "")];
    assert_eq!(sent(&world, kiosk, &none).await.status, 303);
    assert_eq!(boards().await, None);
}

/// Both for what was refused just now and for what was stored and does not fit any more.
async fn why_nothing_opens_is_shown_to_the_operator_in_every_language(world: World) {
    let kiosk = "/operator/kiosks/1234";
    let cookie = world.cookie(OPERATOR).await;
    let chosen = [("do", SET_BOARDS), ("yid", "1234"), ("kind", "oto")];
    assert_eq!(sent(&world, kiosk, &chosen).await.status, 303);
    for (language, unknown, claimed, outside) in [
        (
            "en",
            "does not know the kind of board",
            "Two adapters claim board 36.",
            "Such boards have no door 1.2.",
        ),
        (
            "ko",
            "설정된 보드 종류를 모릅니다",
            "두 어댑터가 보드 36을(를) 맡고 있습니다.",
            "이 보드에는 1.2 문이 없습니다.",
        ),
        (
            "zh",
            "不认识所设置的控制板类型",
            "两个适配器都包含第 36 号板。",
            "此类板没有 1.2 号门。",
        ),
    ] {
        let says = |answer: &Answer, words: &str| {
            let text = answer.text();
            assert!(text.contains("data-testid=\"boards-fault\""), "{language}: {text}");
            assert!(text.contains(words), "{language} {words}: {text}");
        };
        for (kind, adapters, words) in [
            ("oto", "1-36, 36-40", claimed),
            ("hua-heng", "", unknown),
            ("oto-single", "", outside),
        ] {
            let typed = [
                ("do", SET_BOARDS),
                ("yid", "1234"),
                ("kind", kind),
                ("adapters", adapters),
            ];
            let post = world.post(kiosk).cookie(&cookie).header("accept-language", language);
            let answer = post.form(&typed).send().await;
            assert_eq!(answer.status, 422, "{language} {kind}");
            says(&answer, words);
        }
        for (kind, words) in [("hua-heng", unknown), ("oto-single", outside)] {
            let mut stored = serde_json::to_value(Wiring::of(Kind::OtoSingle)).unwrap();
            stored["boards"]["kind"] = json!(kind);
            world
                .sql(&format!("UPDATE kiosks SET wiring = '{stored}' WHERE yid = 1234"))
                .await;
            let get = world.get(kiosk).cookie(&cookie).header("accept-language", language);
            let page = get.send().await;
            assert_eq!(page.status, 200);
            says(&page, words);
        }
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
