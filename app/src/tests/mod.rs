//! The pages as a browser gets them: through the router, with a port that answers from samples.

mod browser;
mod custom;
mod forms;
mod pages;
mod quarantine;
mod roles;
mod runs;
mod sample;
mod sample_scopes;
mod scopes;
