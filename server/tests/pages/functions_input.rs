//! Every server function with everything that can be wrong with a call: each argument missing, malformed, too long and given twice, arguments
//! and functions of another version, other people, other sites.

use crate::everything::{differing, everything};
use crate::functions_rig::{Example, call, examples, fields, public, signatures};
use crate::harness::{Answer, BUSINESS, OPERATOR, OWNER, STAFF, World};
use crate::pages::inhabited::inhabit;
use domain::people::Role;
use islands::doors::{Door, door};
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_every_engine! {
    every_argument_that_cannot_be_read_is_named_and_changes_nothing,
    every_argument_that_is_missing_or_too_long_is_no_fault_of_ours,
    every_function_is_refused_to_everybody_else_and_to_other_sites,
    an_argument_of_another_version_is_refused_by_every_function,
    a_function_of_another_version_is_refused_in_words,
    no_form_of_any_page_has_a_field_its_function_does_not_know,
}

/// The whole of a call as a form, without JavaScript.
async fn send(world: &World, example: &Example, cookie: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    world.post(example.path).cookie(cookie).form(&fields).send().await
}

/// The fields that a refusal names.
fn named(answer: &Answer) -> BTreeSet<String> {
    let body = answer.json();
    let fields = body["fields"].as_array().cloned().unwrap_or_default();
    let names = fields.iter().map(|wrong| {
        assert!(wrong["words"].as_str().is_some_and(|words| !words.is_empty()), "{body}");
        wrong["field"].as_str().unwrap().to_owned()
    });
    names.collect()
}

/// A refusal in words, with the name of its reason.
fn refused(answer: &Answer, status: u16, code: &str) {
    let body = answer.json();
    assert_eq!((answer.status, &body["status"]), (status, &json!(status)), "{body}");
    assert_eq!(body["code"], code, "{body}");
    assert!(body["words"].as_str().is_some_and(|words| !words.is_empty()), "{body}");
}

/// The argument that a field of a form belongs to.
fn argument(field: &str) -> &str {
    field.split('.').next().unwrap_or_default()
}

async fn every_argument_that_cannot_be_read_is_named_and_changes_nothing(world: World) {
    let mut examples = examples(&world).await;
    examples.extend(public());
    let before = everything(&world).await;
    for example in &examples {
        let cookie = example.cookie(&world).await;
        for name in example.arguments.as_object().unwrap().keys() {
            let mut changed = example.arguments.clone();
            changed[name] = json!([["of another kind"]]);
            let answer = call(&world, example.path, &cookie, &changed).await;
            refused(&answer, 422, "field");
            assert_eq!(named(&answer), [name.clone()].into(), "{}", example.path);
        }
        let form = example.form();
        for (at, (field, value)) in form.iter().enumerate() {
            let mut malformed = form.clone();
            "\u{fffd}".clone_into(&mut malformed[at].1);
            let mut twice = form.clone();
            // An empty field is none, however often it is there.
            let again = if value.is_empty() { "1" } else { value };
            twice.push((field.clone(), again.to_owned()));
            for (how, fields) in [("malformed", malformed), ("twice", twice)] {
                let answer = send(&world, example, &cookie, &fields).await;
                let told = format!("{} {field} {how}: {}", example.path, answer.text());
                assert_eq!(answer.status, 422, "{told}");
                let names: BTreeSet<String> = named(&answer).iter().map(|name| argument(name).to_owned()).collect();
                assert_eq!(names, [argument(field).to_owned()].into(), "{told}");
            }
        }
    }
    let differs = differing(&before, &everything(&world).await);
    assert!(differs.is_empty(), "{differs:?}");
}

/// Types whose argument may be left out, or be empty.
fn may_be_missing(kind: &str) -> bool {
    ["Option<", "BTreeMap<", "Vec<"]
        .iter()
        .any(|begin| kind.starts_with(begin))
        || ["bool", "String", "DnCode", "GuardLocation", "GuardComment"].contains(&kind)
}

async fn every_argument_that_is_missing_or_too_long_is_no_fault_of_ours(world: World) {
    let signatures = signatures();
    let long = "7".repeat(100_000);
    for example in examples(&world).await {
        let cookie = example.cookie(&world).await;
        for (name, kind) in &signatures[example.path] {
            let mut without = example.arguments.clone();
            without.as_object_mut().unwrap().remove(name);
            let mut too_long = example.arguments.clone();
            too_long[name] = json!(long);
            for (how, arguments) in [("missing", &without), ("too long", &too_long)] {
                let form = fields(arguments);
                for as_form in [true, false] {
                    let before = everything(&world).await;
                    let answer = if as_form {
                        send(&world, &example, &cookie, &form).await
                    } else {
                        call(&world, example.path, &cookie, arguments).await
                    };
                    let told = format!("{} {name}: {kind} {how}: {}", example.path, answer.text());
                    assert!(answer.status < 500, "{told}");
                    if answer.status != 200 {
                        let body = answer.json();
                        assert!(body["words"].as_str().is_some_and(|words| !words.is_empty()), "{told}");
                        let differs = differing(&before, &everything(&world).await);
                        assert!(differs.is_empty(), "{told} changed {differs:?}");
                    }
                    let must_be_named = !may_be_missing(kind) || (how == "too long" && !kind.contains("String"));
                    // A code may be so long that its size is what is wrong.
                    let is_too_large = how == "too long" && answer.status == 413;
                    if must_be_named && !is_too_large {
                        assert_eq!(answer.status, 422, "{told}");
                        assert!(named(&answer).iter().any(|field| argument(field) == name), "{told}");
                    }
                }
            }
        }
    }
}

const PEOPLE: [(Role, &str); 4] = [
    (Role::Operator, OPERATOR),
    (Role::Staff, STAFF),
    (Role::Business, BUSINESS),
    (Role::Owner, OWNER),
];

async fn every_function_is_refused_to_everybody_else_and_to_other_sites(world: World) {
    let mut examples = examples(&world).await;
    examples.extend(public());
    let mut cookies = Vec::new();
    for (role, phone) in PEOPLE {
        cookies.push((role, world.cookie(phone).await));
    }
    let before = everything(&world).await;
    for example in &examples {
        let Example { path, arguments, .. } = example;
        let whose = match door(path).unwrap() {
            Door::Only(role) => Some(role),
            Door::SignedIn | Door::Anyone => None,
        };
        for (_, cookie) in cookies
            .iter()
            .filter(|(role, _)| whose.is_some_and(|whose| *role != whose))
        {
            refused(&call(&world, path, cookie, arguments).await, 403, "not-yours");
        }
        if door(path) != Some(Door::Anyone) {
            let nobody = world.post(path).json(arguments).send().await;
            refused(&nobody, 401, "not-signed-in");
        }
        let own = example.cookie(&world).await;
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let ask = || world.post(path).cookie(&own).header(name, value);
            refused(&ask().json(arguments).send().await, 403, "other-site");
            let form = example.form();
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
            refused(&ask().form(&form).send().await, 403, "other-site");
        }
    }
    let differs = differing(&before, &everything(&world).await);
    assert!(differs.is_empty(), "{differs:?}");
}

async fn an_argument_of_another_version_is_refused_by_every_function(world: World) {
    let mut examples = examples(&world).await;
    examples.extend(public());
    let before = everything(&world).await;
    for example in &examples {
        let cookie = example.cookie(&world).await;
        let mut arguments = example.arguments.clone();
        arguments["of_tomorrow"] = json!("1");
        let by_script = call(&world, example.path, &cookie, &arguments).await;
        let mut form = example.form();
        form.push(("of_tomorrow.1".to_owned(), String::new()));
        let by_form = send(&world, example, &cookie, &form).await;
        for (answer, field) in [(by_script, "of_tomorrow"), (by_form, "of_tomorrow.1")] {
            refused(&answer, 404, "page-outdated");
            assert_eq!(named(&answer), [field.to_owned()].into(), "{}", example.path);
        }
    }
    let differs = differing(&before, &everything(&world).await);
    assert!(differs.is_empty(), "{differs:?}");
}

async fn a_function_of_another_version_is_refused_in_words(world: World) {
    let owner = world.cookie(OWNER).await;
    for (language, word) in [("ko", "새로 고침"), ("zh", "刷新"), ("en", "Reload")] {
        for path in [
            "/do/owner/of-tomorrow",
            "/do/of-tomorrow/add-guard",
            "/do/owner/add-guard/x",
            "/do/owner/Add-Guard",
        ] {
            let ask = || {
                world
                    .post(path)
                    .header("accept-language", language)
                    .json(&json!({ "a": 1 }))
            };
            for answer in [ask().send().await, ask().cookie(&owner).send().await] {
                refused(&answer, 404, "page-outdated");
                assert!(answer.json()["words"].as_str().unwrap().contains(word), "{path}");
            }
            assert_eq!(world.get(path).cookie(&owner).send().await.status, 405, "{path}");
        }
        // A form without JavaScript gets its page as it is now, with what it typed.
        let form = [("do", "/do/owner/of-tomorrow"), ("guard_name", "문")];
        let ask = world
            .post("/owner/add-guard")
            .cookie(&owner)
            .header("accept-language", language);
        let answer = ask.form(&form).send().await;
        let page = answer.text();
        assert_eq!(answer.status, 404);
        assert_eq!(page.matches("data-testid=\"refusal\"").count(), 1, "{page}");
        assert!(
            page.contains(word) && page.contains("data-testid=\"add-guard-form\""),
            "{page}"
        );
    }
}

/// What each form of a page that calls a function would send: the function, and the names of its fields.
fn forms(page: &str) -> Vec<(String, BTreeSet<String>)> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let forms = page
        .split("<form")
        .skip(1)
        .map(|form| form.split("</form>").next().unwrap());
    let calling = forms.filter_map(|form| {
        let tags = form.split('<').map(|tag| tag.split('>').next().unwrap_or_default());
        let controls = tags.filter(|tag| {
            ["input", "select", "textarea", "button"]
                .iter()
                .any(|kind| tag.starts_with(kind))
        });
        let mut function = None;
        let mut names = BTreeSet::new();
        for control in controls {
            match attribute(control, "name") {
                Some(name) if name == "do" => function = attribute(control, "value"),
                Some(name) => _ = names.insert(name),
                None => {}
            }
        }
        Some((function?, names))
    });
    calling.collect()
}

async fn no_form_of_any_page_has_a_field_its_function_does_not_know(world: World) {
    let signatures = signatures();
    let inhabited = inhabit(&world).await;
    let mut called = BTreeSet::new();
    for path in inhabited.pages() {
        for (_, cookie) in &inhabited.people {
            let page = world.get(&path).cookie(cookie).send().await;
            if page.status != 200 {
                continue;
            }
            for (function, names) in forms(&page.text()) {
                let known: BTreeSet<&str> = signatures[&function].iter().map(|(name, _)| name.as_str()).collect();
                for name in &names {
                    assert!(
                        name == "once" || known.contains(argument(name)),
                        "{path}: {function} does not know {name}"
                    );
                }
                called.insert(function);
            }
        }
    }
    let registered = server_fn_paths().count();
    assert!(called.len() * 2 > registered, "{called:?} of {registered}");
}

#[test]
fn the_source_declares_every_function() {
    let declared: BTreeSet<String> = signatures().into_keys().collect();
    let registered: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(declared, registered);
}

/// A page of tomorrow's version sends what today's does not know, and reads what today's answers.
#[test]
fn a_refusal_is_read_by_other_versions() {
    let of_tomorrow = r#"{"status":404,"words":"x","code":"page-outdated","more":{"a":1}}"#;
    let read: islands::refused::Refused = serde_json::from_str(of_tomorrow).unwrap();
    assert_eq!((read.status, read.code.as_str()), (404, "page-outdated"));
    let written: Value = serde_json::to_value(read).unwrap();
    assert_eq!(written, json!({ "status": 404, "words": "x", "code": "page-outdated" }));
}
