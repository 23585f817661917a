//! Fresh tokens: what a backend gets while the provider does everything that providers do.

mod failures;
mod narrowing;
mod once;
mod races;
mod rotation;
mod shapes;
