//! The conformance suite of the database room: every promise, on SQLite and on PostgreSQL.

mod activity;
mod auditing;
mod bulk;
mod clocks;
mod finding;
mod finishing;
mod flows;
mod full_disk;
mod history;
mod lists;
mod opening;
mod people;
mod playgrounds;
mod quarantine;
mod refreshing;
mod revoking;
mod rotation;
mod schema;
mod sealing;
mod sessions;
mod settings;
mod silence;
mod stopping;
mod undoing;
mod vitals;
