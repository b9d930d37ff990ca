//! The book: every document is in its table of contents, and every link between documents leads somewhere.

use crate::{after, documents, files, root, text};
use std::collections::BTreeSet;
use std::path::Path;

/// The links of a document, outside of blocks of code: what stands in `[words](target)`.
fn targets(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for (number, part) in text.split("```").enumerate() {
        if number % 2 == 0 {
            targets.extend(
                after(part, "](")
                    .filter_map(|rest| rest.split(')').next())
                    .map(str::to_owned),
            );
        }
    }
    targets.retain(|target| !target.contains("://") && !target.starts_with("mailto:"));
    targets
}

/// What a heading is called in an address, as mdBook and GitHub do it.
fn slug(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Every place inside a document that a link can name.
fn places(text: &str) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    let mut code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            code = !code;
        }
        let heading = line.trim_start_matches('#');
        if !code && line.starts_with('#') && heading.starts_with(' ') {
            places.insert(slug(heading));
        }
    }
    places.extend(
        after(text, "<a id=\"")
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned),
    );
    places
}

#[test]
fn every_link_leads_to_a_file_and_to_a_heading_that_exist() {
    let mut checked = 0;
    for document in documents() {
        let own = text(&document);
        let folder = Path::new(&document).parent().unwrap();
        for target in targets(&own) {
            let (file, place) = target.split_once('#').unwrap_or((&target, ""));
            let path = if file.is_empty() {
                root().join(&document)
            } else {
                root().join(folder).join(file)
            };
            assert!(path.exists(), "{document} links to {target}, which does not exist");
            if !place.is_empty() {
                let there = std::fs::read_to_string(&path).unwrap();
                assert!(
                    places(&there).contains(place),
                    "{document} links to {target}: no such heading"
                );
            }
            checked += 1;
        }
    }
    assert!(checked > 60, "only {checked} links");
}

#[test]
fn every_document_is_in_the_table_of_contents_once() {
    let mut listed = targets(&text("docs/SUMMARY.md"));
    listed.sort();
    let all: Vec<_> = files("docs", &[".md"])
        .iter()
        .filter_map(|path| path.strip_prefix("docs/"))
        .filter(|path| *path != "SUMMARY.md")
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, all);
}

#[test]
fn every_picture_is_shown_and_small() {
    let shown: String = documents().iter().map(|path| text(path)).collect();
    for picture in files("docs", &[".png"]) {
        let name = Path::new(&picture).file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            shown.contains(&format!("pictures/{name})")),
            "no document shows {picture}"
        );
        let bytes = std::fs::metadata(root().join(&picture)).unwrap().len();
        assert!(bytes <= 100_000, "{picture} has {bytes} bytes");
    }
}
