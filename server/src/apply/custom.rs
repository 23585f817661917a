//! Providers that are in no catalog: from an issuer, which is asked each time, or as the file says.

use super::document::{Document, Reading};
use super::{DocumentError, Mistake};
use crate::catalog::{
    CUSTOM, CustomAuth, CustomDefinition, CustomPart, Mistake as DefinitionMistake, ScopeSeparator,
};
use crate::oauth::discovery::Found;
use crate::upstreams::Upstreams;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// What a file says of a custom provider.
#[derive(Debug)]
pub(super) enum WantedCustom {
    /// To be asked.
    Issuer {
        line: usize,
        issuer: String,
        /// `None`: a new one is called like the issuer's host, an existing one keeps its name.
        name: Option<String>,
    },
    /// Written out.
    Endpoints {
        line: usize,
        definition: Box<CustomDefinition>,
        /// Where each address stands.
        lines: BTreeMap<&'static str, usize>,
    },
}

/// `[applications.providers.endpoints]`, or `endpoints = { .. }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndpointsTable {
    authorize: Spanned<String>,
    token: Spanned<String>,
    revoke: Option<Spanned<String>>,
    profile: Option<Spanned<String>>,
    introspection: Option<Spanned<String>>,
    api: Option<Spanned<String>>,
    account_id: Option<Spanned<OneOrMore>>,
    account_label: Option<Spanned<OneOrMore>>,
    #[serde(default)]
    client_auth: CustomAuth,
    #[serde(default = "yes")]
    pkce: bool,
    #[serde(default)]
    scope_separator: ScopeSeparator,
    #[serde(default)]
    offline_access: bool,
    #[serde(default)]
    issuer_always_sent: bool,
}

pub(super) fn yes() -> bool {
    true
}

/// `"/sub"`, or `["/email", "/name"]`.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn all(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::More(more) => more,
        }
    }
}

/// The keys of a provider's table that only a custom one has.
pub(super) struct CustomKeys {
    pub(super) name: Option<String>,
    pub(super) issuer: Option<Spanned<String>>,
    pub(super) endpoints: Option<Spanned<EndpointsTable>>,
}

impl Reading<'_> {
    /// What the table at `line`, of a provider with this `definition` and `slug`, says of a custom one.
    pub(super) fn custom(
        &mut self,
        line: usize,
        definition: &str,
        slug: &str,
        keys: CustomKeys,
    ) -> Option<WantedCustom> {
        if definition != CUSTOM {
            if keys.name.is_some() || keys.issuer.is_some() || keys.endpoints.is_some() {
                self.wrong(line, "`name`, `issuer` and `endpoints` are for definition = \"custom\" alone: remove them.");
            }
            return None;
        }
        let name = keys.name.map(|name| self.name(line, "name", &name));
        match (keys.issuer, keys.endpoints) {
            (Some(issuer), None) => Some(WantedCustom::Issuer {
                line: self.line(&issuer),
                issuer: issuer.into_inner(),
                name,
            }),
            // beside endpoints, an issuer is known and not asked
            (issuer, Some(endpoints)) => {
                let name = name.unwrap_or_else(|| slug.to_owned());
                let line = self.line(&endpoints);
                let issuer = issuer.map(Spanned::into_inner);
                Some(self.endpoints(line, endpoints.into_inner(), name, issuer))
            }
            (None, None) => {
                self.wrong(line, "A custom provider needs either `issuer`, or `endpoints` with `authorize` and `token`.");
                None
            }
        }
    }

    fn endpoints(
        &self,
        line: usize,
        table: EndpointsTable,
        name: String,
        issuer: Option<String>,
    ) -> WantedCustom {
        let mut lines = BTreeMap::new();
        let mut at = |part: CustomPart, text: Spanned<String>| {
            lines.insert(part.key(), self.line(&text));
            text.into_inner()
        };
        let authorize = at(CustomPart::Authorize, table.authorize);
        let token = at(CustomPart::Token, table.token);
        let revoke = table.revoke.map(|text| at(CustomPart::Revoke, text));
        let profile = table.profile.map(|text| at(CustomPart::Profile, text));
        let introspection = table
            .introspection
            .map(|text| at(CustomPart::Introspection, text));
        let api = table.api.map(|text| at(CustomPart::Api, text));
        let mut pointers = |part: CustomPart, list: Option<Spanned<OneOrMore>>| {
            list.map(|list| {
                lines.insert(part.key(), self.line(&list));
                list.into_inner().all()
            })
            .unwrap_or_default()
        };
        let definition = CustomDefinition {
            name,
            issuer,
            issuer_always_sent: table.issuer_always_sent,
            authorize,
            token,
            revoke,
            profile,
            introspection,
            api,
            account_id: pointers(CustomPart::AccountId, table.account_id),
            account_label: pointers(CustomPart::AccountLabel, table.account_label),
            client_auth: table.client_auth,
            pkce: table.pkce,
            scope_separator: table.scope_separator,
            offline_access: table.offline_access,
        };
        WantedCustom::Endpoints {
            line,
            definition: Box::new(definition),
            lines,
        }
    }
}

/// The definitions of all custom providers of a file, by the line of each, before anything is
/// written. Issuers are asked, and the outbound policy decides on every address.
pub(super) async fn resolve(
    document: &Document,
    upstreams: &Upstreams,
) -> Result<BTreeMap<usize, Found>, DocumentError> {
    let mut found = BTreeMap::new();
    let mut mistakes = Vec::new();
    let providers = document
        .applications
        .iter()
        .flat_map(|application| &application.providers);
    for provider in providers {
        let Some(custom) = &provider.custom else {
            continue;
        };
        match resolve_one(custom, upstreams).await {
            Ok(one) => {
                found.insert(provider.line, one);
            }
            Err(wrong) => mistakes.extend(wrong),
        }
    }
    if mistakes.is_empty() {
        Ok(found)
    } else {
        Err(DocumentError(mistakes))
    }
}

async fn resolve_one(custom: &WantedCustom, upstreams: &Upstreams) -> Result<Found, Vec<Mistake>> {
    match custom {
        WantedCustom::Issuer { line, issuer, name } => {
            let told = |what: String| vec![Mistake { line: *line, what }];
            let mut found = upstreams
                .discover(issuer)
                .await
                .map_err(|error| told(format!("`issuer` gives no provider: {error}.")))?;
            if let Some(name) = name {
                found.definition.name.clone_from(name);
            }
            if found.definition.definition().is_err() {
                let what = "`issuer` gives no provider: an address in its metadata has a fragment, a user name or braces; write the `endpoints` instead.";
                return Err(told(what.to_owned()));
            }
            Ok(found)
        }
        WantedCustom::Endpoints {
            line,
            definition,
            lines,
        } => {
            let told = |part: CustomPart, what: String| Mistake {
                line: lines.get(part.key()).copied().unwrap_or(*line),
                what,
            };
            if let Err(mistakes) = definition.definition() {
                let mistakes = mistakes.into_iter();
                return Err(mistakes
                    .map(|(part, mistake)| told(part, endpoint_mistake(part, &mistake)))
                    .collect());
            }
            if let Err(part) = upstreams.vet(definition).await {
                let what = format!(
                    "`{}` may not be called: it needs a public host name with https and port 443, or a place in GRANTPORT_ALLOW_PRIVATE_UPSTREAMS.",
                    part.key()
                );
                return Err(vec![told(part, what)]);
            }
            Ok(Found {
                definition: definition.as_ref().clone(),
                scopes: Vec::new(),
                other_client_auth: false,
            })
        }
    }
}

/// What is wrong, without the value.
fn endpoint_mistake(part: CustomPart, mistake: &DefinitionMistake) -> String {
    let key = part.key();
    match mistake {
        DefinitionMistake::NoPointer => {
            format!("`{key}` is needed where `profile` is: add a pointer such as \"/sub\".")
        }
        DefinitionMistake::NoProfile(_) | DefinitionMistake::Pointer(_) => format!(
            "`{key}` has to hold pointers such as \"/sub\" into the `profile`, or \"token:/team/id\"."
        ),
        _ => {
            format!("`{key}` has to be an https address without #, braces, user name and password.")
        }
    }
}
