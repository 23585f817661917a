//! Limits on guessing (R36): ten tries in a quarter of an hour per client address and per account.
//!
//! Whoever goes on waits a quarter of an hour, then twice as long, up to an hour. The limit is on
//! signing in alone: no stranger's guesses end or hinder a session that is there already, and a
//! browser that was signed in to the account before has a count of its own ([`super::device`]).
//! Tries are counted before they are looked at, and given back when they were right.

use super::{Visitor, store_failure};
use crate::http::subscriber;
use crate::store::{Allowance, Store, fold_email};
use crate::vault::TokenHash;
use app::wire::PortalError;
use std::time::Duration;

/// For each subject.
pub(super) const ALLOWANCE: Allowance = Allowance {
    tries: 10,
    window: Duration::from_mins(15),
    longest_block: Duration::from_hours(1),
};

/// A try that was counted.
pub struct Throttle<'a> {
    store: &'a Store,
    address: TokenHash,
    account: TokenHash,
}

impl<'a> Throttle<'a> {
    /// Counts a try on an account from an address, or says how long to wait.
    pub async fn take(
        store: &'a Store,
        visitor: &Visitor,
        email: &str,
    ) -> Result<Self, PortalError> {
        let known = visitor.device.known_to(store, email).await?;
        let browser = known.map_or_else(String::new, |number| format!(" from {number}"));
        let throttle = Self {
            store,
            address: TokenHash::of(&format!("address {}", subscriber(visitor.address))),
            account: TokenHash::of(&format!("account {}{browser}", fold_email(email))),
        };
        throttle.count(&throttle.address).await?;
        throttle.count(&throttle.account).await?;
        Ok(throttle)
    }

    /// The try was right.
    pub async fn give_back(self) -> Result<(), PortalError> {
        let result = self.store.return_try(&self.address).await;
        result.map_err(|error| store_failure(&error))?;
        let result = self.store.forget_tries(&self.account).await;
        result.map_err(|error| store_failure(&error))
    }

    async fn count(&self, subject: &TokenHash) -> Result<(), PortalError> {
        let taken = self.store.take_try(subject, &ALLOWANCE).await;
        taken.map_err(|error| store_failure(&error))?.map_err(wait)
    }
}

/// How a page is told to wait.
pub(super) fn wait(wait: Duration) -> PortalError {
    let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX);
    PortalError::TooManyAttempts {
        retry_after_s: seconds.saturating_add(1),
    }
}
