//! Webhooks: what happens to connections is told to the endpoints of their application.
//!
//! An event is written in the transaction of the change (`store/events.rs`), gets its place in the
//! application's log and a delivery for each endpoint that wants it (`store/event_log.rs`), and is sent
//! from here until the endpoint takes it or the schedule is over. Every node does so; which of them has a
//! delivery in hand is the database's to say (`store/deliveries.rs`).
//!
//! ```text
//! address.rs    where to, checked when it is saved
//! signature.rs  what an endpoint can verify: Standard Webhooks, one signature per secret
//! schedule.rs   when it is tried again
//! sending.rs    one attempt, through the server's one way out
//! courier.rs    who is sent to now, and how many at a time
//! ```

mod address;
mod courier;
mod schedule;
mod sending;
mod signature;

pub use address::{WrongAddress, vet_address};
pub use courier::Courier;
