//! `bindgen INPUT.wasm OUT_DIR NAME`: what the command `wasm-bindgen --target web --no-typescript` does, and nothing else of it.

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(input), Some(out_dir), Some(name)) = (arguments.next(), arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: bindgen INPUT.wasm OUT_DIR NAME");
    };
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(input)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false)
        .out_name(&name)
        .generate(out_dir)
}
