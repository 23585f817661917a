//! The pages as a browser gets them: through the router, with a port that answers from samples.

mod auditing;
mod browser;
mod custom;
mod endings;
mod finding;
mod forms;
mod pages;
mod quarantine;
mod roles;
mod runs;
mod sample;
mod sample_auditing;
mod sample_ending;
mod sample_finding;
mod sample_keying;
mod sample_scopes;
mod sample_team;
mod sample_telling;
mod scopes;
