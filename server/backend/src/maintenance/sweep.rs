//! Removing what has expired.

use crate::core::db::sql;
use crate::core::partitions;
use crate::locker::overdue;
use crate::{Backend, Result, WeakBackend};
use domain::ids::Millis;
use std::time::Duration;

const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// Scans stay for a week: long after any of their codes could be accepted again.
const SCANS_KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// A node that was not heard of for this long is forgotten, such as one that was named after a container.
const NODES_KEPT_MS: i64 = 30 * 24 * 3_600_000;

impl Backend {
    /// Removes what has expired. Runs by itself every ten minutes.
    #[crate::boxed]
    pub async fn sweep(&self) -> Result<()> {
        let now = self.now().0;
        let scans_until = now.saturating_sub(SCANS_KEPT_MS);
        for expired in [
            sql!("DELETE FROM sessions WHERE expires <= $1", now),
            sql!("DELETE FROM person_tokens WHERE expires <= $1", now),
            sql!("DELETE FROM limits WHERE ends <= $1", now),
            sql!("DELETE FROM enrolments WHERE expires <= $1", now),
            sql!("DELETE FROM reset_codes WHERE expires <= $1", now),
            sql!("DELETE FROM registration_codes WHERE expires <= $1", now),
            sql!("DELETE FROM legacy_windows WHERE ends <= $1", now),
            sql!("DELETE FROM idempotency_keys WHERE ends <= $1", now),
            sql!("DELETE FROM uploads WHERE ends <= $1", now),
            sql!("DELETE FROM shown_secrets WHERE ends <= $1", now),
            sql!("DELETE FROM upload_parts WHERE ends <= $1", now),
            sql!("DELETE FROM vouchers_made WHERE ends <= $1", now),
            sql!("DELETE FROM push_subscriptions WHERE ends <= $1", now),
            sql!("DELETE FROM push_events WHERE ends <= $1", now),
            sql!("DELETE FROM push_sends WHERE ends <= $1", now),
            sql!("DELETE FROM scans WHERE scanned_at <= $1", scans_until),
            sql!(
                "DELETE FROM nodes WHERE seen_at <= $1",
                now.saturating_sub(NODES_KEPT_MS)
            ),
        ] {
            self.db().relaxed().execute(expired).await?;
        }
        partitions::keep(self.db(), Millis(now)).await
    }
}

pub(super) async fn sweep_regularly(backend: WeakBackend) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let Some(b) = backend.upgrade() else { return };
        // A failure is in the log already, and the next round tries again.
        let _swept = b.sweep().await;
        let _told = overdue::tell(&b).await;
    }
}
