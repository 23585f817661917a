//! `grantport audit`: every chain is checked, and compared with the heads that left the database.

use super::Failure;
use crate::audit::heads::HeadsFile;
use crate::config::Config;
use crate::domain::AuditHead;
use crate::store::{CheckProgress, Store};
use app::wire::CheckOutcome;
use app::words;
use std::path::PathBuf;

/// The heads in these files, or in this machine's own. A file that was named must be there.
pub(super) fn read_heads(named: Vec<PathBuf>, config: &Config) -> Result<Vec<AuditHead>, Failure> {
    let usual = named.is_empty();
    let files = if usual {
        vec![config.heads_file()]
    } else {
        named
    };
    let mut heads = Vec::new();
    for path in files {
        let read = if usual || path.exists() {
            HeadsFile::at(path.clone()).read()
        } else {
            Err(std::io::ErrorKind::NotFound.into())
        };
        heads.extend(read.map_err(|source| Failure::File { path, source })?);
    }
    Ok(heads)
}

/// Checks every chain, and says for each how it is.
pub(super) async fn verify_audit(store: &Store, heads: &[AuditHead]) -> Result<(), Failure> {
    let mut broken = false;
    for organization in store.organizations().await? {
        let outcome = store
            .check_audit(&organization.id, heads, CheckProgress::Unsaid)
            .await?;
        let compared = heads
            .iter()
            .filter(|head| head.organization == organization.id)
            .count();
        let (what, more) = words::audit::outcome(&outcome);
        println!("{}: {what} {more}", organization.name);
        broken |= matches!(outcome, CheckOutcome::Broken(_));
        let chain = store.audit_chain(&organization.id).await?;
        if let Some(head) = chain.head {
            println!(
                "  head {head}, number {}; compared with {compared} exported heads",
                chain.rows
            );
        }
    }
    if broken { Err(Failure::Audit) } else { Ok(()) }
}
