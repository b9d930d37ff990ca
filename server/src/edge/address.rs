//! The one place that knows where a request comes from: the client's address, and whether the client used https. Both may be told
//! by a proxy that is trusted; nobody else is believed.

use super::counters::{Count, Counters};
use crate::state::Transport;
use axum::extract::Request;
use http::header::{FORWARDED, HeaderName};
use http::uri::Authority;
use http::{HeaderMap, Uri};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Where a request comes from. An extension of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// `None` only where there is no socket.
    pub address: Option<IpAddr>,
    /// With TLS or without, all the way from the client to this server or the proxy before it.
    pub transport: Transport,
}

impl Client {
    /// The address as limits count it, also in the log.
    pub fn counted(&self) -> String {
        self.address
            .map_or("unknown".to_owned(), |address| Network::of(address).to_string())
    }
}

/// What a scheme says.
fn transport(scheme: &str) -> Option<Transport> {
    let scheme = scheme.trim().trim_matches('"');
    if scheme.eq_ignore_ascii_case("https") {
        Some(Transport::Tls)
    } else {
        scheme.eq_ignore_ascii_case("http").then_some(Transport::Plain)
    }
}

/// What counts as one client: an address of IPv4, or the /64 of IPv6 that one household or attacker has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                write!(f, "{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

/// The proxies whose headers are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// These networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Is this one of them?
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// A network such as `10.0.0.0/8`, or a single address.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| {
            text.parse::<IpAddr>()
                .map(|address| IpNet::from(address.to_canonical()))
        })
        .map_err(|_| format!("{text:?} is neither an address such as 192.0.2.7 nor a network such as 10.0.0.0/8"))
}

/// The address by which people open the pages, `http://` or `https://` and a host, with a port where it is not the usual one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    transport: Transport,
    authority: Authority,
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address such as https://locks.example or http://locks.example:8080");
        let uri: Uri = text.trim().parse().map_err(|_| wrong())?;
        let transport = uri.scheme_str().and_then(transport).ok_or_else(wrong)?;
        let authority = uri.authority().ok_or_else(wrong)?;
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !authority.as_str().contains('@');
        if !bare || authority.host().is_empty() {
            return Err(wrong());
        }
        let authority = authority.clone();
        Ok(Self { transport, authority })
    }
}

impl PublicUrl {
    /// Its host, without the port.
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// Is this the `Origin` of its pages?
    pub fn is_origin(&self, origin: &str) -> bool {
        let Some((scheme, authority)) = origin.split_once("://") else {
            return false;
        };
        transport(scheme) == Some(self.transport) && same_authority(self.transport, authority, self.authority.as_str())
    }

    /// A proxy may have dropped the port on the way.
    fn is_reached_by(&self, host: &Authority) -> bool {
        let bare = host.port().is_none() && host.host().eq_ignore_ascii_case(self.host());
        bare || same_authority(self.transport, host.as_str(), self.authority.as_str())
    }
}

/// Do both name the same host and port, where this transport has a usual one?
pub(super) fn same_authority(transport: Transport, one: &str, other: &str) -> bool {
    let usual = match transport {
        Transport::Plain => ":80",
        Transport::Tls => ":443",
    };
    let bare = |text: &str| text.strip_suffix(usual).unwrap_or(text).to_ascii_lowercase();
    bare(one) == bare(other)
}

/// Who is believed about what.
#[derive(Clone, Debug, Default)]
pub struct Believed {
    /// Their headers say where a request comes from.
    pub proxies: TrustedProxies,
    /// What is reached by this address was reached by its scheme.
    pub public_url: Option<PublicUrl>,
}

impl Believed {
    /// Where a request comes from that a listener of this scheme took from `peer`, for this host.
    pub fn client(
        &self,
        listener: Transport,
        peer: Option<SocketAddr>,
        host: Option<&Authority>,
        request: &Request,
        counters: &Counters,
    ) -> Client {
        let peer = peer.map(|peer| peer.ip().to_canonical());
        let public = self.public_url.as_ref();
        let told = public.filter(|public| host.is_some_and(|host| public.is_reached_by(host)));
        let mut client = Client {
            address: peer,
            transport: match (listener, told) {
                (Transport::Plain, Some(public)) => public.transport,
                _ => listener,
            },
        };
        let Some(proxy) = peer.filter(|peer| self.proxies.contains(*peer)) else {
            return client;
        };
        let headers = request.headers();
        client.address = Some(self.forwarded_for(proxy, headers, counters));
        if listener == Transport::Plain
            && let Some(transport) = forwarded_proto(headers)
        {
            client.transport = transport;
        }
        client
    }

    /// The last address that is no trusted proxy. A proxy sends one of the two headers; where both are there, one of them was sent by
    /// the client and passed on, and nothing is believed unless they agree.
    fn forwarded_for(&self, proxy: IpAddr, headers: &HeaderMap, counters: &Counters) -> IpAddr {
        let lists = [list(headers, &FORWARDED_FOR), elements(headers, "for")];
        match lists {
            [None, None] => proxy,
            [Some(list), None] | [None, Some(list)] => self.last_untrusted(proxy, &list),
            [Some(one), Some(other)] => {
                let (one, other) = (self.last_untrusted(proxy, &one), self.last_untrusted(proxy, &other));
                if one == other {
                    return one;
                }
                counters.add(Count::ForwardingContradicts);
                tracing::warn!(
                    %proxy,
                    "X-Forwarded-For and Forwarded of a trusted proxy contradict each other, so the proxy's own address counts: \
                     let it set one of them and remove the other"
                );
                proxy
            }
        }
    }

    fn last_untrusted(&self, proxy: IpAddr, list: &[String]) -> IpAddr {
        let mut last = proxy;
        for entry in list.iter().rev() {
            // What cannot be read was told by the last one that could, which is all that is known.
            let Some(address) = node_address(entry) else {
                return last;
            };
            last = address;
            if !self.proxies.contains(address) {
                return last;
            }
        }
        last
    }
}

/// The parts of a header that is a list, in their order; `None` where it is not there.
fn list(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let parts = values.flat_map(|value| {
        String::from_utf8_lossy(value.as_bytes())
            .split(',')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    Some(parts.collect())
}

/// This parameter of every element of `Forwarded` (RFC 7239); empty where an element has none.
fn elements(headers: &HeaderMap, wanted: &str) -> Option<Vec<String>> {
    let elements = list(headers, &FORWARDED)?;
    let parameter = |element: String| {
        let found = element.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        });
        found.unwrap_or_default()
    };
    Some(elements.into_iter().map(parameter).collect())
}

fn forwarded_proto(headers: &HeaderMap) -> Option<Transport> {
    let told = list(headers, &FORWARDED_PROTO).or_else(|| elements(headers, "proto"))?;
    told.first().and_then(|scheme| transport(scheme))
}

/// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::1`, `"[2001:db8::1]:4711"`.
fn node_address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let address = text
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .or_else(|_| text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>());
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn believed(proxies: &[&str], public_url: Option<&str>) -> Believed {
        Believed {
            proxies: TrustedProxies::new(proxies.iter().map(|text| network(text).unwrap()).collect()),
            public_url: public_url.map(|url| url.parse().unwrap()),
        }
    }

    fn client(believed: &Believed, peer: &str, headers: &[(&str, &str)]) -> (String, Transport) {
        let request = headers.iter().fold(Request::builder(), |request, (name, value)| {
            request.header(*name, *value)
        });
        let request = request.body(Body::empty()).unwrap();
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        let host = Authority::from_static("locks.example");
        let client = believed.client(
            Transport::Plain,
            Some(peer),
            Some(&host),
            &request,
            &Counters::default(),
        );
        (client.counted(), client.transport)
    }

    #[test]
    fn an_address_of_ipv6_counts_as_its_network() {
        let counted = |text: &str| Network::of(text.parse().unwrap()).to_string();
        assert_eq!(counted("192.0.2.7"), "192.0.2.7");
        assert_eq!(counted("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), counted("2001:db8:1:2:ffff::"));
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }

    #[test]
    fn headers_of_an_untrusted_peer_are_ignored() {
        let forged = [
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=192.0.2.1;proto=https"),
        ];
        for believed in [believed(&[], None), believed(&["10.0.0.0/8"], None)] {
            assert_eq!(
                client(&believed, "198.51.100.9", &forged),
                ("198.51.100.9".to_owned(), Transport::Plain)
            );
        }
    }

    #[test]
    fn the_last_untrusted_address_counts() {
        let believed = believed(&["10.0.0.0/8", "2001:db8:ffff::/48", "127.0.0.1"], None);
        for (header, value, expected) in [
            ("x-forwarded-for", "198.51.100.9", "198.51.100.9"),
            ("x-forwarded-for", "192.0.2.1, 198.51.100.9", "198.51.100.9"),
            ("x-forwarded-for", "192.0.2.1, 198.51.100.9, 10.1.1.1", "198.51.100.9"),
            ("x-forwarded-for", "10.2.2.2, 10.1.1.1", "10.2.2.2"),
            ("x-forwarded-for", "198.51.100.9:4711", "198.51.100.9"),
            ("x-forwarded-for", "::ffff:198.51.100.9", "198.51.100.9"),
            ("x-forwarded-for", "192.0.2.1, unknown, 10.1.1.1", "10.1.1.1"),
            ("x-forwarded-for", "", "127.0.0.1"),
            (
                "forwarded",
                "for=192.0.2.1, For=\"[2001:db8:1::7]:4711\";proto=https",
                "2001:db8:1:0::/64",
            ),
            (
                "forwarded",
                "for=198.51.100.9;by=10.1.1.1, for=\"[2001:db8:ffff::1]\"",
                "198.51.100.9",
            ),
            ("forwarded", "for=_hidden", "127.0.0.1"),
            ("forwarded", "proto=https", "127.0.0.1"),
        ] {
            assert_eq!(
                client(&believed, "127.0.0.1", &[(header, value)]).0,
                expected,
                "{header}: {value}"
            );
        }
        let twice = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "198.51.100.9")];
        assert_eq!(client(&believed, "::ffff:127.0.0.1", &twice).0, "198.51.100.9");
    }

    #[test]
    fn two_headers_that_contradict_each_other_are_not_believed() {
        let believed = believed(&["127.0.0.1"], None);
        let forged = [("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "198.51.100.9")];
        assert_eq!(client(&believed, "127.0.0.1", &forged).0, "127.0.0.1");
        let agreed = [("forwarded", "for=198.51.100.9"), ("x-forwarded-for", "198.51.100.9")];
        assert_eq!(client(&believed, "127.0.0.1", &agreed).0, "198.51.100.9");
    }

    #[test]
    fn a_trusted_proxy_or_the_public_address_says_that_it_is_https() {
        let proxied = believed(&["127.0.0.1"], None);
        let scheme = |headers: &[(&str, &str)]| client(&proxied, "127.0.0.1", headers).1;
        assert_eq!(scheme(&[]), Transport::Plain);
        assert_eq!(scheme(&[("x-forwarded-proto", "HTTPS")]), Transport::Tls);
        assert_eq!(scheme(&[("x-forwarded-proto", "ftp")]), Transport::Plain);
        assert_eq!(
            scheme(&[("forwarded", "for=192.0.2.1;proto=\"https\"")]),
            Transport::Tls
        );
        let public = believed(&[], Some("https://Locks.example:443/"));
        assert_eq!(client(&public, "127.0.0.1", &[]).1, Transport::Tls);
        let elsewhere = believed(&[], Some("https://other.example"));
        assert_eq!(client(&elsewhere, "127.0.0.1", &[]).1, Transport::Plain);
    }

    #[test]
    fn what_is_no_network_or_address_is_refused_by_name() {
        for wrong in ["", "10.0.0.0/33", "proxy.lan", "10.0.0", "*"] {
            assert!(network(wrong).is_err(), "{wrong}");
        }
        for wrong in [
            "",
            "locks.example",
            "ftp://a.example",
            "https://",
            "https://a.example/x",
            "https://u@a.example",
            "https://a.example?x",
        ] {
            assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
        }
        let public: PublicUrl = "http://locks.example:8080".parse().unwrap();
        assert!(public.is_origin("http://locks.example:8080"));
        for other in ["https://locks.example:8080", "http://locks.example", "null", ""] {
            assert!(!public.is_origin(other), "{other}");
        }
    }
}
