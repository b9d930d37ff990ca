//! What a guard does not confirm is sent again.

use crate::link::frames::Raw;
use crate::link_rig::*;
use domain::guard::link::{FromDevice, Snapshot, ToDevice, Version};
use server::link::Pace;
use std::time::Duration;
use tokio::time::{Instant, timeout};

const CONFIRMS_WITHIN: Duration = Duration::from_millis(400);

/// The next grants that come within this.
async fn snapshot(raw: &mut Raw, within: Duration) -> Option<Snapshot> {
    let text = timeout(within, raw.0.receive()).await.ok()?.unwrap();
    match ToDevice::parse(&text).unwrap() {
        ToDevice::Snapshot(part) => Some(*part),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_sent_again_and_again_until_they_are_confirmed() {
    let pace = Pace {
        confirm_within: CONFIRMS_WITHIN,
        ..Pace::default()
    };
    let node = Node::at_pace(pace).await;
    drop(node.door("G1").await);
    node.password("G1", "N1", "471147").await;
    // A device that reads, and says nothing.
    let mut raw = Raw::admitted_at(&node.target(), "G1").await;
    let first = snapshot(&mut raw, Duration::from_secs(5)).await.unwrap();
    assert_eq!(first.grants.len(), 1);
    for _ in 0..3 {
        let sent = Instant::now();
        let again = snapshot(&mut raw, 4 * CONFIRMS_WITHIN).await;
        assert_eq!(again.as_ref(), Some(&first));
        assert!(sent.elapsed() > CONFIRMS_WITHIN / 2, "{:?}", sent.elapsed());
    }
    // What changes meanwhile is in what is sent then.
    node.password("G1", "N2", "471148").await;
    let changed = snapshot(&mut raw, 4 * CONFIRMS_WITHIN).await.unwrap();
    assert_eq!(changed.grants.len(), 2);
    let version: Version = changed.version;
    raw.say(&FromDevice::Applied { version }).await;
    assert_eq!(snapshot(&mut raw, 4 * CONFIRMS_WITHIN).await, None);
    eventually("its owner sees that it has them", Duration::from_secs(5), async || {
        node.seen("G1").await.acked == version.number
    })
    .await;
}
