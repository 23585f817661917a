//! What an issuer tells of itself: `OpenID Connect` discovery, or RFC 8414 where that is not there.
//!
//! The answer decides where secrets will be sent, so it counts only if it names exactly the issuer
//! that was asked for, and if each address in it passes the outbound policy (R80). Of what answered
//! instead, nothing is told but that it is no such document (R79).

use super::egress::{Egress, EgressError, EgressRequest};
use crate::catalog::{
    CustomAuth, CustomDefinition, CustomPart, OFFLINE_ACCESS, OriginOverrides, ScopeSeparator,
};
use serde::Deserialize;
use url::Url;

/// Where the document of `OpenID Connect` is, behind the issuer.
const OPENID: &str = "/.well-known/openid-configuration";
/// Where the document of RFC 8414 is, between the issuer's host and its path.
const RFC_8414: &str = "/.well-known/oauth-authorization-server";

/// What was found at an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// A definition made from it.
    pub definition: CustomDefinition,
    /// Scopes to begin with.
    pub scopes: Vec<String>,
    /// The token endpoint takes client authentication of kinds that we do not know only.
    pub other_client_auth: bool,
}

/// Why an issuer gives no definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// The text is no issuer identifier.
    #[error(
        "the issuer is no https address without query and fragment, such as https://login.example.com"
    )]
    NotAnIssuer,
    /// The outbound policy forbids its address.
    #[error(
        "the issuer's address may not be called: it needs a public host name and port 443; an operator can list others in GRANTPORT_ALLOW_PRIVATE_UPSTREAMS"
    )]
    Refused,
    /// There is no document at either address, as far as we can tell.
    #[error(
        "no metadata could be read at {OPENID} or {RFC_8414}; check the issuer, or write the addresses by hand"
    )]
    NoDocument,
    /// The document is another issuer's.
    #[error(
        "the metadata there names another issuer; write it exactly as the provider does, a slash at its end included"
    )]
    OtherIssuer,
    /// The document lacks an endpoint that no flow can do without.
    #[error(
        "the metadata there has no authorization_endpoint or no token_endpoint; write the addresses by hand"
    )]
    Incomplete,
    /// An address in the document is forbidden.
    #[error(
        "the `{}` address in the metadata there may not be called: it needs https, a public host name and port 443", .0.key()
    )]
    Endpoint(CustomPart),
}

/// The members that are used (RFC 8414 section 2, RFC 9207 section 3, `OpenID Connect` Discovery).
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    scopes_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

/// Asks `issuer` about itself: one request, or two where the first finds nothing.
pub async fn discover(
    egress: &Egress,
    overrides: &OriginOverrides,
    issuer: &str,
) -> Result<Found, DiscoveryError> {
    let issuer = issuer.trim();
    let [openid, rfc_8414] = addresses(issuer).ok_or(DiscoveryError::NotAnIssuer)?;
    let (metadata, is_openid) = match read(egress, overrides.apply(openid)).await? {
        Some(metadata) => (metadata, true),
        None => match read(egress, overrides.apply(rfc_8414)).await? {
            Some(metadata) => (metadata, false),
            None => return Err(DiscoveryError::NoDocument),
        },
    };
    if metadata.issuer != issuer {
        return Err(DiscoveryError::OtherIssuer);
    }
    let found = metadata
        .found(is_openid)
        .ok_or(DiscoveryError::Incomplete)?;
    vet(egress, overrides, &found.definition)
        .await
        .map_err(DiscoveryError::Endpoint)?;
    Ok(found)
}

/// Whether every address of a definition may be called, browsers' address included. Names the first
/// that may not.
pub async fn vet(
    egress: &Egress,
    overrides: &OriginOverrides,
    definition: &CustomDefinition,
) -> Result<(), CustomPart> {
    for (part, address) in definition.addresses() {
        let url = Url::parse(address).map_err(|_| part)?;
        if url.scheme() != "https" || has_oddities(address) {
            return Err(part);
        }
        egress.vet(&overrides.apply(url)).await.map_err(|_| part)?;
    }
    Ok(())
}

/// Characters that a URL parser drops or turns, so that two texts become one address.
fn has_oddities(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
}

/// Both addresses of an issuer's document (RFC 8414 section 3.1, `OpenID Connect` Discovery section 4).
fn addresses(issuer: &str) -> Option<[Url; 2]> {
    let url = Url::parse(issuer).ok()?;
    let plain = url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && !has_oddities(issuer);
    if !plain {
        return None;
    }
    let path = url.path().trim_end_matches('/').to_owned();
    let at = |path: String| {
        let mut url = url.clone();
        url.set_path(&path);
        url
    };
    Some([
        at(format!("{path}{OPENID}")),
        at(format!("{RFC_8414}{path}")),
    ])
}

/// The document at an address, if there is one. Whatever else answers there is none.
async fn read(egress: &Egress, url: Url) -> Result<Option<Metadata>, DiscoveryError> {
    let answer = match egress.send(EgressRequest::get(url)).await {
        Ok(answer) if answer.status == 200 => answer,
        Err(EgressError::Refused(_)) => return Err(DiscoveryError::Refused),
        Ok(_) | Err(_) => return Ok(None),
    };
    Ok(serde_json::from_slice(answer.body.expose()).ok())
}

impl Metadata {
    fn found(self, is_openid: bool) -> Option<Found> {
        let told = |list: &Option<Vec<String>>, name: &str| {
            list.iter().flatten().any(|supported| supported == name)
        };
        let supports = |scope: &str| told(&self.scopes_supported, scope);
        let openid = is_openid || supports("openid");
        let methods = &self.token_endpoint_auth_methods_supported;
        let basic = methods.is_none() || told(methods, "client_secret_basic");
        let body = told(methods, "client_secret_post");
        let scopes = [
            ("openid", openid),
            ("email", supports("email")),
            ("profile", supports("profile")),
        ];
        let (account_id, account_label): (&[&str], &[&str]) =
            match (&self.userinfo_endpoint, openid) {
                (Some(_), _) => (&["/sub"], &["/email", "/preferred_username", "/name"]),
                (None, true) => (&["id_token:/sub"], &["id_token:/email", "id_token:/name"]),
                (None, false) => (&[], &[]),
            };
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let definition = CustomDefinition {
            name: host_of(&self.issuer),
            issuer_always_sent: self.authorization_response_iss_parameter_supported == Some(true),
            authorize: self.authorization_endpoint?,
            token: self.token_endpoint?,
            revoke: self.revocation_endpoint,
            account_id: owned(account_id),
            account_label: owned(account_label),
            profile: self.userinfo_endpoint,
            introspection: self.introspection_endpoint,
            api: None,
            client_auth: if basic {
                CustomAuth::Basic
            } else {
                CustomAuth::Body
            },
            pkce: told(&self.code_challenge_methods_supported, "S256"),
            scope_separator: ScopeSeparator::Space,
            offline_access: supports(OFFLINE_ACCESS),
            issuer: Some(self.issuer),
        };
        let scopes = scopes.into_iter().filter(|(_, wanted)| *wanted);
        Some(Found {
            definition,
            scopes: scopes.map(|(name, _)| name.to_owned()).collect(),
            other_client_auth: !basic && !body,
        })
    }
}

/// What the provider is called until an admin gives it a name.
fn host_of(issuer: &str) -> String {
    let url = Url::parse(issuer).ok();
    url.and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
