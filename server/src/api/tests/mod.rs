//! The API as a backend sees it: requests through the router, answers as they leave.

mod connect_sessions;
mod connections;
mod problems;
mod support;
mod tokens;
