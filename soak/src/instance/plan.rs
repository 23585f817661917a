//! What an instance is made of.

use super::Line;
use cluster::Kept;

/// Which database is below, and where.
#[derive(Clone, Copy)]
pub(crate) enum Below<'a> {
    /// A file.
    Sqlite,
    /// A file on a disk of its own, which has so many MiB and can be filled.
    SmallDisk(u32),
    /// A new database in this PostgreSQL.
    Postgres(&'a Kept),
    /// The same, reached over a line that can break.
    Line(&'a Kept, &'a Line),
}

/// All of it.
pub(crate) struct Plan<'a> {
    pub(crate) below: Below<'a>,
    pub(crate) processes: usize,
    /// How many providers, each with a host of its own for its token endpoint.
    pub(crate) providers: usize,
    /// Whether the processes renew tokens ahead of time. Where scenarios want tokens to be due when
    /// somebody asks, they do not.
    pub(crate) ahead: bool,
    /// More lines for the table `[refresh]` of the definitions.
    pub(crate) refresh: &'static str,
}

impl<'a> Plan<'a> {
    /// One process, one provider, nothing ahead of time.
    pub(crate) fn on(below: Below<'a>) -> Self {
        Self {
            below,
            processes: 1,
            providers: 1,
            ahead: false,
            refresh: "",
        }
    }
}
