//! Where a page of a list begins.

use crate::domain::{Connection, ConnectionId};

/// Where a page begins: after or before a row, in the order (`created_at`, `id`).
pub(super) struct Cursor {
    pub(super) backwards: bool,
    pub(super) created_at: i64,
    pub(super) id: String,
}

impl Cursor {
    pub(super) fn after(row: &Connection) -> Self {
        Self {
            backwards: false,
            created_at: row.created_at.millis(),
            id: row.id.to_string(),
        }
    }

    pub(super) fn before(row: &Connection) -> Self {
        Self {
            backwards: true,
            created_at: row.created_at.millis(),
            id: row.id.to_string(),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let backwards = match parts.next()? {
            "a" => false,
            "b" => true,
            _ => return None,
        };
        let created_at = parts.next()?.parse().ok()?;
        let id: ConnectionId = parts.next()?.parse().ok()?;
        Some(Self {
            backwards,
            created_at,
            id: id.to_string(),
        })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}.{}.{}",
            if self.backwards { "b" } else { "a" },
            self.created_at,
            self.id
        )
    }
}
