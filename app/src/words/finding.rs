//! What a list of connections is narrowed to, in words.

use super::number::{counted, grouped};
use super::{owner, scopes, time};
use crate::components::lamp;
use crate::wire::{
    Age, BrokenReason, ConnectionFilter, ConnectionMark, Counted, FilterPart, LastUse,
    RefusedProvider,
};

/// The name of a control.
#[must_use]
pub fn label(part: FilterPart) -> &'static str {
    match part {
        FilterPart::Words => "Search connections",
        FilterPart::State => "State",
        FilterPart::Provider => "Provider",
        FilterPart::Reason => "Reason",
        FilterPart::Owner => "Owner",
        FilterPart::Team => "Team id",
        FilterPart::Age => "Connected",
        FilterPart::Used => "Last used",
        FilterPart::Scope => "Missing scope",
        FilterPart::Mark => "Needs",
    }
}

/// Why a connection needs a person, in a word or two.
#[must_use]
pub fn reason(reason: BrokenReason) -> &'static str {
    match reason {
        BrokenReason::GrantRevokedOrExpired => "Access removed or expired",
        BrokenReason::RefreshOutcomeUnknown => "Refresh interrupted",
        BrokenReason::NoRefreshToken => "Nothing to renew it with",
        BrokenReason::Unreadable => "Cannot be opened",
        BrokenReason::StaleAfterRestore => "Used up before a restore",
    }
}

/// "Over 30 days ago".
#[must_use]
pub fn age(age: Age) -> String {
    match age {
        Age::Year => "Over a year ago".to_owned(),
        age => format!("Over {} days ago", age.days()),
    }
}

/// "Never", "Not for 30 days".
#[must_use]
pub fn last_use(used: LastUse) -> String {
    match used.days() {
        None => "Never".to_owned(),
        Some(days) => format!("Not for {days} days"),
    }
}

/// Values and words of a part that is chosen from a list which never changes.
#[must_use]
pub fn choices(part: FilterPart) -> Vec<(String, String)> {
    let pair = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    match part {
        FilterPart::Reason => BrokenReason::ALL
            .map(|one| pair(one.as_str(), reason(one)))
            .to_vec(),
        FilterPart::Owner => vec![pair("personal", "Personal"), pair("team", "Team")],
        FilterPart::Age => Age::ALL.map(|one| pair(one.as_str(), &age(one))).to_vec(),
        FilterPart::Used => LastUse::ALL
            .map(|one| pair(one.as_str(), &last_use(one)))
            .to_vec(),
        FilterPart::Mark => ConnectionMark::ALL
            .map(|one| pair(one.as_str(), scopes::mark(one)))
            .to_vec(),
        FilterPart::Words
        | FilterPart::State
        | FilterPart::Provider
        | FilterPart::Team
        | FilterPart::Scope => Vec::new(),
    }
}

/// What a part is set to, in words: “dana”, Provider: Apollo.io.
#[must_use]
pub fn part(filter: &ConnectionFilter, part: FilterPart, providers: &[(String, String)]) -> String {
    let value = filter.part(part);
    let named = |choices: &[(String, String)]| {
        let found = choices.iter().find(|(known, _)| known == value);
        found.map_or_else(|| value.to_owned(), |(_, words)| words.clone())
    };
    let words = match part {
        FilterPart::Words => return format!("“{}”", value.trim()),
        FilterPart::State => filter.state().map_or_else(
            || value.to_owned(),
            |state| lamp::Lamp::from(state).word().to_owned(),
        ),
        FilterPart::Provider => named(providers),
        FilterPart::Team | FilterPart::Scope => value.to_owned(),
        chosen => named(&choices(chosen)),
    };
    format!("{}: {words}", label(part))
}

/// What stood in the address and names nothing.
#[must_use]
pub fn ignored(parts: &[FilterPart]) -> String {
    let names: Vec<_> = parts.iter().map(|part| label(*part)).collect();
    let (what, is) = match names.as_slice() {
        [one] => ((*one).to_owned(), "is"),
        many => (many.join(", "), "are"),
    };
    format!(
        "What the address says of {what} names nothing here and {is} left out. The list shows the rest of the filter."
    )
}

/// "1,284"; "1,000+" where counting stopped.
#[must_use]
pub fn capped(count: Counted) -> String {
    let more = if count.more { "+" } else { "" };
    format!("{}{more}", grouped(count.many))
}

/// "11 of 1,284, the newest first".
#[must_use]
pub fn page(shown: usize, all: Counted) -> String {
    // a page may find what counting did not come to
    let many = grouped(all.many.max(u64::try_from(shown).unwrap_or(u64::MAX)));
    if all.more {
        format!("{shown} of {many} or more, the newest first. Counting stops there.")
    } else {
        format!("{shown} of {many}, the newest first")
    }
}

/// A provider that refuses our credentials, and what waits for it.
#[must_use]
pub fn refused(provider: &RefusedProvider) -> String {
    let Counted { many, more } = provider.waiting;
    let waiting = match (many, more) {
        (0, false) => "No connection waits for it.".to_owned(),
        (1, false) => {
            "1 connection waits for a new Client Secret; nothing is wrong with it.".to_owned()
        }
        (many, true) => format!(
            "{} connections or more wait for a new Client Secret; nothing is wrong with them.",
            grouped(many)
        ),
        (many, false) => format!(
            "{} wait for a new Client Secret; nothing is wrong with them.",
            counted(many, "connection", "connections")
        ),
    };
    format!(
        "{} refuses our client credentials since {}. {waiting}",
        provider.short_name,
        time::moment(provider.since)
    )
}

/// Who a reconnect link is for, and how long it works.
#[must_use]
pub fn link_hint(owner: &crate::wire::OwnerView, until: crate::wire::Millis) -> String {
    format!(
        "Only for {}. It works once, until {}, and keeps this connection and its id. Nobody else should get it.",
        owner::reconnects(owner),
        time::date(until)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stop_where_counting_stopped() {
        let all = |many| Counted::up_to(many, false);
        assert_eq!(capped(all(0)), "0");
        assert_eq!(capped(all(1_000)), "1,000");
        assert_eq!(capped(all(1_001)), "1,000+");
        assert_eq!(capped(Counted::up_to(11, true)), "11+");
        assert_eq!(page(50, all(1_000)), "50 of 1,000, the newest first");
        assert_eq!(
            page(50, all(3_003)),
            "50 of 1,000 or more, the newest first. Counting stops there."
        );
        assert_eq!(
            page(50, Counted::up_to(11, true)),
            "50 of 50 or more, the newest first. Counting stops there."
        );
    }

    #[test]
    fn every_part_has_words_for_all_that_it_can_be() {
        let providers = [("apollo".to_owned(), "Apollo.io".to_owned())];
        let none = ConnectionFilter::default;
        for (part_of, value, words) in [
            (FilterPart::Words, " dana ", "“dana”"),
            (FilterPart::Provider, "apollo", "Provider: Apollo.io"),
            (FilterPart::Provider, "nobody", "Provider: nobody"),
            (FilterPart::State, "degraded", "State: Degraded"),
            (FilterPart::Reason, "unreadable", "Reason: Cannot be opened"),
            (FilterPart::Owner, "team", "Owner: Team"),
            (FilterPart::Team, "t-7", "Team id: t-7"),
            (FilterPart::Age, "365", "Connected: Over a year ago"),
            (FilterPart::Used, "30", "Last used: Not for 30 days"),
            (FilterPart::Scope, "api", "Missing scope: api"),
            (FilterPart::Mark, "lacks_scopes", "Needs: Lacks scopes"),
        ] {
            let filter = none().with(part_of, value);
            assert_eq!(part(&filter, part_of, &providers), words);
            assert_eq!(filter.parts().collect::<Vec<_>>(), [part_of]);
        }
    }
}
