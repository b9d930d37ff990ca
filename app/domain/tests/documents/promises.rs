//! `docs/SECURITY.md`: each promise names the test that holds it.

use crate::{quoted, root, text};

/// As `file::test`, for a browser test as `file.spec.ts: title`.
#[test]
fn every_test_that_holds_a_promise_exists() {
    let mut found = 0;
    for quote in quoted(&text("docs/SECURITY.md")) {
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
