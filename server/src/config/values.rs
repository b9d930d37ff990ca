//! How the values of settings are read. Each is taken as it was meant or refused with a reason; none becomes another value.

use backend::LocalZone;
use clap::{Arg, ArgAction};
use domain::nodes::{Host, NodeName};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Where a listener listens: an address, a host name, or every IPv4 address, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    host: ListenHost,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ListenHost {
    Address(IpAddr),
    Name(String),
}

impl ListenAddress {
    /// The address to listen on; of a name that has several, the first of IPv4 if there is one.
    ///
    /// # Errors
    /// Where nobody knows the host name.
    pub async fn resolve(&self) -> std::io::Result<SocketAddr> {
        let name = match &self.host {
            ListenHost::Address(address) => return Ok(SocketAddr::new(*address, self.port)),
            ListenHost::Name(name) => name,
        };
        let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), self.port)).await?.collect();
        let first = found.iter().find(|address| address.is_ipv4()).or(found.first());
        first
            .copied()
            .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::NotFound, "the host name has no address"))
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            ListenHost::Address(address) => SocketAddr::new(*address, self.port).fmt(f),
            ListenHost::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

impl FromStr for ListenAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self {
                host: ListenHost::Address(address.ip()),
                port: address.port(),
            });
        }
        let (host, port) = text
            .rsplit_once(':')
            .ok_or("an address and a port, such as 127.0.0.1:3000, localhost:3000 or :3000")?;
        let port = digits(port).ok_or("the port is a number from 0 to 65535")?;
        let host = match host {
            "" | "*" => ListenHost::Address(Ipv4Addr::UNSPECIFIED.into()),
            _ if host.contains(':') => return Err("an IPv6 address stands in brackets, such as [::1]:3000"),
            name => ListenHost::Name(
                host_name(name).ok_or("the host before the port is neither an address nor a host name")?,
            ),
        };
        Ok(Self { host, port })
    }
}

fn digits(text: &str) -> Option<u16> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// A host name in the form DNS and certificates have it: small letters, other scripts as punycode.
fn host_name(text: &str) -> Option<String> {
    let name = idna::domain_to_ascii(text.strip_suffix('.').unwrap_or(text)).ok()?;
    let label = |label: &str| {
        let inner = label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    let last_is_number = name
        .rsplit('.')
        .next()
        .is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    (name.len() <= 253 && name.split('.').all(label) && !last_is_number).then_some(name)
}

/// What others call this server: host and port of an address. A scheme of the web and brackets may be there, a path may not.
pub(super) fn advertised(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    if !["http", "https", "ws", "wss"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme))
    {
        return Err("only the schemes http:// and https:// may be in front of a host");
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['/', '?', '#', '@', '\\']) || rest.contains(char::is_whitespace) {
        return Err("a host name or address, with a port where wanted, and nothing else");
    }
    let wrong = "neither a host name nor an address";
    if let Some(inside) = rest.strip_prefix('[') {
        let (address, port) = inside.split_once(']').ok_or(wrong)?;
        let address: Ipv6Addr = address.parse().map_err(|_| wrong)?;
        return match port.strip_prefix(':') {
            Some(port) => Ok(format!("[{address}]:{}", port_of(port)?)),
            None if port.is_empty() => Ok(address.to_string()),
            None => Err(wrong),
        };
    }
    if let Ok(address) = rest.parse::<Ipv6Addr>() {
        return Ok(address.to_string());
    }
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, Some(port_of(port)?)),
        None => (rest, None),
    };
    let host = match host.parse::<Ipv4Addr>() {
        Ok(address) => address.to_string(),
        Err(_) => host_name(host).ok_or(wrong)?,
    };
    Ok(port.map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
}

/// One of this server's host names, without a port.
pub(super) fn host(text: &str) -> Result<String, &'static str> {
    let text = advertised(text)?;
    let host = Host::parse(&text).ok_or("neither a host name nor an address")?;
    Ok(host.bare().to_owned())
}

fn port_of(text: &str) -> Result<u16, &'static str> {
    digits(text)
        .filter(|port| *port > 0)
        .ok_or("the port is a number from 1 to 65535")
}

/// The address at which push services reach the operator of this deployment (RFC 8292).
pub(super) fn push_contact(text: &str) -> Result<String, &'static str> {
    let wrong = "mailto: and an e-mail address, or an address that begins with https://";
    let text = text.trim();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_contact = match text.split_once(':') {
        Some(("mailto", address)) => address
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host_name(host).is_some()),
        Some(("https", rest)) => {
            let host = rest.strip_prefix("//").and_then(|rest| rest.split('/').next());
            host.is_some_and(|host| host_name(host).is_some())
        }
        _ => false,
    };
    if is_plain && is_contact {
        Ok(text.to_owned())
    } else {
        Err(wrong)
    }
}

/// The proper name of a zone.
pub(super) fn time_zone(text: &str) -> Result<String, String> {
    let zone = LocalZone::named(text).map_err(|unknown| unknown.to_string())?;
    Ok(zone.name().to_owned())
}

/// What a node is called.
pub(super) fn node_name(text: &str) -> Result<NodeName, &'static str> {
    NodeName::parse(text.trim()).ok_or("1 to 64 printable ASCII characters without spaces")
}

/// The settings that are yes or no: no unless given, and yes where they are given alone.
pub(super) fn switches(setting: Arg) -> Arg {
    if !["tls_self_signed", "new", "verify_numbers", "push_to_loopback"].contains(&setting.get_id().as_str()) {
        return setting;
    }
    setting
        .value_name("YES|NO")
        .num_args(0..=1)
        .require_equals(true)
        .default_value("no")
        .default_missing_value("yes")
        .action(ArgAction::Set)
        .value_parser(yes_or_no)
}

/// The usual words for yes and no.
fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Ok(false),
        _ => Err("yes or no (also true and false, on and off, 1 and 0)"),
    }
}

/// What the database driver knows in the address of a PostgreSQL database. It ignores everything else, such as a misspelt `sslmode`.
const POSTGRES: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// The first parameter of a database's address that would be ignored. The address itself may hold a password, so it is never shown.
pub fn ignored_parameter(database_url: &str) -> Option<String> {
    let (address, parameters) = database_url.split_once('?')?;
    if !address.starts_with("postgres") {
        return None;
    }
    form_urlencoded::parse(parameters.as_bytes())
        .map(|(name, _)| name.into_owned())
        .find(|name| !(POSTGRES.contains(&name.as_str()) || name.starts_with("options[") && name.ends_with(']')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn listeners_take_addresses_host_names_and_bare_ports() {
        for (text, expected) in [
            ("127.0.0.1:3000", "127.0.0.1:3000"),
            (" 0.0.0.0:2017\n", "0.0.0.0:2017"),
            (":3000", "0.0.0.0:3000"),
            ("*:3000", "0.0.0.0:3000"),
            ("[::1]:3000", "[::1]:3000"),
            ("[::]:0", "[::]:0"),
            ("localhost:3000", "127.0.0.1:3000"),
        ] {
            let address: ListenAddress = text.parse().unwrap();
            assert_eq!(address.resolve().await.unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(
            "LOCALHOST:80".parse::<ListenAddress>().unwrap().to_string(),
            "localhost:80"
        );
        for wrong in [
            "",
            "3000",
            "localhost",
            ":",
            "::1:3000",
            "127.0.0.1:70000",
            "127.0.0.1:+1",
            "300.0.0.1:80",
            "http://x:80",
            "a b:80",
        ] {
            assert!(wrong.parse::<ListenAddress>().is_err(), "{wrong}");
        }
        let nobody: ListenAddress = "no-such-host.invalid:80".parse().unwrap();
        assert!(nobody.resolve().await.is_err());
    }

    #[test]
    fn only_the_host_of_an_advertised_address_is_kept() {
        for (text, expected) in [
            ("locks.example", "locks.example"),
            ("https://Locks.Example:2017/", "locks.example:2017"),
            ("locks.example.", "locks.example"),
            ("门禁.example", "xn--ckzq59c.example"),
            ("https://한국.kr:2017", "xn--3e0b707e.kr:2017"),
            ("192.168.0.7:2017", "192.168.0.7:2017"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("https://[2001:DB8::1]:2017", "[2001:db8::1]:2017"),
            ("2001:db8::1", "2001:db8::1"),
            ("box_1", "box_1"),
        ] {
            assert_eq!(advertised(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(host("https://Locks.com:2017/").as_deref(), Ok("locks.com"));
        for wrong in [
            "",
            "https://",
            "ftp://locks.example",
            "https://locks.example/guards",
            "user@locks.example",
            "locks.example:0",
            "locks.example:port",
            "locks..example",
            "-x.example",
            "300.1.1.1",
            "[::1",
            "[::1]x",
            "locks example",
            "a:b:c",
            "https://a/?b",
        ] {
            assert!(advertised(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_contact_for_push_services_is_an_address_of_mail_or_of_the_web() {
        for contact in [
            "mailto:ops@locks.example",
            "https://locks.example/contact",
            " mailto:a@b.example\n",
        ] {
            assert_eq!(push_contact(contact).as_deref(), Ok(contact.trim()), "{contact}");
        }
        for wrong in [
            "",
            "ops@locks.example",
            "mailto:ops",
            "mailto:@locks.example",
            "http://locks.example",
            "https://",
            "https:///x",
            "mailto:a b@c.example",
        ] {
            assert!(push_contact(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_usual_words_for_yes_and_no_are_known() {
        for yes in ["1", "true", "TRUE", "True", "yes", "Y", "on", " on\n", "t"] {
            assert_eq!(yes_or_no(yes), Ok(true), "{yes}");
        }
        for no in ["0", "false", "FALSE", "no", "N", "off", "f"] {
            assert_eq!(yes_or_no(no), Ok(false), "{no}");
        }
        for wrong in ["", "2", "maybe", "ja", "truee"] {
            assert!(yes_or_no(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_parameter_that_the_driver_would_ignore_is_found() {
        assert_eq!(
            ignored_parameter("postgres://u:p@h/n?sslmod=require").as_deref(),
            Some("sslmod")
        );
        assert_eq!(
            ignored_parameter("postgresql://h/n?sslmode=require&conect_timeout=3").as_deref(),
            Some("conect_timeout")
        );
        for fine in [
            "sqlite:x.db?mode=rwc",
            "postgres://h/n",
            "postgres://h/n?sslmode=require&options[search_path]=x&host=/run",
        ] {
            assert_eq!(ignored_parameter(fine), None, "{fine}");
        }
    }
}
