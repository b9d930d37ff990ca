//! What an operator's forms call about a kiosk's doors and their lock boards.

use super::operator_functions::{marks, refusals, sent};
use crate::harness::{Answer, OPERATOR, World};
use backend::locker::kiosks;
use domain::boards::{Kind, Via, Wiring};
use domain::ids::{Port, Yid};
use domain::locker::compartments::{Compartment, CompartmentStatus};
use serde_json::json;

on_every_engine! {
    every_door_that_is_wrong_is_marked_and_none_changes,
    doors_are_arranged_by_a_form_and_by_a_script,
    lock_boards_are_set_by_a_form_and_what_contradicts_the_layout_is_marked,
    why_nothing_opens_is_shown_to_the_operator_in_every_language,
}

const SAVE_LAYOUT: &str = "/do/operator/save-layout";
const SET_BOARDS: &str = "/do/operator/set-boards";
const LAYOUT: &str = "/operator/kiosks/1234/layout";

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
