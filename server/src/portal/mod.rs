//! The portal's side of the port: what pages may ask, answered for whoever is signed in.
//!
//! One [`PortalRequest`] answers one request. Each method begins with what it takes to be allowed
//! (`roles` says it of each role), then reads or writes through the store, and answers in wire
//! types. The mapping from domain to wire stands here and nowhere else, so this is the place to
//! check that no secret takes part in it.

mod account;
mod answer;
mod applications;
mod attempts;
mod audit_export;
mod auditing;
mod bulk;
mod client_secrets;
mod connections;
mod custom;
mod ending;
mod fields;
mod finding;
mod handing_over;
mod house_rules;
mod invitations;
mod key_fields;
mod keys;
mod logo;
mod marks;
mod members;
mod mending;
mod overview;
mod pasted;
mod playground;
mod proof;
mod providers;
mod receipts;
mod revoking;
mod roles;
mod scope_changes;
mod second_factor;
mod team;
mod webhooks;

pub use answer::PageAnswer;
pub use roles::{Task, may, needs_confirmation};

use crate::auth::{self, PortalSession, Visitor, store_failure};
use crate::domain::{Actor, Application, Member, Provider, Quarantine};
use crate::state::AppState;
use crate::store::StoreError;
use crate::upstreams::UpstreamError;
use app::portal::{Answer, Portal};
use app::wire::{
    AccountView, ApplicationLink, ApplicationSettings, ApplicationSummary, CustomFields,
    CustomFormView, Draft, FoundIssuer, Frame, GalleryView, Gate, NewApplication,
    NewCustomProvider, NewProvider, OverviewView, PlaygroundDeed, PlaygroundView, PortalError,
    ProviderChange, ProviderFormView, ProviderSaved, ProviderView, ProvidersView, QuarantineView,
    ReceiptView, ReduceView, RevokeReason, RevokeView, ScopePreview, SecretInput, SetUp,
    SettingsView, SignInStep,
};
use async_trait::async_trait;
use axum::Router;
use axum::http::request::Parts;
use std::collections::BTreeMap;
use tower_sessions::Session;

/// The routes of the portal that no page and no form of Leptos answers: files that are sent to it, and
/// files that it sends.
pub fn files() -> Router<AppState> {
    logo::uploads()
        .merge(audit_export::downloads())
        .merge(receipts::downloads())
}

/// The portal, for one request.
pub struct PortalRequest {
    state: AppState,
    session: PortalSession,
    visitor: Visitor,
    answer: PageAnswer,
}

impl PortalRequest {
    /// For the request with these parts. `None` outside the session layer.
    #[must_use]
    pub fn new(state: AppState, parts: &Parts, answer: PageAnswer) -> Option<Self> {
        let session = parts.extensions.get::<Session>()?.clone();
        let session = PortalSession::new(session, state.store.clone());
        Some(Self {
            state,
            session,
            visitor: Visitor::of(parts),
            answer,
        })
    }

    /// Who is signed in, if that member's role allows the task, if they have the second factor that the
    /// organization asks for (R42), and if they proved a moment ago who they are where the task asks for
    /// that (R43).
    async fn allowed(&self, task: Task) -> Answer<Member> {
        let member = self.session.member().await?;
        if !may(member.role, task) {
            return Err(PortalError::Forbidden);
        }
        if !matches!(task, Task::Enter | Task::AddSecondFactor) {
            self.owes_no_second_factor(&member).await?;
        }
        if needs_confirmation(task) && !self.session.is_proved().await? {
            return Err(PortalError::ConfirmationNeeded);
        }
        Ok(member)
    }

    /// The same, and the application with this slug in the member's organization.
    async fn within(&self, task: Task, application: &str) -> Answer<(Member, Application)> {
        let member = self.allowed(task).await?;
        let found = self
            .state
            .store
            .application(&member.organization, application)
            .await
            .or_fail()?;
        Ok((member, found.ok_or(PortalError::NotFound)?))
    }

    /// The same, and the application's provider with this slug.
    async fn within_provider(
        &self,
        task: Task,
        application: &str,
        provider: &str,
    ) -> Answer<(Member, Application, Provider)> {
        let (member, application) = self.within(task, application).await?;
        let found = self
            .state
            .store
            .provider(&application.id, provider)
            .await
            .or_fail()?;
        Ok((member, application, found.ok_or(PortalError::NotFound)?))
    }
}

impl PortalRequest {
    /// Host, and port where there is one, at which browsers reach this installation.
    fn host(&self) -> String {
        let public_url = &self.state.config.public_url;
        let host = public_url.host_str().unwrap_or_default();
        public_url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// The member as the audit names them.
fn actor(member: &Member) -> Actor {
    Actor::member(member)
}

fn quarantine_view(quarantine: Quarantine) -> QuarantineView {
    QuarantineView {
        since: quarantine.since.millis(),
        reason: quarantine.reason,
    }
}

/// Turns what the rooms below report into what a page can show; the detail goes to the log.
trait OrFail<T> {
    fn or_fail(self) -> Answer<T>;
}

impl<T> OrFail<T> for Result<T, StoreError> {
    fn or_fail(self) -> Answer<T> {
        self.map_err(|error| store_failure(&error))
    }
}

impl<T> OrFail<T> for Result<T, UpstreamError> {
    fn or_fail(self) -> Answer<T> {
        self.map_err(|error| upstream_failure(&error))
    }
}

fn upstream_failure(error: &UpstreamError) -> PortalError {
    match error {
        UpstreamError::Store(error) => store_failure(error),
        UpstreamError::NoDefinition | UpstreamError::NoAddress => PortalError::NotFound,
    }
}

#[async_trait]
impl Portal for PortalRequest {
    async fn gate(&self) -> Answer<Gate> {
        match self.session.member().await {
            Ok(_) => return Ok(Gate::SignedIn),
            Err(PortalError::SignedOut) => {}
            Err(error) => return Err(error),
        }
        match self.session.half_signed_in().await {
            Ok(_) => return Ok(Gate::HalfSignedIn),
            Err(PortalError::SignedOut) => {}
            Err(error) => return Err(error),
        }
        if !self.state.store.has_members().await.or_fail()? {
            return Ok(Gate::SetupNeeded);
        }
        let organizations = self.state.store.organizations().await.or_fail()?;
        let organization = organizations
            .into_iter()
            .next()
            .map(|one| one.name)
            .unwrap_or_default();
        let host = self.host();
        Ok(Gate::SignedOut { organization, host })
    }

    async fn set_up(&self, form: SetUp) -> Answer<()> {
        auth::set_up(&self.state, &self.session, &self.visitor, form)
            .await
            .map(drop)
    }

    async fn sign_in(&self, email: String, password: SecretInput) -> Answer<SignInStep> {
        auth::sign_in(&self.state, &self.session, &self.visitor, &email, password).await
    }

    async fn sign_out(&self) -> Answer<()> {
        auth::sign_out(&self.state, &self.session, &self.visitor).await
    }

    async fn frame(&self, application: Option<&str>) -> Answer<Frame> {
        let member = self.allowed(Task::Enter).await?;
        let organization = self
            .state
            .store
            .organization(&member.organization)
            .await
            .or_fail()?;
        let applications = self
            .state
            .store
            .applications(&member.organization)
            .await
            .or_fail()?;
        let here = applications
            .iter()
            .find(|one| Some(one.slug.as_str()) == application);
        let stops = match here {
            Some(here) => self.stops(here).await?,
            None => Vec::new(),
        };
        let links: Vec<ApplicationLink> = applications
            .into_iter()
            .map(|one| ApplicationLink {
                slug: one.slug.to_string(),
                name: one.name,
            })
            .collect();
        Ok(Frame {
            organization: organization.map(|one| one.name).unwrap_or_default(),
            member_name: member.name,
            member_id: member.id.to_string(),
            role: member.role,
            current: links
                .iter()
                .find(|link| Some(link.slug.as_str()) == application)
                .cloned(),
            applications: links,
            quarantine: self.state.store.quarantine().map(quarantine_view),
            stops,
            now: self.state.store.now().millis(),
        })
    }

    async fn take_draft(&self, form: &str) -> Answer<Option<Draft>> {
        self.session.take_draft(form).await
    }

    async fn keep_draft(&self, form: &str, draft: Draft) -> Answer<()> {
        self.session.keep_draft(form, draft).await
    }

    async fn applications(&self) -> Answer<Vec<ApplicationSummary>> {
        self.application_list().await
    }

    async fn create_application(&self, form: NewApplication) -> Answer<String> {
        self.new_application(form).await
    }

    async fn overview(&self, application: &str) -> Answer<OverviewView> {
        self.application_overview(application).await
    }

    async fn settings(&self, application: &str) -> Answer<SettingsView> {
        self.application_settings(application).await
    }

    async fn save_settings(&self, application: &str, form: ApplicationSettings) -> Answer<()> {
        self.change_application(application, form).await
    }

    async fn remove_logo(&self, application: &str) -> Answer<()> {
        self.drop_logo(application).await
    }

    async fn providers(&self, application: &str) -> Answer<ProvidersView> {
        self.provider_list(application).await
    }

    async fn gallery(&self, application: &str, q: &str, category: &str) -> Answer<GalleryView> {
        self.definition_gallery(application, q, category).await
    }

    async fn provider_form(&self, application: &str, definition: &str) -> Answer<ProviderFormView> {
        self.new_provider_form(application, definition).await
    }

    async fn create_provider(&self, application: &str, form: NewProvider) -> Answer<String> {
        self.new_provider(application, form).await
    }

    async fn add_practice_provider(&self, application: &str) -> Answer<String> {
        self.new_practice_provider(application).await
    }

    async fn custom_form(&self, application: &str) -> Answer<CustomFormView> {
        self.new_custom_form(application).await
    }

    async fn discover(&self, application: &str, issuer: &str) -> Answer<FoundIssuer> {
        self.discover_issuer(application, issuer).await
    }

    async fn create_custom_provider(
        &self,
        application: &str,
        form: NewCustomProvider,
    ) -> Answer<String> {
        self.new_custom_provider(application, form).await
    }

    async fn save_custom(
        &self,
        application: &str,
        provider: &str,
        fields: CustomFields,
        secret: SecretInput,
    ) -> Answer<()> {
        self.change_custom(application, provider, fields, secret)
            .await
    }

    async fn provider(&self, application: &str, provider: &str) -> Answer<ProviderView> {
        self.one_provider(application, provider).await
    }

    async fn save_provider(
        &self,
        application: &str,
        provider: &str,
        form: ProviderChange,
    ) -> Answer<ProviderSaved> {
        self.change_provider(application, provider, form).await
    }

    async fn scope_preview(&self, application: &str, provider: &str) -> Answer<ScopePreview> {
        self.preview_of_scopes(application, provider).await
    }

    async fn add_client_secret(
        &self,
        application: &str,
        provider: &str,
        secret: SecretInput,
    ) -> Answer<()> {
        self.new_client_secret(application, provider, secret).await
    }

    async fn remove_client_secret(
        &self,
        application: &str,
        provider: &str,
        secret_id: &str,
    ) -> Answer<()> {
        self.drop_client_secret(application, provider, secret_id)
            .await
    }

    async fn try_provider(&self, application: &str, provider: &str) -> Answer<()> {
        self.try_again(application, provider).await
    }

    async fn playground(&self, application: &str, provider: &str) -> Answer<PlaygroundView> {
        self.playground_page(application, provider).await
    }

    async fn begin_playground(
        &self,
        application: &str,
        provider: &str,
        inputs: BTreeMap<String, String>,
    ) -> Answer<String> {
        self.leave_for_provider(application, provider, &inputs)
            .await
    }

    async fn playground_step(
        &self,
        application: &str,
        provider: &str,
        step: PlaygroundDeed,
    ) -> Answer<()> {
        self.take_step(application, provider, step).await
    }

    async fn reduce_form(&self, application: &str, id: &str) -> Answer<ReduceView> {
        self.form_to_reduce(application, id).await
    }

    async fn reduce_scopes(&self, application: &str, id: &str, keep: Vec<String>) -> Answer<()> {
        self.reduce(application, id, keep).await
    }

    async fn revoke_form(&self, application: &str, id: &str) -> Answer<RevokeView> {
        self.revocation_form(application, id).await
    }

    async fn revoke(
        &self,
        application: &str,
        id: &str,
        reason: RevokeReason,
        note: String,
    ) -> Answer<()> {
        self.revoke_connection(application, id, reason, &note).await
    }

    async fn receipt(&self, application: &str, id: &str) -> Answer<ReceiptView> {
        self.revocation_receipt(application, id).await
    }

    async fn account(&self) -> Answer<AccountView> {
        self.own_account().await
    }

    async fn change_password(&self, current: SecretInput, new: SecretInput) -> Answer<()> {
        auth::change_password(&self.state, &self.session, &self.visitor, current, new).await
    }

    async fn end_sessions(&self, handle: Option<String>) -> Answer<()> {
        self.end_own_sessions(handle.as_deref()).await
    }
}
