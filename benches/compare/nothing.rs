//! The least that a Rust program can take.
fn main() {}
