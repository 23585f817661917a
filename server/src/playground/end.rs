//! Finish and forget: what a run obtained is ended at the provider where that can be.

use super::steps::{secrets_of, token_texts};
use super::transcript::Scribe;
use super::{PlaygroundError, Playgrounds};
use crate::domain::{Member, Playground, PlaygroundSecrets, Provider};
use crate::oauth;
use crate::oauth::overheard::Heard;
use crate::oauth::revoke::{self, Revocation};
use crate::store::StoreError;
use app::wire::{Aim, ExchangeView, PlaygroundStep, Reading, TokensEnd};
use std::time::Duration;

/// Longer than ending the tokens of one run takes.
const HOLD: Duration = Duration::from_mins(1);
/// A provider that has not ended them by then is not asked again; they are forgotten in any case.
const GIVE_UP_AFTER: Duration = Duration::from_hours(1);
/// Runs per round of the job.
const PER_ROUND: usize = 16;

/// What became of a run's tokens, and what passed.
struct Ended {
    how: TokensEnd,
    exchange: Option<ExchangeView>,
}

impl Playgrounds {
    /// Ends a run: its page tells what became of its tokens, until its time is over.
    pub async fn finish(
        &self,
        provider: &Provider,
        run: &Playground,
    ) -> Result<(), PlaygroundError> {
        let (playgrounds, provider, run) = (self.clone(), provider.clone(), run.clone());
        let ending = self
            .tracker
            .spawn(async move { playgrounds.finish_now(&provider, &run).await });
        ending.await.map_err(|_| PlaygroundError::Changed)?
    }

    async fn finish_now(
        &self,
        provider: &Provider,
        run: &Playground,
    ) -> Result<(), PlaygroundError> {
        let secrets = self.store.playground_secrets(run).await?;
        let exchange = self.give_back(provider, run, &secrets).await?;
        let mut next = run.clone();
        next.step = PlaygroundStep::Ended;
        next.transcript.push(exchange);
        if self.store.change_playground(run, &mut next, None).await? {
            Ok(())
        } else {
            Err(PlaygroundError::Changed)
        }
    }

    /// An earlier run makes way. What it obtained is ended without anyone waiting for it; should the
    /// server stop meanwhile, the job does it.
    pub(super) async fn end_earlier(
        &self,
        provider: &Provider,
        member: &Member,
    ) -> Result<(), PlaygroundError> {
        let Some(earlier) = self.store.playground_of(&provider.id, &member.id).await? else {
            return Ok(());
        };
        let (playgrounds, provider) = (self.clone(), provider.clone());
        self.tracker.spawn(async move {
            let ended = async {
                let secrets = playgrounds.store.playground_secrets(&earlier).await?;
                playgrounds.give_back(&provider, &earlier, &secrets).await?;
                playgrounds.store.forget_playground(&earlier).await?;
                Ok::<_, PlaygroundError>(())
            };
            if let Err(error) = ended.await {
                tracing::warn!(playground = %earlier.id, %error, "an earlier run is ended later");
            }
        });
        Ok(())
    }

    /// One round of the job: ends the runs whose time is over.
    pub async fn end_expired(&self) -> Result<(), StoreError> {
        for _ in 0..PER_ROUND {
            let Some((run, secrets)) = self.store.take_expired_playground(HOLD).await? else {
                break;
            };
            let provider = self.store.provider_by_id(&run.provider).await?;
            let how = match provider {
                Some(provider) => self.ended(&provider, &run, &secrets).await.how,
                None => TokensEnd::NotOffered,
            };
            let again =
                how == TokensEnd::Failed && self.store.now() < run.created_at + GIVE_UP_AFTER;
            tracing::info!(playground = %run.id, ?how, again, "a playground run is over");
            if !again {
                self.store.forget_playground(&run).await?;
            }
        }
        Ok(())
    }

    /// Ends what a run obtained, and says so.
    pub(super) async fn give_back(
        &self,
        provider: &Provider,
        run: &Playground,
        secrets: &PlaygroundSecrets,
    ) -> Result<ExchangeView, PlaygroundError> {
        let ended = self.ended(provider, run, secrets).await;
        let mut exchange = ended.exchange.unwrap_or_else(|| ExchangeView {
            aim: Aim::Revoke,
            at: self.store.now().millis(),
            request: None,
            answer: None,
            read: Vec::new(),
            problem: None,
        });
        exchange.read.push(Reading::Ended(ended.how));
        Ok(exchange)
    }

    async fn ended(
        &self,
        provider: &Provider,
        run: &Playground,
        secrets: &PlaygroundSecrets,
    ) -> Ended {
        let without_asking = |how| Ended {
            how,
            exchange: None,
        };
        if secrets.tokens.is_empty() {
            return without_asking(TokensEnd::NoneThere);
        }
        if self.came_with_a_copy(run) {
            return without_asking(TokensEnd::SparedOthers);
        }
        let upstream = self
            .upstreams
            .as_configured(provider, &run.inputs, &secrets.known)
            .await;
        let Ok(upstream) = upstream else {
            return without_asking(TokensEnd::NotOffered);
        };
        let Some(rules) = &upstream.definition.revocation else {
            return without_asking(TokensEnd::NotOffered);
        };
        if rules.ends_whole_grant && !self.has_no_connections(provider).await {
            return without_asking(TokensEnd::SparedOthers);
        }
        self.revoked(&upstream, secrets).await
    }

    /// The run belongs to the original of this restored or copied database, which ends it (R103).
    fn came_with_a_copy(&self, run: &Playground) -> bool {
        let quarantine = self.store.quarantine();
        quarantine.is_some_and(|quarantine| run.created_at < quarantine.since)
    }

    async fn revoked(&self, upstream: &oauth::Provider, secrets: &PlaygroundSecrets) -> Ended {
        let (egress, overheard) = self.upstreams.egress().overheard();
        let mut how = TokensEnd::Revoked;
        for tokens in &secrets.tokens {
            let refresh = tokens.refresh_token.as_ref();
            match revoke::revoke(&egress, upstream, &tokens.access_token, refresh).await {
                Revocation::Revoked => {}
                Revocation::NotOffered => how = TokensEnd::NotOffered,
                Revocation::Failed(_) => how = TokensEnd::Failed,
            }
        }
        let heard = overheard.take();
        Ended {
            how,
            exchange: Some(self.revocation_written(upstream, secrets, &heard)),
        }
    }

    fn revocation_written(
        &self,
        upstream: &oauth::Provider,
        secrets: &PlaygroundSecrets,
        heard: &[Heard],
    ) -> ExchangeView {
        let hidden = secrets_of(upstream).chain(token_texts(secrets));
        let scribe = Scribe::new(&upstream.definition, hidden);
        self.written(&scribe, Aim::Revoke, heard)
    }

    /// Whether no connection of this provider can end with the whole grant of an account.
    async fn has_no_connections(&self, provider: &Provider) -> bool {
        let counted = self
            .store
            .connections_per_provider(&provider.application)
            .await;
        counted.is_ok_and(|counts| counts.get(provider.id.as_str()).is_none_or(|n| *n == 0))
    }
}
