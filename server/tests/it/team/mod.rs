//! A team at the portal: joined by invitation, governed by roles, proved by a second factor.

mod invitations;
mod mail;
mod roles;
mod rules;
mod second_factor;
mod step_up;

use crate::support::databases::Database;
use server::store::db::{Runs, sql};

/// What the audit says was done, in its order.
async fn audited(db: &Database) -> Vec<String> {
    let statement = sql("SELECT action FROM audit_events ORDER BY seq");
    let rows = (&mut db.store.db()).rows(statement).await.unwrap();
    rows.iter().map(|row| row.text("action").unwrap()).collect()
}

/// How often.
async fn times(db: &Database, action: &str) -> usize {
    let all = audited(db).await;
    all.iter().filter(|one| *one == action).count()
}
