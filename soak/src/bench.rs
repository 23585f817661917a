//! What every scenario works on: an authorization server, an instance, a backend, the connections
//! that were made, and what was done to them.

use crate::Settings;
use crate::authority::{Authority, Book, Manners};
use crate::backend::{Backend, Connected, Receipt};
use crate::checker::{Counts, Evidence, Tally, check, tally};
use crate::instance::{Instance, Plan, Process, Row, Signal, provider};
use crate::report::Report;
use anyhow::ensure;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The first access token lasts a second.
const EXPIRED_AFTER: Duration = Duration::from_millis(1100);
/// The server gives itself 40 s for its last work.
pub(crate) const LONGEST_END: Duration = Duration::from_secs(45);

/// Progress is told every so many connections.
const STEP: usize = 100;

pub(crate) struct Bench {
    pub(crate) authority: Authority,
    pub(crate) instance: Instance,
    pub(crate) backend: Backend,
    pub(crate) connections: Vec<Connected>,
    disturbances: Vec<Instant>,
    keep: bool,
}

impl Bench {
    /// Its processes are not started yet.
    pub(crate) async fn new(settings: &Settings, plan: &Plan<'_>) -> anyhow::Result<Self> {
        Self::with_program(settings, &settings.binary, plan).await
    }

    /// The same with another program than the one to try.
    pub(crate) async fn with_program(
        settings: &Settings,
        binary: &Path,
        plan: &Plan<'_>,
    ) -> anyhow::Result<Self> {
        let authority = Authority::start(plan.providers).await?;
        let instance = Instance::new(binary, plan, &authority).await?;
        let backend = Backend::new(&instance.key, &instance.urls())?;
        Ok(Self {
            authority,
            instance,
            backend,
            connections: Vec::new(),
            disturbances: Vec::new(),
            keep: settings.keep,
        })
    }

    /// How the provider behaves from now on.
    pub(crate) fn behave(&self, change: impl FnOnce(&mut Manners)) {
        self.authority.behave(change);
    }

    /// Makes so many connections more, and answers them.
    pub(crate) async fn connect(
        &mut self,
        report: &Report,
        count: usize,
    ) -> anyhow::Result<Vec<Connected>> {
        self.connect_to(report, 0, count).await
    }

    /// The same to provider number `n`.
    pub(crate) async fn connect_to(
        &mut self,
        report: &Report,
        n: usize,
        count: usize,
    ) -> anyhow::Result<Vec<Connected>> {
        let told = |made: usize| {
            if made == count.max(2) || made.is_multiple_of(STEP) {
                report.progress(format_args!("{made} of {count} connections made"));
            }
        };
        let made = self.backend.connect(&provider(n), count, told).await?;
        self.connections.extend(made.clone());
        Ok(made)
    }

    /// Waits until first access tokens have expired.
    pub(crate) async fn expired(&self) {
        sleep(EXPIRED_AFTER).await;
    }

    /// Notes that answers that were under way until now may have been lost.
    pub(crate) fn disturbed(&mut self) {
        self.disturbances.push(Instant::now());
    }

    /// Waits until the provider was presented so many refresh tokens in all.
    pub(crate) async fn presented(&self, count: usize) -> anyhow::Result<()> {
        let give_up = Instant::now() + Duration::from_secs(30);
        while self.authority.book().presentations() < count {
            ensure!(
                Instant::now() < give_up,
                "the provider saw {} of {count} refreshes",
                self.authority.book().presentations()
            );
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// How the connections would have ended up if this were the database.
    pub(crate) fn tally(&self, rows: &BTreeMap<String, Row>) -> Tally {
        let book = self.authority.book();
        tally(&self.evidence(&book, rows, &[], Counts::Ignored))
    }

    /// Connections for which the provider's live pair is not the one that is stored and active: so far
    /// only by the two logs.
    pub(crate) async fn behind(&self) -> anyhow::Result<usize> {
        let rows = self.instance.database.read().await?;
        Ok(self.tally(&rows).silent)
    }

    /// Ends processes as an operator does. Each has to end with 0.
    pub(crate) async fn end(processes: Vec<Process>) -> anyhow::Result<()> {
        for process in &processes {
            process.signal(Signal::Term)?;
        }
        for mut process in processes {
            let status = process.ended(LONGEST_END).await?;
            ensure!(
                status.success(),
                "grantport ended with {status} after SIGTERM"
            );
        }
        Ok(())
    }

    /// Holds the three views against each other.
    pub(crate) async fn check(
        &self,
        report: &mut Report,
        part: &str,
        counts: Counts,
    ) -> anyhow::Result<Tally> {
        let rows = self.instance.database.read().await?;
        let receipts = self.backend.receipts();
        let (found, tally) = {
            let book = self.authority.book();
            let evidence = self.evidence(&book, &rows, &receipts, counts);
            (check(&evidence), tally(&evidence))
        };
        report.checked(part, found);
        Ok(tally)
    }

    /// The instance goes, unless it is to be looked at.
    pub(crate) fn done(self, report: &mut Report, part: &str) {
        if self.keep {
            report.note(format!("{part}: {}", self.instance.keep().display()));
        }
    }

    fn evidence<'a>(
        &'a self,
        book: &'a Book,
        rows: &'a BTreeMap<String, Row>,
        receipts: &'a [Receipt],
        counts: Counts,
    ) -> Evidence<'a> {
        Evidence {
            connections: &self.connections,
            book,
            rows,
            receipts,
            disturbances: &self.disturbances,
            counts,
        }
    }
}
