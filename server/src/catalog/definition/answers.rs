//! What a provider answers: to the browser, to a code, to a refresh, about an account.
//!
//! Where something stands in an answer is a *pointer*: a JSON pointer (RFC 6901), `/user/id`. Two
//! things more are possible. `[name=value]` chooses the element of a list, or of an object's values,
//! whose member has that value: `/accounts/[is_default=true]/account_id`. And in `identity` a word
//! before the pointer names another source than the profile: `token:/team/id` (the token answer),
//! `callback:/realmId`, `input:/shop`, `id_token:/sub` and `access_token:/tid` (claims of a JWT). There,
//! pointers can be joined, too: `input:/host + /user/id` is the one, a slash, and the other.

use super::asking::{ApiAuth, ClientAuth, Method, yes};
use crate::catalog::template::fill_text;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the callback brings beside the code.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackRules {
    /// The parameter that holds the code, if it is not `code`.
    pub code_param: Option<String>,
    /// Parameters that are kept with the connection, as metadata, and that addresses may name.
    #[serde(default)]
    pub capture: Vec<Captured>,
    /// Parameters that are sent to the token endpoint together with the code.
    #[serde(default)]
    pub echo: Vec<String>,
    /// The provider signs its callbacks with the client secret.
    pub signature: Option<CallbackSignature>,
}

/// A parameter of the callback that is kept.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Captured {
    /// Name of the parameter, and of the placeholder and metadata that it becomes.
    pub name: String,
    /// A callback without it is refused.
    #[serde(default)]
    pub required: bool,
    /// The only values that are accepted: needed where it becomes part of an address.
    #[serde(default)]
    pub allowed: Vec<String>,
    /// What holds where it is missing, and before there was a callback; may name inputs.
    pub default: Option<String>,
    /// What it must be, inputs filled in: `{shop}.myshopify.com`.
    pub equals: Option<String>,
}

/// Longest captured value.
const LONGEST_CAPTURED: usize = 1000;

impl Captured {
    /// Whether the parameter may hold this. `inputs` is what was filled in.
    #[must_use]
    pub fn accepts(&self, value: &str, inputs: &BTreeMap<String, String>) -> bool {
        let listed = self.allowed.is_empty() || self.allowed.iter().any(|one| one == value);
        let equals = self.equals.as_deref();
        let equal = equals.is_none_or(|text| fill_text(text, inputs).as_deref() == Some(value));
        listed && equal && value.len() <= LONGEST_CAPTURED
    }
}

/// How a provider signs its callbacks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackSignature {
    /// The parameter that holds the signature.
    pub param: String,
    /// How it is made.
    pub method: SignatureMethod,
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureMethod {
    /// HMAC-SHA256 with the client secret over all other parameters, sorted by name and joined as
    /// `name=value&name=value`, in lower-case hexadecimal (Shopify).
    HmacSha256SortedQuery,
}

/// How a refusal arrives at the callback, beside the standard `error` and `error_description`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackErrors {
    /// Another parameter that holds a code, e.g. `status_code`.
    pub code_param: Option<String>,
    /// Another parameter that holds words, e.g. `error_message`.
    pub words_param: Option<String>,
    /// Codes that mean: the end user said no (beside `access_denied`).
    #[serde(default)]
    pub denied: Vec<String>,
    /// Codes that mean: this person may not approve.
    #[serde(default)]
    pub not_allowed: Vec<String>,
}

/// Where the parts of a token answer stand. Of several pointers the first that holds something counts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: Vec<String>,
    /// The refresh token.
    pub refresh_token: Vec<String>,
    /// Seconds that the access token lasts.
    pub expires_in: Vec<String>,
    /// Seconds that the refresh token lasts.
    pub refresh_expires_in: Vec<String>,
    /// The granted scopes.
    pub scope: Vec<String>,
    /// A member that must be true, for providers that refuse with a status of 200.
    pub ok: Option<String>,
    /// Where an error's code stands.
    pub error: Vec<String>,
    /// Codes that mean what `invalid_grant` means: the code or refresh token is worth nothing.
    pub dead: Vec<String>,
    /// Codes that mean what `invalid_client` means: our ID or secret is wrong.
    pub rejected: Vec<String>,
    /// Codes that mean: later.
    pub later: Vec<String>,
}

impl Default for TokenAnswer {
    fn default() -> Self {
        let one = |pointer: &str| vec![pointer.to_owned()];
        Self {
            access_token: one("/access_token"),
            refresh_token: one("/refresh_token"),
            expires_in: one("/expires_in"),
            refresh_expires_in: one("/refresh_token_expires_in"),
            scope: vec!["/scope".to_owned(), "/scopes".to_owned()],
            ok: None,
            error: one("/error"),
            dead: Vec::new(),
            rejected: Vec::new(),
            later: Vec::new(),
        }
    }
}

/// Another token set in the same answer. It becomes a connection of its own, beside the first, and
/// lives, is refreshed and is revoked by itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondToken {
    /// What sets it apart, as metadata `token_kind`: `user`.
    pub kind: String,
    /// The access token; without one there is no second connection.
    pub access_token: Vec<String>,
    /// The refresh token.
    #[serde(default)]
    pub refresh_token: Vec<String>,
    /// Seconds that the access token lasts.
    #[serde(default)]
    pub expires_in: Vec<String>,
    /// The granted scopes.
    #[serde(default)]
    pub scope: Vec<String>,
    /// The authorize parameter (one of `scopes.more_params`) with the scopes that are its own.
    pub scope_param: Option<String>,
    /// The stable id of its account, from the token answer.
    pub account_id: Vec<String>,
    /// Its account in words, from the token answer.
    #[serde(default)]
    pub account_label: Vec<String>,
}

/// A member of the token answer that is kept in the open: a name, or a name and a pointer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Metadata {
    /// The member of this name.
    Named(String),
    /// What stands elsewhere in the answer.
    Pointed(PointedMetadata),
}

/// Metadata from deeper in a token answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointedMetadata {
    /// Its name with us, e.g. `team_id`.
    pub name: String,
    /// Where it stands, e.g. `/team/id`.
    pub pointer: String,
}

impl Metadata {
    /// Its name with us.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::Pointed(pointed) => &pointed.name,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn pointer(&self) -> String {
        match self {
            Self::Named(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Self::Pointed(pointed) => pointed.pointer.clone(),
        }
    }
}

/// How access tokens end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "source", deny_unknown_fields)]
pub enum Expiry {
    /// The answer says so in seconds.
    ExpiresIn {
        /// Seconds, as the vendor documents them, for pages.
        usually_s: u32,
        /// Seconds that are assumed where an answer is silent; without it such a token does not end.
        silent_s: Option<u32>,
    },
    /// The answer names a moment: Unix seconds, or a date of RFC 3339.
    ExpiresAt {
        /// Where, e.g. `/expires_at`.
        pointer: String,
        /// Seconds, as the vendor documents them, for pages.
        usually_s: u32,
    },
    /// The answer does not say; this many seconds are assumed.
    Assumed {
        /// Seconds.
        after_s: u32,
    },
    /// The access token is a JWT and says so itself (`exp`, RFC 7519).
    Jwt {
        /// Seconds, as the vendor documents them, for pages.
        usually_s: u32,
    },
    /// The provider is asked (RFC 7662).
    Introspection {
        /// Where.
        url: String,
        /// Client authentication there.
        #[serde(default)]
        client_auth: ClientAuth,
        /// Seconds that are assumed where it does not tell.
        after_s: u32,
    },
    /// They do not end, unless the answer says otherwise.
    Never,
}

/// Where to ask about a token, and who asks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntrospectionEndpoint {
    /// Where.
    pub url: String,
    /// Client authentication there.
    #[serde(default)]
    pub client_auth: ClientAuth,
}

/// How access tokens are renewed.
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// What happens to the refresh token.
    pub rotation: Rotation,
    /// What happens when a refresh token is used a second time.
    #[serde(default)]
    pub reuse: Reuse,
    /// With `reuse = "grace"`: seconds in which the old one still counts.
    #[serde(default)]
    pub grace_s: Option<u32>,
    /// Days without a refresh after which the refresh token lapses.
    #[serde(default)]
    pub idle_days: Option<u32>,
    /// Days after the approval at which the grant ends, whatever is refreshed.
    #[serde(default)]
    pub lasts_days: Option<u32>,
    /// Refreshes that the provider bears in a second, from one node; 25 without it.
    #[serde(default)]
    pub most_per_second: Option<u32>,
    /// The old access token dies at once.
    #[serde(default)]
    pub kills_access_token: bool,
    /// `redirect_uri` must be sent again, as it was at the authorization.
    #[serde(default)]
    pub sends_redirect_uri: bool,
    /// The scopes must be sent again.
    #[serde(default)]
    pub sends_scopes: bool,
    /// A refresh that asks for fewer scopes narrows the grant for good.
    #[serde(default)]
    pub narrows_scopes: bool,
    /// There is no refresh token: the access token itself is exchanged for one that lasts longer.
    #[serde(default)]
    pub exchange: Option<TokenExchange>,
}

/// What happens to the refresh token when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// No refresh token is given. If one comes all the same, it is used.
    None,
    /// It stays.
    Static,
    /// A new one replaces it.
    Rotates,
    /// A new one may come.
    Optional,
}

/// What happens when a refresh token that was replaced is used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reuse {
    /// It is refused.
    #[default]
    Strict,
    /// It counts for `grace_s` seconds more.
    Grace,
    /// It counts until its successor is used.
    UntilSuccessorUsed,
    /// The whole grant ends.
    EndsGrant,
}

/// Renewing without a refresh token (Facebook): the access token is exchanged while it is valid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenExchange {
    /// `grant_type` of the request, e.g. `fb_exchange_token`.
    pub grant_type: String,
    /// The parameter that holds the access token.
    pub token_param: String,
    /// Exchange the token right after the code too: it is short-lived.
    #[serde(default = "yes")]
    pub after_code: bool,
}

/// How the account behind a token is found out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Where the profile is; may name inputs, captured parameters and token metadata. Without it
    /// the pointers name other sources.
    pub url: Option<String>,
    /// GET, mostly.
    #[serde(default = "get")]
    pub method: Method,
    /// More headers, e.g. `Notion-Version`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How the access token is presented here, if not as to the rest of the API.
    pub api_auth: Option<ApiAuth>,
    /// The body as it is sent, JSON: for GraphQL `{"query": "{ viewer { id } }"}`.
    pub body: Option<String>,
    /// Pointers to a stable account id; the first that holds something counts.
    pub account_id: Vec<String>,
    /// Pointers to a text that people recognise.
    pub account_label: Vec<String>,
    /// Pointer to the granted scopes, where the token answer does not tell them.
    pub granted_scopes: Option<String>,
    /// More that is kept in the open, by name: `account_url = "/accounts/[is_default=true]/base_uri"`.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// "One workspace per connection": what one connection stands for, for pages.
    pub account_words: Option<String>,
}

fn get() -> Method {
    Method::Get
}
