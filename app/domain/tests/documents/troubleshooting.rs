//! `docs/operate/troubleshooting.md` quotes what the program really says.

use crate::{files, rows, text};

/// One line of text: breaks and what continues a string over lines are single spaces.
fn on_one_line(text: &str) -> String {
    let joined = text.replace("\\\n", " ").replace("\\\"", "\"");
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_quoted_error_is_one_of_the_program() {
    let mut said = files("app/locales/en", &[".json"]);
    said.extend(files("server", &[".rs"]));
    let said: String = said.iter().map(|path| on_one_line(&text(path))).collect();
    let mut checked = 0;
    for row in rows(&text("docs/operate/troubleshooting.md")) {
        assert_eq!(row.len(), 3, "{row:?}: symptom, cause, what to do");
        for quote in row[0].split('"').skip(1).step_by(2) {
            assert!(said.contains(quote), "the program never says {quote:?}");
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} errors");
}
