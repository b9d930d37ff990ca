//! The log: lines on standard error, written by a thread of their own.
//!
//! Nothing in the server waits for a line or fails because of one. A line that cannot be written (a closed pipe, a full disk) is dropped;
//! one for which there is no room, because the reader of the pipe sleeps, is dropped and counted; and of lines that repeat themselves only
//! the first are written, and the others counted. Standard output is for what the user asked to see, and is as patient.

mod filter;

pub use filter::{BadLogFilter, LOGGED, LOGGED_BY_COMMANDS};

use crate::edge::{RequestId, request_under_way};
use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tracing::callsite::Identifier;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Lines that may wait to be written.
const WAITING: usize = 4_096;
/// Longest line in bytes; the rest is cut off.
const LONGEST: usize = 16 << 10;
/// The number of lines of one place in the program that are written in this time.
const WINDOW: Duration = Duration::from_secs(10);
const MOST_IN_WINDOW: u64 = 100;
/// At the end of the program what waits gets this long to be written.
const FLUSH_WITHIN: Duration = Duration::from_secs(1);

/// What the standard library panics with where `println!` cannot write.
const CANNOT_PRINT: &str = "failed printing to stdout: ";

static LOG: OnceLock<Log> = OnceLock::new();

/// Sends the log to standard error. `usual`: what is logged unless `LATCHKEY_LOG` says otherwise.
///
/// # Errors
/// Where `LATCHKEY_LOG` is no filter.
pub fn to_standard_error(usual: &str) -> Result<(), BadLogFilter> {
    let filter = filter::log_filter(std::env::var_os("LATCHKEY_LOG"), usual)?;
    let repeated = Repeated::default();
    let log = LOG.get_or_init(|| Log::start(io::stderr(), repeated.clone()));
    let lines = fmt::layer()
        .with_writer(log.clone())
        .with_ansi(io::stderr().is_terminal())
        .log_internal_errors(false);
    // A second call, in tests, finds the first one's subscriber.
    let _already_set = tracing_subscriber::registry()
        .with(lines)
        .with(repeated)
        .with(filter)
        .try_init();
    std::panic::set_hook(Box::new(panicked));
    Ok(())
}

/// Writes a panic. Must not panic itself, so it asks nothing of the log's usual machinery.
fn panicked(panic: &PanicHookInfo<'_>) {
    if let Some(why) = panic
        .payload_as_str()
        .and_then(|cause| cause.strip_prefix(CANNOT_PRINT))
    {
        // A command whose output nobody takes. The server prints nothing that it must.
        if why.contains("Broken pipe") {
            std::process::exit(0);
        }
        complain(&format!("error: standard output cannot be written: {why}"));
        std::process::exit(1);
    }
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let id = request_under_way().map_or(String::new(), |RequestId(id)| format!(" id={id}"));
    let cause = panic.payload_as_str().unwrap_or("?");
    if let Some(log) = LOG.get() {
        log.line(format!("ERROR panic{id} place={place}: {cause}\n").into_bytes());
    }
}

/// Waits until everything is written, but not for long.
pub fn flush() {
    if let Some(log) = LOG.get() {
        log.flush();
    }
}

/// How many lines were dropped because there was no room for them, and because they could not be written.
pub fn lost() -> (u64, u64) {
    LOG.get().map_or((0, 0), |log| {
        let lost = &log.0.lost;
        (
            lost.no_room.load(Ordering::Relaxed),
            lost.unwritten.load(Ordering::Relaxed),
        )
    })
}

/// Writes to standard output; a reader that closed it does not want to read it.
pub fn announce(text: &str) {
    let mut output = io::stdout();
    let _nobody_listens = writeln!(output, "{text}").and_then(|()| output.flush());
}

/// Says on standard error why the program ends.
pub fn complain(text: &str) {
    match LOG.get() {
        Some(log) => {
            log.line(format!("{text}\n").into_bytes());
            log.flush();
        }
        None => {
            let _nobody_listens = writeln!(io::stderr(), "{text}");
        }
    }
}

/// The way to the writing thread; cheap to clone.
#[derive(Clone)]
struct Log(Arc<Inner>);

struct Inner {
    lines: SyncSender<Message>,
    lost: Lost,
}

#[derive(Default)]
struct Lost {
    no_room: AtomicU64,
    unwritten: AtomicU64,
}

enum Message {
    Line(Vec<u8>),
    /// Everything before this is written: say so.
    Flush(SyncSender<()>),
}

impl Log {
    fn start(output: impl Write + Send + 'static, repeated: Repeated) -> Self {
        let (lines, waiting) = sync_channel(WAITING);
        let lost = Lost::default();
        let log = Self(Arc::new(Inner { lines, lost }));
        let writer = Writer {
            output,
            inner: Arc::downgrade(&log.0),
            repeated,
            told: 0,
            next_report: Instant::now() + WINDOW,
        };
        // Without this thread there is no log, and everything else works.
        let _thread = std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.write_all(&waiting));
        log
    }

    fn line(&self, mut line: Vec<u8>) {
        if line.len() > LONGEST {
            line.truncate(LONGEST);
            line.push(b'\n');
        }
        match self.0.lines.try_send(Message::Line(line)) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                self.0.lost.no_room.fetch_add(1, Ordering::Relaxed);
            }
            Err(TrySendError::Disconnected(_)) => {
                self.0.lost.unwritten.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn flush(&self) {
        let (done, written) = sync_channel(1);
        let late = Instant::now() + FLUSH_WITHIN;
        let mut message = Message::Flush(done);
        while let Err(TrySendError::Full(back)) = self.0.lines.try_send(message) {
            if Instant::now() >= late {
                return;
            }
            message = back;
            std::thread::sleep(Duration::from_millis(10));
        }
        let _written_or_late = written.recv_timeout(late.saturating_duration_since(Instant::now()));
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = OneLine<'a>;

    fn make_writer(&'a self) -> OneLine<'a> {
        OneLine(self)
    }
}

/// Takes a line, which the formatter writes at once.
struct OneLine<'a>(&'a Log);

impl Write for OneLine<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.line(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the thread has.
struct Writer<W> {
    output: W,
    inner: std::sync::Weak<Inner>,
    repeated: Repeated,
    /// The number of lost lines that were reported.
    told: u64,
    next_report: Instant,
}

impl<W: Write> Writer<W> {
    fn write_all(mut self, waiting: &Receiver<Message>) {
        loop {
            match waiting.recv_timeout(WINDOW) {
                Ok(Message::Line(line)) => self.write(&line),
                Ok(Message::Flush(done)) => {
                    self.report();
                    let _nobody_waits = done.try_send(());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= self.next_report {
                self.report();
            }
        }
    }

    fn write(&mut self, line: &[u8]) {
        if self.output.write_all(line).is_err()
            && let Some(inner) = self.inner.upgrade()
        {
            inner.lost.unwritten.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Says what was left out since the last time.
    fn report(&mut self) {
        self.next_report = Instant::now() + WINDOW;
        for (place, times) in self.repeated.take() {
            self.write(format!(" WARN {times} more lines like the last ones were left out: {place}\n").as_bytes());
        }
        let no_room = self
            .inner
            .upgrade()
            .map_or(0, |inner| inner.lost.no_room.load(Ordering::Relaxed));
        if no_room > self.told {
            let since = no_room - self.told;
            self.told = no_room;
            self.write(format!(" WARN {since} lines were lost: the log is not read fast enough\n").as_bytes());
        }
    }
}

/// Counts lines of one place in the program, and lets through only the first of each window.
#[derive(Clone, Default)]
struct Repeated(Arc<Mutex<HashMap<Identifier, Window>>>);

struct Window {
    place: String,
    since: Instant,
    written: u64,
    left_out: u64,
}

impl Repeated {
    /// May one more line of this place be written?
    fn may_write(&self, about: &'static Metadata<'static>) -> bool {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let window = windows.entry(about.callsite()).or_insert_with(|| Window {
            place: about.name().to_owned(),
            since: now,
            written: 0,
            left_out: 0,
        });
        if now.saturating_duration_since(window.since) >= WINDOW {
            window.since = now;
            window.written = 0;
        }
        if window.written < MOST_IN_WINDOW {
            window.written += 1;
            return true;
        }
        window.left_out += 1;
        false
    }

    /// What was left out, each with how many times.
    fn take(&self) -> Vec<(String, u64)> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left_out = windows.values_mut().filter(|window| window.left_out > 0);
        left_out
            .map(|window| (window.place.clone(), std::mem::take(&mut window.left_out)))
            .collect()
    }
}

impl<S: Subscriber> Layer<S> for Repeated {
    fn event_enabled(&self, event: &Event<'_>, _context: Context<'_, S>) -> bool {
        // Who asks for more than usual wants to see all of it.
        *event.metadata().level() > Level::INFO || self.may_write(event.metadata())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};
    use tracing_subscriber::EnvFilter;

    /// Hands over what is written, and says how each write ends.
    struct Output(Sender<String>, fn() -> io::Result<()>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            (self.1)()?;
            let _nobody_reads = self.0.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn subscriber(log: &Log, repeated: Repeated) -> impl Subscriber + Send + Sync {
        let lines = fmt::layer()
            .with_writer(log.clone())
            .with_ansi(false)
            .log_internal_errors(false);
        tracing_subscriber::registry()
            .with(lines)
            .with(repeated)
            .with(EnvFilter::new("info"))
    }

    #[test]
    fn commands_are_quiet_about_slow_statements_and_about_nothing_else() {
        let logged = |filter: &str| {
            let (sender, written) = channel();
            let log = Log::start(Output(sender, || Ok(())), Repeated::default());
            let lines = fmt::layer().with_writer(log.clone()).with_ansi(false);
            let subscriber = tracing_subscriber::registry().with(lines).with(EnvFilter::new(filter));
            tracing::subscriber::with_default(subscriber, || {
                tracing::warn!(target: "sqlx::query", "slow statement");
                tracing::error!(target: "sqlx::query", "failed statement");
                tracing::info!("something else");
            });
            log.flush();
            written.try_iter().collect::<String>()
        };
        let command = logged(LOGGED_BY_COMMANDS);
        assert!(!command.contains("slow statement"), "{command}");
        assert!(
            command.contains("failed statement") && command.contains("something else"),
            "{command}"
        );
        assert!(logged(LOGGED).contains("slow statement"));
    }

    #[test]
    fn of_lines_that_repeat_themselves_the_first_are_written_and_the_others_counted() {
        let (sender, written) = channel();
        let repeated = Repeated::default();
        let log = Log::start(Output(sender, || Ok(())), repeated.clone());
        tracing::subscriber::with_default(subscriber(&log, repeated), || {
            for number in 0..1_000 {
                tracing::info!(number, "again");
            }
            tracing::info!("once");
        });
        log.flush();
        let lines: Vec<String> = written.try_iter().collect();
        let again = lines.iter().filter(|line| line.contains("again")).count();
        assert_eq!(again, usize::try_from(MOST_IN_WINDOW).unwrap());
        assert!(lines.iter().any(|line| line.contains("once")));
        let left_out = lines.iter().find(|line| line.contains("were left out")).unwrap();
        assert!(
            left_out.contains(" 900 ") && left_out.contains("server/src/log.rs"),
            "{left_out}"
        );
    }

    #[test]
    fn a_line_that_cannot_be_written_is_counted_and_ends_nothing() {
        let (sender, _written) = channel();
        let log = Log::start(
            Output(sender, || Err(io::ErrorKind::BrokenPipe.into())),
            Repeated::default(),
        );
        for _ in 0..3 {
            log.line(b"x\n".to_vec());
        }
        log.flush();
        assert_eq!(log.0.lost.unwritten.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn an_output_that_takes_nothing_holds_nobody_up() {
        let (sender, _written) = channel();
        let sleeps = || {
            std::thread::sleep(Duration::from_secs(3_600));
            Ok(())
        };
        let log = Log::start(Output(sender, sleeps), Repeated::default());
        for _ in 0..WAITING + 100 {
            log.line(vec![b'x'; 2 * LONGEST]);
        }
        // One is being written, the others wait.
        assert!(log.0.lost.no_room.load(Ordering::Relaxed) >= 99);
        log.flush();
    }
}
