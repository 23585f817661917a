//! The page of the application that opened the flow in a window of its own.
//!
//! It names its origin in the link, from where a form takes it along to the flow. Anybody can write
//! anything there, so it counts only where it is one of the application's own: all others are as if
//! nothing was said, and hear nothing (R13).

use super::view::Open;
use app::wire::Opener;
use url::form_urlencoded;

/// The parameter of the link, and the field of a form.
pub(super) const NAME: &str = "opener";

/// What a link says about its opener.
pub(super) fn in_query(query: Option<&str>) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(name, _)| name == NAME)
        .map(|(_, origin)| origin.into_owned())
}

impl Open {
    /// Lets the pages that follow know who opened the window, if it is one of the application's own.
    pub(super) fn note_opener(&mut self, claimed: Option<&str>) {
        self.host.opener = claimed
            .filter(|origin| self.application.owns(origin))
            .map(|origin| Opener {
                origin: origin.to_owned(),
                session: self.session.id.to_string(),
            });
    }

    /// What a new flow keeps of it.
    pub(super) fn opener_origin(&self) -> Option<String> {
        let opener = self.host.opener.as_ref();
        opener.map(|opener| opener.origin.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_its_opener_in_a_parameter() {
        for (query, opener) in [
            (
                Some("opener=https%3A%2F%2Fapp.acme.example"),
                Some("https://app.acme.example"),
            ),
            (
                Some("a=b&opener=https://app.acme.example&opener=x"),
                Some("https://app.acme.example"),
            ),
            (Some("opener="), Some("")),
            (Some("opener=%ff"), Some("\u{fffd}")),
            (Some("openers=https://app.acme.example"), None),
            (Some(""), None),
            (None, None),
        ] {
            assert_eq!(in_query(query).as_deref(), opener, "{query:?}");
        }
    }
}
