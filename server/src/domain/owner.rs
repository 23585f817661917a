//! End users, and who owns a connection (seed 002: personal and team credentials).

/// A person of the application, known by the id that the application gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndUser {
    /// The application's id, 1 to 200 characters.
    pub id: String,
    /// Name, for pages.
    pub name: Option<String>,
    /// E-mail, for pages.
    pub email: Option<String>,
}

impl EndUser {
    /// Name, or the id when there is none.
    #[must_use]
    pub fn words(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// Who owns a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// One end user, by the application's id.
    Personal(String),
    /// A whole team, by the application's id for it.
    Team(String),
}

impl Owner {
    /// The words of all kinds.
    pub const KINDS: [&'static str; 2] = ["personal", "team"];

    /// `personal` or `team`, as stored and as sent.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Personal(_) => "personal",
            Self::Team(_) => "team",
        }
    }

    /// The id of the end user or of the team.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Personal(id) | Self::Team(id) => id,
        }
    }

    /// From what is stored.
    #[must_use]
    pub fn from_parts(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "personal" => Some(Self::Personal(id.to_owned())),
            "team" => Some(Self::Team(id.to_owned())),
            _ => None,
        }
    }
}
