//! What this node does about what other nodes say.

use crate::core::bus::{Hearing, Hint};
use crate::guard::history;
use crate::{Backend, Result};
use futures::FutureExt;
use futures::future::BoxFuture;

/// Passes each hint to what it concerns.
pub(crate) struct Hears;

impl Hearing for Hears {
    fn begins<'b>(&'b self, b: &'b Backend) -> BoxFuture<'b, Result<()>> {
        // Another server may have taken over meanwhile.
        history::look_again(b).boxed()
    }

    fn heard(&self, b: &Backend, hint: Hint) {
        let hub = b.hub();
        match hint {
            Hint::Guard(guard_id) => hub.changed_elsewhere(&guard_id),
            Hint::Link(guard_id, session) => hub.linked_elsewhere(&guard_id, session),
            Hint::Live(phone, bits) => hub.published_elsewhere(&phone, bits),
            Hint::Kiosk(yid) => {
                b.known().forget(&yid.0);
                b.identities().forget_kiosk(yid);
            }
            Hint::Identity(phone) => b.identities().forget(&phone),
            Hint::Nodes => b.bus().note_nodes_changed(),
            Hint::Work => b.bus().note_work_changed(),
            Hint::Balanced => b.nodes().guards_were_moved(),
            Hint::Everything => {
                hub.everything_changed();
                b.known().forget_all();
                b.site().forget_all();
                b.identities().forget_all();
                b.bus().note_nodes_changed();
                b.bus().note_work_changed();
            }
        }
    }
}
