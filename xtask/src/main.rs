//! Assets.
fn main() {}
