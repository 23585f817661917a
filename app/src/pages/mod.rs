//! The pages, one file each. What they ask for is the port's; what they say is in
//! [`crate::words`]; what they are made of is in [`crate::components`].

pub mod account;
pub mod applications;
pub mod audit;
pub mod confirm;
pub mod connections;
mod gate;
pub mod invitation;
pub mod keys;
pub mod members;
pub mod new_application;
pub mod not_found;
pub mod overview;
pub mod providers;
pub mod second_factor;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod sign_in_factor;
mod visit;
pub mod webhooks;
