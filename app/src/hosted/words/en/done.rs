//! The words of the page that says: it is connected.

use super::super::rooms::DoneWords;
use super::super::{capitalised, in_mid_sentence};
use super::English;
use crate::wire::{DoneView, ScopeWords};

impl DoneWords for English {
    fn account(&self) -> &'static str {
        "Account"
    }

    fn whose(&self) -> &'static str {
        "For"
    }

    fn allowed_heading(&self) -> &'static str {
        "Allowed"
    }

    fn missing(&self) -> &'static str {
        "Not everything was allowed"
    }

    fn heading(&self, provider: &str) -> String {
        format!("{provider} is connected")
    }

    fn wire(&self, application: &str, provider: &str) -> String {
        format!("{application} and {provider} are connected")
    }

    fn lead(&self, view: &DoneView) -> String {
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

    fn for_whom(&self, view: &DoneView) -> String {
        match &view.for_whom.team {
            Some(team) => format!("{}, for team {team}", view.for_whom.name),
            None => view.for_whom.name.clone(),
        }
    }

    fn allowed(&self, granted: &[ScopeWords], all: bool) -> String {
        let list = granted.iter().map(in_list).collect::<Vec<_>>().join(", ");
        match (all, list.is_empty()) {
            (true, true) => "All that was asked".to_owned(),
            (true, false) => format!("All that was asked: {list}"),
            (false, true) => "None of what was asked".to_owned(),
            (false, false) => capitalised(&list),
        }
    }

    fn known(&self) -> &'static str {
        "This account was connected before. It is the same connection, approved anew."
    }

    fn missing_means(&self, application: &str, provider: &str) -> String {
        format!(
            "So some of {application} may not work with {provider}. To allow the rest, connect \
         {provider} again from {application} and leave everything ticked."
        )
    }

    fn connect_the_others(&self, left: u32) -> String {
        if left == 1 {
            "Connect the other one".to_owned()
        } else {
            format!("Connect the other {left}")
        }
    }

    fn see_later(&self) -> (&'static str, &'static str, &'static str) {
        ("See or end it later under ", "My connected accounts", ".")
    }
}

fn in_list(scope: &ScopeWords) -> String {
    if scope.words.is_empty() {
        scope.name.clone()
    } else {
        in_mid_sentence(&scope.words)
    }
}
