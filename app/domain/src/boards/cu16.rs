//! Kerong CU16 and NCU16L: RS-485, 19200 8N1, `02 address command 03 sum`. The address holds board and lock, each from 0, in a half byte.
//!
//! - `31`: open one; never answered. `30`: status of a board; nine bytes, the hooks of locks 1 to 8 and 9 to 16, then two bytes of infrared sensors.
//! - `33` opens all and is never sent. Board `F` means "every board" in the manufacturer's question `32`, so a sixteenth board is not addressed at all.
//!
//! The sum does not see two errors that cancel; the bus believes two equal answers, not one. Documents disagree about the hooks (1 closed, or 0): a setting.

use super::frame::{Frame, sum_fits};
use super::{Answer, Codec, Request};

const START: u8 = 0x02;
const END: u8 = 0x03;

pub(super) fn encode(codec: &Codec, request: Request) -> Option<Frame> {
    let (address, command) = match request {
        Request::Open(port) => {
            let (board, lock) = codec.place(port)?;
            ((board - 1) << 4 | (lock - 1), 0x31)
        }
        Request::Board { jumper } => ((codec.board(jumper)? - 1) << 4, 0x30),
        Request::Off { .. } | Request::Door(_) => return None,
    };
    Some(Frame::with_sum(&[START, address, command, END], 0))
}

pub(super) fn decode(codec: &Codec, request: Request, bytes: &[u8]) -> Option<Answer> {
    let (Request::Board { jumper }, &[START, address, 0x35, low, high, _, _, END, _]) = (request, bytes) else {
        return None;
    };
    let fits = sum_fits(bytes, 0) && codec.board(jumper).map(|board| (board - 1) << 4) == Some(address);
    fits.then(|| codec.closed_is_one(u64::from(u16::from_le_bytes([low, high]))))
}
