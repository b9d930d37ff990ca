//! K, business pick-up (SPEC 3, flow 2): by the phone's `OpenToTake` code, or by label and password.

use super::{Door, Effect, Env, Kiosk, Screen, Trouble, Usage};
use crate::locker::compartments::{CompartmentStatus, ContentKind};
use crate::token::CompartmentFields;

impl Kiosk {
    /// a) A verified, fresh, unused code. It still has to fit what is in the compartment now.
    pub(super) fn take_by_code(
        &mut self,
        fields: &CompartmentFields,
        env: &mut Env<'_>,
    ) -> Result<Vec<Effect>, Trouble> {
        self.may_take_by_code(fields)?;
        self.staff_out(env);
        Ok(self.open_by_code(fields, "code".to_owned(), env))
    }

    /// Whether a code for these contents opens their door now.
    pub(super) fn may_take_by_code(&self, fields: &CompartmentFields) -> Result<(), Trouble> {
        let port = fields.port();
        let door = self.door(port).ok_or(Trouble::CodeMismatch)?;
        may_take(door)?;
        if self.is_unreachable(port) {
            return Err(Trouble::BoardSilent);
        }
        // After a device was replaced it knows what is stored but not the passwords; the code is the server's word for them.
        if door.pwd.as_ref().is_some_and(|pwd| *pwd != fields.pwd) {
            return Err(Trouble::CodeMismatch);
        }
        if let (Some(known), Some(named)) = (&door.things_sq, &fields.things_sq)
            && known != named
        {
            return Err(Trouble::CodeMismatch);
        }
        Ok(())
    }

    /// Opens it, and learns from the code what was not known of the contents.
    pub(super) fn open_by_code(
        &mut self,
        fields: &CompartmentFields,
        detail: String,
        env: &mut Env<'_>,
    ) -> Vec<Effect> {
        let port = fields.port();
        if let Some(door) = self.door_mut(port) {
            if door.things_sq.is_none() {
                door.things_sq.clone_from(&fields.things_sq);
            }
            door.pwd = Some(fields.pwd.clone());
        }
        self.open_door(port, Usage::PickUp, Some(detail), env.now)
    }

    /// b) Label and password. Wrong ones are told apart for nobody: no such label, nothing in it and a wrong password sound the same.
    pub(super) fn take_by_password(&mut self, label: &str, pwd: &str, env: &mut Env<'_>) -> Vec<Effect> {
        if self.screen != Screen::PickUp {
            return Vec::new();
        }
        self.pwd_tries.bound(env.now);
        if let Some(seconds) = self.pwd_tries.wait_seconds(env.now) {
            return self.say_no(Trouble::Wait { seconds });
        }
        let label = label.trim();
        let found = self
            .doors
            .iter()
            .find(|door| door.label.trim().eq_ignore_ascii_case(label));
        let fits = found.filter(|door| door.pwd.as_deref() == Some(pwd.trim()));
        let may = |door: &Door| match may_take(door) {
            Ok(()) if self.is_unreachable(door.port) => Err(Trouble::BoardSilent),
            other => other,
        };
        match fits.map(|door| (door.port, may(door))) {
            Some((port, Ok(()))) => {
                self.pwd_tries.right();
                self.open_door(port, Usage::PickUp, Some("password".to_owned()), env.now)
            }
            Some((port, Err(trouble))) => self.refuse(trouble, Some(port), env.now),
            None => {
                let port = found.map(|door| door.port);
                self.pwd_tries.wrong(env.now);
                self.refuse(Trouble::WrongPassword, port, env.now)
            }
        }
    }
}

pub(super) fn may_take(door: &Door) -> Result<(), Trouble> {
    match door.status {
        CompartmentStatus::Stored if door.kind == Some(ContentKind::Return) => Err(Trouble::CodeMismatch),
        CompartmentStatus::Stored => Ok(()),
        CompartmentStatus::Storing | CompartmentStatus::Taking => Err(Trouble::DoorHalfDone),
        _ => Err(Trouble::NothingStored),
    }
}
