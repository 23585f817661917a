//! Proving once more who one is, before what could do much harm (R43).
//!
//! A session whose member showed password and second factor within the last ten minutes is let
//! through; any other one is led to a page that asks for both. What the member was about to do has
//! not begun then.

use super::sign_in::{LONGEST_PASSWORD, note, recognise};
use super::{PortalSession, Throttle, Visitor, second_factor, store_failure};
use crate::domain::{AuditAction, Member};
use crate::state::AppState;
use crate::vault::Secret;
use app::wire::{Field, PortalError, Problem, SecretInput};

/// What a member shows.
#[derive(Debug)]
pub struct Proof {
    password: Secret<String>,
    code: Secret<String>,
}

impl Proof {
    /// As it was typed. The code is looked at only where the member has a second factor.
    #[must_use]
    pub fn typed(password: SecretInput, code: SecretInput) -> Self {
        Self {
            password: Secret::new(password.into_inner()),
            code: Secret::new(code.into_inner()),
        }
    }
}

/// Looks at a proof of the member who is signed in, and goes on under a new session id.
pub async fn confirm(
    state: &AppState,
    session: &PortalSession,
    visitor: &Visitor,
    proof: Proof,
) -> Result<(), PortalError> {
    let member = session.member().await?;
    prove(state, visitor, &member, proof).await?;
    note(&member, AuditAction::MemberConfirmed, state, visitor).await?;
    session.renew_proved().await
}

/// Whether it is really `member`: password, and the second factor where there is one. Failures are
/// counted as those at sign-in are, and written to the audit.
pub async fn prove(
    state: &AppState,
    visitor: &Visitor,
    member: &Member,
    proof: Proof,
) -> Result<(), PortalError> {
    if proof.password.expose().len() > LONGEST_PASSWORD {
        return Err(PortalError::field(Field::CurrentPassword, Problem::Wrong));
    }
    let throttle = Throttle::take(&state.store, visitor, &member.email).await?;
    let (_, right) = recognise(state, &member.email, proof.password).await?;
    if !right {
        note(member, AuditAction::ConfirmationFailed, state, visitor).await?;
        return Err(PortalError::field(Field::CurrentPassword, Problem::Wrong));
    }
    let factor = state.store.second_factor(member).await;
    let factor = factor.map_err(|error| store_failure(&error))?;
    if let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some())
        && !second_factor::check(&state.store, member, &factor, &proof.code).await?
    {
        note(member, AuditAction::ConfirmationFailed, state, visitor).await?;
        return Err(PortalError::field(Field::Code, Problem::Wrong));
    }
    throttle.give_back().await
}
