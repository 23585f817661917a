//! Webhooks: endpoints, a new one, and one with what was delivered to it.

pub mod deliveries;
pub mod fields;
pub mod index;
pub mod new;
pub mod show;
