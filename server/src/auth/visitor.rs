//! Where a request comes from, as far as signing in cares.

use super::browser_words;
use super::device::Device;
use crate::http::ClientIp;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use std::net::{IpAddr, Ipv4Addr};

/// The other end of a request.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Address, seen through trusted proxies only.
    pub address: IpAddr,
    /// "Firefox on Linux".
    pub browser: String,
    /// Whether it was here before, and what it keeps.
    pub(super) device: Device,
}

impl Visitor {
    /// Of a request.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let user_agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok());
        // without an address every visitor is the same one, which throttles too much, never too little
        let address = parts
            .extensions
            .get()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ClientIp(address)| {
                *address
            });
        Self {
            address,
            browser: browser_words(user_agent.unwrap_or_default()),
            device: parts.extensions.get().cloned().unwrap_or_default(),
        }
    }
}
