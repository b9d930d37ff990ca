//! Dingchang DC-12: RS-485, 9600 8N1, boards 1 to 15 with 12 doors. `DC 02 board command length data sum`, replies `DC FE …`; the sum begins at the board.
//!
//! `10` opens one and is answered with the door and `01` (opened) or `00` (not); `12` asks for all, high byte first, 1 is open.
//! `14`, `15` and `18` open several doors and `16` and `1A` leave them powered: never sent. The manual's own examples are wrong twice (a reply without
//! its length, a sum); what is here follows its tables.

use super::frame::{Frame, sum_fits};
use super::{Answer, Codec, Request};

const OPEN: u8 = 0x10;
const STATUS: u8 = 0x12;

pub(super) fn encode(codec: &Codec, request: Request) -> Option<Frame> {
    match request {
        Request::Open(port) => {
            let (board, door) = codec.place(port)?;
            Some(Frame::with_sum(&[0xDC, 0x02, board, OPEN, 0x01, door], 2))
        }
        Request::Board { jumper } => Some(Frame::with_sum(&[0xDC, 0x02, codec.board(jumper)?, STATUS, 0x00], 2)),
        Request::Off { .. } | Request::Door(_) => None,
    }
}

pub(super) fn decode(codec: &Codec, request: Request, bytes: &[u8]) -> Option<Answer> {
    let &[0xDC, 0xFE, board, command, 0x02, first, second, _] = bytes else {
        return None;
    };
    if !sum_fits(bytes, 2) {
        return None;
    }
    match (request, command, second) {
        (Request::Open(port), OPEN, 0x00 | 0x01) if codec.place(port) == Some((board, first)) => Some(Answer::Done {
            open: Some((second == 0x01) != codec.inverted),
        }),
        (Request::Board { jumper }, STATUS, _) if codec.board(jumper) == Some(board) => {
            let open = u64::from(u16::from_be_bytes([first, second]));
            Some(codec.one_is_open(open))
        }
        _ => None,
    }
}
