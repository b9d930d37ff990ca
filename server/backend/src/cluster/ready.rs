//! Whether this node can do its work: a database that only answers questions, on a full disk or a file that was taken away, is not enough.

use crate::core::facts;
use crate::{Backend, Result};
use domain::error::Refusal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

const WITHIN: Duration = Duration::from_secs(2);
/// What was found out is answered again for so long: the question is open to everybody and must cost little.
const KEPT: Duration = Duration::from_secs(1);

/// In `settings`, what was written last to find this out.
const WRITTEN: &str = "written-to-be-ready";

/// What was last found out, and when.
#[derive(Default)]
pub(crate) struct Ready {
    last: Mutex<Option<(Instant, Result<()>)>>,
    count: AtomicU64,
}

impl Ready {
    /// Tries to write, unless that was just tried. Of those who ask at once one tries.
    pub(crate) async fn check(&self, b: &Backend) -> Result<()> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((at, outcome)) = &*last {
            let is_open = b.is_available() && !b.db().is_closed();
            let is_good = outcome.is_ok() && at.elapsed() < KEPT && is_open;
            if *at >= asked || is_good {
                return outcome.clone();
            }
        }
        let outcome = self.write(b).await;
        *last = Some((Instant::now(), outcome.clone()));
        outcome
    }

    /// Always something else: SQLite writes nothing where nothing changes.
    async fn write(&self, b: &Backend) -> Result<()> {
        let value = format!("{}.{}", b.now().0, self.count.fetch_add(1, Ordering::Relaxed));
        let written = b.db().execute(facts::write(WRITTEN, value));
        match timeout(WITHIN, written).await {
            Ok(written) => written.map(|_| ()),
            Err(_) => {
                b.db().health().suspect();
                Err(Refusal::Unavailable)
            }
        }
    }
}
