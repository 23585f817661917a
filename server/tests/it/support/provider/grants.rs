//! What the provider knows: codes, grants and their tokens, and what happened to them.

use super::Manners;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use server::domain::random_base62;
use server::vault::sha256;
use std::collections::{BTreeMap, HashMap};

/// The fields of a request.
pub(super) type Fields = BTreeMap<String, String>;

/// Tokens that were given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A code was presented, with this proof.
    CodeAsked {
        code: String,
        verifier: Option<String>,
    },
    /// A code was exchanged.
    Exchanged { account: String },
    /// A refresh token was presented, with these other fields.
    RefreshAsked {
        refresh_token: String,
        redirect_uri: Option<String>,
        scope: Option<String>,
    },
    /// It was exchanged for another token set.
    Renewed { old: String, new: Issued },
    /// The profile was asked for with this access token.
    ProfileAsked { access_token: String },
    /// A token was named to the revocation endpoint.
    RevokeAsked { token: String },
}

struct Code {
    account: String,
    redirect_uri: String,
    challenge: Option<String>,
    used: bool,
}

struct Grant {
    account: String,
    tokens: Issued,
    alive: bool,
}

/// All that was granted.
#[derive(Default)]
pub(super) struct Grants {
    codes: HashMap<String, Code>,
    /// In the order in which they were given out.
    given: Vec<Grant>,
    pub(super) log: Vec<Event>,
}

impl Grants {
    /// A token set that comes out of nowhere.
    pub(super) fn issue(&mut self, account: &str, manners: Manners) -> Issued {
        let tokens = Issued {
            access_token: format!("at-{}", random_base62(24)),
            refresh_token: manners
                .refresh_token
                .then(|| format!("rt-{}", random_base62(24))),
        };
        self.given.push(Grant {
            account: account.to_owned(),
            tokens: tokens.clone(),
            alive: true,
        });
        tokens
    }

    /// A code for what was asked.
    pub(super) fn approve(&mut self, account: &str, asked: &Fields) -> String {
        let code = format!("code-{}", random_base62(24));
        self.codes.insert(
            code.clone(),
            Code {
                account: account.to_owned(),
                redirect_uri: asked["redirect_uri"].clone(),
                challenge: asked.get("code_challenge").cloned(),
                used: false,
            },
        );
        code
    }

    /// Exchanges a code (RFC 6749 section 4.1.3, RFC 7636 section 4.6).
    pub(super) fn exchange(&mut self, fields: &Fields, manners: Manners) -> Option<Issued> {
        let presented = fields.get("code")?;
        let code = self.codes.get_mut(presented)?;
        let verifier = fields.get("code_verifier");
        let proven = match (&code.challenge, verifier) {
            (Some(challenge), Some(verifier)) => {
                URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())) == *challenge
            }
            (None, None) => !manners.pkce,
            _ => false,
        };
        let fits = fields.get("redirect_uri") == Some(&code.redirect_uri);
        if std::mem::replace(&mut code.used, true) || !proven || !fits {
            return None;
        }
        let account = code.account.clone();
        self.log.push(Event::Exchanged {
            account: account.clone(),
        });
        Some(self.issue(&account, manners))
    }

    /// Exchanges a refresh token. `None`: it is spent, or never was one.
    pub(super) fn renew(&mut self, refresh_token: &str, manners: Manners) -> Option<Issued> {
        let grant = self.given.iter_mut().find(|grant| {
            grant.alive && grant.tokens.refresh_token.as_deref() == Some(refresh_token)
        })?;
        grant.alive = false;
        let account = grant.account.clone();
        let mut new = self.issue(&account, manners);
        if !manners.rotates {
            // it stays, and is not repeated
            self.given.last_mut()?.tokens.refresh_token = Some(refresh_token.to_owned());
            new.refresh_token = None;
        }
        self.log.push(Event::Renewed {
            old: refresh_token.to_owned(),
            new: new.clone(),
        });
        Some(new)
    }

    /// The account behind an access token.
    pub(super) fn profile(&self, access_token: &str) -> Option<Value> {
        let grant = self
            .given
            .iter()
            .find(|grant| grant.tokens.access_token == access_token)?;
        let account = &grant.account;
        grant
            .alive
            .then(|| json!({"id": account, "email": format!("{account}@idp.example")}))
    }

    /// Ends whatever this token belongs to.
    pub(super) fn revoke(&mut self, token: &str) {
        for grant in &mut self.given {
            grant.alive &= !grant.has(token);
        }
    }

    pub(super) fn given(&self) -> Vec<Issued> {
        self.given
            .iter()
            .map(|grant| grant.tokens.clone())
            .collect()
    }

    pub(super) fn forget(&mut self, account: &str) {
        for grant in &mut self.given {
            grant.alive &= grant.account != account;
        }
    }

    pub(super) fn live(&self, account: &str) -> Option<Issued> {
        let mut newest_first = self.given.iter().rev();
        let live = newest_first.find(|grant| grant.alive && grant.account == account);
        live.map(|grant| grant.tokens.clone())
    }

    pub(super) fn accepts(&self, token: &str) -> bool {
        self.given
            .iter()
            .any(|grant| grant.alive && grant.has(token))
    }
}

impl Grant {
    fn has(&self, token: &str) -> bool {
        let refresh_token = self.tokens.refresh_token.as_deref();
        self.tokens.access_token == token || refresh_token == Some(token)
    }
}

/// What an authorize URL asks for, in its query or after its fragment route.
pub(super) fn authorize_parameters(authorize_url: &str) -> Fields {
    let (_, asked) = authorize_url.split_once('?').expect("parameters");
    url::form_urlencoded::parse(asked.as_bytes())
        .into_owned()
        .collect()
}

/// Where the browser goes, with the state and these parameters.
pub(super) fn callback(asked: &Fields, parameters: &[(&str, &str)]) -> String {
    let mut url: url::Url = asked["redirect_uri"].parse().expect("a redirect URI");
    url.query_pairs_mut()
        .extend_pairs(parameters)
        .append_pair("state", &asked["state"]);
    url.into()
}
