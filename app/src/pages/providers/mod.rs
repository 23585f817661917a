//! The providers of an application: what its users can connect.

pub mod gallery;
pub mod index;
pub mod new;
mod practice;
mod secrets;
pub mod show;
