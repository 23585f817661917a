//! Lamps: the state of something, as a shape that says it without colour, beside its word.
//!
//! A lamp never stands without words. Inside a wire the wire's name is the word, and in a timeline
//! the sentence is; everywhere else use [`State`], which asks for words.

use crate::wire::ConnectionState;
use leptos::prelude::*;

/// The five lamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lamp {
    /// Not yet: a dotted ring.
    Waiting,
    /// It works: a full circle.
    Active,
    /// It works, with effort: a half-filled circle.
    Degraded,
    /// A person has to act: a triangle.
    Reconnect,
    /// Ended: a barred circle.
    Revoked,
}

impl Lamp {
    /// The last part of the lamp's and the wire's class names.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::Reconnect => "reconnect",
            Self::Revoked => "revoked",
        }
    }

    /// The word of this state in the portal.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Active => "Active",
            Self::Degraded => "Degraded",
            Self::Reconnect => "Reconnect required",
            Self::Revoked => "Revoked",
        }
    }
}

impl From<ConnectionState> for Lamp {
    fn from(state: ConnectionState) -> Self {
        match state {
            ConnectionState::Active => Self::Active,
            ConnectionState::Degraded => Self::Degraded,
            ConnectionState::ReconnectRequired => Self::Reconnect,
            ConnectionState::Revoked => Self::Revoked,
        }
    }
}

/// A bare lamp, for a timeline: the sentence after it is its word.
#[component]
pub fn Lamp(
    /// Which one.
    lamp: Lamp,
) -> impl IntoView {
    view! { <span class=format!("state state--{}", lamp.suffix())></span> }
}

/// A lamp and its words: those given, or the state's own.
#[component]
pub fn State(
    /// Which lamp.
    lamp: Lamp,
    /// What stands beside the lamp instead of the state's own word.
    #[prop(optional, into)]
    words: Option<String>,
    /// `state--word` (the word takes the colour too), `small`, or both.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let class = format!("state state--{} {class}", lamp.suffix());
    let words = words.unwrap_or_else(|| lamp.word().to_owned());
    view! { <span class=class.trim_end().to_owned()>{words}</span> }
}
