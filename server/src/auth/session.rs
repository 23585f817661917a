//! Sessions of the portal: a random id in a cookie, everything else on the server.
//!
//! The database knows the hash of the id only (R39). A session ends half an hour after its last
//! use and eight hours after it began, both by the server's clock (R40); a visitor's, which holds
//! nothing but a refused form, after ten minutes. So does one that waits for the second factor: it is
//! half signed in, belongs to nobody yet as far as [`PortalSession::member`] is concerned, and opens
//! nothing. A session remembers when its member last proved who they are, because what could do much
//! harm asks for a proof of the last ten minutes (R43). Nothing is cached: a session that was ended is
//! ended for the next request on every node (R41).

use super::{Visitor, store_failure};
use crate::domain::{Member, MemberId, OrganizationId, Timestamp, random_base62};
use crate::store::{Store, StoreError, StoredSession};
use crate::vault::{Secret, TokenHash};
use app::wire::{Draft, PortalError};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
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

/// How long a proof of who someone is counts (R43).
const PROOF: Duration = Duration::from_mins(10);

const MEMBER: &str = "member";
/// Not the key of a member: a release that knows no second factor takes such a session for a visitor's.
const HALF: &str = "half";
const PROVED_AT: &str = "proved_at";
/// Another id does not make a session younger.
const BEGAN_AT: &str = "began_at";
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
        let Some(member) = session.member.as_ref().filter(|_| !session.half_signed_in) else {
            return;
        };
        if now < session.last_seen_at + TOUCH_EVERY {
            return;
        }
        let expires_at = (now + IDLE).min(session_ends_at(session.created_at));
        if let Err(error) = self.0.touch_session(&session.id, member, expires_at).await {
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
        let whole = text(MEMBER).and_then(|id| id.parse().ok());
        let half: Option<MemberId> = text(HALF).and_then(|id| id.parse().ok());
        let life = if whole.is_some() { IDLE } else { VISITOR };
        let began = record.data.get(BEGAN_AT).and_then(Value::as_i64);
        let created_at = began.map_or(now, Timestamp::from_millis);
        let session = StoredSession {
            id: hash_of(record.id),
            handle: random_base62(12),
            browser: text(BROWSER).unwrap_or_default().to_owned(),
            record: encode(record)?,
            created_at,
            last_seen_at: now,
            expires_at: (now + life).min(session_ends_at(created_at)),
            half_signed_in: whole.is_none() && half.is_some(),
            member: whole.or(half),
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
        let data: HashMap<String, Value> = serde_json::from_str(&session.record)
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
        self.member_at(MEMBER).await
    }

    /// Who showed the right password and has still to show the second factor;
    /// [`PortalError::SignedOut`] if nobody did.
    pub async fn half_signed_in(&self) -> Result<Member, PortalError> {
        self.member_at(HALF).await
    }

    async fn member_at(&self, key: &str) -> Result<Member, PortalError> {
        let id: Option<String> = self
            .session
            .get(key)
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
        let now = self.store.now().millis();
        self.put(MEMBER, member.id.as_str()).await?;
        self.put(BEGAN_AT, now).await?;
        self.put(PROVED_AT, now).await?;
        self.put(BROWSER, &visitor.browser).await
    }

    /// Begins a session that waits for the second factor, under a new id (R37).
    pub async fn begin_half(&self, member: &Member, visitor: &Visitor) -> Result<(), PortalError> {
        self.end().await?;
        self.put(HALF, member.id.as_str()).await?;
        self.put(BROWSER, &visitor.browser).await
    }

    /// Goes on under a new id, after the member has proved again who they are (R37, R43).
    pub async fn renew_proved(&self) -> Result<(), PortalError> {
        self.put(PROVED_AT, self.store.now().millis()).await?;
        self.renew().await
    }

    /// Goes on under a new id, after the member has shown the password again, which alone is no proof
    /// where there is a second factor. Secrets that were kept under the old id are lost.
    pub async fn renew(&self) -> Result<(), PortalError> {
        let renewed = async {
            self.session.cycle_id().await?;
            // now, so that it has an id again
            self.session.save().await
        };
        renewed.await.map_err(|error| failure(&error))
    }

    /// Whether the member proved in the last ten minutes who they are (R43).
    pub async fn is_proved(&self) -> Result<bool, PortalError> {
        let at: Option<i64> = self
            .session
            .get(PROVED_AT)
            .await
            .map_err(|error| failure(&error))?;
        let since = (self.store.now() - PROOF).millis();
        Ok(at.is_some_and(|at| at > since))
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
        match opened {
            // kept before the session got another id
            Err(StoreError::Unsealable { .. }) => Ok(None),
            opened => opened.map(Some).map_err(|error| store_failure(&error)),
        }
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
        let kept: Option<Value> = self
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
