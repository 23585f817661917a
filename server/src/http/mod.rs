//! What every request passes through, and what every page loads.

pub mod assets;
