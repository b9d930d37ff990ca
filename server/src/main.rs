//! The binary `latchkey`. Everything is in the library, so that nothing of it is compiled once more here.

use std::process::ExitCode;

/// A page is many small allocations on several threads; this allocator is made for that and gives memory back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::main()
}
