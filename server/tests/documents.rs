//! What the documents refer to exists.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What stands between backticks in a document.
fn quoted(document: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Each promise names the test that holds it, as `file::test`, for a browser test as `file.spec.ts: title`.
#[test]
fn every_test_that_holds_a_promise_exists() {
    let mut found = 0;
    for quote in quoted("docs/SECURITY.md") {
        let (path, declared) = if let Some((file, name)) = quote.split_once(".rs::") {
            (format!("{file}.rs"), format!("fn {name}("))
        } else if let Some((file, title)) = quote.split_once(".spec.ts: ") {
            (format!("{file}.spec.ts"), format!("\"{title}\""))
        } else {
            continue;
        };
        let source = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{quote}: {error}"));
        assert!(source.contains(&declared), "{quote} does not exist");
        found += 1;
    }
    assert!(found > 30, "only {found} promises name a test");
}

#[test]
fn every_document_that_another_one_links_to_exists() {
    let mut documents = vec![root().join("README.md")];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "md") {
            documents.push(path);
        }
    }
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || target.contains("://") {
                continue;
            }
            let path = document.parent().unwrap().join(file);
            assert!(
                path.exists(),
                "{} links to {target}, which does not exist",
                document.display()
            );
        }
    }
}
