//! The floors of the backend: what is on one uses what is on the same one or below, and nothing above.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// From the lowest to the highest. `locker` and `guard` are beside each other: neither uses the other.
const FLOORS: [(&str, &[&str]); 6] = [
    (
        "core",
        &[
            "bus",
            "catalogue",
            "clock",
            "counted",
            "damage",
            "db",
            "job",
            "keys",
            "matching",
            "migrations",
            "open_error",
            "partitions",
            "recent",
            "sheet",
            "zone",
        ],
    ),
    (
        "identity",
        &[
            "access",
            "actor",
            "businesses",
            "identity",
            "known_devices",
            "limits",
            "notify",
            "once",
            "password",
            "people",
            "sessions",
            "tokens",
        ],
    ),
    ("cluster", &["known_time", "nodes", "ready"]),
    ("locker", &["locker"]),
    ("guard", &["guard"]),
    (
        "maintenance",
        &[
            "archive",
            "copy",
            "demo",
            "deployment",
            "hearing",
            "normalise",
            "opening",
            "rotation",
        ],
    ),
];

/// What the backend as a whole hands out, and the module it is of.
const PARTS: [(&str, &str); 10] = [
    ("guards()", "guard"),
    ("hub()", "guard"),
    ("identities()", "identity"),
    ("known()", "locker"),
    ("known_time()", "known_time"),
    ("nodes()", "nodes"),
    ("outbox()", "notify"),
    ("passwords()", "password"),
    ("scan_writer()", "locker"),
    ("search()", "locker"),
];

/// The floor of a module, counted from below, and its name.
fn floor(module: &str) -> Option<(usize, &'static str)> {
    let found = FLOORS
        .iter()
        .enumerate()
        .find(|(_, (_, modules))| modules.contains(&module));
    found.map(|(number, (name, _))| (number, *name))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The names at the beginning of each path in a list such as `Backend, db::{Tx, sql}, once`.
fn first_names(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut name) = (0_usize, Vec::new(), String::new());
    for c in list.chars().chain([',']) {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut name)),
            c if depth == 0 => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    let first = |name: &String| name.trim().split([':', ' ']).next().unwrap_or_default().to_owned();
    names.iter().map(first).collect()
}

/// The modules that a text uses.
fn used(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for after in text.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(list) => used.extend(first_names(list)),
            None => {
                let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
                used.insert(after.chars().take_while(|c| is_of_name(*c)).collect());
            }
        }
    }
    if used.remove("Actor") {
        used.insert("actor".to_owned());
    }
    for (part, module) in PARTS {
        if text.contains(&format!(".{part}")) {
            used.insert(module.to_owned());
        }
    }
    used
}

/// What uses something that is not below it: file and module.
fn found_above(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, text) in files {
        let module = file.split(['/', '.']).next().unwrap_or_default();
        let Some((own, own_name)) = floor(module) else {
            wrong.push(format!("{file} is on no floor"));
            continue;
        };
        for other in used(text) {
            let Some((number, name)) = floor(&other) else { continue };
            let is_beside = (own_name, name) == ("guard", "locker");
            if number > own || is_beside {
                wrong.push(format!(
                    "{file} is on the floor {own_name} and uses `{other}` of {name}"
                ));
            }
        }
    }
    wrong
}

#[test]
fn a_file_uses_only_what_is_on_its_own_floor_or_below() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&folder, &mut paths);
    let mut files = BTreeMap::new();
    for path in paths {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        // Tests use what they like.
        let text = text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default()
            .to_owned();
        // What puts the floors together.
        if name != "lib.rs" {
            files.insert(name, text);
        }
    }
    assert!(files.len() > 100, "{} files", files.len());
    let wrong = found_above(&files);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_looks_up_is_found() {
    let wrong = |file: &str, text: &str| found_above(&BTreeMap::from([(file.to_owned(), text.to_owned())]));
    for (file, text) in [
        ("people.rs", "use crate::guard::access;"),
        (
            "people/finding.rs",
            "use crate::{Backend, db::{Tx, sql}, guard::{cards, hub}};",
        ),
        ("nodes/life.rs", "let linked = b.hub().connected_guards();"),
        ("guard/link.rs", "use crate::{Result, locker};"),
        ("db/pool.rs", "use crate::Actor;"),
        ("new.rs", ""),
    ] {
        assert_eq!(wrong(file, text).len(), 1, "{file}: {text}");
    }
    for (file, text) in [
        ("guard/link.rs", "use crate::{Backend, nodes, people};"),
        ("people.rs", "use crate::{Actor, Backend, access, once::{self, Who}};"),
        ("rotation.rs", "use crate::{guard, locker};"),
    ] {
        assert_eq!(wrong(file, text), Vec::<String>::new(), "{file}: {text}");
    }
}
