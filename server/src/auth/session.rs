//! Sessions of the portal: a random id in a cookie, everything else on the server.
//!
//! The database knows the hash of the id only (R39). A session ends half an hour after its last
//! use and eight hours after it began, both by the server's clock (R40); a visitor's, which holds
//! nothing but a refused form, after ten minutes. Nothing is cached: a session that was ended is
//! ended for the next request on every node (R41).

use super::{Visitor, store_failure};
use crate::domain::{Member, MemberId, OrganizationId, Timestamp, random_base62};
use crate::store::{Store, StoreError, StoredSession};
use crate::vault::{Secret, TokenHash};
use app::wire::{Draft, PortalError};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result as StoreResult};
use tower_sessions::{Session, SessionStore};

const IDLE: Duration = Duration::from_mins(30);
const ABSOLUTE: Duration = Duration::from_hours(8);
const VISITOR: Duration = Duration::from_mins(10);
/// How exactly the last use is known.
const TOUCH_EVERY: Duration = Duration::from_mins(1);
const DRAFT_LIFE: Duration = Duration::from_mins(10);
const FLASH_LIFE: Duration = Duration::from_mins(5);
/// A refused form that is longer is not kept: a visitor can make the server remember only so much.
const LONGEST_DRAFT: usize = 16 * 1024;

const MEMBER: &str = "member";
const BROWSER: &str = "browser";

/// When a session ends that began at `created_at`, whatever happens.
#[must_use]
pub fn session_ends_at(created_at: Timestamp) -> Timestamp {
    created_at + ABSOLUTE
}

/// The `sessions` table as tower-sessions asks for it.
#[derive(Clone)]
pub struct SessionTable(Store);

impl SessionTable {
    /// In this database.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self(store)
    }

    async fn touch(&self, session: &StoredSession) {
        let now = self.0.now();
        if session.member.is_none() || now < session.last_seen_at + TOUCH_EVERY {
            return;
        }
        let expires_at = (now + IDLE).min(session_ends_at(session.created_at));
        if let Err(error) = self.0.touch_session(&session.id, expires_at).await {
            // the request itself may well succeed; at worst the session ends early
            tracing::warn!(%error, "the use of a session was not noted");
        }
    }
}

impl std::fmt::Debug for SessionTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionTable")
    }
}

#[async_trait]
impl SessionStore for SessionTable {
    /// Always under a new id: what a browser brought along never becomes the id of a session (R37).
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        record.id = Id::default();
        let now = self.0.now();
        let text = |key| record.data.get(key).and_then(|value| value.as_str());
        let member: Option<MemberId> = text(MEMBER).and_then(|id| id.parse().ok());
        let session = StoredSession {
            id: hash_of(record.id),
            handle: random_base62(12),
            browser: text(BROWSER).unwrap_or_default().to_owned(),
            record: encode(record)?,
            created_at: now,
            last_seen_at: now,
            expires_at: now + if member.is_some() { IDLE } else { VISITOR },
            member,
        };
        self.0
            .create_session(&session)
            .await
            .map_err(|error| backend(&error))
    }

    async fn save(&self, record: &Record) -> StoreResult<()> {
        let saved = self
            .0
            .save_session(&hash_of(record.id), &encode(record)?)
            .await;
        saved.map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let found = self.0.session(&hash_of(*id)).await;
        let Some(session) = found.map_err(|error| backend(&error))? else {
            return Ok(None);
        };
        self.touch(&session).await;
        let data: HashMap<String, serde_json::Value> = serde_json::from_str(&session.record)
            .map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(session.expires_at.seconds())
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        let deleted = self.0.delete_session(&hash_of(*id)).await;
        deleted.map_err(|error| backend(&error))
    }
}

fn hash_of(id: Id) -> TokenHash {
    TokenHash::of(&id.to_string())
}

fn encode(record: &Record) -> StoreResult<String> {
    serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

fn backend(error: &StoreError) -> Error {
    Error::Backend(error.to_string())
}

/// Something that is kept until it is read or its time is over.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    until: i64,
    value: T,
}

/// The session of one request.
#[derive(Clone)]
pub struct PortalSession {
    session: Session,
    store: Store,
}

impl PortalSession {
    /// From what the session layer put into the request.
    #[must_use]
    pub fn new(session: Session, store: Store) -> Self {
        Self { session, store }
    }

    /// The hash of the session's id, once it has one.
    #[must_use]
    pub fn id(&self) -> Option<TokenHash> {
        self.session.id().map(hash_of)
    }

    /// Who is signed in, as the database says now; [`PortalError::SignedOut`] if nobody is.
    pub async fn member(&self) -> Result<Member, PortalError> {
        let id: Option<String> = self
            .session
            .get(MEMBER)
            .await
            .map_err(|error| failure(&error))?;
        let Some(id) = id.and_then(|id| id.parse::<MemberId>().ok()) else {
            return Err(PortalError::SignedOut);
        };
        let member = self.store.active_member(&id).await;
        member
            .map_err(|error| store_failure(&error))?
            .ok_or(PortalError::SignedOut)
    }

    /// Begins a session for a member under a new id. Whatever the visitor's session held is gone,
    /// and so is its id (R37).
    pub async fn begin(&self, member: &Member, visitor: &Visitor) -> Result<(), PortalError> {
        self.end().await?;
        self.put(MEMBER, member.id.as_str()).await?;
        self.put(BROWSER, &visitor.browser).await
    }

    /// Goes on under a new id, after the member has shown the password again (R37).
    pub async fn renew(&self) -> Result<(), PortalError> {
        self.session
            .cycle_id()
            .await
            .map_err(|error| failure(&error))
    }

    /// Ends the session on the server; the answer takes the cookie back.
    pub async fn end(&self) -> Result<(), PortalError> {
        if self.session.id().is_none() {
            return Ok(());
        }
        self.session.flush().await.map_err(|error| failure(&error))
    }

    /// Keeps what a refused form held, for ten minutes. One that is too long is let go.
    pub async fn keep_draft(&self, form: &str, draft: Draft) -> Result<(), PortalError> {
        let length: usize = draft
            .fields
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if length > LONGEST_DRAFT {
            return Ok(());
        }
        self.keep(&draft_key(form), draft, DRAFT_LIFE).await
    }

    /// Gives back what a refused form held, once.
    pub async fn take_draft(&self, form: &str) -> Result<Option<Draft>, PortalError> {
        self.take(&draft_key(form)).await
    }

    /// Keeps a secret that the next page shows once, sealed, for five minutes. Only a member's
    /// session keeps one.
    pub async fn keep_secret(
        &self,
        name: &str,
        organization: &OrganizationId,
        secret: &Secret<String>,
    ) -> Result<(), PortalError> {
        let id = self.id().ok_or(PortalError::SignedOut)?;
        let sealed = self.store.seal_for_session(&id, organization, secret).await;
        let sealed = sealed.map_err(|error| store_failure(&error))?;
        self.keep(&secret_key(name), sealed, FLASH_LIFE).await
    }

    /// Gives back a secret that was kept, once.
    pub async fn take_secret(
        &self,
        name: &str,
        organization: &OrganizationId,
    ) -> Result<Option<Secret<String>>, PortalError> {
        let id = self.id().ok_or(PortalError::SignedOut)?;
        let Some(sealed) = self.take::<String>(&secret_key(name)).await? else {
            return Ok(None);
        };
        let opened = self
            .store
            .open_for_session(&id, organization, &sealed)
            .await;
        opened.map(Some).map_err(|error| store_failure(&error))
    }

    async fn keep<T: Serialize + Send + Sync>(
        &self,
        key: &str,
        value: T,
        life: Duration,
    ) -> Result<(), PortalError> {
        let until = (self.store.now() + life).millis();
        self.put(key, Kept { until, value }).await
    }

    async fn take<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<T>, PortalError> {
        // looked at first: removing marks the session as changed even where nothing was
        if self
            .session
            .get_value(key)
            .await
            .map_err(|error| failure(&error))?
            .is_none()
        {
            return Ok(None);
        }
        let kept: Option<serde_json::Value> = self
            .session
            .remove(key)
            .await
            .map_err(|error| failure(&error))?;
        let kept: Option<Kept<T>> = kept.and_then(|value| serde_json::from_value(value).ok());
        let now = self.store.now().millis();
        Ok(kept.filter(|kept| kept.until > now).map(|kept| kept.value))
    }

    async fn put(&self, key: &str, value: impl Serialize + Send) -> Result<(), PortalError> {
        self.session
            .insert(key, value)
            .await
            .map_err(|error| failure(&error))
    }
}

fn draft_key(form: &str) -> String {
    format!("draft {form}")
}

fn secret_key(name: &str) -> String {
    format!("secret {name}")
}

fn failure(error: &tower_sessions::session::Error) -> PortalError {
    tracing::error!(%error, "the session could not be read or written");
    PortalError::Unavailable
}
