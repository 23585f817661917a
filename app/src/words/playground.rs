//! The playground in words: what each exchange is, what was read in it, and why it did not work.

use super::provider::span;
use crate::wire::{Aim, PartValue, PlaygroundProblem, Reading, TokensEnd};

/// What an exchange is for.
#[must_use]
pub fn aim(aim: Aim, provider: &str) -> String {
    match aim {
        Aim::Authorize => format!("The browser goes to {provider}"),
        Aim::Callback => "The browser comes back".to_owned(),
        Aim::Token => "The code is exchanged".to_owned(),
        Aim::Profile => format!("{provider} is asked whose account it is"),
        Aim::Revoke => "What was obtained is ended".to_owned(),
    }
}

/// What may be told of a value.
#[must_use]
pub fn value(value: &PartValue) -> String {
    match value {
        PartValue::Shown(text) => text.clone(),
        PartValue::Hidden(1) => "•••• 1 character".to_owned(),
        PartValue::Hidden(count) => format!("•••• {count} characters"),
        PartValue::Text => "A text".to_owned(),
        PartValue::Number => "A number".to_owned(),
        PartValue::Truth => "True or false".to_owned(),
        PartValue::List(1) => "1 element".to_owned(),
        PartValue::List(count) => format!("{count} elements"),
        PartValue::Nothing => "Nothing".to_owned(),
    }
}

/// What was read in an answer: name and value.
#[must_use]
pub fn reading(reading: &Reading, provider: &str) -> (&'static str, String) {
    let or = |text: &Option<String>, otherwise: &str| {
        text.clone().unwrap_or_else(|| otherwise.to_owned())
    };
    match reading {
        Reading::Lasts(Some(seconds)) => (
            "Access token",
            format!(
                "Lasts {}",
                span(u32::try_from(*seconds).unwrap_or(u32::MAX))
            ),
        ),
        Reading::Lasts(None) => (
            "Access token",
            "The answer does not say how long it lasts".to_owned(),
        ),
        Reading::RefreshToken(true) => ("Refresh token", "Came along".to_owned()),
        Reading::RefreshToken(false) => ("Refresh token", "None came".to_owned()),
        Reading::Granted(scopes) => ("Granted scopes", or(scopes, "The answer does not say")),
        Reading::AccountId(id) => ("Account id", or(id, "Not found")),
        Reading::Account(label) => ("Account", or(label, "Not found")),
        Reading::Said(words) => ("In their words", words.clone()),
        Reading::Ended(end) => ("Tokens", ended(*end, provider)),
    }
}

fn ended(end: TokensEnd, provider: &str) -> String {
    match end {
        TokensEnd::NoneThere => "There were none. Nothing is kept.".to_owned(),
        TokensEnd::Revoked => format!("{provider} ended them. Ours are destroyed."),
        TokensEnd::NotOffered => format!(
            "{provider} has no way to end them from here. Ours are destroyed; remove the app there if you want it gone."
        ),
        TokensEnd::SparedOthers => format!(
            "Not ended at {provider}: that would end the whole grant, and connections that work with it. Ours are destroyed."
        ),
        TokensEnd::Failed => {
            format!("{provider} was asked to end them and did not. Ours are destroyed.")
        }
    }
}

/// What probably went wrong, and what to do.
#[must_use]
pub fn problem(problem: PlaygroundProblem, provider: &str) -> (String, String) {
    let (what, then) = match problem {
        PlaygroundProblem::Denied => (
            format!("The request was denied at {provider}."),
            "Nothing was granted. Get a code again, and approve.".to_owned(),
        ),
        PlaygroundProblem::MayNotApprove => (
            format!("This account may not approve at {provider}."),
            "Sign in there with an account that may, or ask whoever administers it.".to_owned(),
        ),
        PlaygroundProblem::RedirectUri => (
            format!("{provider} does not accept the redirect URI."),
            "Register the one on the provider’s page, exactly as it is: no slash more, no http for https.".to_owned(),
        ),
        PlaygroundProblem::Scope => (
            format!("{provider} does not accept a scope that was asked for."),
            format!("Tick fewer scopes, or register the missing ones at {provider} first."),
        ),
        PlaygroundProblem::Client => (
            format!("{provider} does not know the Client ID, or it may not do this."),
            format!("Copy the Client ID again, and check at {provider} that the app is approved for this kind of sign-in."),
        ),
        PlaygroundProblem::Pkce => (
            format!("{provider} does not accept the proof of the code (PKCE)."),
            "The definition says whether it is sent. Change it there: pkce is s256, required or unsupported.".to_owned(),
        ),
        PlaygroundProblem::Request => (
            format!("{provider} does not like the request."),
            "Compare the parameters above with what its documentation asks for.".to_owned(),
        ),
        PlaygroundProblem::Refusal => (
            format!("{provider} refused, and does not say why."),
            "Get a code again. If it stays, look at the app’s settings there.".to_owned(),
        ),
        PlaygroundProblem::NotTheProviders => (
            format!("The answer cannot be {provider}’s."),
            "It comes from another issuer, is not signed, or lacks what it must have. It was not used. Check the definition, and get a code again.".to_owned(),
        ),
        PlaygroundProblem::Busy => (
            format!("{provider} has a bad moment."),
            "Nothing is wrong with what you saved. Get a code again later.".to_owned(),
        ),
        PlaygroundProblem::Secret => (
            format!("{provider} refuses Client ID or Client Secret."),
            format!("Copy both again at {provider}, or make a new secret there, and save them on the provider’s page."),
        ),
        PlaygroundProblem::CodeWorthless => (
            "The code is worth nothing any more.".to_owned(),
            "A code works once and for a minute or so. Get a code again. If it stays, check the redirect URI.".to_owned(),
        ),
        PlaygroundProblem::Unreached => (
            format!("No connection to {provider} came about."),
            "Check that this server may reach the address above.".to_owned(),
        ),
        PlaygroundProblem::Forbidden => (
            "Grantport may not call this address: it is no public one.".to_owned(),
            "An operator can allow it with GRANTPORT_ALLOW_PRIVATE_UPSTREAMS.".to_owned(),
        ),
        PlaygroundProblem::NoAnswer => (
            format!("No whole answer came from {provider}."),
            "The code may be used up. Get a code again.".to_owned(),
        ),
        PlaygroundProblem::NotUnderstood => (
            format!("The answer of {provider} makes no sense to us."),
            "Compare its members with what the definition looks for. A page instead of members means that the address is wrong.".to_owned(),
        ),
        PlaygroundProblem::TokenRefused => (
            format!("{provider} does not accept the token where the profile is."),
            "Check how the definition presents tokens, and whether a scope for the profile is missing.".to_owned(),
        ),
        PlaygroundProblem::ProfileForbidden => (
            "This token may not read the profile.".to_owned(),
            "Add the scope that allows it, save, and get a code again.".to_owned(),
        ),
        PlaygroundProblem::ProfileMissing => (
            "There is no profile at this address.".to_owned(),
            "Check the identity address in the definition.".to_owned(),
        ),
        PlaygroundProblem::AccountNotFound => (
            "The account’s id is not where the definition looks for it.".to_owned(),
            "Compare the members above with account_id in the definition. Connections work without, but nobody can tell two accounts apart.".to_owned(),
        ),
    };
    (what, then)
}
