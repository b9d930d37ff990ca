//! What happened at the guards (sign 22): openings and refusals, as their devices report them. [`super::link`] stores them.

mod chart;
mod rows;

pub use chart::{Day, Openings, openings};

use super::cards;
use super::grants::Content;
use super::superiors::{OF_THE_HOLDER, readable};
use crate::core::db::{fault, read_sound, row, sql};
use crate::core::paging::page_limit;
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::guard::grants::{GrantKind, Key};
use domain::guard::ids::{CardHolder, CardNumb, DnCode, DoorPassword, GuardId, ServiceNumb};
use domain::guard::link::{Attempt, Happening};
use domain::guard::messages::records::{MOST_DAYS, MOST_ROWS};
pub use domain::guard::records::{By, Filter, Record, Way, What};
use domain::ids::{Millis, Phone};
use domain::locker::orders::{Count, Page};
use domain::people::Person;
use serde::{Deserialize, Serialize};

pub(crate) const WAY_LOST: i64 = 0;
const WAY_CARD: i64 = 1;
const WAY_PASSWORD: i64 = 2;
/// What the door did; the word is in `reason`.
pub(crate) const WAY_DOOR: i64 = 3;

const DAY_MS: i64 = 24 * 3_600_000;
/// Rows that are opened to find those of one person before the reader is asked to go on.
const MOST_SEARCHED: usize = 5_000;
const SEARCHED_AT_ONCE: u32 = 500;

/// What is sealed of a record: all of it that names a person or opens a door.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Info {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<CardHolder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) card_numb: Option<CardNumb>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dn_code: Option<DnCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<DoorPassword>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_password: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) masked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lost_from: Option<i64>,
}

/// Stars of a masked password that are kept; a door's password has at most 12 digits.
const MOST_STARS: usize = 12;

pub(crate) fn way_number(attempt: &Attempt) -> i64 {
    match attempt {
        Attempt::Card { .. } => WAY_CARD,
        Attempt::Password { .. } => WAY_PASSWORD,
    }
}

pub(crate) fn context(guard_id: &GuardId, seq: i64) -> String {
    format!("record {seq} {guard_id}")
}

impl Info {
    /// `grant` knows what the authorisation of a number opens by. What the device read itself comes first.
    pub(crate) fn of<'a>(what: &Happening, grant: impl Fn(&ServiceNumb) -> Option<&'a Content>) -> Self {
        let (attempt, number) = match what {
            Happening::Opened { attempt, key } => (attempt, Some(key)),
            Happening::Refused {
                attempt, service_numb, ..
            } => {
                let key = service_numb.clone().map(|service_numb| Key::Grant { service_numb });
                return Self::of_attempt(attempt, key.as_ref(), grant);
            }
            Happening::Door { .. } => return Self::default(),
            Happening::Lost { from } => {
                return Self {
                    lost_from: Some(*from),
                    ..Self::default()
                };
            }
        };
        Self::of_attempt(attempt, number, grant)
    }

    fn of_attempt<'a>(
        attempt: &Attempt,
        key: Option<&Key>,
        grant: impl Fn(&ServiceNumb) -> Option<&'a Content>,
    ) -> Self {
        let granted = match key {
            Some(Key::Grant { service_numb }) => grant(service_numb),
            _ => None,
        };
        let for_whom = granted.and_then(|content| content.for_whom.clone());
        let granted = granted.map(|content| &content.kind);
        match attempt {
            Attempt::Card { card_numb, dn_code } => {
                let mut info = Self {
                    card_numb: card_numb.clone(),
                    dn_code: dn_code.clone().filter(|code| !code.is_empty()),
                    ..Self::default()
                };
                if let Some(GrantKind::Card {
                    name,
                    card_numb,
                    dn_code,
                }) = granted
                {
                    info.name = Some(name.clone());
                    info.card_numb.get_or_insert_with(|| card_numb.clone());
                    if !dn_code.is_empty() {
                        info.dn_code.get_or_insert_with(|| dn_code.clone());
                    }
                }
                info
            }
            Attempt::Password { masked } => Self {
                name: for_whom,
                password: match granted {
                    Some(GrantKind::Password { password }) => Some(password.clone()),
                    _ => None,
                },
                default_password: match key {
                    Some(Key::DefaultPassword { number }) => Some(*number),
                    _ => None,
                },
                // How many digits, and nothing else the device may have sent.
                masked: Some("*".repeat(masked.chars().count().min(MOST_STARS))),
                ..Self::default()
            },
        }
    }

    pub(crate) fn seal(&self, b: &Backend, guard_id: &GuardId, seq: i64) -> Result<String> {
        let json = serde_json::to_vec(self).map(zeroize::Zeroizing::new).map_err(fault)?;
        b.keys().seal(b.rng(), &context(guard_id, seq), &json)
    }

    /// `None`: it cannot be read.
    fn open(b: &Backend, guard_id: &GuardId, seq: i64, sealed: &str) -> Option<Self> {
        let json = b.keys().try_open(&context(guard_id, seq), sealed);
        let info = json.and_then(|json| serde_json::from_slice(&json).ok());
        if info.is_none() {
            b.damage().note("records", format_args!("{guard_id} {seq}"));
        }
        info
    }

    fn by(self, way: i64, service_numb: Option<ServiceNumb>, with_passwords: bool) -> By {
        if way == WAY_CARD {
            By::Card {
                name: self.name,
                card_numb: self.card_numb,
                dn_code: self.dn_code,
                service_numb,
            }
        } else {
            By::Password {
                for_whom: self.name.filter(|_| with_passwords),
                password: self.password.filter(|_| with_passwords),
                default_password: self.default_password,
                masked: self.masked.unwrap_or_default(),
                service_numb,
            }
        }
    }
}

/// A way to open, in the database.
fn number_of(way: Way) -> i64 {
    match way {
        Way::Card => WAY_CARD,
        Way::Password => WAY_PASSWORD,
    }
}

/// Does `text`, in small letters, stand in what names a person?
fn names(record: &Record, text: &str) -> bool {
    let found = |value: Option<&str>| value.is_some_and(|value| value.to_lowercase().contains(text));
    match record.by() {
        Some(By::Card {
            name,
            card_numb,
            dn_code,
            service_numb,
        }) => {
            found(name.as_ref().map(CardHolder::as_str))
                || found(card_numb.as_ref().map(CardNumb::as_str))
                || found(dn_code.as_ref().map(DnCode::as_str))
                || found(service_numb.as_ref().map(ServiceNumb::as_str))
        }
        Some(By::Password {
            for_whom, service_numb, ..
        }) => found(for_whom.as_ref().map(CardHolder::as_str)) || found(service_numb.as_ref().map(ServiceNumb::as_str)),
        None => false,
    }
}

/// The openings of all guards of `of` in a time that ends before `until`, oldest first, at most `limit` (sign 22). For the owner and those
/// above, who do not see passwords.
#[crate::boxed]
pub async fn between(
    b: &Backend,
    who: &Person,
    of: &Phone,
    from: Millis,
    until: Millis,
    limit: usize,
) -> Result<Vec<Record>> {
    readable(b, who, of).await?;
    // The last minute or second of the span belongs to it, so it may be that much longer.
    if until <= from || until.since(from) > MOST_DAYS * DAY_MS + 60_000 {
        return Err(Refusal::field("endTime", Problem::Contradicts));
    }
    let range = rows::Range {
        owner: of,
        filter: &Filter {
            opened: Some(true),
            from: Some(from),
            until: Some(until),
            ..Filter::default()
        },
        after: None,
        oldest_first: true,
        skip: 0,
        limit: limit.clamp(1, MOST_ROWS),
    };
    Ok(rows::rows(b, &range, who.phone == *of).await?.rows)
}

/// A page of records, newest first. For the owner and those above, who do not see passwords.
#[crate::boxed]
pub async fn page(b: &Backend, who: &Person, of: &Phone, filter: &Filter) -> Result<Page<Record>> {
    readable(b, who, of).await?;
    let limit = page_limit(filter.limit) as usize;
    let person = crate::core::text::one_line("person", &filter.person, 64, true)?.to_lowercase();
    let mut after = filter.cursor.as_deref().map(rows::Place::parse).transpose()?;
    let own = who.phone == *of;
    let (mut found, mut searched) = (Vec::new(), 0);
    loop {
        let at_once = if person.is_empty() {
            limit + 1
        } else {
            SEARCHED_AT_ONCE as usize
        };
        let range = rows::Range {
            owner: of,
            filter,
            after: after.clone(),
            oldest_first: false,
            skip: 0,
            limit: at_once,
        };
        let part = rows::rows(b, &range, own).await?;
        let more = part.count == at_once;
        searched += part.count;
        after = part.last;
        found.extend(
            part.rows
                .into_iter()
                .filter(|row| person.is_empty() || names(row, &person)),
        );
        if found.len() > limit {
            found.truncate(limit);
            let next = found.last().map(|last| rows::Place::of(last).to_text());
            return Ok(Page { rows: found, next });
        }
        // With a row that cannot be read a part may be shorter than it should be: then the next one fills it.
        if !more || searched >= MOST_SEARCHED || after.is_none() {
            let next = after.filter(|_| more).map(|place| place.to_text());
            return Ok(Page { rows: found, next });
        }
    }
}

/// Records are counted up to here; a list that has more says so.
const COUNTED: u32 = 1_000;

/// A page of records by its number, newest first, and how many there are. The person and the cursor of the filter are not looked at. On the last page
/// that is counted, `next` leads to those that are not. For the owner and those above, who do not see passwords.
#[crate::boxed]
pub async fn numbered(
    b: &Backend,
    who: &Person,
    of: &Phone,
    filter: &Filter,
    page: u64,
) -> Result<(Page<Record>, Count)> {
    readable(b, who, of).await?;
    let limit = page_limit(filter.limit);
    let skip = page.saturating_sub(1).saturating_mul(limit.into());
    let range = rows::Range {
        owner: of,
        filter,
        after: None,
        oldest_first: false,
        skip: skip.min(COUNTED.into()),
        limit: limit as usize + 1,
    };
    let rows = rows::count(b, &range, COUNTED + 1).await?;
    let count = Count {
        rows: rows.min(COUNTED),
        more: rows > COUNTED,
    };
    if page == 0 || skip >= count.rows.into() && page > 1 {
        return Ok((
            Page {
                rows: Vec::new(),
                next: None,
            },
            count,
        ));
    }
    let mut found = rows::rows(b, &range, who.phone == *of).await?.rows;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let is_last = skip.saturating_add(limit.into()) >= count.rows.into();
    let next = found.last().filter(|_| more && is_last);
    let next = next.map(|last| rows::Place::of(last).to_text());
    Ok((Page { rows: found, next }, count))
}

/// The whole number of the card of one record, to be shown to somebody who asked for it; that they asked is kept.
#[crate::boxed]
pub async fn reveal_card(
    b: &Backend,
    who: &Person,
    of: &Phone,
    guard_id: &GuardId,
    at: Millis,
    seq: i64,
) -> Result<CardNumb> {
    readable(b, who, of).await?;
    row! {
        struct Revealed {
            info: String,
            service_numb: Option<String>,
        }
    }
    let row: Option<Revealed> = read_sound!(b, ["info"], |[info]| {
        b.db()
            .read()
            .try_optional(sql!(
                "SELECT {info} AS info, service_numb FROM records
                 WHERE owner = $1 AND at = $2 AND guard_id = $3 AND seq = $4 AND {of_the_holder}"
                { info: sealed(info), of_the_holder: text(OF_THE_HOLDER) },
                of.as_str(),
                at.0,
                guard_id.as_str(),
                seq
            ))
            .await
    })?;
    let Revealed { info, service_numb } = row.ok_or(Refusal::Unknown)?;
    let info = Info::open(b, guard_id, seq, &info).ok_or(Refusal::Unknown)?;
    let card_numb = info.card_numb.ok_or(Refusal::Unknown)?;
    cards::note_view(b, who, of, guard_id, service_numb.as_deref().unwrap_or_default()).await?;
    Ok(card_numb)
}
