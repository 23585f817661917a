//! Answers as a provider documents them, and what has to come of each.

use super::stage::Stage;
use serde::Deserialize;
use server::catalog::{CallbackErrors, Definition};
use server::domain::Scopes;
use server::oauth::callback::{Outcome, RefusedKind, parse};
use server::oauth::classify::{Class, Failure};
use server::oauth::exchange::{CodeRequest, exchange_code};
use server::oauth::identity::identify;
use server::oauth::revoke::{Revocation, revoke};
use server::oauth::token_answer::{Ends, TokenSet};
use server::vault::Secret;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The file of one provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answers {
    /// Token answers that succeed.
    token: Vec<TokenCase>,
    /// Token answers that refuse.
    #[serde(default)]
    refusal: Vec<RefusalCase>,
    /// Answers of the identity endpoint, with the token answer they belong to.
    #[serde(default)]
    account: Vec<AccountCase>,
    /// Answers of the revocation endpoint.
    #[serde(default)]
    revocation: Vec<RevocationCase>,
    /// Queries of a callback that refuses.
    #[serde(default)]
    callback: Vec<CallbackCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenCase {
    #[serde(default = "ok")]
    status: u16,
    body: String,
    access_token: String,
    refresh_token: Option<String>,
    /// Seconds.
    expires_in: Option<u64>,
    /// Unix seconds.
    expires_at: Option<i64>,
    scopes: Option<Vec<String>>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    second: Option<SecondCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecondCase {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: Option<u64>,
    scopes: Option<Vec<String>>,
    account_id: Option<String>,
    account_label: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusalCase {
    status: u16,
    body: String,
    /// `dead`, `config_rejected`, `ambiguous`, `throttled`, `invalid_scope`, `unexpected`.
    class: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountCase {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    body: String,
    /// The token answer, where pointers look into it.
    #[serde(default = "empty")]
    token_answer: String,
    /// The access token, where it is a JWT that pointers look into.
    #[serde(default = "opaque")]
    access_token: String,
    account_id: Option<String>,
    account_label: Option<String>,
    scopes: Option<Vec<String>>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    /// It tells no account, and why is known.
    #[serde(default)]
    refused: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevocationCase {
    status: u16,
    #[serde(default)]
    body: String,
    /// Whether the grant is gone afterwards.
    revoked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackCase {
    query: String,
    /// `denied`, `not_allowed`, `config`, `temporary`, `other`.
    kind: String,
}

fn ok() -> u16 {
    200
}

fn empty() -> String {
    "{}".to_owned()
}

fn opaque() -> String {
    "access-1".to_owned()
}

impl Answers {
    /// `None`: there is no such file.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let answers = toml::from_str(&text);
        Some(answers.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    /// Plays all of them; answers what came out wrong.
    pub(super) async fn play(&self, definition: &Arc<Definition>) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.token.is_empty() {
            wrong.push("there is no token answer".to_owned());
        }
        for case in &self.token {
            let told = answered(definition, case.status, &case.body).await;
            wrong.extend(differs(
                "a token answer",
                &case.body,
                &case.expected(),
                &TokenCase::got(told),
            ));
        }
        for case in &self.refusal {
            let told = answered(definition, case.status, &case.body).await;
            let class = told.map_or_else(|failure| class_of(failure.class), |_| "tokens");
            wrong.extend(differs("a refusal", &case.body, &case.class, class));
        }
        for case in &self.account {
            let told = case.told(definition).await;
            wrong.extend(differs("an account", &case.body, &case.expected(), &told));
        }
        for case in &self.revocation {
            let stage = Stage::answering(Arc::clone(definition), case.status, &case.body);
            let (access, refresh) = (Secret::from("access-1"), Secret::from("refresh-1"));
            let told = revoke(&stage.egress, &stage.provider, &access, Some(&refresh)).await;
            let revoked = (told == Revocation::Revoked).to_string();
            wrong.extend(differs(
                "a revocation",
                &case.body,
                &case.revoked.to_string(),
                &revoked,
            ));
        }
        for case in &self.callback {
            let kind = refused(definition, &definition.callback_errors, &case.query);
            wrong.extend(differs("a callback", &case.query, &case.kind, kind));
        }
        wrong
    }
}

fn differs(what: &str, answer: &str, expected: &str, got: &str) -> Option<String> {
    (expected != got)
        .then(|| format!("{what}\n  {answer}\n  should give {expected}\n  and gives   {got}"))
}

async fn answered(
    definition: &Arc<Definition>,
    status: u16,
    body: &str,
) -> Result<TokenSet, Failure> {
    let stage = Stage::answering(Arc::clone(definition), status, body);
    let request = CodeRequest {
        code: &Secret::from("code-1"),
        redirect_uri: "https://vault.example/oauth/callback/prv_1",
        verifier: &Secret::from("verifier-1"),
        echoed: &[],
    };
    exchange_code(&stage.egress, &stage.provider, &request).await
}

fn list<'a>(scopes: Option<impl Iterator<Item = &'a str>>) -> String {
    scopes.map_or("not told".to_owned(), |scopes| {
        scopes.collect::<Vec<_>>().join(" ")
    })
}

fn ending(ends: Ends) -> String {
    match ends {
        Ends::After(seconds) => format!("after {seconds} s"),
        Ends::At(moment) => format!("at {}", moment.seconds()),
        Ends::NotTold => "not told".to_owned(),
    }
}

fn text(secret: Option<&Secret<String>>) -> String {
    secret.map_or("none", |secret| secret.expose()).to_owned()
}

impl TokenCase {
    fn expected(&self) -> String {
        let ends = match (self.expires_in, self.expires_at) {
            (Some(seconds), _) => format!("after {seconds} s"),
            (None, Some(at)) => format!("at {at}"),
            (None, None) => "not told".to_owned(),
        };
        let second = self.second.as_ref().map_or("none".to_owned(), |second| {
            format!(
                "{} {} {} [{}] {:?} {:?}",
                second.access_token,
                second.refresh_token.as_deref().unwrap_or("none"),
                second
                    .expires_in
                    .map_or("not told".to_owned(), |s| format!("after {s} s")),
                list(
                    second
                        .scopes
                        .as_ref()
                        .map(|names| names.iter().map(String::as_str))
                ),
                second.account_id,
                second.account_label,
            )
        });
        format!(
            "{} {} {ends} [{}] {:?} second: {second}",
            self.access_token,
            self.refresh_token.as_deref().unwrap_or("none"),
            list(
                self.scopes
                    .as_ref()
                    .map(|names| names.iter().map(String::as_str))
            ),
            self.metadata,
        )
    }

    fn got(told: Result<TokenSet, Failure>) -> String {
        let set = match told {
            Ok(set) => set,
            Err(failure) => return format!("no token: {failure}"),
        };
        let second = set.second.as_ref().map_or("none".to_owned(), |second| {
            format!(
                "{} {} {} [{}] {:?} {:?}",
                second.tokens.access_token.expose(),
                text(second.tokens.refresh_token.as_ref()),
                ending(second.tokens.ends),
                list(second.tokens.scopes.as_ref().map(Scopes::iter)),
                second.account_id,
                second.account_label,
            )
        });
        format!(
            "{} {} {} [{}] {:?} second: {second}",
            set.access_token.expose(),
            text(set.refresh_token.as_ref()),
            ending(set.ends),
            list(set.scopes.as_ref().map(Scopes::iter)),
            set.metadata,
        )
    }
}

impl AccountCase {
    fn expected(&self) -> String {
        if self.refused {
            return "no account".to_owned();
        }
        let scopes = self.scopes.as_ref();
        let scopes = list(scopes.map(|names| names.iter().map(String::as_str)));
        format!(
            "{:?} {:?} [{scopes}] {:?}",
            self.account_id, self.account_label, self.metadata
        )
    }

    async fn told(&self, definition: &Arc<Definition>) -> String {
        let stage = Stage::answering(Arc::clone(definition), self.status, &self.body);
        let token = Secret::from(self.access_token.as_str());
        let answer = Secret::from(self.token_answer.as_str());
        match identify(&stage.egress, &stage.provider, &token, &answer).await {
            Ok(told) => format!(
                "{:?} {:?} [{}] {:?}",
                told.account_id,
                told.account_label,
                list(told.scopes.as_ref().map(Scopes::iter)),
                told.metadata
            ),
            Err(_) => "no account".to_owned(),
        }
    }
}

fn class_of(class: Class) -> &'static str {
    match class {
        Class::Unreached => "unreached",
        Class::ForbiddenAddress => "forbidden_address",
        Class::Ambiguous => "ambiguous",
        Class::Throttled { .. } => "throttled",
        Class::Dead => "dead",
        Class::ConfigRejected => "config_rejected",
        Class::InvalidScope => "invalid_scope",
        Class::Unexpected => "unexpected",
    }
}

fn refused(definition: &Definition, errors: &CallbackErrors, query: &str) -> &'static str {
    match parse(query, &definition.callback, errors).map(|answer| answer.outcome) {
        Ok(Outcome::Refused { kind, .. }) => match kind {
            RefusedKind::Denied => "denied",
            RefusedKind::NotAllowedToApprove => "not_allowed",
            RefusedKind::Config => "config",
            RefusedKind::Temporary => "temporary",
            RefusedKind::Other => "other",
        },
        Ok(Outcome::Code(_)) => "a code",
        Err(_) => "no callback",
    }
}
