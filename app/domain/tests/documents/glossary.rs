//! `docs/GLOSSARY.md`: types and tables that it names exist.

use crate::{files, quoted, rows, text};

/// Whether a line outside of comments has this word.
fn has_word(source: &str, word: &str) -> bool {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.any(|found| found == word)
}

#[test]
fn every_type_of_the_glossary_is_in_its_file() {
    let mut checked = 0;
    for row in rows(&text("docs/GLOSSARY.md")).iter().filter(|row| row.len() == 5) {
        let (kinds, paths) = (quoted(&row[2]), quoted(&row[3]));
        assert_eq!(kinds.len(), paths.len(), "{row:?}: a type and its file");
        for (kind, path) in kinds.iter().zip(&paths) {
            assert!(has_word(&text(path), kind), "{path} has no {kind}");
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked} types");
}

#[test]
fn every_table_of_the_glossary_exists() {
    let migrations: String = files("migrations", &[".sql"]).iter().map(|path| text(path)).collect();
    let mut checked = 0;
    for row in rows(&text("docs/GLOSSARY.md")).iter().filter(|row| row.len() == 5) {
        for table in quoted(&row[4]) {
            assert!(
                migrations.contains(&format!("CREATE TABLE {table} (")),
                "there is no table {table}"
            );
            let dropped = migrations.contains(&format!("DROP TABLE {table};"));
            let renamed = migrations.contains(&format!("RENAME TO {table};"));
            assert!(!dropped || renamed, "the table {table} was dropped");
            checked += 1;
        }
    }
    assert!(checked > 30, "only {checked} tables");
}
