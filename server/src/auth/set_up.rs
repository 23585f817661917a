//! The first member of an installation (R32).
//!
//! There is no default account. A server without members prints a one-time token of 256 bits, of
//! which only the hash is stored; whoever can read the server's output can make the owner, within
//! an hour and once.

use super::{MemberFields, PortalSession, Visitor, check_member, store_failure};
use crate::domain::{Member, random_base62};
use crate::state::AppState;
use crate::store::{NewMember, SetUpOutcome, Store, StoreError};
use crate::vault::{Secret, TokenHash};
use app::wire::{PortalError, Role, SetUp};
use std::time::Duration;

/// How long a set-up token works.
pub const SETUP_TOKEN_LIFE: Duration = Duration::from_hours(1);
/// 62^44 is more than 2^256.
const CHARACTERS: usize = 44;

/// Makes a set-up token that replaces the one before; `None` once there is a member.
pub async fn issue_setup_token(store: &Store) -> Result<Option<Secret<String>>, StoreError> {
    if store.has_members().await? {
        return Ok(None);
    }
    let plain = Secret::new(random_base62(CHARACTERS));
    let expires_at = store.now() + SETUP_TOKEN_LIFE;
    store
        .set_setup_token(&TokenHash::of(plain.expose()), expires_at)
        .await?;
    Ok(Some(Secret::new(in_groups(plain.expose()))))
}

/// Four characters at a time, to be read and compared by people.
fn in_groups(token: &str) -> String {
    let mut grouped = String::with_capacity(token.len() + token.len() / 4);
    for (index, character) in token.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            grouped.push('-');
        }
        grouped.push(character);
    }
    grouped
}

/// The hash of a token as it was typed: with or without its hyphens, or with spaces around.
#[must_use]
pub fn setup_token_hash(typed: &str) -> TokenHash {
    let plain: Secret<String> =
        Secret::new(typed.chars().filter(char::is_ascii_alphanumeric).collect());
    TokenHash::of(plain.expose())
}

/// Makes the organization and its owner, and signs the owner in.
pub async fn set_up(
    state: &AppState,
    session: &PortalSession,
    visitor: &Visitor,
    form: SetUp,
) -> Result<Member, PortalError> {
    let token = setup_token_hash(Secret::new(form.token.into_inner()).expose());
    let password = Secret::new(form.password.into_inner());
    let failed = |error: StoreError| store_failure(&error);
    if state.store.has_members().await.map_err(failed)? {
        return Err(PortalError::AlreadySetUp);
    }
    // before anything costly is done for someone who does not have it
    if !state.store.setup_token_fits(&token).await.map_err(failed)? {
        return Err(PortalError::WrongSetupToken);
    }
    check_member(MemberFields {
        organization: Some(&form.organization),
        name: &form.name,
        email: &form.email,
        password: password.expose(),
    })?;
    let owner = NewMember {
        email: form.email.trim().to_owned(),
        name: form.name.trim().to_owned(),
        role: Role::Owner,
        password: state.passwords.hash(password).await?,
    };
    let organization = form.organization.trim().to_owned();
    match state
        .store
        .set_up_organization(&token, organization, owner)
        .await
        .map_err(failed)?
    {
        SetUpOutcome::Done(_, owner) => {
            visitor.device.remember(&state.store, &owner);
            session.begin(&owner, visitor).await?;
            Ok(owner)
        }
        SetUpOutcome::WrongToken => Err(PortalError::WrongSetupToken),
        SetUpOutcome::AlreadySetUp => Err(PortalError::AlreadySetUp),
    }
}
