//! Kerong CU48: RS-485, 19200 8N1, `02 address lock command 03 sum`, board and lock each from 0. Two dialects:
//!
//! - [`Kind::Cu48`], by the manufacturer's manual: `51` opens, `50` asks, answered by `65` and six bytes.
//! - [`Kind::Cu48Counted`], as one public driver has it: `61` opens, `60` asks, answered by `75`, a count of 6 and six bytes. By public sources, not yet on
//!   a bench: the end of that answer.
//!
//! Lock `30` means all 48 and address `0A` every board, so a number that was not lowered by one would open everything. Neither is ever sent.

use super::frame::{Frame, sum_fits};
use super::{Answer, Codec, Kind, Request};

const START: u8 = 0x02;
const END: u8 = 0x03;

pub(super) fn encode(codec: &Codec, request: Request) -> Option<Frame> {
    let dialect = if codec.kind == Kind::Cu48 { 0x50 } else { 0x60 };
    let (board, lock, command) = match request {
        Request::Open(port) => {
            let (board, lock) = codec.place(port)?;
            (board, lock, dialect + 1)
        }
        Request::Board { jumper } => (codec.board(jumper)?, 1, dialect),
        Request::Off { .. } | Request::Door(_) => return None,
    };
    Some(Frame::with_sum(&[START, board - 1, lock - 1, command, END], 0))
}

pub(super) fn decode(codec: &Codec, request: Request, bytes: &[u8]) -> Option<Answer> {
    let Request::Board { jumper } = request else {
        return None;
    };
    let (address, locks) = match (codec.kind, bytes) {
        (Kind::Cu48, &[START, address, 0x00, 0x65, ref locks @ .., END, _])
        | (Kind::Cu48Counted, &[START, address, 0x00, 0x75, 0x06, ref locks @ .., END, _]) => (address, locks),
        _ => return None,
    };
    let fits = locks.len() == 6 && sum_fits(bytes, 0) && codec.board(jumper) == address.checked_add(1);
    let bits = locks.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
    fits.then(|| codec.closed_is_one(bits))
}
