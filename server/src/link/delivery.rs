//! How far the grants of one guard are: what it holds, what is on its way, what is wanted.

use domain::guard::link::{MAX_CHANGES, ToDevice, Version};
use tokio::time::Instant;

/// The grants of one guard on their way. One delivery at a time: the next begins where the guard says it stands.
pub(super) struct Delivery {
    /// What the guard confirmed last.
    held: Version,
    /// Where it should stand, as far as we looked.
    desired: Version,
    /// Until when what is on its way must be confirmed.
    under_way: Option<Instant>,
    /// There may be more than we looked at.
    more: bool,
}

impl Delivery {
    pub(super) fn new(held: Version, desired: Version) -> Self {
        Self {
            held,
            desired,
            under_way: None,
            more: held != desired,
        }
    }

    /// Something changed.
    pub(super) fn changed(&mut self) {
        self.more = true;
    }

    /// From where the next delivery begins; `None`: nothing is to be delivered now.
    pub(super) fn from(&self) -> Option<Version> {
        (self.under_way.is_none() && self.more).then_some(self.held)
    }

    /// These frames were sent, all there is or the first of it; they must be confirmed by `until`.
    pub(super) fn sent(&mut self, frames: &[ToDevice], until: Instant) {
        self.more = false;
        let Some(last) = frames.last() else {
            self.desired = self.held;
            return;
        };
        match last {
            ToDevice::Changes(batch) => {
                self.desired = Version {
                    epoch: batch.epoch,
                    number: batch.to,
                };
                self.more = batch.changes.len() == MAX_CHANGES;
            }
            ToDevice::Snapshot(part) => self.desired = part.version,
            _ => {}
        }
        self.under_way = Some(until);
    }

    /// The guard says where it stands. One that did not move although something was sent is asked again after its next heartbeat only.
    pub(super) fn confirmed(&mut self, version: Version) {
        let moved = version != self.held;
        self.held = version;
        if self.desired == version || !moved {
            self.under_way = None;
        }
    }

    /// A heartbeat says where it stands: nothing may be on its way and yet missing.
    pub(super) fn heard(&mut self, version: Version) {
        if self.under_way.is_none() && version != self.desired {
            self.held = version;
            self.more = true;
        }
    }

    /// When to send again what was not confirmed.
    pub(super) fn due(&self) -> Option<Instant> {
        self.under_way
    }

    /// It is due.
    pub(super) fn again(&mut self) {
        self.under_way = None;
        self.more = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::guard::link::Changes;

    fn at(number: i64) -> Version {
        Version { epoch: 1, number }
    }

    fn batch(from: i64, to: i64) -> Vec<ToDevice> {
        vec![ToDevice::Changes(Box::new(Changes {
            epoch: 1,
            from,
            to,
            changes: Vec::new(),
        }))]
    }

    #[tokio::test]
    async fn one_delivery_at_a_time_and_what_changed_meanwhile_follows() {
        let soon = Instant::now();
        let mut delivery = Delivery::new(at(3), at(5));
        assert_eq!(delivery.from(), Some(at(3)));
        delivery.sent(&batch(3, 5), soon);
        delivery.changed();
        assert_eq!(delivery.from(), None);
        delivery.confirmed(at(5));
        assert_eq!(delivery.from(), Some(at(5)));
        delivery.sent(&batch(5, 6), soon);
        delivery.confirmed(at(6));
        assert_eq!(delivery.from(), None);
        delivery.changed();
        delivery.sent(&[], soon);
        assert_eq!((delivery.from(), delivery.due()), (None, None));
    }

    #[tokio::test]
    async fn a_guard_that_does_not_move_is_asked_again_after_its_heartbeat() {
        let soon = Instant::now();
        let mut delivery = Delivery::new(at(3), at(5));
        delivery.sent(&batch(3, 5), soon);
        delivery.confirmed(at(3));
        assert_eq!(delivery.from(), None);
        delivery.heard(at(3));
        assert_eq!(delivery.from(), Some(at(3)));
        delivery.sent(&batch(3, 5), soon);
        delivery.heard(at(3));
        assert_eq!((delivery.from(), delivery.due()), (None, Some(soon)));
        delivery.again();
        assert_eq!(delivery.from(), Some(at(3)));
    }
}
