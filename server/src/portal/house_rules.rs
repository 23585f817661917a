//! What the organization asks of its members, and hides from them.

use super::{OrFail, PortalRequest, Task, actor};
use crate::domain::Member;
use app::portal::Answer;
use app::wire::{AttemptView, ConnectionSummary, HouseRules, OwnerView, PortalError};

impl PortalRequest {
    pub(super) async fn change_rules(&self, rules: HouseRules) -> Answer<()> {
        let member = self.allowed(Task::SetRules).await?;
        let store = &self.state.store;
        if rules.second_factor_required && !store.has_second_factor(&member).await.or_fail()? {
            return Err(PortalError::NoFactorOfOnesOwn);
        }
        let organization = &member.organization;
        let set = store.set_house_rules(organization, rules, actor(&member));
        set.await.or_fail()
    }

    /// Refuses who has no second factor where the organization asks for one (R42).
    pub(super) async fn owes_no_second_factor(&self, member: &Member) -> Answer<()> {
        let store = &self.state.store;
        if store.owes_second_factor(member).await.or_fail()? {
            return Err(PortalError::SecondFactorNeeded);
        }
        Ok(())
    }

    /// How this member's lists show people (R47).
    pub(super) async fn people_in_lists(&self, member: &Member) -> Answer<People> {
        let rules = self.state.store.house_rules(&member.organization).await;
        Ok(People {
            masked: rules.or_fail()?.personal_data_masked,
        })
    }
}

/// How lists show people.
#[derive(Clone, Copy, Debug)]
pub(super) struct People {
    masked: bool,
}

impl People {
    pub(super) fn in_row(self, mut row: ConnectionSummary) -> ConnectionSummary {
        if self.masked {
            row.account = row.account.as_deref().map(masked);
            match &mut row.owner {
                OwnerView::Personal { id, name, email } => {
                    *id = masked_address(id);
                    mask(name);
                    mask(email);
                }
                OwnerView::Team {
                    connected_by,
                    in_care_of,
                    ..
                } => {
                    mask(connected_by);
                    mask(in_care_of);
                }
            }
        }
        row
    }

    pub(super) fn in_attempt(self, mut attempt: AttemptView) -> AttemptView {
        if self.masked {
            attempt.end_user = masked(&attempt.end_user);
            mask(&mut attempt.email);
        }
        attempt
    }
}

fn mask(text: &mut Option<String>) {
    *text = text.as_deref().map(masked);
}

/// The beginning of each word; of an e-mail address also its domain, by which a customer is known.
fn masked(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(masked_word).collect();
    words.join(" ")
}

/// An id stays as it is, unless it is an e-mail address.
fn masked_address(id: &str) -> String {
    if id.contains('@') {
        masked(id)
    } else {
        id.to_owned()
    }
}

fn masked_word(word: &str) -> String {
    let first: String = word.chars().take(1).collect();
    match word.rsplit_once('@') {
        Some((_, domain)) => format!("{first}•••@{domain}"),
        None => format!("{first}•••"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_name() {
        for (text, left) in [
            ("Mia Nowak", "M••• N•••"),
            ("mia.nowak@acme.example", "m•••@acme.example"),
            ("Åsa  (mia@acme.example)", "Å••• (•••@acme.example)"),
            ("", ""),
        ] {
            assert_eq!(masked(text), left, "{text}");
        }
        assert_eq!(masked_address("user-17"), "user-17");
        assert_eq!(masked_address("mia@acme.example"), "m•••@acme.example");
    }
}
