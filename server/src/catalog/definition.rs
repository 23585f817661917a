//! What a definition file says. Each field names the capability (C1-C32) that it declares.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A provider definition, as read from its file.
#[derive(Clone, Debug, Deserialize)]
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
    /// Who we are to the token endpoint (C8).
    #[serde(default)]
    pub client_auth: ClientAuth,
    /// How the token endpoint likes its body (C9).
    #[serde(default)]
    pub token_body: BodyFormat,
    /// Whether PKCE is sent (C7).
    #[serde(default)]
    pub pkce: Pkce,
    /// Issuer identifier (RFC 9207, C15). Never rewritten.
    pub issuer: Option<String>,
    /// The provider never leaves `iss` out of a callback (its metadata says
    /// `authorization_response_iss_parameter_supported`), so one without it is refused.
    #[serde(default)]
    pub issuer_always_sent: bool,
    /// Other origins that signing in there passes through, e.g. `https://*.force.com`. Browsers hold
    /// the connect page's policy against each redirect that follows its form.
    #[serde(default)]
    pub sign_in_origins: Vec<String>,
    /// Extra authorize parameters (C4). Names that the engine sets itself are refused.
    #[serde(default)]
    pub authorize_params: BTreeMap<String, String>,
    /// Scopes (C6).
    pub scopes: ScopeRules,
    /// What the end user fills in before going to the provider (C1), in order.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// How access tokens end (C20).
    pub expiry: Expiry,
    /// How they are renewed (C21).
    pub refresh: Refresh,
    /// How the account is identified (C24).
    pub identity: Option<Identity>,
    /// Which members of the token answer are kept in the open as metadata (C12), by name,
    /// e.g. `instance_url`.
    #[serde(default)]
    pub token_metadata: Vec<String>,
    /// How the provider reports a refusal to the callback (C13).
    #[serde(default)]
    pub callback_errors: CallbackErrors,
    /// How a grant is ended (C26); without it, revocation is local only.
    pub revocation: Option<Revocation>,
    /// Where a customer ends the grant by hand.
    pub revoke_by_hand: Option<String>,
    /// What the provider demands of redirect URIs.
    #[serde(default)]
    pub redirect: RedirectRules,
    /// What the end user needs at the provider, one or two sentences.
    pub needs: Option<String>,
    /// Who can help when the provider does not let the end user approve.
    pub who_may_approve: Option<String>,
    /// What to do at the provider, for the admin.
    pub guide: Guide,
}

/// Two initials on one of twelve hues.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// "Ap".
    pub initials: String,
    /// 1 to 12.
    pub hue: u8,
}

/// How sure we are of the definition, and since when.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// `documented`, `contract_tested`, `seen_live`.
    pub level: app::wire::Trust,
    /// `2026-11-22`.
    pub since: String,
}

/// Where to ask what. URLs may name inputs: `https://{login_host}/services/oauth2/token`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// Where the browser goes.
    pub authorize: String,
    /// `query`: as in RFC 6749. `fragment_route`: the parameters follow a `#/route` (C3).
    #[serde(default)]
    pub authorize_style: AuthorizeStyle,
    /// Where codes and refresh tokens are exchanged.
    pub token: String,
}

/// Where the parameters of an authorize URL stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizeStyle {
    /// After `?`.
    #[default]
    Query,
    /// After `#/route?`, read by a script of the page.
    FragmentRoute,
}

/// Client authentication (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// `client_id` and `client_secret` in the body.
    #[default]
    Body,
    /// HTTP Basic, both parts form-encoded first.
    Basic,
    /// `client_id` alone (public endpoints, e.g. some revocation endpoints).
    ClientIdOnly,
    /// Neither.
    None,
}

/// Format of a request body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`.
    #[default]
    Form,
    /// `application/json`.
    Json,
}

/// PKCE (RFC 7636), S256 only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pkce {
    /// Sent.
    #[default]
    S256,
    /// The provider rejects it.
    Unsupported,
}

/// Scopes of a provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeRules {
    /// Between names in the authorize URL.
    #[serde(default = "space")]
    pub separator: String,
    /// A sentence: why and where they are chosen at the provider. Set: no scope parameter is sent.
    pub set_at_provider: Option<String>,
    /// Granted whatever is asked for; never sent.
    #[serde(default)]
    pub always_granted: Vec<Scope>,
    /// Sent with every request so that a refresh token is issued, e.g. `offline_access`.
    #[serde(default)]
    pub needed_for_refresh: Vec<String>,
    /// The rest, in groups, in order.
    #[serde(default)]
    pub groups: Vec<ScopeGroup>,
    /// What an application with these scopes can never do, one sentence for end users.
    pub never: Option<String>,
}

fn space() -> String {
    " ".to_owned()
}

/// A group of scopes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeGroup {
    /// "Contacts".
    pub title: String,
    /// Its scopes, in order.
    pub scopes: Vec<Scope>,
}

/// A scope and what it allows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// As the provider names it.
    pub name: String,
    /// "Search the team's contacts": for admins, and for end users where `user_words` is not there.
    pub words: String,
    /// The same for the end user who grants it. Empty: nothing that an end user could use.
    pub user_words: Option<String>,
    /// Ticked when the form is first shown.
    #[serde(default)]
    pub suggested: bool,
}

/// Something the end user fills in. It becomes part of a host or path, so what it may hold is
/// closed: one of `choices`, or a host name that ends with one of `allowed_suffixes`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Name in URL templates and of the form field.
    pub name: String,
    /// "Where do you sign in to Salesforce?"
    pub label: String,
    /// An example.
    pub hint: String,
    /// What stands in it at first.
    pub default: String,
    /// Offered choices.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// A free host name must end with one of these, e.g. `.my.salesforce.com`.
    #[serde(default)]
    pub allowed_suffixes: Vec<String>,
    /// "My Domain": the choice beside `choices` that stands for a free host name.
    pub other: Option<String>,
}

/// One offered value of an input.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is put into the template.
    pub value: String,
    /// "Production".
    pub words: String,
}

/// How access tokens end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "source", deny_unknown_fields)]
pub enum Expiry {
    /// The answer says so in `expires_in`.
    ExpiresIn {
        /// Seconds, as the vendor documents them, for pages.
        usually_s: u32,
    },
    /// The answer does not say; this many seconds are assumed.
    Assumed {
        /// Seconds.
        after_s: u32,
    },
    /// They do not end, unless the answer says otherwise.
    Never,
}

/// How access tokens are renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// What happens to the refresh token.
    pub rotation: Rotation,
    /// The old access token dies at once.
    #[serde(default)]
    pub kills_access_token: bool,
    /// `redirect_uri` must be sent again, as it was at the authorization (C11).
    #[serde(default)]
    pub sends_redirect_uri: bool,
}

/// What happens to the refresh token when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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

/// How the account behind a token is found out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// GET with the access token as Bearer; may name inputs and token metadata.
    pub url: String,
    /// JSON pointers (RFC 6901) to a stable account id; the first that holds something counts.
    pub account_id: Vec<String>,
    /// JSON pointers to a text that people recognise.
    pub account_label: Vec<String>,
    /// JSON pointer to the granted scopes, where the token answer does not tell them.
    pub granted_scopes: Option<String>,
    /// "One workspace per connection": what one connection stands for, for pages.
    pub account_words: Option<String>,
}

/// How a refusal arrives at the callback, beside the standard `error` and `error_description`.
#[derive(Clone, Debug, Default, Deserialize)]
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

/// How a grant is ended at the provider (RFC 7009 or its own endpoint).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// POST.
    pub url: String,
    /// Client authentication there.
    #[serde(default)]
    pub client_auth: ClientAuth,
    /// Which token is named.
    #[serde(default)]
    pub token: RevokedToken,
    /// Revoking ends the whole grant of this account, other tokens included (C27).
    #[serde(default)]
    pub ends_whole_grant: bool,
}

/// The token that a revocation request names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokedToken {
    /// The refresh token if there is one, else the access token.
    #[default]
    RefreshToken,
    /// The access token.
    AccessToken,
}

/// What the provider demands of redirect URIs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedirectRules {
    /// How many can be registered.
    pub max: Option<u32>,
    /// https only.
    #[serde(default)]
    pub https_only: bool,
}

/// The set-up guide that stands beside the form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// "About five minutes. You need an Apollo **super admin**."
    pub lead: String,
    /// Steps, in order.
    pub steps: Vec<Step>,
    /// What else to know, one sentence or two each.
    #[serde(default)]
    pub good_to_know: Vec<String>,
    /// Hint under "Client ID".
    #[serde(default)]
    pub client_id_hint: String,
}

/// One step of a set-up guide. `**bold**` is the only markup in `text`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// "Open Integrations".
    pub title: String,
    /// What to do.
    pub text: String,
    /// Where, if there is an address.
    pub link: Option<String>,
}
