//! WKLY boards: 9600 8N1, `57 4B 4C 59 length board command data xor`. Length and XOR are those of the whole frame; boards count from 0, doors from 1.
//!
//! `82` opens one and `83` asks for one; both are answered with a result (`00` done, `FF` failed), the door and its contact (`01` closed, `00` open). Some boards never
//! answer an opening: a setting. `80`, `86` and `87` open several doors and `88` leaves one powered: never sent.

use super::frame::{Frame, xor_fits};
use super::{Answer, Codec, Request};

const OPEN: u8 = 0x82;
const STATUS: u8 = 0x83;

pub(super) fn encode(codec: &Codec, request: Request) -> Option<Frame> {
    let (port, command) = match request {
        Request::Open(port) => (port, OPEN),
        Request::Door(port) => (port, STATUS),
        Request::Off { .. } | Request::Board { .. } => return None,
    };
    let (board, door) = codec.place(port)?;
    let body = [0x57, 0x4B, 0x4C, 0x59, 0x09, board - 1, command, door];
    Some(Frame::with_xor(&body))
}

pub(super) fn decode(codec: &Codec, request: Request, bytes: &[u8]) -> Option<Answer> {
    let &[0x57, 0x4B, 0x4C, 0x59, 0x0B, board, command, result, door, contact, _] = bytes else {
        return None;
    };
    let (Request::Open(port) | Request::Door(port)) = request else {
        return None;
    };
    let asked = codec.place(port).map(|(board, door)| (board - 1, door));
    if !xor_fits(bytes) || asked != Some((board, door)) {
        return None;
    }
    let open = match contact {
        0x00 => Some(!codec.inverted),
        0x01 => Some(codec.inverted),
        _ => None,
    };
    match (request, command, result) {
        (Request::Open(_), OPEN, 0x00) => Some(Answer::Done { open }),
        (Request::Open(_), OPEN, 0xFF) => Some(Answer::Refused),
        (Request::Door(_), STATUS, 0x00) => open.map(|open| Answer::Door { open }),
        _ => None,
    }
}
