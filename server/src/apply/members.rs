//! Members: made, given another name, role or password.

use super::change::{Change, Deed};
use super::document::{WantedMember, local_part};
use super::{ApplyError, Mistake, Work};
use crate::auth::Hashed;
use crate::domain::{Actor, Governed, Governor, Member, Organization, TeamChange};
use crate::store::NewMember;
use crate::vault::Secret;

impl Work<'_> {
    pub(super) async fn member(
        &mut self,
        organization: &Organization,
        wanted: WantedMember,
    ) -> Result<(), ApplyError> {
        let Some(existing) = self.store.credentials_of(&wanted.email).await? else {
            return self.new_member(organization, wanted).await;
        };
        if existing.member.organization != organization.id {
            let what = "This `email` belongs to a member of another organization.".to_owned();
            return Err(ApplyError::Refused(Mistake {
                line: wanted.line,
                what,
            }));
        }
        let changed = Member {
            name: wanted.name.unwrap_or_else(|| existing.member.name.clone()),
            role: wanted.role,
            ..existing.member.clone()
        };
        if (&changed.name, changed.role) != (&existing.member.name, existing.member.role) {
            self.changed_member(organization, &existing.member, &changed, wanted.line)
                .await?;
        }
        match wanted.password {
            Some(password) => self.password(&changed, password, existing.password).await,
            None => Ok(()),
        }
    }

    async fn changed_member(
        &mut self,
        organization: &Organization,
        existing: &Member,
        changed: &Member,
        line: usize,
    ) -> Result<(), ApplyError> {
        let change = Change::new(Deed::Change, format_args!("member {}", changed.email))
            .field("name", &existing.name, &changed.name)
            .field("role", existing.role.as_str(), changed.role.as_str());
        if self.plans(&change)? {
            return Ok(());
        }
        // first, because it can be refused
        self.role(organization, changed, line).await?;
        if changed.name != existing.name {
            self.store.rename_member(changed, Actor::apply()).await?;
        }
        self.done(&change)
    }

    async fn role(
        &mut self,
        organization: &Organization,
        member: &Member,
        line: usize,
    ) -> Result<(), ApplyError> {
        let by = Governor::Operator(Actor::apply());
        let change = TeamChange::Role(member.role);
        let governed = self
            .store
            .govern(&by, &organization.id, &member.id, change)
            .await?;
        match governed {
            Governed::LastOwner => {
                let what =
                    "This is the only owner who can sign in. Make another member an owner first.";
                Err(ApplyError::Refused(Mistake {
                    line,
                    what: what.to_owned(),
                }))
            }
            Governed::Done
            | Governed::Already
            | Governed::NotFound
            | Governed::Forbidden
            | Governed::Oneself => Ok(()),
        }
    }

    async fn new_member(
        &mut self,
        organization: &Organization,
        wanted: WantedMember,
    ) -> Result<(), ApplyError> {
        let Some(password) = wanted.password else {
            let what = "Add `password`: there is no member with this `email` yet.".to_owned();
            return Err(ApplyError::Refused(Mistake {
                line: wanted.line,
                what,
            }));
        };
        let name = wanted
            .name
            .unwrap_or_else(|| local_part(&wanted.email).to_owned());
        let change = Change::new(
            Deed::Create,
            format_args!("member {} as {}", wanted.email, wanted.role.as_str()),
        );
        if self.plans(&change)? {
            return Ok(());
        }
        let password = self
            .passwords
            .hash(password)
            .await
            .map_err(|_| ApplyError::Password)?;
        let new = NewMember {
            email: wanted.email,
            name,
            role: wanted.role,
            password,
        };
        self.store
            .create_member(&organization.id, new, Actor::apply())
            .await?;
        self.done(&change)
    }

    /// Sets the password unless it is the member's already.
    async fn password(
        &mut self,
        member: &Member,
        wanted: Secret<String>,
        stored: Secret<String>,
    ) -> Result<(), ApplyError> {
        // verifying takes the password away
        let compared = Secret::from(wanted.expose().as_str());
        let verified = self
            .passwords
            .verify(compared, Some(stored))
            .await
            .map_err(|_| ApplyError::Password)?;
        if let Hashed::Right { .. } = verified {
            return Ok(());
        }
        let change = Change::new(Deed::Set, format_args!("the password of {}", member.email));
        if self.plans(&change)? {
            return Ok(());
        }
        let hash = self
            .passwords
            .hash(wanted)
            .await
            .map_err(|_| ApplyError::Password)?;
        self.store
            .set_password(member, &hash, Actor::apply())
            .await?;
        self.done(&change)
    }
}
