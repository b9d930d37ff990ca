//! What a bridge tells its page, as rows of numbers: the first says what it is. Names for all of it would be kilobytes of what a kiosk loads for its
//! boards, and both ends are of one program.

use super::bus::{BoardState, Report, Why};
use super::driver::{FromBridge, Seen};
use super::{Found, Kind};
use crate::ids::{Millis, Port};

const LINES: i64 = 0;
const SEEN: i64 = 1;
const FOUND_BOARD: i64 = 2;
const FOUND_ECHO: i64 = 3;
const PROGRESS: i64 = 4;
const DONE: i64 = 5;
const RELEASED: i64 = 10;
const OPENED: i64 = 11;
const CLOSED: i64 = 12;
const NOT_OPENED: i64 = 13;
const UNSURE: i64 = 14;
const NOT_SENT: i64 = 15;
const FORCED: i64 = 16;
const READS: i64 = 17;
const BOARD: i64 = 18;

const WHYS: [Why; 3] = [Why::Jammed, Why::Refused, Why::Unknown];
const STATES: [BoardState; 5] = [
    BoardState::Ok,
    BoardState::Silent,
    BoardState::Garbled,
    BoardState::Echo,
    BoardState::Lost,
];

impl From<FromBridge> for Vec<i64> {
    fn from(message: FromBridge) -> Self {
        match message {
            FromBridge::Lines(lines) => vec![LINES, number(lines)],
            FromBridge::Report(report) => of_report(report),
            FromBridge::Seen(Seen { at, line, sent, bytes }) => {
                let mut row = vec![SEEN, at.0, number(line), sent.into()];
                row.extend(bytes.into_iter().map(i64::from));
                row
            }
            FromBridge::Found(Found::Board {
                line,
                kind,
                baud,
                jumper,
                twice,
            }) => {
                let kind = Kind::ALL.iter().position(|one| *one == kind);
                let kind = kind.map_or(-1, number);
                vec![FOUND_BOARD, number(line), kind, baud.into(), jumper, twice.into()]
            }
            FromBridge::Found(Found::Echo { line }) => vec![FOUND_ECHO, number(line)],
            FromBridge::Found(Found::Progress { asked, of }) => vec![PROGRESS, asked.into(), of.into()],
            FromBridge::Found(Found::Done) => vec![DONE],
        }
    }
}

fn of_report(report: Report) -> Vec<i64> {
    let opening = |what, attempt: u64, port: Port| {
        let attempt = i64::try_from(attempt).unwrap_or(i64::MAX);
        vec![what, attempt, port.jumper, port.serial]
    };
    let (mut row, more) = match report {
        Report::Released { attempt, port } => (opening(RELEASED, attempt, port), None),
        Report::Opened { attempt, port, moved } => (opening(OPENED, attempt, port), Some(moved.into())),
        Report::Closed { attempt, port } => (opening(CLOSED, attempt, port), None),
        Report::NotOpened { attempt, port, why } => (opening(NOT_OPENED, attempt, port), Some(place(&WHYS, why))),
        Report::Unsure { attempt, port } => (opening(UNSURE, attempt, port), None),
        Report::NotSent { attempt, port } => (opening(NOT_SENT, attempt, port), None),
        Report::Forced { port } => (vec![FORCED, port.jumper, port.serial], None),
        Report::Reads { port, open } => (vec![READS, port.jumper, port.serial], Some(open.into())),
        Report::Board { jumper, state } => (vec![BOARD, jumper], Some(place(&STATES, state))),
    };
    row.extend(more);
    row
}

impl TryFrom<Vec<i64>> for FromBridge {
    type Error = &'static str;

    fn try_from(row: Vec<i64>) -> Result<Self, Self::Error> {
        read(&mut row.into_iter()).ok_or("not a message of a bridge")
    }
}

type Row = std::vec::IntoIter<i64>;

fn read(row: &mut Row) -> Option<FromBridge> {
    let what = row.next()?;
    let message = match what {
        LINES => FromBridge::Lines(size(row)?),
        SEEN => {
            let (at, line, sent) = (Millis(row.next()?), size(row)?, flag(row)?);
            let bytes: Option<Vec<u8>> = row.map(|byte| u8::try_from(byte).ok()).collect();
            FromBridge::Seen(Seen {
                at,
                line,
                sent,
                bytes: bytes?,
            })
        }
        FOUND_BOARD => FromBridge::Found(Found::Board {
            line: size(row)?,
            kind: *Kind::ALL.get(size(row)?)?,
            baud: small(row)?,
            jumper: row.next()?,
            twice: flag(row)?,
        }),
        FOUND_ECHO => FromBridge::Found(Found::Echo { line: size(row)? }),
        PROGRESS => FromBridge::Found(Found::Progress {
            asked: small(row)?,
            of: small(row)?,
        }),
        DONE => FromBridge::Found(Found::Done),
        FORCED => FromBridge::Report(Report::Forced { port: port(row)? }),
        READS => FromBridge::Report(Report::Reads {
            port: port(row)?,
            open: flag(row)?,
        }),
        BOARD => FromBridge::Report(Report::Board {
            jumper: row.next()?,
            state: *STATES.get(size(row)?)?,
        }),
        _ => FromBridge::Report(opening(what, row)?),
    };
    // Nothing may be left over.
    row.next().is_none().then_some(message)
}

fn opening(what: i64, row: &mut Row) -> Option<Report> {
    let (attempt, port) = (u64::try_from(row.next()?).ok()?, port(row)?);
    Some(match what {
        RELEASED => Report::Released { attempt, port },
        OPENED => Report::Opened {
            attempt,
            port,
            moved: flag(row)?,
        },
        CLOSED => Report::Closed { attempt, port },
        NOT_OPENED => Report::NotOpened {
            attempt,
            port,
            why: *WHYS.get(size(row)?)?,
        },
        UNSURE => Report::Unsure { attempt, port },
        NOT_SENT => Report::NotSent { attempt, port },
        _ => return None,
    })
}

fn port(row: &mut Row) -> Option<Port> {
    Some(Port {
        jumper: row.next()?,
        serial: row.next()?,
    })
}

fn flag(row: &mut Row) -> Option<bool> {
    match row.next()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn size(row: &mut Row) -> Option<usize> {
    usize::try_from(row.next()?).ok()
}

fn small(row: &mut Row) -> Option<u32> {
    u32::try_from(row.next()?).ok()
}

fn number(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn place<T: PartialEq>(all: &[T], one: T) -> i64 {
    all.iter().position(|known| *known == one).map_or(-1, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_read_as_it_was_written_and_nothing_else_is_a_message() {
        let (attempt, port) = (7, Port { jumper: 3, serial: 16 });
        let mut all: Vec<FromBridge> = vec![
            FromBridge::Lines(2),
            FromBridge::Seen(Seen {
                at: Millis(1_800_000_000_000),
                line: 1,
                sent: true,
                bytes: vec![0x8A, 0, 255],
            }),
            FromBridge::Found(Found::Echo { line: 1 }),
            FromBridge::Found(Found::Progress { asked: 8, of: 127 }),
            FromBridge::Found(Found::Done),
        ];
        all.extend(Kind::ALL.map(|kind| {
            FromBridge::Found(Found::Board {
                line: 0,
                kind,
                baud: 19_200,
                jumper: 10,
                twice: true,
            })
        }));
        let mut reports = vec![
            Report::Released { attempt, port },
            Report::Opened {
                attempt,
                port,
                moved: false,
            },
            Report::Closed { attempt, port },
            Report::Unsure { attempt, port },
            Report::NotSent { attempt, port },
            Report::Forced { port },
            Report::Reads { port, open: true },
        ];
        reports.extend(WHYS.map(|why| Report::NotOpened { attempt, port, why }));
        reports.extend(STATES.map(|state| Report::Board { jumper: 3, state }));
        all.extend(reports.into_iter().map(FromBridge::Report));
        for message in all {
            let text = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<FromBridge>(&text).unwrap(), message, "{text}");
            let row = Vec::<i64>::from(message.clone());
            for cut in 0..row.len() {
                let shorter = FromBridge::try_from(row[..cut].to_vec());
                // Fewer bytes are a frame as well.
                assert!(shorter.is_err() || (row[0] == SEEN && cut >= 4), "{text} {cut}");
            }
            let longer = FromBridge::try_from([row.clone(), vec![-1]].concat());
            assert!(longer.is_err(), "{text}");
        }
        for wrong in [
            "[]",
            "[99]",
            "[18,3,5]",
            "[11,7,3,16,2]",
            "[13,7,3,16,3]",
            "[10,-1,3,16]",
            "{}",
            "[0.5]",
        ] {
            assert!(serde_json::from_str::<FromBridge>(wrong).is_err(), "{wrong}");
        }
    }
}
