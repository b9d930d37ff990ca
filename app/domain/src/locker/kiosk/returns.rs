//! J, business return (SPEC 3, flow 3): whose old meter, a free compartment, the door.

use super::{Checked, Effect, Env, Kiosk, Named, Purpose, Screen, Trouble, Usage};
use crate::ids::Port;
use crate::locker::compartments::{ContentKind, SIZES};

/// In the event of a return whose number nobody could check.
const NOT_CHECKED: &str = "not-checked";

impl Kiosk {
    /// The server is asked first. Where it cannot be, that is an answer as well.
    pub(super) fn name_return(&mut self, named: Named) -> Vec<Effect> {
        if self.screen != Screen::NameReturn {
            return Vec::new();
        }
        self.asked = Some(named.clone());
        vec![Effect::Check(named)]
    }

    /// What came of it. An answer to a number that nobody waits for any more changes nothing.
    pub(super) fn checked(&mut self, named: Named, answer: Checked, env: &mut Env<'_>) -> Vec<Effect> {
        if self.screen != Screen::NameReturn || self.asked.as_ref() != Some(&named) {
            return Vec::new();
        }
        self.asked = None;
        let whose = match answer {
            Checked::Whose(name) => Some(name),
            Checked::NotAsked => None,
            Checked::Refused => return self.refuse(Trouble::NumberRefused, None, env.now),
        };
        self.screen = Screen::ChooseFree {
            purpose: Purpose::Return { named, whose },
            size: *SIZES.start(),
        };
        Vec::new()
    }

    pub(super) fn open_for_return(
        &mut self,
        port: Port,
        named: Named,
        is_checked: bool,
        env: &mut Env<'_>,
    ) -> Vec<Effect> {
        // The event names the customer, because the rows of a sync have no place for one.
        let customer = match &named {
            Named::Order(_) => None,
            Named::Customer(number) => Some(number.as_str()),
        };
        let words = [customer, (!is_checked).then_some(NOT_CHECKED)];
        let detail: Vec<&str> = words.into_iter().flatten().collect();
        let detail = (!detail.is_empty()).then(|| detail.join(" "));
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
