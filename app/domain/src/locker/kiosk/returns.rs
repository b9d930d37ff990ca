//! J, business return (SPEC 3, flow 3): whose old meter, a free compartment, the door.

use super::{Effect, Env, Kiosk, Named, Purpose, Screen, Usage};
use crate::ids::Port;
use crate::locker::compartments::{ContentKind, SIZES};

impl Kiosk {
    pub(super) fn name_return(&mut self, named: Named) -> Vec<Effect> {
        if self.screen == Screen::NameReturn {
            self.screen = Screen::ChooseFree {
                purpose: Purpose::Return { named },
                size: *SIZES.start(),
            };
        }
        Vec::new()
    }

    pub(super) fn open_for_return(&mut self, port: Port, named: Named, env: &mut Env<'_>) -> Vec<Effect> {
        // The event names the customer, because the rows of a sync have no place for one.
        let detail = match &named {
            Named::Order(_) => None,
            Named::Customer(number) => Some(number.to_string()),
        };
        if let Some(door) = self.door_mut(port) {
            door.kind = Some(ContentKind::Return);
            match named {
                Named::Order(things_sq) => door.things_sq = Some(things_sq),
                Named::Customer(number) => door.customer_no = Some(number),
            }
        }
        self.open_door(port, Usage::Return, detail, env.now)
    }

    pub(super) fn return_closed(&mut self, port: Port, env: &mut Env<'_>) {
        self.mark_stored(port, ContentKind::Return, env.now);
        let customer = self
            .door(port)
            .and_then(|door| door.customer_no.as_ref().map(ToString::to_string));
        self.note_door(port, Usage::Return.closed(), customer.as_deref(), env.now);
        self.screen = Screen::Finished {
            port,
            usage: Usage::Return,
            gave_up: false,
        };
    }
}
