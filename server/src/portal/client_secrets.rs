//! Client secrets: listed with their use, added, removed when nothing needs them.

use super::fields::{self, Findings};
use super::pasted::Pasted;
use super::{OrFail, PortalRequest, Task, actor};
use crate::domain::{
    ClientSecret, ClientSecretHint, Keeps, Member, Provider, SecretState, Timestamp,
};
use crate::store::{Removal, StoreError};
use crate::vault::Secret;
use app::portal::Answer;
use app::wire::{Field, PortalError, Problem, SecretHint, SecretInput, SecretUse};

/// More secrets than a rotation needs.
const MOST_SECRETS: usize = 5;

impl PortalRequest {
    /// The secrets of a provider: of its Client ID first, and there the one in use.
    pub(super) async fn secret_hints(&self, provider: &Provider) -> Answer<Vec<SecretHint>> {
        let hints = self.state.store.client_secret_hints(&provider.id);
        let mut hints = hints.await.or_fail()?;
        hints.sort_by_key(|hint| (hint.client_id != provider.client_id, rank(hint)));
        let hints = hints.into_iter();
        Ok(hints.map(|hint| secret_hint(hint, provider)).collect())
    }

    pub(super) async fn new_client_secret(
        &self,
        application: &str,
        provider: &str,
        secret: SecretInput,
    ) -> Answer<()> {
        let (member, _, provider) = self
            .within_provider(Task::ChangeSecrets, application, provider)
            .await?;
        let definition = self.state.upstreams.definition(&provider).or_fail()?;
        let mut findings = Findings::default();
        let secret = findings.check(Field::ClientSecret, fields::client_secret(secret));
        let pasted = Pasted {
            client_id: &provider.client_id,
            client_secret: secret.as_ref(),
            known_secrets: &[],
        };
        findings.extend(pasted.swapped(&definition));
        let secret: Secret<String> = findings.or(secret)?;
        self.add_secret(&member, &provider, &secret, Field::ClientSecret)
            .await?;
        self.prove(&provider).await;
        Ok(())
    }

    /// The secrets that are set for the Client ID.
    pub(super) async fn live_secrets(&self, provider: &Provider) -> Answer<Vec<ClientSecret>> {
        let secrets = self.state.store.newest_client_secrets(provider);
        secrets.await.or_fail()
    }

    /// Adds a secret for the Client ID that `provider` has; what is wrong with it is told at `field`.
    /// The caller has asked whether `member` may.
    pub(super) async fn add_secret(
        &self,
        member: &Member,
        provider: &Provider,
        secret: &Secret<String>,
        field: Field,
    ) -> Answer<()> {
        let store = &self.state.store;
        let hints = store.client_secret_hints(&provider.id).await.or_fail()?;
        let own = hints
            .iter()
            .filter(|one| one.client_id == provider.client_id);
        if own.count() >= MOST_SECRETS {
            return Err(PortalError::field(field, Problem::TooMany(5)));
        }
        match store
            .add_client_secret(provider, secret, actor(member))
            .await
        {
            Err(StoreError::Conflict) => Err(PortalError::field(field, Problem::Taken)),
            other => other.or_fail().map(drop),
        }
    }

    /// The secret that was typed along with the Client ID, now or before the preview. Another Client
    /// ID needs one: without one, those of before would stay with the
    /// Client ID they came with, and nobody could connect.
    pub(super) async fn secret_of_new_id(
        &self,
        before: &Provider,
        after: &Provider,
        typed: SecretInput,
        confirmed: bool,
    ) -> Answer<Option<Secret<String>>> {
        let typed = Secret::new(typed.into_inner());
        if !typed.expose().trim().is_empty() {
            let mut findings = Findings::default();
            let input = SecretInput::from(typed.expose().clone());
            let secret = findings.check(Field::NewClientSecret, fields::client_secret(input));
            return findings.or(secret).map(Some);
        }
        if confirmed && let Some(kept) = self.take_typed_secret(before).await? {
            return Ok(Some(kept));
        }
        if before.client_id == after.client_id {
            return Ok(None);
        }
        let store = &self.state.store;
        let known = store.client_secrets(after, &after.client_id);
        let definition = self.state.upstreams.definition(before).or_fail()?;
        if definition.client_auth.needs_secret() && known.await.or_fail()?.is_empty() {
            return Err(PortalError::field(Field::NewClientSecret, Problem::Missing));
        }
        Ok(None)
    }

    pub(super) async fn drop_client_secret(
        &self,
        application: &str,
        provider: &str,
        secret_id: &str,
    ) -> Answer<()> {
        let (member, _, provider) = self
            .within_provider(Task::ChangeSecrets, application, provider)
            .await?;
        let removed = self
            .state
            .store
            .remove_client_secret(&provider, secret_id, actor(&member))
            .await
            .or_fail()?;
        match removed {
            Removal::Removed => Ok(()),
            Removal::Kept(Keeps::InUse) => Err(PortalError::SecretInUse),
            Removal::Kept(Keeps::Connections(connections)) => {
                Err(PortalError::SecretNeeded { connections })
            }
            Removal::Kept(Keeps::Nothing) | Removal::NotFound => Err(PortalError::Changed),
        }
    }
}

/// In use, on trial, kept, refused.
fn rank(hint: &ClientSecretHint) -> u8 {
    match hint.state {
        SecretState::Active if hint.in_use => 0,
        SecretState::OnTrial => 1,
        SecretState::Active => 2,
        SecretState::Rejected => 3,
    }
}

fn secret_hint(hint: ClientSecretHint, provider: &Provider) -> SecretHint {
    let since = hint.state_since.millis();
    let used = match hint.state {
        SecretState::Rejected => SecretUse::Refused { at: since },
        _ if hint.client_id != provider.client_id => SecretUse::EarlierClientId {
            client_id: hint.client_id.clone(),
            connections: hint.of_client_id,
        },
        SecretState::OnTrial => SecretUse::OnTrial,
        SecretState::Active if hint.in_use => SecretUse::InUse { since },
        SecretState::Active => SecretUse::Kept,
    };
    SecretHint {
        removable: hint.keeps(&provider.client_id) == Keeps::Nothing,
        id: hint.id.to_string(),
        ends_in: hint.ends_in,
        added_at: hint.created_at.millis(),
        added_by: hint.added_by,
        used,
        connections: hint.connections,
        used_since: hint.used_since.map(Timestamp::millis),
    }
}
