//! The providers of an application: what its users can connect.

pub mod addresses;
pub mod custom;
pub mod gallery;
pub mod index;
pub mod new;
pub mod playground;
pub mod practice;
pub mod proof;
pub mod scopes;
pub mod secrets;
pub mod show;
pub mod transcript;
