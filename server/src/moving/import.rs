//! Bringing rows in: each is held against its provider, and those that can come in are stored a few at
//! a time. Wrong rows are answered and keep no other one out, unless all or nothing is asked for.

use super::check::{Problem, check};
use super::row::Row;
use crate::catalog::Definition;
use crate::domain::{Actor, Application, Owner, Provider, ProviderId};
use crate::store::{Import, ImportConflict, ImportHow, ImportOutcome, Store, StoreError};
use crate::upstreams::Upstreams;
use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;

/// Connections per transaction.
pub const BATCH: usize = 25;

/// How rows are brought in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Nothing is kept.
    pub dry_run: bool,
    /// One that is there gets the tokens that come, if they are others than it came with.
    pub replace: bool,
    /// A wrong row keeps all others out.
    pub all_or_nothing: bool,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is a connection now.
    Imported,
    /// It was there, and has the tokens that came.
    Replaced,
    /// In a dry run: it would become a connection.
    WouldImport,
    /// In a dry run: it is there, and would get the tokens that came.
    WouldReplace,
    /// It was there, and stayed as it is.
    AlreadyThere,
    /// Nothing is wrong with it, but with another one, and all or nothing was asked for.
    NotImported,
    /// It cannot come in; `problems` says why.
    Wrong,
}

/// The answer to one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Brought {
    /// Its place in the list, from 0.
    pub index: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// The connection, where there is one.
    pub connection_id: Option<String>,
    /// Every field that is wrong.
    pub problems: Vec<Problem>,
}

impl Brought {
    fn wrong(index: usize, problems: Vec<Problem>) -> Self {
        Self {
            index,
            outcome: Outcome::Wrong,
            connection_id: None,
            problems,
        }
    }

    fn of(index: usize, outcome: ImportOutcome, dry_run: bool) -> Self {
        let (outcome, id) = match outcome {
            // its id went with the transaction
            ImportOutcome::Imported(_) if dry_run => (Outcome::WouldImport, None),
            ImportOutcome::Imported(id) => (Outcome::Imported, Some(id)),
            ImportOutcome::Replaced(id) if dry_run => (Outcome::WouldReplace, Some(id)),
            ImportOutcome::Replaced(id) => (Outcome::Replaced, Some(id)),
            ImportOutcome::AlreadyThere(id) => (Outcome::AlreadyThere, Some(id)),
            ImportOutcome::Refused(conflict) => {
                return Self::wrong(index, vec![refused(conflict)]);
            }
        };
        Self {
            index,
            outcome,
            connection_id: id.map(|id| id.to_string()),
            problems: Vec::new(),
        }
    }
}

fn refused(conflict: ImportConflict) -> Problem {
    match conflict {
        ImportConflict::AccountAlreadyConnected => Problem::with(
            "account.id",
            "Another owner has this account already, and the provider lets an account have one owner only.",
        ),
        ImportConflict::Revoked => Problem::with(
            "external_id",
            "This one came in before and was revoked since, so it stays away. Let the end user connect again.",
        ),
    }
}

/// How many of each there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// Connections that were made.
    pub imported: u64,
    /// Connections that got other tokens.
    pub replaced: u64,
    /// In a dry run: connections that would be made.
    pub would_import: u64,
    /// In a dry run: connections that would get other tokens.
    pub would_replace: u64,
    /// Connections that stayed as they are.
    pub already_there: u64,
    /// Right ones that a wrong one kept out.
    pub not_imported: u64,
    /// Wrong ones.
    pub wrong: u64,
}

impl Counts {
    /// Counts these, too.
    pub fn add(&mut self, brought: &[Brought]) {
        for one in brought {
            *match one.outcome {
                Outcome::Imported => &mut self.imported,
                Outcome::Replaced => &mut self.replaced,
                Outcome::WouldImport => &mut self.would_import,
                Outcome::WouldReplace => &mut self.would_replace,
                Outcome::AlreadyThere => &mut self.already_there,
                Outcome::NotImported => &mut self.not_imported,
                Outcome::Wrong => &mut self.wrong,
            } += 1;
        }
    }
}

/// A provider that rows can name, with what they are held against.
pub(super) struct Known {
    pub(super) provider: Provider,
    /// `None`: it is no longer in the catalog.
    pub(super) definition: Option<Arc<Definition>>,
    /// Client IDs for which we have a secret, or need none.
    pub(super) client_ids: Vec<String>,
    pub(super) redirect_uri: String,
}

/// An application into which rows are brought.
pub struct Importing {
    store: Store,
    application: Application,
    known: Vec<Known>,
    /// In a dry run: what earlier batches would have made.
    would_be: HashSet<String>,
}

impl Importing {
    /// Looks up what rows of this application are held against.
    pub async fn into_application(
        store: &Store,
        upstreams: &Upstreams,
        application: Application,
    ) -> Result<Self, StoreError> {
        let mut known = Vec::new();
        for provider in store.providers(&application.id).await? {
            let secrets = store.client_secret_hints(&provider.id).await?;
            let earlier = secrets.into_iter().map(|secret| secret.client_id);
            known.push(Known {
                client_ids: std::iter::once(provider.client_id.clone())
                    .chain(earlier)
                    .collect(),
                definition: upstreams.definition(&provider).ok(),
                redirect_uri: upstreams.redirect_uri(&provider.id),
                provider,
            });
        }
        Ok(Self {
            store: store.clone(),
            application,
            known,
            would_be: HashSet::new(),
        })
    }

    /// Leaves providers out, as if the application did not have them.
    pub fn retain_providers(&mut self, seen: impl Fn(&ProviderId) -> bool) {
        self.known.retain(|known| seen(&known.provider.id));
    }

    /// Brings rows in, and answers for each, in their order.
    pub async fn bring(
        &mut self,
        rows: Vec<Result<Row, Vec<Problem>>>,
        how: How,
        actor: &Actor,
    ) -> Result<Vec<Brought>, StoreError> {
        let mut brought = Vec::with_capacity(rows.len());
        let mut right = Vec::with_capacity(rows.len());
        for (index, row) in rows.into_iter().enumerate() {
            match row.and_then(|row| self.checked(row)) {
                Ok((provider, import)) => right.push((index, provider, import)),
                Err(problems) => brought.push(Brought::wrong(index, problems)),
            }
        }
        if how.all_or_nothing && !how.dry_run {
            let tried = self
                .store_all(
                    &right,
                    How {
                        dry_run: true,
                        ..how
                    },
                    actor,
                )
                .await?;
            self.would_be.clear();
            let refused = tried.iter().any(|one| one.outcome == Outcome::Wrong);
            if refused || !brought.is_empty() {
                brought.extend(tried.into_iter().map(|one| match one.outcome {
                    Outcome::Wrong => one,
                    _ => Brought {
                        outcome: Outcome::NotImported,
                        ..one
                    },
                }));
                brought.sort_by_key(|one| one.index);
                return Ok(brought);
            }
        }
        brought.extend(self.store_all(&right, how, actor).await?);
        brought.sort_by_key(|one| one.index);
        Ok(brought)
    }

    /// The place of the row's provider among those known, and what would be stored.
    fn checked(&self, row: Row) -> Result<(usize, Import), Vec<Problem>> {
        let own = self.application.slug.as_str();
        if row.application.as_deref().is_some_and(|slug| slug != own) {
            let sentence = format!("`application` has to be `{own}`, or to be left out.");
            return Err(vec![Problem::with("application", sentence)]);
        }
        let named = |known: &Known| known.provider.slug.as_str() == row.provider;
        let Some(place) = self.known.iter().position(named) else {
            return Err(vec![Problem::with("provider", self.no_provider())]);
        };
        check(row, &self.known[place], self.store.now()).map(|import| (place, import))
    }

    fn no_provider(&self) -> String {
        let slugs: Vec<&str> = self
            .known
            .iter()
            .map(|known| known.provider.slug.as_str())
            .collect();
        if slugs.is_empty() {
            return "The application has no provider yet: add one in the portal first.".to_owned();
        }
        format!(
            "`provider` has to name a provider of the application. It has `{}`.",
            slugs.join("`, `")
        )
    }

    async fn store_all(
        &mut self,
        right: &[(usize, usize, Import)],
        how: How,
        actor: &Actor,
    ) -> Result<Vec<Brought>, StoreError> {
        let stored = ImportHow {
            replace: how.replace,
            dry_run: how.dry_run,
        };
        let mut brought = Vec::with_capacity(right.len());
        for batch in right.chunks(BATCH) {
            let imports: Vec<(&Provider, &Import)> = batch
                .iter()
                .map(|(_, place, import)| (&self.known[*place].provider, import))
                .collect();
            let outcomes = self.store.import(&imports, stored, actor).await?;
            for ((index, place, import), outcome) in batch.iter().zip(outcomes) {
                let mut one = Brought::of(*index, outcome, how.dry_run);
                if one.outcome == Outcome::WouldImport
                    && !self.is_first(&self.known[*place].provider.clone(), import)
                {
                    one.outcome = Outcome::AlreadyThere;
                }
                brought.push(one);
            }
        }
        Ok(brought)
    }

    /// Whether no row of this dry run would have made the same connection before.
    fn is_first(&mut self, provider: &Provider, import: &Import) -> bool {
        let hash = import.tokens_sha256();
        let mut keys = vec![format!("{}/tokens/{hash:?}", provider.id)];
        if let Some(id) = &import.external_id {
            keys.push(format!("{}/external/{id}", provider.id));
        }
        if let Some(account) = &import.new.account_id {
            let owner: &Owner = &import.new.owner;
            keys.push(format!(
                "{}/account/{}/{}/{account}",
                provider.id,
                owner.kind(),
                owner.id()
            ));
        }
        let first = keys.iter().all(|key| !self.would_be.contains(key));
        self.would_be.extend(keys);
        first
    }
}
