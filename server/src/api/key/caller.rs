//! Who makes a request, and whether their key may be used here and now. Everything that a key is limited
//! to is asked in this room: the address, the end, the rate, the scopes, the providers.

use super::telling::Telling;
use super::{ApiKeyText, needs};
use crate::api::rates::Standing;
use crate::api::{Api, ApiError};
use crate::domain::{Actor, ApiKey, KeyProviders, KeyScope, ProviderId};
use crate::http::ClientIp;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::ops::Deref;

/// The backend that makes a request: the holder of a live key. Its application is the only one that a
/// handler can see (R65). Handlers get it from a [`May`].
#[derive(Clone, Debug)]
pub(in crate::api) struct Caller(pub(in crate::api) ApiKey);

impl Caller {
    /// As the audit names it.
    pub(in crate::api) fn actor(&self) -> Actor {
        Actor {
            kind: "api_key",
            id: self.0.id.to_string(),
            name: self.0.name.clone(),
        }
    }

    /// Whether its key sees this provider. What it does not see answers as what is not there.
    pub(in crate::api) fn sees(&self, provider: &ProviderId) -> bool {
        self.0.limits.providers.include(provider)
    }

    /// Whether its key sees all providers, those to come included.
    pub(in crate::api) fn sees_all(&self) -> bool {
        self.0.limits.providers == KeyProviders::All
    }

    /// Refuses who lacks a scope: what a handler needs beyond its own for a part of what it does.
    pub(in crate::api) fn needs(&self, scope: KeyScope) -> Result<(), ApiError> {
        if self.0.scopes.allow(scope) {
            Ok(())
        } else {
            Err(ApiError::InsufficientScope(scope))
        }
    }
}

/// A caller whose key allows `N`. It is the only way for a handler to a caller, so that none can be
/// written without saying which scope it needs.
#[derive(Debug)]
pub(in crate::api) struct May<N> {
    caller: Caller,
    needs: PhantomData<N>,
}

impl<N> May<N> {
    /// The caller, for work that goes on when the request is gone.
    pub(in crate::api) fn into_caller(self) -> Caller {
        self.caller
    }
}

impl<N> Deref for May<N> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<N: needs::Needs> FromRequestParts<Api> for May<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let caller = Caller::of(parts, api).await?;
        caller.needs(N::SCOPE)?;
        Ok(Self {
            caller,
            needs: PhantomData,
        })
    }
}

impl Caller {
    async fn of(parts: &Parts, api: &Api) -> Result<Self, ApiError> {
        let sent = bearer(&parts.headers).ok_or(ApiError::NoKey)?;
        let address = parts.extensions.get::<ClientIp>().map(|client| client.0);
        let now = api.store.now();
        let admitted = Self::admitted(sent, address, api).await;
        if admitted.as_ref().is_err_and(ApiError::is_of_the_key) {
            api.rates.count_failure(address, now);
        }
        let (caller, standing) = admitted?;
        api.tokens.hand_outs().key_used(&caller.0.id, now);
        if let Some(telling) = parts.extensions.get::<Telling>() {
            telling.of(&caller.0, standing);
        }
        Ok(caller)
    }

    /// The holder of a key that works, from where it works. Who sends too much is refused before the
    /// database is asked.
    async fn admitted(
        sent: &str,
        address: Option<IpAddr>,
        api: &Api,
    ) -> Result<(Self, Standing), ApiError> {
        let now = api.store.now();
        let Some(ApiKeyText { hash, .. }) = ApiKeyText::parse(sent) else {
            api.rates.may_fail(address, now)?;
            return Err(ApiError::WrongKey);
        };
        if !api.rates.knows(&hash, now)? {
            api.rates.may_fail(address, now)?;
        }
        let Some(key) = api.store.live_api_key(&hash).await? else {
            // R71: a key that goes on after it was revoked is worth knowing about
            if let Some(revoked) = api.store.revoked_api_key(&hash).await? {
                api.tokens.hand_outs().key_refused(&revoked, now);
            }
            return Err(ApiError::WrongKey);
        };
        if !key.limits.addresses.include(address) {
            return Err(ApiError::ForbiddenAddress(address));
        }
        if key.has_expired(now) {
            return Err(ApiError::ExpiredKey);
        }
        let standing = api.rates.take(&hash, &key, now)?;
        Ok((Self(key), standing))
    }
}

/// The credential of `Authorization: Bearer ..`; the scheme's case does not matter (RFC 9110 section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, credential) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| credential.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_may_be_written_in_any_case() {
        for (header, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc", Some("abc")),
            ("Basic abc", None),
            ("abc", None),
            ("Bearer", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, header.parse().expect("a header"));
            assert_eq!(bearer(&headers), expected, "{header}");
        }
    }
}
