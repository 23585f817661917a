//! One connection as it travels: the fields of a row, in an import and in an export.
//!
//! What stands in a row is called as in the API's answers. Only tokens are read from one; none is
//! ever written but by `leave.rs`, into a sealed file.

use crate::vault::Secret;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// A connection with its tokens.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Slug of the application, where a file holds several. Through the API there is only the key's.
    pub application: Option<String>,
    /// Slug of the provider.
    pub provider: String,
    /// Who owns it. Left out: the end user.
    pub owner: Option<OwnerRow>,
    /// Who approved it.
    pub end_user: EndUserRow,
    /// Which account at the provider it is, as far as that is known.
    pub account: Option<AccountRow>,
    /// The access token.
    #[schema(value_type = String)]
    pub access_token: SecretText,
    /// The refresh token, if there is one.
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<SecretText>,
    /// When the access token ends (RFC 3339).
    pub expires_at: Option<String>,
    /// Or in how many seconds from now on.
    pub expires_in: Option<u64>,
    /// Left out: `Bearer`.
    pub token_type: Option<String>,
    /// Scopes that were granted. Left out: those that the provider is configured to ask for.
    pub scopes: Option<Vec<String>>,
    /// Scopes that were asked for. Left out: those that were granted.
    pub scopes_asked: Option<Vec<String>>,
    /// Client ID that it was approved for. Left out: the one that the provider is configured with.
    pub client_id: Option<String>,
    /// The customer's own client secret, for providers where each customer brings their own.
    #[schema(value_type = Option<String>)]
    pub client_secret: Option<SecretText>,
    /// Redirect URI that it was approved with; some providers want it again. Left out: ours.
    pub redirect_uri: Option<String>,
    /// What the provider's form asks an end user for, e.g. `subdomain`.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// What the provider tells with its tokens and calls to it need, e.g. `instance_url`.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// A name of your own.
    pub label: Option<String>,
    /// Tags of your own.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When it was approved (RFC 3339). Left out: now.
    pub connected_at: Option<String>,
    /// What it is called where it comes from: by this it is known when it comes again.
    pub external_id: Option<String>,
    /// `active`, or `reconnect_required` where the tokens are known to be dead.
    pub status: Option<String>,
    /// Why a person has to approve again.
    pub reason: Option<String>,
    /// The provider's whole answer as JSON, kept sealed.
    #[schema(value_type = Option<String>)]
    pub token_answer: Option<SecretText>,
    /// Values of another format, of which the definition says whether they are inputs, metadata or
    /// nothing that is kept.
    #[serde(skip)]
    #[schema(ignore)]
    pub loose: BTreeMap<String, String>,
}

/// Who owns a connection.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerRow {
    /// `personal` or `team`.
    pub kind: String,
    /// The end user's id, or the team's.
    pub id: String,
}

/// A person of the application.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndUserRow {
    /// As the application knows them.
    pub id: String,
    /// For pages.
    pub name: Option<String>,
    /// For pages.
    pub email: Option<String>,
}

/// An account at a provider.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountRow {
    /// The provider's stable id of it.
    pub id: Option<String>,
    /// In words.
    pub label: Option<String>,
}

/// A text that is overwritten when dropped.
#[derive(Debug)]
pub struct SecretText(pub Secret<String>);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}
