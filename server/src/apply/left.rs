//! What an instance has and the file does not mention. It stays; a plan says so, so that nobody takes a
//! plan without changes for an instance without anything else.

use super::document::Document;
use super::{ApplyError, Mode, Work};
use crate::domain::{Application, Organization};
use crate::store::fold_email;
use std::collections::{BTreeMap, BTreeSet};

/// What a file mentions, by name.
pub(super) struct Mentioned {
    members: BTreeSet<String>,
    applications: BTreeMap<String, MentionedIn>,
}

struct MentionedIn {
    keys: BTreeSet<String>,
    /// A key that is given is known by its text, whatever its name was.
    all_named: bool,
    providers: BTreeSet<String>,
    webhooks: BTreeSet<String>,
}

impl Mentioned {
    pub(super) fn in_document(document: &Document) -> Self {
        let members = document.members.iter();
        let applications = document.applications.iter().map(|application| {
            let keys = application.api_keys.iter();
            let providers = application.providers.iter();
            let webhooks = application.webhooks.iter();
            let mentioned = MentionedIn {
                keys: keys.clone().map(|key| key.name.clone()).collect(),
                all_named: keys.clone().all(|key| key.key.is_none()),
                webhooks: webhooks.map(|webhook| webhook.url.clone()).collect(),
                providers: providers
                    .map(|provider| provider.slug.to_string())
                    .collect(),
            };
            (application.slug.to_string(), mentioned)
        });
        Self {
            members: members.map(|member| fold_email(&member.email)).collect(),
            applications: applications.collect(),
        }
    }
}

impl Work<'_> {
    /// Tells in a plan what stays without being mentioned.
    pub(super) async fn tell_left(
        &mut self,
        organization: &Organization,
        mentioned: &Mentioned,
    ) -> Result<(), ApplyError> {
        if self.mode == Mode::Apply {
            return Ok(());
        }
        for one in self.store.team(&organization.id).await? {
            let email = &one.member.email;
            if !mentioned.members.contains(&fold_email(email)) {
                self.left(format_args!("member {email}"))?;
            }
        }
        for application in self.store.applications(&organization.id).await? {
            match mentioned.applications.get(application.slug.as_str()) {
                Some(inside) => self.left_in(&application, inside).await?,
                None => self.left(format_args!("application {}", application.slug))?,
            }
        }
        Ok(())
    }

    async fn left_in(
        &mut self,
        application: &Application,
        mentioned: &MentionedIn,
    ) -> Result<(), ApplyError> {
        let slug = &application.slug;
        for key in self.store.api_keys(&application.id).await? {
            let live = key.revoked_at.is_none();
            if live && mentioned.all_named && !mentioned.keys.contains(&key.name) {
                self.left(format_args!("API key {} of {slug}", key.name))?;
            }
        }
        for provider in self.store.providers(&application.id).await? {
            if !mentioned.providers.contains(provider.slug.as_str()) {
                self.left(format_args!("provider {} of {slug}", provider.slug))?;
            }
        }
        for endpoint in self.store.endpoints(&application.id).await? {
            if !mentioned.webhooks.contains(&endpoint.url) {
                self.left(format_args!("webhook {} of {slug}", endpoint.url))?;
            }
        }
        Ok(())
    }

    fn left(&mut self, what: std::fmt::Arguments<'_>) -> Result<(), ApplyError> {
        self.noted(format_args!("leaves {what}, which is not in the file"))
    }
}
