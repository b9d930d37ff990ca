//! Scanned text: which code it is, whether it may be believed, and where it leads.

use super::shape;
use super::voucher::{Shown, judge};
use super::{Effect, Env, Kiosk, Message, Named, Notice, Screen, Sound, Trouble, Wants};
use crate::ids::{Millis, ThingsSq};
use crate::locker::events::EventKind;
use crate::token::revoked::Subject;
use crate::token::{self, CompartmentFields, Payload, Revocations, StaffPass};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Accepted codes are remembered far longer than they are fresh, counted by the newest moment ever seen: no clock that is set back makes one
/// good again.
const REMEMBER_MS: i64 = 7 * 86_400_000;
/// The last ones are remembered whatever the clock says, so that none comes back either after a leap ahead that the server undid.
const REMEMBER_ALWAYS: usize = 256;
/// No kiosk sees that many in that time; the oldest go first.
const REMEMBER_MOST: usize = 4_096;
/// A camera reads the same wrong code ten times a second: one refusal is enough.
const SAME_REFUSAL_MS: i64 = 4_000;

/// Codes that were accepted, so that each is accepted once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedCodes {
    ids: Vec<(String, Millis)>,
    refused: Option<(String, Millis)>,
}

impl UsedCodes {
    pub(super) fn holds(&self, id: &str) -> bool {
        self.ids.iter().any(|(used, _)| used == id)
    }

    /// Remembers one; `newest` is the newest moment the kiosk has seen.
    pub(super) fn add(&mut self, id: String, newest: Millis) {
        let mut may_go = (self.ids.len() + 1).saturating_sub(REMEMBER_ALWAYS);
        self.ids.retain_mut(|(_, used)| {
            // From ahead of a clock that the server took back.
            *used = (*used).min(newest);
            let goes = may_go > 0 && newest.since(*used) >= REMEMBER_MS;
            may_go = may_go.saturating_sub(1);
            !goes
        });
        let surplus = (self.ids.len() + 1).saturating_sub(REMEMBER_MOST);
        self.ids.drain(..surplus);
        self.ids.push((id, newest));
    }
}

/// A code that verified, is for this kiosk, fresh and unused.
struct Fresh {
    good: Good,
    id: String,
    date: Millis,
    revoked: Option<Revocations>,
}

enum Good {
    Take(CompartmentFields),
    Voucher(Shown),
    Date,
    Pass(StaffPass),
}

impl Kiosk {
    /// What the camera or the hand scanner read.
    pub(super) fn scanned(&mut self, text: &str, env: &mut Env<'_>) -> Vec<Effect> {
        let text = text.trim();
        // While a door is open the phone may still be before the camera, or a second one: nothing is to be begun then.
        if text.is_empty() || matches!(self.screen, Screen::DoorOpen { .. }) {
            return Vec::new();
        }
        if self.screen == Screen::NameReturn
            && text.matches('.').count() != 2
            && let Some(order) = ThingsSq::parse(text)
        {
            return self.name_return(Named::Order(order));
        }
        let text = shape::mended(text);
        match self.read_code(&text, env).and_then(|fresh| self.follow(fresh, env)) {
            Ok(effects) => effects,
            Err(Trouble::CodeDamaged) => self.refuse_code(&text, shape::fault(&text), env),
            Err(trouble) => self.refuse_code(&text, trouble, env),
        }
    }

    /// The hand scanner typed something that is no text to work with.
    pub(super) fn scan_failed(&mut self, trouble: Trouble, env: &mut Env<'_>) -> Vec<Effect> {
        if matches!(self.screen, Screen::DoorOpen { .. }) {
            return Vec::new();
        }
        self.refuse_code(trouble.code(), trouble, env)
    }

    fn read_code(&mut self, text: &str, env: &Env<'_>) -> Result<Fresh, Trouble> {
        // The claimed kiosk is looked at first, unverified: another kiosk's code fails to verify here, and "damaged" would mislead.
        if token::peek(text)?.yid != self.yid {
            return Err(Trouble::CodeForeign);
        }
        let opened = token::open(env.key, text)?;
        let now = self.corrected(env.now);
        // Before anything is decided, and also from a code that is too old: the list in it is signed.
        if let Some(list) = &opened.revoked {
            self.revoked.learn(list, now);
        }
        if self.used.holds(&opened.token_id) {
            return Err(Trouble::CodeUsed);
        }
        let good = match &opened.payload {
            Payload::OpenToTake(fields) => Good::Take(fields.clone()),
            Payload::Voucher(voucher) => Good::Voucher(judge(voucher, &opened, now, &self.used, &self.revoked)?),
            Payload::SyncDate => Good::Date,
            Payload::StaffPass(pass) => Good::Pass(pass.clone()),
            Payload::OpenToSave(_) | Payload::SaveToData(_) => return Err(Trouble::CodeKind),
        };
        opened.claims.freshness(now)?;
        if let Good::Pass(pass) = &good
            && self.revoked.revokes(Subject::Person(&pass.phone), opened.claims.date)
        {
            return Err(Trouble::CodeRevoked);
        }
        Ok(Fresh {
            good,
            id: opened.token_id,
            date: opened.claims.date,
            revoked: opened.revoked,
        })
    }

    /// Each kind of code is followed where it makes sense, and counts as used only then.
    fn follow(&mut self, fresh: Fresh, env: &mut Env<'_>) -> Result<Vec<Effect>, Trouble> {
        let Fresh {
            good,
            id,
            date,
            revoked,
        } = fresh;
        // A voucher counts as used door by door.
        let mut is_used = true;
        let effects = match good {
            Good::Take(fields) => {
                self.is_place_to_take()?;
                self.take_by_code(&fields, env)?
            }
            Good::Voucher(shown) => {
                self.is_place_to_take()?;
                is_used = false;
                self.take_by_voucher(shown, env)?
            }
            Good::Date => self.set_clock(date, env)?,
            Good::Pass(pass) => {
                let wants = match self.screen {
                    Screen::Identify { wants } => wants,
                    Screen::Home | Screen::Finished { .. } => Wants::Area,
                    _ => return Err(Trouble::CodeKind),
                };
                self.staff_in(Some(pass), wants, env)
            }
        };
        let newest = self.corrected(env.now).max(date);
        self.clock.saw(newest);
        if is_used {
            self.used.add(id, self.clock.newest.unwrap_or(newest));
        }
        // By a clock that this very code may have set.
        if let Some(list) = revoked {
            self.revoked.learn(&list, self.corrected(env.now));
        }
        Ok(effects)
    }

    /// Where a code that opens a door is followed.
    fn is_place_to_take(&self) -> Result<(), Trouble> {
        match self.screen {
            Screen::Home | Screen::PickUp | Screen::Finished { .. } | Screen::Code { .. } => Ok(()),
            _ => Err(Trouble::CodeKind),
        }
    }

    fn set_clock(&mut self, date: Millis, env: &mut Env<'_>) -> Result<Vec<Effect>, Trouble> {
        if !self.clock.set_by_code(date, env.now) {
            return Err(Trouble::ClockOutdated);
        }
        let at = self.corrected(env.now);
        let actor = self.staff.as_ref().and_then(|staff| staff.phone.clone());
        let offset = self.clock.offset_ms;
        let event = self.log.record(at, EventKind::ClockSet);
        event.actor = actor;
        event.detail = Some(offset.to_string());
        if matches!(self.screen, Screen::Staff { .. }) {
            self.enter_staff_area(env);
        }
        self.notice = Some(Notice::Said(Message::ClockSet));
        Ok(vec![Effect::Sound(Sound::Accepted), Effect::Sync])
    }

    fn refuse_code(&mut self, text: &str, trouble: Trouble, env: &mut Env<'_>) -> Vec<Effect> {
        let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..12]);
        let again = self
            .used
            .refused
            .as_ref()
            .is_some_and(|(last, at)| *last == id && (0..SAME_REFUSAL_MS).contains(&env.now.since(*at)));
        if again {
            self.notice = Some(Notice::Refused(trouble));
            return Vec::new();
        }
        self.used.refused = Some((id, env.now));
        self.refuse(trouble, None, env.now)
    }
}
