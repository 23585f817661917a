//! How a provider wants to be asked: addresses, credentials, formats.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where to ask what. URLs may name inputs: `https://{login_host}/services/oauth2/token`. All but
/// `authorize` may also name what the callback brought, `{accounts-server}/oauth/v2/token`, and
/// `{client_id}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// Where the browser goes.
    pub authorize: String,
    /// `query`: as in RFC 6749. `fragment_route`: the parameters follow a `#/route`.
    #[serde(default)]
    pub authorize_style: AuthorizeStyle,
    /// Where codes and refresh tokens are exchanged.
    pub token: String,
    /// Where refresh tokens are exchanged, if elsewhere.
    pub refresh: Option<String>,
}

/// Where the parameters of an authorize URL stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizeStyle {
    /// After `?`.
    #[default]
    Query,
    /// After `#/route?`, read by a script of the page.
    FragmentRoute,
}

/// Client authentication (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// `client_id` and `client_secret` in the body.
    #[default]
    Body,
    /// HTTP Basic, both parts form-encoded first.
    Basic,
    /// HTTP Basic with both parts as they are: some servers do not decode them.
    BasicRaw,
    /// HTTP Basic as above, and `client_id` in the body as well.
    BasicAndId,
    /// `client_id` alone (public endpoints, e.g. some revocation endpoints).
    ClientIdOnly,
    /// The token that the request is about, presented as to the API. Not for the token endpoint.
    Token,
    /// The client secret as a bearer token, and `client_id` in the body.
    SecretBearer,
    /// Nothing.
    None,
}

impl ClientAuth {
    /// Whether it takes a client secret.
    #[must_use]
    pub fn needs_secret(self) -> bool {
        !matches!(self, Self::ClientIdOnly | Self::Token | Self::None)
    }
}

/// Whose registration at the provider is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// The application's: an admin pastes them once.
    #[default]
    PerProvider,
    /// Each customer's own: whoever connects pastes them, and they are kept with the connection.
    PerConnection,
}

/// Where and how the parameters of a request stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`.
    #[default]
    Form,
    /// `application/json`.
    Json,
    /// In the query of the URL, with an empty body.
    Query,
    /// There are no parameters and no body. For revocations only.
    None,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// DELETE.
    Delete,
}

/// How an access token is presented to the provider's API.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApiAuth {
    /// Name of the header, e.g. `X-Shopify-Access-Token`.
    pub header: String,
    /// What stands before the token, e.g. `Zoho-oauthtoken`. Empty: nothing does.
    pub scheme: String,
}

impl Default for ApiAuth {
    fn default() -> Self {
        Self {
            header: "Authorization".to_owned(),
            scheme: "Bearer".to_owned(),
        }
    }
}

/// The provider's API, for calls through the proxy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderApi {
    /// What every call's path is joined to: `https://api.attio.com`, `{instance_url}`. May name inputs,
    /// captured parameters and metadata. No call leaves its origin or its path.
    pub base: String,
    /// Headers that a call needs and that a backend need not know, e.g. `Notion-Version`; one that the
    /// backend sends itself counts more. Values may name what `base` may.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// PKCE (RFC 7636), S256 only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pkce {
    /// Sent. A provider that does not know it ignores it.
    #[default]
    S256,
    /// Sent, and the provider refuses requests without it.
    Required,
    /// The provider rejects it.
    Unsupported,
}

impl Pkce {
    /// Whether challenge and verifier go along.
    #[must_use]
    pub fn is_sent(self) -> bool {
        self != Self::Unsupported
    }
}

/// How a grant is ended at the provider (RFC 7009 or its own endpoint).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Where; may name inputs, captured parameters and token metadata.
    pub url: String,
    /// POST, mostly.
    #[serde(default = "post")]
    pub method: Method,
    /// How the endpoint likes its parameters.
    #[serde(default)]
    pub body: BodyFormat,
    /// Client authentication there.
    #[serde(default)]
    pub client_auth: ClientAuth,
    /// Which token is named.
    #[serde(default)]
    pub token: RevokedToken,
    /// The parameter that names it; empty where the request names none.
    #[serde(default = "token_param")]
    pub token_param: String,
    /// Send `token_type_hint` (RFC 7009 section 2.1).
    #[serde(default = "yes")]
    pub hint: bool,
    /// More parameters; values may name metadata: `stripe_user_id = "{stripe_user_id}"`.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// More headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A member of the answer that must be true, as a JSON pointer, for providers that refuse with
    /// a status of 200.
    pub ok: Option<String>,
    /// Statuses beside 2xx that mean that the grant is gone, e.g. 404.
    #[serde(default)]
    pub gone: Vec<u16>,
    /// Error codes that mean the same, whatever the status, e.g. `token_revoked`.
    #[serde(default)]
    pub gone_codes: Vec<String>,
    /// Revoking ends the whole grant of this account, other tokens included.
    #[serde(default)]
    pub ends_whole_grant: bool,
}

fn post() -> Method {
    Method::Post
}

fn token_param() -> String {
    "token".to_owned()
}

pub(super) fn yes() -> bool {
    true
}

/// The token that a revocation request names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokedToken {
    /// The refresh token if there is one, else the access token.
    #[default]
    RefreshToken,
    /// The access token.
    AccessToken,
}

/// What the provider demands of redirect URIs.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedirectRules {
    /// How many can be registered.
    pub max: Option<u32>,
    /// https only.
    #[serde(default)]
    pub https_only: bool,
}

/// What the provider's answers to a trial tell. Before any user, the token endpoint is asked with a
/// made-up code and the authorize page is opened without a person.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Error codes of the token endpoint that mean: ID and secret are right, the code is not.
    /// Beside `invalid_grant`.
    #[serde(default)]
    pub accepted: Vec<String>,
    /// Error codes that mean: ID or secret is wrong. Beside `invalid_client` and `unauthorized_client`.
    #[serde(default)]
    pub rejected: Vec<String>,
    /// The token endpoint looks at the code before it looks at the secret, so its answer tells
    /// nothing about the secret.
    #[serde(default)]
    pub token_tells_nothing: bool,
    /// Words on the authorize page that mean: the redirect URI is not registered. Beside
    /// `redirect_uri` and its spellings.
    #[serde(default)]
    pub redirect_complaints: Vec<String>,
    /// The authorize page is drawn by a script or wants a sign-in first, so it tells nothing.
    #[serde(default)]
    pub page_tells_nothing: bool,
}
