//! Runs of members through a provider's flow. What is secret of a run is sealed as one value, and
//! goes with its row.

use super::db::{Row, Runs, sql};
use super::{Store, StoreError, place};
use crate::domain::{MemberId, Playground, PlaygroundId, PlaygroundSecrets, ProviderId, Tokens};
use crate::vault::{Place, Secret, TokenHash};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

const SEALED: &str = "sealed_run";

const COLUMNS: &str = "SELECT id, organization_id, provider_id, member_id, browser_sha256, step, redirect_uri, inputs, \
     generation, transcript, created_at, expires_at, sealed_run FROM playgrounds";

fn playground(row: &Row) -> Result<Playground, StoreError> {
    Ok(Playground {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        provider: row.parsed("provider_id")?,
        member: row.parsed("member_id")?,
        browser_sha256: row
            .maybe_hash("browser_sha256")?
            .ok_or(StoreError::Conflict)?,
        step: row.parsed("step")?,
        redirect_uri: row.text("redirect_uri")?,
        inputs: row.json("inputs")?,
        generation: row.int("generation")?,
        transcript: row.json("transcript")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

impl Store {
    /// Keeps a new run. Its state leads back to it, once.
    pub async fn create_playground(
        &self,
        run: &Playground,
        state: &Secret<String>,
        secrets: &PlaygroundSecrets,
    ) -> Result<(), StoreError> {
        let sealed = self.seal_run(run, secrets).await?;
        let statement = sql(
            "INSERT INTO playgrounds (id, organization_id, provider_id, member_id, state_sha256, browser_sha256, step,
                 redirect_uri, inputs, sealed_run, generation, transcript, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(run.id.as_str())
        .bind(run.organization.as_str())
        .bind(run.provider.as_str())
        .bind(run.member.as_str())
        .bind(TokenHash::of(state.expose()).as_bytes())
        .bind(run.browser_sha256)
        .bind(run.step.as_str())
        .bind(&run.redirect_uri)
        .bind(json!(run.inputs).to_string())
        .bind(sealed)
        .bind(run.generation)
        .bind(json!(run.transcript).to_string())
        .bind(run.created_at)
        .bind(run.expires_at);
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Replaces `seen` by `next`, if nobody changed it meanwhile; answers whether it did. The state
    /// leads to it no longer, and without secrets nothing sealed is left.
    pub async fn change_playground(
        &self,
        seen: &Playground,
        next: &mut Playground,
        secrets: Option<&PlaygroundSecrets>,
    ) -> Result<bool, StoreError> {
        next.generation = seen.generation + 1;
        let sealed = match secrets {
            Some(secrets) => Some(self.seal_run(next, secrets).await?),
            None => None,
        };
        let statement = sql(
            "UPDATE playgrounds SET state_sha256 = NULL, step = $1, sealed_run = $2, generation = $3, transcript = $4, expires_at = $5
             WHERE organization_id = $6 AND id = $7 AND generation = $8",
        )
        .bind(next.step.as_str())
        .bind(sealed)
        .bind(next.generation)
        .bind(json!(next.transcript).to_string())
        .bind(next.expires_at)
        .bind(next.organization.as_str())
        .bind(next.id.as_str())
        .bind(seen.generation);
        Ok((&self.db).run(statement).await? == 1)
    }

    /// The run that a state leads to.
    pub async fn playground_by_state(&self, state: &str) -> Result<Option<Playground>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE state_sha256 = $1")
            .bind(TokenHash::of(state).as_bytes());
        self.db.read_one(statement, playground).await
    }

    /// The run with this id.
    pub async fn playground(&self, id: &PlaygroundId) -> Result<Option<Playground>, StoreError> {
        let statement = sql(COLUMNS).and(" WHERE id = $1").bind(id.as_str());
        self.db.read_one(statement, playground).await
    }

    /// The last run of a member at a provider.
    pub async fn playground_of(
        &self,
        provider: &ProviderId,
        member: &MemberId,
    ) -> Result<Option<Playground>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE provider_id = $1 AND member_id = $2 ORDER BY created_at DESC, id LIMIT 1")
            .bind(provider.as_str())
            .bind(member.as_str());
        self.db.read_one(statement, playground).await
    }

    /// What is secret of a run, opened; nothing where it is over.
    pub async fn playground_secrets(
        &self,
        run: &Playground,
    ) -> Result<PlaygroundSecrets, StoreError> {
        let statement = sql("SELECT sealed_run FROM playgrounds WHERE organization_id = $1 AND id = $2 AND generation = $3")
            .bind(run.organization.as_str())
            .bind(run.id.as_str())
            .bind(run.generation);
        let row = (&self.db).row(statement).await?;
        match row.map_or(Ok(None), |row| row.maybe_bytes(SEALED))? {
            Some(sealed) => self.open_run(run, sealed).await,
            None => Ok(PlaygroundSecrets::default()),
        }
    }

    /// Forgets a run.
    pub async fn forget_playground(&self, run: &Playground) -> Result<(), StoreError> {
        let statement = sql("DELETE FROM playgrounds WHERE organization_id = $1 AND id = $2")
            .bind(run.organization.as_str())
            .bind(run.id.as_str());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Takes a run whose time is over. It is put off by `hold` at once, so that no other node takes
    /// it too, and its generation goes up, so that nothing that is still under way changes it.
    pub async fn take_expired_playground(
        &self,
        hold: Duration,
    ) -> Result<Option<(Playground, PlaygroundSecrets)>, StoreError> {
        let due = sql(COLUMNS)
            .and(" WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT 8")
            .bind(self.now());
        for row in (&self.db).rows(due).await? {
            let found = playground(&row)?;
            let secrets = match row.maybe_bytes(SEALED)? {
                Some(sealed) => self.open_run(&found, sealed).await,
                None => Ok(PlaygroundSecrets::default()),
            };
            let secrets = match secrets {
                Ok(secrets) => secrets,
                Err(StoreError::Unsealable { .. } | StoreError::Corrupt { .. }) => {
                    tracing::error!(playground = %found.id, "a playground run cannot be opened and is forgotten");
                    self.forget_playground(&found).await?;
                    continue;
                }
                Err(other) => return Err(other),
            };
            let mut taken = Playground {
                expires_at: self.now() + hold,
                ..found.clone()
            };
            if self
                .change_playground(&found, &mut taken, Some(&secrets))
                .await?
            {
                return Ok(Some((taken, secrets)));
            }
        }
        Ok(None)
    }

    async fn seal_run(
        &self,
        run: &Playground,
        secrets: &PlaygroundSecrets,
    ) -> Result<Vec<u8>, StoreError> {
        let tokens = secrets.tokens.iter().map(|tokens| {
            json!({"access_token": tokens.access_token.expose(),
                "refresh_token": tokens.refresh_token.as_ref().map(Secret::expose),
                "raw": tokens.raw.expose()})
        });
        let tokens: Vec<_> = tokens.collect();
        let text = json!({"verifier": secrets.verifier.as_ref().map(Secret::expose),
            "code": secrets.code.as_ref().map(Secret::expose),
            "known": secrets.known, "echoed": secrets.echoed, "tokens": tokens});
        self.seal(&run_place(run), &Secret::new(text.to_string()))
            .await
    }

    async fn open_run(
        &self,
        run: &Playground,
        sealed: Vec<u8>,
    ) -> Result<PlaygroundSecrets, StoreError> {
        #[derive(Deserialize)]
        struct Stored {
            verifier: Option<String>,
            code: Option<String>,
            known: BTreeMap<String, String>,
            echoed: Vec<(String, String)>,
            tokens: Vec<StoredTokens>,
        }
        let text = self.open_sealed(&run_place(run), sealed).await?;
        let stored: Stored =
            serde_json::from_str(text.expose()).map_err(|_| StoreError::Corrupt {
                column: SEALED.to_owned(),
            })?;
        Ok(PlaygroundSecrets {
            verifier: stored.verifier.map(Secret::new),
            code: stored.code.map(Secret::new),
            known: stored.known,
            echoed: stored.echoed,
            tokens: stored
                .tokens
                .into_iter()
                .map(StoredTokens::opened)
                .collect(),
        })
    }
}

#[derive(Deserialize)]
struct StoredTokens {
    access_token: String,
    refresh_token: Option<String>,
    raw: String,
}

impl StoredTokens {
    fn opened(self) -> Tokens {
        Tokens {
            access_token: Secret::new(self.access_token),
            refresh_token: self.refresh_token.map(Secret::new),
            raw: Secret::new(self.raw),
            client_secret: None,
        }
    }
}

fn run_place(run: &Playground) -> Place<'_> {
    place(
        "playgrounds",
        SEALED,
        &run.organization,
        run.id.as_str(),
        run.generation,
    )
}
