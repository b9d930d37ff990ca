//! What the source of the pages keeps to: only the functions call the backend, and addresses are made from the list of pages.

use islands::addresses::PAGES;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates that make what people see.
const CRATES: [&str; 3] = ["app/islands/src", "app/kiosk/src", "app/pages/src"];
/// Their one folder that calls the backend.
const FUNCTIONS: &str = "app/islands/src/functions/";
/// Outside it: how functions are called, what every request carries, and the files that are fetched instead of pages.
const ALSO_NAME_THE_BACKEND: [&str; 4] = [
    "app/islands/src/act.rs",
    "app/islands/src/context.rs",
    "app/pages/src/lists_csv.rs",
    "app/pages/src/owner/records_csv.rs",
];
/// The list of all pages.
const LIST: &str = "app/islands/src/addresses.rs";

/// Every file of these crates by its path, without comments and tests.
fn sources() -> Vec<(String, String)> {
    let of = |folder: &'static str| {
        let files = sources_of(&format!("../{folder}")).into_iter();
        files.map(move |(name, code)| (format!("{folder}/{name}"), code))
    };
    let sources: Vec<_> = CRATES.into_iter().flat_map(of).collect();
    assert!(sources.len() > 200, "{}", sources.len());
    sources
}

/// Every file in this folder beside the server's own.
fn sources_of(folder: &str) -> Vec<(String, String)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut left = vec![top.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(&top).unwrap().to_str().unwrap().to_owned();
                sources.push((name, code(&fs::read_to_string(&path).unwrap())));
            }
        }
    }
    assert!(sources.len() > 20, "{folder:?}: {}", sources.len());
    sources
}

/// Without comments, and without the tests, which stand last.
fn code(text: &str) -> String {
    let program = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = program.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines
        .map(|line| line.split(" // ").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The lines of `code` that hold any of these texts.
fn holding<'a>(code: &'a str, texts: &[&str]) -> Vec<&'a str> {
    let lines = code.lines().filter(|line| texts.iter().any(|text| line.contains(text)));
    lines.map(str::trim).collect()
}

#[test]
fn only_functions_call_the_backend() {
    let backend = ["backend::", ".backend", "use backend", "backend,", "backend:"];
    for (name, code) in sources() {
        if name.starts_with(FUNCTIONS) || ALSO_NAME_THE_BACKEND.contains(&name.as_str()) {
            continue;
        }
        let found = holding(&code, &backend);
        assert!(
            found.is_empty(),
            "{name} calls the backend; {FUNCTIONS} does: {found:?}"
        );
    }
}

#[test]
fn addresses_of_pages_are_made_from_the_list_of_pages() {
    let begun = PAGES.iter().filter(|page| page.path != "/");
    let texts = begun.flat_map(|page| ["\"", "/", "?"].map(|end| format!("\"{}{end}", page.path)));
    let texts: Vec<String> = texts.collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // `ui/act.rs` is compiled for the browser, which has no list of pages.
    let others = sources()
        .into_iter()
        .filter(|(name, _)| name != LIST && name != "app/islands/src/ui/act.rs");
    for (name, code) in others {
        let found = holding(&code, &texts);
        assert!(found.is_empty(), "{name}: use addresses::at: {found:?}");
    }
}

#[test]
fn parts_of_addresses_are_read_by_the_list_of_pages() {
    for (name, code) in sources().iter().filter(|(name, _)| name != LIST) {
        let found = holding(code, &["split('/')", "use_params_map", "use_params("]);
        assert!(found.is_empty(), "{name}: use addresses::named: {found:?}");
    }
}

#[test]
fn a_call_of_the_backend_is_found_wherever_it_stands() {
    let broken = "//! backend::x\nuse backend::people;\nlet b = &request.backend;\n\"/staff/scan\"\n#[cfg(test)]\nmod tests { backend::y }";
    let left = code(broken);
    assert_eq!(holding(&left, &["backend::", ".backend"]).len(), 2);
    assert_eq!(holding(&left, &["\"/staff"]), ["\"/staff/scan\""]);
}

/// A plain `async fn` is compiled in every crate that awaits it, and in each of the parts that the compiler makes of that crate.
#[test]
fn use_cases_are_compiled_once() {
    for (name, code) in sources_of("backend/src") {
        let lines: Vec<&str> = code.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            if !line.trim_start().starts_with("pub async fn ") {
                continue;
            }
            let head = lines[index..].join(" ");
            let head = head.split('{').next().unwrap_or_default();
            // What is generic is compiled for each of its uses; and the macro cannot name the lifetime of a borrow within a type.
            let cannot = head.contains("impl ") || head.contains("fn run<") || head.contains("<'_>");
            let is_boxed = lines[index - 1].trim() == "#[crate::boxed]";
            assert!(
                is_boxed || cannot,
                "server/backend/src/{name} needs #[crate::boxed]: {line}"
            );
        }
    }
}
