//! Becoming a member by the link of an invitation (R46).
//!
//! The link's token has 256 bits and works once, for 72 hours, for the e-mail and the role that the
//! invitation names; whoever follows it only adds a name and a password. A link that was used, has
//! ended, was revoked or is made up has one answer.

use super::{MemberFields, PortalSession, Visitor, check_member, store_failure};
use crate::domain::{Member, random_base62};
use crate::state::AppState;
use crate::store::StoreError;
use crate::vault::{Secret, TokenHash};
use app::wire::{PortalError, SecretInput};

/// 62^43 is more than 2^256.
const CHARACTERS: usize = 43;

/// A token for a link.
#[must_use]
pub fn new_invitation_token() -> Secret<String> {
    Secret::new(random_base62(CHARACTERS))
}

/// As the database knows it.
#[must_use]
pub fn invitation_token_hash(token: &Secret<String>) -> TokenHash {
    TokenHash::of(&format!("invitation {}", token.expose()))
}

/// Makes the member whom an invitation is for, and signs them in.
pub async fn join(
    state: &AppState,
    session: &PortalSession,
    visitor: &Visitor,
    token: &Secret<String>,
    name: &str,
    password: SecretInput,
) -> Result<Member, PortalError> {
    let failed = |error: StoreError| store_failure(&error);
    let password = Secret::new(password.into_inner());
    let token = invitation_token_hash(token);
    // before anything costly is done for someone who does not have it
    let invitation = state.store.invitation_with(&token).await.map_err(failed)?;
    let invitation = invitation.ok_or(PortalError::InvitationOver)?;
    check_member(MemberFields {
        organization: None,
        name,
        email: &invitation.email,
        password: password.expose(),
    })?;
    let password = state.passwords.hash(password).await?;
    let joined = state.store.join(&token, name.trim().to_owned(), password);
    let member = joined.await.map_err(failed)?;
    let member = member.ok_or(PortalError::InvitationOver)?;
    visitor.device.remember(&state.store, &member);
    session.begin(&member, visitor).await?;
    Ok(member)
}
