//! Connections: who connected what, whether it works, who has to act, and how one is ended.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a component owns its properties"
)]

pub mod bulk;
pub mod bulk_run;
pub mod filters;
pub mod in_care;
pub mod index;
pub mod marks;
pub mod receipt;
pub mod reduce;
pub mod revoke;
pub mod show;
