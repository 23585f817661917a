//! Handing a team's connection over.

use serde::{Deserialize, Serialize};

/// Whoever is to have a team's connection in care, as a form holds them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextInCare {
    /// The application's id for the person.
    pub id: String,
    /// Their name, or empty.
    pub name: String,
    /// Their e-mail, or empty.
    pub email: String,
}
