//! What people fill in, and what they read.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Something that is filled in beside credentials. It becomes part of an address, and so may decide
/// who receives the client secret; what it may hold is therefore closed. Exactly one of these says
/// what that is: `choices` and `allowed_suffixes` (alone or together), `subdomain_of`, `any_host`, or
/// `word`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Name in URL templates and of the form field.
    pub name: String,
    /// "Where do you sign in to Salesforce?"
    pub label: String,
    /// An example.
    pub hint: String,
    /// Who fills it in.
    #[serde(default)]
    pub asked_of: AskedOf,
    /// What stands in it at first. Empty: it has to be filled in.
    #[serde(default)]
    pub default: String,
    /// Offered choices.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// A free host name must end with one of these, e.g. `.my.salesforce.com`.
    #[serde(default)]
    pub allowed_suffixes: Vec<String>,
    /// "My Domain": the choice beside `choices` that stands for a free host name.
    pub other: Option<String>,
    /// The first label of a host name in this domain, e.g. `zendesk.com`: `acme` of
    /// `acme.zendesk.com`. A pasted address counts as its first label.
    pub subdomain_of: Option<String>,
    /// Any public host name: a server that customers run themselves. Only an admin can be asked for
    /// it, or whoever brings credentials of their own.
    #[serde(default)]
    pub any_host: bool,
    /// A name in a path or parameter, never in a host: letters, digits and `-._~`, at most 64.
    #[serde(default)]
    pub word: bool,
}

/// Who fills an input in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskedOf {
    /// Whoever connects, for this connection.
    #[default]
    EndUser,
    /// The admin, once for the provider.
    Admin,
}

/// One offered value of an input.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is put into the template.
    pub value: String,
    /// "Production".
    pub words: String,
    /// Other placeholders that follow from the choice: `api_host = "api.eu.intercom.io"`. Each
    /// choice sets the same names.
    #[serde(default)]
    pub sets: BTreeMap<String, String>,
}

/// The set-up guide that stands beside the form.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
    /// A text with which every client ID begins, e.g. `ca_`: tells a swapped ID and secret apart.
    #[serde(default)]
    pub client_id_prefix: String,
    /// A text with which every client secret begins, e.g. `sk_`.
    #[serde(default)]
    pub client_secret_prefix: String,
}

/// One step of a set-up guide. `**bold**` is the only markup in `text`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// "Open Integrations".
    pub title: String,
    /// What to do.
    pub text: String,
    /// Where, if there is an address.
    pub link: Option<String>,
}
