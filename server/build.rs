//! Makes a change of the built site rebuild the binary that carries it.

fn main() {
    println!("cargo::rerun-if-changed=../target/site");
    println!("cargo::rerun-if-changed=../target/site/pkg");
}
