//! What a list of connections is narrowed to; each part stands in the address.

use super::{BrokenReason, ConnectionMark, ConnectionState, Millis};
use serde::{Deserialize, Serialize};

/// What the connection list is narrowed to, as it stands in the address: anybody can write anything there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionFilter {
    /// End user, e-mail, team, account, connection id or support code.
    pub q: String,
    /// A state, or empty.
    pub state: String,
    /// A provider's slug, or empty.
    pub provider: String,
    /// A [`BrokenReason`], or empty.
    pub reason: String,
    /// `personal`, `team`, or empty.
    pub owner: String,
    /// A team's id, or empty.
    pub team: String,
    /// An [`Age`], or empty.
    pub age: String,
    /// A [`LastUse`], or empty.
    pub used: String,
    /// A scope that is missing, or empty.
    pub scope: String,
    /// A mark of a connection ([`ConnectionMark`]), or empty.
    pub mark: String,
    /// Cursor, or empty.
    pub cursor: String,
}

/// A part of a filter that a person chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterPart {
    /// What was typed.
    Words,
    /// The state.
    State,
    /// The provider.
    Provider,
    /// Why it needs a person.
    Reason,
    /// Personal or a team's.
    Owner,
    /// The team.
    Team,
    /// How long ago it was connected.
    Age,
    /// When a token was last handed out.
    Used,
    /// A scope that is missing.
    Scope,
    /// What sets it apart.
    Mark,
}

impl FilterPart {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 10] = [
        Self::Words,
        Self::State,
        Self::Provider,
        Self::Reason,
        Self::Owner,
        Self::Team,
        Self::Age,
        Self::Used,
        Self::Scope,
        Self::Mark,
    ];

    /// Its name in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Words => "q",
            Self::State => "state",
            Self::Provider => "provider",
            Self::Reason => "reason",
            Self::Owner => "owner",
            Self::Team => "team",
            Self::Age => "age",
            Self::Used => "used",
            Self::Scope => "scope",
            Self::Mark => "mark",
        }
    }
}

impl ConnectionFilter {
    /// What a part is set to; empty where it is not.
    #[must_use]
    pub fn part(&self, part: FilterPart) -> &str {
        match part {
            FilterPart::Words => &self.q,
            FilterPart::State => &self.state,
            FilterPart::Provider => &self.provider,
            FilterPart::Reason => &self.reason,
            FilterPart::Owner => &self.owner,
            FilterPart::Team => &self.team,
            FilterPart::Age => &self.age,
            FilterPart::Used => &self.used,
            FilterPart::Scope => &self.scope,
            FilterPart::Mark => &self.mark,
        }
    }

    /// The same with one part set otherwise, from the first page on.
    #[must_use]
    pub fn with(mut self, part: FilterPart, value: &str) -> Self {
        let set = match part {
            FilterPart::Words => &mut self.q,
            FilterPart::State => &mut self.state,
            FilterPart::Provider => &mut self.provider,
            FilterPart::Reason => &mut self.reason,
            FilterPart::Owner => &mut self.owner,
            FilterPart::Team => &mut self.team,
            FilterPart::Age => &mut self.age,
            FilterPart::Used => &mut self.used,
            FilterPart::Scope => &mut self.scope,
            FilterPart::Mark => &mut self.mark,
        };
        value.clone_into(set);
        self.cursor.clear();
        self
    }

    /// The parts that are set.
    pub fn parts(&self) -> impl Iterator<Item = FilterPart> {
        FilterPart::ALL
            .into_iter()
            .filter(|part| !self.part(*part).trim().is_empty())
    }

    /// The state, if it is one.
    #[must_use]
    pub fn state(&self) -> Option<ConnectionState> {
        self.state.parse().ok()
    }

    /// The reason, if it is one.
    #[must_use]
    pub fn reason(&self) -> Option<BrokenReason> {
        self.reason.parse().ok()
    }

    /// The age, if it is one.
    #[must_use]
    pub fn age(&self) -> Option<Age> {
        Age::ALL.into_iter().find(|age| age.as_str() == self.age)
    }

    /// The last use, if it is one.
    #[must_use]
    pub fn used(&self) -> Option<LastUse> {
        LastUse::ALL
            .into_iter()
            .find(|used| used.as_str() == self.used)
    }

    /// The mark, if it is one.
    #[must_use]
    pub fn mark(&self) -> Option<ConnectionMark> {
        self.mark.parse().ok()
    }
}

/// How long ago a connection was made, or made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Over a month.
    Month,
    /// Over three months.
    Quarter,
    /// Over a year.
    Year,
}

impl Age {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// In days.
    #[must_use]
    pub fn days(self) -> u16 {
        match self {
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        }
    }

    /// The word in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "30",
            Self::Quarter => "90",
            Self::Year => "365",
        }
    }
}

/// Since when no token of a connection was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastUse {
    /// None ever was.
    Never,
    /// None for a month.
    Month,
    /// None for three months.
    Quarter,
}

impl LastUse {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Never, Self::Month, Self::Quarter];

    /// In days, if it was ever used.
    #[must_use]
    pub fn days(self) -> Option<u16> {
        match self {
            Self::Never => None,
            Self::Month => Some(30),
            Self::Quarter => Some(90),
        }
    }

    /// The word in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Month => "30",
            Self::Quarter => "90",
        }
    }
}

/// A provider that refuses our client credentials: one thing to mend, however many connections wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedProvider {
    /// Its slug.
    pub slug: String,
    /// Its name inside sentences.
    pub short_name: String,
    /// Since when.
    pub since: Millis,
    /// Connections that work but for this.
    pub waiting: super::Counted,
}
