//! The "8A" boards that many makers sell under their own name, with 2 to 50 doors: RS-485, 9600 8N1, closed by the XOR of all bytes before.
//!
//! - `8A board door 11`: open one; answered after about half a second with `8A board door 00|11`.
//! - `80 board door 33`: the contact of one door; `80 board door 00|11`.
//! - `80 board 00 33`: all contacts; `80 board status… 33`, one bit a door, ended by silence.
//!
//! Door 0 means "all" in an opening and is never sent. Some boards send `82 …` by themselves; that is no answer to anything.
//! Boards up to 24 doors send the byte of doors 1 to 8 last, the one of 50 doors sends it first. The sum is the same either way, so it is a setting.
//!
//! By public sources, not yet on a bench: the byte order of boards with 12 and 18 doors, and whether all boards know the question for one door.

use super::frame::{Frame, xor_fits};
use super::{Answer, ByteOrder, Codec, Length, Request};

const OPEN: u8 = 0x8A;
const STATUS: u8 = 0x80;
const ASK: u8 = 0x33;

pub(super) fn encode(codec: &Codec, request: Request) -> Option<Frame> {
    let body = match request {
        Request::Open(port) => {
            let (board, door) = codec.place(port)?;
            [OPEN, board, door, 0x11]
        }
        Request::Door(port) => {
            let (board, door) = codec.place(port)?;
            [STATUS, board, door, ASK]
        }
        Request::Board { jumper } => [STATUS, codec.board(jumper)?, 0x00, ASK],
        Request::Off { .. } => return None,
    };
    Some(Frame::with_xor(&body))
}

pub(super) fn decode(codec: &Codec, request: Request, bytes: &[u8]) -> Option<Answer> {
    if !xor_fits(bytes) {
        return None;
    }
    match (request, bytes) {
        (Request::Open(port), &[OPEN, board, door, level, _]) if codec.place(port) == Some((board, door)) => {
            contact(codec, level).map(|open| Answer::Done { open: Some(open) })
        }
        (Request::Door(port), &[STATUS, board, door, level, _]) if codec.place(port) == Some((board, door)) => {
            contact(codec, level).map(|open| Answer::Door { open })
        }
        (Request::Board { jumper }, &[STATUS, board, ref status @ .., ASK, _])
            if codec.board(jumper) == Some(board) && lengths(codec.doors).contains(&bytes.len()) =>
        {
            let bits = match codec.order {
                ByteOrder::LastFirst => status.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte)),
                ByteOrder::FirstFirst => status.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte)),
            };
            Some(codec.one_is_open(bits))
        }
        _ => None,
    }
}

/// `00` is open unless the lock's contact works the other way round; anything but the two is no level.
fn contact(codec: &Codec, level: u8) -> Option<bool> {
    match level {
        0x00 => Some(!codec.inverted),
        0x11 => Some(codec.inverted),
        _ => None,
    }
}

/// A real board with 8 doors sent three bytes of status, so three are taken from small boards as well as the number that they need.
fn lengths(doors: u8) -> &'static [usize] {
    match doors.div_ceil(8) {
        1 => &[5, 7],
        2 => &[6, 7],
        3 => &[7],
        4 => &[8],
        5 => &[9],
        6 => &[10],
        _ => &[11],
    }
}

pub(super) fn reply_length(codec: &Codec, request: Request) -> Length {
    match request {
        Request::Board { .. } => match lengths(codec.doors) {
            one @ [_] => Length::Fixed(one),
            several => Length::Silence(several),
        },
        _ => Length::Fixed(&[5]),
    }
}
