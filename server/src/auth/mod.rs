//! Who is asking: members of the portal, their passwords and their sessions.
//!
//! A visitor becomes a member in one of three ways: [`set_up`], once in the life of an installation,
//! with the token that the server printed; [`join`], with the link of an invitation; and [`sign_in`],
//! with e-mail and password and, where the member has one, the second factor ([`show_factor`]). Each
//! ends in a session under a new id ([`PortalSession::begin`]). From then on each request asks the database
//! who the session belongs to ([`PortalSession::member`]), so a member who was disabled or whose
//! role was changed is so at once, on every node (R41).

mod browser;
mod confirm;
mod device;
mod fields;
mod join;
mod password;
pub mod second_factor;
mod session;
mod session_cookie;
mod set_up;
mod sign_in;
mod throttle;
mod visitor;

pub use browser::browser_words;
pub use confirm::{Proof, confirm, prove};
pub use fields::{MemberFields, check_email, check_member};
pub use join::{invitation_token_hash, join, new_invitation_token};
pub use password::{Hashed, Passwords, password_problem};
pub use session::{PortalSession, SessionTable, session_ends_at};
pub use session_cookie::{cookie_name, session_layers};
pub use set_up::{SETUP_TOKEN_LIFE, issue_setup_token, set_up, setup_token_hash};
pub use sign_in::{change_password, show_factor, sign_in, sign_out};
pub use throttle::Throttle;
pub use visitor::Visitor;

use crate::store::StoreError;
use app::wire::PortalError;

/// What a page is told when the database did not do what was asked. The detail goes to the log.
#[must_use]
pub fn store_failure(error: &StoreError) -> PortalError {
    match error {
        StoreError::Conflict => PortalError::Changed,
        StoreError::Unavailable(_) => {
            tracing::warn!(%error, "the database is not available");
            PortalError::Unavailable
        }
        _ => {
            tracing::error!(%error, "the database failed");
            PortalError::Internal
        }
    }
}

#[cfg(test)]
mod tests;
