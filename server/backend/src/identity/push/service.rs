//! Sending to push services. Their addresses come from browsers, so anybody who is signed in could name any: only hosts of the internet are spoken
//! to, whatever a name resolves to at that moment, no redirect is followed, and nothing of the answer but its status is used.

use super::PushSettings;
use domain::push::PushAddress;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// A push service has so long to answer.
const WITHIN: Duration = Duration::from_secs(10);
/// A service that asks for a pause gets one, but no longer one.
const LONGEST_PAUSE_S: i64 = 3_600;

/// A message on its way.
pub(super) struct Posted {
    pub(super) address: PushAddress,
    pub(super) authorization: String,
    /// Seconds for which the service keeps it for a browser that is not there.
    pub(super) seconds: i64,
    /// One that waits with the same topic is replaced.
    pub(super) topic: String,
    pub(super) body: Vec<u8>,
}

/// What a push service said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Taken,
    /// The browser's address is no longer one.
    Gone,
    /// It will never take this.
    Refused(u16),
    /// Not now; perhaps not before these milliseconds have passed.
    Later(String, Option<i64>),
}

/// The HTTP client.
pub(super) struct Service {
    agent: Agent,
}

impl Service {
    pub(super) fn new(settings: &PushSettings) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(WITHIN))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            // A proxy would look up the name itself.
            .proxy(None)
            .user_agent(concat!("latchkey/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = Public {
            inner: DefaultResolver::default(),
            loopback: settings.loopback,
        };
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
        }
    }

    pub(super) async fn post(&self, posted: Posted) -> Said {
        let request = self
            .agent
            .post(posted.address.as_str())
            .header("Authorization", posted.authorization)
            .header("Content-Encoding", "aes128gcm")
            .header("Content-Type", "application/octet-stream")
            .header("TTL", posted.seconds.max(0).to_string())
            .header("Topic", posted.topic)
            .header("Urgency", "normal");
        // The client waits in its thread; the async ones have others to serve.
        let answer = tokio::task::spawn_blocking(move || {
            request.send(&posted.body[..]).map(|answer| {
                let pause = answer.headers().get("retry-after");
                let pause: Option<i64> = pause.and_then(|pause| pause.to_str().ok()?.trim().parse().ok());
                (answer.status().as_u16(), pause)
            })
        });
        match answer.await {
            Ok(Ok((status, pause))) => said(status, pause),
            // Its text may name the address, which nobody else should know.
            Ok(Err(error)) => Said::Later(kind(&error).to_owned(), None),
            Err(_) => Said::Later("the sending thread ended".to_owned(), None),
        }
    }
}

fn said(status: u16, pause_s: Option<i64>) -> Said {
    match status {
        200..300 => Said::Taken,
        404 | 410 => Said::Gone,
        408 | 425 | 429 | 500.. => {
            let pause = pause_s.map(|seconds| seconds.clamp(0, LONGEST_PAUSE_S) * 1_000);
            Said::Later(format!("status {status}"), pause)
        }
        status => Said::Refused(status),
    }
}

/// Why the service was not reached, without its address.
fn kind(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::HostNotFound => "no host of the internet has this name",
        ureq::Error::Timeout(_) => "no answer in time",
        ureq::Error::ConnectionFailed => "no connection",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "no TLS",
        _ => "not reached",
    }
}

/// May messages be sent to this address, as far as it can be told without looking up its name?
pub(super) fn may_be_sent_to(address: &PushAddress, loopback: bool) -> bool {
    let host = address.host();
    match host.parse::<IpAddr>() {
        Ok(ip) if loopback && ip.is_loopback() => true,
        Ok(ip) => address.is_secure() && is_public(ip),
        Err(_) => address.is_secure() && host.contains('.') && !host.ends_with('.'),
    }
}

/// Resolves names to hosts of the internet, and to nothing else.
#[derive(Debug)]
struct Public {
    inner: DefaultResolver,
    /// For tests: this machine as well.
    loopback: bool,
}

impl Resolver for Public {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        for address in found.iter() {
            if is_public(address.ip()) || (self.loopback && address.ip().is_loopback()) {
                kept.push(*address);
            }
        }
        if kept.is_empty() {
            Err(ureq::Error::HostNotFound)
        } else {
            Ok(kept)
        }
    }
}

/// Is this an address of the internet, and not of this machine, a local network, or for special use?
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = matches!(
        ip.octets(),
        [0 | 240.., ..] | [100, 64..128, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18 | 19, ..]
    );
    !(special
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || ip.is_unspecified())
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // An IPv4 address in a longer coat.
        [0, 0, 0, 0, 0, 0xffff, ..] => ip.to_ipv4_mapped().is_some_and(is_public_v4),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            let [.., a, b, c, d] = ip.octets();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Tunnels, documentation and other special uses.
        [0x2001, 0..0x200, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..0x1000, ..] => false,
        // What is given out to hosts of the internet.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for public in [
            "142.250.0.1",
            "1.1.1.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for own in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.168.0.1",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "::127.0.0.1",
            "3fff::1",
        ] {
            assert!(!is_public(own.parse().unwrap()), "{own}");
        }
    }

    #[test]
    fn an_address_is_over_tls_and_of_the_internet_and_of_this_machine_for_tests_only() {
        let may = |text: &str, loopback| may_be_sent_to(&PushAddress::try_from(text.to_owned()).unwrap(), loopback);
        for good in [
            "https://fcm.example/send/x",
            "https://1.1.1.1/x",
            "https://push.example:8443/",
        ] {
            assert!(may(good, false) && may(good, true), "{good}");
        }
        for wrong in [
            "http://push.example/x",
            "https://localhost/x",
            "https://10.0.0.1/x",
            "https://[fe80::1]/x",
            "https://intranet/x",
            "https://localhost./x",
            "http://10.0.0.1/x",
        ] {
            assert!(!may(wrong, false) && !may(wrong, true), "{wrong}");
        }
        for own in ["http://127.0.0.1:8080/x", "http://[::1]/x", "https://127.0.0.1/x"] {
            assert!(!may(own, false) && may(own, true), "{own}");
        }
    }

    #[test]
    fn a_status_says_what_becomes_of_the_message() {
        assert_eq!(said(201, None), Said::Taken);
        assert_eq!((said(404, None), said(410, None)), (Said::Gone, Said::Gone));
        for status in [301, 400, 401, 403, 413] {
            assert_eq!(said(status, None), Said::Refused(status));
        }
        assert_eq!(said(429, Some(60)), Said::Later("status 429".to_owned(), Some(60_000)));
        assert_eq!(
            said(503, Some(i64::MAX)),
            Said::Later("status 503".to_owned(), Some(3_600_000))
        );
        assert_eq!(said(500, None), Said::Later("status 500".to_owned(), None));
    }
}
