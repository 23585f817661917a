//! Fresh tokens: what a backend gets while the provider does everything that providers do.

mod ahead;
mod failures;
mod narrowing;
mod once;
mod outages;
mod races;
mod recovery;
mod rotation;
mod shapes;
