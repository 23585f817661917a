//! Client secrets: several at a time, one in use, and a trial before another one takes over.
//!
//! The order among the active ones of a Client ID is their `position`, the lowest is in use. A trial
//! is claimed by one compare-and-set with a deadline, so that over all nodes one refresh at a time
//! tries a secret that may be wrong.

use super::db::{Row, Runs, Tx, sql};
use super::looks::credentials_changed;
use super::providers::{event, forget_rejection};
use super::{Store, StoreError, place};
use crate::domain::{
    Actor, AuditAction, ClientSecret, ClientSecretHint, ClientSecretId, Keeps, OrganizationId,
    Provider, ProviderId, SecretState,
};
use crate::vault::Secret;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A client secret as it is stored.
#[derive(Clone)]
pub(super) struct SealedSecret {
    id: ClientSecretId,
    text: Vec<u8>,
}

fn sealed(row: &Row) -> Result<SealedSecret, StoreError> {
    Ok(SealedSecret {
        id: row.parsed("id")?,
        text: row.bytes("sealed_secret")?,
    })
}

/// What came of removing a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Removed,
    /// It stays, since something needs it.
    Kept(Keeps),
    /// There is no such secret.
    NotFound,
}

const HINTS: &str = "SELECT s.id, s.client_id, s.state, s.state_since, s.ends_in, s.added_by, s.created_at, s.position,
     (SELECT COUNT(*) FROM connections c WHERE c.provider_id = s.provider_id AND c.client_secret_id = s.id
         AND c.status <> 'revoked') AS many,
     (SELECT COUNT(*) FROM connections c WHERE c.provider_id = s.provider_id AND c.client_secret_id = s.id
         AND c.status = 'active' AND c.has_refresh_token = 1) AS refreshing,
     (SELECT COUNT(*) FROM connections c WHERE c.provider_id = s.provider_id AND c.client_id = s.client_id
         AND c.status = 'active' AND c.has_refresh_token = 1) AS of_client_id,
     (SELECT MIN(c.client_secret_since) FROM connections c WHERE c.provider_id = s.provider_id
         AND c.client_secret_id = s.id AND c.status <> 'revoked') AS used_since
     FROM client_secrets s WHERE s.provider_id = $1 ORDER BY s.position";

/// Reads rows of [`HINTS`], in order: the first active one of each Client ID is in use.
fn hints(rows: &[Row]) -> Result<Vec<ClientSecretHint>, StoreError> {
    let mut found: Vec<ClientSecretHint> = Vec::with_capacity(rows.len());
    for row in rows {
        let client_id = row.text("client_id")?;
        let state: SecretState = row.parsed("state")?;
        let taken = |other: &ClientSecretHint| other.in_use && other.client_id == client_id;
        let in_use = state == SecretState::Active && !found.iter().any(taken);
        found.push(ClientSecretHint {
            id: row.parsed("id")?,
            state,
            state_since: row.time("state_since")?,
            in_use,
            ends_in: row.text("ends_in")?,
            added_by: row.text("added_by")?,
            created_at: row.time("created_at")?,
            connections: row.count("many")?,
            refreshing: row.count("refreshing")?,
            of_client_id: row.count("of_client_id")?,
            used_since: row.maybe_time("used_since")?,
            client_id,
        });
    }
    Ok(found)
}

/// What a page may show of a secret: its last four characters, if enough stays hidden.
fn ends_in(secret: &Secret<String>) -> String {
    let length = secret.expose().chars().count();
    if length < 12 {
        String::new()
    } else {
        secret.expose().chars().skip(length - 4).collect()
    }
}

impl Store {
    pub(super) async fn insert_secret(
        &self,
        tx: &mut Tx,
        provider: &Provider,
        (position, state): (i64, SecretState),
        secret: &Secret<String>,
        added_by: &str,
    ) -> Result<ClientSecretId, StoreError> {
        let id = ClientSecretId::random();
        let sealed = self
            .seal(&secret_place(&provider.organization, &id), secret)
            .await?;
        let statement = sql(
            "INSERT INTO client_secrets (id, organization_id, provider_id, client_id, position, state, state_since,
                 sealed_secret, ends_in, added_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $7)",
        )
        .bind(id.as_str())
        .bind(provider.organization.as_str())
        .bind(provider.id.as_str())
        .bind(&provider.client_id)
        .bind(position)
        .bind(state.as_str())
        .bind(self.now())
        .bind(sealed)
        .bind(ends_in(secret))
        .bind(added_by);
        tx.run(statement).await?;
        Ok(id)
    }

    /// Adds a client secret for the provider's Client ID. It is tried on one refresh first, unless
    /// there is nothing to lose: no refresh that could try it, no other secret, or one that the
    /// provider refuses. The refusal that was noted is then forgotten.
    ///
    /// A secret that is live already is [`StoreError::Conflict`]; one that was refused gets
    /// another trial.
    pub async fn add_client_secret(
        &self,
        provider: &Provider,
        secret: &Secret<String>,
        actor: Actor,
    ) -> Result<SecretState, StoreError> {
        let same = self.same_client_secret(provider, secret).await?;
        let refused = |hint: &ClientSecretHint| hint.state == SecretState::Rejected;
        if same.as_ref().is_some_and(|hint| !refused(hint)) {
            return Err(StoreError::Conflict);
        }
        let mut tx = self.db.begin().await?;
        hold(&mut tx, provider).await?;
        let state = self.first_state(&mut tx, provider).await?;
        let id = if let Some(refused) = same {
            refused.id
        } else {
            let behind = position(&mut tx, provider, "MAX").await? + 1;
            self.insert_secret(&mut tx, provider, (behind, state), secret, &actor.name)
                .await?
        };
        self.set_state(&mut tx, provider, &id, state).await?;
        if state == SecretState::Active {
            forget_rejection(&mut tx, provider, self.now()).await?;
            credentials_changed(&mut tx, &provider.id, self.now()).await?;
        }
        let detail = json!({"secret": id.as_str(), "state": state.as_str()});
        let event = event(actor, AuditAction::SecretAdded, &provider.id, detail);
        self.audit(&mut tx, &provider.organization, event).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// Adds a client secret behind all others of the provider's Client ID: it is tried where they
    /// are refused.
    pub async fn keep_client_secret(
        &self,
        provider: &Provider,
        secret: &Secret<String>,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        hold(&mut tx, provider).await?;
        let behind = position(&mut tx, provider, "MAX").await? + 1;
        let kept = (behind, SecretState::Active);
        let id = self
            .insert_secret(&mut tx, provider, kept, secret, &actor.name)
            .await?;
        let detail = json!({"secret": id.as_str(), "state": SecretState::Active.as_str()});
        let event = event(actor, AuditAction::SecretAdded, &provider.id, detail);
        self.audit(&mut tx, &provider.organization, event).await?;
        tx.commit().await
    }

    /// Wants a secret that is kept in use: it goes through a trial like a new one.
    pub async fn prefer_client_secret(
        &self,
        provider: &Provider,
        id: &ClientSecretId,
        actor: Actor,
    ) -> Result<SecretState, StoreError> {
        let mut tx = self.db.begin().await?;
        hold(&mut tx, provider).await?;
        let state = self.first_state(&mut tx, provider).await?;
        self.set_state(&mut tx, provider, id, state).await?;
        let detail = json!({"secret": id.as_str(), "state": state.as_str()});
        let event = event(actor, AuditAction::SecretPreferred, &provider.id, detail);
        self.audit(&mut tx, &provider.organization, event).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// The stored secret of the provider's Client ID that equals `secret`.
    pub async fn same_client_secret(
        &self,
        provider: &Provider,
        secret: &Secret<String>,
    ) -> Result<Option<ClientSecretHint>, StoreError> {
        let every = "SELECT id, sealed_secret FROM client_secrets WHERE organization_id = $1 AND provider_id = $2
             AND client_id = $3 ORDER BY position";
        let opened = self.opened(provider, &provider.client_id, every).await?;
        let same = opened
            .into_iter()
            .find(|one| one.text.expose() == secret.expose());
        let Some(id) = same.and_then(|one| one.id) else {
            return Ok(None);
        };
        let hints = self.client_secret_hints(&provider.id).await?;
        Ok(hints.into_iter().find(|hint| hint.id == id))
    }

    /// The state in which a secret begins.
    async fn first_state(
        &self,
        tx: &mut Tx,
        provider: &Provider,
    ) -> Result<SecretState, StoreError> {
        let statement = sql(
            "SELECT (SELECT COUNT(*) FROM client_secrets WHERE provider_id = $1 AND client_id = $2 AND state = 'active') AS others,
                 (SELECT COUNT(*) FROM connections WHERE provider_id = $1 AND client_id = $2 AND status = 'active'
                     AND has_refresh_token = 1) AS refreshing,
                 (SELECT COUNT(*) FROM providers WHERE id = $1 AND credentials_rejected_at IS NOT NULL) AS refused",
        )
        .bind(provider.id.as_str())
        .bind(&provider.client_id);
        let Some(row) = tx.row(statement).await? else {
            return Ok(SecretState::Active);
        };
        let nothing_to_lose =
            row.count("others")? == 0 || row.count("refreshing")? == 0 || row.count("refused")? > 0;
        Ok(if nothing_to_lose {
            SecretState::Active
        } else {
            SecretState::OnTrial
        })
    }

    /// Gives a secret a state; an active one is in use from now on.
    async fn set_state(
        &self,
        tx: &mut Tx,
        provider: &Provider,
        id: &ClientSecretId,
        state: SecretState,
    ) -> Result<u64, StoreError> {
        let front = position(tx, provider, "MIN").await? - 1;
        let statement = sql(
            "UPDATE client_secrets SET state = $1, state_since = $2, trial_until = NULL,
                 position = CASE WHEN $1 = 'active' THEN $3 ELSE position END
             WHERE provider_id = $4 AND id = $5",
        )
        .bind(state.as_str())
        .bind(self.now())
        .bind(front)
        .bind(provider.id.as_str())
        .bind(id.as_str());
        tx.run(statement).await
    }

    /// Removes a client secret that nothing needs.
    pub async fn remove_client_secret(
        &self,
        provider: &Provider,
        id: &str,
        actor: Actor,
    ) -> Result<Removal, StoreError> {
        let mut tx = self.db.begin().await?;
        hold(&mut tx, provider).await?;
        let rows = tx.rows(sql(HINTS).bind(provider.id.as_str())).await?;
        let found = hints(&rows)?
            .into_iter()
            .find(|hint| hint.id.as_str() == id);
        let Some(hint) = found else {
            return Ok(Removal::NotFound);
        };
        match hint.keeps(&provider.client_id) {
            Keeps::Nothing => {}
            keeps => return Ok(Removal::Kept(keeps)),
        }
        let remove = sql("DELETE FROM client_secrets WHERE provider_id = $1 AND id = $2");
        tx.run(remove.bind(provider.id.as_str()).bind(id)).await?;
        let detail = json!({"secret": id});
        let event = event(actor, AuditAction::SecretRemoved, &provider.id, detail);
        self.audit(&mut tx, &provider.organization, event).await?;
        tx.commit().await?;
        Ok(Removal::Removed)
    }

    /// All secrets that are set, by position, without the secrets.
    pub async fn client_secret_hints(
        &self,
        provider: &ProviderId,
    ) -> Result<Vec<ClientSecretHint>, StoreError> {
        let rows = (&self.db).rows(sql(HINTS).bind(provider.as_str())).await?;
        hints(&rows)
    }

    /// The active client secrets of a Client ID, the one in use first, for a request to the provider.
    pub async fn client_secrets(
        &self,
        provider: &Provider,
        client_id: &str,
    ) -> Result<Vec<ClientSecret>, StoreError> {
        let read = |ids: Vec<ProviderId>| async move {
            let ids: Vec<&str> = ids.iter().map(ProviderId::as_str).collect();
            let active = sql(
                "SELECT id, provider_id, client_id, sealed_secret FROM client_secrets WHERE state = 'active' AND provider_id",
            );
            let active = active.and_in(&ids).and(" ORDER BY position");
            let mut found = BTreeMap::<_, Vec<_>>::new();
            for row in (&self.db).rows(active).await? {
                let of_provider = found.entry(row.parsed("provider_id")?).or_default();
                let secret = sealed(&row);
                of_provider.push(secret.and_then(|secret| Ok((row.text("client_id")?, secret))));
            }
            let found = found.into_iter();
            let each = found.map(|(id, them)| (id, them.into_iter().collect()));
            Ok::<_, StoreError>(each.collect())
        };
        let active = self.secret_reads.read(provider.id.clone(), read).await?;
        let mut secrets = Vec::new();
        for (of, secret) in active.into_iter().flatten() {
            if of == client_id {
                secrets.push(self.open_secret(&provider.organization, secret).await?);
            }
        }
        Ok(secrets)
    }

    /// The same, and those on trial behind them: for what nobody can try a second time, a code
    /// above all.
    pub async fn live_client_secrets(
        &self,
        provider: &Provider,
        client_id: &str,
    ) -> Result<Vec<ClientSecret>, StoreError> {
        let live = "SELECT id, sealed_secret FROM client_secrets WHERE organization_id = $1 AND provider_id = $2
             AND client_id = $3 AND state <> 'rejected' ORDER BY CASE state WHEN 'active' THEN 0 ELSE 1 END, position";
        self.opened(provider, client_id, live).await
    }

    /// The live secrets of the Client ID that is configured, those on trial first: for whoever asks
    /// whether what was just saved is right.
    pub async fn newest_client_secrets(
        &self,
        provider: &Provider,
    ) -> Result<Vec<ClientSecret>, StoreError> {
        let newest = "SELECT id, sealed_secret FROM client_secrets WHERE organization_id = $1 AND provider_id = $2
             AND client_id = $3 AND state <> 'rejected' ORDER BY CASE state WHEN 'active' THEN 1 ELSE 0 END, position";
        self.opened(provider, &provider.client_id, newest).await
    }

    async fn opened(
        &self,
        provider: &Provider,
        client_id: &str,
        which: &'static str,
    ) -> Result<Vec<ClientSecret>, StoreError> {
        let statement = sql(which)
            .bind(provider.organization.as_str())
            .bind(provider.id.as_str())
            .bind(client_id);
        let rows = (&self.db).rows(statement).await?;
        let mut secrets = Vec::with_capacity(rows.len());
        for row in &rows {
            let secret = self.open_secret(&provider.organization, sealed(row)?);
            secrets.push(secret.await?);
        }
        Ok(secrets)
    }

    async fn open_secret(
        &self,
        organization: &OrganizationId,
        sealed: SealedSecret,
    ) -> Result<ClientSecret, StoreError> {
        let place = secret_place(organization, &sealed.id);
        let text = self.open_sealed(&place, sealed.text).await?;
        Ok(ClientSecret {
            id: Some(sealed.id),
            text: Arc::new(text),
        })
    }

    /// Whether a secret of this Client ID is on trial, tried at this moment or not.
    pub async fn has_trial(
        &self,
        provider: &Provider,
        client_id: &str,
    ) -> Result<bool, StoreError> {
        let statement = sql("SELECT id FROM client_secrets WHERE provider_id = $1 AND client_id = $2 AND state = 'on_trial' LIMIT 1")
            .bind(provider.id.as_str())
            .bind(client_id);
        Ok((&self.db).row(statement).await?.is_some())
    }

    /// Claims the trial of a secret, if one waits: whoever gets it is the only one to try it until
    /// `ttl` is over, by the database's clock.
    pub async fn claim_trial(
        &self,
        provider: &Provider,
        client_id: &str,
        ttl: Duration,
    ) -> Result<Option<ClientSecret>, StoreError> {
        // most refreshes find none, and write nothing
        if !self.has_trial(provider, client_id).await? {
            return Ok(None);
        }
        let claim = sql(
            "UPDATE client_secrets SET trial_until = {now} + $1
             WHERE id = (SELECT id FROM client_secrets WHERE provider_id = $2 AND client_id = $3 AND state = 'on_trial'
                 ORDER BY position LIMIT 1)
             AND state = 'on_trial' AND (trial_until IS NULL OR trial_until < {now})
             RETURNING id, sealed_secret",
        )
        .bind(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX))
        .bind(provider.id.as_str())
        .bind(client_id);
        let mut tx = self.db.begin().await?;
        let claimed = tx.row(claim).await?;
        tx.commit().await?;
        match claimed {
            Some(row) => self
                .open_secret(&provider.organization, sealed(&row)?)
                .await
                .map(Some),
            None => Ok(None),
        }
    }

    /// The provider accepted a secret that was not in use: it is, from now on.
    pub async fn accept_client_secret(
        &self,
        provider: &Provider,
        id: &ClientSecretId,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        hold(&mut tx, provider).await?;
        let rows = tx.rows(sql(HINTS).bind(provider.id.as_str())).await?;
        let now = hints(&rows)?.into_iter().find(|hint| hint.id == *id);
        // removed meanwhile, or another refresh was first
        if now.is_none_or(|hint| hint.in_use) {
            return Ok(());
        }
        self.set_state(&mut tx, provider, id, SecretState::Active)
            .await?;
        self.told(tx, provider, id, AuditAction::SecretAccepted)
            .await
    }

    /// The provider refused a secret, and another one goes on.
    pub async fn refuse_client_secret(
        &self,
        provider: &Provider,
        id: &ClientSecretId,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        hold(&mut tx, provider).await?;
        let refused = sql("SELECT id FROM client_secrets WHERE provider_id = $1 AND id = $2 AND state <> 'rejected'")
            .bind(provider.id.as_str())
            .bind(id.as_str());
        if tx.row(refused).await?.is_none() {
            return Ok(());
        }
        self.set_state(&mut tx, provider, id, SecretState::Rejected)
            .await?;
        self.told(tx, provider, id, AuditAction::SecretRefused)
            .await
    }

    async fn told(
        &self,
        mut tx: Tx,
        provider: &Provider,
        id: &ClientSecretId,
        action: AuditAction,
    ) -> Result<(), StoreError> {
        let detail = json!({"secret": id.as_str()});
        let event = event(Actor::server(), action, &provider.id, detail);
        self.audit(&mut tx, &provider.organization, event).await?;
        tx.commit().await
    }
}

/// Takes the provider's row, so that its secrets change order one change at a time.
async fn hold(tx: &mut Tx, provider: &Provider) -> Result<(), StoreError> {
    let take = sql("UPDATE providers SET updated_at = updated_at WHERE id = $1");
    tx.run(take.bind(provider.id.as_str())).await?;
    Ok(())
}

/// The first (`MIN`) or last (`MAX`) position that a secret of the provider has.
async fn position(
    tx: &mut Tx,
    provider: &Provider,
    which: &'static str,
) -> Result<i64, StoreError> {
    let statement = match which {
        "MIN" => sql(
            "SELECT COALESCE(MIN(position), 0) AS place FROM client_secrets WHERE provider_id = $1",
        ),
        _ => sql(
            "SELECT COALESCE(MAX(position), 0) AS place FROM client_secrets WHERE provider_id = $1",
        ),
    };
    tx.row(statement.bind(provider.id.as_str()))
        .await?
        .map_or(Ok(0), |row| row.int("place"))
}

fn secret_place<'a>(
    organization: &'a OrganizationId,
    id: &'a ClientSecretId,
) -> crate::vault::Place<'a> {
    place(
        "client_secrets",
        "sealed_secret",
        organization,
        id.as_str(),
        0,
    )
}
