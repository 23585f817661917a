//! What the server would not do, in words: for the notice on top of a form, and for a page that
//! cannot be shown.

use super::provider::span;
use crate::wire::{PortalError, Role};

/// The notice above a form that was refused: what is the case, and what to do.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a table: one line per error")]
pub fn of_form(error: &PortalError) -> (String, String) {
    let (what, then) = match error {
        PortalError::Invalid(fields) if fields.is_empty() => (
            "The form did not arrive whole.",
            "Nothing was changed. Fill it in and send it again.",
        ),
        PortalError::Invalid(_) => (
            "Not saved yet.",
            "Nothing was changed. These fields need another look:",
        ),
        PortalError::WrongCredentials => (
            "E-mail and password do not match.",
            "Write both again. After several attempts there is a pause.",
        ),
        PortalError::TooManyAttempts { retry_after_s } => {
            return (
                "Too many attempts.".to_owned(),
                format!("Try again in {}.", span(*retry_after_s)),
            );
        }
        PortalError::WrongSetupToken => (
            "This is not the setup token, or it has expired.",
            "Copy it from the server’s output. Restart the server to get a new one.",
        ),
        PortalError::AlreadySetUp => ("Grantport is set up already.", "Sign in instead."),
        PortalError::InvitationOver => (
            "This invitation cannot be used.",
            "Ask whoever invited you for a new link.",
        ),
        PortalError::ConfirmationNeeded => (
            "This asks for a sign-in of the last ten minutes.",
            "Nothing was changed. Confirm that it is you, then do it again.",
        ),
        PortalError::SecondFactorNeeded => (
            "This asks for a second factor.",
            "Nothing was changed. Set one up under Account, then do it again.",
        ),
        PortalError::NoFactorOfOnesOwn => (
            "You have no second factor yourself.",
            "Nothing was changed. Set yours up under Account first, then ask it of others.",
        ),
        PortalError::LastOwner => (
            "This is the only owner who can sign in.",
            "Nothing was changed. Make somebody else an owner first.",
        ),
        PortalError::OwnMembership => (
            "Nobody changes their own role, or disables themselves.",
            "Nothing was changed. Another owner or admin can do it.",
        ),
        PortalError::Changed => (
            "Someone else changed this meanwhile.",
            "Nothing of yours was saved. Look at what stands here now, then save again.",
        ),
        PortalError::Forbidden => (
            "Your role does not include this.",
            "Nothing was changed. An owner or an admin can do it.",
        ),
        PortalError::NotFound => (
            "This is not here any more.",
            "Nothing was changed. Go back to the list.",
        ),
        PortalError::SecretInUse => (
            "This Client Secret is in use.",
            "Nothing was changed. Add another one; when the provider has taken it, this one can go.",
        ),
        PortalError::SecretNeeded { connections } => {
            return (
                match connections {
                    1 => "One connection was last refreshed with this Client Secret.".to_owned(),
                    many => format!("{} connections were last refreshed with this Client Secret.", super::number::grouped(*many)),
                },
                "Nothing was changed. It can go when each of them was refreshed with the one in use; they do so by themselves.".to_owned(),
            );
        }
        PortalError::ScopesKept => (
            "The provider kept the scopes.",
            "Nothing was given up. The connection works as before; ask its owner to connect again with fewer scopes.",
        ),
        PortalError::ProviderAway => (
            "The provider cannot be asked now.",
            "Nothing was changed. Try again in a moment.",
        ),
        PortalError::Quarantined => (
            "No token is refreshed here now.",
            "Nothing was changed. The notice on top says why, and what ends it.",
        ),
        PortalError::TokensStopped => (
            "All tokens are stopped.",
            "Nothing was changed. The notice on top says by whom and why, and where they are let go again.",
        ),
        PortalError::KeyHasSuccessor => (
            "This key has a successor already.",
            "Nothing was changed. Two keys for one purpose are enough: revoke one of them first.",
        ),
        PortalError::TooLateToUndo => (
            "It is too late to undo this.",
            "Nothing was changed. The tokens are destroyed, or the provider is being told; ask the owner to connect again.",
        ),
        PortalError::RefreshUnderWay { retry_after_s } => {
            return (
                "A refresh was under way when it was revoked.".to_owned(),
                format!(
                    "Nothing was changed. Its outcome is known in {} at the latest; undo it then.",
                    span(*retry_after_s)
                ),
            );
        }
        PortalError::ConnectedAgain => (
            "The account was connected again meanwhile.",
            "Nothing was changed. The new connection works; this one stays revoked, since two would take each other’s tokens away.",
        ),
        PortalError::SignedOut => ("Your session has ended.", "Sign in again."),
        PortalError::Unavailable => (
            "The database cannot be reached.",
            "Nothing was changed. Try again in a moment.",
        ),
        PortalError::Internal => (
            "Something went wrong on our side.",
            "Try again. If it stays, look at the server’s log.",
        ),
    };
    (what.to_owned(), then.to_owned())
}

/// Heading and sentence of a page that takes the place of the one that was asked for.
#[must_use]
pub fn of_page(error: &PortalError, role: Option<Role>) -> (&'static str, String) {
    match error {
        PortalError::Forbidden => (
            "Your role does not include this page",
            match role {
                Some(role) => format!(
                    "You are signed in as {}. An owner or an admin can show you what you need.",
                    super::role::name(role).to_lowercase()
                ),
                None => "An owner or an admin can show you what you need.".to_owned(),
            },
        ),
        PortalError::Unavailable => (
            "The database cannot be reached",
            "Nothing is lost. Try again in a moment.".to_owned(),
        ),
        PortalError::InvitationOver => (
            "This invitation cannot be used",
            "Each link works once, for 72 hours, and can be revoked. Ask whoever invited you for a new one. If you joined already, sign in.".to_owned(),
        ),
        PortalError::NotFound => (
            "There is nothing here",
            "The address is not one of ours, or what it names was removed.".to_owned(),
        ),
        other => {
            let (_, then) = of_form(other);
            ("This page cannot be shown", then)
        }
    }
}
