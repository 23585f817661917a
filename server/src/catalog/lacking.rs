//! What a grant lacks of what is asked for.

use super::definition::Definition;
use crate::domain::Scopes;

/// Names of `OpenID` Connect that ask for something else than access, and that many providers leave
/// out of the scopes they tell.
const NOT_ECHOED: [&str; 2] = ["openid", "offline_access"];

impl Definition {
    /// Names in `asked` that are not in `granted` and follow from nothing in it. What is always
    /// granted is never lacking, nor is what is only there to get a refresh token.
    #[must_use]
    pub fn lacking(&self, asked: &Scopes, granted: &Scopes) -> Scopes {
        let held = self.with_implied(granted);
        let told = |name: &&str| {
            !NOT_ECHOED.contains(name)
                && !self.is_needed_for_refresh(name)
                && !self
                    .scopes
                    .always_granted
                    .iter()
                    .any(|scope| scope.name == **name)
        };
        let missing = asked
            .iter()
            .filter(told)
            .filter(|name| !held.contains(name));
        // names of a list of scopes are scope names
        Scopes::new(missing).unwrap_or_default()
    }

    /// These, and all that they hold.
    #[must_use]
    pub fn with_implied(&self, granted: &Scopes) -> Scopes {
        let mut held = granted.clone();
        loop {
            let implied = self
                .all_scopes()
                .filter(|scope| held.contains(&scope.name))
                .flat_map(|scope| scope.implies.iter().map(String::as_str));
            let more = held
                .clone()
                .union(&Scopes::new(implied).unwrap_or_default());
            if more.len() == held.len() {
                return held;
            }
            held = more;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::{Catalog, Scope};
    use crate::domain::Scopes;

    fn scopes(names: &[&str]) -> Scopes {
        Scopes::new(names.iter().copied()).expect("scope names")
    }

    fn lacking(asked: &[&str], granted: &[&str]) -> String {
        let catalog = Catalog::load(None).expect("the built-in catalog");
        let mut definition = (*catalog.get("apollo").expect("apollo")).clone();
        definition.scopes.needed_for_refresh = vec!["refresh".to_owned()];
        for (name, implies) in [("write", "read"), ("admin", "write")] {
            definition.scopes.groups[0].scopes.push(Scope {
                name: name.to_owned(),
                words: String::new(),
                user_words: None,
                implies: vec![implies.to_owned()],
                suggested: false,
            });
        }
        definition
            .lacking(&scopes(asked), &scopes(granted))
            .join(" ")
    }

    #[test]
    fn what_was_granted_with_something_wider_is_not_lacking() {
        assert_eq!(lacking(&["read", "deals"], &["read"]), "deals");
        assert_eq!(lacking(&["read", "write"], &["admin"]), "");
        assert_eq!(lacking(&["admin"], &["write"]), "admin");
    }

    #[test]
    fn what_is_never_told_is_never_lacking() {
        let asked = ["openid", "offline_access", "refresh", "app_scopes", "x"];
        assert_eq!(lacking(&asked, &["x"]), "");
    }
}
