//! What was asked and what was measured, side by side.

use crate::client::Load;
use std::fmt;
use std::path::Path;

/// The table.
#[derive(Default)]
pub struct Report {
    baseline: f64,
    lines: Vec<[String; 4]>,
}

impl Report {
    /// A request that does nothing: what the machine, the client and HTTP alone allow.
    pub fn baseline(&mut self, load: &Load) {
        self.baseline = load.rate;
        let measured = format!("{:.0}/s ({:.0} µs of processor each)", load.rate, load.cost_us);
        self.line("GET /healthz (nothing but HTTP)", "–".to_owned(), measured, true);
    }

    pub fn rate(&mut self, what: &str, asked: f64, load: &Load) {
        let share = load.rate / self.baseline * 100.0;
        let measured = format!(
            "{:.0}/s ({:.0} µs of processor each, p99 {:.1} ms, {share:.0} % of the rate of nothing)",
            load.rate, load.cost_us, load.p99_ms
        );
        self.line(what, format!("≥ {asked:.0}/s"), measured, load.rate >= asked);
    }

    pub fn slowest(&mut self, what: &str, asked_ms: f64, load: &Load) {
        let measured = format!(
            "{:.1} ms ({:.0}/s, {:.0} µs of processor each)",
            load.p99_ms, load.rate, load.cost_us
        );
        self.line(what, format!("≤ {asked_ms:.0} ms"), measured, load.p99_ms <= asked_ms);
    }

    pub fn milliseconds(&mut self, what: &str, asked: f64, milliseconds: f64, median: f64) {
        let measured = format!("{milliseconds:.1} ms (median {median:.1} ms)");
        self.line(what, format!("≤ {asked:.0} ms"), measured, milliseconds <= asked);
    }

    pub fn seconds(&mut self, what: &str, asked: f64, seconds: f64) {
        let measured = format!("{seconds:.1} s");
        self.line(what, format!("≤ {asked:.0} s"), measured, seconds <= asked);
    }

    /// `share` of 1.
    pub fn share(&mut self, what: &str, asked_percent: f64, share: f64) {
        let percent = share * 100.0;
        let measured = format!("{percent:.0} %");
        self.line(
            what,
            format!("≥ {asked_percent:.0} %"),
            measured,
            percent >= asked_percent,
        );
    }

    pub fn times(&mut self, what: &str, asked: f64, times: f64) {
        let measured = format!("{times:.2} times");
        self.line(what, format!("≤ {asked} times"), measured, times <= asked);
    }

    pub fn at_least_times(&mut self, what: &str, asked: f64, times: f64) {
        let measured = format!("{times:.2} times");
        self.line(what, format!("≥ {asked} times"), measured, times >= asked);
    }

    pub fn memory(&mut self, what: &str, asked_mb: f64, mb: f64) {
        self.line(
            what,
            format!("≤ {asked_mb:.0} MB"),
            format!("{mb:.1} MB"),
            mb <= asked_mb,
        );
    }

    pub fn size(&mut self, what: &str, asked_kb: f64, kb: f64) {
        self.line(
            what,
            format!("≤ {asked_kb:.0} KB"),
            format!("{kb:.1} KB"),
            kb <= asked_kb,
        );
    }

    fn line(&mut self, what: &str, asked: String, measured: String, met: bool) {
        let mark = if met { "" } else { "missed" };
        self.lines.push([what.to_owned(), asked, measured, mark.to_owned()]);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for [what, asked, measured, mark] in &self.lines {
            writeln!(f, "{what:<46} {asked:>10}   {measured} {mark}")?;
        }
        Ok(())
    }
}

/// A figure of a process as the kernel knows it.
pub fn memory_mb(process: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}

/// Processor time a process has used.
pub fn cpu_seconds(process: u32) -> f64 {
    /// What Linux counts in, on every architecture we know of.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in brackets may hold anything, so fields are counted from behind it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|text| text.parse::<f64>().ok())
            .unwrap_or(f64::NAN)
    };
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}

/// What a browser loads for a page, compressed: name, asked, measured. Empty where the site was not built.
pub fn site_sizes() -> Vec<(String, f64, f64)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site/pkg");
    let size = |file: &str| std::fs::metadata(folder.join(file)).map_or(f64::NAN, |known| known.len() as f64 / 1000.0);
    let loader = size("../page.js.br");
    let both = |name: &&str| size(&format!("{name}_bg.wasm.br")) + size(&format!("{name}.js.br"));
    // `server/tests/pages/site.rs` holds these figures.
    [
        ("owner", &["owner"][..], 88.0),
        ("staff, business", &["staff"], 95.0),
        ("staff, with the scanner", &["scan", "decoder"], 135.0),
        ("kiosk", &["kiosk", "decoder"], 310.0),
    ]
    .into_iter()
    .map(|(pages, files, asked)| {
        let kilobytes = loader + files.iter().map(both).sum::<f64>();
        (format!("wasm + JS, Brotli: {pages}"), asked, kilobytes)
    })
    .filter(|(_, _, kilobytes)| !kilobytes.is_nan())
    .collect()
}
