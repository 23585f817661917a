//! The port: all that pages can ask the server for.
//!
//! `server::portal` implements it for one request: whoever is signed in by the request's cookie
//! asks, and every method checks first what that member may do. Nothing here can name a database
//! row or a secret. What a whole room of pages asks for stands in a trait of its own.

mod auditing;
mod ending;
mod finding;
mod handing_over;
mod keying;
mod team;
mod telling;

pub use auditing::Auditing;
pub use ending::Ending;
pub use finding::Finding;
pub use handing_over::HandingOver;
pub use keying::Keying;
pub use team::Team;
pub use telling::Telling;

use crate::wire::{
    AccountView, ApplicationSettings, ApplicationSummary, CustomFields, CustomFormView, Draft,
    FoundIssuer, Frame, GalleryView, Gate, NewApplication, NewCustomProvider, NewProvider,
    OverviewView, PlaygroundDeed, PlaygroundView, PortalError, ProviderChange, ProviderFormView,
    ProviderSaved, ProviderView, ProvidersView, ReceiptView, ReduceView, RevokeReason, RevokeView,
    ScopePreview, SecretInput, SetUp, SettingsView, SignInStep,
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a method of the port answers.
pub type Answer<T> = Result<T, PortalError>;

/// A [`Portal`] for the request that is being answered, as pages find it in context.
pub type PortalHandle = Arc<dyn Portal>;

/// All that pages can ask for. One value answers one request.
#[async_trait]
pub trait Portal:
    Team + Ending + Auditing + Finding + HandingOver + Keying + Telling + Send + Sync
{
    /// Where a visitor of `/setup` and `/signin` stands.
    async fn gate(&self) -> Answer<Gate>;
    /// Makes the organization and its owner, and signs the owner in.
    async fn set_up(&self, form: SetUp) -> Answer<()>;
    /// Signs a member in, under a new session id; or says that the second factor is still to come.
    async fn sign_in(&self, email: String, password: SecretInput) -> Answer<SignInStep>;
    /// Ends the session on the server and takes the cookie back.
    async fn sign_out(&self) -> Answer<()>;

    /// What the frame of a page shows; `application` is the slug in the address.
    async fn frame(&self, application: Option<&str>) -> Answer<Frame>;
    /// What a refused form held, once. `form` names the form, e.g. `signin`, `new-application`.
    async fn take_draft(&self, form: &str) -> Answer<Option<Draft>>;
    /// Keeps what a refused form held until its page is shown again. No secrets.
    async fn keep_draft(&self, form: &str, draft: Draft) -> Answer<()>;

    /// `/`.
    async fn applications(&self) -> Answer<Vec<ApplicationSummary>>;
    /// Makes an application; answers its slug.
    async fn create_application(&self, form: NewApplication) -> Answer<String>;
    /// `/apps/{slug}`.
    async fn overview(&self, application: &str) -> Answer<OverviewView>;
    /// `/apps/{slug}/settings`.
    async fn settings(&self, application: &str) -> Answer<SettingsView>;
    /// Saves the settings of an application.
    async fn save_settings(&self, application: &str, form: ApplicationSettings) -> Answer<()>;
    /// Takes an application's logo away. It is set by an upload, which is no form of ours to read.
    async fn remove_logo(&self, application: &str) -> Answer<()>;

    /// `/apps/{slug}/providers`.
    async fn providers(&self, application: &str) -> Answer<ProvidersView>;
    /// `/apps/{slug}/providers/new`.
    async fn gallery(&self, application: &str, q: &str, category: &str) -> Answer<GalleryView>;
    /// `/apps/{slug}/providers/new/{definition}`.
    async fn provider_form(&self, application: &str, definition: &str) -> Answer<ProviderFormView>;
    /// Saves a new provider; answers its slug.
    async fn create_provider(&self, application: &str, form: NewProvider) -> Answer<String>;
    /// Adds the practice provider with credentials of its own; answers its slug.
    async fn add_practice_provider(&self, application: &str) -> Answer<String>;
    /// `/apps/{slug}/providers/new/custom`.
    async fn custom_form(&self, application: &str) -> Answer<CustomFormView>;
    /// Asks an issuer about itself. Saves nothing.
    async fn discover(&self, application: &str, issuer: &str) -> Answer<FoundIssuer>;
    /// Saves a new provider that is in no catalog; answers its slug.
    async fn create_custom_provider(
        &self,
        application: &str,
        form: NewCustomProvider,
    ) -> Answer<String>;
    /// Saves addresses and habits of a custom provider. The secret is for a new host.
    async fn save_custom(
        &self,
        application: &str,
        provider: &str,
        fields: CustomFields,
        secret: SecretInput,
    ) -> Answer<()>;
    /// `/apps/{slug}/providers/{provider}`.
    async fn provider(&self, application: &str, provider: &str) -> Answer<ProviderView>;
    /// Saves Client ID, scopes and rules.
    async fn save_provider(
        &self,
        application: &str,
        provider: &str,
        form: ProviderChange,
    ) -> Answer<ProviderSaved>;
    /// `/apps/{slug}/providers/{provider}/scopes`: what a change that waits would mean.
    async fn scope_preview(&self, application: &str, provider: &str) -> Answer<ScopePreview>;
    /// Adds a client secret: the next refresh tries it. The older ones are kept.
    async fn add_client_secret(
        &self,
        application: &str,
        provider: &str,
        secret: SecretInput,
    ) -> Answer<()>;
    /// Removes a client secret that nothing needs.
    async fn remove_client_secret(
        &self,
        application: &str,
        provider: &str,
        secret_id: &str,
    ) -> Answer<()>;

    /// Tries credentials and redirect URI of a provider once more.
    async fn try_provider(&self, application: &str, provider: &str) -> Answer<()>;
    /// `/apps/{slug}/providers/{provider}/playground`.
    async fn playground(&self, application: &str, provider: &str) -> Answer<PlaygroundView>;
    /// Begins a run of this member; answers where the browser goes.
    async fn begin_playground(
        &self,
        application: &str,
        provider: &str,
        inputs: BTreeMap<String, String>,
    ) -> Answer<String>;
    /// Goes on with the run of this member.
    async fn playground_step(
        &self,
        application: &str,
        provider: &str,
        step: PlaygroundDeed,
    ) -> Answer<()>;

    /// `/apps/{slug}/connections/{id}/scopes`.
    async fn reduce_form(&self, application: &str, id: &str) -> Answer<ReduceView>;
    /// Reduces a connection's scopes to these.
    async fn reduce_scopes(&self, application: &str, id: &str, keep: Vec<String>) -> Answer<()>;
    /// `/apps/{slug}/connections/{id}/revoke`.
    async fn revoke_form(&self, application: &str, id: &str) -> Answer<RevokeView>;
    /// Revokes; a second time changes nothing.
    async fn revoke(
        &self,
        application: &str,
        id: &str,
        reason: RevokeReason,
        note: String,
    ) -> Answer<()>;
    /// `/apps/{slug}/connections/{id}/receipt`.
    async fn receipt(&self, application: &str, id: &str) -> Answer<ReceiptView>;

    /// `/account`.
    async fn account(&self) -> Answer<AccountView>;
    /// Changes the password and ends all other sessions of this member.
    async fn change_password(&self, current: SecretInput, new: SecretInput) -> Answer<()>;
    /// Ends one session of this member, or all others with `None`.
    async fn end_sessions(&self, handle: Option<String>) -> Answer<()>;
}
