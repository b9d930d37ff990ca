//! The maps: paths that documents name exist, and every setting has its row.

use crate::{documents, quoted, root, rows, text};

/// A path in backticks that begins with a folder of the repository.
fn is_path(quote: &str) -> bool {
    let folders = [
        "app/",
        "server/",
        "frontend/",
        "migrations/",
        "scripts/",
        "end2end/",
        "style/",
        "docs/",
        ".ci/",
    ];
    folders.iter().any(|folder| quote.starts_with(folder)) && !quote.contains([' ', '*', '{', '…', ':', '<', '$'])
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut checked = 0;
    // What commands make is not in a fresh clone.
    let ignored = text(".gitignore");
    let made = |path: &str| {
        ignored
            .lines()
            .filter_map(|line| line.strip_prefix('/'))
            .any(|made| path.starts_with(made))
    };
    for document in documents() {
        // It tells what was, with the names of then.
        if document.starts_with("docs/spec/") {
            continue;
        }
        for quote in quoted(&text(&document))
            .iter()
            .filter(|quote| is_path(quote) && !made(quote))
        {
            assert!(
                root().join(quote).exists(),
                "{document} names {quote}, which does not exist"
            );
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} paths");
}

/// A reader who does not know the project finds the file of a noun, page, message or setting: the answers are right.
#[test]
fn where_is_it_answers_twenty_questions_with_paths() {
    let map = text("docs/contribute/where.md");
    let answered: Vec<_> = rows(&map).into_iter().filter(|row| row.len() == 2).collect();
    assert!(answered.len() >= 20, "only {} questions", answered.len());
    for row in &answered {
        let paths: Vec<_> = quoted(&row[1]).into_iter().filter(|quote| is_path(quote)).collect();
        assert!(!paths.is_empty(), "{row:?} names no path");
    }
}

/// The settings of `serve`, as the command line declares them.
fn settings() -> Vec<String> {
    let mut settings = Vec::new();
    for file in ["server/src/config.rs", "server/src/cli/mod.rs"] {
        let text = text(file);
        for rest in crate::after(&text, "env = \"LATCHKEY_") {
            settings.push(format!("LATCHKEY_{}", rest.split('"').next().unwrap()));
        }
    }
    settings.sort();
    settings.dedup();
    settings
}

#[test]
fn every_setting_is_in_the_reference() {
    let reference = text("docs/operate/settings.md");
    let settings = settings();
    assert!(settings.len() > 20, "only {} settings", settings.len());
    for setting in settings {
        let flag = format!("--{}", setting["LATCHKEY_".len()..].to_lowercase().replace('_', "-"));
        let row = reference.lines().find(|line| line.starts_with(&format!("| `{flag}")));
        let row = row.unwrap_or_else(|| panic!("docs/operate/settings.md has no row for {flag}"));
        assert!(row.contains(&format!("`{setting}`")), "{row} must name {setting}");
    }
}
