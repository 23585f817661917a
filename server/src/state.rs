//! What every request can reach, and how it is put together.

use crate::audit::heads::HeadsFile;
use crate::auth::Passwords;
use crate::catalog::{Catalog, CatalogError};
use crate::config::Config;
use crate::connect::Connect;
use crate::http::assets;
use crate::jobs::Auditor;
use crate::metrics::Metrics;
use crate::oauth::egress::{Egress, EgressSetup, Limits};
use crate::oauth::policy::{OutboundPolicy, Upstream};
use crate::playground::Playgrounds;
use crate::practice::PracticeHouse;
use crate::proxy::ProxyLimits;
use crate::store::Store;
use crate::tokens::{FreshTokens, RecoveryDirectory};
use crate::upstreams::Upstreams;
use axum::extract::FromRef;
use leptos::prelude::LeptosOptions;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The parts of a running server. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// The database and the keys to it. Also tells the time.
    pub store: Store,
    /// Hashes passwords, a few at a time.
    pub passwords: Passwords,
    /// Configured providers, ready to be asked.
    pub upstreams: Upstreams,
    /// Hands out fresh access tokens.
    pub tokens: FreshTokens,
    /// The end user's flow.
    pub connect: Connect,
    /// Members' own runs through a provider's flow.
    pub playgrounds: Playgrounds,
    /// The practice provider, where there may be one.
    pub practice: PracticeHouse,
    /// Keeps the chains of the audit.
    pub auditor: Auditor,
    /// What an operator watches.
    pub metrics: Metrics,
    /// How long calls through the proxy may take, and how many there may be.
    pub proxy_limits: ProxyLimits,
    /// Where pages find their scripts and styles.
    pub leptos: LeptosOptions,
    /// Work that no disconnect may cancel; the server ends after it.
    pub tasks: TaskTracker,
    /// Cancelled when the server is asked to end.
    pub shutdown: CancellationToken,
}

/// Why the parts could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The way out.
    #[error(transparent)]
    Egress(#[from] EgressSetup),
}

impl AppState {
    /// The state of a server that has just been started.
    pub fn new(config: Config, store: Store) -> Result<Self, SetupError> {
        let tasks = TaskTracker::new();
        let upstreams = upstreams(&config, &store)?;
        let metrics = Metrics::default();
        let practice_url = config.practice_allowed().then(|| config.public_url.clone());
        Ok(Self {
            passwords: Passwords::default(),
            tokens: FreshTokens::new(store.clone(), upstreams.clone(), tasks.clone())
                .recovering_in(RecoveryDirectory::at(config.recovery_directory()))
                .measured_by(metrics.clone()),
            connect: Connect::new(store.clone(), upstreams.clone(), tasks.clone()),
            playgrounds: Playgrounds::new(store.clone(), upstreams.clone(), tasks.clone()),
            practice: PracticeHouse::new(practice_url),
            auditor: Auditor::new(store.clone(), HeadsFile::at(config.heads_file())),
            metrics,
            proxy_limits: ProxyLimits::default(),
            leptos: LeptosOptions::builder()
                .output_name("app")
                .site_pkg_dir(assets::pkg_dir())
                .build(),
            upstreams,
            tasks,
            shutdown: CancellationToken::new(),
            config: Arc::new(config),
            store,
        })
    }
}

/// The catalog with its replaced origins, and the way out that lets them through.
pub fn upstreams(config: &Config, store: &Store) -> Result<Upstreams, SetupError> {
    let practice_url = config.practice_allowed().then_some(&config.public_url);
    let catalog = Catalog::load(config.catalog_dir.as_deref())?.with_practice_at(practice_url);
    for problem in catalog.problems() {
        tracing::error!(%problem, "a provider definition was left out");
    }
    let named = config.allow_private_upstreams.iter().cloned();
    let replaced = config
        .origin_overrides
        .targets()
        .filter_map(|url| Upstream::of(&url));
    let own = practice_url.and_then(Upstream::of);
    let policy = OutboundPolicy::new(named.chain(replaced).chain(own));
    let egress = Egress::new(policy, Limits::default(), store.clock())?;
    Ok(Upstreams::new(
        store.clone(),
        catalog,
        config.origin_overrides.clone(),
        egress,
        config.public_url.clone(),
    ))
}
