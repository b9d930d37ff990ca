//! Sending hints: those of a few milliseconds together.

use super::{CHANNEL, Hint};
use crate::core::db::sql;
use crate::{Backend, Result, WeakBackend};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;

/// Hints wait so long for others, so that thousands of changes a second cost a hundred notifications.
const TOGETHER: Duration = Duration::from_millis(8);
/// A notification may be so long; PostgreSQL takes 7,999 bytes.
const MOST_BYTES: usize = 7_900;
const AFTER_A_FAILURE: Duration = Duration::from_millis(200);

pub(super) async fn spread(backend: WeakBackend, wake: Arc<Notify>) {
    loop {
        wake.notified().await;
        sleep(TOGETHER).await;
        let Some(b) = backend.upgrade() else { return };
        if b.db().is_closed() {
            return;
        }
        if send(&b).await.is_err() {
            let (health, wake) = (b.db().health().clone(), wake.clone());
            drop(b);
            sleep(AFTER_A_FAILURE).await;
            // Not for ever: the backend may be gone before the database is back.
            let _up = tokio::time::timeout(Duration::from_secs(5), health.until_up()).await;
            wake.notify_one();
        }
    }
}

/// Sends what waits. Where that fails the others are told later that everything may have changed.
pub(super) async fn send(b: &Backend) -> Result<()> {
    let hints = std::mem::take(&mut *b.bus().waiting()).hints();
    for message in messages(&b.bus().0.run, &hints) {
        // A statement of its own: inside a query on a distributed table it would be lost.
        let sent = b.db().execute(sql!("SELECT pg_notify($1, $2)", CHANNEL, message)).await;
        if let Err(refusal) = sent {
            b.bus().waiting().take(Hint::Everything);
            return Err(refusal);
        }
    }
    Ok(())
}

/// `RUN [hint,hint,…]`, as many as it takes.
fn messages(run: &str, hints: &[Hint]) -> Vec<String> {
    let mut messages = Vec::new();
    let mut text = String::new();
    for hint in hints {
        // Texts and numbers can always be written.
        let Ok(hint) = serde_json::to_string(hint) else {
            continue;
        };
        if !text.is_empty() && text.len() + hint.len() + 2 > MOST_BYTES {
            text.push(']');
            messages.push(std::mem::take(&mut text));
        }
        if text.is_empty() {
            text = format!("{run} [{hint}");
        } else {
            text.push(',');
            text.push_str(&hint);
        }
    }
    if !text.is_empty() {
        text.push(']');
        messages.push(text);
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::super::listen::hints;
    use super::*;
    use domain::guard::ids::GuardId;
    use domain::ids::{Phone, Yid};

    #[test]
    fn what_is_sent_is_heard_and_fits() {
        let mut all: Vec<Hint> = (0..1_000)
            .map(|number| Hint::Guard(GuardId::parse(&format!("\"번{number}'")).unwrap()))
            .collect();
        all.push(Hint::Link(GuardId::parse("G1").unwrap(), i64::MAX));
        all.push(Hint::Live(Phone("13800000001".to_owned()), 3));
        all.extend([Hint::Kiosk(Yid(1234)), Hint::Nodes, Hint::Everything]);
        let sent = messages("run", &all);
        assert!(sent.len() > 1 && sent.iter().all(|text| text.len() <= MOST_BYTES));
        let heard: Vec<Hint> = sent.iter().flat_map(|text| hints(text, "another")).collect();
        assert_eq!(heard, all);
        assert!(hints(&sent[0], "run").is_empty());
    }

    #[test]
    fn what_a_newer_node_says_does_not_hide_the_rest() {
        assert_eq!(hints(r#"x [{"z":1},"n",{"k":"?"}]"#, "run"), [Hint::Nodes]);
        for nonsense in ["", "x", "x [", "x {}", "[\"n\"]"] {
            assert!(hints(nonsense, "run").is_empty(), "{nonsense}");
        }
    }
}
