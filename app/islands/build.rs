//! Turns the locale files into Rust. `leptos_i18n_build` does the same but brings ICU's data exporter (a hundred crates) along,
//! which only plural and date formats would need.

use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};
use std::path::PathBuf;

const NAMESPACES: [&str; 17] = [
    "common",
    "auth",
    "orders",
    "staff",
    "business",
    "kiosk",
    "operator",
    "operator_guards",
    "operator_nodes",
    "operator_settings",
    "owner",
    "owner_guard",
    "owner_grant",
    "owner_records",
    "owner_juniors",
    "owner_account",
    "errors",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=../locales");
    println!("cargo::rerun-if-changed=build.rs");
    let fail = |error: &dyn std::fmt::Display| error.to_string();
    let mut config = Config::new("en")
        .and_then(|config| config.add_locales(["ko", "zh"]))
        .and_then(|config| config.add_namespaces(NAMESPACES))
        .map_err(|error| fail(&error))?;
    config.options = ParseOptions::new().interpolate_display(true);
    let parsed = leptos_i18n_parser::parse_locales::parse_locales(Some(PathBuf::from("..")), config)
        .map_err(|error| fail(&error))?;
    let warnings: Vec<String> = parsed.diag.warnings().iter().map(ToString::to_string).collect();
    if !warnings.is_empty() {
        return Err(format!("the locale files differ: {}", warnings.join("; ")).into());
    }
    let code = leptos_i18n_codegen::gen_code(&parsed, None, false, None, false).map_err(|error| fail(&error))?;
    std::fs::write(
        PathBuf::from(std::env::var("OUT_DIR")?).join("i18n.rs"),
        code.to_string(),
    )?;
    Ok(())
}
