//! The settings of a kiosk's lock boards: what the operator set, what was changed at the kiosk, and which of the two is newer.

use super::{Effect, Env, Kiosk, Message, Notice, Sound};
use crate::boards::{Wiring, WiringFault};
use crate::ids::Port;
use crate::locker::events::EventKind;
use serde::{Deserialize, Serialize};

/// How the kiosk's lock boards are connected, as kiosk and server tell it to each other; left out where nobody ever set it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Wired {
    /// Counts the changes at the server. What a kiosk tells is taken only if it was made from the newest.
    pub revision: i64,
    /// The settings; `null`: the doors are drawn on the screen.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schema(value_type = Option<Object>))]
    pub wiring: Option<Wiring>,
}

impl Wired {
    /// Has nobody ever set anything? Then nothing is told of it, as before there were settings.
    pub fn was_never_set(&self) -> bool {
        self.revision == 0
    }
}

impl Kiosk {
    /// Every door of the layout.
    pub fn layout(&self) -> Vec<Port> {
        self.doors.iter().map(|door| door.port).collect()
    }

    /// What keeps the doors from being opened at all, where something does.
    pub fn wiring_fault(&self) -> Option<WiringFault> {
        self.wiring.as_ref()?.check(&self.layout()).err()
    }

    /// What the server has to be told: settings that were changed here, and from which of the server's.
    pub fn wiring_to_tell(&self) -> Option<Wired> {
        self.wiring_changed.then(|| Wired {
            revision: self.wiring_revision,
            wiring: self.wiring.clone(),
        })
    }

    /// Staff change the settings here. What does not fit is refused as a whole.
    pub(super) fn set_wiring(&mut self, wiring: Option<Wiring>, env: &mut Env<'_>) -> Vec<Effect> {
        let sound = wiring
            .as_ref()
            .is_none_or(|wiring| wiring.check(&self.layout()).is_ok());
        if !self.in_staff_area() || !sound || wiring == self.wiring {
            return Vec::new();
        }
        let at = self.corrected(env.now);
        let actor = self.staff.as_ref().and_then(|staff| staff.phone.clone());
        self.log.record(at, EventKind::WiringSet).actor = actor;
        self.use_wiring(wiring);
        self.wiring_changed = true;
        self.notice = Some(Notice::Said(Message::WiringSet));
        vec![Effect::Sound(Sound::Accepted), Effect::Sync]
    }

    /// The server told its settings. They count unless they are those that were changed here meanwhile.
    pub(super) fn wired_by_server(&mut self, wired: Option<Wired>) {
        let Some(wired) = wired else { return };
        if self.wiring_changed && wired.revision == self.wiring_revision {
            return;
        }
        self.wiring_revision = wired.revision;
        self.wiring_changed = false;
        if wired.wiring != self.wiring {
            self.use_wiring(wired.wiring);
        }
    }

    fn use_wiring(&mut self, wiring: Option<Wiring>) {
        self.wiring = wiring;
        self.boards.clear();
        self.failing.clear();
        self.end_soak(super::SoakEnd::Rewired);
        self.test = None;
        for door in &mut self.doors {
            door.sensed_open = None;
        }
    }
}
