//! Finds out, before any user, whether a provider knows our credentials and our redirect URI.
//!
//! The token endpoint is asked with a code that was made up: a server that looks at the client first
//! refuses either the client or the code, and says which. The authorize page is opened without a
//! person: a server that looks at the redirect URI first complains about one that it does not know.
//! Most do not, and show a page to sign in. So it is opened once more, with a redirect URI that
//! cannot be registered anywhere: where that one is refused and ours is not, ours is known.
//!
//! A trial gives no one anything and condemns nothing. What it cannot tell, it says so; how the
//! answers of a provider are to be read beyond the standard is data (`Trial` in its definition).

mod page;

use super::Provider;
use super::authorize::{AuthorizeRequest, authorize_url};
use super::classify::{Class, Failure};
use super::egress::{Egress, EgressRequest};
use super::exchange::{CodeRequest, exchange_code};
use super::pkce::{PkcePair, random_state};
use crate::catalog::{AuthorizeStyle, Definition};
use crate::domain::Scopes;
use crate::vault::Secret;
use app::wire::{CredentialsMark, ReachableMark, RedirectMark};
use page::{Page, Sight};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Nobody waits for a trial any longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// No server has this host (RFC 2606), so nobody can have registered it.
const NOWHERE: &str = "https://grantport-trial.invalid/oauth/callback";

/// The three marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Client ID and Client Secret.
    pub credentials: CredentialsMark,
    /// The redirect URI.
    pub redirect_uri: RedirectMark,
    /// The way to the token endpoint.
    pub reachable: ReachableMark,
}

/// Tries a provider. Takes ten seconds at most, and three requests.
pub async fn try_out(
    egress: &Egress,
    provider: &Provider,
    redirect_uri: &str,
    scopes: &Scopes,
) -> Marks {
    try_within(PATIENCE, egress, provider, redirect_uri, scopes).await
}

async fn try_within(
    patience: Duration,
    egress: &Egress,
    provider: &Provider,
    redirect_uri: &str,
    scopes: &Scopes,
) -> Marks {
    let (token, redirect) = tokio::join!(
        timeout(patience, present_code(egress, provider, redirect_uri)),
        timeout(patience, open_pages(egress, provider, redirect_uri, scopes)),
    );
    let (credentials, reachable) = match token {
        Ok(failure) => (
            credentials(failure, &provider.definition),
            reachable(failure),
        ),
        Err(_) => (CredentialsMark::NoAnswer, ReachableMark::Late),
    };
    Marks {
        credentials,
        redirect_uri: redirect.unwrap_or(RedirectMark::NoAnswer),
        reachable,
    }
}

/// How the token endpoint refuses a code that was made up. `None`: it does not refuse it.
async fn present_code(egress: &Egress, provider: &Provider, redirect_uri: &str) -> Option<Failure> {
    let provider = Provider {
        definition: Arc::new(as_on_trial(&provider.definition)),
        ..provider.clone()
    };
    let request = CodeRequest {
        code: &random_state(),
        redirect_uri,
        verifier: &PkcePair::random().verifier,
        echoed: &[],
    };
    exchange_code(egress, &provider, &request).await.err()
}

/// The definition with the error codes that mean something in a trial only.
fn as_on_trial(definition: &Definition) -> Definition {
    let mut on_trial = definition.clone();
    let (answer, trial) = (&mut on_trial.token_answer, &definition.trial);
    answer.dead.extend(trial.accepted.iter().cloned());
    answer.rejected.extend(trial.rejected.iter().cloned());
    on_trial
}

fn credentials(failure: Option<Failure>, definition: &Definition) -> CredentialsMark {
    let Some(failure) = failure else {
        return CredentialsMark::Unclear;
    };
    match failure.class {
        Class::Dead | Class::ConfigRejected if definition.trial.token_tells_nothing => {
            CredentialsMark::NotTold
        }
        Class::Dead => CredentialsMark::Accepted,
        Class::ConfigRejected => CredentialsMark::Rejected,
        _ if failure.status.is_none() => CredentialsMark::NoAnswer,
        _ if definition.trial.token_tells_nothing => CredentialsMark::NotTold,
        _ => CredentialsMark::Unclear,
    }
}

fn reachable(failure: Option<Failure>) -> ReachableMark {
    let Some(failure) = failure else {
        return ReachableMark::Answered;
    };
    match (failure.class, failure.status) {
        (_, Some(429 | 500..)) => ReachableMark::Failing,
        (_, Some(_)) => ReachableMark::Answered,
        (Class::ForbiddenAddress, None) => ReachableMark::Forbidden,
        (Class::Unreached, None) => ReachableMark::NoConnection,
        (_, None) => ReachableMark::Late,
    }
}

async fn open_pages(
    egress: &Egress,
    provider: &Provider,
    redirect_uri: &str,
    scopes: &Scopes,
) -> RedirectMark {
    let definition = &provider.definition;
    let drawn_by_script = definition.endpoints.authorize_style == AuthorizeStyle::FragmentRoute;
    if definition.trial.page_tells_nothing || drawn_by_script {
        return RedirectMark::NotTold;
    }
    let Some(ours) = open(egress, provider, redirect_uri, scopes).await else {
        return RedirectMark::NoAnswer;
    };
    match ours.sight(redirect_uri, definition) {
        Sight::SentBack => return RedirectMark::SentBack,
        Sight::Complaint => return RedirectMark::Refused,
        Sight::Broken => return RedirectMark::Unclear,
        Sight::Refusal | Sight::Nothing => {}
    }
    match open(egress, provider, NOWHERE, scopes).await {
        Some(other) if other.is_refused_unlike(&ours, NOWHERE, definition) => {
            RedirectMark::OthersRefused
        }
        _ => RedirectMark::Unclear,
    }
}

/// The authorize page as somebody sees it who is not signed in.
async fn open(
    egress: &Egress,
    provider: &Provider,
    redirect_uri: &str,
    scopes: &Scopes,
) -> Option<Page> {
    let request = AuthorizeRequest {
        redirect_uri,
        scopes,
        state: &random_state(),
        challenge: &PkcePair::random().challenge,
    };
    let url = authorize_url(provider, &request);
    let answer = egress.send(EgressRequest::page(url.clone())).await.ok()?;
    let location: Option<&Secret<String>> = answer.location.as_ref();
    Some(Page {
        status: answer.status,
        location: location.and_then(|location| url.join(location.expose()).ok()),
        body: String::from_utf8_lossy(answer.body.expose()).into_owned(),
    })
}

#[cfg(test)]
mod tests;
