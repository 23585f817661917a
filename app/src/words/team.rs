//! Members, invitations and second factors in words.

use super::number::counted;
use crate::wire::{FactorState, MailState, MemberSummary};

/// The first house rule.
pub const FACTOR_RULE: &str = "Owners and admins need a second factor";
/// What it means.
pub const FACTOR_RULE_MEANS: &str =
    "Whoever of them has none is led to set one up, and does nothing else here before.";
/// The second one.
pub const MASK_RULE: &str = "Lists hide personal data";
/// What it means.
pub const MASK_RULE_MEANS: &str = "Names, e-mail addresses and account labels are shortened in lists, and found all the same. The page of one connection shows them, and the audit notes who looked.";
/// Why there is nothing else to do here.
pub const FACTOR_OWED: &str =
    "Your organization asks owners and admins for a second factor. Set one up to go on.";

/// The sentence under "Members".
#[must_use]
pub fn lead(organization: &str, members: &[MemberSummary]) -> String {
    let able = members.iter().filter(|one| one.disabled_at.is_none());
    let able = u64::try_from(able.count()).unwrap_or(u64::MAX);
    format!(
        "{} of {organization} can sign in here. No role can read a provider’s token.",
        counted(able, "person", "people")
    )
}

/// Owners and admins whose password alone opens everything, if there are any.
#[must_use]
pub fn unguarded(members: &[MemberSummary]) -> Option<String> {
    let unguarded = members
        .iter()
        .filter(|one| one.role.is_mighty() && one.disabled_at.is_none() && !one.second_factor);
    let names: Vec<&str> = unguarded.map(|one| one.name.as_str()).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!(
            "{one} can change everything here with a password alone. A second factor makes a stolen password worthless."
        )),
        more => Some(format!(
            "{} owners and admins can change everything here with a password alone. A second factor makes a stolen password worthless.",
            more.len()
        )),
    }
}

/// What became of the mail with an invitation.
#[must_use]
pub fn mail(state: MailState) -> &'static str {
    match state {
        MailState::NoServer => "Hand the link over yourself",
        MailState::Sending => "Mail on its way",
        MailState::Sent => "Mail sent",
        MailState::NotSent => "Mail not sent",
    }
}

/// The sentence under "Second factor".
#[must_use]
pub fn factor_lead(state: FactorState, begun: bool) -> &'static str {
    match state {
        FactorState::On { .. } => {
            "A code of your app is asked for when you sign in, and before what could do much harm."
        }
        FactorState::Off if begun => "Two steps are left. Until the second one nothing changes.",
        FactorState::Off => {
            "Your password alone signs you in. With a second factor, a stolen password is worthless."
        }
    }
}

/// "8 of 10 left", and what to do when few are.
#[must_use]
pub fn codes_left(left: u64) -> String {
    match left {
        0 => "None left. Make new ones.".to_owned(),
        few @ 1..=3 => format!("{few} left. Make new ones soon."),
        many => format!("{many} left"),
    }
}

/// On or off, for tables.
#[must_use]
pub fn on_or_off(on: bool) -> &'static str {
    if on { "On" } else { "Off" }
}
