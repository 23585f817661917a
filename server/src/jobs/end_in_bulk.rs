//! Works off runs of many revocations, in batches, until nothing is left to do (R69).

use crate::domain::{BulkRevocation, ProviderId};
use crate::store::{Store, StoreError};
use crate::upstreams::Upstreams;
use std::collections::HashSet;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks for runs.
const ROUND: Duration = Duration::from_secs(1);

/// Runs until `stop`. A batch that is under way is brought to its end; the rest waits for any node.
pub(super) async fn end_in_bulk(store: Store, upstreams: Upstreams, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = round(&store, &upstreams, &stop).await {
            tracing::error!(%error, "many revocations cannot go on; it is tried again");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Works off all runs, as far as it goes now.
async fn round(
    store: &Store,
    upstreams: &Upstreams,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    for run in store.open_bulk_revocations().await? {
        let told = can_be_told(store, upstreams, &run).await?;
        while !stop.is_cancelled()
            && store
                .work_off_bulk(&run.id, &|provider| told.contains(provider))
                .await?
        {
            // others have their turn at the database, too
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

/// The providers of a run's application that can be told about a revocation.
async fn can_be_told(
    store: &Store,
    upstreams: &Upstreams,
    run: &BulkRevocation,
) -> Result<HashSet<ProviderId>, StoreError> {
    let providers = store.providers(&run.application).await?;
    Ok(providers
        .into_iter()
        .filter(|provider| {
            upstreams
                .definition(provider)
                .is_ok_and(|definition| definition.revocation.is_some())
        })
        .map(|provider| provider.id)
        .collect())
}
