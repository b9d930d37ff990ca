//! L, staff deposit (SPEC 3, flow 1): a free compartment, the door, a password, the code for the phone.

use super::{Effect, Env, Kiosk, Purpose, Screen, Sound, Trouble, Usage};
use crate::ids::{Port, Yid};
use crate::locker::compartments::{CompartmentStatus, ContentKind, SIZES};
use crate::token::{CompartmentFields, Payload};

/// How many five-digit passwords there are.
const PASSWORDS: u32 = 100_000;

impl Kiosk {
    pub(super) fn choose_free_for_deposit(&self) -> Screen {
        Screen::ChooseFree {
            purpose: Purpose::Deposit,
            size: *SIZES.start(),
        }
    }

    pub(super) fn need_size(&mut self, wanted: i64) -> Vec<Effect> {
        if let Screen::ChooseFree { size, .. } = &mut self.screen {
            *size = wanted.clamp(*SIZES.start(), *SIZES.end());
        }
        Vec::new()
    }

    /// J, L: the chosen compartment opens if it is free and large enough.
    pub(super) fn open_to_store(&mut self, port: Port, purpose: Purpose, size: i64, env: &mut Env<'_>) -> Vec<Effect> {
        if !self.door(port).is_some_and(|door| door.is_free_for(size)) {
            return self.refuse(Trouble::DoorNotFree, Some(port), env.now);
        }
        if self.is_unreachable(port) {
            return self.refuse(Trouble::BoardSilent, Some(port), env.now);
        }
        match purpose {
            Purpose::Deposit => {
                if let Some(door) = self.door_mut(port) {
                    door.kind = Some(ContentKind::Deposit);
                }
                self.open_door(port, Usage::Deposit, None, env.now)
            }
            Purpose::Return { named, whose } => self.open_for_return(port, named, whose.is_some(), env),
        }
    }

    pub(super) fn deposit_closed(&mut self, port: Port, env: &mut Env<'_>) {
        self.give_password(port, env);
        self.mark_stored(port, ContentKind::Deposit, env.now);
        self.note_door(port, Usage::Deposit.closed(), None, env.now);
        self.show_code(port, env);
    }

    /// A new password, unlike that of any other compartment; one that was given already stays, because a phone may have it.
    pub(super) fn give_password(&mut self, port: Port, env: &mut Env<'_>) {
        if self.door(port).is_some_and(|door| door.pwd.is_some()) {
            return;
        }
        let mut number = random_below(PASSWORDS, env);
        let mut pwd = format!("{number:05}");
        while self.doors.iter().any(|door| door.pwd.as_deref() == Some(&*pwd)) {
            // Walking on from a random start ends even where the source of randomness does not vary.
            number = (number + 1) % PASSWORDS;
            pwd = format!("{number:05}");
        }
        if let Some(door) = self.door_mut(port) {
            door.pwd = Some(pwd);
        }
    }

    /// Shows the `OpenToSave` code of a compartment; where no code can be made, the step is finished all the same.
    pub(super) fn show_code(&mut self, port: Port, env: &mut Env<'_>) {
        self.screen = match self.save_code(port, env) {
            Some(token) => Screen::Code {
                port,
                token,
                made_at: env.now,
            },
            None => Screen::Finished {
                port,
                usage: Usage::Deposit,
                gave_up: false,
            },
        };
    }

    pub(super) fn save_code(&self, port: Port, env: &mut Env<'_>) -> Option<String> {
        let door = self.door(port)?;
        let fields = CompartmentFields {
            serial: port.serial,
            jumper: port.jumper,
            pwd: door.pwd.clone()?,
            save_date: door.save_date.clone().unwrap_or_default(),
            label: door.label.clone(),
            things_sq: door.things_sq.clone(),
        };
        self.seal(&Payload::OpenToSave(fields), env)
    }

    pub(super) fn seal(&self, payload: &Payload, env: &mut Env<'_>) -> Option<String> {
        let (yid, date): (Yid, _) = (self.yid, self.corrected(env.now));
        crate::token::seal(env.key, yid, date, payload, env.rng).ok()
    }

    /// The code is shown, but the meter is not in it, or not the right one: the same compartment opens again, under the same password.
    pub(super) fn open_again(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        match self.screen {
            Screen::Code { port, .. } if self.staff.is_some() && self.is_unreachable(port) => {
                self.refuse(Trouble::BoardSilent, Some(port), env.now)
            }
            Screen::Code { port, .. } if self.staff.is_some() => {
                self.open_door(port, Usage::Deposit, Some("again".to_owned()), env.now)
            }
            _ => Vec::new(),
        }
    }

    /// Staff: shows the code of a deposit again, for a phone that could not read it the first time.
    pub(super) fn show_code_again(&mut self, port: Port, env: &mut Env<'_>) -> Vec<Effect> {
        let stored = self.door(port).is_some_and(|door| {
            door.status == CompartmentStatus::Stored && door.kind == Some(ContentKind::Deposit) && door.pwd.is_some()
        });
        if !matches!(self.screen, Screen::Staff { .. }) || !stored {
            return Vec::new();
        }
        self.show_code(port, env);
        vec![Effect::Sound(Sound::Accepted)]
    }
}

/// Evenly distributed below `bound`.
fn random_below(bound: u32, env: &mut Env<'_>) -> u32 {
    let even = u32::MAX - u32::MAX % bound;
    let mut bytes = [0; 4];
    for _ in 0..64 {
        (env.rng)(&mut bytes);
        let number = u32::from_le_bytes(bytes);
        if number < even {
            return number % bound;
        }
    }
    u32::from_le_bytes(bytes) % bound
}
