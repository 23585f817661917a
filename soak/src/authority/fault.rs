//! What the server does instead of a proper answer.

/// One misbehaviour, for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    /// It rotates all the same, so that the successor is lost with the answer.
    pub(crate) rotates: bool,
}

/// What is sent, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// This status with a few words.
    Status(u16),
    /// 503 with `Retry-After`, in seconds.
    Unavailable(u64),
    /// 429, with `Retry-After` or without.
    TooMany(Option<u64>),
    /// This OAuth error, with this status.
    Error(u16, &'static str),
    /// Takes the request and never answers.
    Silence,
    /// One byte a second, without end.
    Drip,
    /// A TCP reset once the request was read.
    Reset,
    /// 200 with a login page.
    Html,
    /// 200 with half of the JSON, then the connection ends.
    Truncated,
    /// 200 with so many MiB.
    Huge(usize),
    /// 302 to another page of this server.
    Redirect,
    /// A proper answer as `text/plain`.
    PlainText,
    /// A proper answer with status 201.
    Created,
    /// A proper answer whose `expires_in` is a text.
    TextLifetime,
}

impl Kind {
    /// Whether new tokens are in what is sent.
    pub(crate) fn brings_tokens(self) -> bool {
        matches!(self, Self::PlainText | Self::Created | Self::TextLifetime)
    }

    /// Whether the request is refused as one for a grant that is gone.
    pub(crate) fn says_dead(self) -> bool {
        matches!(self, Self::Error(400..=403, "invalid_grant"))
    }

    /// Without a rotation, as a server does that fails before it looks at the token.
    pub(crate) fn before_rotation(self) -> Fault {
        Fault {
            kind: self,
            rotates: false,
        }
    }

    /// With one, as a server or a network does that fails when all is done.
    pub(crate) fn after_rotation(self) -> Fault {
        Fault {
            kind: self,
            rotates: true,
        }
    }
}
