//! Here so that the build-dependencies are part of every build.

fn main() {}
