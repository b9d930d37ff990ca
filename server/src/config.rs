//! The command line (SPEC 5). Every setting is a flag and an environment variable. A setting either holds or stops the start.

mod environment;
mod values;

pub use environment::{Misspelt, check_names};
pub use values::{ListenAddress, ignored_parameter};

use crate::cli;
use crate::edge::Edge;
use crate::edge::address::{self, Believed, PublicUrl, TrustedProxies};
use crate::edge::bounds::Bounds;
use crate::edge::host::OwnHosts;
use backend::guard::superiors::Consent;
use backend::nodes::NodeConfig;
use backend::notify::Secret;
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::nodes::{Host, MOST_WEIGHT, NodeName, USUAL_WEIGHT};
use ipnet::IpNet;
use std::path::PathBuf;
use std::sync::Arc;

/// Longest time to wait for a database: a week, in seconds.
const WAIT_MAX: u64 = 7 * 24 * 3600;

/// Opens meter lockers and guarded doors for people who hold a valid grant, and keeps evidence of every opening
#[derive(Parser, Debug)]
#[command(name = "latchkey", version, about, max_term_width = 120)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run the server
    Serve(Serve),
    /// Run the server with sample data, put into the database if that is empty
    Demo(Serve),
    /// An operator's work from a shell.
    #[command(flatten)]
    Operator(cli::Command),
}

/// Settings of the server.
#[derive(Args, Clone, Debug)]
#[command(mut_args(values::switches))]
pub struct Serve {
    /// Where the data is.
    #[command(flatten)]
    pub store: cli::Store,
    /// Address or host name, and port, of the web listener; :3000 is every IPv4 address
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "LATCHKEY_HTTP",
        default_value = "127.0.0.1:3000"
    )]
    pub http: ListenAddress,
    /// Address or host name, and port, of the TLS listener, such as 0.0.0.0:2017; off unless given
    #[arg(long, value_name = "ADDRESS", env = "LATCHKEY_HTTPS")]
    pub https: Option<ListenAddress>,
    /// Certificate chain in PEM form
    #[arg(long, value_name = "FILE", env = "LATCHKEY_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate in PEM form
    #[arg(long, value_name = "FILE", env = "LATCHKEY_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Make a certificate for a local network, kept in the data directory
    #[arg(long, env = "LATCHKEY_TLS_SELF_SIGNED")]
    pub tls_self_signed: bool,
    /// Host name or address under which others reach this server
    #[arg(long, value_name = "HOST", env = "LATCHKEY_ADVERTISE", value_parser = values::advertised)]
    pub advertise: Option<String>,
    /// Address by which people open the pages, such as https://locks.example, where a proxy stands before this server
    #[arg(long, value_name = "URL", env = "LATCHKEY_PUBLIC_URL")]
    pub public_url: Option<PublicUrl>,
    /// More host names of this server, beside those of --advertise and --public-url; requests for others are refused
    #[arg(long, value_name = "NAME,…", env = "LATCHKEY_HOSTS", value_delimiter = ',', value_parser = values::host)]
    pub hosts: Vec<String>,
    /// Proxies whose X-Forwarded-For, X-Forwarded-Proto or Forwarded is believed, such as 127.0.0.1 or 10.0.0.0/8
    #[arg(long, value_name = "CIDR,…", env = "LATCHKEY_TRUSTED_PROXIES", value_delimiter = ',', value_parser = address::network)]
    pub trusted_proxies: Vec<IpNet>,
    /// Most open connections of one address, trusted proxies apart; a quarter of all that are possible unless given
    #[arg(long, value_name = "NUMBER", env = "LATCHKEY_CONNECTIONS_PER_ADDRESS", value_parser = clap::value_parser!(u32).range(1..))]
    pub connections_per_address: Option<u32>,
    /// What this node is called among those that share a database; the advertised host unless given, or else this machine's name
    #[arg(long, value_name = "NAME", env = "LATCHKEY_NODE", value_parser = values::node_name)]
    pub node: Option<NodeName>,
    /// Relative share of owners and guards assigned to this node
    #[arg(long, value_name = "1-1000", env = "LATCHKEY_WEIGHT", default_value_t = USUAL_WEIGHT, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_WEIGHT)))]
    pub weight: u32,
    /// The zone local times are meant in
    #[arg(
        long,
        value_name = "ZONE",
        env = "LATCHKEY_TIME_ZONE",
        default_value = "Asia/Shanghai",
        value_parser = values::time_zone
    )]
    pub time_zone: String,
    /// Address that passes messages on to owners, such as the code for a new password; http:// or https://
    #[arg(
        long,
        value_name = "URL",
        env = "LATCHKEY_NOTIFY_WEBHOOK",
        hide_env_values = true,
        requires = "notify_secret"
    )]
    pub notify_webhook: Option<String>,
    /// What messages to that address are signed with: HMAC-SHA256 in X-Latchkey-Signature
    #[arg(
        long,
        value_name = "SECRET",
        env = "LATCHKEY_NOTIFY_SECRET",
        hide_env_values = true,
        requires = "notify_webhook"
    )]
    pub notify_secret: Option<Secret>,
    /// Offer notifications in browsers; whom push services write to if something is wrong: mailto:ADDRESS or https://…
    #[arg(long, value_name = "CONTACT", env = "LATCHKEY_PUSH_CONTACT", value_parser = values::push_contact)]
    pub push_contact: Option<String>,
    /// For tests: send notifications to push services on this machine as well
    #[arg(long, env = "LATCHKEY_PUSH_TO_LOOPBACK")]
    pub push_to_loopback: bool,
    /// Seconds to wait for the database at the start; 0: end with status 69 if it does not answer
    #[arg(
        long,
        value_name = "SECONDS",
        env = "LATCHKEY_WAIT_FOR_DATABASE",
        default_value_t = 0,
        value_parser = clap::value_parser!(u64).range(0..=WAIT_MAX)
    )]
    pub wait_for_database: u64,
    /// Connections to PostgreSQL that this node holds at most; it needs one more to listen
    #[arg(long, value_name = "2-1000", env = "LATCHKEY_DATABASE_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub database_connections: u32,
    /// Begin an empty deployment although the data directory has a master key: without it a missing database stops the start
    #[arg(long, env = "LATCHKEY_NEW")]
    pub new: bool,
    /// Weak: let old clients speak without a token, for this number of minutes, from the address that signed in; off unless given
    #[arg(long, value_name = "MINUTES", env = "LATCHKEY_LEGACY_WINDOW", value_parser = clap::value_parser!(u32).range(1..=43_200))]
    pub legacy_window: Option<u32>,
    /// Whether an owner who is added as a junior must agree before the superior reads anything
    #[arg(
        long,
        value_name = "agree|ask-nothing",
        env = "LATCHKEY_JUNIORS",
        default_value = "agree",
        hide_possible_values = true
    )]
    pub juniors: Juniors,
    /// Owners register with a code that is sent to their number by --notify-webhook
    #[arg(long, env = "LATCHKEY_VERIFY_NUMBERS")]
    pub verify_numbers: bool,
}

/// What `--juniors` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Juniors {
    /// A new junior is told and must agree
    Agree,
    /// The superior reads at once; for clients that know no consent
    AskNothing,
}

impl From<Juniors> for Consent {
    fn from(juniors: Juniors) -> Self {
        match juniors {
            Juniors::Agree => Self::Agree,
            Juniors::AskNothing => Self::AskNothing,
        }
    }
}

impl Serve {
    /// What the process is as a node.
    pub fn node(&self) -> NodeConfig {
        let advertised = || self.advertise.as_deref().and_then(Host::parse);
        let name = self.node.clone().unwrap_or_else(|| match advertised() {
            Some(host) => NodeName::of(host.as_str()),
            None => NodeName::of(&machine()),
        });
        let weight = self.weight;
        NodeConfig { name, weight }
    }

    /// What the edge goes by, in a process that may have this number of descriptors open.
    pub fn edge(&self, descriptors: u64) -> Edge {
        let mut bounds = Bounds::for_descriptors(descriptors);
        if let Some(most) = self.connections_per_address {
            bounds.per_address = usize::try_from(most).unwrap_or(usize::MAX);
        }
        let advertised = self.advertise.as_deref().and_then(Host::parse);
        let advertised = advertised.as_ref().map(Host::bare);
        let public = self.public_url.as_ref().map(PublicUrl::host);
        let more = self.hosts.iter().map(String::as_str);
        Edge {
            hosts: OwnHosts::new(advertised.into_iter().chain(public).chain(more)),
            believed: Believed {
                proxies: TrustedProxies::new(self.trusted_proxies.clone()),
                public_url: self.public_url.clone(),
            },
            bounds,
            counters: Arc::default(),
        }
    }
}

/// What this machine is called; empty where it does not say.
fn machine() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_specification() {
        let line = CommandLine::parse_from(["latchkey", "serve"]);
        let Command::Serve(serve) = line.command else {
            panic!("not serve")
        };
        assert_eq!(serve.http.to_string(), "127.0.0.1:3000");
        assert_eq!((serve.https, serve.time_zone.as_str()), (None, "Asia/Shanghai"));
        assert!(!serve.tls_self_signed);
        assert_eq!(serve.store.data, PathBuf::from("./data"));
        assert_eq!(Consent::from(serve.juniors), Consent::Agree);
    }

    #[test]
    fn juniors_are_asked_or_not_and_nothing_else() {
        let juniors = |text: &str| {
            let line = CommandLine::try_parse_from(["latchkey", "serve", "--juniors", text]).ok()?;
            match line.command {
                Command::Serve(serve) => Some(Consent::from(serve.juniors)),
                _ => None,
            }
        };
        assert_eq!(juniors("agree"), Some(Consent::Agree));
        assert_eq!(juniors("ask-nothing"), Some(Consent::AskNothing));
        assert_eq!((juniors("never"), juniors("")), (None, None));
    }

    #[test]
    fn the_edge_goes_by_its_settings() {
        let serve = |arguments: &[&str]| {
            let line = CommandLine::try_parse_from([&["latchkey", "serve"], arguments].concat())?;
            let Command::Serve(serve) = line.command else {
                panic!("not serve")
            };
            Ok::<_, clap::Error>(serve.edge(1_024))
        };
        let edge = serve(&[]).unwrap();
        assert!(!edge.hosts.contains("locks.com") && edge.believed.public_url.is_none());
        let all = [
            "--advertise",
            "https://node1.locks.com:2017",
            "--public-url",
            "https://locks.com",
            "--hosts",
            "a.com,b.com",
            "--trusted-proxies",
            "10.0.0.0/8,127.0.0.1",
            "--connections-per-address",
            "7",
        ];
        let edge = serve(&all).unwrap();
        for host in ["node1.locks.com", "locks.com", "a.com", "b.com"] {
            assert!(edge.hosts.contains(host), "{host}");
        }
        assert!(!edge.hosts.contains("c.com"));
        assert!(edge.believed.proxies.contains("10.9.9.9".parse().unwrap()));
        assert_eq!(edge.bounds.per_address, 7);
        for wrong in [
            ["--public-url", "locks.com"],
            ["--trusted-proxies", "proxy"],
            ["--connections-per-address", "0"],
        ] {
            assert!(serve(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_node_is_called_as_it_says_or_as_its_host() {
        let node = |arguments: &[&str]| {
            let line = CommandLine::parse_from([&["latchkey", "serve"], arguments].concat());
            let Command::Serve(serve) = line.command else {
                panic!("not serve")
            };
            let NodeConfig { name, weight } = serve.node();
            (name.to_string(), weight)
        };
        let advertised = ["--advertise", "https://a.example:2017"];
        assert_eq!(node(&advertised), ("a.example:2017".to_owned(), 100));
        let all = [&advertised[..], &["--node", "north", "--weight", "7"]].concat();
        assert_eq!(node(&all), ("north".to_owned(), 7));
        assert!(!node(&[]).0.is_empty());
        for wrong in [["--node", "a b"], ["--weight", "0"], ["--weight", "1001"]] {
            assert!(CommandLine::try_parse_from([&["latchkey", "serve"], &wrong[..]].concat()).is_err());
        }
    }

    fn serve(arguments: &[&str]) -> Result<Serve, clap::Error> {
        let line = CommandLine::try_parse_from([&["latchkey", "serve"], arguments].concat())?;
        match line.command {
            Command::Serve(serve) => Ok(serve),
            other => panic!("{other:?}"),
        }
    }

    /// Their values are texts of any form, which the start itself tries: a directory, files, addresses of others, a secret.
    const TRIED_AT_THE_START: [&str; 6] = [
        "data",
        "database-url",
        "tls-cert",
        "tls-key",
        "notify-webhook",
        "notify-secret",
    ];

    #[test]
    fn no_setting_takes_a_value_it_cannot_honour() {
        let command = CommandLine::command();
        let settings = command.find_subcommand("serve").unwrap().get_arguments();
        let settings: Vec<_> = settings
            .filter(|arg| arg.get_long().is_some_and(|name| name != "help"))
            .collect();
        assert!(settings.len() > 12);
        for setting in settings {
            let name = setting.get_long().unwrap();
            let variable = format!("LATCHKEY_{}", name.to_uppercase().replace('-', "_"));
            assert_eq!(
                setting.get_env().and_then(|env| env.to_str()),
                Some(variable.as_str()),
                "{name}"
            );
            if TRIED_AT_THE_START.contains(&name) {
                continue;
            }
            for wrong in [
                "",
                " ",
                "no such value",
                "\u{1}",
                "\u{fffd}",
                "-1",
                "99999999999999999999",
                "Asia/Beijing",
                "GMT+8",
            ] {
                // "GMT+8" is a name as good as another, and so is a long number.
                if name == "node" && !wrong.contains(' ') && wrong.is_ascii() && wrong.len() > 1 {
                    continue;
                }
                let error = serve(&[&format!("--{name}={wrong}")]).expect_err(&format!("--{name}={wrong}"));
                assert!(error.to_string().contains(&format!("--{name}")), "{error}");
            }
        }
    }

    #[test]
    fn a_zone_that_does_not_exist_is_refused_with_one_that_does() {
        for (wrong, meant) in [
            ("Asia/Beijing", "Asia/Shanghai"),
            ("GMT+8", "Asia/Shanghai"),
            ("Asia/Soul", "Asia/Seoul"),
        ] {
            let error = serve(&["--time-zone", wrong]).unwrap_err().to_string();
            assert!(error.contains("--time-zone") && error.contains(meant), "{error}");
        }
        assert_eq!(serve(&["--time-zone", "asia/seoul"]).unwrap().time_zone, "Asia/Seoul");
    }

    #[test]
    fn a_flag_may_be_turned_off_by_name() {
        let self_signed = |arguments: &[&str]| serve(arguments).unwrap().tls_self_signed;
        assert!(self_signed(&["--tls-self-signed"]));
        assert!(self_signed(&["--tls-self-signed=YES", "--weight", "7"]));
        assert!(!self_signed(&[
            "--tls-self-signed=off",
            "--tls-cert",
            "a",
            "--tls-key",
            "b"
        ]));
    }
}
