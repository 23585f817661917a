//! Members and visitors as a browser meets them: requests through all layers, a real database.

mod guessing;
mod joining;
mod lasting;
mod support;
