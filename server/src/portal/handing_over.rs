//! Handing a team's connection over, by staff.

use super::fields::Findings;
use super::{OrFail, PortalRequest, Task, actor};
use crate::domain::{EndUser, Owner};
use app::portal::{Answer, HandingOver};
use app::wire::{Field, NextInCare, PortalError, Problem};
use async_trait::async_trait;

/// As the API takes them.
const LONGEST_ID: u32 = 200;
const LONGEST_NAME: u32 = 200;
/// RFC 5321 section 4.5.3.1.3.
const LONGEST_EMAIL: u32 = 254;

#[async_trait]
impl HandingOver for PortalRequest {
    async fn hand_over(&self, application: &str, id: &str, to: NextInCare) -> Answer<()> {
        let subject = self.found(Task::MendConnections, application, id).await?;
        let Owner::Team(_) = &subject.connection.owner else {
            return Err(PortalError::NotFound);
        };
        let mut findings = Findings::default();
        let id = findings.check(Field::PersonId, line(&to.id, LONGEST_ID));
        if id.as_deref() == Some("") {
            findings.add(Field::PersonId, Problem::Missing);
        }
        let name = findings.check(Field::PersonName, line(&to.name, LONGEST_NAME));
        let email = findings.check(Field::PersonEmail, line(&to.email, LONGEST_EMAIL));
        let ((id, name), email) = findings.or(id.zip(name).zip(email))?;
        let to = EndUser {
            id,
            name: Some(name).filter(|name| !name.is_empty()),
            email: Some(email).filter(|email| !email.is_empty()),
        };
        let by = actor(&subject.member);
        let handed_over = self.state.store.hand_over(&subject.connection, &to, by);
        if handed_over.await.or_fail()? {
            Ok(())
        } else {
            Err(PortalError::Changed)
        }
    }
}

/// One line, which may be empty.
fn line(text: &str, longest: u32) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > usize::try_from(longest).unwrap_or(usize::MAX) {
        return Err(Problem::TooLong(longest));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::BadCharacters);
    }
    Ok(text.to_owned())
}
