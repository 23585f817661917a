//! Connections: read and described; and how their token sets are sealed.

use super::db::{Row, Runs, Statement, sql};
use super::words::write_words;
use super::{Each, Store, StoreError, place};
use crate::domain::{
    Actor, ApplicationId, AuditAction, AuditEvent, ClientSecretId, Connection, ConnectionId,
    EndUser, OrganizationId, Owner, Provider, ProviderId, Scopes, Status, Timestamp, Tokens,
};
use crate::vault::{Place, Secret};
use app::wire::ConnectionState;
use serde_json::json;
use std::collections::BTreeMap;

/// What an exchange or a refresh brought, ready to be stored.
#[derive(Debug)]
pub struct SavedTokens {
    /// The secret part.
    pub tokens: Tokens,
    /// `Bearer`, as a rule.
    pub token_type: String,
    /// When the access token ends; `None` when it does not.
    pub expires_at: Option<Timestamp>,
    /// When it is to be renewed; `None` when it does not end.
    pub refresh_due_at: Option<Timestamp>,
    /// When the server looks at it by itself; `None`: never.
    pub look_at: Option<Timestamp>,
    /// Scopes that were granted.
    pub scopes_granted: Scopes,
    /// Open members of the answer.
    pub metadata: BTreeMap<String, String>,
    /// The client secret with which it was got; `None` for a customer's own.
    pub client_secret: Option<ClientSecretId>,
}

pub(super) const COLUMNS: &str = "SELECT id, organization_id, application_id, provider_id, owner_kind, owner_id, end_user_id, \
     end_user_name, end_user_email, account_id, account_label, label, tags, scopes_asked, scopes_granted, inputs, metadata, \
     client_id, client_secret_id, redirect_uri, status, status_since, broken_reason, generation, has_refresh_token, token_type, \
     access_token_sha256, access_token_expires_at, refresh_due_at, look_at, look_generation, token_set_at, next_refresh_at, fail_count, last_error_class, \
     last_handed_out_at, in_care_of_id, in_care_of_name, in_care_of_email, \
     connected_at, created_at, sealed_tokens, (SELECT slug FROM providers WHERE providers.id = provider_id) AS provider_slug, \
     (SELECT stopped_at FROM providers WHERE providers.id = provider_id) AS stopped_at FROM connections";

/// 1 where a refresh has failed since the last that worked, else 0. What is counted is grouped by it.
pub(super) const FAILING: &str = "CAST(CASE WHEN fail_count > 0 THEN 1 ELSE 0 END AS BIGINT)";

/// Reads the state of a row that has `status`, and [`FAILING`] as `failing`.
pub(super) fn state(row: &Row) -> Result<ConnectionState, StoreError> {
    Ok(row.parsed::<Status>("status")?.state(row.flag("failing")?))
}

/// Reads a row of [`COLUMNS`].
pub(super) fn connection(row: &Row) -> Result<Connection, StoreError> {
    let corrupt = |column: &str| StoreError::Corrupt {
        column: column.to_owned(),
    };
    // an earlier release stores a token set without saying when to look at it
    let is_known = row.maybe_int("look_generation")? == Some(row.int("generation")?);
    Ok(Connection {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        application: row.parsed("application_id")?,
        provider: row.parsed("provider_id")?,
        provider_slug: row.parsed("provider_slug")?,
        owner: Owner::from_parts(&row.text("owner_kind")?, &row.text("owner_id")?)
            .ok_or_else(|| corrupt("owner_kind"))?,
        end_user: EndUser {
            id: row.text("end_user_id")?,
            name: row.maybe_text("end_user_name")?,
            email: row.maybe_text("end_user_email")?,
        },
        in_care: row
            .maybe_text("in_care_of_id")?
            .map(|id| {
                Ok::<_, StoreError>(EndUser {
                    id,
                    name: row.maybe_text("in_care_of_name")?,
                    email: row.maybe_text("in_care_of_email")?,
                })
            })
            .transpose()?,
        account_id: row.maybe_text("account_id")?,
        account_label: row.maybe_text("account_label")?,
        label: row.maybe_text("label")?,
        tags: row.json("tags")?,
        scopes_asked: scopes(row, "scopes_asked")?,
        scopes_granted: scopes(row, "scopes_granted")?,
        inputs: row.json("inputs")?,
        metadata: row.json("metadata")?,
        client_id: row.text("client_id")?,
        client_secret: row.maybe_parsed("client_secret_id")?,
        redirect_uri: row.text("redirect_uri")?,
        status: row.parsed("status")?,
        status_since: row.time("status_since")?,
        broken_reason: row.maybe_parsed("broken_reason")?,
        generation: row.int("generation")?,
        has_refresh_token: row.flag("has_refresh_token")?,
        token_type: row.text("token_type")?,
        access_token_sha256: row.maybe_hash("access_token_sha256")?,
        access_token_expires_at: row.maybe_time("access_token_expires_at")?,
        refresh_due_at: row.maybe_time("refresh_due_at")?,
        look_at: if is_known {
            row.maybe_time("look_at")?
        } else {
            Some(Connection::LOOK_AT_ONCE)
        },
        token_set_at: row.maybe_time("token_set_at")?.filter(|_| is_known),
        next_refresh_at: row.maybe_time("next_refresh_at")?,
        fail_count: row.int("fail_count")?,
        last_error_class: row.maybe_text("last_error_class")?,
        last_handed_out_at: row.maybe_time("last_handed_out_at")?,
        connected_at: row.time("connected_at")?,
        created_at: row.time("created_at")?,
        stopped: row.maybe_int("stopped_at")?.is_some(),
    })
}

fn scopes(row: &Row, column: &str) -> Result<Scopes, StoreError> {
    let names: Vec<String> = row.json(column)?;
    Scopes::new(names).map_err(|_| StoreError::Corrupt {
        column: column.to_owned(),
    })
}

pub(super) fn scopes_json(scopes: &Scopes) -> String {
    json!(scopes.iter().collect::<Vec<_>>()).to_string()
}

impl Store {
    /// A connection of an application. A foreign id is no different from a made-up one (R65).
    pub async fn connection(
        &self,
        application: &ApplicationId,
        id: &str,
    ) -> Result<Option<Connection>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 AND id = $2")
            .bind(application.as_str())
            .bind(id);
        self.db.read_one(statement, connection).await
    }

    /// A connection by its id alone, for the server's own tasks.
    pub async fn connection_by_id(
        &self,
        id: &ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        let read = |ids| self.by_ids(sql(COLUMNS), ids, connection);
        self.connection_reads.read(id.clone(), read).await
    }

    /// A connection of an application with its tokens, in one read; revoked ones have none.
    pub async fn connection_with_tokens(
        &self,
        application: &ApplicationId,
        id: &str,
    ) -> Result<Option<(Connection, Option<Tokens>)>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 AND id = $2")
            .bind(application.as_str())
            .bind(id);
        match (&self.db).row(statement).await? {
            Some(row) => self.with_tokens(&row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Several of them, in one read, of whatever application: whoever asks for one compares (R65).
    pub async fn connections_with_tokens(
        &self,
        ids: &[String],
    ) -> Result<Each<String, (Connection, Option<Tokens>), StoreError>, StoreError> {
        let statement = sql(COLUMNS).and(" WHERE id").and_in(ids);
        let mut found = Each::new();
        for row in (&self.db).rows(statement).await? {
            found.insert(row.text("id")?, self.with_tokens(&row).await);
        }
        Ok(found)
    }

    async fn with_tokens(&self, row: &Row) -> Result<(Connection, Option<Tokens>), StoreError> {
        let connection = connection(row)?;
        let Some(sealed) = row.maybe_bytes("sealed_tokens")? else {
            return Ok((connection, None));
        };
        let (organization, id) = (&connection.organization, &connection.id);
        let tokens = self.open_tokens(organization, id, connection.generation, sealed);
        let tokens = tokens.await?;
        Ok((connection, Some(tokens)))
    }

    /// How many connections to an account hold a grant of the provider.
    pub async fn grants_of_account(
        &self,
        provider: &Provider,
        account: &str,
    ) -> Result<u32, StoreError> {
        let statement = sql(
            "SELECT COUNT(*) AS grants FROM connections WHERE provider_id = $1 AND account_id = $2 AND status = 'active'",
        )
        .bind(provider.id.as_str())
        .bind(account);
        let row = (&self.db).row(statement).await?;
        let grants = row.map_or(Ok(0), |row| row.int("grants"))?;
        Ok(u32::try_from(grants).unwrap_or(u32::MAX))
    }

    /// Other connections to the same account that are not revoked: at most `limit` of them, the oldest
    /// first, and how many there are.
    pub async fn same_account(
        &self,
        connection: &Connection,
        limit: i64,
    ) -> Result<(Vec<Connection>, u64), StoreError> {
        let others = |statement: Statement| {
            statement
                .and_bind(" WHERE provider_id = ?", connection.provider.as_str())
                .and_bind(" AND account_id = ?", connection.account_id.as_deref())
                .and_bind(" AND id <> ?", connection.id.as_str())
                .and(" AND status <> 'revoked'")
        };
        let counted = others(sql("SELECT COUNT(*) AS many FROM connections"));
        let row = (&self.db).row(counted).await?;
        let count = row.map_or(Ok(0), |row| row.count("many"))?;
        let statement = others(sql(COLUMNS))
            .and(" ORDER BY created_at, id")
            .and_bind(" LIMIT ?", limit);
        let rows = (&self.db).rows(statement).await?;
        let found: Result<Vec<_>, _> = rows.iter().map(self::connection).collect();
        Ok((found?, count))
    }

    /// Connections to a provider that an owner has: those that work first, then the newest.
    pub async fn connections_of_owner(
        &self,
        provider: &ProviderId,
        owner: &Owner,
    ) -> Result<Vec<Connection>, StoreError> {
        let statement = sql(COLUMNS)
            .and(
                " WHERE provider_id = $1 AND owner_kind = $2 AND owner_id = $3 AND status <> 'revoked'
                  ORDER BY CASE status WHEN 'active' THEN 0 ELSE 1 END, connected_at DESC, id",
            )
            .bind(provider.as_str())
            .bind(owner.kind())
            .bind(owner.id());
        self.db.read_all(statement, connection).await
    }

    /// Connections that are not revoked, per provider of an application.
    pub async fn connections_per_provider(
        &self,
        application: &ApplicationId,
    ) -> Result<BTreeMap<String, u64>, StoreError> {
        let statement = sql(
            "SELECT provider_id, COUNT(*) AS many FROM connections WHERE application_id = $1 AND status <> 'revoked' GROUP BY provider_id",
        )
        .bind(application.as_str());
        let rows = (&self.db).rows(statement).await?;
        rows.iter()
            .map(|row| Ok((row.text("provider_id")?, row.count("many")?)))
            .collect()
    }

    /// When a token of an application was last handed out.
    pub async fn last_handed_out_at(
        &self,
        application: &ApplicationId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let statement = sql(
            "SELECT MAX(last_handed_out_at) AS last FROM connections WHERE application_id = $1",
        )
        .bind(application.as_str());
        (&self.db)
            .row(statement)
            .await?
            .map_or(Ok(None), |row| row.maybe_time("last"))
    }

    /// Changes what the backend may name: label and tags.
    pub async fn describe_connection(
        &self,
        connection: &Connection,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let statement =
            sql("UPDATE connections SET label = $1, tags = $2, updated_at = $3 WHERE id = $4")
                .bind(connection.label.clone())
                .bind(json!(connection.tags).to_string())
                .bind(self.now())
                .bind(connection.id.as_str());
        tx.run(statement).await?;
        write_words(&mut tx, &connection.id).await?;
        let detail = json!({"label": connection.label, "tags": connection.tags});
        self.audit(
            &mut tx,
            &connection.organization,
            event(
                actor,
                AuditAction::ConnectionDescribed,
                &connection.id,
                detail,
            ),
        )
        .await?;
        tx.commit().await
    }

    /// Seals a token set for one generation of one connection.
    pub(super) async fn seal_tokens(
        &self,
        organization: &OrganizationId,
        id: &ConnectionId,
        generation: i64,
        tokens: &Tokens,
    ) -> Result<Vec<u8>, StoreError> {
        let text = Secret::new(
            json!({
                "access_token": tokens.access_token.expose(),
                "refresh_token": tokens.refresh_token.as_ref().map(Secret::expose),
                "raw": tokens.raw.expose(),
                "client_secret": tokens.client_secret.as_ref().map(Secret::expose),
            })
            .to_string(),
        );
        self.seal(&tokens_place(organization, id, generation), &text)
            .await
    }

    /// Opens the token set of one generation of one connection.
    pub(super) async fn open_tokens(
        &self,
        organization: &OrganizationId,
        id: &ConnectionId,
        generation: i64,
        sealed: Vec<u8>,
    ) -> Result<Tokens, StoreError> {
        let text = self
            .open_sealed(&tokens_place(organization, id, generation), sealed)
            .await?;
        let corrupt = || StoreError::Corrupt {
            column: "sealed_tokens".to_owned(),
        };
        let stored: StoredTokens = serde_json::from_str(text.expose()).map_err(|_| corrupt())?;
        Ok(Tokens {
            access_token: Secret::new(stored.access_token),
            refresh_token: stored.refresh_token.map(Secret::new),
            raw: Secret::new(stored.raw),
            client_secret: stored.client_secret.map(Secret::new),
        })
    }
}

#[derive(serde::Deserialize)]
struct StoredTokens {
    access_token: String,
    refresh_token: Option<String>,
    raw: String,
    client_secret: Option<String>,
}

fn tokens_place<'a>(
    organization: &'a OrganizationId,
    id: &'a ConnectionId,
    generation: i64,
) -> Place<'a> {
    place(
        "connections",
        "sealed_tokens",
        organization,
        id.as_str(),
        generation,
    )
}

pub(super) fn event(
    actor: Actor,
    action: AuditAction,
    id: &ConnectionId,
    detail: serde_json::Value,
) -> AuditEvent {
    AuditEvent {
        actor,
        action,
        subject_kind: "connection",
        subject_id: id.to_string(),
        detail,
    }
}
