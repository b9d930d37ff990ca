//! What code and documents cite of the specification and of the source documents is there, at an anchor.

use crate::{after, files, text};

const SOURCES: [&str; 8] = [".rs", ".ts", ".sql", ".md", ".sh", ".js", ".css", ".txt"];

/// The anchors of a document: `<a id="spec-4.2"></a>`.
fn anchors(path: &str) -> Vec<String> {
    let text = text(path);
    let ids = after(&text, "<a id=\"").filter_map(|rest| rest.split('"').next());
    ids.map(str::to_owned).collect()
}

/// Every citation of a kind: the file, and what follows the word.
fn cited(word: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in files(".", &SOURCES) {
        if file.starts_with("docs/spec/") || file.ends_with("documents/citations.rs") {
            continue;
        }
        let text = text(&file);
        for rest in after(&text, word) {
            let rest: String = rest.chars().take(40).collect();
            found.push((file.clone(), rest));
        }
    }
    found
}

/// The first number of a text, with its parts: `4.2` of `4.2, and`.
fn number(text: &str) -> String {
    let number: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    number.trim_end_matches('.').to_owned()
}

#[test]
fn every_cited_chapter_of_the_specification_exists() {
    let anchors = anchors("docs/spec/SPEC.md");
    let mut checked = 0;
    for (file, rest) in cited("SPEC ") {
        let chapter = number(&rest);
        // "SPEC 4.1 to 4.3" names the chapters between as well.
        let until = rest.strip_prefix(&format!("{chapter} to ")).map(number);
        for chapter in [Some(chapter), until].into_iter().flatten() {
            if chapter.is_empty() {
                continue;
            }
            assert!(
                anchors.contains(&format!("spec-{chapter}")),
                "{file} cites SPEC {chapter}"
            );
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} citations");
}

#[test]
fn every_cited_message_of_the_guards_source_exists() {
    let anchors = anchors("docs/spec/guard-seed.zh.md");
    let messages: Vec<_> = (1..=26).map(|sign| format!("sign-{sign}")).collect();
    assert_eq!(anchors, messages);
    let mut checked = 0;
    for word in ["guard-seed, sign ", "guard-seed, signs "] {
        for (file, rest) in cited(word) {
            let first = number(&rest);
            let more = [" and ", " to "].map(|joint| rest.strip_prefix(&format!("{first}{joint}")).map(number));
            for sign in std::iter::once(first).chain(more.into_iter().flatten()) {
                assert!(anchors.contains(&format!("sign-{sign}")), "{file} cites sign {sign}");
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "only {checked} citations");
}

#[test]
fn every_cited_place_of_the_lockers_source_exists() {
    let anchors = anchors("docs/spec/locker-seed.ko.md");
    let mut checked = 0;
    for (file, rest) in cited("locker-seed ") {
        let places = rest.split([')', ';']).next().unwrap_or_default();
        for place in places
            .split(", ")
            .filter(|place| place.starts_with(|c: char| c.is_ascii_digit()))
        {
            assert!(anchors.contains(&format!("locker-{place}")), "{file} cites {place}");
            checked += 1;
        }
    }
    assert!(checked >= 4, "only {checked} citations");
}
