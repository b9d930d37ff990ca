//! Running the server: opening what it needs, listening, stopping.

use crate::config::{ListenAddress, Serve, ignored_parameter};
use crate::edge::Edge;
use crate::edge::connections::Connections;
use crate::link::{Links, Pace, drain};
use crate::listener::{Listening, listen};
use crate::log::announce;
use crate::state::AppState;
use crate::tls::{self, Keeper, Source, TlsError};
use crate::{demo, memory, open_files, set_up};
use axum_server::tls_rustls::RustlsConfig;
use backend::clock::SystemRng;
use backend::guard::superiors::Consent;
use backend::notify::{self, BadWebhook, LogNotifier, Notifier, WebhookNotifier};
use backend::push::{self, PushSettings};
use backend::{Backend, Config, OpenError, job, nodes, people};
use domain::error::Refusal;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep};

/// Requests under way at a stop have so long to end.
const GRACE: Duration = Duration::from_secs(8);
/// Of it, what guards are told to go elsewhere in, so that not all of them come there at once.
const SPREAD: Duration = Duration::from_secs(4);
/// While waiting for the database at the start.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// The exit status of a server whose database did not answer, or had no connection left: `EX_UNAVAILABLE`.
const UNAVAILABLE: u8 = 69;
/// The exit status of a server whose SQLite file another one uses: `EX_TEMPFAIL`.
const IN_USE: u8 = 75;

/// Why the server does not run (any more).
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The data could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database refused the first work.
    #[error("the database could not be prepared: {0}")]
    Prepare(Refusal),
    /// The TLS listener needs a certificate.
    #[error("--https needs a certificate: --tls-cert FILE with --tls-key FILE, or --tls-self-signed")]
    NoCertificate,
    /// Two certificates for one listener.
    #[error(
        "--tls-self-signed and --tls-cert are both given, and a listener has one certificate: leave one of them out"
    )]
    TwoCertificates,
    /// A certificate needs the TLS listener.
    #[error("a certificate is given, but no --https ADDRESS to use it for")]
    NoTlsListener,
    /// The webhook URL is invalid.
    #[error("--notify-webhook: {0}")]
    Notifier(#[from] BadWebhook),
    /// Nothing can send the codes that registering takes.
    #[error(
        "--verify-numbers needs --notify-webhook URL and --notify-secret SECRET: without them nobody could register"
    )]
    NoNotifier,
    /// No certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The driver would ignore a part of the database's address.
    #[error("--database-url has a parameter that the database driver does not know: {0}")]
    DatabaseParameter(String),
    /// Nobody knows the host name of a listener.
    #[error("cannot listen on {address}: {source}")]
    HostName {
        /// As given.
        address: ListenAddress,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing to listen on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// A signal handler could not be set.
    #[error("signals cannot be received: {0}")]
    Signal(std::io::Error),
}

impl RunError {
    /// With what the program ends.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Open(error) if error.may_pass() => ExitCode::from(UNAVAILABLE),
            Self::Prepare(Refusal::Unavailable) => ExitCode::from(UNAVAILABLE),
            Self::Open(OpenError::InUse { .. }) => ExitCode::from(IN_USE),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Runs until a signal.
pub async fn run(settings: Serve, with_sample_data: bool) -> Result<(), RunError> {
    let edge = settings.edge(open_files::allow_many());
    let places = places(&settings).await?;
    let backend = open(&settings, with_sample_data).await?;
    let outcome = serve(places, with_sample_data, backend.clone(), edge).await;
    // Also where it could not listen: nothing is lost then, and the next start is told so.
    backend.close().await;
    outcome
}

async fn serve(places: Places, with_sample_data: bool, backend: Backend, edge: Edge) -> Result<(), RunError> {
    if with_sample_data {
        backend::demo::load_if_empty(&backend)
            .await
            .map_err(RunError::Prepare)?;
    }
    let mut state = AppState::new(backend.clone());
    state.demo = with_sample_data;
    state.links = Links::with_places(Pace::default(), edge.bounds.links);
    state.edge = Arc::new(edge);
    let set_up_code = open_set_up(&mut state).await?;
    let certificate = keep(places.certificate, &backend)?;
    let edge = &state.edge;
    let connections = Connections::new(
        edge.bounds.clone(),
        edge.believed.proxies.clone(),
        Arc::clone(&edge.counters),
    );
    let http = listen(places.http, &state, &connections, None).await?;
    let https = match (places.https, certificate) {
        (Some(address), Some(config)) => Some(listen(address, &state, &connections, Some(config)).await?),
        _ => None,
    };
    // Before others hear of this node: a guard that is sent here is told to go when it ends.
    let mut end = EndSignals::new()?;
    // Not before it listens: from now on others are sent here.
    nodes::start(&backend).await.map_err(RunError::Prepare)?;
    job::spawn("drain", drain::while_drained(state.clone()));
    job::spawn("balance", drain::when_balanced(state.clone()));
    job::spawn("memory", memory::give_back());
    let address = format!("http://{}", http.address);
    if with_sample_data {
        announce(&demo::greeting(&backend, &address).await);
    }
    if let Some(code) = set_up_code {
        announce(&format!(
            "no operator yet: open {address}/set-up and type the set-up code {code}"
        ));
    }
    if let Some(https) = &https {
        announce(&format!("listening on https://{}", https.address));
    }
    announce(&format!("listening on {address}"));
    end.any().await;
    stop(&state, std::iter::once(http).chain(https).collect()).await;
    Ok(())
}

/// Lets what is under way end, for a while.
async fn stop(state: &AppState, listeners: Vec<Listening>) {
    tracing::info!("stopping");
    let begun = Instant::now();
    nodes::stop(&state.backend).await;
    state.stopping.send_replace(true);
    for listening in &listeners {
        listening.handle.graceful_shutdown(Some(GRACE));
    }
    drain::before_the_end(state, SPREAD).await;
    state.links.end(GRACE.saturating_sub(begun.elapsed())).await;
    for listening in listeners {
        // A listener that failed has said so in the log.
        let _ended = listening.ended.await;
    }
}

/// Where the server listens, and with which certificate.
struct Places {
    http: SocketAddr,
    https: Option<SocketAddr>,
    certificate: Option<Source>,
}

async fn places(settings: &Serve) -> Result<Places, RunError> {
    let resolve = async |address: &ListenAddress| {
        address.resolve().await.map_err(|source| RunError::HostName {
            address: address.clone(),
            source,
        })
    };
    let https = match &settings.https {
        Some(address) => Some(resolve(address).await?),
        None => None,
    };
    Ok(Places {
        http: resolve(&settings.http).await?,
        https,
        certificate: certificate(settings, https)?,
    })
}

async fn open(settings: &Serve, with_sample_data: bool) -> Result<Backend, RunError> {
    settings.store.use_country();
    if let Some(parameter) = settings.store.database_url.as_deref().and_then(ignored_parameter) {
        return Err(RunError::DatabaseParameter(parameter));
    }
    let mut config = Config::new(&settings.store.data, settings.store.database_url.clone());
    config.time_zone = settings.time_zone.clone();
    config.advertise = settings.advertise.clone();
    config.node = settings.node();
    config.notifier = notifier(settings, with_sample_data)?;
    config.push = settings.push_contact.clone().map(|contact| PushSettings {
        contact,
        loopback: settings.push_to_loopback,
    });
    config.database_connections = settings.database_connections;
    config.alone = true;
    config.new_database = settings.new;
    config.legacy_window = settings
        .legacy_window
        .map(|minutes| Duration::from_secs(60 * u64::from(minutes)));
    config.verify_numbers = settings.verify_numbers;
    if config.verify_numbers && config.notifier.is_none() {
        return Err(RunError::NoNotifier);
    }
    config.juniors = settings.juniors.into();
    if config.juniors == Consent::AskNothing {
        tracing::warn!(
            "--juniors ask-nothing: anybody who registers can read the doors of an owner who has no superior"
        );
    }
    if let Some(minutes) = settings.legacy_window {
        tracing::warn!(
            minutes,
            "the legacy window is on: anybody who shares an owner's address can speak for that owner"
        );
    }
    let backend = open_within(config, Duration::from_secs(settings.wait_for_database)).await?;
    backend.start_serving().await.map_err(RunError::Prepare)?;
    notify::start(&backend);
    push::start(&backend).await.map_err(RunError::Prepare)?;
    Ok(backend)
}

/// A database that does not answer may be one that is starting as well.
async fn open_within(config: Config, within: Duration) -> Result<Backend, OpenError> {
    let late = Instant::now() + within;
    loop {
        match Backend::open(config.clone()).await {
            Err(error) if error.may_pass() && Instant::now() < late => {
                tracing::warn!(%error, "waiting for the database");
                sleep(ASK_EVERY).await;
            }
            opened => return opened,
        }
    }
}

/// The webhook; in a demo without one the log, where the sample passwords stand as well.
fn notifier(settings: &Serve, with_sample_data: bool) -> Result<Option<Arc<dyn Notifier>>, RunError> {
    match (&settings.notify_webhook, &settings.notify_secret) {
        (Some(url), Some(secret)) => Ok(Some(Arc::new(WebhookNotifier::new(url, secret)?))),
        _ if with_sample_data => Ok(Some(Arc::new(LogNotifier))),
        _ => Ok(None),
    }
}

/// Without an operator the set-up page is open to anybody who reads this code.
async fn open_set_up(state: &mut AppState) -> Result<Option<String>, RunError> {
    if people::any_operator(&state.backend).await.map_err(RunError::Prepare)? {
        return Ok(None);
    }
    let (code, set_up) = set_up::open(&SystemRng);
    state.set_up = Some(set_up);
    Ok(Some(code))
}

/// Where the certificate of the TLS listener comes from, if there is one.
fn certificate(settings: &Serve, address: Option<SocketAddr>) -> Result<Option<Source>, RunError> {
    if settings.tls_self_signed && settings.tls_cert.is_some() {
        return Err(RunError::TwoCertificates);
    }
    let Some(address) = address else {
        let given = settings.tls_self_signed || settings.tls_cert.is_some();
        return if given { Err(RunError::NoTlsListener) } else { Ok(None) };
    };
    match (&settings.tls_cert, &settings.tls_key) {
        _ if settings.tls_self_signed => Ok(Some(Source::SelfSigned {
            data: settings.store.data.clone(),
            names: tls::local_names(address, settings.advertise.as_deref()),
        })),
        (Some(certificate), Some(key)) => Ok(Some(Source::Files {
            certificate: certificate.clone(),
            key: key.clone(),
        })),
        _ => Err(RunError::NoCertificate),
    }
}

/// Loads the certificate and keeps it up to date while the server runs.
fn keep(source: Option<Source>, backend: &Backend) -> Result<Option<RustlsConfig>, RunError> {
    let Some(source) = source else { return Ok(None) };
    let keeper = Keeper::new(source, backend.now())?;
    let config = keeper.config();
    let clock = backend.clone();
    job::spawn("certificate", keeper.keep(move || clock.now(), tls::LOOK_EVERY));
    Ok(Some(config))
}

/// The signals that ask for the end. From when this is made they no longer end the program by themselves.
struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl EndSignals {
    fn new() -> Result<Self, RunError> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(RunError::Signal)?,
            interrupt: signal(SignalKind::interrupt()).map_err(RunError::Signal)?,
        })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
