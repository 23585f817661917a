//! What a definition file says.
//!
//! Four questions, a file each: how the provider is *asked* (`asking`), what it *answers*
//! (`answers`), what it can be asked *for* (`scopes`), and what people *fill in* and read (`people`).
//! [`Definition`] holds them together. The documentation of each field is also the description in
//! the JSON Schema that is made from these types (`docs/catalog.schema.json`).

mod answers;
mod asking;
mod people;
mod scopes;

pub use answers::*;
pub use asking::*;
pub use people::*;
pub use scopes::*;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A provider definition, as read from its file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Id and default slug, e.g. `apollo`. Equals the file's name.
    pub id: String,
    /// "Apollo.io": headings and buttons.
    pub name: String,
    /// "Apollo": inside sentences.
    pub short_name: String,
    /// "CRM & Sales".
    pub category: String,
    /// How it is drawn.
    pub mark: Mark,
    /// The one thing to know before choosing it, for the gallery.
    pub remark: String,
    /// How sure we are.
    pub trust: Trust,
    /// Where an engineer reads on.
    pub docs_url: Option<String>,
    /// Offered only where the server runs its practice provider.
    #[serde(default)]
    pub practice: bool,
    /// Where to ask what.
    pub endpoints: Endpoints,
    /// Who we are to the token endpoint.
    #[serde(default)]
    pub client_auth: ClientAuth,
    /// Whose registration at the provider is used.
    #[serde(default)]
    pub credentials: Credentials,
    /// How the token endpoint likes its parameters.
    #[serde(default)]
    pub token_body: BodyFormat,
    /// More headers for the token endpoint, e.g. `Accept`.
    #[serde(default)]
    pub token_headers: BTreeMap<String, String>,
    /// More parameters for the exchange of a code.
    #[serde(default)]
    pub token_params: BTreeMap<String, String>,
    /// More parameters for a refresh.
    #[serde(default)]
    pub refresh_params: BTreeMap<String, String>,
    /// Other names for standard parameters, in every request: `client_id = "client_key"`. An empty
    /// name leaves the parameter out.
    #[serde(default)]
    pub param_names: BTreeMap<String, String>,
    /// How an access token is presented to the provider's API.
    #[serde(default)]
    pub api_auth: ApiAuth,
    /// Where the provider's API is. Without it, the proxy has nowhere to send a call to.
    pub api: Option<ProviderApi>,
    /// Whether PKCE is sent.
    #[serde(default)]
    pub pkce: Pkce,
    /// Issuer identifier (RFC 9207). Never rewritten.
    pub issuer: Option<String>,
    /// The provider never leaves `iss` out of a callback (its metadata says
    /// `authorization_response_iss_parameter_supported`), so one without it is refused.
    #[serde(default)]
    pub issuer_always_sent: bool,
    /// Other origins that signing in there passes through, e.g. `https://*.force.com`. Browsers hold
    /// the connect page's policy against each redirect that follows its form.
    #[serde(default)]
    pub sign_in_origins: Vec<String>,
    /// Extra authorize parameters. Names that the engine sets itself are refused, values may name
    /// inputs (`prompt = "{prompt}"`), and one that turns out empty is left out.
    #[serde(default)]
    pub authorize_params: BTreeMap<String, String>,
    /// Scopes.
    pub scopes: ScopeRules,
    /// What is filled in beside credentials: by the end user before going to the provider, or by
    /// the admin once. In order.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// What the callback brings beside the code.
    #[serde(default)]
    pub callback: CallbackRules,
    /// How the provider reports a refusal to the callback.
    #[serde(default)]
    pub callback_errors: CallbackErrors,
    /// Where the parts of a token answer stand.
    #[serde(default)]
    pub token_answer: TokenAnswer,
    /// Another token set in the same answer, kept as a connection of its own.
    pub second_token: Option<SecondToken>,
    /// Which members of the token answer are kept in the open as metadata, e.g. `instance_url`.
    #[serde(default)]
    pub token_metadata: Vec<Metadata>,
    /// How access tokens end.
    pub expiry: Expiry,
    /// How they are renewed.
    pub refresh: Refresh,
    /// Where the provider tells whether an access token still lives (RFC 7662), for tokens that do not
    /// end: they are asked about once a day. Without it the profile is read instead.
    pub introspection: Option<IntrospectionEndpoint>,
    /// How the account is identified.
    pub identity: Option<Identity>,
    /// How a grant is ended; without it, revocation is local only.
    pub revocation: Option<Revocation>,
    /// Where a customer ends the grant by hand.
    pub revoke_by_hand: Option<String>,
    /// What the provider demands of redirect URIs.
    #[serde(default)]
    pub redirect: RedirectRules,
    /// Connections of one account that the provider keeps at a time; one more ends the oldest.
    pub most_grants_per_account: Option<u32>,
    /// What the provider's answers to a trial tell, before any user.
    #[serde(default)]
    pub trial: Trial,
    /// What the end user needs at the provider, one or two sentences.
    pub needs: Option<String>,
    /// Who can help when the provider does not let the end user approve.
    pub who_may_approve: Option<String>,
    /// What to do at the provider, for the admin.
    pub guide: Guide,
}

/// Two initials on one of twelve hues.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// "Ap".
    pub initials: String,
    /// 1 to 12.
    pub hue: u8,
}

/// How sure we are of the definition, and since when.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// `documented`, `contract_tested`, `seen_live`.
    #[schemars(schema_with = "trust_levels")]
    pub level: app::wire::Trust,
    /// `2026-11-22`.
    pub since: String,
}

/// The levels by name; their type belongs to the pages, which know no schema.
fn trust_levels(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["documented", "contract_tested", "seen_live"]})
}
