//! `migrations/README.md`: every migration is listed, with what it means for nodes of the version before.

use crate::{files, rows, text};

#[test]
fn every_migration_is_in_the_list() {
    let listed: Vec<_> = rows(&text("migrations/README.md"))
        .into_iter()
        .map(|row| row[0].replace('`', ""))
        .collect();
    let all: Vec<_> = files("migrations", &[".sql"])
        .iter()
        .filter_map(|path| path.strip_prefix("migrations/"))
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, all);
}

/// What a node of the version before still uses is not taken away: see the policy.
#[test]
fn a_migration_that_takes_something_away_says_that_nodes_must_be_stopped() {
    let list = text("migrations/README.md");
    for path in files("migrations", &[".sql"]) {
        let sql: String = text(&path)
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"))
            .collect::<Vec<_>>()
            .join("\n");
        let takes_away = ["DROP TABLE", "DROP COLUMN", "RENAME COLUMN", "RENAME TO"]
            .iter()
            .any(|word| sql.contains(word));
        let name = path.trim_start_matches("migrations/");
        let row = list
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}`")))
            .unwrap_or_default();
        assert!(!takes_away || row.contains("**stop**"), "{name}: {row}");
    }
}
