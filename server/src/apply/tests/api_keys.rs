//! What a file says about API keys.

use super::{Bench, FILE};
use crate::apply::Summary;
use crate::domain::{KeyLimits, KeyProviders, KeySettings};

const LIMITED: &str = "name = \"backend\"\nscopes = [\"tokens:read\", \"proxy\"]\nproviders = [\"apollo\"]\n\
    ip_ranges = [\"203.0.113.0/24\", \"198.51.100.7\"]\nexpires_at = \"2027-01-31T00:00:00Z\"\nrate_per_s = 50";

async fn settings(bench: &Bench) -> KeySettings {
    let application = bench.application("crm-sync").await;
    let keys = bench.store.api_keys(&application.id).await;
    KeySettings::from(&keys.expect("a database")[0])
}

#[tokio::test]
async fn a_key_is_limited_as_the_file_says_and_stays_so_where_it_says_nothing() {
    let bench = Bench::new().await;
    let (applied, _) = bench.apply(FILE).await;
    applied.expect("applied");
    assert_eq!(settings(&bench).await, KeySettings::unlimited("backend"));

    let limited = FILE.replace("name = \"backend\"", LIMITED);
    let (applied, printed) = bench.apply(&limited).await;
    assert_eq!(applied.expect("applied"), Summary { changes: 1 });
    let told = "changed API key backend of crm-sync: scopes, providers, IP ranges, expiry, rate";
    assert!(printed.contains(told), "{printed}");
    let now = settings(&bench).await;
    assert_eq!(now.scopes.stored(), "tokens:read proxy");
    assert!(matches!(&now.limits.providers, KeyProviders::These(ids) if ids.len() == 1));
    let end = now.limits.expires_at.expect("an end");
    assert_eq!(end.rfc3339(), "2027-01-31T00:00:00Z");

    for same in [&limited, FILE] {
        let (applied, printed) = bench.apply(same).await;
        assert_eq!(applied.expect("applied").changes, 0, "{printed}");
    }
    let freed = "name = \"backend\"\nproviders = []\nip_ranges = []\nexpires_at = \"never\"\nrate_per_s = 0";
    let (applied, _) = bench
        .apply(&FILE.replace("name = \"backend\"", freed))
        .await;
    assert_eq!(applied.expect("applied"), Summary { changes: 1 });
    assert_eq!(settings(&bench).await.limits, KeyLimits::default());
}

#[tokio::test]
async fn what_cannot_limit_a_key_is_told_with_its_line() {
    let bench = Bench::new().await;
    for (wrong, told) in [
        ("scopes = []", "line 17: `scopes` has to be"),
        ("scopes = [\"everything\"]", "line 17: `scopes` has to be"),
        ("providers = [\"A B\"]", "line 17: `providers` has to be"),
        (
            "providers = [\"nobody\"]",
            "line 17: One of `providers` is no provider",
        ),
        (
            "ip_ranges = [\"the office\"]",
            "line 17: `ip_ranges` has to be",
        ),
        (
            "expires_at = \"tomorrow\"",
            "line 17: `expires_at` has to be",
        ),
        ("rate_per_s = 10001", "line 17: `rate_per_s` has to be"),
    ] {
        let file = FILE.replace(
            "name = \"backend\"",
            &format!("name = \"backend\"\n{wrong}"),
        );
        let told_now = match super::Document::read(&file, std::path::Path::new("."), super::env) {
            Err(error) => error.to_string(),
            Ok(_) => bench.apply(&file).await.0.expect_err("refused").to_string(),
        };
        assert!(told_now.contains(told), "{wrong}: {told_now}");
    }
}
