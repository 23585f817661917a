//! What pages say about a definition: its scopes in plain words, and how it behaves.

use super::definition::{Definition, Expiry, Pkce, RedirectRules, Refresh, Rotation, Scope};
use super::languages::translated;
use crate::domain::Scopes;
use app::wire::{Language, ScopeWords, TokenLife};

impl Definition {
    /// All scopes in order: the always granted ones first, then group by group.
    pub fn all_scopes(&self) -> impl Iterator<Item = &Scope> {
        let groups = self.scopes.groups.iter().flat_map(|group| &group.scopes);
        self.scopes.always_granted.iter().chain(groups)
    }

    /// The scopes that are ticked when the form is first shown, with those without which no
    /// refresh token comes.
    #[must_use]
    pub fn suggested(&self) -> Scopes {
        let groups = self.scopes.groups.iter().flat_map(|group| &group.scopes);
        let ticked = groups
            .filter(|scope| scope.suggested || self.is_needed_for_refresh(&scope.name))
            .map(|scope| scope.name.as_str());
        // names were checked when the definition was read
        Scopes::new(ticked).unwrap_or_default()
    }

    /// The scopes that are granted whatever is asked for.
    #[must_use]
    pub fn always_granted(&self) -> Scopes {
        let always = self.scopes.always_granted.iter();
        // names were checked when the definition was read
        Scopes::new(always.map(|scope| scope.name.as_str())).unwrap_or_default()
    }

    /// Whether the authorize request names scopes at all, or the provider has them from the
    /// registration.
    #[must_use]
    pub fn sends_scopes(&self) -> bool {
        self.scopes.set_at_provider.is_none()
    }

    /// Whether this scope is asked for in every request, chosen or not.
    #[must_use]
    pub fn is_needed_for_refresh(&self, name: &str) -> bool {
        self.scopes.needed_for_refresh.iter().any(|n| n == name)
    }

    /// Each of `scopes` with what it allows; no words for names that the definition lacks.
    #[must_use]
    pub fn words_for(&self, scopes: &Scopes) -> Vec<ScopeWords> {
        let words = |name: &str| {
            self.all_scopes()
                .find(|scope| scope.name == name)
                .map(|scope| scope.words.clone())
                .unwrap_or_default()
        };
        scopes
            .iter()
            .map(|name| ScopeWords {
                name: name.to_owned(),
                words: words(name),
            })
            .collect()
    }

    /// The same for the end user who grants them, in a language of theirs; without those that mean
    /// nothing to one.
    #[must_use]
    pub fn user_words_for(&self, scopes: &Scopes, language: Language) -> Vec<ScopeWords> {
        let known = |name: &str| self.all_scopes().find(|scope| scope.name == name);
        let words = |name: &str| match known(name) {
            Some(scope) => scope.user_words(),
            None => "",
        };
        scopes
            .iter()
            .filter(|name| known(name).is_none() || !words(name).is_empty())
            .map(|name| ScopeWords {
                name: name.to_owned(),
                words: translated(language, words(name)),
            })
            .collect()
    }

    /// How the tokens live, for lists.
    #[must_use]
    pub fn token_life(&self) -> TokenLife {
        match (self.expiry.usually_s(), self.expiry.is_told()) {
            (None, _) => TokenLife::NeverExpire,
            (Some(_), true)
                if self.refresh.rotation == Rotation::None && self.refresh.exchange.is_none() =>
            {
                TokenLife::AsAnswered
            }
            (Some(every_s), _) => TokenLife::Refreshed { every_s },
        }
    }

    /// How the provider behaves, as name and value, e.g. ("PKCE", "Sent").
    #[must_use]
    pub fn facts(&self) -> Vec<(String, String)> {
        let facts = [
            ("PKCE", Some(self.pkce_words().to_owned())),
            ("Tokens", Some(tokens_words(&self.expiry, &self.refresh))),
            ("Staying connected", staying_words(&self.refresh)),
            ("Revoke", Some(self.revoke_words())),
            ("Account", self.account_words()),
            ("Redirect URIs", redirect_words(&self.redirect)),
        ];
        facts
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)))
            .collect()
    }

    fn pkce_words(&self) -> &'static str {
        match self.pkce {
            Pkce::S256 => "Sent",
            Pkce::Required => "Sent, and required",
            Pkce::Unsupported => "Not supported",
        }
    }

    fn revoke_words(&self) -> String {
        match (&self.revocation, &self.revoke_by_hand) {
            (Some(revocation), _) if revocation.ends_whole_grant => {
                "Possible from here; it ends the whole grant of the account".to_owned()
            }
            (Some(_), _) => "Possible from here, one connection at a time".to_owned(),
            (None, Some(place)) => format!(
                "Not possible from here. Your customer ends it at {}: {place}",
                self.short_name
            ),
            (None, None) => "Not possible from here".to_owned(),
        }
    }

    fn account_words(&self) -> Option<String> {
        match &self.identity {
            Some(identity) => identity.account_words.clone(),
            None => Some(format!(
                "{} does not tell which account was connected",
                self.short_name
            )),
        }
    }
}

impl Scope {
    /// What it allows, for the end user who grants it.
    pub(super) fn user_words(&self) -> &str {
        self.user_words.as_ref().unwrap_or(&self.words)
    }
}

impl Expiry {
    /// How long a token lasts as a rule, in seconds; `None` where it does not end.
    #[must_use]
    pub fn usually_s(&self) -> Option<u32> {
        match self {
            Self::Never => None,
            Self::ExpiresIn { usually_s, .. }
            | Self::ExpiresAt { usually_s, .. }
            | Self::Jwt { usually_s } => Some(*usually_s),
            Self::Assumed { after_s } | Self::Introspection { after_s, .. } => Some(*after_s),
        }
    }

    /// Whether each token answer tells it.
    fn is_told(&self) -> bool {
        !matches!(self, Self::Assumed { .. } | Self::Never)
    }
}

fn tokens_words(expiry: &Expiry, refresh: &Refresh) -> String {
    let Some(span) = expiry.usually_s().map(span_words) else {
        return "Never expire".to_owned();
    };
    let life = match expiry {
        Expiry::Assumed { .. } => {
            format!("Do not say how long they last; refreshed after {span}")
        }
        Expiry::Introspection { .. } => {
            format!("Last as the provider tells when it is asked, else {span}")
        }
        _ => format!("Last {span}"),
    };
    if refresh.exchange.is_some() {
        return format!("{life}; exchanged for a new one before they end");
    }
    let renewal = match (refresh.rotation, refresh.kills_access_token) {
        (Rotation::None, _) => "then the person connects again",
        (_, true) => "a refresh ends the old pair at once",
        (Rotation::Rotates, false) => "each refresh brings a new refresh token",
        (Rotation::Static, false) => "the refresh token stays the same",
        (Rotation::Optional, false) => "a refresh may bring a new refresh token",
    };
    format!("{life}; {renewal}")
}

/// How long a grant stays, where that is bounded.
fn staying_words(refresh: &Refresh) -> Option<String> {
    let days = |days: u32| span_words(days.saturating_mul(86_400));
    match (refresh.idle_days, refresh.lasts_days) {
        (None, None) => None,
        (Some(idle), None) => Some(format!("Lapses after {} without a refresh", days(idle))),
        (None, Some(lasts)) => Some(format!("Ends {} after the approval", days(lasts))),
        (Some(idle), Some(lasts)) => Some(format!(
            "Lapses after {} without a refresh, and {} after the approval at the latest",
            days(idle),
            days(lasts)
        )),
    }
}

fn redirect_words(rules: &RedirectRules) -> Option<String> {
    match (rules.max, rules.https_only) {
        (Some(max), true) => Some(format!("Up to {max}, https only")),
        (Some(max), false) => Some(format!("Up to {max}")),
        (None, true) => Some("https only".to_owned()),
        (None, false) => None,
    }
}

/// "30 days", "1 hour", "90 seconds": the largest unit that needs no fraction.
fn span_words(seconds: u32) -> String {
    let (number, unit) = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        .into_iter()
        .find(|(size, _)| seconds >= *size && seconds.is_multiple_of(*size))
        .map_or((seconds, "second"), |(size, unit)| (seconds / size, unit));
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_say_them() {
        for (seconds, words) in [
            (2_592_000, "30 days"),
            (86_400, "1 day"),
            (90_000, "25 hours"),
            (7200, "2 hours"),
            (3600, "1 hour"),
            (1800, "30 minutes"),
            (90, "90 seconds"),
            (1, "1 second"),
        ] {
            assert_eq!(span_words(seconds), words);
        }
    }

    #[test]
    fn tokens_are_described_by_how_they_end_and_are_renewed() {
        let refresh = |rotation, kills_access_token| Refresh {
            rotation,
            reuse: crate::catalog::Reuse::Strict,
            grace_s: None,
            idle_days: None,
            lasts_days: None,
            most_per_second: None,
            kills_access_token,
            sends_redirect_uri: false,
            sends_scopes: false,
            narrows_scopes: false,
            exchange: None,
        };
        let day = || Expiry::ExpiresIn {
            usually_s: 86_400,
            silent_s: None,
        };
        for (expiry, refresh, words) in [
            (
                day(),
                refresh(Rotation::Rotates, true),
                "Last 1 day; a refresh ends the old pair at once",
            ),
            (
                day(),
                refresh(Rotation::Rotates, false),
                "Last 1 day; each refresh brings a new refresh token",
            ),
            (
                day(),
                refresh(Rotation::Static, false),
                "Last 1 day; the refresh token stays the same",
            ),
            (
                day(),
                refresh(Rotation::None, false),
                "Last 1 day; then the person connects again",
            ),
            (
                Expiry::Assumed { after_s: 3600 },
                refresh(Rotation::Optional, false),
                "Do not say how long they last; refreshed after 1 hour; a refresh may bring a new refresh token",
            ),
            (
                Expiry::Never,
                refresh(Rotation::None, false),
                "Never expire",
            ),
        ] {
            assert_eq!(tokens_words(&expiry, &refresh), words);
        }
    }
}
