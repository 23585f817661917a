//! Why nothing is refreshed in a restored or copied installation, what works meanwhile, and how it
//! ends. Portal and command line say it alike.

use crate::wire::QuarantineReason;

/// The command that lifts a quarantine.
pub const CONFIRM: &str = "grantport restore confirm";

/// What works meanwhile.
pub const STILL_WORKS: &str = "Tokens that are still valid are handed out, people can connect, and revoking works at once; providers are told later.";

/// What is the case, and what it would do to refresh.
#[must_use]
pub fn why(reason: QuarantineReason) -> &'static str {
    match reason {
        QuarantineReason::Copied => {
            "This database was copied from another place. The original may have used up the refresh tokens in it, and sending them again can end connections there."
        }
        QuarantineReason::OlderThanSeen => {
            "This database is older than the one that was here before: a backup was put in its place. Some of its refresh tokens may be used up, and sending them again can end connections."
        }
        QuarantineReason::ByHand => {
            "This database was set aside by hand, to be copied or restored. Its refresh tokens may be in use elsewhere, and sending them from two places can end connections."
        }
    }
}

/// When it is safe to lift it, to stand before the command.
#[must_use]
pub fn safe_once(reason: QuarantineReason) -> &'static str {
    match reason {
        QuarantineReason::Copied | QuarantineReason::ByHand => {
            "Once the original is off for good, whoever runs this server lifts it with"
        }
        QuarantineReason::OlderThanSeen => {
            "Once no newer database is in use anywhere, whoever runs this server lifts it with"
        }
    }
}
