//! Grantport.
fn main() {}
