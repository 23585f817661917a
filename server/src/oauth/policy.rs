//! Which addresses the server may call (R76).
//!
//! Provider URLs contain what admins and end users typed, so without a rule a form would be a way
//! into the network that the server stands in. The rule: https, port 443, a host *name*, and no
//! address behind that name that is not public. It is applied twice: to the URL before anything is
//! sent (a resolver is never asked about `127.0.0.1` or its disguises), and to the resolved
//! addresses that will be dialled (a name may point anywhere, and elsewhere a moment later).
//! When an address is saved, both are asked as well, so that a mistake is told to whoever made it.
//! An operator can list exceptions by host and port.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// A host and port that the policy lets through: plain http and private addresses included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Upstream {
    host: String,
    port: u16,
}

/// A text that is not `host:port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected host:port, for example 10.0.0.8:8443 or idp.internal:443")]
pub struct InvalidUpstream;

impl Upstream {
    /// Host and port of a URL; `None` when it has no host.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self {
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }
}

impl std::str::FromStr for Upstream {
    type Err = InvalidUpstream;

    fn from_str(text: &str) -> Result<Self, InvalidUpstream> {
        let (host, port) = text.trim().rsplit_once(':').ok_or(InvalidUpstream)?;
        let port: u16 = port.parse().map_err(|_| InvalidUpstream)?;
        if host.is_empty() || host.contains(['/', '?', '#', '@', '\\']) {
            return Err(InvalidUpstream);
        }
        // the same reading of the host as for the URLs that are checked against it
        let url = Url::parse(&format!("http://{host}:{port}/")).map_err(|_| InvalidUpstream)?;
        Self::of(&url).ok_or(InvalidUpstream)
    }
}

/// Why an address is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not https, or not a web address at all.
    #[error("the address must begin with https://")]
    Scheme,
    /// There is no host in it.
    #[error("the address has no host")]
    NoHost,
    /// `user:password@`.
    #[error("the address must not contain a user name or password")]
    Credentials,
    /// `#...`: never sent, so never meant.
    #[error("the address must not contain a fragment")]
    Fragment,
    /// A literal IP address, in whatever notation.
    #[error("the address must name a host, not an IP address")]
    Literal,
    /// Neither 443 nor a listed port.
    #[error("the address must use port 443")]
    Port,
    /// The name points to an address that is not public.
    #[error("the host has no public address")]
    NotPublic,
}

/// The outbound policy and its exceptions.
#[derive(Clone, Debug, Default)]
pub struct OutboundPolicy {
    exceptions: BTreeSet<Upstream>,
}

impl OutboundPolicy {
    /// The rule, with `exceptions`: what the operator allows (`ALLOW_PRIVATE_UPSTREAMS`), the
    /// targets of origin overrides, and our own origin for the practice provider.
    #[must_use]
    pub fn new(exceptions: impl IntoIterator<Item = Upstream>) -> Self {
        Self {
            exceptions: exceptions.into_iter().collect(),
        }
    }

    /// Whether `url` may be called, as far as the URL itself tells. Also for the moment in which
    /// an address is saved.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        let target = Upstream::of(url).ok_or(Refusal::NoHost)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        if url.fragment().is_some() {
            return Err(Refusal::Fragment);
        }
        if self.exceptions.contains(&target) {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(Refusal::Scheme);
        }
        if !matches!(url.host(), Some(Host::Domain(_))) {
            return Err(Refusal::Literal);
        }
        // A listed host may resolve to a private address, so only its listed ports are open.
        if target.port != 443 || self.lists(&target.host) {
            return Err(Refusal::Port);
        }
        if is_local_name(&target.host) {
            return Err(Refusal::NotPublic);
        }
        Ok(())
    }

    /// Those of the addresses behind `host` that may be dialled.
    pub(super) fn usable(&self, host: &str, found: Vec<IpAddr>) -> Vec<IpAddr> {
        let listed = self.lists(host);
        let may_be_dialled = |address: &IpAddr| listed || is_public(*address);
        found.into_iter().filter(may_be_dialled).collect()
    }

    fn lists(&self, host: &str) -> bool {
        self.exceptions.iter().any(|listed| listed.host == host)
    }
}

/// Who is asked what a name stands for.
#[derive(Clone)]
pub(super) enum Names {
    /// The system's resolver.
    System,
    /// A test's own, which may change its mind.
    #[cfg(test)]
    Told(Arc<Tell>),
}

/// What a name stands for, as a test tells it.
#[cfg(test)]
type Tell = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl Names {
    pub(super) async fn addresses_of(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        match self {
            Self::System => {
                let found = tokio::net::lookup_host((name, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            }
            #[cfg(test)]
            Self::Told(tell) => Ok(tell(name)),
        }
    }
}

/// A resolver that leaves out addresses that are not public, except for listed hosts. What it
/// answers is what is dialled: nobody asks a second time.
pub(super) struct PolicedResolver {
    pub(super) policy: Arc<OutboundPolicy>,
    pub(super) names: Names,
}

impl Resolve for PolicedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, names) = (Arc::clone(&self.policy), self.names.clone());
        Box::pin(async move {
            let found = names.addresses_of(name.as_str()).await?;
            let usable = policy.usable(name.as_str(), found);
            if usable.is_empty() {
                return Err(Refusal::NotPublic.into());
            }
            // the port is the URL's
            let usable = usable
                .into_iter()
                .map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(usable.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

/// Names that mean this machine or this network wherever they are asked for (RFC 6761, RFC 6762,
/// RFC 8375), and single labels, which a resolver completes with a domain of its own.
fn is_local_name(host: &str) -> bool {
    const LOCAL: [&str; 4] = ["localhost", "local", "internal", "home.arpa"];
    let host = host.strip_suffix('.').unwrap_or(host);
    let below = |domain: &str| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !host.contains('.') || LOCAL.into_iter().any(below)
}

/// Whether an address is public: global unicast, and not a notation for another address.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => v6
            .to_ipv4_mapped()
            .map_or_else(|| is_public_v6(v6), is_public_v4),
    }
}

/// Networks of the IANA special-purpose registries (RFC 6890 and later), by first address and
/// length of the prefix.
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4
        .iter()
        .any(|(network, length)| (address.to_bits() ^ network.to_bits()).leading_zeros() >= *length)
}

/// Networks within `2000::/3` that are not what they seem: protocol assignments with Teredo,
/// documentation, 6to4.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Only `2000::/3` is global unicast. Loopback, NAT64 (`64:ff9b::`), unique local, link local,
/// multicast and the rest lie outside of it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let global = address.segments()[0] & 0xe000 == 0x2000;
    global
        && !SPECIAL_V6.iter().any(|(network, length)| {
            (address.to_bits() ^ network.to_bits()).leading_zeros() >= *length
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn every_notation_of_an_internal_address_is_refused() {
        let policy = OutboundPolicy::default();
        for (text, refusal) in [
            ("https://127.0.0.1/", Refusal::Literal),
            ("https://127.0.0.1./", Refusal::Literal),
            ("https://127.1/", Refusal::Literal),
            ("https://127.0.1/", Refusal::Literal),
            ("https://0/", Refusal::Literal),
            ("https://0.0.0.0/", Refusal::Literal),
            ("https://2130706433/", Refusal::Literal),
            ("https://0x7f000001/", Refusal::Literal),
            ("https://0x7f.1/", Refusal::Literal),
            ("https://0177.0.0.1/", Refusal::Literal),
            ("https://017700000001/", Refusal::Literal),
            ("https://0x7f.0x0.0x0.0x1/", Refusal::Literal),
            ("https://%31%32%37.0.0.1/", Refusal::Literal),
            ("https://127。0。0。1/", Refusal::Literal),
            ("https://①②⑦.0.0.1/", Refusal::Literal),
            ("https://169.254.169.254/latest/meta-data", Refusal::Literal),
            ("https://0xa9fea9fe/", Refusal::Literal),
            ("https://10.0.0.1/", Refusal::Literal),
            ("https://192.168.1.1/", Refusal::Literal),
            ("https://8.8.8.8/", Refusal::Literal),
            ("https://[::1]/", Refusal::Literal),
            ("https://[::]/", Refusal::Literal),
            ("https://[0:0:0:0:0:0:0:1]/", Refusal::Literal),
            ("https://[::ffff:127.0.0.1]/", Refusal::Literal),
            ("https://[::ffff:7f00:1]/", Refusal::Literal),
            ("https://[64:ff9b::7f00:1]/", Refusal::Literal),
            ("https://[2002:7f00:1::]/", Refusal::Literal),
            ("https://[fe80::1]/", Refusal::Literal),
            ("https://[fd00::1]/", Refusal::Literal),
            ("https:127.0.0.1/", Refusal::Literal),
            ("https:\\\\127.0.0.1\\", Refusal::Literal),
            ("https://localhost/", Refusal::NotPublic),
            ("https://LOCALHOST./", Refusal::NotPublic),
            ("https://app.localhost/", Refusal::NotPublic),
            ("https://printer.local/", Refusal::NotPublic),
            ("https://metadata.google.internal/", Refusal::NotPublic),
            ("https://router.home.arpa/", Refusal::NotPublic),
            ("https://metadata/", Refusal::NotPublic),
            ("https://idp.example@127.0.0.1/", Refusal::Credentials),
            ("https://a:b@idp.example/", Refusal::Credentials),
            ("https://idp.example/#token", Refusal::Fragment),
            ("https://idp.example:8443/", Refusal::Port),
            ("https://idp.example:22/", Refusal::Port),
            ("http://idp.example/", Refusal::Scheme),
            ("http://127.0.0.1/", Refusal::Scheme),
            ("ftp://idp.example/", Refusal::Scheme),
            ("file:///etc/passwd", Refusal::Scheme),
            ("gopher://127.0.0.1:25/", Refusal::Scheme),
            ("data:text/plain,hello", Refusal::Scheme),
            ("unix:/run/docker.sock", Refusal::Scheme),
        ] {
            assert_eq!(policy.check(&url(text)), Err(refusal), "{text}");
        }
    }

    #[test]
    fn a_provider_is_let_through() {
        let policy = OutboundPolicy::default();
        for text in [
            "https://app.apollo.io/api/v1/oauth/token",
            "https://IDP.example:443/token?a=b",
            "https://acme.my.salesforce.com/services/oauth2/token",
            "https://notlocalhost.example/",
            "https://internal.example/",
        ] {
            assert_eq!(policy.check(&url(text)), Ok(()), "{text}");
        }
    }

    #[test]
    fn exceptions_hold_for_their_port_only() {
        let exceptions = ["127.0.0.1:9400", "[::1]:9400", "IdP.internal:8443"];
        let policy = OutboundPolicy::new(exceptions.map(|text| text.parse().expect("host:port")));
        for text in [
            "http://127.0.0.1:9400/token",
            "http://2130706433:9400/token",
            "http://[::1]:9400/token",
            "https://idp.internal:8443/token",
        ] {
            assert_eq!(policy.check(&url(text)), Ok(()), "{text}");
        }
        for (text, refusal) in [
            ("http://127.0.0.1:9401/", Refusal::Scheme),
            ("https://127.0.0.1/", Refusal::Literal),
            ("https://idp.internal/", Refusal::Port),
            ("http://u@127.0.0.1:9400/", Refusal::Credentials),
            ("ftp://127.0.0.1:9400/", Refusal::Scheme),
        ] {
            assert_eq!(policy.check(&url(text)), Err(refusal), "{text}");
        }
    }

    #[test]
    fn an_exception_is_a_host_and_a_port() {
        for text in [
            "",
            "idp.internal",
            ":80",
            "idp:0x50",
            "http://idp:80",
            "a@idp:80",
            "idp/x:80",
            "idp:70000",
        ] {
            assert_eq!(text.parse::<Upstream>(), Err(InvalidUpstream), "{text}");
        }
    }

    #[test]
    fn only_public_addresses_are_dialled() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            let address: IpAddr = text.parse().expect("an address");
            assert!(!is_public(address), "{text}");
        }
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860:4860::8888",
        ] {
            let address: IpAddr = text.parse().expect("an address");
            assert!(is_public(address), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_for_an_internal_address_does_not_resolve() {
        let resolver = |policy: OutboundPolicy| PolicedResolver {
            policy: Arc::new(policy),
            names: Names::System,
        };
        let name = || "localhost".parse().expect("a name");
        let Err(refused) = resolver(OutboundPolicy::default()).resolve(name()).await else {
            panic!("localhost resolved");
        };
        assert_eq!(refused.downcast_ref(), Some(&Refusal::NotPublic));

        let listed = OutboundPolicy::new(["localhost:9400".parse().expect("host:port")]);
        assert!(resolver(listed).resolve(name()).await.is_ok());
    }
}
