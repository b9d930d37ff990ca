//! Who may open a guard, and [`may_open`], which decides at the door and says why (SPEC 4.4).

use super::ids::{CardHolder, CardNumb, DnCode, DoorPassword, ServiceNumb};
use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// The most authorisations of one guard that have neither ended nor been cancelled. One more is refused.
pub const MOST_GRANTS: usize = 4_096;

/// Up to this much of a clock's uncertainty is counted in favour of the person at the door.
pub const BENEFIT_OF_DOUBT_MS: i64 = 60_000;

/// A clock less certain than this cannot judge an authorisation that has a beginning and an end.
pub const USELESS_CLOCK_MS: i64 = 3_600_000;

/// One authorisation (guard-seed, signs 14 and 17).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Its number, unique among the cards or among the passwords of its guard.
    pub service_numb: ServiceNumb,
    /// What opens.
    #[serde(flatten)]
    pub kind: GrantKind,
    /// Valid from here on.
    pub from: Millis,
    /// Valid before this.
    pub until: Millis,
    /// The number of the guard's change that made it what it is.
    pub version: i64,
    /// Cancelled: kept, so that the refusal can be named.
    pub cancelled: bool,
}

/// What a grant opens by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum GrantKind {
    /// An identity card (sign 14).
    Card {
        /// Whose.
        name: CardHolder,
        /// Its number.
        card_numb: CardNumb,
        /// What its chip says, empty if not known.
        dn_code: DnCode,
    },
    /// A password (sign 17).
    Password {
        /// The digits.
        password: DoorPassword,
    },
}

/// The two kinds of grants, each with numbers of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Series {
    /// Cards.
    Card,
    /// Passwords.
    Password,
}

impl Series {
    /// As stored and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Password => "password",
        }
    }

    /// The inverse of [`Series::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Card, Self::Password]
            .into_iter()
            .find(|series| series.as_str() == text)
    }
}

impl GrantKind {
    /// Which series its number is of.
    pub fn series(&self) -> Series {
        match self {
            Self::Card { .. } => Series::Card,
            Self::Password { .. } => Series::Password,
        }
    }
}

/// What adding a grant under a number that may exist already comes to (SPEC 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addition {
    /// The number is new: add it.
    New,
    /// The same was added before and still stands: nothing to do, and that is success.
    Repeated,
    /// The number belongs to something else, or to what was cancelled: refuse.
    Reused,
}

impl Grant {
    /// The same in everything the messages give.
    pub fn has_content_of(&self, other: &Self) -> bool {
        self.service_numb == other.service_numb
            && self.kind == other.kind
            && self.from == other.from
            && self.until == other.until
    }

    /// What adding this comes to, `existing` being what the guard has under its number.
    pub fn addition(&self, existing: Option<&Self>) -> Addition {
        match existing {
            None => Addition::New,
            Some(existing) if !existing.cancelled && existing.has_content_of(self) => Addition::Repeated,
            Some(_) => Addition::Reused,
        }
    }

    /// Does it still open, or will it?
    pub fn is_live(&self, now: Millis) -> bool {
        !self.cancelled && now < self.until
    }
}

/// All a guard needs to decide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grants {
    /// Somebody owns the guard. While nobody does, nothing opens, the default passwords included: the last owner knows them.
    pub owned: bool,
    /// `defaultPassword1` and `defaultPassword2` (guard-seed, sign 12), which open without beginning and end.
    pub default_passwords: [Option<DoorPassword>; 2],
    /// The authorisations.
    pub grants: Vec<Grant>,
}

/// What is held to, or typed into, a guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Presented {
    /// An identity card, as far as the reader could read it.
    Card {
        /// The number on it.
        card_numb: Option<CardNumb>,
        /// What its chip says.
        dn_code: Option<DnCode>,
    },
    /// A password.
    Password {
        /// The digits typed.
        password: DoorPassword,
    },
}

/// By what a guard opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Key {
    /// An authorisation.
    Grant {
        /// Its number.
        service_numb: ServiceNumb,
    },
    /// A default password.
    DefaultPassword {
        /// 1 or 2.
        number: u8,
    },
}

/// Why a guard stays shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The authorisation begins later.
    NotYetValid,
    /// The authorisation is over.
    Ended,
    /// The authorisation was cancelled.
    Cancelled,
    /// The guard has an authorisation for this, but does not know what time it is.
    ClockUnknown,
    /// It would open, but nobody owns the guard (any more).
    NoLongerAuthorised,
    /// No authorisation names this card.
    UnknownCard,
    /// Nothing opens by this password.
    UnknownPassword,
    /// Too many wrong passwords in a row.
    TooManyTries,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::NotYetValid,
        Self::Ended,
        Self::Cancelled,
        Self::ClockUnknown,
        Self::NoLongerAuthorised,
        Self::UnknownCard,
        Self::UnknownPassword,
        Self::TooManyTries,
    ];

    /// As stored and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotYetValid => "not-yet-valid",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
            Self::ClockUnknown => "clock-unknown",
            Self::NoLongerAuthorised => "no-longer-authorised",
            Self::UnknownCard => "unknown-card",
            Self::UnknownPassword => "unknown-password",
            Self::TooManyTries => "too-many-tries",
        }
    }

    /// The inverse of [`Reason::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// What a guard does, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It opens.
    Open(Key),
    /// It stays shut.
    Refuse {
        /// Why.
        reason: Reason,
        /// The authorisation that was meant, where one was.
        service_numb: Option<ServiceNumb>,
    },
}

/// Decides. `now` may be wrong by up to `clock_uncertainty_ms` either way; of that, [`BENEFIT_OF_DOUBT_MS`] counts for opening.
///
/// Of several authorisations for the same card or password one that opens wins; else the reason is the first of [`Reason`]'s order.
pub fn may_open(grants: &Grants, presented: &Presented, now: Millis, clock_uncertainty_ms: i64) -> Decision {
    let by_default = default_password(grants, presented);
    let best = grants
        .grants
        .iter()
        .filter(|grant| is_meant(grant, presented))
        .map(|grant| (refusal(grant, now, clock_uncertainty_ms), grant))
        .min_by_key(|(reason, _)| *reason);
    match (grants.owned, by_default, best) {
        (true, Some(number), _) => Decision::Open(Key::DefaultPassword { number }),
        (true, None, Some((None, grant))) => Decision::Open(Key::Grant {
            service_numb: grant.service_numb.clone(),
        }),
        (_, _, Some((Some(reason), grant))) => Decision::Refuse {
            reason,
            service_numb: Some(grant.service_numb.clone()),
        },
        (false, _, Some((None, grant))) => Decision::Refuse {
            reason: Reason::NoLongerAuthorised,
            service_numb: Some(grant.service_numb.clone()),
        },
        (false, Some(_), None) => Decision::Refuse {
            reason: Reason::NoLongerAuthorised,
            service_numb: None,
        },
        (_, None, None) => Decision::Refuse {
            reason: match presented {
                Presented::Card { .. } => Reason::UnknownCard,
                Presented::Password { .. } => Reason::UnknownPassword,
            },
            service_numb: None,
        },
    }
}

/// 1 or 2, where a default password was typed.
fn default_password(grants: &Grants, presented: &Presented) -> Option<u8> {
    let Presented::Password { password } = presented else {
        return None;
    };
    (1u8..)
        .zip(&grants.default_passwords)
        .find_map(|(number, default)| (default.as_ref() == Some(password)).then_some(number))
}

/// Is this the grant of what was presented? A card is known by its number or its chip; where both sides know both, both must agree,
/// so that neither a copied number nor a re-issued card stands in for the other.
fn is_meant(grant: &Grant, presented: &Presented) -> bool {
    match (&grant.kind, presented) {
        (GrantKind::Password { password }, Presented::Password { password: typed }) => password == typed,
        (
            GrantKind::Card { card_numb, dn_code, .. },
            Presented::Card {
                card_numb: number,
                dn_code: chip,
            },
        ) => {
            let number = number.as_ref().map(|number| number.same_card(card_numb));
            let chip = chip
                .as_ref()
                .filter(|chip| !chip.is_empty() && !dn_code.is_empty())
                .map(|chip| chip == dn_code);
            matches!((number, chip), (Some(true), Some(true) | None) | (None, Some(true)))
        }
        _ => false,
    }
}

/// Why `grant` does not open now; `None`: it does.
fn refusal(grant: &Grant, now: Millis, clock_uncertainty_ms: i64) -> Option<Reason> {
    let doubt = clock_uncertainty_ms.clamp(0, BENEFIT_OF_DOUBT_MS);
    if grant.cancelled {
        Some(Reason::Cancelled)
    } else if clock_uncertainty_ms > USELESS_CLOCK_MS {
        Some(Reason::ClockUnknown)
    } else if now.plus(doubt) < grant.from {
        Some(Reason::NotYetValid)
    } else if now.plus(-doubt) >= grant.until {
        Some(Reason::Ended)
    } else {
        None
    }
}
