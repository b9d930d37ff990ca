//! OTO boards: RS-485, 9600 8N1. Request and reply are seven bytes, `jumper 01 command low high crc crc`.
//!
//! Command `02` writes all 16 outputs at once, so an opening is a mask with one bit and leaves the coil powered until a mask of zeros follows.
//! [`Kind::Oto`] has 16 doors a board; [`Kind::OtoSingle`] (version 2 of the maker's controller) one door a board, whose `high` byte is a sensor of the
//! compartment and not a door.
//!
//! By public sources, not yet on a bench: whether the reply to `02` repeats the mask or tells the contacts. Both are taken as an acknowledgement and as
//! nothing more.

use super::frame::{Frame, crc_fits};
use super::{Answer, Codec, Kind, Request};

const STATUS: u8 = 0x01;
const OUTPUTS: u8 = 0x02;

pub(super) fn encode(codec: &Codec, request: Request) -> Option<Frame> {
    let (board, command, outputs) = match request {
        Request::Open(port) => {
            let (board, door) = codec.place(port)?;
            (board, OUTPUTS, 1_u16 << (door - 1))
        }
        Request::Off { jumper } => (codec.board(jumper)?, OUTPUTS, 0),
        Request::Board { jumper } => (codec.board(jumper)?, STATUS, 0),
        Request::Door(_) => return None,
    };
    let [low, high] = outputs.to_le_bytes();
    Some(Frame::with_crc(&[board, 0x01, command, low, high]))
}

pub(super) fn decode(codec: &Codec, request: Request, bytes: &[u8]) -> Option<Answer> {
    let &[board, 0x01, command, low, high, _, _] = bytes else {
        return None;
    };
    if !crc_fits(bytes) || Some(board) != codec.board(request.jumper()) {
        return None;
    }
    match (request, command) {
        (Request::Open(_) | Request::Off { .. }, OUTPUTS) => Some(Answer::Done { open: None }),
        (Request::Board { .. }, STATUS) => {
            let open = match codec.kind {
                Kind::OtoSingle => u64::from(low),
                _ => u64::from(u16::from_le_bytes([low, high])),
            };
            Some(codec.one_is_open(open))
        }
        _ => None,
    }
}
