//! Callbacks to customers: to which addresses they may go, and one try.
//!
//! A callback URL is somebody else's wish. Only http and https, no redirects, bounded time and size,
//! no proxy, and no address that is not public unless the configuration allows it. The address is
//! checked when the URL is given and again, on what its name resolves to, when the connection is made.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use septet::api::{Advice, Answer, Method, Reply, Status};
use tokio::net::lookup_host;
use tracing::warn;
use url::Url;

use crate::Failed;
use crate::config::Callbacks;
use crate::store::{CallbackOutcome, OwnedCallback};

/// Networks that are not public: the IANA special-purpose registries for IPv4 and IPv6.
static NOT_PUBLIC: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0:0/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    ]
    .into_iter()
    .filter_map(|net| net.parse().ok())
    .collect()
});

/// Which addresses callbacks may go to.
#[derive(Clone, Debug)]
pub struct Policy {
    allow: Vec<IpNet>,
}

/// A URL without name and password, as it may be shown; where it is none, without what stands before
/// an `@`.
pub fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.rsplit_once('@').map_or(url.to_owned(), |(_, place)| format!("***@{place}"));
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}{path}"),
        None => url.to_owned(),
    }
}

impl Policy {
    /// Public addresses, and these networks.
    pub const fn new(allow: Vec<IpNet>) -> Self {
        Self { allow }
    }

    /// The URL, where it is one of http or https.
    pub fn read(url: &str) -> Option<Url> {
        Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    }

    /// Whether a connection to `address` may be made.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = plain(address);
        self.allow.iter().any(|net| net.contains(&address))
            || !NOT_PUBLIC.iter().any(|net| net.contains(&address))
    }

    /// Why the URL cannot be called, as far as it says so itself: its name is looked up later.
    ///
    /// # Errors
    /// The reason, in words.
    pub fn check(&self, url: &Url) -> Result<(), &'static str> {
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let name = host.trim_end_matches('.');
        let address = match literal {
            Ok(address) => address,
            // RFC 6761, section 6.3: these names are loopback, whatever a resolver says.
            Err(_) if name == "localhost" || name.ends_with(".localhost") => {
                Ipv4Addr::LOCALHOST.into()
            }
            Err(_) => return Ok(()),
        };
        if self.allows(address) { Ok(()) } else { Err("its address is not public") }
    }
}

/// The address that packets go to: that of IPv4 where an IPv6 one stands for it.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xFFFF, high, low] => embedded(high, low),
        // RFC 6052, section 2.1, and RFC 3056, section 2.
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        _ => address,
    }
}

/// Looks names up and keeps the addresses that callbacks may go to.
struct Resolver(Policy);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|found| policy.allows(found.ip())).collect();
            if allowed.is_empty() {
                return Err(format!("{} has no address that is public", name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Chooses what TLS is done with, for every client of this process.
pub fn install_tls() {
    // A second call finds the provider there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What makes callbacks.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    policy: Policy,
}

/// How much of a customer's answer is read, in octets. The longest one that matters has 19.
const ANSWER_MAX: usize = 64 * 1024;

impl Client {
    /// A client for these settings.
    ///
    /// Where the system has no trusted certificates it says so, and calls http only.
    ///
    /// # Errors
    /// One sentence.
    pub fn new(settings: &Callbacks) -> Result<Self, Failed> {
        install_tls();
        let policy = Policy::new(settings.allow.clone());
        let builder = || {
            reqwest::Client::builder()
                .dns_resolver(Arc::new(Resolver(policy.clone())))
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .timeout(settings.timeout)
                .user_agent(concat!("septet/", env!("CARGO_PKG_VERSION")))
        };
        let http = builder().build().or_else(|error| {
            warn!(error = causes(&error), "no trusted certificates: callbacks to https will fail");
            builder().tls_certs_only([]).build()
        });
        let http = http.map_err(|e| Failed::input(format!("cannot call back: {}", causes(&e))))?;
        Ok(Self { http, policy })
    }

    /// Makes one try, and tells how it went.
    pub async fn call(&self, request: OwnedCallback) -> CallbackOutcome {
        let OwnedCallback { endpoint, method, url, content_type, body } = request;
        if let Err(why) = self.policy.check(&url) {
            return CallbackOutcome::NoAnswer(why.to_owned());
        }
        let mut request = match method {
            Method::Get => self.http.get(url),
            Method::Post => self.http.post(url).body(body),
            Method::Delete => self.http.delete(url),
        };
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            // The URL has a customer's text in it, which is nothing for a log.
            Err(error) => return CallbackOutcome::NoAnswer(causes(&error.without_url())),
        };
        let mut body = Vec::new();
        // A body that breaks off or is too long is no answer that asks for a certain one; where only the
        // status counts, it counts all the same.
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_MAX {
                break;
            }
        }
        let content_type = response.headers().get(CONTENT_TYPE);
        let reply = Reply {
            status: Status(response.status().as_u16()),
            content_type: content_type.and_then(|value| value.to_str().ok()).unwrap_or_default(),
            body: &body,
        };
        match endpoint.parse_reply(&reply) {
            Answer::Taken => CallbackOutcome::Taken,
            answer if answer.advice() == Advice::RetryLater => CallbackOutcome::NotTaken,
            _ => CallbackOutcome::Unwanted,
        }
    }
}

/// An error with everything that caused it: the last cause is what a person can act on.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(policy: &Policy, url: &str) -> bool {
        policy.check(&Policy::read(url).expect(url)).is_err()
    }

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (url, shown) in [
            ("http://a:b@c/d", "http://***@c/d"),
            ("http://a:b@c@d:1?e", "http://***@d:1?e"),
            ("https://a@[::1]", "https://***@[::1]"),
            ("http://c/d@e?f@g", "http://c/d@e?f@g"),
            ("http:a:b@c", "***@c"),
            ("c", "c"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
    }

    #[test]
    fn every_network_is_read() {
        assert_eq!(NOT_PUBLIC.len(), 27);
    }

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        let policy = Policy::new(Vec::new());
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1:9000/dsn",
            "http://localhost./",
            "http://a.LOCALHOST/",
            "http://10.1.2.3/",
            "http://169.254.169.254/latest/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:a00:1::]/",
            "http://[fd00::1]/",
            "http://0.0.0.0/",
            "http://user:pass@192.168.1.1/",
        ] {
            assert!(refused(&policy, url), "{url}");
        }
        for url in ["http://example.com/", "https://93.184.216.34/", "http://[2606:2800:220:1::1]/"]
        {
            assert!(!refused(&policy, url), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_is_called_at_addresses_that_are_allowed_only() {
        let allow = |networks: &[&str]| {
            let networks = networks.iter().map(|network| network.parse().unwrap());
            Resolver(Policy::new(networks.collect()))
        };
        // What a name stands for when the connection is made, whatever it stood for before.
        let name = || "localhost".parse().unwrap();
        let refused = allow(&[]).resolve(name()).await.err().expect("no address");
        assert_eq!(refused.to_string(), "localhost has no address that is public");
        let found = allow(&["127.0.0.0/8", "::1/128"]).resolve(name()).await.expect("some");
        assert!(found.map(|found| found.ip()).all(|found| found.is_loopback()));
    }

    #[test]
    fn allowed_networks_are_allowed() {
        let policy = Policy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(!refused(&policy, "http://127.0.0.1:9000/dsn"));
        assert!(!refused(&policy, "http://localhost/"));
        assert!(refused(&policy, "http://10.0.0.1/"));
    }

    #[test]
    fn only_http_and_https_are_read() {
        for url in ["ftp://example.com/", "file:///etc/passwd", "example.com", "http://", ""] {
            assert!(Policy::read(url).is_none(), "{url}");
        }
    }
}
