//! The way back: connect sessions, and the link with which a broken connection is mended.

use super::LINK_LIFE;
use crate::api::Api;
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::domain::{
    Completion, ConnectSession, ConnectSessionId, Connection, EndUser, LINK_SECRET, Owner,
    SessionStatus, random_base62, support_code,
};
use crate::vault::Secret;
use std::collections::BTreeMap;

impl Caller {
    /// A session that begins now and asks for nothing in particular yet.
    pub(super) fn session(&self, api: &Api, end_user: EndUser, owner: Owner) -> ConnectSession {
        let now = api.store.now();
        ConnectSession {
            id: ConnectSessionId::random(),
            organization: self.0.organization.clone(),
            application: self.0.application.clone(),
            api_key: Some(self.0.id.clone()),
            end_user,
            owner,
            providers: Vec::new(),
            scopes: BTreeMap::new(),
            return_url: None,
            locale: None,
            reconnect: None,
            completion: Completion::Confirm,
            code_challenge: None,
            support_code: Some(support_code()),
            status: SessionStatus::Pending,
            error: None,
            created_at: now,
            expires_at: now + LINK_LIFE,
        }
    }
}

impl Api {
    /// Keeps a session and answers its link: the only place where its secret part is told.
    pub(super) async fn invite(
        &self,
        caller: &Caller,
        session: &ConnectSession,
    ) -> Result<String, ApiError> {
        let token = Secret::new(random_base62(LINK_SECRET));
        self.store
            .create_connect_session(session, &token, caller.actor())
            .await?;
        Ok(self.link(&token))
    }

    fn link(&self, token: &Secret<String>) -> String {
        self.upstreams
            .absolute(&format!("/connect/{}", token.expose()))
    }

    /// Adds to [`ApiError::ReconnectRequired`] a link that is still good for a while for the connection's own end user.
    /// Without one it is still true that a person has to approve again.
    pub(super) async fn with_way_back(
        &self,
        caller: &Caller,
        error: ApiError,
        connection: &Connection,
    ) -> ApiError {
        let ApiError::ReconnectRequired {
            connection: id,
            reason,
            ..
        } = error
        else {
            return error;
        };
        let reconnect_url = match self.way_back(caller, connection).await {
            Ok(url) => url,
            Err(error) => {
                tracing::warn!(connection = %id, %error, "no link to reconnect could be made");
                None
            }
        };
        ApiError::ReconnectRequired {
            connection: id,
            reason,
            reconnect_url,
        }
    }

    async fn way_back(
        &self,
        caller: &Caller,
        connection: &Connection,
    ) -> Result<Option<String>, ApiError> {
        // a backend that asks every second would fill the database with links that nobody opens
        let young = self.store.now() - LINK_LIFE / 3;
        let known = self.store.link_to_renew(connection, &caller.0.id, young);
        if let Some(token) = known.await? {
            return Ok(Some(self.link(&token)));
        }
        let Some(provider) = self.store.provider_by_id(&connection.provider).await? else {
            return Ok(None);
        };
        let application = self.application(caller).await?;
        // with bound completion the browser has to come back to the backend
        let return_url = match application.completion {
            Completion::Confirm => None,
            Completion::Bound => application.return_urls.into_iter().next(),
        };
        let session = ConnectSession {
            api_key: Some(caller.0.id.clone()),
            completion: application.completion,
            return_url,
            ..ConnectSession::to_renew(connection, &provider, self.store.now(), LINK_LIFE)
        };
        self.invite(caller, &session).await.map(Some)
    }
}
