//! Connections that are brought in with tokens that somebody else had got.
//!
//! They are made as a connect flow makes them (`finishing.rs`), with history and audit. What comes a
//! second time is known by what it is called where it comes from, by the tokens that it came with the
//! first time, or by its owner and account; then nothing is changed unless that is asked for.
//!
//! To try it out is the same transaction, taken back at its end.

use super::connections::{COLUMNS, connection, event};
use super::db::{Runs, Tx, sql};
use super::events::tell;
use super::finishing::{AuthorizedWith, Renews, hold};
use super::history::append;
use super::words::write_words;
use super::{NewConnection, OwnerConflict, Store, StoreError};
use crate::domain::{
    Actor, AuditAction, Connection, ConnectionId, Provider, ProviderId, Status, Timestamp,
};
use crate::vault::sha256;
use app::wire::{BrokenReason, EventKind, HistoryKind};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A connection that is brought in.
#[derive(Debug)]
pub struct Import {
    /// What a connect flow would have brought.
    pub new: NewConnection,
    /// Client ID with which it was authorized.
    pub client_id: String,
    /// Redirect URI with which it was authorized.
    pub redirect_uri: String,
    /// What the end user filled in.
    pub inputs: BTreeMap<String, String>,
    /// A name that the backend gave.
    pub label: Option<String>,
    /// Tags that the backend gave.
    pub tags: Vec<String>,
    /// When it was approved; `None`: it is not known.
    pub connected_at: Option<Timestamp>,
    /// What it is called where it comes from.
    pub external_id: Option<String>,
    /// Its tokens are known to be dead: a person has to approve again.
    pub broken: Option<BrokenReason>,
}

impl Import {
    /// What the same tokens are known by.
    #[must_use]
    pub fn tokens_sha256(&self) -> [u8; 32] {
        let tokens = &self.new.saved.tokens;
        let lasting = tokens
            .refresh_token
            .as_ref()
            .unwrap_or(&tokens.access_token);
        sha256(lasting.expose().as_bytes())
    }
}

/// How connections are brought in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportHow {
    /// One that is there gets the tokens that come, if they are others than it came with.
    pub replace: bool,
    /// Nothing is kept.
    pub dry_run: bool,
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It is a connection now.
    Imported(ConnectionId),
    /// It was there, and has the tokens that came.
    Replaced(ConnectionId),
    /// It was there, and stayed as it is.
    AlreadyThere(ConnectionId),
    /// It may not come in.
    Refused(ImportConflict),
}

/// Why one may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportConflict {
    /// Another owner has this account, and the provider allows one owner per account.
    AccountAlreadyConnected,
    /// It came in before, and was revoked since.
    Revoked,
}

impl Store {
    /// Brings connections in, in one transaction: few enough for its deadline. Answers for each what
    /// became of it.
    pub async fn import(
        &self,
        imports: &[(&Provider, &Import)],
        how: ImportHow,
        actor: &Actor,
    ) -> Result<Vec<ImportOutcome>, StoreError> {
        let mut tx = self.db.begin().await?;
        let providers: BTreeSet<&str> = imports
            .iter()
            .map(|(provider, _)| provider.id.as_str())
            .collect();
        // in one order, so that two never wait for each other; as in a connect flow, each is compared
        // with what the others have made
        for provider in providers {
            let take = sql("UPDATE providers SET updated_at = updated_at WHERE id = $1");
            tx.run(take.bind(provider)).await?;
        }
        let mut outcomes = Vec::with_capacity(imports.len());
        for (provider, import) in imports {
            outcomes.push(
                self.import_one(&mut tx, provider, import, how.replace, actor)
                    .await?,
            );
        }
        if !how.dry_run {
            tx.commit().await?;
        }
        Ok(outcomes)
    }

    async fn import_one(
        &self,
        tx: &mut Tx,
        provider: &Provider,
        import: &Import,
        replace: bool,
        actor: &Actor,
    ) -> Result<ImportOutcome, StoreError> {
        let hash = import.tokens_sha256();
        let there = match came_before(tx, &provider.id, import, &hash).await? {
            Some((found, _)) if found.status == Status::Revoked => {
                return Ok(ImportOutcome::Refused(ImportConflict::Revoked));
            }
            Some(found) => Some(found),
            None => match self
                .existing(tx, provider, &import.new, Renews::WHAT_IS_THERE)
                .await?
            {
                Ok(found) => found.map(|found| (found, false)),
                Err(OwnerConflict::AccountAlreadyConnected) => {
                    let conflict = ImportConflict::AccountAlreadyConnected;
                    return Ok(ImportOutcome::Refused(conflict));
                }
                Err(_) => None,
            },
        };
        let with = AuthorizedWith {
            client_id: &import.client_id,
            redirect_uri: &import.redirect_uri,
            inputs: &import.inputs,
        };
        let (id, replaced) = match there {
            Some((found, same_tokens)) if same_tokens || !replace => {
                return Ok(ImportOutcome::AlreadyThere(found.id));
            }
            Some((found, _)) => {
                let Some(held) = hold(tx, &found.id).await? else {
                    return Ok(ImportOutcome::Refused(ImportConflict::Revoked));
                };
                self.renew(tx, &with, &held, &import.new).await?;
                (held.id, true)
            }
            None => (self.insert(tx, &with, provider, &import.new).await?, false),
        };
        describe(tx, &id, import, &hash).await?;
        write_words(tx, &id).await?;
        let what = HistoryKind::Imported {
            by: actor.name.clone(),
        };
        append(tx, &provider.organization, &id, self.now(), &what).await?;
        let told = if replaced {
            EventKind::ConnectionReauthorized
        } else {
            EventKind::ConnectionCreated
        };
        let about = std::iter::once(&id);
        tell(
            tx,
            &provider.organization,
            about,
            self.now(),
            (told, &Value::Null),
        )
        .await?;
        let detail = json!({"provider": provider.slug.as_str(), "external_id": import.external_id, "replaced": replaced});
        let event = event(actor.clone(), AuditAction::Imported, &id, detail);
        self.audit(tx, &provider.organization, event).await?;
        Ok(if replaced {
            ImportOutcome::Replaced(id)
        } else {
            ImportOutcome::Imported(id)
        })
    }
}

/// The connection that this one is, if it came before; and whether it brings the tokens that it came
/// with then. One that is not revoked goes before one that is.
async fn came_before(
    tx: &mut Tx,
    provider: &ProviderId,
    import: &Import,
    hash: &[u8; 32],
) -> Result<Option<(Connection, bool)>, StoreError> {
    let by_name = import.external_id.as_deref().unwrap_or_default();
    let known = sql(
        "SELECT id, CAST(CASE WHEN imported_sha256 = $1 THEN 1 ELSE 0 END AS BIGINT) AS same FROM connections
         WHERE provider_id = $2 AND (imported_sha256 = $1 OR (external_id = $3 AND $3 <> ''))
         ORDER BY CASE status WHEN 'revoked' THEN 1 ELSE 0 END, created_at, id LIMIT 1",
    )
    .bind(*hash)
    .bind(provider.as_str())
    .bind(by_name);
    let Some(known) = tx.row(known).await? else {
        return Ok(None);
    };
    let same = known.count("same")? > 0;
    let statement = sql(COLUMNS).and(" WHERE id = $1").bind(known.text("id")?);
    let found = tx.row(statement).await?;
    let found = found.as_ref().map(connection).transpose()?;
    Ok(found.map(|found| (found, same)))
}

/// What an import says and a connect flow does not.
async fn describe(
    tx: &mut Tx,
    id: &ConnectionId,
    import: &Import,
    hash: &[u8; 32],
) -> Result<(), StoreError> {
    let statement = sql(
        "UPDATE connections SET external_id = COALESCE($1, external_id), imported_sha256 = $2, label = COALESCE($3, label),
             tags = $4, connected_at = COALESCE($5, connected_at) WHERE id = $6",
    )
    .bind(import.external_id.clone())
    .bind(*hash)
    .bind(import.label.clone())
    .bind(json!(import.tags).to_string())
    .bind(import.connected_at)
    .bind(id.as_str());
    tx.run(statement).await?;
    if let Some(reason) = import.broken {
        let statement = sql(
            "UPDATE connections SET status = 'reconnect_required', broken_reason = $1, look_at = NULL WHERE id = $2",
        )
        .bind(reason.as_str())
        .bind(id.as_str());
        tx.run(statement).await?;
    }
    Ok(())
}
