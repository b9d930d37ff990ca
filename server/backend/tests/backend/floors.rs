//! The floors of the backend, each a folder of its source: what is on one uses what is on the same one or below, and nothing above.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// From the lowest to the highest. `locker` and `guard` are beside each other: neither uses the other.
const FLOORS: [&str; 6] = ["core", "identity", "cluster", "locker", "guard", "maintenance"];

/// What `lib.rs` has for every floor. The rest of it is for other crates, who need not know the floors.
const FOR_ALL: [&str; 5] = ["Backend", "Result", "WeakBackend", "boxed", "Inner"];

/// The only one that puts the floors together, beside `lib.rs`.
const OPENS: &str = "maintenance/opening.rs";

/// The sources by their path below `src`, without their tests, which use what they like.
type Files = BTreeMap<String, String>;

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

fn files() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&folder, &mut paths);
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let program = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        (name, program.to_owned())
    };
    paths.into_iter().map(read).collect()
}

/// The names at the beginning of each path in a list such as `Backend, core::{db, keys}, guard`.
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
    names.iter().map(first).filter(|name| !name.is_empty()).collect()
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn name_at(text: &str) -> String {
    text.chars().take_while(|c| is_of_name(*c)).collect()
}

/// What a text names of the crate's root.
fn named(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for after in text.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(list) => named.extend(first_names(list)),
            None => _ = named.insert(name_at(after)),
        }
    }
    named
}

/// The functions that a floor adds to the backend, in its `mod.rs`.
fn added(text: &str) -> BTreeSet<String> {
    let Some((_, added)) = text.split_once("\nimpl Backend {") else {
        return BTreeSet::new();
    };
    let added = added.split("\n}").next().unwrap_or_default();
    added.split("fn ").skip(1).map(name_at).collect()
}

/// Whether a text calls this function of a backend, which is named `b` or `backend` everywhere.
fn calls(text: &str, function: &str) -> bool {
    let call = format!(".{function}(");
    let called = text.match_indices(&call);
    let mut of = called.filter_map(|(place, _)| text.get(..place)?.rsplit(|c: char| !is_of_name(c)).next());
    of.any(|name| ["b", "backend"].contains(&name))
}

/// What uses something that is neither on its own floor nor below: file and floor.
fn found_above(files: &Files) -> Vec<String> {
    let mut floor_of = BTreeMap::new();
    for floor in FLOORS {
        let text = files.get(&format!("{floor}/mod.rs"));
        let functions = text.map(|text| added(text)).unwrap_or_default();
        floor_of.extend(functions.into_iter().map(|function| (function, floor)));
    }
    let number = |name: &str| FLOORS.iter().position(|floor| *floor == name);
    let mut wrong = Vec::new();
    for (file, text) in files.iter().filter(|(file, _)| *file != "lib.rs" && *file != OPENS) {
        let own = file.split('/').next().unwrap_or_default();
        let Some(own_number) = number(own) else {
            wrong.push(format!("{file} is on no floor"));
            continue;
        };
        let names = named(text);
        let other = names
            .iter()
            .filter(|name| number(name).is_none() && !FOR_ALL.contains(&name.as_str()));
        wrong.extend(other.map(|name| format!("{file} uses `crate::{name}` without its floor")));
        let called = floor_of.iter().filter(|(function, _)| calls(text, function));
        let reached = FLOORS.iter().filter(|floor| text.contains(&format!(".0.{floor}.")));
        let floors: BTreeSet<&str> = names
            .iter()
            .map(String::as_str)
            .chain(called.map(|(_, floor)| *floor))
            .chain(reached.copied())
            .collect();
        for floor in floors {
            let is_beside = (own, floor) == ("guard", "locker");
            if number(floor).is_some_and(|number| number > own_number) || is_beside {
                wrong.push(format!("{file} is on the floor `{own}` and uses `{floor}`"));
            }
        }
    }
    wrong
}

#[test]
fn a_file_uses_only_what_is_on_its_own_floor_or_below() {
    let files = files();
    assert!(files.len() > 100, "{} files", files.len());
    for floor in FLOORS {
        assert!(files.contains_key(&format!("{floor}/mod.rs")), "{floor}");
    }
    let wrong = found_above(&files);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_looks_up_is_found() {
    let wrong = |file: &str, text: &str| {
        let mut files = Files::new();
        for (floor, function) in [("core", "db"), ("identity", "passwords"), ("guard", "hub")] {
            let text = format!("\nimpl Backend {{\n    pub(crate) fn {function}(&self) {{\n    }}\n}}\n");
            files.insert(format!("{floor}/mod.rs"), text);
        }
        files.insert(file.to_owned(), text.to_owned());
        found_above(&files)
    };
    for (file, text) in [
        ("identity/people.rs", "use crate::guard::access;"),
        (
            "identity/people/finding.rs",
            "use crate::{Backend, core::db::{Tx, sql}, guard::{cards, hub}};",
        ),
        ("cluster/nodes/life.rs", "let linked = b.hub().connected_guards();"),
        ("guard/link.rs", "use crate::{Result, locker};"),
        ("core/db/pool.rs", "use crate::identity::Actor;"),
        ("core/db/pool.rs", "b.passwords().verify()"),
        ("core/db/pool.rs", "b.0.guard.flush()"),
        ("guard/link.rs", "use crate::people;"),
        ("new.rs", ""),
    ] {
        assert_eq!(wrong(file, text).len(), 1, "{file}: {text}");
    }
    for (file, text) in [
        (
            "guard/link.rs",
            "use crate::{Backend, cluster::nodes, identity::people};",
        ),
        (
            "identity/people.rs",
            "use crate::identity::{Actor, access, once::{self, Who}};\nuse crate::{Backend, Result};",
        ),
        ("identity/people.rs", "b.db().begin()"),
        ("core/db/reader.rs", "statement.passwords()"),
        ("maintenance/rotation.rs", "use crate::{guard, locker};"),
    ] {
        assert_eq!(wrong(file, text), Vec::<String>::new(), "{file}: {text}");
    }
}
