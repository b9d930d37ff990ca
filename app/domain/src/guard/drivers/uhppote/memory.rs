//! The cards of a controller's own memory, by which it opens while nobody decides for it.
//!
//! It knows less than a grant says: whole days, or up to three times of a day to the minute. What does not fit is left out or made shorter, never longer.

use super::{Card, Day, Minute, Request, TimeProfile};
use crate::guard::grants::{Grant, GrantKind, Grants};
use crate::guard::times::{Civil, Zone};
use crate::ids::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Always, on each day of the card.
const ALWAYS: u8 = 1;
/// Numbers of time profiles.
const FIRST_PROFILE: u8 = 2;
const LAST_PROFILE: u8 = 254;
/// Times of a day that a profile has.
const TIMES: usize = 3;

/// Times of one day, in minutes from its beginning, both ends inside.
type Times = Vec<(i64, i64)>;

/// When a card opens a door today.
#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    /// All day, up to the end of this one.
    Always(Day),
    /// At these times.
    At(Times),
}

/// What is in the memory of a controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    cards: BTreeMap<u32, Card>,
    profiles: BTreeMap<u8, TimeProfile>,
}

impl Memory {
    /// The cards that open today by the grants of these doors.
    pub fn of(doors: &[(u8, &Grants)], today: Day, zone: &dyn Zone) -> Self {
        let mut opens: BTreeMap<u32, BTreeMap<u8, When>> = BTreeMap::new();
        for (door, grants) in doors
            .iter()
            .filter(|(door, grants)| grants.owned && (1..=4).contains(door))
        {
            for (number, grant) in grants.grants.iter().filter_map(|grant| Some((card(grant)?, grant))) {
                if let Some(when) = when(grant, today, zone) {
                    let doors = opens.entry(number).or_default();
                    let both = match doors.remove(door) {
                        Some(other) => union(other, when),
                        None => when,
                    };
                    doors.insert(*door, both);
                }
            }
        }
        let times: BTreeSet<&Times> = opens
            .values()
            .flat_map(BTreeMap::values)
            .filter_map(|when| match when {
                When::At(times) => Some(times),
                When::Always(_) => None,
            })
            .collect();
        // More than a controller can have are left out.
        let numbers: BTreeMap<&Times, u8> = times.into_iter().zip(FIRST_PROFILE..=LAST_PROFILE).collect();
        let profiles = numbers
            .iter()
            .filter_map(|(times, number)| Some((*number, profile(*number, today, times)?)));
        let cards = opens
            .iter()
            .filter_map(|(number, doors)| Some((*number, entry(*number, today, doors, &numbers)?)));
        Self {
            profiles: profiles.collect(),
            cards: cards.collect(),
        }
    }

    /// What to ask a controller with this memory, so that it has `wanted`. Cards that change are deleted first, so that none ever opens by a profile that was
    /// not meant for it.
    pub fn changes(&self, wanted: &Self) -> Vec<Request> {
        let changed: Vec<&TimeProfile> = wanted
            .profiles
            .values()
            .filter(|profile| self.profiles.get(&profile.number) != Some(profile))
            .collect();
        let stays = |card: &Card| {
            let moves = changed.iter().any(|profile| card.doors.contains(&profile.number));
            wanted.cards.get(&card.number) == Some(card) && !moves
        };
        let mut requests: Vec<Request> = self
            .cards
            .values()
            .filter(|card| !stays(card))
            .map(|card| Request::DeleteCard { number: card.number })
            .collect();
        requests.extend(changed.iter().map(|profile| Request::SetTimeProfile(**profile)));
        let stay: BTreeSet<u32> = self
            .cards
            .values()
            .filter(|card| stays(card))
            .map(|card| card.number)
            .collect();
        let new = wanted.cards.values().filter(|card| !stay.contains(&card.number));
        requests.extend(new.map(|card| Request::PutCard(*card)));
        requests
    }

    /// How many cards.
    pub fn cards(&self) -> usize {
        self.cards.len()
    }
}

/// The number of a grant's card, where a controller can have it.
fn card(grant: &Grant) -> Option<u32> {
    let GrantKind::Card { card_numb, .. } = &grant.kind else {
        return None;
    };
    let number: u32 = card_numb.as_str().parse().ok()?;
    // Not what only reads as the same number.
    let same = number.to_string() == card_numb.as_str() && !grant.cancelled;
    same.then_some(number)
        .filter(|number| Request::Card { number: *number }.encode(1).is_some())
}

fn when(grant: &Grant, today: Day, zone: &dyn Zone) -> Option<When> {
    let (begins, ends) = (begin(today, zone)?, begin(next(today)?, zone)?);
    if grant.until <= begins || grant.from >= ends {
        return None;
    }
    if grant.from <= begins && grant.until >= ends {
        let last = day_of(zone.to_civil(grant.until)?)?;
        let full = if begin(last, zone)? <= grant.until {
            before(last)?
        } else {
            today
        };
        return Some(When::Always(full.max(today)));
    }
    let minute = |at: Millis| {
        let civil = zone.to_civil(at)?;
        Some((i64::from(civil.hour) * 60 + i64::from(civil.minute), civil.second != 0))
    };
    let from = match grant.from > begins {
        true => minute(grant.from).map(|(minute, begun)| minute + i64::from(begun))?,
        false => 0,
    };
    // Whether a controller counts the last minute is not known: it is left out.
    let to = if grant.until < ends {
        minute(grant.until)?.0 - 1
    } else {
        24 * 60 - 1
    };
    (from <= to).then(|| When::At(vec![(from, to)]))
}

/// Either.
fn union(one: When, other: When) -> When {
    match (one, other) {
        (When::Always(one), When::Always(other)) => When::Always(one.max(other)),
        (always @ When::Always(_), _) | (_, always @ When::Always(_)) => always,
        (When::At(mut times), When::At(more)) => {
            times.extend(more);
            times.sort_unstable();
            let mut joined: Times = Vec::new();
            for (from, to) in times {
                match joined.last_mut() {
                    Some(last) if from <= last.1 + 1 => last.1 = last.1.max(to),
                    _ => joined.push((from, to)),
                }
            }
            joined.truncate(TIMES);
            When::At(joined)
        }
    }
}

fn profile(number: u8, today: Day, times: &Times) -> Option<TimeProfile> {
    let minute = |minute: i64| Minute::new(u8::try_from(minute / 60).ok()?, u8::try_from(minute % 60).ok()?);
    let mut all = [(Minute::default(), Minute::default()); TIMES];
    for (place, (from, to)) in all.iter_mut().zip(times) {
        *place = (minute(*from)?, minute(*to)?);
    }
    Some(TimeProfile {
        number,
        from: today,
        to: today,
        weekdays: [true; 7],
        times: all,
        linked: 0,
    })
}

fn entry(number: u32, today: Day, opens: &BTreeMap<u8, When>, numbers: &BTreeMap<&Times, u8>) -> Option<Card> {
    let mut card = Card {
        number,
        from: Some(today),
        to: None,
        doors: [0; 4],
        pin: 0,
    };
    for (place, door) in card.doors.iter_mut().zip(1..) {
        match opens.get(&door) {
            Some(When::Always(last)) => {
                *place = ALWAYS;
                // One card has one end: the first of its doors'.
                card.to = Some(card.to.map_or(*last, |to| to.min(*last)));
            }
            Some(When::At(times)) => *place = numbers.get(times).copied().unwrap_or(0),
            None => {}
        }
    }
    card.to = card.to.or(Some(today));
    (card.doors != [0; 4]).then_some(card)
}

fn date(day: Day) -> Option<time::Date> {
    let month = time::Month::try_from(day.month).ok()?;
    time::Date::from_calendar_date(i32::from(day.year), month, day.day).ok()
}

fn day(date: time::Date) -> Option<Day> {
    Day::new(u16::try_from(date.year()).ok()?, u8::from(date.month()), date.day())
}

fn next(today: Day) -> Option<Day> {
    day(date(today)?.next_day()?)
}

fn before(today: Day) -> Option<Day> {
    day(date(today)?.previous_day()?)
}

/// A day beyond the controller's calendar is its last one.
fn day_of(civil: Civil) -> Option<Day> {
    let (year, month, of_month) = (u16::try_from(civil.year).ok()?, civil.month, civil.day);
    if year > 2099 {
        return Day::new(2099, 12, 31);
    }
    Day::new(year, u8::try_from(month).ok()?, u8::try_from(of_month).ok()?)
}

/// Its first moment.
fn begin(day: Day, zone: &dyn Zone) -> Option<Millis> {
    zone.to_millis(Civil {
        year: i16::try_from(day.year).ok()?,
        month: i8::try_from(day.month).ok()?,
        day: i8::try_from(day.day).ok()?,
        hour: 0,
        minute: 0,
        second: 0,
    })
}
