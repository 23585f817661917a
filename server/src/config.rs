//! The settings: `GRANTPORT_*` variables, read once, checked at once.
//!
//! Every mistake is found before anything is opened, and said in a sentence that names the variable
//! and what to do. What a variable holds is never repeated: it may be a secret in the wrong place.

use crate::api::RateSettings;
use crate::catalog::OriginOverrides;
use crate::http::Network;
use crate::mail::MailSettings;
use crate::oauth::policy::Upstream;
use crate::vault::Secret;
use std::net::SocketAddr;
use std::path::PathBuf;
use url::{Host, Url};

const PREFIX: &str = "GRANTPORT_";
/// In a second; as good as no limit.
const HIGHEST_RATE: u32 = 1_000_000;

/// The variables there are, without their prefix.
const KNOWN: &[&str] = &[
    "PUBLIC_URL",
    "BIND",
    "DATABASE_URL",
    "KEY_FILE",
    "KEY",
    "ORIGIN_OVERRIDES",
    "ALLOW_PRIVATE_UPSTREAMS",
    "CATALOG_DIR",
    "LOG",
    "TRUSTED_PROXIES",
    "BACKGROUND_REFRESH",
    "METRICS_BIND",
    "AUDIT_HEADS",
    "SMTP_URL",
    "MAIL_FROM",
    "RATE_PER_KEY",
    "RATE_PER_ORGANIZATION",
    // for files that are applied, and for the examples with curl
    "API_KEY",
];

/// A variable that cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("GRANTPORT_{variable} {problem}")]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
}

/// Where the key-encryption keys come from.
#[derive(Debug)]
pub enum KeySource {
    /// `KEY_FILE`: must be there.
    File(PathBuf),
    /// `KEY`.
    Text(Secret<String>),
    /// Neither: a file at the usual place, made together with a new database.
    Usual(PathBuf),
}

/// All settings.
#[derive(Debug)]
pub struct Config {
    /// The only source of every absolute URL (R83). No path, `https` unless loopback.
    pub public_url: Url,
    /// Where to listen.
    pub bind: SocketAddr,
    /// `sqlite://...` or `postgres://...`; may hold a password.
    pub database_url: Secret<String>,
    /// The key-encryption keys.
    pub keys: KeySource,
    /// Which origins of the catalog are replaced; only on a loopback installation.
    pub origin_overrides: OriginOverrides,
    /// What the outbound policy lets through although it is private.
    pub allow_private_upstreams: Vec<Upstream>,
    /// More provider definitions.
    pub catalog_dir: Option<PathBuf>,
    /// What is logged, as a filter of tracing-subscriber.
    pub log: Option<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether this node refreshes ahead of time. Without it, refreshing is left to requests.
    pub background_refresh: bool,
    /// Where to serve the metrics; `None`: nowhere.
    pub metrics_bind: Option<SocketAddr>,
    /// Where the heads of the audit are written; `None`: beside [`Config::recovery_directory`].
    pub audit_heads: Option<PathBuf>,
    /// How invitations are mailed; `None`: whoever invites hands the link over.
    pub mail: Option<MailSettings>,
    /// How many requests in a second backends may make of this node.
    pub rates: RateSettings,
}

impl Config {
    /// Reads all settings through `variable`, which is given full names. A variable that is empty
    /// counts as not set.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| {
            variable(&format!("{PREFIX}{name}"))
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let public_url =
            public_url(&get("PUBLIC_URL").unwrap_or_else(|| "http://127.0.0.1:3000".to_owned()))?;
        let origin_overrides = origin_overrides(get("ORIGIN_OVERRIDES"), &public_url)?;
        let bind = bind(&get("BIND").unwrap_or_else(|| "127.0.0.1:3000".to_owned()))?;
        Ok(Self {
            public_url,
            bind,
            database_url: Secret::new(
                get("DATABASE_URL").unwrap_or_else(|| "sqlite://data/grantport.db".to_owned()),
            ),
            keys: keys(get("KEY_FILE"), get("KEY"))?,
            origin_overrides,
            allow_private_upstreams: list(get("ALLOW_PRIVATE_UPSTREAMS"), upstream)?,
            catalog_dir: get("CATALOG_DIR").map(PathBuf::from),
            log: get("LOG"),
            trusted_proxies: list(get("TRUSTED_PROXIES"), proxy)?,
            background_refresh: background_refresh(get("BACKGROUND_REFRESH").as_deref())?,
            metrics_bind: metrics_bind(get("METRICS_BIND").as_deref(), bind)?,
            audit_heads: get("AUDIT_HEADS").map(PathBuf::from),
            mail: mail(get("SMTP_URL"), get("MAIL_FROM"))?,
            rates: rates(get("RATE_PER_KEY"), get("RATE_PER_ORGANIZATION"))?,
        })
    }

    /// The public URL's scheme, host and port, without a slash at its end.
    #[must_use]
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// The absolute URL of a path of ours, which begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// Where tokens wait that the database does not take: `recovery.d` beside the database file,
    /// where there is one, else beside the key file.
    #[must_use]
    pub fn recovery_directory(&self) -> PathBuf {
        let file = match self.database_url.expose().strip_prefix("sqlite:") {
            Some(rest) => {
                let path = rest.trim_start_matches("//");
                PathBuf::from(path.split('?').next().unwrap_or(path))
            }
            None => match &self.keys {
                KeySource::File(path) | KeySource::Usual(path) => path.clone(),
                KeySource::Text(_) => PathBuf::from("data/key"),
            },
        };
        file.with_file_name("recovery.d")
    }

    /// The file that heads of the audit are appended to. The further it is from who can write to the
    /// database, the more it proves.
    #[must_use]
    pub fn heads_file(&self) -> PathBuf {
        self.audit_heads.clone().unwrap_or_else(|| {
            self.recovery_directory()
                .with_file_name("audit-heads.jsonl")
        })
    }

    /// Whether browsers reach us over https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The practice provider and origin overrides are for one machine alone.
    #[must_use]
    pub fn practice_allowed(&self) -> bool {
        is_loopback(&self.public_url)
    }
}

/// Names that begin like ours and are none: most likely a typing error.
pub fn unknown_variables(names: impl Iterator<Item = String>) -> Vec<String> {
    let unknown = |name: &String| {
        name.strip_prefix(PREFIX)
            .is_some_and(|rest| !KNOWN.contains(&rest))
    };
    let mut found: Vec<String> = names.filter(unknown).collect();
    found.sort();
    found
}

fn wrong<T>(variable: &'static str, problem: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError {
        variable,
        problem: problem.into(),
    })
}

fn public_url(text: &str) -> Result<Url, ConfigError> {
    let example =
        "is not a URL; write the address that browsers use, e.g. https://grantport.example.com";
    let Ok(url) = Url::parse(text) else {
        return wrong("PUBLIC_URL", example);
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return wrong("PUBLIC_URL", example);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong(
            "PUBLIC_URL",
            "has a user name or password in it; leave them out",
        );
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return wrong(
            "PUBLIC_URL",
            "has a path; Grantport needs a host of its own, so end it after the host or port",
        );
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return wrong(
            "PUBLIC_URL",
            "begins with http://; use https://, plain http is for 127.0.0.1 and localhost only",
        );
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // of a scheme that the URL standard does not know, an address is a name too
        Some(Host::Domain(name)) => {
            let address = name
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
            address || name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn bind(text: &str) -> Result<SocketAddr, ConfigError> {
    text.parse()
        .or_else(|_| wrong("BIND", "is not an address with a port; write e.g. 127.0.0.1:3000, or 0.0.0.0:3000 for all addresses"))
}

fn background_refresh(text: Option<&str>) -> Result<bool, ConfigError> {
    match text {
        None | Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(_) => wrong(
            "BACKGROUND_REFRESH",
            "is neither on nor off; write off to leave refreshing to the requests that this node gets",
        ),
    }
}

/// Metrics stand apart from the portal: whoever reaches one need not reach the other (R84).
fn metrics_bind(text: Option<&str>, bind: SocketAddr) -> Result<Option<SocketAddr>, ConfigError> {
    let Some(text) = text else {
        return Ok(None);
    };
    match text.parse() {
        Ok(address) if address == bind => wrong(
            "METRICS_BIND",
            "is the address of GRANTPORT_BIND; metrics need one of their own, so take another port",
        ),
        Ok(address) => Ok(Some(address)),
        Err(_) => wrong(
            "METRICS_BIND",
            "is not an address with a port; write e.g. 127.0.0.1:9464, or leave it empty for no metrics",
        ),
    }
}

fn rates(
    per_key: Option<String>,
    per_organization: Option<String>,
) -> Result<RateSettings, ConfigError> {
    let rate = |variable: &'static str, text: Option<String>, usual: u32| match text {
        None => Ok(usual),
        Some(text) => match text.parse() {
            Ok(rate) if (1..=HIGHEST_RATE).contains(&rate) => Ok(rate),
            _ => wrong(
                variable,
                "is not a whole number from 1 to 1000000; write how many requests in a second are let through",
            ),
        },
    };
    let usual = RateSettings::default();
    Ok(RateSettings {
        per_key: rate("RATE_PER_KEY", per_key, usual.per_key)?,
        per_organization: rate(
            "RATE_PER_ORGANIZATION",
            per_organization,
            usual.per_organization,
        )?,
    })
}

/// Both or neither. Without TLS, only to this machine: the mail holds a link that makes a member.
fn mail(url: Option<String>, from: Option<String>) -> Result<Option<MailSettings>, ConfigError> {
    let (url, from) = match (url, from) {
        (None, None) => return Ok(None),
        (Some(_), None) => {
            return wrong(
                "MAIL_FROM",
                "is not set; write the address that mails come from, e.g. Grantport <grantport@acme.example>",
            );
        }
        (None, Some(_)) => {
            return wrong(
                "SMTP_URL",
                "is not set; write e.g. smtps://user:password@mail.acme.example:465, or remove GRANTPORT_MAIL_FROM",
            );
        }
        (Some(url), Some(from)) => (Secret::new(url), from),
    };
    let Ok(from) = from.parse() else {
        return wrong(
            "MAIL_FROM",
            "is not an address; write e.g. Grantport <grantport@acme.example>",
        );
    };
    let Ok(parsed) = Url::parse(url.expose()) else {
        return wrong(
            "SMTP_URL",
            "is not a URL; write e.g. smtps://user:password@mail.acme.example:465",
        );
    };
    let asks_for_tls = parsed
        .query_pairs()
        .any(|(name, value)| name == "tls" && value == "required");
    let private = match parsed.scheme() {
        "smtps" => true,
        "smtp" => asks_for_tls || is_loopback(&parsed),
        _ => {
            return wrong(
                "SMTP_URL",
                "begins with something else than smtps:// or smtp://; write e.g. smtps://user:password@mail.acme.example:465",
            );
        }
    };
    if !private {
        return wrong(
            "SMTP_URL",
            "would send invitations in clear; write smtps://, or add ?tls=required",
        );
    }
    let settings = MailSettings::new(&url, from);
    settings.map(Some).or_else(|_| {
        wrong(
            "SMTP_URL",
            "cannot be used; write e.g. smtps://user:password@mail.acme.example:465, with special characters of the password percent-encoded",
        )
    })
}

fn keys(file: Option<String>, text: Option<String>) -> Result<KeySource, ConfigError> {
    match (file, text) {
        (Some(_), Some(_)) => wrong(
            "KEY_FILE",
            "and GRANTPORT_KEY are both set; set one of them",
        ),
        (Some(path), None) => Ok(KeySource::File(PathBuf::from(path))),
        (None, Some(text)) => Ok(KeySource::Text(Secret::new(text))),
        (None, None) => Ok(KeySource::Usual(PathBuf::from("data/key"))),
    }
}

fn origin_overrides(
    json: Option<String>,
    public_url: &Url,
) -> Result<OriginOverrides, ConfigError> {
    let Some(json) = json else {
        return Ok(OriginOverrides::default());
    };
    if !is_loopback(public_url) {
        return wrong(
            "ORIGIN_OVERRIDES",
            "is for trying Grantport on one machine; remove it, or set GRANTPORT_PUBLIC_URL to a loopback address",
        );
    }
    json.parse().or_else(|_| {
        wrong(
            "ORIGIN_OVERRIDES",
            r#"is not a JSON object of origins; write e.g. {"https://app.apollo.io": "http://127.0.0.1:9400"}"#,
        )
    })
}

/// Reads a list with commas or spaces between.
fn list<T>(
    text: Option<String>,
    read: impl Fn(&str) -> Result<T, ConfigError>,
) -> Result<Vec<T>, ConfigError> {
    let text = text.unwrap_or_default();
    text.split([',', ' ', '\n'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(read)
        .collect()
}

fn upstream(word: &str) -> Result<Upstream, ConfigError> {
    word.parse().or_else(|_| {
        wrong(
            "ALLOW_PRIVATE_UPSTREAMS",
            "is not a list of host:port; write e.g. 127.0.0.1:9400, idp.internal:443",
        )
    })
}

fn proxy(word: &str) -> Result<Network, ConfigError> {
    word.parse().or_else(|_| {
        wrong(
            "TRUSTED_PROXIES",
            "is not a list of addresses; write e.g. 10.0.0.0/8, 192.0.2.7, fd00::/8",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| {
            let found = pairs
                .iter()
                .find(|(key, _)| name == format!("GRANTPORT_{key}"));
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_is_an_installation_on_this_machine() {
        let config = read(&[]).expect("defaults");
        assert_eq!(config.origin(), "http://127.0.0.1:3000");
        assert_eq!(config.url("/setup"), "http://127.0.0.1:3000/setup");
        assert_eq!(config.bind.to_string(), "127.0.0.1:3000");
        assert!(matches!(&config.keys, KeySource::Usual(path) if path.ends_with("data/key")));
        assert!(config.practice_allowed());
        assert!(!config.is_https());
        assert!(config.background_refresh);
        assert_eq!(config.metrics_bind, None);
    }

    #[test]
    fn a_public_url_is_https_with_nothing_behind_the_host() {
        let config = read(&[("PUBLIC_URL", "https://Grantport.Example.com:8443/")]).expect("fine");
        assert_eq!(config.origin(), "https://grantport.example.com:8443");
        assert!(!config.practice_allowed());
        for good in [
            "http://localhost:3000",
            "http://[::1]:3000",
            "http://gp.localhost",
        ] {
            assert!(read(&[("PUBLIC_URL", good)]).is_ok(), "{good}");
        }
        for (bad, words) in [
            ("grantport.example.com", "is not a URL"),
            ("ftp://grantport.example.com", "is not a URL"),
            ("http://grantport.example.com", "use https://"),
            ("http://127.0.0.1.example.com", "use https://"),
            (
                "https://a:hunter2@grantport.example.com",
                "user name or password",
            ),
            ("https://example.com/grantport", "has a path"),
            ("https://example.com/?hunter2", "has a path"),
        ] {
            let sentence = read(&[("PUBLIC_URL", bad)]).expect_err(bad).to_string();
            assert!(
                sentence.starts_with("GRANTPORT_PUBLIC_URL ") && sentence.contains(words),
                "{sentence}"
            );
            assert!(!sentence.contains("hunter2"), "{sentence}");
        }
    }

    #[test]
    fn origin_overrides_stay_on_one_machine() {
        let overrides = (
            "ORIGIN_OVERRIDES",
            r#"{"https://app.apollo.io": "http://127.0.0.1:9400"}"#,
        );
        assert!(
            !read(&[overrides])
                .expect("loopback")
                .origin_overrides
                .is_empty()
        );
        let error = read(&[overrides, ("PUBLIC_URL", "https://grantport.example.com")])
            .expect_err("not loopback");
        assert!(error.to_string().contains("one machine"), "{error}");
        assert!(read(&[("ORIGIN_OVERRIDES", "apollo")]).is_err());
    }

    #[test]
    fn keys_come_from_one_place_and_are_never_shown() {
        let config = read(&[("KEY", "gpk1_hunter2")]).expect("a key");
        assert!(!format!("{config:?}").contains("hunter2"));
        assert!(read(&[("KEY", "gpk1_x"), ("KEY_FILE", "/run/key")]).is_err());
    }

    #[test]
    fn lists_are_read_word_by_word() {
        let config = read(&[
            (
                "ALLOW_PRIVATE_UPSTREAMS",
                "127.0.0.1:9400, IdP.internal:443",
            ),
            ("TRUSTED_PROXIES", "10.0.0.0/8 fd00::/8"),
        ])
        .expect("lists");
        assert_eq!(config.allow_private_upstreams.len(), 2);
        assert_eq!(config.trusted_proxies.len(), 2);
        for bad in ["127.0.0.1", "http://a:80", "a:b"] {
            assert!(read(&[("ALLOW_PRIVATE_UPSTREAMS", bad)]).is_err(), "{bad}");
        }
        assert!(read(&[("TRUSTED_PROXIES", "10.0.0.0/33")]).is_err());
    }

    #[test]
    fn one_node_can_leave_refreshing_to_requests() {
        for (text, on) in [("on", true), ("", true), ("off", false)] {
            let config = read(&[("BACKGROUND_REFRESH", text)]).expect(text);
            assert_eq!(config.background_refresh, on, "{text}");
        }
        for bad in ["no", "OFF", "false", "0"] {
            let sentence = read(&[("BACKGROUND_REFRESH", bad)])
                .expect_err(bad)
                .to_string();
            assert!(sentence.contains("neither on nor off"), "{sentence}");
        }
    }

    #[test]
    fn metrics_have_an_address_of_their_own() {
        let config = read(&[("METRICS_BIND", "127.0.0.1:9464")]).expect("an address");
        let address = config.metrics_bind.expect("an address");
        assert_eq!(address.to_string(), "127.0.0.1:9464");
        for (bad, words) in [
            ("9464", "is not an address"),
            ("on", "is not an address"),
            ("127.0.0.1:3000", "GRANTPORT_BIND"),
        ] {
            let sentence = read(&[("METRICS_BIND", bad)]).expect_err(bad).to_string();
            assert!(
                sentence.starts_with("GRANTPORT_METRICS_BIND ") && sentence.contains(words),
                "{sentence}"
            );
        }
    }

    #[test]
    fn heads_are_written_beside_the_database_or_where_it_is_said() {
        let usual = read(&[("DATABASE_URL", "sqlite://data/grantport.db")]).expect("settings");
        assert_eq!(usual.heads_file(), PathBuf::from("data/audit-heads.jsonl"));
        let said = read(&[("AUDIT_HEADS", "/mnt/worm/heads.jsonl")]).expect("settings");
        assert_eq!(said.heads_file(), PathBuf::from("/mnt/worm/heads.jsonl"));
    }

    #[test]
    fn mail_is_sent_over_tls_or_to_this_machine() {
        let from = ("MAIL_FROM", "Grantport <grantport@acme.example>");
        assert!(read(&[]).expect("no mail").mail.is_none());
        for good in [
            "smtps://ada:hunter2%21@mail.acme.example:465",
            "smtp://ada:hunter2@mail.acme.example:587?tls=required",
            "smtp://127.0.0.1:1025",
            "smtp://localhost",
        ] {
            let config = read(&[("SMTP_URL", good), from]).expect(good);
            assert!(config.mail.is_some(), "{good}");
            assert!(!format!("{config:?}").contains("hunter2"), "{good}");
        }
        for (url, words) in [
            ("smtp://ada:hunter2@mail.acme.example:587", "in clear"),
            ("smtp://mail.acme.example?tls=opportunistic", "in clear"),
            ("https://mail.acme.example", "begins with something else"),
            ("mail.acme.example hunter2", "is not a URL"),
        ] {
            let sentence = read(&[("SMTP_URL", url), from]).expect_err(url).to_string();
            assert!(sentence.contains(words), "{sentence}");
            assert!(!sentence.contains("hunter2"), "{sentence}");
        }
        assert!(read(&[from]).is_err());
        assert!(read(&[("SMTP_URL", "smtp://localhost")]).is_err());
        let nobody = [("SMTP_URL", "smtp://localhost"), ("MAIL_FROM", "Grantport")];
        assert!(read(&nobody).is_err());
    }

    #[test]
    fn typing_errors_are_noticed() {
        let names = ["GRANTPORT_PUBLC_URL", "GRANTPORT_BIND", "HOME"].map(str::to_owned);
        assert_eq!(
            unknown_variables(names.into_iter()),
            ["GRANTPORT_PUBLC_URL"]
        );
    }
}
