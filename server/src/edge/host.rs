//! Which host a request is for. Exactly one is named, and it is one of this server's: a name of somebody else that leads here makes a
//! browser send what it would send to that somebody (DNS rebinding).

use axum::extract::Request;
use domain::error::Refusal;
use http::Version;
use http::header::HOST;
use http::uri::Authority;
use std::net::IpAddr;

/// Names below these belong to nobody on the internet (RFC 6761, 6762, 8375, and what routers use), so nobody can point them here.
const PRIVATE: [&str; 8] = [
    "localhost",
    "local",
    "test",
    "example",
    "internal",
    "home.arpa",
    "lan",
    "localdomain",
];

/// The names by which this server is reached, beside addresses and names of the local network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnHosts(Vec<String>);

impl OwnHosts {
    /// These names, without ports.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(plain).filter(|name| !name.is_empty()).collect())
    }

    /// Is this host, without port, this server? An address always is, and so is a name nobody can own.
    pub fn contains(&self, host: &str) -> bool {
        let host = plain(host);
        if host.is_empty() {
            return false;
        }
        let is_private = |zone: &str| {
            let rest = host.strip_suffix(zone);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let is_address = host.parse::<IpAddr>().is_ok();
        // A name without a dot is one of the local network as well.
        is_address
            || !host.contains(['.', ':'])
            || PRIVATE.iter().any(|zone| is_private(zone))
            || self.0.contains(&host)
    }
}

/// As names are compared: small letters, no brackets, no dot at the end.
fn plain(host: &str) -> String {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']');
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// The host a request names; `None`: a request of HTTP/1.0 that names none.
///
/// # Errors
/// It names none or several, or what is no host.
pub fn of(request: &Request) -> Result<Option<Authority>, Refusal> {
    let one = || Refusal::malformed("a request names exactly one host");
    let mut headers = request.headers().get_all(HOST).iter();
    let (header, second) = (headers.next(), headers.next());
    if second.is_some() {
        return Err(one());
    }
    let header = match header {
        Some(value) => Some(Authority::try_from(value.as_bytes()).map_err(|_| one())?),
        None => None,
    };
    // HTTP/2 has the host in the address; where a proxy of HTTP/1 sends both, the address is what counts.
    let host = match (request.uri().authority(), header) {
        (Some(host), Some(header)) if request.version() >= Version::HTTP_2 && *host != header => return Err(one()),
        (Some(_), None) if request.version() == Version::HTTP_11 => return Err(one()),
        (Some(host), _) => host.clone(),
        (None, Some(header)) => header,
        (None, None) if request.version() < Version::HTTP_11 => return Ok(None),
        (None, None) => return Err(one()),
    };
    if host.as_str().contains('@') || host.host().is_empty() {
        return Err(one());
    }
    Ok(Some(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn only_own_hosts_addresses_and_names_nobody_can_own_are_served() {
        let own = OwnHosts::new(["Locks.Example.COM", "[2001:db8::1]", ""]);
        for host in [
            "locks.example.com",
            "LOCKS.example.com.",
            "192.0.2.7",
            "[2001:db8::7]",
            "localhost",
            "kiosk.localhost",
            "locker",
            "locker.local",
            "locker.lan",
            "a.home.arpa",
        ] {
            assert!(own.contains(host), "{host}");
        }
        for host in [
            "",
            ".",
            "evil.com",
            "locks.example.com.evil.com",
            "evil-locks.example.com",
            "notlocal.evillocal",
            "192.0.2.7.evil.com",
            "evillan.com",
        ] {
            assert!(!own.contains(host), "{host}");
        }
    }

    #[test]
    fn exactly_one_host_is_named() {
        let named = |version: Version, uri: &str, hosts: &[&str]| {
            let request = Request::builder().version(version).uri(uri);
            let request = hosts.iter().fold(request, |request, host| request.header(HOST, *host));
            of(&request.body(Body::empty()).unwrap()).map(|host| host.map(|host| host.to_string()))
        };
        let (old, usual, new) = (Version::HTTP_10, Version::HTTP_11, Version::HTTP_2);
        let found = |host: &str| Ok(Some(host.to_owned()));
        assert_eq!(named(usual, "/", &["a.example:3000"]), found("a.example:3000"));
        assert_eq!(named(usual, "http://a.example/", &["b.example"]), found("a.example"));
        assert_eq!(named(new, "https://a.example/", &[]), found("a.example"));
        assert_eq!(named(new, "https://a.example/", &["a.example"]), found("a.example"));
        assert_eq!(named(old, "/", &[]), Ok(None));
        for (version, uri, hosts) in [
            (usual, "/", &[][..]),
            (usual, "http://a.example/", &[]),
            (usual, "/", &["a.example", "a.example"]),
            (usual, "/", &["a.example", "b.example"]),
            (usual, "/", &[""]),
            (usual, "/", &["a.example, b.example"]),
            (usual, "/", &["user@a.example"]),
            (usual, "/", &["a.example/x"]),
            (new, "https://a.example/", &["b.example"]),
            (new, "/", &[]),
        ] {
            assert!(named(version, uri, hosts).is_err(), "{version:?} {uri} {hosts:?}");
        }
    }
}
