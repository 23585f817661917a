//! The three marks of a provider in words: what is the case, and what to do.

use crate::wire::{CredentialsMark, Proof, ReachableMark, RedirectMark, Verdict};

/// One mark, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What was tried.
    pub title: &'static str,
    /// What it came to.
    pub verdict: Verdict,
    /// In a sentence or two.
    pub words: String,
}

/// The word of a verdict.
#[must_use]
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Right => "Right",
        Verdict::Wrong => "Wrong",
        Verdict::Unsure => "Could not tell",
    }
}

/// The three marks of a trial of `provider`.
#[must_use]
pub fn marks(proof: &Proof, provider: &str) -> [Mark; 3] {
    [
        Mark {
            title: "Credentials",
            verdict: proof.credentials.verdict(),
            words: credentials(proof.credentials, provider),
        },
        Mark {
            title: "Redirect URI",
            verdict: proof.redirect_uri.verdict(),
            words: redirect_uri(proof.redirect_uri, provider),
        },
        Mark {
            title: "Reachable",
            verdict: proof.reachable.verdict(),
            words: reachable(proof.reachable, &proof.host, provider),
        },
    ]
}

/// What follows "Saved." while the trial of a provider says this.
#[must_use]
pub fn after_saving(proof: Option<&Proof>, provider: &str, application: &str) -> String {
    if proof.is_some_and(Proof::is_wrong) {
        format!(
            "One of the three checks below says what is still to be done before {provider} can be connected."
        )
    } else {
        format!("{provider} is active, and the users of {application} can connect it.")
    }
}

fn credentials(mark: CredentialsMark, provider: &str) -> String {
    match mark {
        CredentialsMark::Accepted => format!("{provider} accepted ID and secret."),
        CredentialsMark::Rejected => format!(
            "{provider} refused ID or secret. Copy both again there, or make a new secret, and save them here."
        ),
        CredentialsMark::NotOurs => {
            "Each customer brings an ID and a secret of their own. There is none of yours to try."
                .to_owned()
        }
        CredentialsMark::NeedsAddress => needs_address(provider),
        CredentialsMark::NotTold => {
            format!("{provider} does not tell before somebody has approved. Run the playground.")
        }
        CredentialsMark::Unclear => {
            format!("{provider} answered neither yes nor no. Run the playground.")
        }
        CredentialsMark::NoAnswer => {
            format!("{provider} did not answer. What you saved stays. Try again later.")
        }
    }
}

fn redirect_uri(mark: RedirectMark, provider: &str) -> String {
    match mark {
        RedirectMark::SentBack => format!("{provider} leads the browser back to it."),
        RedirectMark::OthersRefused => {
            format!("{provider} lets it pass, and refuses one that we made up.")
        }
        RedirectMark::Refused => format!(
            "{provider} does not know it. Copy the Redirect URI below and register it there, exactly as it is."
        ),
        RedirectMark::NotOurs => {
            "Each customer registers it together with an ID of their own.".to_owned()
        }
        RedirectMark::NeedsAddress => needs_address(provider),
        RedirectMark::NotTold | RedirectMark::Unclear => {
            format!("{provider} does not tell before somebody has signed in. Run the playground.")
        }
        RedirectMark::NoAnswer => {
            format!(
                "The page where people approve did not open. {provider} may have a bad moment. Try again later."
            )
        }
    }
}

fn reachable(mark: ReachableMark, host: &str, provider: &str) -> String {
    match mark {
        ReachableMark::Answered => format!("{host} answered."),
        ReachableMark::Failing => {
            format!("{host} answers that it has a bad moment. Try again later.")
        }
        ReachableMark::Late => format!("{host} did not answer in time. Try again later."),
        ReachableMark::NoConnection => format!(
            "No connection to {host}. Check that this server may reach it, and that the address is right."
        ),
        ReachableMark::Forbidden => format!(
            "Grantport may not call {host}: it is no public address. An operator can allow it with GRANTPORT_ALLOW_PRIVATE_UPSTREAMS."
        ),
        ReachableMark::NotOurs => "Nothing was asked.".to_owned(),
        ReachableMark::NeedsAddress => needs_address(provider),
    }
}

fn needs_address(provider: &str) -> String {
    format!("Where {provider} is depends on what each end user fills in. Run the playground.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_says_what_to_do() {
        let proof = Proof {
            tried_at: 0,
            host: "idp.example".to_owned(),
            credentials: CredentialsMark::Rejected,
            redirect_uri: RedirectMark::Refused,
            reachable: ReachableMark::NoConnection,
        };
        for mark in marks(&proof, "Apollo") {
            assert_eq!(mark.verdict, Verdict::Wrong);
            let told = ["Copy", "Check"]
                .iter()
                .any(|verb| mark.words.contains(verb));
            assert!(told, "{}", mark.words);
        }
        assert!(!after_saving(Some(&proof), "Apollo", "CRM").contains("is active"));
        assert!(after_saving(None, "Apollo", "CRM").contains("is active"));
    }
}
