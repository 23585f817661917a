//! A port that answers from samples: the people and connections of the sketches.

use super::custom::{acme, host_input};
use super::runs::playground;
use super::sample_ending;
use super::sample_scopes::{self, secrets};
use crate::portal::{Answer, Portal};
use crate::wire::*;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// 22 Nov 2026, 14:06:20 UTC.
pub(super) const NOW: Millis = 1_795_356_380_000;
pub(super) const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
pub(super) const DAY: Millis = 24 * HOUR;

/// One mark of each kind.
pub(super) fn proof() -> Proof {
    Proof {
        tried_at: NOW - HOUR,
        host: "app.apollo.io".into(),
        credentials: CredentialsMark::Rejected,
        redirect_uri: RedirectMark::NotTold,
        reachable: ReachableMark::Answered,
    }
}

/// Answers for one member, or for nobody.
#[derive(Debug)]
pub(super) struct SamplePortal {
    role: Option<Role>,
    gate: Gate,
    pub(super) empty: bool,
    refusing: Option<PortalError>,
    draft: Mutex<Option<(String, Draft)>>,
    quarantine: Option<QuarantineView>,
    stops: Vec<StopView>,
}

impl SamplePortal {
    /// Someone with this role is signed in.
    pub(super) fn signed_in_as(role: Role) -> Self {
        Self {
            role: Some(role),
            gate: Gate::SignedIn,
            empty: false,
            refusing: None,
            draft: Mutex::new(None),
            quarantine: None,
            stops: Vec::new(),
        }
    }

    /// Tokens are stopped.
    pub(super) fn stopping(self, stops: Vec<StopView>) -> Self {
        Self { stops, ..self }
    }

    /// Nobody is signed in.
    pub(super) fn at(gate: Gate) -> Self {
        Self {
            role: None,
            gate,
            ..Self::signed_in_as(Role::Owner)
        }
    }

    /// The door of Acme.
    pub(super) fn signed_out() -> Self {
        Self::at(Gate::SignedOut {
            organization: "Acme".into(),
            host: "connect.acme.example".into(),
        })
    }

    /// Nothing was set up but an application.
    pub(super) fn at_the_beginning(mut self) -> Self {
        self.empty = true;
        self
    }

    /// The installation looks like a restored or copied one, since yesterday.
    pub(super) fn in_quarantine(mut self, reason: QuarantineReason) -> Self {
        self.quarantine = Some(QuarantineView {
            since: NOW - DAY,
            reason,
        });
        self
    }

    /// Every change is refused.
    pub(super) fn refusing(mut self, error: PortalError) -> Self {
        self.refusing = Some(error);
        self
    }

    pub(super) fn role(&self) -> Answer<Role> {
        self.role.ok_or(PortalError::SignedOut)
    }

    pub(super) fn known(&self, application: &str) -> Answer<Role> {
        let role = self.role()?;
        if application != "crm-sync" {
            Err(PortalError::NotFound)
        } else if role == Role::Auditor {
            Err(PortalError::Forbidden)
        } else {
            Ok(role)
        }
    }

    /// Whether this role may read the audit.
    pub(super) fn audited(&self) -> Answer<()> {
        match self.role()? {
            Role::Owner | Role::Admin | Role::Auditor => Ok(()),
            Role::Developer | Role::Support => Err(PortalError::Forbidden),
        }
    }

    /// Nothing was set up.
    pub(super) fn is_empty(&self) -> bool {
        self.empty
    }

    pub(super) fn changed<T>(&self, answer: T) -> Answer<T> {
        self.refusing.clone().map_or(Ok(answer), Err)
    }
}

fn mark(name: &str, initials: &str, hue: u8) -> ProviderMark {
    ProviderMark {
        name: name.into(),
        initials: initials.into(),
        hue,
    }
}

pub(super) fn apollo_mark() -> ProviderMark {
    mark("Apollo.io", "Ap", 2)
}

pub(super) fn salesforce_mark() -> ProviderMark {
    mark("Salesforce", "Sf", 7)
}

fn scope(name: &str, words: &str, chosen: bool) -> ScopeChoice {
    ScopeChoice {
        name: name.into(),
        words: words.into(),
        chosen,
    }
}

fn apollo() -> DefinitionView {
    DefinitionView {
        id: "apollo".into(),
        mark: apollo_mark(),
        short_name: "Apollo".into(),
        category: "CRM and sales".into(),
        trust: Trust::SeenLive,
        trust_since: "2026-11-03".into(),
        lead: "About five minutes. You need an Apollo **super admin**.".into(),
        steps: vec![
            GuideStep {
                title: "Open Integrations".into(),
                text: "Sign in as a super admin and go to **Settings > Integrations**.".into(),
                link: Some("https://app.apollo.io/#/settings/integrations".into()),
            },
            GuideStep {
                title: "Tick the same scopes".into(),
                text: "Apollo locks them in.".into(),
                link: None,
            },
        ],
        good_to_know: vec!["Tokens last 30 days.".into()],
        client_id_hint: "Public. 43 characters at Apollo.".into(),
        scopes_set_at_provider: None,
        always_granted: vec![scope("read_user_profile", "See who they are", true)],
        scope_groups: vec![
            ScopeGroup {
                title: "Contacts".into(),
                scopes: vec![
                    scope("contacts_search", "Search the team’s contacts", true),
                    scope("contact_write", "Create contacts", false),
                ],
            },
            ScopeGroup {
                title: "People and companies".into(),
                scopes: vec![scope("person_read", "Read one person profile", false)],
            },
        ],
        facts: vec![("PKCE".into(), "Not supported".into())],
        is_practice: false,
        brings_own_credentials: false,
    }
}

fn dana() -> OwnerView {
    OwnerView::Personal {
        id: "user_2291".into(),
        name: Some("Dana Whitfield".into()),
        email: Some("dana@northwind.example".into()),
    }
}

fn northwind() -> OwnerView {
    OwnerView::Team {
        id: "northwind".into(),
        connected_by: Some("Lucía Ferrer".into()),
        in_care_of: None,
    }
}

/// A connection in the state that its id names.
pub(super) fn summary(id: &str) -> ConnectionSummary {
    let active = ConnectionSummary {
        id: id.into(),
        account: Some("dana@northwind.example".into()),
        provider: salesforce_mark(),
        state: ConnectionState::Active,
        reason: None,
        revoke_reason: None,
        revoked_by: None,
        owner: dana(),
        expires_at: Some(NOW + 85 * MINUTE),
        next_try_at: None,
        last_handed_out_at: Some(NOW - 22 * MINUTE),
        connected_at: NOW - 265 * DAY,
        marks: vec![],
        credentials_rejected: id == "con_refused",
    };
    match id {
        "con_broken" => ConnectionSummary {
            state: ConnectionState::ReconnectRequired,
            reason: Some(BrokenReason::GrantRevokedOrExpired),
            ..active
        },
        "con_stale" => ConnectionSummary {
            state: ConnectionState::ReconnectRequired,
            reason: Some(BrokenReason::StaleAfterRestore),
            ..active
        },
        "con_expired" => ConnectionSummary {
            expires_at: Some(NOW - MINUTE),
            ..active
        },
        "con_degraded" => ConnectionSummary {
            state: ConnectionState::Degraded,
            next_try_at: Some(NOW + 4 * MINUTE),
            ..active
        },
        "con_lacking" => ConnectionSummary {
            marks: ConnectionMark::ALL.to_vec(),
            ..active
        },
        "con_revoked" => ConnectionSummary {
            state: ConnectionState::Revoked,
            revoke_reason: Some(RevokeReason::Leaving),
            revoked_by: Some("Tomás Oliveira".into()),
            owner: northwind(),
            ..active
        },
        _ => active,
    }
}

pub(super) fn history() -> Vec<HistoryEntry> {
    let at = |days, what| HistoryEntry {
        at: NOW - days * DAY,
        since: NOW - days * DAY,
        times: 1,
        what,
        answer: None,
    };
    vec![
        at(
            2,
            HistoryKind::Broken {
                reason: BrokenReason::GrantRevokedOrExpired,
                status: Some(400),
                code: Some("invalid_grant".into()),
            },
        ),
        at(
            3,
            HistoryKind::HandedOut {
                key: "backend".into(),
                times: 412,
            },
        ),
        at(18, HistoryKind::Recovered),
        at(
            18,
            HistoryKind::RefreshFailed {
                class: "unavailable".into(),
                status: Some(503),
                code: None,
            },
        ),
        at(
            265,
            HistoryKind::Connected {
                by: "Dana Whitfield".into(),
            },
        ),
    ]
}

pub(super) fn counts(empty: bool) -> StateCounts {
    if empty {
        return StateCounts::default();
    }
    StateCounts {
        active: 1_196,
        degraded: 31,
        reconnect_required: 42,
        revoked: 15,
    }
}

#[async_trait]
impl Portal for SamplePortal {
    async fn gate(&self) -> Answer<Gate> {
        Ok(self.gate.clone())
    }

    async fn set_up(&self, _form: SetUp) -> Answer<()> {
        self.changed(())
    }

    async fn sign_in(&self, email: String, _password: SecretInput) -> Answer<SignInStep> {
        self.changed(if email.starts_with("mara") {
            SignInStep::FactorNeeded
        } else {
            SignInStep::SignedIn
        })
    }

    async fn sign_out(&self) -> Answer<()> {
        self.changed(())
    }

    async fn frame(&self, application: Option<&str>) -> Answer<Frame> {
        let link = |slug: &str, name: &str| ApplicationLink {
            slug: slug.into(),
            name: name.into(),
        };
        let applications = vec![
            link("crm-sync", "CRM Sync"),
            link("guest-inbox", "Guest Inbox"),
        ];
        let current = applications
            .iter()
            .find(|one| Some(one.slug.as_str()) == application)
            .cloned();
        Ok(Frame {
            organization: "Acme".into(),
            member_name: "Mara Lindqvist".into(),
            member_id: "mem_1".into(),
            role: self.role()?,
            applications,
            current,
            quarantine: self.quarantine,
            stops: self.stops.clone(),
            now: NOW,
        })
    }

    async fn take_draft(&self, form: &str) -> Answer<Option<Draft>> {
        let mut kept = self.draft.lock().unwrap();
        Ok(match kept.take() {
            Some((name, draft)) if name == form => Some(draft),
            other => {
                *kept = other;
                None
            }
        })
    }

    async fn keep_draft(&self, form: &str, draft: Draft) -> Answer<()> {
        *self.draft.lock().unwrap() = Some((form.to_owned(), draft));
        Ok(())
    }

    async fn applications(&self) -> Answer<Vec<ApplicationSummary>> {
        self.role()?;
        if self.empty {
            return Ok(Vec::new());
        }
        Ok(vec![
            ApplicationSummary {
                slug: "lab".into(),
                name: "Lab".into(),
                providers: vec![],
                providers_stopped: 0,
                connections: 0,
                need_a_person: 0,
                last_handed_out_at: None,
            },
            ApplicationSummary {
                slug: "crm-sync".into(),
                name: "CRM Sync".into(),
                providers: vec![apollo_mark(), salesforce_mark()],
                providers_stopped: 0,
                connections: 1_284,
                need_a_person: 42,
                last_handed_out_at: Some(NOW - 4 * MINUTE),
            },
        ])
    }

    async fn create_application(&self, form: NewApplication) -> Answer<String> {
        self.changed(form.slug)
    }

    async fn overview(&self, application: &str) -> Answer<OverviewView> {
        self.known(application)?;
        let view = OverviewView {
            slug: "crm-sync".into(),
            name: "CRM Sync".into(),
            return_url: Some("https://app.acme.example/integrations".into()),
            providers: if self.empty {
                vec![]
            } else {
                vec![apollo_mark(), salesforce_mark()]
            },
            definitions: 5,
            some_definitions: vec![apollo_mark(), salesforce_mark()],
            practice_offered: true,
            api_keys: u32::from(!self.empty),
            counts: counts(self.empty),
            public_url: "https://connect.acme.example".into(),
            example_provider: None,
            attention: vec![],
            days: vec![],
            reasons: vec![],
        };
        Ok(if self.empty {
            view
        } else {
            super::sample_auditing::how_it_goes(view)
        })
    }

    async fn settings(&self, application: &str) -> Answer<SettingsView> {
        self.known(application)?;
        Ok(SettingsView {
            slug: "crm-sync".into(),
            name: "CRM Sync".into(),
            return_urls: vec!["https://app.acme.example/integrations".into()],
            allowed_origins: vec![],
            completion: Completion::Confirm,
            brand: Brand {
                accent: Some("#0f5132".into()),
                logo: Some("a7".repeat(32)),
            },
        })
    }

    async fn save_settings(&self, application: &str, _form: ApplicationSettings) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }

    async fn remove_logo(&self, application: &str) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }

    async fn providers(&self, application: &str) -> Answer<ProvidersView> {
        self.known(application)?;
        let providers = vec![
            ProviderSummary {
                slug: "apollo".into(),
                mark: apollo_mark(),
                state: ProviderState::Active,
                connections: 301,
                scopes: 7,
                scopes_set_at_provider: false,
                tokens: TokenLife::Refreshed { every_s: 2_592_000 },
                secrets: secrets().into_iter().take(1).collect(),
            },
            ProviderSummary {
                slug: "salesforce".into(),
                mark: salesforce_mark(),
                state: ProviderState::CredentialsRejected { since: NOW - HOUR },
                connections: 604,
                scopes: 5,
                scopes_set_at_provider: true,
                tokens: TokenLife::NeverExpire,
                secrets: secrets(),
            },
        ];
        Ok(ProvidersView {
            application: "CRM Sync".into(),
            providers: if self.empty { vec![] } else { providers },
            practice_offered: true,
        })
    }

    async fn gallery(&self, application: &str, q: &str, _category: &str) -> Answer<GalleryView> {
        self.known(application)?;
        let tile = DefinitionTile {
            id: "apollo".into(),
            mark: apollo_mark(),
            category: "CRM and sales".into(),
            remark: "Set-up needs an Apollo super admin.".into(),
            trust: Trust::SeenLive,
            added: true,
        };
        Ok(GalleryView {
            application: "CRM Sync".into(),
            tiles: if q == "nothing" { vec![] } else { vec![tile] },
            categories: vec![("CRM and sales".into(), 3), ("Hospitality".into(), 1)],
            total: 5,
            custom: q != "nothing",
            left_out: vec![
                "acme.toml, line 12: there is no hue 13. Choose one from 1 to 12.".into(),
            ],
        })
    }

    async fn provider_form(&self, application: &str, definition: &str) -> Answer<ProviderFormView> {
        self.known(application)?;
        let asks = definition == "gitlab";
        let definition = match definition {
            "apollo" | "gitlab" => apollo(),
            "bunq" => DefinitionView {
                brings_own_credentials: true,
                ..apollo()
            },
            "practice" => DefinitionView {
                is_practice: true,
                ..apollo()
            },
            _ => return Err(PortalError::NotFound),
        };
        Ok(ProviderFormView {
            application: "CRM Sync".into(),
            definition,
            redirect_uri: "https://connect.acme.example/oauth/callback/prv_7Hq2mXv9Tz4LkQ".into(),
            inputs: if asks { vec![host_input("")] } else { vec![] },
        })
    }

    async fn custom_form(&self, application: &str) -> Answer<CustomFormView> {
        self.known(application)?;
        Ok(CustomFormView {
            application: "CRM Sync".into(),
            redirect_uri: "https://connect.acme.example/oauth/callback/prv_4Tz7Hq2mXv9LkQ".into(),
        })
    }

    async fn discover(&self, application: &str, issuer: &str) -> Answer<FoundIssuer> {
        self.known(application)?;
        let CustomView { fields, notes } = acme();
        self.changed(FoundIssuer {
            fields: CustomFields {
                issuer: issuer.to_owned(),
                ..fields
            },
            scopes: "openid email".into(),
            notes,
        })
    }

    async fn create_custom_provider(&self, app: &str, _: NewCustomProvider) -> Answer<String> {
        self.known(app)?;
        self.changed("custom".into())
    }

    async fn save_custom(&self, app: &str, _: &str, _: CustomFields, _: SecretInput) -> Answer<()> {
        self.known(app)?;
        self.changed(())
    }

    async fn create_provider(&self, application: &str, form: NewProvider) -> Answer<String> {
        self.known(application)?;
        self.changed(form.definition)
    }

    async fn add_practice_provider(&self, application: &str) -> Answer<String> {
        self.known(application)?;
        self.changed("practice".into())
    }

    async fn provider(&self, application: &str, provider: &str) -> Answer<ProviderView> {
        self.known(application)?;
        if !["apollo", "custom", "gitlab", "bunq"].contains(&provider) {
            return Err(PortalError::NotFound);
        }
        Ok(ProviderView {
            application: "CRM Sync".into(),
            slug: provider.into(),
            definition: DefinitionView {
                brings_own_credentials: provider == "bunq",
                ..apollo()
            },
            state: ProviderState::Active,
            created_at: NOW - 100 * DAY,
            redirect_uri: "https://connect.acme.example/oauth/callback/prv_7Hq2mXv9Tz4LkQ".into(),
            client_id: "vvZd-i_3MsfI6gmktGJY7F".into(),
            other_scopes: vec!["api:default".into()],
            secrets: secrets(),
            connections: 301,
            one_owner_per_account: true,
            team_fallback: true,
            just_saved: false,
            inputs: if provider == "gitlab" {
                vec![host_input("git.acme.example")]
            } else {
                vec![]
            },
            custom: (provider == "custom").then(acme),
            proof: ProofView::Tried(proof()),
        })
    }

    async fn try_provider(&self, app: &str, _: &str) -> Answer<()> {
        self.known(app)?;
        self.changed(())
    }

    async fn playground(&self, application: &str, provider: &str) -> Answer<PlaygroundView> {
        match self.known(application)? {
            Role::Support | Role::Auditor => Err(PortalError::Forbidden),
            Role::Owner | Role::Admin | Role::Developer => {
                playground(provider).ok_or(PortalError::NotFound)
            }
        }
    }

    async fn begin_playground(
        &self,
        app: &str,
        _: &str,
        _: BTreeMap<String, String>,
    ) -> Answer<String> {
        self.known(app)?;
        self.changed("https://app.apollo.io/#/oauth/authorize?state=1".to_owned())
    }

    async fn playground_step(&self, app: &str, _: &str, _: PlaygroundDeed) -> Answer<()> {
        self.known(app)?;
        self.changed(())
    }

    async fn save_provider(
        &self,
        app: &str,
        _provider: &str,
        form: ProviderChange,
    ) -> Answer<ProviderSaved> {
        self.known(app)?;
        self.changed(if form.scopes.is_empty() || form.confirmed {
            ProviderSaved::Saved
        } else {
            ProviderSaved::AsksFirst
        })
    }

    async fn scope_preview(&self, app: &str, provider: &str) -> Answer<ScopePreview> {
        self.known(app)?;
        let form = crate::address::provider(app, provider);
        let draft = self.take_draft(&form).await?;
        if let Some(draft) = draft.clone() {
            self.keep_draft(&form, draft).await?;
        }
        Ok(sample_scopes::preview(apollo_mark(), draft))
    }

    async fn add_client_secret(&self, app: &str, _: &str, _: SecretInput) -> Answer<()> {
        self.known(app)?;
        self.changed(())
    }

    async fn remove_client_secret(&self, app: &str, _: &str, _: &str) -> Answer<()> {
        self.known(app)?;
        self.changed(())
    }

    async fn reduce_form(&self, application: &str, id: &str) -> Answer<ReduceView> {
        self.known(application)?;
        Ok(sample_scopes::reduce(summary(id)))
    }

    async fn reduce_scopes(&self, app: &str, _: &str, _: Vec<String>) -> Answer<()> {
        self.known(app)?;
        self.changed(())
    }

    async fn revoke_form(&self, application: &str, id: &str) -> Answer<RevokeView> {
        self.known(application)?;
        Ok(RevokeView {
            application: "CRM Sync".into(),
            summary: summary(id),
            provider_short_name: "Salesforce".into(),
            upstream_offered: true,
            ends_whole_grant: false,
            by_hand: None,
            last_key: Some("backend".into()),
            keys_lately: 2,
            same_account: vec![SameAccount {
                id: "con_other".into(),
                owner: summary("con_revoked").owner,
            }],
            same_account_count: 1,
        })
    }

    async fn revoke(&self, app: &str, _: &str, _: RevokeReason, _note: String) -> Answer<()> {
        self.known(app)?;
        self.changed(())
    }

    async fn receipt(&self, application: &str, id: &str) -> Answer<ReceiptView> {
        self.known(application)?;
        Ok(sample_ending::receipt(
            id,
            ReceiptView {
                id: "rcp_51JdPk0w".into(),
                application: "CRM Sync".into(),
                organization: "Acme".into(),
                summary: summary(id),
                provider_short_name: "Salesforce".into(),
                reason: RevokeReason::Leaving,
                note: "Ticket 4471.".into(),
                by: "Tomás Oliveira".into(),
                revoked_at: NOW,
                upstream: UpstreamResult::Waiting,
                upstream_at: Some(NOW + MINUTE),
                tokens: TokenResults::default(),
                has_refresh_token: true,
                undo_until: None,
                undone: None,
                bulk: None,
                by_hand: None,
                token_valid_until: Some(NOW + 85 * MINUTE),
                audit_seq: 18_403,
            },
        ))
    }

    async fn account(&self) -> Answer<AccountView> {
        let session = |handle: &str, browser: &str, current| SessionSummary {
            handle: handle.into(),
            browser: browser.into(),
            started_at: NOW - 3 * DAY,
            last_seen_at: NOW - MINUTE,
            ends_at: NOW + 4 * DAY,
            current,
        };
        Ok(AccountView {
            name: "Mara Lindqvist".into(),
            email: "mara@acme.example".into(),
            role: self.role()?,
            second_factor: FactorState::Off,
            sessions: vec![
                session("s1", "Firefox on Linux", true),
                session("s2", "Chrome on Windows", false),
                session("s3", "Safari on macOS", false),
            ],
        })
    }

    async fn change_password(&self, _current: SecretInput, _new: SecretInput) -> Answer<()> {
        self.changed(())
    }

    async fn end_sessions(&self, _handle: Option<String>) -> Answer<()> {
        self.changed(())
    }
}
