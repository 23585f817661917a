//! The file: what may stand in it. Reading it finds every mistake, each with its line, and repeats
//! no value: any of them may have come from a secret in the environment.

use super::custom::{CustomKeys, EndpointsTable, WantedCustom};
use super::key_limits::{LimitsTable, WantedLimits};
use super::values;
use super::webhooks::{WantedWebhook, WebhookTable};
use crate::api::key::ApiKeyText;
use crate::api::return_url::read_return_url;
use crate::auth::{MemberFields, check_member};
use crate::brand::{Logo, LogoProblem, MOST_BYTES};
use crate::domain::{Accent, Completion, InvalidSlug, Scopes, Slug};
use crate::vault::Secret;
use app::wire::{Field, PortalError, Problem, Role};
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::hash::Hash;
use std::io::Read;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const LONGEST_NAME: usize = 80;
const LONGEST_CREDENTIAL: usize = 2000;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Mistake {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub what: String,
}

/// All that is wrong with a file, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct DocumentError(pub Vec<Mistake>);

/// What an instance is to be like.
#[derive(Debug)]
pub struct Document {
    pub(super) organization: WantedOrganization,
    pub(super) members: Vec<WantedMember>,
    pub(super) applications: Vec<WantedApplication>,
}

#[derive(Debug)]
pub(super) struct WantedOrganization {
    pub(super) name: String,
    /// `None`, of either rule: it stays as it is.
    pub(super) second_factor_required: Option<bool>,
    pub(super) personal_data_masked: Option<bool>,
}

#[derive(Debug)]
pub(super) struct WantedMember {
    pub(super) line: usize,
    pub(super) email: String,
    /// `None`: a new member is called like the e-mail, an existing one keeps its name.
    pub(super) name: Option<String>,
    pub(super) role: Role,
    pub(super) password: Option<Secret<String>>,
}

#[derive(Debug)]
pub(super) struct WantedApplication {
    pub(super) line: usize,
    pub(super) slug: Slug,
    pub(super) name: String,
    pub(super) return_urls: Vec<String>,
    pub(super) allowed_origins: Vec<String>,
    pub(super) completion: Completion,
    /// `None`: the one it has stays.
    pub(super) accent: Option<Accent>,
    /// `None`: the one it has stays.
    pub(super) logo: Option<Logo>,
    pub(super) api_keys: Vec<WantedKey>,
    pub(super) providers: Vec<WantedProvider>,
    pub(super) webhooks: Vec<WantedWebhook>,
}

#[derive(Debug)]
pub(super) struct WantedKey {
    pub(super) line: usize,
    pub(super) name: String,
    /// `None`: one is made unless a live one has this name.
    pub(super) key: Option<ApiKeyText>,
    pub(super) may: WantedLimits,
}

#[derive(Debug)]
pub(super) struct WantedProvider {
    pub(super) line: usize,
    pub(super) definition: String,
    pub(super) slug: Slug,
    /// Empty where each customer brings their own.
    pub(super) client_id: String,
    pub(super) client_secrets: Vec<Secret<String>>,
    /// The environment left some of them out: those that are set stay.
    pub(super) secrets_left_out: bool,
    /// What the definition asks an admin for.
    pub(super) inputs: BTreeMap<String, String>,
    /// What stands in the place of a definition of the catalog.
    pub(super) custom: Option<WantedCustom>,
    /// `None`: those that the definition suggests.
    pub(super) scopes: Option<Scopes>,
    pub(super) one_owner_per_account: bool,
    pub(super) team_fallback: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    organization: Spanned<OrganizationTable>,
    #[serde(default)]
    members: Vec<Spanned<MemberTable>>,
    #[serde(default)]
    applications: Vec<Spanned<ApplicationTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganizationTable {
    name: String,
    second_factor_required: Option<bool>,
    personal_data_masked: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberTable {
    email: String,
    name: Option<String>,
    role: String,
    #[serde(default)]
    password: SecretText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationTable {
    slug: String,
    name: String,
    #[serde(default)]
    return_urls: Vec<String>,
    #[serde(default)]
    allowed_origins: Vec<String>,
    completion: Option<Spanned<String>>,
    accent: Option<Spanned<String>>,
    logo: Option<Spanned<String>>,
    #[serde(default)]
    api_keys: Vec<Spanned<KeyTable>>,
    #[serde(default)]
    providers: Vec<Spanned<ProviderTable>>,
    #[serde(default)]
    webhooks: Vec<Spanned<WebhookTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyTable {
    name: String,
    #[serde(default)]
    key: SecretText,
    scopes: Option<Vec<String>>,
    providers: Option<Vec<String>>,
    ip_ranges: Option<Vec<String>>,
    expires_at: Option<String>,
    rate_per_s: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderTable {
    definition: String,
    slug: Option<String>,
    client_id: Option<String>,
    client_secrets: Option<Spanned<Vec<SecretText>>>,
    scopes: Option<Vec<String>>,
    #[serde(default)]
    one_owner_per_account: bool,
    #[serde(default = "super::custom::yes")]
    team_fallback: bool,
    #[serde(default)]
    inputs: BTreeMap<String, String>,
    name: Option<String>,
    issuer: Option<Spanned<String>>,
    endpoints: Option<Spanned<EndpointsTable>>,
}

/// A text that may be left out and is overwritten when dropped.
#[derive(Default)]
pub(super) struct SecretText(pub(super) Option<Secret<String>>);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Some(Secret::new(text))))
    }
}

impl Document {
    /// Reads a file. `env` gives the values of `${NAME}`; files that it names lie beside it, in
    /// `directory`.
    pub fn read(
        text: &str,
        directory: &Path,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, DocumentError> {
        let one = |error: &toml::de::Error| DocumentError(vec![from_toml(text, error)]);
        let mut table = DeTable::parse(text).map_err(|error| one(&error))?;
        let mut reading = Reading {
            text,
            directory,
            left_out: Vec::new(),
            mistakes: Vec::new(),
        };
        reading.fill_table(table.get_mut(), &env);
        let left_out = std::mem::take(&mut reading.left_out);
        reading.done(())?;
        let file =
            File::deserialize(toml::de::Deserializer::from(table)).map_err(|error| one(&error))?;
        let mut reading = Reading {
            text,
            directory,
            left_out,
            mistakes: Vec::new(),
        };
        let document = reading.document(file);
        reading.done(document)
    }
}

/// A file that is being read: its text, to tell lines, and the mistakes found so far. A value that is
/// wrong is replaced by something harmless, since a document with mistakes is never used.
pub(super) struct Reading<'a> {
    text: &'a str,
    directory: &'a Path,
    /// Where texts stand that the environment leaves out.
    left_out: Vec<usize>,
    mistakes: Vec<Mistake>,
}

impl Reading<'_> {
    fn done<T>(mut self, value: T) -> Result<T, DocumentError> {
        if self.mistakes.is_empty() {
            return Ok(value);
        }
        self.mistakes.sort_by_key(|mistake| mistake.line);
        Err(DocumentError(self.mistakes))
    }

    pub(super) fn wrong(&mut self, line: usize, what: impl Into<String>) {
        self.mistakes.push(Mistake {
            line,
            what: what.into(),
        });
    }

    pub(super) fn line<T>(&self, spanned: &Spanned<T>) -> usize {
        line_at(self.text, spanned.span().start)
    }

    /// Puts values into a text and what is below it. `false`: it is left out.
    fn fill(
        &mut self,
        value: &mut Spanned<DeValue<'_>>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> bool {
        let line = self.line(value);
        let span = value.span();
        match value.get_mut() {
            DeValue::String(text) => match values::fill(text, env) {
                Ok(Some(filled)) => *text = filled.into(),
                Ok(None) => {
                    self.left_out.push(span.start);
                    return false;
                }
                Err(problem) => self.wrong(line, format!("{problem}.")),
            },
            DeValue::Array(array) => {
                let all = std::mem::replace(array, std::iter::empty().collect());
                *array = all
                    .into_iter()
                    .filter_map(|mut element| self.fill(&mut element, env).then_some(element))
                    .collect();
            }
            DeValue::Table(table) => self.fill_table(table, env),
            _ => {}
        }
        true
    }

    fn fill_table(&mut self, table: &mut DeTable<'_>, env: &dyn Fn(&str) -> Option<String>) {
        let mut gone = Vec::new();
        for (key, value) in table.iter_mut() {
            if !self.fill(value, env) {
                gone.push(key.get_ref().to_string());
            }
        }
        for key in gone {
            table.remove(key.as_str());
        }
    }

    fn document(&mut self, file: File) -> Document {
        let line = self.line(&file.organization);
        let organization = file.organization.into_inner();
        let organization = WantedOrganization {
            name: self.name(line, "name", &organization.name),
            second_factor_required: organization.second_factor_required,
            personal_data_masked: organization.personal_data_masked,
        };
        let members: Vec<_> = file
            .members
            .into_iter()
            .map(|member| self.member(member, &organization.name))
            .collect();
        let emails = members
            .iter()
            .map(|member| (member.line, crate::store::fold_email(&member.email)));
        self.distinct(emails.collect(), "Another member has this `email`.");
        let applications: Vec<_> = file
            .applications
            .into_iter()
            .filter_map(|application| self.application(application))
            .collect();
        let slugs = applications
            .iter()
            .map(|application| (application.line, application.slug.clone()));
        self.distinct(slugs.collect(), "Another application has this `slug`.");
        Document {
            organization,
            members,
            applications,
        }
    }

    fn member(&mut self, table: Spanned<MemberTable>, organization: &str) -> WantedMember {
        let line = self.line(&table);
        let table = table.into_inner();
        let email = table.email.trim().to_owned();
        let name = table.name.map(|name| name.trim().to_owned());
        let role = table.role.parse().unwrap_or_else(|()| {
            self.wrong(
                line,
                "`role` has to be owner, admin, developer, support or auditor.",
            );
            Role::Auditor
        });
        let password = table.password.0;
        let fields = MemberFields {
            organization: Some(organization),
            name: name.as_deref().unwrap_or_else(|| local_part(&email)),
            email: &email,
            password: password.as_ref().map_or("", |password| password.expose()),
        };
        if let Err(PortalError::Invalid(errors)) = check_member(fields) {
            let said = |field| match field {
                Field::Organization => false,
                Field::Name => name.is_some(),
                Field::Password => password.is_some(),
                _ => true,
            };
            for error in errors.iter().filter(|error| said(error.field)) {
                self.wrong(line, member_mistake(error.field, error.problem));
            }
        }
        WantedMember {
            line,
            email,
            name,
            role,
            password,
        }
    }

    fn application(&mut self, table: Spanned<ApplicationTable>) -> Option<WantedApplication> {
        let line = self.line(&table);
        let table = table.into_inner();
        let completion = match &table.completion {
            None => Some(Completion::default()),
            Some(word) => {
                let known = word.get_ref().parse().ok();
                if known.is_none() {
                    let line = self.line(word);
                    self.wrong(line, "`completion` has to be \"confirm\" or \"bound\".");
                }
                known
            }
        };
        let accent = table.accent.and_then(|accent| self.accent(&accent));
        let logo = table.logo.and_then(|logo| self.logo(&logo));
        let webhooks: Vec<_> = table
            .webhooks
            .into_iter()
            .filter_map(|webhook| self.webhook(webhook))
            .collect();
        self.distinct(
            webhooks
                .iter()
                .map(|webhook| (webhook.line, webhook.url.clone()))
                .collect(),
            "Another webhook of this application has this `url`.",
        );
        let api_keys: Vec<_> = table
            .api_keys
            .into_iter()
            .map(|key| self.api_key(key))
            .collect();
        self.distinct(
            api_keys
                .iter()
                .map(|key| (key.line, key.name.clone()))
                .collect(),
            "Another API key has this `name`.",
        );
        let providers: Vec<_> = table
            .providers
            .into_iter()
            .filter_map(|provider| self.provider(provider))
            .collect();
        let slugs = providers
            .iter()
            .map(|provider| (provider.line, provider.slug.clone()));
        self.distinct(
            slugs.collect(),
            "Another provider of this application has this `slug`: give it one of its own.",
        );
        let slug = self.slug(line, &table.slug);
        let application = WantedApplication {
            line,
            name: self.name(line, "name", &table.name),
            return_urls: table
                .return_urls
                .iter()
                .filter_map(|url| self.return_url(line, url))
                .collect(),
            allowed_origins: table
                .allowed_origins
                .iter()
                .filter_map(|origin| self.origin(line, origin))
                .collect(),
            completion: completion?,
            accent,
            logo,
            api_keys,
            providers,
            webhooks,
            slug: slug?,
        };
        if application.completion == Completion::Bound && application.return_urls.is_empty() {
            self.wrong(
                line,
                "Add `return_urls`: with bound completion the browser brings the connect code there.",
            );
        }
        Some(application)
    }

    fn accent(&mut self, text: &Spanned<String>) -> Option<Accent> {
        let accent = text.get_ref().parse().ok();
        if accent.is_none() {
            let line = self.line(text);
            self.wrong(
                line,
                "`accent` has to be # and six digits, such as \"#0f5132\".",
            );
        }
        accent
    }

    fn logo(&mut self, path: &Spanned<String>) -> Option<Logo> {
        let line = self.line(path);
        match read_picture(&self.directory.join(path.get_ref())) {
            Err(error) => self.wrong(line, format!("The file of `logo` cannot be read: {error}.")),
            Ok(file) => match Logo::draw(&file) {
                Ok(logo) => return Some(logo),
                Err(LogoProblem::NotAPicture) => self.wrong(
                    line,
                    "The file of `logo` is no PNG, JPEG or WebP picture. Save a drawing such as an SVG as PNG first.",
                ),
                Err(problem) => self.wrong(line, format!("The file of `logo` {problem}.")),
            },
        }
        None
    }

    fn api_key(&mut self, table: Spanned<KeyTable>) -> WantedKey {
        let line = self.line(&table);
        let table = table.into_inner();
        let key = table.key.0.and_then(|text| {
            let key = ApiKeyText::parse(text.expose());
            if key.is_none() {
                self.wrong(line, "`key` is no API key of Grantport's (`gp_` and 38 characters). Leave it out once: one is made and printed.");
            }
            key
        });
        let limits = LimitsTable {
            scopes: table.scopes,
            providers: table.providers,
            ip_ranges: table.ip_ranges,
            expires_at: table.expires_at,
            rate_per_s: table.rate_per_s,
        };
        WantedKey {
            line,
            name: self.name(line, "name", &table.name),
            key,
            may: self.limits(line, limits),
        }
    }

    fn provider(&mut self, table: Spanned<ProviderTable>) -> Option<WantedProvider> {
        let line = self.line(&table);
        let table = table.into_inner();
        let slug = self.slug(line, table.slug.as_deref().unwrap_or(&table.definition));
        if slug.as_ref().is_some_and(|slug| slug.as_str() == "new") {
            self.wrong(
                line,
                "`slug` may not be \"new\", which is an address of the portal's.",
            );
        }
        let client_id = table.client_id.map(Secret::new);
        if let Some(client_id) = &client_id {
            self.credential(line, "client_id", client_id);
        }
        let keys = CustomKeys {
            name: table.name,
            issuer: table.issuer,
            endpoints: table.endpoints,
        };
        let called = table.slug.as_deref().unwrap_or(&table.definition);
        let custom = self.custom(line, &table.definition, called, keys);
        let secrets_left_out = table.client_secrets.as_ref().is_some_and(|secrets| {
            let span = secrets.span();
            self.left_out.iter().any(|at| span.contains(at))
        });
        let client_secrets: Vec<_> = table
            .client_secrets
            .map(Spanned::into_inner)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|secret| secret.0)
            .collect();
        for secret in &client_secrets {
            self.credential(line, "client_secrets", secret);
        }
        let same = |(index, secret): (usize, &Secret<String>)| {
            client_secrets[..index]
                .iter()
                .any(|earlier| earlier.expose() == secret.expose())
        };
        if client_secrets.iter().enumerate().any(same) {
            self.wrong(
                line,
                "`client_secrets` has one secret twice: keep one of them.",
            );
        }
        let scopes = table.scopes.map(|names| {
            Scopes::new(names).unwrap_or_else(|_| {
                self.wrong(line, "`scopes` has to be a list of names of 1 to 200 characters each, without spaces and quotation marks.");
                Scopes::default()
            })
        });
        Some(WantedProvider {
            line,
            definition: table.definition,
            slug: slug?,
            client_id: client_id.map(|id| id.expose().clone()).unwrap_or_default(),
            client_secrets,
            secrets_left_out,
            inputs: table.inputs,
            custom,
            scopes,
            one_owner_per_account: table.one_owner_per_account,
            team_fallback: table.team_fallback,
        })
    }

    pub(super) fn name(&mut self, line: usize, key: &str, name: &str) -> String {
        let name = name.trim().to_owned();
        if name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || name.chars().any(char::is_control)
        {
            self.wrong(
                line,
                format!("`{key}` has to have 1 to {LONGEST_NAME} characters on one line."),
            );
        }
        name
    }

    fn slug(&mut self, line: usize, text: &str) -> Option<Slug> {
        text.parse()
            .map_err(|error: InvalidSlug| self.wrong(line, format!("`slug` is none: {error}.")))
            .ok()
    }

    fn credential(&mut self, line: usize, key: &str, credential: &Secret<String>) {
        let text = credential.expose();
        let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if text.is_empty() || text.len() > LONGEST_CREDENTIAL || !plain {
            self.wrong(line, format!("`{key}` has to have 1 to {LONGEST_CREDENTIAL} characters without spaces; is its variable empty?"));
        }
    }

    fn return_url(&mut self, line: usize, text: &str) -> Option<String> {
        read_return_url(text)
            .map(String::from)
            .map_err(|problem| self.wrong(line, format!("One of `return_urls` {problem}.")))
            .ok()
    }

    fn origin(&mut self, line: usize, text: &str) -> Option<String> {
        let url = read_return_url(text)
            .ok()
            .filter(|url| url.path() == "/" && url.query().is_none());
        if url.is_none() {
            self.wrong(line, "One of `allowed_origins` is no origin such as https://app.acme.example (http:// is for localhost alone).");
        }
        url.map(|url| url.origin().ascii_serialization())
    }

    fn distinct<T: Eq + Hash>(&mut self, keys: Vec<(usize, T)>, what: &str) {
        let mut seen = HashSet::new();
        for (line, key) in keys {
            if !seen.insert(key) {
                self.wrong(line, what);
            }
        }
    }
}

/// No more of a file than it takes to see that it is too large.
fn read_picture(path: &Path) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    let mut file = Vec::new();
    fs::File::open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut file)?;
    Ok(file)
}

/// What stands before the `@`: the name of a member who has no other.
pub(super) fn local_part(email: &str) -> &str {
    email.split('@').next().unwrap_or(email)
}

fn member_mistake(field: Field, problem: Problem) -> String {
    let key = match field {
        Field::Email => "email",
        Field::Password => "password",
        _ => "name",
    };
    match problem {
        Problem::Missing => format!("`{key}` is empty; is its variable?"),
        Problem::TooShort(least) => format!("`{key}` has to have at least {least} characters."),
        Problem::TooLong(most) => format!("`{key}` has to have at most {most} characters."),
        Problem::TooCommon => {
            format!("`{key}` is easy to guess: use words that have nothing to do with each other.")
        }
        Problem::NotAnEmail => format!("`{key}` is no e-mail address."),
        _ => format!("`{key}` has characters that cannot stand there."),
    }
}

/// What the TOML reader says, without the values that it quotes.
fn from_toml(text: &str, error: &toml::de::Error) -> Mistake {
    let said = error.message();
    let line = line_at(text, error.span().unwrap_or_default().start);
    let what = match (
        said.starts_with("invalid "),
        said.rsplit_once(", expected "),
    ) {
        (true, Some((_, expected))) if !expected.starts_with('`') => {
            format!("This value has to be {expected}.")
        }
        (true, None) => "This value is not valid here.".to_owned(),
        _ => format!("{}.", capitalised(said)),
    };
    Mistake { line, what }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}
