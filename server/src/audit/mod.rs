//! The audit outside of the database: what exactly a hash of its chain covers, the file that holds its
//! heads where no one who can write to the database can write, and how it leaves as a file.
//!
//! Events are written by `store/audit.rs`, in the transaction of the change they tell of. A job seals
//! them a moment later (`store/audit_chain.rs`), so that no change waits for another's event, and
//! `store/audit_check.rs` finds the first row that is not as it was sealed.

pub mod chain;
pub mod export;
pub mod heads;
