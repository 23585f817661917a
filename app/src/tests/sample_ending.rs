//! Ending connections: receipts that can be undone, many at once, emergency stops.

use super::sample::{
    DAY, MINUTE, NOW, SamplePortal, apollo_mark, counts, salesforce_mark, summary,
};
use crate::portal::{Answer, Ending, HandingOver};
use crate::wire::*;
use async_trait::async_trait;

/// The receipt of a connection: `con_frozen` can be undone, `con_undone` was, `con_told` is over.
pub(super) fn receipt(id: &str, receipt: ReceiptView) -> ReceiptView {
    match id {
        "con_frozen" => ReceiptView {
            undo_until: Some(NOW + 15 * MINUTE),
            bulk: Some("blk_1".into()),
            ..receipt
        },
        "con_undone" => ReceiptView {
            undone: Some(UndoneView {
                by: "Mara Lindqvist".into(),
                at: NOW + MINUTE,
                audit_seq: 18_404,
            }),
            ..receipt
        },
        "con_told" => ReceiptView {
            upstream: UpstreamResult::Revoked,
            tokens: TokenResults {
                refresh_token: Some(TokenResult::Revoked),
                access_token: Some(TokenResult::Failed),
            },
            ..receipt
        },
        _ => receipt,
    }
}

/// Everything of one provider is stopped.
pub(super) fn stop(provider: bool) -> StopView {
    StopView {
        provider: provider.then(|| ("apollo".into(), "Apollo".into())),
        since: NOW - MINUTE,
        by: "Mara Lindqvist".into(),
        reason: "A leak at a supplier.".into(),
    }
}

#[async_trait]
impl Ending for SamplePortal {
    async fn undo_revocation(&self, application: &str, _: &str) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }

    async fn bulk_form(&self, application: &str, criteria: BulkCriteria) -> Answer<BulkFormView> {
        match self.known(application)? {
            Role::Owner | Role::Admin => {}
            _ => return Err(PortalError::Forbidden),
        }
        let none = criteria.end_user == "nobody";
        Ok(BulkFormView {
            application: "CRM Sync".into(),
            counts: StateCounts {
                revoked: 0,
                ..counts(none)
            },
            providers: vec![
                BulkProvider {
                    mark: apollo_mark(),
                    connections: 301,
                    upstream_offered: false,
                },
                BulkProvider {
                    mark: salesforce_mark(),
                    connections: 968,
                    upstream_offered: true,
                },
            ],
            rows: ["con_broken", "con_active"].map(summary).to_vec(),
            provider_choices: vec![("apollo".into(), "Apollo.io".into())],
            key_choices: vec![("key_1".into(), "backend".into())],
            runs: vec![BulkRunLink {
                id: "blk_1".into(),
                begun_at: NOW - DAY,
                by: "Mara Lindqvist".into(),
                total: 12,
                finished: true,
            }],
            criteria,
            now: NOW,
        })
    }

    async fn revoke_in_bulk(
        &self,
        application: &str,
        _: BulkCriteria,
        _: RevokeReason,
        _: String,
        _: String,
    ) -> Answer<String> {
        self.known(application)?;
        self.changed("blk_1".into())
    }

    async fn bulk_run(&self, application: &str, id: &str) -> Answer<BulkRunView> {
        self.known(application)?;
        let running = id == "blk_running";
        Ok(BulkRunView {
            id: id.into(),
            application: "CRM Sync".into(),
            criteria: BulkCriteria {
                filter: ConnectionFilter {
                    team: "northwind".into(),
                    ..ConnectionFilter::default()
                },
                ..BulkCriteria::default()
            },
            reason: RevokeReason::Leaving,
            note: "Ticket 4471.".into(),
            by: "Mara Lindqvist".into(),
            begun_at: NOW - MINUTE,
            audit_seq: 18_410,
            total: 1_269,
            counts: BulkCounts {
                waiting: if running { 269 } else { 0 },
                revoked: if running { 1_000 } else { 1_269 },
                ..BulkCounts::default()
            },
            upstream: UpstreamCounts {
                waiting: 1_000,
                ..UpstreamCounts::default()
            },
            finished_at: (!running).then_some(NOW),
            undo_until: Some(NOW + 14 * MINUTE),
            undone: None,
            now: NOW,
        })
    }

    async fn undo_bulk(&self, application: &str, _: &str) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }

    async fn stop_tokens(&self, application: &str, _: &str, _: String) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }

    async fn let_tokens_go(&self, application: &str, _: &str) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }
}

#[async_trait]
impl HandingOver for SamplePortal {
    async fn hand_over(&self, _application: &str, _id: &str, to: NextInCare) -> Answer<()> {
        if to.id.is_empty() {
            return Err(PortalError::field(Field::PersonId, Problem::Missing));
        }
        Ok(())
    }
}
