//! The words of the page that says: it is connected.

use super::in_mid_sentence;
use crate::wire::{DoneView, ScopeWords};

pub(in crate::hosted) const ACCOUNT: &str = "Account";

pub(in crate::hosted) const FOR: &str = "For";

pub(in crate::hosted) const ALLOWED: &str = "Allowed";

pub(in crate::hosted) const MISSING: &str = "Not everything was allowed";

pub(in crate::hosted) fn heading(provider: &str) -> String {
    format!("{provider} is connected")
}

pub(in crate::hosted) fn wire(application: &str, provider: &str) -> String {
    format!("{application} and {provider} are connected")
}

pub(in crate::hosted) fn lead(view: &DoneView) -> String {
    let (application, provider) = (&view.host.application, &view.provider.name);
    let whose = if view.for_whom.team.is_some() {
        "your team’s"
    } else {
        "your"
    };
    let works = format!("{application} can now work with {whose} {provider} account");
    match (view.missing.is_empty(), view.left) {
        (false, _) => format!("{works}, within what you allowed."),
        (true, 0) => format!("{works}. There is nothing else to do."),
        (true, 1) => format!("{works}. One more account is left."),
        (true, left) => format!("{works}. {left} more accounts are left."),
    }
}

pub(in crate::hosted) fn for_whom(view: &DoneView) -> String {
    match &view.for_whom.team {
        Some(team) => format!("{}, for team {team}", view.for_whom.name),
        None => view.for_whom.name.clone(),
    }
}

pub(in crate::hosted) fn allowed(granted: &[ScopeWords], all: bool) -> String {
    let list = granted.iter().map(in_list).collect::<Vec<_>>().join(", ");
    match (all, list.is_empty()) {
        (true, true) => "All that was asked".to_owned(),
        (true, false) => format!("All that was asked: {list}"),
        (false, true) => "None of what was asked".to_owned(),
        (false, false) => super::capitalised(&list),
    }
}

fn in_list(scope: &ScopeWords) -> String {
    if scope.words.is_empty() {
        scope.name.clone()
    } else {
        in_mid_sentence(&scope.words)
    }
}

pub(in crate::hosted) fn missing_means(application: &str, provider: &str) -> String {
    format!(
        "So some of {application} may not work with {provider}. To allow the rest, connect \
         {provider} again from {application} and leave everything ticked."
    )
}

pub(in crate::hosted) fn connect_the_others(left: u32) -> String {
    if left == 1 {
        "Connect the other one".to_owned()
    } else {
        format!("Connect the other {left}")
    }
}

/// The sentence round the link to the accounts page: before it, the link, after it.
pub(in crate::hosted) const SEE_LATER: (&str, &str, &str) =
    ("See or end it later under ", "My connected accounts", ".");
