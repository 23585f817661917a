//! A link with which the owner of a connection reconnects, made out of nothing that is stored: it stands
//! ready on the connection's page, and looking at a page changes nothing.
//!
//! ```text
//! /connect/{connection}.{seconds}.{mac}
//! ```
//!
//! The end is a MAC by a key of the organization's, for this purpose alone. It covers when the link was
//! made and when the connection was last approved, so a link works for seven days, until it has done
//! its work, or until the connection is revoked. It shows the page that asks. Only the press on it makes a
//! connect session, whose link the browser goes on with.

use super::Connect;
use super::answer::Stopped;
use super::view::Open;
use crate::domain::{
    Actor, ConnectSession, Connection, ConnectionId, LINK_SECRET, Status, Timestamp, random_base62,
};
use crate::store::ConnectRoom;
use crate::vault::{KeyError, Keyring, Secret};
use app::wire::ConnectProblem;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long a link works that a person sends to a person. It can only renew this one connection.
const LIFE: Duration = Duration::from_hours(7 * 24);
/// How long a session works that was made by a press on the button.
const SESSION_LIFE: Duration = Duration::from_mins(15);

/// A link to be sent to the owner of a connection.
pub struct ReconnectLink {
    token: Secret<String>,
    /// It works until then at the latest.
    pub until: Timestamp,
}

impl ReconnectLink {
    /// A link for this connection, from now on.
    ///
    /// # Errors
    /// When no key of the organization is loaded.
    pub fn to(
        connection: &Connection,
        keyring: &Keyring,
        now: Timestamp,
    ) -> Result<Self, KeyError> {
        let made = now.seconds();
        let mac = mac(keyring, connection, made)?;
        let token = format!("{}.{made}.{}", connection.id, URL_SAFE_NO_PAD.encode(mac));
        Ok(Self {
            token: Secret::new(token),
            until: now + LIFE,
        })
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> String {
        Connect::path(self.token.expose())
    }
}

fn mac(keyring: &Keyring, connection: &Connection, made: i64) -> Result<[u8; 32], KeyError> {
    let (id, approved) = (&connection.id, connection.connected_at.millis());
    // who has it in care now is not who was sent a link before
    let input = match &connection.in_care {
        None => format!("{id} {made} {approved}"),
        Some(person) => format!("{id} {made} {approved} {}", person.id),
    };
    keyring.derive(&connection.organization, "reconnect link", input.as_bytes())
}

/// Connection, seconds and MAC of a token that could be one of these; a session's has no dots.
fn parts(token: &str) -> Option<(ConnectionId, i64, Vec<u8>)> {
    let mut parts = token.splitn(3, '.');
    let id = parts.next()?.parse().ok()?;
    let made = parts.next()?.parse().ok()?;
    let mac = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    Some((id, made, mac))
}

impl Connect {
    /// What a link shows: of a session, or of a connection that is to be renewed.
    pub(super) async fn invited(&self, token: &str) -> Result<Open, Stopped> {
        match parts(token) {
            Some(parts) => self.renewing(token, parts).await,
            None => self.usable_session(token).await,
        }
    }

    /// The session with which something begins: that of the link, or a new one for the connection that
    /// is to be renewed.
    pub(super) async fn begun(&self, token: &str) -> Result<Open, Stopped> {
        let Some(parts) = parts(token) else {
            return self.usable_session(token).await;
        };
        let session = self.renewing(token, parts).await?.session;
        let token = Secret::new(random_base62(LINK_SECRET));
        let actor = Actor {
            kind: "end_user",
            id: session.end_user.id.clone(),
            name: session.end_user.words().to_owned(),
        };
        self.store
            .create_connect_session(&session, &token, actor)
            .await?;
        self.usable_session(token.expose()).await
    }

    /// A session as the press on the button would make it.
    async fn renewing(
        &self,
        token: &str,
        (id, made, mac): (ConnectionId, i64, Vec<u8>),
    ) -> Result<Open, Stopped> {
        let unknown = || Stopped::bare(ConnectProblem::UnknownLink);
        let connection = self.store.connection_by_id(&id).await?;
        let connection = connection.ok_or_else(unknown)?;
        let expected = self::mac(self.store.keyring(), &connection, made).map_err(|_| unknown())?;
        if !bool::from(expected[..].ct_eq(&mac)) {
            return Err(unknown());
        }
        let provider = self.store.provider_by_id(&connection.provider).await?;
        let provider = provider.ok_or_else(unknown)?;
        let now = self.store.now();
        let session = ConnectSession::to_renew(&connection, &provider, now, SESSION_LIFE);
        let room = ConnectRoom {
            application: self
                .store
                .application_by_id(&connection.organization, &connection.application)
                .await?
                .ok_or_else(unknown)?,
            organization: self
                .store
                .organization(&connection.organization)
                .await?
                .map(|one| one.name)
                .unwrap_or_default(),
            session,
            providers: vec![provider],
            connected: Vec::new(),
            key_revoked: false,
        };
        let open = self.open(token, room);
        if connection.status == Status::Revoked {
            return Err(open.stopped(ConnectProblem::ConnectionRevoked, None, None));
        }
        if Timestamp::from_millis(made.saturating_mul(1000)) + LIFE <= now {
            return Err(open.stopped(ConnectProblem::LinkExpired, None, None));
        }
        Ok(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sessions_token_is_none_of_these() {
        for token in [
            "",
            &random_base62(LINK_SECRET),
            "con_4Vt9QmXa4Vt9QmXa4Vt9",
            "con_4Vt9QmXa4Vt9QmXa4Vt9.1",
            "con_4Vt9QmXa4Vt9QmXa4Vt9.x.AAAA",
            "prv_4Vt9QmXa4Vt9QmXa4Vt9.1.AAAA",
            "con_4Vt9QmXa4Vt9QmXa4Vt9.1.!",
        ] {
            assert!(parts(token).is_none(), "{token}");
        }
        assert!(parts("con_4Vt9QmXa4Vt9QmXa4Vt9.1.AAAA").is_some());
    }
}
