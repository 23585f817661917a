//! Pages of a list, by keyset.

use serde::{Deserialize, Serialize};

/// One page of a list, in the list's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Opaque cursor of the next page, if there is one.
    pub next: Option<String>,
    /// Opaque cursor of the previous page, if there is one.
    pub previous: Option<String>,
}
