//! `bindgen INPUT.wasm OUT_DIR NAME [--split]`: what the command `wasm-bindgen --target web --no-typescript` does, and nothing else of it. With `--split`,
//! what is reachable only through functions marked with `#[wasm_split]` goes into files of its own first, `split_*.wasm`, which the script loads when such
//! a function is called. The input must then have been linked with `--emit-relocs`.

use anyhow::anyhow;
use std::path::{Path, PathBuf};
use wasm_split_cli_support::{Options, transform};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(input), Some(out_dir), Some(name)) = (arguments.next(), arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: bindgen INPUT.wasm OUT_DIR NAME [--split]");
    };
    let split = match arguments.next().as_deref() {
        None => false,
        Some("--split") => true,
        Some(other) => anyhow::bail!("{other}: not known"),
    };
    let input = match split {
        true => split_off(Path::new(&input), Path::new(&out_dir), &name)?,
        false => PathBuf::from(input),
    };
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(input)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false)
        // The files that were split off use the same memory, stack and table of functions.
        .keep_lld_exports(split)
        .out_name(&name)
        .generate(out_dir)
}

/// Writes the files that are loaded later, and the script that loads them; answers where the rest is.
fn split_off(input: &Path, out_dir: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let bytes = std::fs::read(input)?;
    let main = out_dir.join("main.wasm");
    let script = format!("./{name}.js");
    let mut options = Options::new(&bytes);
    options.output_dir = out_dir;
    options.main_out_path = &main;
    options.main_module = &script;
    transform(options).map_err(|problem| anyhow!("{problem:?}"))?;
    Ok(main)
}
