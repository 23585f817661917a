//! Reads for the metrics what only the database knows.

use crate::metrics::Metrics;
use crate::store::{Store, StoreError};

/// One look. Scrapes show what the last one found, so that they cost the database nothing.
pub async fn read_vitals(store: &Store, metrics: &Metrics) -> Result<(), StoreError> {
    match store.vitals().await {
        Ok(vitals) => {
            metrics.vitals(&vitals);
            Ok(())
        }
        Err(error) => {
            metrics.database_away();
            Err(error)
        }
    }
}
