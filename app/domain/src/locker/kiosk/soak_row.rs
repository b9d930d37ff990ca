//! A soak test as it is stored: a row of numbers. Names for each of them would be a kilobyte of every kiosk's program, also of those without lock boards.

use super::soak::{Soak, SoakEnd, SoakWish, Step, Tally};
use crate::ids::{Millis, Port};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why it ended; its place is the number that is stored, from 1.
const ENDS: [SoakEnd; 6] = [
    SoakEnd::Done,
    SoakEnd::Touched,
    SoakEnd::BoardLost,
    SoakEnd::Rewired,
    SoakEnd::Restarted,
    SoakEnd::NoDoor,
];
/// Numbers before those of the doors.
const HEAD: usize = 7;
/// Numbers of each door.
const DOOR: usize = 6;

pub(super) fn serialize<S: Serializer>(soak: &Option<Soak>, to: S) -> Result<S::Ok, S::Error> {
    soak.as_ref().map_or_else(Vec::new, row).serialize(to)
}

/// A row that cannot be read is no soak test: the kiosk must work all the same.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Soak>, D::Error> {
    Vec::deserialize(from).map(|row| soak(&row))
}

fn row(soak: &Soak) -> Vec<i64> {
    let (step, since) = match soak.step {
        Step::Pause { since } => (0, since),
        Step::Opening { since, unsure: false } => (1, since),
        Step::Opening { since, unsure: true } => (2, since),
        Step::Open { since } => (3, since),
    };
    let ended = soak.ended.and_then(|end| ENDS.iter().position(|one| *one == end));
    let mut row = vec![
        i64::from(soak.wish.rounds),
        i64::from(soak.wish.pause_seconds),
        i64::from(soak.round),
        number(soak.at),
        ended.map_or(0, |place| number(place) + 1),
        step,
        since.0,
    ];
    for (door, tally) in soak.wish.doors.iter().zip(&soak.tallies) {
        let counts = [tally.opened, tally.closed, tally.not_opened, tally.unsure];
        row.extend([door.jumper, door.serial]);
        row.extend(counts.map(i64::from));
    }
    row
}

fn soak(row: &[i64]) -> Option<Soak> {
    let count = |at: usize| row.get(at).and_then(|number| u32::try_from(*number).ok());
    let place = |at: usize| count(at).and_then(|number| usize::try_from(number).ok());
    let since = Millis(*row.get(HEAD - 1)?);
    let step = match row.get(HEAD - 2)? {
        0 => Step::Pause { since },
        1 => Step::Opening { since, unsure: false },
        2 => Step::Opening { since, unsure: true },
        3 => Step::Open { since },
        _ => return None,
    };
    let ended = match place(4)? {
        0 => None,
        place => Some(*ENDS.get(place - 1)?),
    };
    let (mut doors, mut tallies) = (Vec::new(), Vec::new());
    for at in (HEAD..row.len()).step_by(DOOR) {
        tallies.push(Tally {
            opened: count(at + 2)?,
            closed: count(at + 3)?,
            not_opened: count(at + 4)?,
            unsure: count(at + 5)?,
        });
        doors.push(Port {
            jumper: row[at],
            serial: row[at + 1],
        });
    }
    Some(Soak {
        wish: SoakWish {
            doors,
            rounds: count(0)?,
            pause_seconds: count(1)?,
        },
        round: count(2)?,
        tallies,
        ended,
        at: place(3)?,
        step,
    })
}

fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
