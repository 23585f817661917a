//! Connections that come from elsewhere, and that leave.
//!
//! ```text
//! row.rs      one connection as it travels: its fields
//! check.rs    whether it can come in, and every field that is wrong with it
//! import.rs   bringing rows in, a few at a time
//! nango.rs    what another vault calls the same things
//! reading.rs  a file of rows, plain or sealed
//! leave.rs    all connections of an application, sealed to the keys of whoever takes them
//! ```
//!
//! Whether it is tried out or meant, an import runs the same code. A row that came before is known
//! again, so whatever broke off is simply started once more.

mod check;
mod import;
mod leave;
mod nango;
mod reading;
mod row;

pub use check::Problem;
pub use import::{BATCH, Brought, Counts, How, Importing, Outcome};
pub use leave::{LeaveError, Leaving, recipients};
pub use nango::Names;
pub use reading::{ReadError, Rows};
pub use row::Row;

use serde::Deserialize;

/// In whose words rows are written.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Ours.
    #[default]
    Grantport,
    /// Nango's: what its `GET /connections/{id}` answers.
    Nango,
}

impl Format {
    /// The row in `value`, or what is wrong with it. `names` says which provider of ours stands for
    /// which of theirs.
    pub fn row(self, value: serde_json::Value, names: &Names) -> Result<Row, Vec<Problem>> {
        match self {
            Self::Grantport => crate::json::read_value(value).map_err(|it| vec![it.into()]),
            Self::Nango => nango::row(value, names),
        }
    }
}
