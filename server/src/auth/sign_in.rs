//! Signing in, signing out, and changing one's password.
//!
//! An unknown e-mail, a disabled member and a wrong password take the same way through this file:
//! the same queries, one hash, one line in the audit, the same answer (R35). That there is a second
//! factor is told to whoever knows the password, and to nobody else.

use super::{
    Hashed, PortalSession, Throttle, Visitor, password_problem, second_factor, store_failure,
};
use crate::domain::{Actor, AuditAction, AuditEvent, Member};
use crate::state::AppState;
use crate::store::{Credentials, StoreError};
use crate::vault::Secret;
use app::wire::{Field, PortalError, Problem, SecretInput, SignInStep};
use serde_json::json;

/// Nothing longer is hashed; no password can be that long.
pub(super) const LONGEST_PASSWORD: usize = 128 * 4;

/// Signs a member in, under a new session id; or half, where a second factor is still to come.
pub async fn sign_in(
    state: &AppState,
    session: &PortalSession,
    visitor: &Visitor,
    email: &str,
    password: SecretInput,
) -> Result<SignInStep, PortalError> {
    let password = Secret::new(password.into_inner());
    if email.len() > 254 || password.expose().len() > LONGEST_PASSWORD {
        return Err(PortalError::WrongCredentials);
    }
    let throttle = Throttle::take(&state.store, visitor, email).await?;
    let (member, right) = recognise(state, email, password).await?;
    let (Some(member), true) = (&member, right) else {
        note_failure(member.as_ref(), state, visitor).await?;
        return Err(PortalError::WrongCredentials);
    };
    throttle.give_back().await?;
    let factor = state.store.second_factor(member).await;
    let factor = factor.map_err(|error| store_failure(&error))?;
    if factor.is_some_and(|factor| factor.confirmed_at.is_some()) {
        session.begin_half(member, visitor).await?;
        return Ok(SignInStep::FactorNeeded);
    }
    let_in(member, state, session, visitor).await?;
    Ok(SignInStep::SignedIn)
}

/// Signs in whoever showed the right password before, and now the second factor.
pub async fn show_factor(
    state: &AppState,
    session: &PortalSession,
    visitor: &Visitor,
    code: SecretInput,
) -> Result<(), PortalError> {
    let member = session.half_signed_in().await?;
    let factor = state.store.second_factor(&member).await;
    let factor = factor.map_err(|error| store_failure(&error))?;
    let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else {
        // it was taken away meanwhile: the password alone is asked for, from the beginning
        session.end().await?;
        return Err(PortalError::SignedOut);
    };
    let code = Secret::new(code.into_inner());
    if !second_factor::check(&state.store, &member, &factor, &code).await? {
        note_failure(Some(&member), state, visitor).await?;
        return Err(PortalError::field(Field::Code, Problem::Wrong));
    }
    let_in(&member, state, session, visitor).await
}

async fn let_in(
    member: &Member,
    state: &AppState,
    session: &PortalSession,
    visitor: &Visitor,
) -> Result<(), PortalError> {
    note(member, AuditAction::SignedIn, state, visitor).await?;
    visitor.device.remember(&state.store, member);
    session.begin(member, visitor).await
}

/// Ends the session on the server and takes the cookie back. Nobody being signed in is no error.
pub async fn sign_out(
    state: &AppState,
    session: &PortalSession,
    visitor: &Visitor,
) -> Result<(), PortalError> {
    match session.member().await {
        Ok(member) => {
            session.end().await?;
            note(&member, AuditAction::SignedOut, state, visitor).await
        }
        Err(PortalError::SignedOut) => session.end().await,
        Err(error) => Err(error),
    }
}

/// Changes the password of the member who is signed in, ends all other sessions, and goes on under
/// a new session id.
pub async fn change_password(
    state: &AppState,
    session: &PortalSession,
    visitor: &Visitor,
    current: SecretInput,
    new: SecretInput,
) -> Result<(), PortalError> {
    let member = session.member().await?;
    let (current, new) = (
        Secret::new(current.into_inner()),
        Secret::new(new.into_inner()),
    );
    if let Some(problem) = password_problem(new.expose(), &[&member.name, &member.email]) {
        return Err(PortalError::field(Field::Password, problem));
    }
    if current.expose().len() > LONGEST_PASSWORD {
        return Err(PortalError::field(Field::CurrentPassword, Problem::Wrong));
    }
    let throttle = Throttle::take(&state.store, visitor, &member.email).await?;
    let (_, right) = recognise(state, &member.email, current).await?;
    if !right {
        return Err(PortalError::field(Field::CurrentPassword, Problem::Wrong));
    }
    throttle.give_back().await?;
    let new = state.passwords.hash(new).await?;
    let changed = state
        .store
        .change_password(&member, &new, session.id().as_ref())
        .await;
    changed.map_err(|error| store_failure(&error))?;
    session.renew().await
}

/// Who has this e-mail, and whether the password is theirs and they may sign in.
pub(super) async fn recognise(
    state: &AppState,
    email: &str,
    password: Secret<String>,
) -> Result<(Option<Member>, bool), PortalError> {
    let found = state.store.credentials_of(email).await;
    let (member, stored, disabled) = match found.map_err(|error| store_failure(&error))? {
        Some(Credentials {
            member,
            password,
            disabled,
        }) => (Some(member), Some(password), disabled),
        None => (None, None, true),
    };
    let copy = stored
        .as_ref()
        .map(|phc| Secret::from(phc.expose().as_str()));
    let Hashed::Right { renewed } = state.passwords.verify(password, copy).await? else {
        return Ok((member, false));
    };
    if let (Some(member), Some(old), Some(new)) = (&member, &stored, renewed) {
        let rehashed = state.store.rehash_password(&member.id, old, &new).await;
        rehashed.map_err(|error| store_failure(&error))?;
    }
    Ok((member, !disabled))
}

/// Writes to the audit what a member did.
pub(super) async fn note(
    member: &Member,
    action: AuditAction,
    state: &AppState,
    visitor: &Visitor,
) -> Result<(), PortalError> {
    let event = event(Actor::member(member), action, Some(member), visitor);
    let noted = state.store.audit_alone(&member.organization, event).await;
    noted.map_err(|error| store_failure(&error))
}

/// Writes a failed try to the audit, whether the account exists or not. What was typed is not
/// kept: people type passwords into the wrong field.
async fn note_failure(
    member: Option<&Member>,
    state: &AppState,
    visitor: &Visitor,
) -> Result<(), PortalError> {
    let failed = |error: StoreError| store_failure(&error);
    let organizations = state.store.organizations().await.map_err(failed)?;
    let home = member.map(|member| &member.organization);
    let Some(organization) = home.or_else(|| organizations.first().map(|first| &first.id)) else {
        return Ok(());
    };
    let stranger = Actor {
        kind: "visitor",
        id: String::new(),
        name: "Someone who is not signed in".to_owned(),
    };
    let event = event(stranger, AuditAction::SignInFailed, member, visitor);
    state
        .store
        .audit_alone(organization, event)
        .await
        .map_err(failed)
}

fn event(
    actor: Actor,
    action: AuditAction,
    member: Option<&Member>,
    visitor: &Visitor,
) -> AuditEvent {
    AuditEvent {
        actor,
        action,
        subject_kind: "member",
        subject_id: member
            .map(|member| member.id.as_str().to_owned())
            .unwrap_or_default(),
        detail: json!({"address": visitor.address.to_string(), "browser": visitor.browser}),
    }
}
