//! The end of a connect flow: a connection is made, or renewed under its id (R22).

use super::connect_sessions::note_outcome;
use super::connections::{COLUMNS, SavedTokens, connection, event, scopes_json};
use super::db::{Runs, Tx, sql};
use super::events::tell;
use super::history::append;
use super::words::write_words;
use super::{Store, StoreError};
use crate::domain::{
    Actor, AuditAction, ClientSecretId, Connection, ConnectionId, EndUser, Flow, FlowStatus, Owner,
    Provider, Scopes, SessionStatus, Status,
};
use app::wire::{EventKind, HistoryKind};
use serde_json::json;
use std::collections::BTreeMap;

/// What a connect flow brought.
#[derive(Debug)]
pub struct NewConnection {
    /// Who owns it.
    pub owner: Owner,
    /// Who approved it.
    pub end_user: EndUser,
    /// The account's stable id at the provider, if it told.
    pub account_id: Option<String>,
    /// The account in words.
    pub account_label: Option<String>,
    /// The scopes that were asked for it.
    pub scopes_asked: Scopes,
    /// The token set.
    pub saved: SavedTokens,
}

/// The second token set of an answer, which becomes a connection of its own.
#[derive(Debug)]
pub struct SecondConnection {
    /// What it brought.
    pub new: NewConnection,
    /// This is what the flow set out to renew, and not the first.
    pub renews: bool,
}

/// Which account may come back where a connection is to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// The one that it was.
    Same,
    /// Any: the person chose that it replaces the old one.
    Replacing,
    /// Any: the person chose that it becomes a connection of its own.
    Beside,
}

/// Why a connect flow may not become a connection. The token set that was live stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerConflict {
    /// The connection to be renewed belongs to another account.
    OtherAccount,
    /// Another owner has this account, and the provider allows one owner per account.
    AccountAlreadyConnected,
    /// The connection to be renewed was revoked meanwhile.
    Revoked,
    /// The choice came too late: what was to be chosen from was given back.
    Ended,
}

/// With what a connection was authorized, and has to be refreshed.
pub(super) struct AuthorizedWith<'a> {
    pub(super) client_id: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) inputs: &'a BTreeMap<String, String>,
}

/// What a token set is to renew.
#[derive(Clone, Copy)]
pub(super) struct Renews<'a> {
    connection: Option<&'a ConnectionId>,
    /// Also where it belongs to another account.
    any_account: bool,
}

impl Renews<'_> {
    /// Nothing in particular: the connection of the same owner to the same account, if there is one.
    pub(super) const WHAT_IS_THERE: Self = Self {
        connection: None,
        any_account: false,
    };
}

impl Store {
    /// Ends a flow with a connection: a new one, or the one that is renewed, whose id stays (R22).
    /// `also` is the second token set of the same answer, if there was one; the flow's connection is
    /// the first.
    ///
    /// Whoever is not sure whether it was stored can say it again: a flow that has ended with a
    /// connection answers that one. `account` says what the person has chosen, if they had to.
    ///
    /// One transaction holds the token sets, the flow's and the session's outcome, the history and
    /// the audit. `Ok(Err(..))` changes nothing: what was live stays live.
    pub async fn finish_flow(
        &self,
        flow: &Flow,
        provider: &Provider,
        new: &NewConnection,
        also: Option<&SecondConnection>,
        account: Account,
    ) -> Result<Result<ConnectionId, OwnerConflict>, StoreError> {
        let mut tx = self.db.begin().await?;
        // two flows to one provider are compared with each other's result, not with what was before both
        tx.run(
            sql("UPDATE providers SET updated_at = updated_at WHERE id = $1")
                .bind(provider.id.as_str()),
        )
        .await?;
        let standing =
            sql("SELECT status, connection_id FROM flows WHERE id = $1").bind(flow.id.as_str());
        let Some(standing) = tx.row(standing).await? else {
            return Ok(Err(OwnerConflict::Ended));
        };
        if let Some(id) = standing.maybe_parsed("connection_id")? {
            return Ok(Ok(id));
        }
        let is_choice = account != Account::Same;
        if is_choice && standing.parsed::<FlowStatus>("status")? != FlowStatus::Choosing {
            return Ok(Err(OwnerConflict::Ended));
        }
        let renews_second = also.is_some_and(|also| also.renews);
        let renews = |wanted: bool| Renews {
            connection: flow
                .reconnect
                .as_ref()
                .filter(|_| wanted && account != Account::Beside),
            any_account: account == Account::Replacing,
        };
        let first = renews(!renews_second);
        let id = match self.settle(&mut tx, flow, provider, new, first).await? {
            Ok(id) => id,
            Err(conflict) => return Ok(Err(conflict)),
        };
        if let Some(also) = also {
            let second = renews(renews_second);
            let settled = self.settle(&mut tx, flow, provider, &also.new, second);
            if let Err(conflict) = settled.await? {
                return Ok(Err(conflict));
            }
        }
        let finished = sql("UPDATE flows SET status = 'connected', connection_id = $1, finished_at = $2, sealed_answer = NULL
             WHERE id = $3 AND status IN ('exchanging', 'choosing')")
            .bind(id.as_str())
            .bind(self.now())
            .bind(flow.id.as_str());
        tx.run(finished).await?;
        note_outcome(&mut tx, &flow.session, SessionStatus::Connected, None).await?;
        tx.commit().await?;
        Ok(Ok(id))
    }

    /// Makes or renews one connection, with its history and audit: the one to be renewed, if one is.
    async fn settle(
        &self,
        tx: &mut Tx,
        flow: &Flow,
        provider: &Provider,
        new: &NewConnection,
        renews: Renews<'_>,
    ) -> Result<Result<ConnectionId, OwnerConflict>, StoreError> {
        let existing = match self.existing(tx, provider, new, renews).await? {
            Ok(existing) => existing,
            Err(conflict) => return Ok(Err(conflict)),
        };
        let by = new.end_user.words().to_owned();
        let with = AuthorizedWith {
            client_id: &flow.client_id,
            redirect_uri: &flow.redirect_uri,
            inputs: &flow.inputs,
        };
        let (id, what, action, told) = match existing {
            Some(existing) => {
                let Some(held) = hold(tx, &existing.id).await? else {
                    return Ok(Err(OwnerConflict::Revoked));
                };
                self.renew(tx, &with, &held, new).await?;
                (
                    held.id,
                    HistoryKind::Reconnected { by: by.clone() },
                    AuditAction::Reconnected,
                    EventKind::ConnectionReauthorized,
                )
            }
            None => (
                self.insert(tx, &with, provider, new).await?,
                HistoryKind::Connected { by: by.clone() },
                AuditAction::Connected,
                EventKind::ConnectionCreated,
            ),
        };
        write_words(tx, &id).await?;
        let now = self.now();
        append(tx, &flow.organization, &id, now, &what).await?;
        let which = std::iter::once(&id);
        tell(tx, &flow.organization, which, now, (told, &json!({}))).await?;
        let actor = Actor {
            kind: "end_user",
            id: String::new(),
            name: by,
        };
        let detail = json!({"provider": provider.slug.as_str(), "session": flow.session.as_str()});
        let event = event(actor, action, &id, detail);
        self.audit(tx, &flow.organization, event).await?;
        Ok(Ok(id))
    }

    /// Which connection is renewed, if any, and whether it may be.
    pub(super) async fn existing(
        &self,
        tx: &mut Tx,
        provider: &Provider,
        new: &NewConnection,
        renews: Renews<'_>,
    ) -> Result<Result<Option<Connection>, OwnerConflict>, StoreError> {
        let same_account = match &new.account_id {
            Some(account) => {
                let statement = sql(COLUMNS)
                    .and(" WHERE provider_id = $1 AND account_id = $2 AND status <> 'revoked' ORDER BY created_at, id")
                    .bind(provider.id.as_str())
                    .bind(account);
                tx.rows(statement)
                    .await?
                    .iter()
                    .map(connection)
                    .collect::<Result<Vec<_>, _>>()?
            }
            None => Vec::new(),
        };
        if provider.one_owner_per_account
            && same_account.iter().any(|other| other.owner != new.owner)
        {
            return Ok(Err(OwnerConflict::AccountAlreadyConnected));
        }
        let Some(wanted) = renews.connection else {
            return Ok(Ok(same_account
                .into_iter()
                .find(|other| other.owner == new.owner)));
        };
        let statement = sql(COLUMNS)
            .and(" WHERE provider_id = $1 AND id = $2")
            .bind(provider.id.as_str())
            .bind(wanted.as_str());
        let renewed = tx
            .row(statement)
            .await?
            .as_ref()
            .map(connection)
            .transpose()?;
        Ok(match renewed {
            None => Err(OwnerConflict::Revoked),
            Some(renewed) if renewed.status == Status::Revoked => Err(OwnerConflict::Revoked),
            Some(renewed)
                if !renews.any_account
                    && renewed.account_id.is_some()
                    && renewed.account_id != new.account_id =>
            {
                Err(OwnerConflict::OtherAccount)
            }
            // two connections to one account would take each other's tokens away at some providers
            Some(renewed)
                if renews.any_account
                    && same_account
                        .iter()
                        .any(|other| other.owner == new.owner && other.id != renewed.id) =>
            {
                Err(OwnerConflict::AccountAlreadyConnected)
            }
            Some(renewed) => Ok(Some(renewed)),
        })
    }

    pub(super) async fn insert(
        &self,
        tx: &mut Tx,
        with: &AuthorizedWith<'_>,
        provider: &Provider,
        new: &NewConnection,
    ) -> Result<ConnectionId, StoreError> {
        let id = ConnectionId::random();
        let now = self.now();
        let sealed = self
            .seal_tokens(&provider.organization, &id, 1, &new.saved.tokens)
            .await?;
        let statement = sql(
            "INSERT INTO connections (id, organization_id, application_id, provider_id, owner_kind, owner_id, end_user_id,
                 end_user_name, end_user_email, account_id, account_label, tags, scopes_asked, scopes_granted, inputs,
                 metadata, client_id, redirect_uri, status, status_since, generation, sealed_tokens, has_refresh_token,
                 token_type, access_token_sha256, access_token_expires_at, refresh_due_at, lease_epoch, fail_count,
                 connected_at, created_at, updated_at, search_text, client_secret_id, client_secret_since,
                 look_at, token_set_at, look_generation)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '[]', $12, $13, $14, $15, $16, $17, 'active', $18, 1,
                 $19, $20, $21, $22, $23, $24, 0, 0, $18, $18, $18, $25, $26, $27, $28, $18, 1)",
        )
        .bind(id.as_str())
        .bind(provider.organization.as_str())
        .bind(provider.application.as_str())
        .bind(provider.id.as_str())
        .bind(new.owner.kind())
        .bind(new.owner.id())
        .bind(&new.end_user.id)
        .bind(new.end_user.name.clone())
        .bind(new.end_user.email.clone())
        .bind(new.account_id.clone())
        .bind(new.account_label.clone())
        .bind(scopes_json(&new.scopes_asked))
        .bind(scopes_json(&new.saved.scopes_granted))
        .bind(json!(with.inputs).to_string())
        .bind(json!(new.saved.metadata).to_string())
        .bind(with.client_id)
        .bind(with.redirect_uri)
        .bind(now)
        .bind(sealed)
        .bind(new.saved.tokens.refresh_token.is_some())
        .bind(&new.saved.token_type)
        .bind(crate::vault::sha256(new.saved.tokens.access_token.expose().as_bytes()))
        .bind(new.saved.expires_at)
        .bind(new.saved.refresh_due_at)
        .bind(search_text(&id, new))
        .bind(new.saved.client_secret.as_ref().map(ClientSecretId::as_str))
        .bind(new.saved.client_secret.as_ref().map(|_| now))
        .bind(new.saved.look_at);
        tx.run(statement).await?;
        Ok(id)
    }

    pub(super) async fn renew(
        &self,
        tx: &mut Tx,
        with: &AuthorizedWith<'_>,
        existing: &Connection,
        new: &NewConnection,
    ) -> Result<(), StoreError> {
        let generation = existing.generation + 1;
        let now = self.now();
        let sealed = self
            .seal_tokens(
                &existing.organization,
                &existing.id,
                generation,
                &new.saved.tokens,
            )
            .await?;
        let status_since = if existing.status == Status::Active {
            existing.status_since
        } else {
            now
        };
        let statement = sql(
            "UPDATE connections SET end_user_id = $1, end_user_name = $2, end_user_email = $3, account_id = $4,
                 account_label = $5, scopes_asked = $6, scopes_granted = $7, inputs = $8, metadata = $9, client_id = $10,
                 redirect_uri = $11, status = 'active', status_since = $12, broken_reason = NULL, generation = $13,
                 sealed_tokens = $14, has_refresh_token = $15, token_type = $16, access_token_sha256 = $17,
                 access_token_expires_at = $18, refresh_due_at = $19, lease_owner = NULL, lease_until = NULL,
                 intent_generation = NULL, intent_at = NULL, next_refresh_at = NULL, fail_count = 0,
                 last_error_class = NULL, connected_at = $20, updated_at = $20, search_text = $21,
                 client_secret_since = CASE WHEN client_secret_id = $22 THEN client_secret_since ELSE $23 END,
                 client_secret_id = $22, look_at = $25, look_generation = $13, claimed_until = NULL, token_set_at = $20,
                 in_care_of_id = NULL, in_care_of_name = NULL, in_care_of_email = NULL
             WHERE id = $24",
        )
        .bind(&new.end_user.id)
        .bind(new.end_user.name.clone())
        .bind(new.end_user.email.clone())
        .bind(new.account_id.clone().or_else(|| existing.account_id.clone()))
        .bind(new.account_label.clone().or_else(|| existing.account_label.clone()))
        .bind(scopes_json(&new.scopes_asked))
        .bind(scopes_json(&new.saved.scopes_granted))
        .bind(json!(with.inputs).to_string())
        .bind(json!(new.saved.metadata).to_string())
        .bind(with.client_id)
        .bind(with.redirect_uri)
        .bind(status_since)
        .bind(generation)
        .bind(sealed)
        .bind(new.saved.tokens.refresh_token.is_some())
        .bind(&new.saved.token_type)
        .bind(crate::vault::sha256(new.saved.tokens.access_token.expose().as_bytes()))
        .bind(new.saved.expires_at)
        .bind(new.saved.refresh_due_at)
        .bind(now)
        .bind(search_text(&existing.id, new))
        .bind(new.saved.client_secret.as_ref().map(ClientSecretId::as_str))
        .bind(new.saved.client_secret.as_ref().map(|_| now))
        .bind(existing.id.as_str())
        .bind(new.saved.look_at);
        tx.run(statement).await?;
        Ok(())
    }
}

/// Takes a connection's row before it is renewed, and reads it as it is now: a refresh that commits
/// at the same time comes before or after, never in between. `None`: it was revoked.
pub(super) async fn hold(tx: &mut Tx, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
    let take =
        sql("UPDATE connections SET updated_at = updated_at WHERE id = $1 AND status <> 'revoked'")
            .bind(id.as_str());
    if tx.run(take).await? == 0 {
        return Ok(None);
    }
    tx.row(sql(COLUMNS).and(" WHERE id = $1").bind(id.as_str()))
        .await?
        .as_ref()
        .map(connection)
        .transpose()
}

fn search_text(id: &ConnectionId, new: &NewConnection) -> String {
    [
        Some(id.as_str()),
        Some(new.end_user.id.as_str()),
        new.end_user.name.as_deref(),
        new.end_user.email.as_deref(),
        Some(new.owner.id()),
        new.account_id.as_deref(),
        new.account_label.as_deref(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("\n")
    .to_lowercase()
}
