//! What staff read about an attempt to connect: what happened, and what to do about it.

use crate::wire::{AttemptOutcome, ConnectProblem};

/// What happened, in one sentence.
pub(crate) fn what(outcome: &AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::UnderWay => "They have not come back from the provider.",
        AttemptOutcome::AwaitingCompletion => {
            "They approved, and your backend has not completed it yet."
        }
        AttemptOutcome::Choosing => {
            "They approved another account than the one to be renewed, and have not chosen yet."
        }
        AttemptOutcome::Connected(_) => "It was connected.",
        AttemptOutcome::Problem(problem) => failed(*problem),
    }
}

fn failed(problem: ConnectProblem) -> &'static str {
    match problem {
        ConnectProblem::UnknownLink | ConnectProblem::UnknownAttempt => {
            "What arrived belongs to no attempt that is still known."
        }
        ConnectProblem::LinkExpired => "The link had expired.",
        ConnectProblem::LinkUsed => "The link was opened in another browser than the first.",
        ConnectProblem::LinkStopped => {
            "The link was stopped: with \u{201c}Stop here\u{201d}, or because its API key was revoked."
        }
        ConnectProblem::Denied => "They said no at the provider.",
        ConnectProblem::NotAllowedToApprove => "The provider does not let them approve.",
        ConnectProblem::AttemptExpired => "It took longer than ten minutes.",
        ConnectProblem::OtherBrowser => {
            "The provider\u{2019}s answer arrived in another browser than the one that began."
        }
        ConnectProblem::NotCompleted => {
            "They approved, and your backend did not complete it in time."
        }
        ConnectProblem::OtherPerson => {
            "Another person approved than the one it was begun for, so nothing was exchanged."
        }
        ConnectProblem::ProviderMisconfigured => {
            "The provider refuses the application\u{2019}s Client ID or Client Secret."
        }
        ConnectProblem::OwnCredentialsRejected => {
            "The provider refuses the Client ID and Client Secret that they typed."
        }
        ConnectProblem::ProviderUnavailable => "The provider did not answer.",
        ConnectProblem::ProviderError => "The provider reported an error.",
        ConnectProblem::OtherAccount => {
            "They came back with another account than the one to be renewed."
        }
        ConnectProblem::AccountAlreadyConnected => {
            "The account is connected for another person or team, and may serve one only."
        }
        ConnectProblem::ConnectionRevoked => "The connection to be renewed was revoked meanwhile.",
        ConnectProblem::ProviderRemoved => "The provider is no longer set up.",
        ConnectProblem::Internal => "Something broke in Grantport.",
    }
}

/// Who acts now, and how.
pub(crate) fn what_to_do(outcome: &AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::UnderWay => "Nothing, unless they ask: then they start again.",
        AttemptOutcome::AwaitingCompletion => {
            "They go back to your product; its backend has ten minutes to complete."
        }
        AttemptOutcome::Choosing => "They choose on the page that is open in their browser.",
        AttemptOutcome::Connected(_) => "Nothing.",
        AttemptOutcome::Problem(problem) => mend(*problem),
    }
}

fn mend(problem: ConnectProblem) -> &'static str {
    match problem {
        ConnectProblem::NotAllowedToApprove => {
            "Someone who may approve at the provider has to allow it, or connect in their place."
        }
        ConnectProblem::ProviderMisconfigured => {
            "An admin corrects the credentials on the provider\u{2019}s page, then they start again."
        }
        ConnectProblem::ProviderRemoved => "An admin adds the provider again.",
        ConnectProblem::AccountAlreadyConnected => {
            "They use an account of their own, or whoever has it disconnects it first."
        }
        ConnectProblem::NotCompleted => "A developer looks why the backend did not call complete.",
        ConnectProblem::OtherPerson => {
            "Nothing is lost. If they did not expect this, someone sent them a link that was not theirs."
        }
        ConnectProblem::Internal => {
            "They start again. If it stays like this, an admin finds the cause in the log."
        }
        ConnectProblem::ProviderUnavailable => "They start again in a few minutes.",
        ConnectProblem::ConnectionRevoked => "They connect anew from your product.",
        ConnectProblem::UnknownLink
        | ConnectProblem::LinkExpired
        | ConnectProblem::LinkUsed
        | ConnectProblem::LinkStopped
        | ConnectProblem::Denied
        | ConnectProblem::AttemptExpired
        | ConnectProblem::OtherBrowser
        | ConnectProblem::UnknownAttempt
        | ConnectProblem::OwnCredentialsRejected
        | ConnectProblem::ProviderError
        | ConnectProblem::OtherAccount => "They start again from your product, in one browser.",
    }
}
