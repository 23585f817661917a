//! Custom providers: what an admin fills in, and what an issuer told.

use super::SecretInput;
use serde::{Deserialize, Serialize};

/// The addresses of a provider and how it likes to be asked, as a form holds them. The names of the
/// members are the form's: `custom[authorize_url]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomFields {
    /// What people call it.
    pub name: String,
    /// The issuer that was asked; empty where everything was written by hand.
    pub issuer: String,
    /// `yes`: the issuer names itself in every callback.
    pub issuer_always_sent: String,
    /// Where the browser goes.
    pub authorize_url: String,
    /// Where codes and refresh tokens are exchanged.
    pub token_url: String,
    /// Where grants are ended.
    pub revoke_url: String,
    /// Where the profile is.
    pub profile_url: String,
    /// Where tokens are looked into.
    pub introspection_url: String,
    /// What the paths of calls through the proxy are joined to.
    pub api_url: String,
    /// Pointers to a stable account id, with spaces between.
    pub account_id: String,
    /// Pointers to a text that people recognise, with spaces between.
    pub account_label: String,
    /// `basic` or `body`.
    pub client_auth: String,
    /// `yes`: send PKCE.
    pub pkce: String,
    /// `space` or `comma`.
    pub scope_separator: String,
    /// `yes`: ask for `offline_access` every time.
    pub offline_access: String,
}

impl CustomFields {
    /// Each member with its name in the form.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &str); 15] {
        [
            ("custom[name]", &self.name),
            ("custom[issuer]", &self.issuer),
            ("custom[issuer_always_sent]", &self.issuer_always_sent),
            ("custom[authorize_url]", &self.authorize_url),
            ("custom[token_url]", &self.token_url),
            ("custom[revoke_url]", &self.revoke_url),
            ("custom[profile_url]", &self.profile_url),
            ("custom[introspection_url]", &self.introspection_url),
            ("custom[api_url]", &self.api_url),
            ("custom[account_id]", &self.account_id),
            ("custom[account_label]", &self.account_label),
            ("custom[client_auth]", &self.client_auth),
            ("custom[pkce]", &self.pkce),
            ("custom[scope_separator]", &self.scope_separator),
            ("custom[offline_access]", &self.offline_access),
        ]
    }
}

/// `/apps/{slug}/providers/new/custom`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomFormView {
    /// Name of the application.
    pub application: String,
    /// To be registered at the provider; stays the same until the form is saved.
    pub redirect_uri: String,
}

/// What an issuer told of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundIssuer {
    /// The form, filled in.
    pub fields: CustomFields,
    /// Scopes to begin with, with spaces between.
    pub scopes: String,
    /// What to look at before saving.
    pub notes: Vec<CustomNote>,
}

/// What to look at in a custom provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CustomNote {
    /// Browsers and secrets go to different domains.
    SpansDomains,
    /// The issuer does not say that it takes PKCE.
    NoPkce,
    /// The token endpoint wants client authentication of a kind that we do not have.
    OtherClientAuth,
}

impl CustomNote {
    /// All of them, with the names under which a draft keeps them.
    pub const NAMES: [(&'static str, Self); 3] = [
        ("spans_domains", Self::SpansDomains),
        ("no_pkce", Self::NoPkce),
        ("other_client_auth", Self::OtherClientAuth),
    ];
}

/// A new custom provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewCustomProvider {
    /// Addresses and habits.
    pub fields: CustomFields,
    /// Client ID, trimmed by the server.
    pub client_id: String,
    /// Client Secret, trimmed by the server.
    pub client_secret: SecretInput,
    /// Scope names, separated by spaces or commas.
    pub scopes: String,
    /// An external account serves one owner only.
    pub one_owner_per_account: bool,
}

/// The part of a provider's page that only a custom one has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomView {
    /// As the form holds it.
    pub fields: CustomFields,
    /// What to look at.
    pub notes: Vec<CustomNote>,
}
