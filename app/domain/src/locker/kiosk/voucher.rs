//! A voucher held to the kiosk: what it opens, and in which order. Its doors open one after the other, never two, each closed before the next.

use super::pick_up::may_take;
use super::{Door, Effect, Env, Kiosk, Trouble, UsedCodes};
use crate::ids::Millis;
use crate::token::revoked::{Learnt, Subject};
use crate::token::{CompartmentFields, Opened, Voucher};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A voucher that may open doors: what is left of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Its id. A door of it that was opened is remembered under [`Shown::use_of`].
    pub id: String,
    /// From this moment on it opens nothing, by the corrected clock.
    pub until: Millis,
    /// The doors that were not opened by it before.
    pub doors: Vec<CompartmentFields>,
    /// Who it was passed on to, in that order.
    pub names: Vec<String>,
}

impl Shown {
    /// Under which id the kiosk remembers that this voucher opened this door.
    pub fn use_of(id: &str, door: &CompartmentFields) -> String {
        let order = door.things_sq.as_ref().map(|order| order.as_str()).unwrap_or_default();
        format!("{id}#{order}")
    }
}

/// What a voucher that verified grants at this moment, before any door is looked at: it has not ended, neither by itself nor by a caveat, nobody
/// it was made for was revoked since, and at least one of its doors was not opened by it before.
pub fn judge(
    voucher: &Voucher,
    opened: &Opened,
    now: Millis,
    used: &UsedCodes,
    revoked: &Learnt,
) -> Result<Shown, Trouble> {
    opened.claims.freshness(now)?;
    let left = voucher.under(&opened.caveats);
    if now >= left.until {
        return Err(Trouble::CodeExpired);
    }
    let mut subjects = vec![Subject::Person(&voucher.holder), Subject::Code(&opened.token_id)];
    if !voucher.sign_in.is_empty() {
        subjects.push(Subject::SignIn(&voucher.sign_in));
    }
    if subjects
        .iter()
        .any(|subject| revoked.revokes(*subject, opened.claims.date))
    {
        return Err(Trouble::CodeRevoked);
    }
    let id = opened.token_id.clone();
    let mut doors = left.doors;
    doors.retain(|door| !used.holds(&Shown::use_of(&id, door)));
    if doors.is_empty() {
        return Err(Trouble::CodeUsed);
    }
    Ok(Shown {
        id,
        until: left.until,
        doors,
        names: left.names,
    })
}

/// Whether what a voucher names is what is in the compartment: the same deposit, not only the same door. Made for a deposit that was taken out,
/// it opens nothing, whatever lies there now.
pub fn fits(door: &Door, fields: &CompartmentFields) -> Result<(), Trouble> {
    may_take(door)?;
    if door.save_date.as_ref() == Some(&fields.save_date) {
        Ok(())
    } else {
        Err(Trouble::CodeMismatch)
    }
}

/// The doors of a voucher that follow the one that is open.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoingOn {
    id: String,
    until: Millis,
    doors: Vec<CompartmentFields>,
    names: Vec<String>,
}

impl GoingOn {
    /// How many doors follow.
    pub fn doors_left(&self) -> usize {
        self.doors.len()
    }

    /// Who the voucher was passed on to last; `None`: nobody.
    pub fn name(&self) -> Option<&str> {
        self.names.last().map(String::as_str)
    }
}

impl fmt::Debug for GoingOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoingOn")
            .field("doors", &self.doors)
            .finish_non_exhaustive()
    }
}

impl Kiosk {
    /// Opens the first door of a voucher that may be opened; the others follow, each when the one before was closed.
    pub(super) fn take_by_voucher(&mut self, shown: Shown, env: &mut Env<'_>) -> Result<Vec<Effect>, Trouble> {
        let mut doors = shown.doors;
        let checks: Vec<_> = doors.iter().map(|door| self.may_take_by_voucher(door)).collect();
        let Some(first) = checks.iter().position(Result::is_ok) else {
            return Err(checks.into_iter().find_map(Result::err).unwrap_or(Trouble::CodeUsed));
        };
        let door = doors.remove(first);
        self.staff_out(env);
        self.going_on = Some(GoingOn {
            id: shown.id,
            until: shown.until,
            doors,
            names: shown.names,
        });
        Ok(self.open_by_voucher(&door, env))
    }

    /// The next door of the voucher whose last door was just closed. One that cannot be opened (any more) is passed over.
    pub(super) fn open_next(&mut self, env: &mut Env<'_>) -> Vec<Effect> {
        let now = self.corrected(env.now);
        loop {
            let Some(going_on) = self.going_on.as_mut().filter(|going_on| now < going_on.until) else {
                return Vec::new();
            };
            if going_on.doors.is_empty() {
                return Vec::new();
            }
            let door = going_on.doors.remove(0);
            if self.may_take_by_voucher(&door).is_ok() {
                return self.open_by_voucher(&door, env);
            }
        }
    }

    fn may_take_by_voucher(&self, fields: &CompartmentFields) -> Result<(), Trouble> {
        fits(self.door(fields.port()).ok_or(Trouble::CodeMismatch)?, fields)?;
        self.may_take_by_code(fields)
    }

    fn open_by_voucher(&mut self, door: &CompartmentFields, env: &mut Env<'_>) -> Vec<Effect> {
        let mut detail = "voucher".to_owned();
        if let Some(going_on) = &self.going_on {
            for name in &going_on.names {
                detail.push_str(" · ");
                detail.push_str(name);
            }
            let id = Shown::use_of(&going_on.id, door);
            let now = self.corrected(env.now);
            self.clock.saw(now);
            self.used.add(id, self.clock.newest.unwrap_or(now));
        }
        self.open_by_code(door, detail, env)
    }
}
