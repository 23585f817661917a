//! Whether a row can come in. Every field that is wrong is named, with what is expected there and
//! without the value.

use super::import::Known;
use super::row::{Row, SecretText};
use crate::catalog::{AskedOf, Credentials, Definition, Metadata, host_of};
use crate::domain::{EndUser, Owner, Scopes, Timestamp, Tokens};
use crate::json::Mistake;
use crate::oauth::token_answer::{Ends, TOKEN_KIND, TokenSet};
use crate::store::{Import, NewConnection};
use crate::tokens::{received, when};
use crate::vault::Secret;
use app::wire::BrokenReason;
use serde::Serialize;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

const LONGEST_ID: usize = 200;
const LONGEST_NAME: usize = 200;
/// RFC 5321 section 4.5.3.1.3.
const LONGEST_EMAIL: usize = 254;
const LONGEST_TOKEN: usize = 16 * 1024;
const LONGEST_ANSWER: usize = 64 * 1024;
const LONGEST_URL: usize = 2000;
const LONGEST_VALUE: usize = 1000;
const LONGEST_LABEL: usize = 100;
const LONGEST_TAG: usize = 50;
const MOST_TAGS: usize = 20;
const MOST_SCOPES: usize = 200;
const LONGEST_TYPE: usize = 50;
/// Ten years: what is longer is a moment in the wrong field.
const LONGEST_LIFE_S: u64 = 10 * 366 * 24 * 60 * 60;

/// One field that is wrong, and what is expected there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = WrongField)]
pub struct Problem {
    /// Path of the field within its row; empty where it is about all of it.
    pub field: String,
    /// What is expected, without the value.
    pub sentence: String,
}

impl Problem {
    /// About one field.
    pub(super) fn with(field: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            sentence: sentence.into(),
        }
    }
}

impl From<Mistake> for Problem {
    fn from(mistake: Mistake) -> Self {
        Self::with(mistake.field, mistake.sentence)
    }
}

/// A row that is looked at: what is wrong with it so far. A value that is wrong is replaced by
/// something harmless, since a row with problems never comes in.
struct Looking<'a> {
    known: &'a Known,
    definition: &'a Definition,
    problems: Vec<Problem>,
}

/// What becomes of a row of this provider's, if nothing is wrong with it.
pub(super) fn check(row: Row, known: &Known, now: Timestamp) -> Result<Import, Vec<Problem>> {
    let Some(definition) = &known.definition else {
        let sentence = "The provider's definition is no longer in the catalog: put it back first.";
        return Err(vec![Problem::with("provider", sentence)]);
    };
    let mut looking = Looking {
        known,
        definition,
        problems: Vec::new(),
    };
    let import = looking.import(row, now);
    if looking.problems.is_empty() {
        Ok(import)
    } else {
        Err(looking.problems)
    }
}

impl Looking<'_> {
    fn wrong(&mut self, field: impl Into<String>, sentence: impl Into<String>) {
        self.problems.push(Problem::with(field, sentence));
    }

    /// Puts the values of another format where the definition has a place for them.
    fn placed(&self, row: &mut Row) {
        let metadata = metadata_names(self.definition);
        let inputs: Vec<&str> = self
            .definition
            .inputs_of(AskedOf::EndUser)
            .map(|input| input.name.as_str())
            .collect();
        for (name, value) in std::mem::take(&mut row.loose) {
            if inputs.contains(&name.as_str()) {
                row.inputs.entry(name).or_insert(value);
            } else if metadata.contains(&name.as_str()) {
                row.metadata.entry(name).or_insert(value);
            }
        }
    }

    fn import(&mut self, mut row: Row, now: Timestamp) -> Import {
        self.placed(&mut row);
        let end_user = self.end_user(&row);
        let owner = self.owner(&row);
        let (account_id, account_label) = self.account(&row);
        let inputs = self.inputs(&row.inputs);
        self.metadata(&row.metadata, &inputs);
        let (client_id, client_secret) = self.client(row.client_id, row.client_secret);
        let redirect_uri = self.redirect_uri(row.redirect_uri);
        let granted = self.scopes("scopes", row.scopes);
        let asked = self
            .scopes("scopes_asked", row.scopes_asked)
            .or_else(|| granted.clone())
            .unwrap_or_else(|| self.known.provider.scopes.clone());
        let broken = self.broken(row.status.as_deref(), row.reason.as_deref());
        let ends = self.ends(row.expires_at.as_deref(), row.expires_in);
        let connected_at = self.moment("connected_at", row.connected_at.as_deref());
        self.words(row.label.as_deref(), &row.tags, row.external_id.as_deref());
        let tokens = TokenSet {
            access_token: self.token("access_token", row.access_token),
            refresh_token: row
                .refresh_token
                .map(|token| self.token("refresh_token", token)),
            token_type: self.token_type(row.token_type),
            ends,
            refresh_expires_in_s: None,
            scopes: granted,
            metadata: row.metadata,
            second: None,
            raw: self.answer(row.token_answer),
        };
        let always = self.definition.scopes.always_granted.iter();
        let silent = Scopes::new(always.map(|scope| scope.name.clone()))
            .unwrap_or_default()
            .union(&asked);
        let mut saved = received(tokens, self.definition, now, &silent, None);
        saved.tokens = Tokens {
            client_secret,
            ..saved.tokens
        };
        saved.look_at = saved.look_at.map(|at| when::among_many(at, now));
        Import {
            new: NewConnection {
                owner,
                end_user,
                account_id,
                account_label,
                scopes_asked: asked,
                saved,
            },
            client_id,
            redirect_uri,
            inputs,
            label: row.label,
            tags: row.tags,
            connected_at,
            external_id: row.external_id,
            broken,
        }
    }

    fn text(&mut self, field: &str, text: &str, longest: usize) {
        if text.is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
            self.wrong(
                field,
                format!(
                    "`{field}` has to have 1 to {longest} characters, without control characters."
                ),
            );
        }
    }

    fn maybe_text(&mut self, field: &str, text: Option<&str>, longest: usize) {
        if let Some(text) = text {
            self.text(field, text, longest);
        }
    }

    fn end_user(&mut self, row: &Row) -> EndUser {
        let told = &row.end_user;
        self.text("end_user.id", &told.id, LONGEST_ID);
        self.maybe_text("end_user.name", told.name.as_deref(), LONGEST_NAME);
        self.maybe_text("end_user.email", told.email.as_deref(), LONGEST_EMAIL);
        EndUser {
            id: told.id.clone(),
            name: told.name.clone(),
            email: told.email.clone(),
        }
    }

    fn owner(&mut self, row: &Row) -> Owner {
        let person = || Owner::Personal(row.end_user.id.clone());
        let Some(told) = &row.owner else {
            return person();
        };
        let Some(owner) = Owner::from_parts(&told.kind, &told.id) else {
            self.wrong("owner.kind", "`owner.kind` has to be `personal` or `team`.");
            return person();
        };
        self.text("owner.id", &told.id, LONGEST_ID);
        if matches!(&owner, Owner::Personal(id) if *id != row.end_user.id) {
            self.wrong(
                "owner.id",
                "`owner.id` has to be the same as `end_user.id` where the owner is `personal`.",
            );
        }
        owner
    }

    fn account(&mut self, row: &Row) -> (Option<String>, Option<String>) {
        let account = row.account.as_ref();
        let id = account.and_then(|account| account.id.clone());
        let label = account.and_then(|account| account.label.clone());
        self.maybe_text("account.id", id.as_deref(), LONGEST_ID);
        self.maybe_text("account.label", label.as_deref(), LONGEST_NAME);
        if self.known.provider.one_owner_per_account && id.is_none() {
            self.wrong(
                "account.id",
                "Add `account.id`: the provider lets an account have one owner only.",
            );
        }
        (id, label)
    }

    /// What was filled in becomes part of addresses, so it is held against the same rules.
    fn inputs(&mut self, sent: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let asked: Vec<_> = self.definition.inputs_of(AskedOf::EndUser).collect();
        let follows = |name: &str| {
            let mut choices = asked.iter().flat_map(|input| &input.choices);
            choices.any(|choice| choice.sets.contains_key(name))
        };
        let names: Vec<&str> = asked.iter().map(|input| input.name.as_str()).collect();
        let unknown: Vec<String> = sent
            .keys()
            .filter(|name| !names.contains(&name.as_str()) && !follows(name))
            .map(|name| shortened(name))
            .collect();
        let labels: BTreeMap<String, String> = asked
            .iter()
            .map(|input| {
                (
                    input.name.clone(),
                    format!("{} {}", input.label, input.hint),
                )
            })
            .collect();
        let listed = names.join("`, `");
        for name in unknown {
            let sentence = if listed.is_empty() {
                format!("Leave `inputs.{name}` out: the provider asks an end user for nothing.")
            } else {
                format!("Leave `inputs.{name}` out: the provider asks for `{listed}`.")
            };
            self.wrong(format!("inputs.{name}"), sentence);
        }
        match self.definition.resolve_inputs(AskedOf::EndUser, sent) {
            Ok(inputs) => inputs,
            Err(refused) => {
                let name = &refused.input;
                let label = labels.get(name).map_or("", String::as_str);
                let sentence = format!(
                    "`inputs.{name}` is missing, or is nothing that can stand there. {label}"
                );
                self.wrong(format!("inputs.{name}"), sentence.trim_end());
                BTreeMap::new()
            }
        }
    }

    /// Addresses can name metadata, and our client secret goes to some of them: so nothing may come in
    /// that a provider could not have told us in a connect flow, and nothing that decides where a
    /// secret is sent.
    fn metadata(&mut self, sent: &BTreeMap<String, String>, inputs: &BTreeMap<String, String>) {
        let definition = self.definition;
        let revoke = definition.revocation.as_ref().map(|way| way.url.as_str());
        let decides =
            |name: &str| revoke.is_some_and(|url| host_of(url).contains(&format!("{{{name}}}")));
        let known = metadata_names(definition);
        for (name, value) in sent {
            let field = format!("metadata.{}", shortened(name));
            let captured = definition
                .callback
                .capture
                .iter()
                .find(|rule| rule.name == *name);
            if !known.contains(&name.as_str()) {
                let sentence = if known.is_empty() {
                    format!("Leave `{field}` out: the provider tells nothing of the kind.")
                } else {
                    format!(
                        "Leave `{field}` out: the provider tells `{}`.",
                        known.join("`, `")
                    )
                };
                self.wrong(field, sentence);
            } else if captured.is_some_and(|rule| !rule.accepts(value, inputs))
                || (captured.is_none() && decides(name))
            {
                let sentence = format!("`{field}` is nothing that the provider would tell.");
                self.wrong(field, sentence);
            } else {
                self.text(&field, value, LONGEST_VALUE);
            }
        }
        for rule in &definition.callback.capture {
            if rule.required && !sent.contains_key(&rule.name) {
                let field = format!("metadata.{}", rule.name);
                let sentence = format!("Add `{field}`: the provider wants it back.");
                self.wrong(field, sentence);
            }
        }
    }

    /// A refresh token works for the client that it was given to, so its secret has to be here.
    fn client(
        &mut self,
        id: Option<String>,
        secret: Option<SecretText>,
    ) -> (String, Option<Secret<String>>) {
        if self.definition.credentials == Credentials::PerConnection {
            if id.is_none() {
                self.wrong(
                    "client_id",
                    "Add `client_id`: each customer brings their own.",
                );
            }
            if secret.is_none() && self.definition.client_auth.needs_secret() {
                self.wrong(
                    "client_secret",
                    "Add `client_secret`: each customer brings their own.",
                );
            }
            self.maybe_text("client_id", id.as_deref(), LONGEST_VALUE);
            let secret = secret.map(|secret| self.token("client_secret", secret));
            return (id.unwrap_or_default(), secret);
        }
        if secret.is_some() {
            self.wrong(
                "client_secret",
                "Leave `client_secret` out: the provider has its own in the portal.",
            );
        }
        let own = &self.known.provider.client_id;
        let id = id.unwrap_or_else(|| own.clone());
        if !self.known.client_ids.contains(&id) {
            self.wrong("client_id", "`client_id` is neither the provider's Client ID nor an earlier one of its, so these tokens could not be refreshed here. Give the provider the Client ID that they were approved for, or bring them in under a provider of its own.");
        }
        (id, None)
    }

    fn redirect_uri(&mut self, sent: Option<String>) -> String {
        let Some(uri) = sent else {
            return self.known.redirect_uri.clone();
        };
        let fits = uri.len() <= LONGEST_URL
            && Url::parse(&uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !fits {
            self.wrong(
                "redirect_uri",
                "`redirect_uri` has to be the https address that the tokens were approved with.",
            );
        }
        uri
    }

    fn scopes(&mut self, field: &str, names: Option<Vec<String>>) -> Option<Scopes> {
        let names = names?;
        let scopes = Scopes::new(names)
            .ok()
            .filter(|scopes| scopes.len() <= MOST_SCOPES);
        if scopes.is_none() {
            self.wrong(field, format!("`{field}` has to be a list of at most {MOST_SCOPES} scope names: each 1 to 200 characters, no spaces or quotation marks."));
        }
        scopes
    }

    fn broken(&mut self, status: Option<&str>, reason: Option<&str>) -> Option<BrokenReason> {
        let known: Option<BrokenReason> = reason.and_then(|word| word.parse().ok());
        match status {
            None | Some("active" | "degraded") => None,
            Some("reconnect_required") => {
                Some(known.unwrap_or(BrokenReason::GrantRevokedOrExpired))
            }
            Some(_) => {
                self.wrong("status", "`status` has to be `active` or `reconnect_required`: what was revoked stays away.");
                None
            }
        }
    }

    fn ends(&mut self, at: Option<&str>, after: Option<u64>) -> Ends {
        if at.is_some() && after.is_some() {
            self.wrong("expires_in", "Send one of `expires_at` and `expires_in`.");
        }
        if let Some(seconds) = after {
            if seconds > LONGEST_LIFE_S {
                self.wrong(
                    "expires_in",
                    "`expires_in` has to be a number of seconds from now on, ten years at most.",
                );
            }
            return Ends::After(seconds);
        }
        self.moment("expires_at", at)
            .map_or(Ends::NotTold, Ends::At)
    }

    fn moment(&mut self, field: &str, text: Option<&str>) -> Option<Timestamp> {
        let text = text?;
        let read = OffsetDateTime::parse(text, &Rfc3339).ok();
        let millis = read.and_then(|at| at.unix_timestamp().checked_mul(1000));
        if millis.is_none() {
            self.wrong(
                field,
                format!("`{field}` has to be a moment such as 2026-11-20T09:02:00Z (RFC 3339)."),
            );
        }
        millis.map(Timestamp::from_millis)
    }

    fn words(&mut self, label: Option<&str>, tags: &[String], external_id: Option<&str>) {
        self.maybe_text("label", label, LONGEST_LABEL);
        self.maybe_text("external_id", external_id, LONGEST_ID);
        if tags.len() > MOST_TAGS {
            self.wrong(
                "tags",
                format!("`tags` has to be a list of at most {MOST_TAGS}."),
            );
        }
        for (index, tag) in tags.iter().enumerate() {
            self.text(&format!("tags[{index}]"), tag, LONGEST_TAG);
        }
    }

    fn token(&mut self, field: &str, token: SecretText) -> Secret<String> {
        let text = token.0.expose();
        let plain = !text.is_empty() && !text.chars().any(char::is_control);
        if !plain || text.len() > LONGEST_TOKEN {
            self.wrong(
                field,
                format!(
                    "`{field}` has to have 1 to {LONGEST_TOKEN} bytes, without control characters."
                ),
            );
        }
        token.0
    }

    fn token_type(&mut self, told: Option<String>) -> String {
        self.maybe_text("token_type", told.as_deref(), LONGEST_TYPE);
        told.filter(|kind| !kind.eq_ignore_ascii_case("bearer"))
            .unwrap_or_else(|| "Bearer".to_owned())
    }

    fn answer(&mut self, told: Option<SecretText>) -> Secret<String> {
        let Some(SecretText(answer)) = told else {
            return Secret::from("{}");
        };
        if answer.expose().len() > LONGEST_ANSWER {
            self.wrong(
                "token_answer",
                format!("`token_answer` has to have at most {LONGEST_ANSWER} bytes."),
            );
        }
        answer
    }
}

/// What the definition keeps with a connection, from wherever it comes.
pub(super) fn metadata_names(definition: &Definition) -> Vec<&str> {
    let told = definition.token_metadata.iter().map(Metadata::name);
    let captured = definition
        .callback
        .capture
        .iter()
        .map(|rule| rule.name.as_str());
    let identity = definition
        .identity
        .iter()
        .flat_map(|rules| rules.metadata.keys());
    let kind = definition.second_token.as_ref().map(|_| TOKEN_KIND);
    let mut names: Vec<&str> = told
        .chain(captured)
        .chain(identity.map(String::as_str))
        .chain(kind)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What we repeat of a name that somebody made up.
fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}
