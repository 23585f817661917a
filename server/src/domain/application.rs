//! Applications and their providers.

use super::{
    Accent, ApplicationId, LogoDigest, MemberId, OrganizationId, ProviderId, Scopes, Slug, Stop,
    Timestamp,
};
use crate::catalog::CustomDefinition;
pub use app::wire::Completion;
use app::wire::Role;
use std::collections::BTreeMap;

/// The tenant.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Id.
    pub id: OrganizationId,
    /// Name.
    pub name: String,
}

/// A person who signs in to the portal.
#[derive(Clone, Debug)]
pub struct Member {
    /// Id.
    pub id: MemberId,
    /// The tenant.
    pub organization: OrganizationId,
    /// E-mail, as typed.
    pub email: String,
    /// Name.
    pub name: String,
    /// What the member may do.
    pub role: Role,
}

/// A product that connects its users.
#[derive(Clone, Debug)]
pub struct Application {
    /// Id.
    pub id: ApplicationId,
    /// The tenant.
    pub organization: OrganizationId,
    /// Part of its addresses.
    pub slug: Slug,
    /// Name that end users read.
    pub name: String,
    /// Where a connect session may send the browser back to, compared as a whole.
    pub return_urls: Vec<String>,
    /// Origins of its own pages: they may open the connect flow and hear how it ended.
    pub allowed_origins: Vec<String>,
    /// How its connections are completed.
    pub completion: Completion,
    /// Its colour on the end user's pages.
    pub accent: Option<Accent>,
    /// Its picture there, if it has one.
    pub logo: Option<LogoDigest>,
    /// No token of it leaves.
    pub stop: Option<Stop>,
}

impl Application {
    /// Whether an origin is, letter by letter, one of its own (R13).
    #[must_use]
    pub fn owns(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|own| own == origin)
    }
}

/// A definition configured in an application.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Id; part of the redirect URI.
    pub id: ProviderId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The application.
    pub application: ApplicationId,
    /// Id of the definition.
    pub definition: String,
    /// Part of its addresses, and its name in the API.
    pub slug: Slug,
    /// Client ID at the provider.
    pub client_id: String,
    /// What the admin filled in once, e.g. the host of a server of one's own, and what follows.
    pub inputs: BTreeMap<String, String>,
    /// What the admin said of a provider that is in no catalog.
    pub custom: Option<CustomDefinition>,
    /// Scopes that are asked for.
    pub scopes: Scopes,
    /// An external account serves one owner only (seed 002).
    pub one_owner_per_account: bool,
    /// A team's connection stands in for a person who has none that works (seed 002).
    pub team_fallback: bool,
    /// The provider refuses our credentials since then.
    pub credentials_rejected_at: Option<Timestamp>,
    /// No token of it leaves.
    pub stop: Option<Stop>,
    /// Saved at.
    pub created_at: Timestamp,
}
