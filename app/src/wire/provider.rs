//! The gallery of definitions, and providers as they are configured.

use super::{CustomView, InputView, Millis, ProofView, SecretHint};
use serde::{Deserialize, Serialize};

/// Two initials on one of twelve hues: how a provider is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderMark {
    /// "Apollo.io".
    pub name: String,
    /// "Ap".
    pub initials: String,
    /// 1 to 12.
    pub hue: u8,
}

/// How sure we are of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Written from the vendor's pages.
    Documented,
    /// Our tests play its documented answers.
    ContractTested,
    /// A real account went through it.
    SeenLive,
}

/// `/apps/{slug}/providers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProvidersView {
    /// Name of the application.
    pub application: String,
    /// Its providers, by name.
    pub providers: Vec<ProviderSummary>,
    /// The practice provider can be added (and was not yet).
    pub practice_offered: bool,
}

/// A row of the provider list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderSummary {
    /// Part of the address.
    pub slug: String,
    /// How it is drawn.
    pub mark: ProviderMark,
    /// What holds for it.
    pub state: ProviderState,
    /// Connections that are not revoked.
    pub connections: u64,
    /// Number of scopes that are asked for.
    pub scopes: u32,
    /// The scopes are chosen at the provider; ours is a copy.
    pub scopes_set_at_provider: bool,
    /// How its tokens live.
    pub tokens: TokenLife,
    /// The secrets that are set.
    pub secrets: Vec<SecretHint>,
}

/// What holds for a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProviderState {
    /// It can be connected and refreshed.
    Active,
    /// It refused our credentials since then; no connection was condemned.
    CredentialsRejected {
        /// Since.
        since: Millis,
    },
}

/// How a provider's tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenLife {
    /// Refreshed about every so many seconds.
    Refreshed {
        /// Seconds.
        every_s: u32,
    },
    /// They do not expire.
    NeverExpire,
    /// As the answer says.
    AsAnswered,
}

/// `/apps/{slug}/providers/new`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GalleryView {
    /// Name of the application.
    pub application: String,
    /// Definitions that match the search and category, by name.
    pub tiles: Vec<DefinitionTile>,
    /// All categories with the number of definitions in each, by name.
    pub categories: Vec<(String, u32)>,
    /// All definitions there are.
    pub total: u32,
    /// A provider that is in no catalog fits the search, too.
    pub custom: bool,
    /// What is wrong with definition files that were left out, a sentence each; for admins.
    pub left_out: Vec<String>,
}

/// A definition in the gallery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionTile {
    /// Id, part of the address.
    pub id: String,
    /// How it is drawn.
    pub mark: ProviderMark,
    /// Category.
    pub category: String,
    /// The one thing to know before choosing it.
    pub remark: String,
    /// How sure we are.
    pub trust: Trust,
    /// The application has it already.
    pub added: bool,
}

/// `/apps/{slug}/providers/new/{definition}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderFormView {
    /// Name of the application.
    pub application: String,
    /// The definition, in words.
    pub definition: DefinitionView,
    /// To be registered at the provider; stays the same until the form is saved.
    pub redirect_uri: String,
    /// What the admin fills in beside credentials.
    pub inputs: Vec<InputView>,
}

/// A definition as a page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefinitionView {
    /// Id.
    pub id: String,
    /// How it is drawn.
    pub mark: ProviderMark,
    /// "Apollo": the name inside sentences.
    pub short_name: String,
    /// Category.
    pub category: String,
    /// How sure we are.
    pub trust: Trust,
    /// Since when, `2026-11-03`.
    pub trust_since: String,
    /// "About five minutes. You need an Apollo super admin."
    pub lead: String,
    /// What to do at the provider.
    pub steps: Vec<GuideStep>,
    /// What else to know.
    pub good_to_know: Vec<String>,
    /// Hint under "Client ID".
    pub client_id_hint: String,
    /// The scopes are chosen at the provider; the picker is a checklist.
    pub scopes_set_at_provider: Option<String>,
    /// Granted whatever is asked for.
    pub always_granted: Vec<ScopeChoice>,
    /// The rest.
    pub scope_groups: Vec<ScopeGroup>,
    /// Facts such as ("PKCE", "Not supported").
    pub facts: Vec<(String, String)>,
    /// The practice provider fills in its own credentials.
    pub is_practice: bool,
    /// Client ID and Client Secret are each customer's own, and asked for on the connect page.
    pub brings_own_credentials: bool,
}

/// One step of a set-up guide. `**bold**` is the only markup in `text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuideStep {
    /// "Open Integrations".
    pub title: String,
    /// What to do.
    pub text: String,
    /// Where, if there is an address.
    pub link: Option<String>,
}

/// A group of scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeGroup {
    /// "Contacts".
    pub title: String,
    /// Its scopes.
    pub scopes: Vec<ScopeChoice>,
}

/// A scope in plain words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeChoice {
    /// As the provider names it.
    pub name: String,
    /// What it allows.
    pub words: String,
    /// Ticked.
    pub chosen: bool,
}

/// `/apps/{slug}/providers/{provider}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderView {
    /// Name of the application.
    pub application: String,
    /// Part of the address.
    pub slug: String,
    /// The definition, in words, with the chosen scopes ticked.
    pub definition: DefinitionView,
    /// What holds for it.
    pub state: ProviderState,
    /// Saved at.
    pub created_at: Millis,
    /// Registered at the provider.
    pub redirect_uri: String,
    /// Client ID.
    pub client_id: String,
    /// Chosen scopes that the definition does not list.
    pub other_scopes: Vec<String>,
    /// The secrets that are set, the one in use first.
    pub secrets: Vec<SecretHint>,
    /// Connections that are not revoked.
    pub connections: u64,
    /// An external account serves one owner only.
    pub one_owner_per_account: bool,
    /// A team's connection stands in for a person who has none that works.
    pub team_fallback: bool,
    /// It was saved a moment ago.
    pub just_saved: bool,
    /// What the admin filled in beside credentials, as it is saved.
    pub inputs: Vec<InputView>,
    /// Where it comes from, if it is in no catalog.
    pub custom: Option<CustomView>,
    /// How its trial stands.
    pub proof: ProofView,
}
