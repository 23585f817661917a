//! Custom providers: a definition that an admin makes for one application, in no catalog.
//!
//! It says less than a file: addresses, where the account stands, how the server likes to be asked.
//! The rest follows, and what comes out is a [`Definition`] that is held against the same rules
//! (`validate`), so everything else treats it like any other.

use super::definition::{
    ApiAuth, AuthorizeStyle, BodyFormat, CallbackErrors, CallbackRules, ClientAuth, Credentials,
    Definition, Endpoints, Expiry, Guide, Identity, Mark, Method, Pkce, ProviderApi, RedirectRules,
    Refresh, Reuse, Revocation, RevokedToken, Rotation, Scope, ScopeGroup, ScopeRules, TokenAnswer,
    Trial, Trust,
};
use super::problem::Mistake;
use super::validate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// The id that stands in the place of a definition's, and that no file may have.
pub const CUSTOM: &str = "custom";
/// The scope without which servers of `OpenID` Connect give no refresh token.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// What an admin said of a provider, or its issuer told. Kept with the provider as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomDefinition {
    /// What people call it.
    pub name: String,
    /// The issuer whose metadata it was made from, exactly as it names itself.
    #[serde(default)]
    pub issuer: Option<String>,
    /// The issuer never leaves `iss` out of a callback (RFC 9207).
    #[serde(default)]
    pub issuer_always_sent: bool,
    /// Where the browser goes.
    pub authorize: String,
    /// Where codes and refresh tokens are exchanged.
    pub token: String,
    /// Where grants are ended (RFC 7009).
    #[serde(default)]
    pub revoke: Option<String>,
    /// Where the profile is.
    #[serde(default)]
    pub profile: Option<String>,
    /// Where tokens are looked into (RFC 7662).
    #[serde(default)]
    pub introspection: Option<String>,
    /// What the paths of calls through the proxy are joined to.
    // left out where there is none, so that the release before reads it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// Pointers to a stable account id.
    #[serde(default)]
    pub account_id: Vec<String>,
    /// Pointers to a text that people recognise.
    #[serde(default)]
    pub account_label: Vec<String>,
    /// Who we are to the token endpoint.
    #[serde(default)]
    pub client_auth: CustomAuth,
    /// Send PKCE (S256).
    #[serde(default)]
    pub pkce: bool,
    /// What stands between scopes.
    #[serde(default)]
    pub scope_separator: ScopeSeparator,
    /// Ask for `offline_access` every time.
    #[serde(default)]
    pub offline_access: bool,
}

/// Client authentication at the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomAuth {
    /// HTTP Basic (`client_secret_basic`).
    Basic,
    /// In the body (`client_secret_post`).
    #[default]
    Body,
}

/// What stands between scopes in the authorize URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeSeparator {
    /// As in RFC 6749.
    #[default]
    Space,
    /// A comma.
    Comma,
}

/// The parts of a custom definition in which something can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomPart {
    /// `name`.
    Name,
    /// `issuer`.
    Issuer,
    /// `authorize`.
    Authorize,
    /// `token`.
    Token,
    /// `revoke`.
    Revoke,
    /// `profile`.
    Profile,
    /// `introspection`.
    Introspection,
    /// `api`.
    Api,
    /// `account_id`.
    AccountId,
    /// `account_label`.
    AccountLabel,
}

impl CustomPart {
    /// Where `validate` finds it, and the part.
    const PLACES: [(&'static str, Self); 9] = [
        ("issuer", Self::Issuer),
        ("endpoints.authorize", Self::Authorize),
        ("endpoints.token", Self::Token),
        ("revocation", Self::Revoke),
        ("identity.url", Self::Profile),
        ("expiry", Self::Introspection),
        ("api", Self::Api),
        ("identity.account_id", Self::AccountId),
        ("identity.account_label", Self::AccountLabel),
    ];

    fn at(path: &str) -> Self {
        Self::PLACES
            .into_iter()
            .find(|(place, _)| path.starts_with(place))
            .map_or(Self::Name, |(_, part)| part)
    }

    /// Its key, as files and the audit name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Issuer => "issuer",
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::Revoke => "revoke",
            Self::Profile => "profile",
            Self::Introspection => "introspection",
            Self::Api => "api",
            Self::AccountId => "account_id",
            Self::AccountLabel => "account_label",
        }
    }
}

impl CustomDefinition {
    /// The definition that it stands for.
    ///
    /// # Errors
    /// With everything that the catalog's rules find wrong.
    pub fn definition(&self) -> Result<Definition, Vec<(CustomPart, Mistake)>> {
        let definition = self.built();
        let mistakes = validate::check(&format!("{CUSTOM}.toml"), &definition);
        if mistakes.is_empty() {
            return Ok(definition);
        }
        let told = mistakes
            .into_iter()
            .map(|(place, mistake)| (CustomPart::at(&place.path()), mistake));
        Err(told.collect())
    }

    /// Every address in it: those that receive a secret or a token, and the one for browsers.
    pub fn addresses(&self) -> impl Iterator<Item = (CustomPart, &str)> {
        let authorize = (CustomPart::Authorize, Some(self.authorize.as_str()));
        std::iter::once(authorize)
            .chain(self.receivers_or_none())
            .filter_map(|(part, address)| Some((part, address?)))
    }

    fn receivers_or_none(&self) -> [(CustomPart, Option<&str>); 5] {
        [
            (CustomPart::Token, Some(self.token.as_str())),
            (CustomPart::Revoke, self.revoke.as_deref()),
            (CustomPart::Profile, self.profile.as_deref()),
            (CustomPart::Introspection, self.introspection.as_deref()),
            (CustomPart::Api, self.api.as_deref()),
        ]
    }

    /// The first address that would receive a secret or tokens at a host that they were not given to
    /// in `before`. The secret belongs to the host of the token endpoint; others may share it, and
    /// profile and API see access tokens alone.
    #[must_use]
    pub fn new_receiver(&self, before: &Self) -> Option<CustomPart> {
        let hosts_of = |parts: &[CustomPart]| -> Vec<_> {
            let receivers = before.receivers_or_none().into_iter();
            receivers
                .filter(|(part, _)| parts.contains(part))
                .filter_map(|(_, address)| host_and_port(address?))
                .collect()
        };
        let is_new = |part: CustomPart, address: &str| {
            let known = hosts_of(match part {
                CustomPart::Token => &[CustomPart::Token],
                CustomPart::Profile | CustomPart::Api => &[
                    CustomPart::Token,
                    CustomPart::Revoke,
                    CustomPart::Introspection,
                    CustomPart::Profile,
                    CustomPart::Api,
                ],
                _ => &[
                    CustomPart::Token,
                    CustomPart::Revoke,
                    CustomPart::Introspection,
                ],
            });
            host_and_port(address).is_some_and(|host| !known.contains(&host))
        };
        self.receivers_or_none()
            .into_iter()
            .find(|(part, address)| address.is_some_and(|address| is_new(*part, address)))
            .map(|(part, _)| part)
    }

    /// Whether browsers and secrets go to different domains, by their last two labels (R80): most
    /// providers have both at one.
    #[must_use]
    pub fn spans_domains(&self) -> bool {
        let domain = |address: &str| {
            let url = Url::parse(address).ok()?;
            let host = url.host_str()?.trim_end_matches('.').to_owned();
            let from = host
                .rmatch_indices('.')
                .nth(1)
                .map_or(0, |(dot, _)| dot + 1);
            Some(host[from..].to_owned())
        };
        domain(&self.authorize) != domain(&self.token)
    }

    /// Its keys whose values differ from `before`, for the audit, which keeps names and no values.
    #[must_use]
    pub fn changes_since(&self, before: &Self) -> Vec<&'static str> {
        [
            ("name", self.name != before.name),
            ("issuer", self.issuer != before.issuer),
            (
                "issuer_always_sent",
                self.issuer_always_sent != before.issuer_always_sent,
            ),
            ("authorize", self.authorize != before.authorize),
            ("token", self.token != before.token),
            ("revoke", self.revoke != before.revoke),
            ("profile", self.profile != before.profile),
            ("introspection", self.introspection != before.introspection),
            ("api", self.api != before.api),
            ("account_id", self.account_id != before.account_id),
            ("account_label", self.account_label != before.account_label),
            ("client_auth", self.client_auth != before.client_auth),
            ("pkce", self.pkce != before.pkce),
            (
                "scope_separator",
                self.scope_separator != before.scope_separator,
            ),
            (
                "offline_access",
                self.offline_access != before.offline_access,
            ),
        ]
        .into_iter()
        .filter_map(|(key, differs)| differs.then_some(key))
        .collect()
    }

    fn built(&self) -> Definition {
        let client_auth = match self.client_auth {
            CustomAuth::Basic => ClientAuth::Basic,
            CustomAuth::Body => ClientAuth::Body,
        };
        Definition {
            id: CUSTOM.to_owned(),
            name: self.name.clone(),
            short_name: self.name.clone(),
            category: "Generic".to_owned(),
            mark: self.mark(),
            remark: String::new(),
            trust: Trust {
                level: app::wire::Trust::Documented,
                since: "2026-11-26".to_owned(),
            },
            docs_url: None,
            practice: false,
            endpoints: Endpoints {
                authorize: self.authorize.clone(),
                authorize_style: AuthorizeStyle::Query,
                token: self.token.clone(),
                refresh: None,
            },
            client_auth,
            credentials: Credentials::PerProvider,
            token_body: BodyFormat::Form,
            token_headers: BTreeMap::new(),
            token_params: BTreeMap::new(),
            refresh_params: BTreeMap::new(),
            param_names: BTreeMap::new(),
            api_auth: ApiAuth::default(),
            api: self.api.clone().map(|base| ProviderApi {
                base,
                headers: BTreeMap::new(),
            }),
            pkce: if self.pkce {
                Pkce::S256
            } else {
                Pkce::Unsupported
            },
            issuer: self.issuer.clone(),
            issuer_always_sent: self.issuer_always_sent,
            sign_in_origins: Vec::new(),
            authorize_params: self.authorize_params(),
            scopes: self.scope_rules(),
            inputs: Vec::new(),
            callback: CallbackRules::default(),
            callback_errors: CallbackErrors::default(),
            token_answer: TokenAnswer::default(),
            second_token: None,
            token_metadata: Vec::new(),
            expiry: self.expiry(client_auth),
            refresh: Refresh {
                rotation: Rotation::Optional,
                reuse: Reuse::Strict,
                grace_s: None,
                idle_days: None,
                lasts_days: None,
                most_per_second: None,
                kills_access_token: false,
                sends_redirect_uri: false,
                sends_scopes: false,
                narrows_scopes: false,
                exchange: None,
            },
            introspection: None,
            identity: self.identity(),
            revocation: self.revoke.as_ref().map(|url| Revocation {
                url: url.clone(),
                method: Method::Post,
                body: BodyFormat::Form,
                client_auth,
                token: RevokedToken::RefreshToken,
                token_param: "token".to_owned(),
                hint: true,
                params: BTreeMap::new(),
                headers: BTreeMap::new(),
                ok: None,
                gone: Vec::new(),
                gone_codes: Vec::new(),
                ends_whole_grant: false,
            }),
            revoke_by_hand: None,
            redirect: RedirectRules::default(),
            most_grants_per_account: None,
            trial: Trial::default(),
            needs: None,
            who_may_approve: None,
            guide: Guide {
                lead: String::new(),
                steps: Vec::new(),
                good_to_know: Vec::new(),
                client_id_hint: String::new(),
                client_id_prefix: String::new(),
                client_secret_prefix: String::new(),
            },
        }
    }

    /// `offline_access` counts only where the person is asked (`OpenID` Connect Core, section 11).
    fn authorize_params(&self) -> BTreeMap<String, String> {
        let consent = ("prompt".to_owned(), "consent".to_owned());
        self.offline_access.then_some(consent).into_iter().collect()
    }

    fn mark(&self) -> Mark {
        let mut letters = self.name.chars().filter(|c| c.is_alphanumeric());
        let first = letters.next().map(|c| c.to_uppercase().to_string());
        let second = letters.next().map(|c| c.to_lowercase().to_string());
        let sum: usize = self.name.bytes().map(usize::from).sum();
        // one of twelve, so it fits
        let hue = u8::try_from(sum % 12).unwrap_or_default() + 1;
        Mark {
            initials: first.into_iter().chain(second).collect(),
            hue,
        }
    }

    /// The names of `OpenID` Connect, which every such server understands alike; others are typed.
    fn scope_rules(&self) -> ScopeRules {
        let scopes = [
            (
                "openid",
                "Know that it is the same person",
                "Know that it is you",
            ),
            (
                "profile",
                "Read name and picture",
                "Read your name and picture",
            ),
            (
                "email",
                "Read the e-mail address",
                "Read your e-mail address",
            ),
            (
                OFFLINE_ACCESS,
                "Stay connected while the person is away",
                "Stay connected while you are away",
            ),
        ];
        let scopes = scopes.map(|(name, words, user_words)| Scope {
            name: name.to_owned(),
            words: words.to_owned(),
            user_words: Some(user_words.to_owned()),
            implies: Vec::new(),
            suggested: false,
        });
        let needed = self.offline_access.then(|| OFFLINE_ACCESS.to_owned());
        ScopeRules {
            param: "scope".to_owned(),
            more_params: Vec::new(),
            separator: match self.scope_separator {
                ScopeSeparator::Space => " ",
                ScopeSeparator::Comma => ",",
            }
            .to_owned(),
            set_at_provider: None,
            registered_at_provider: None,
            always_granted: Vec::new(),
            needed_for_refresh: needed.into_iter().collect(),
            groups: vec![ScopeGroup {
                title: "OpenID Connect".to_owned(),
                scopes: scopes.into(),
            }],
            never: None,
        }
    }

    fn expiry(&self, client_auth: ClientAuth) -> Expiry {
        const HOUR: u32 = 3600;
        match &self.introspection {
            Some(url) => Expiry::Introspection {
                url: url.clone(),
                client_auth,
                after_s: HOUR,
            },
            None => Expiry::ExpiresIn {
                usually_s: HOUR,
                silent_s: None,
            },
        }
    }

    fn identity(&self) -> Option<Identity> {
        let pointers = !self.account_id.is_empty() || !self.account_label.is_empty();
        (pointers || self.profile.is_some()).then(|| Identity {
            url: self.profile.clone(),
            method: Method::Get,
            headers: BTreeMap::new(),
            api_auth: None,
            body: None,
            account_id: self.account_id.clone(),
            account_label: self.account_label.clone(),
            granted_scopes: None,
            metadata: BTreeMap::new(),
            account_words: None,
        })
    }
}

fn host_and_port(address: &str) -> Option<(String, Option<u16>)> {
    let url = Url::parse(address).ok()?;
    Some((url.host_str()?.to_owned(), url.port_or_known_default()))
}

#[cfg(test)]
pub(super) mod tests;
