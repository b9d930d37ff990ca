//! Modbus relays that time the pulse themselves (Waveshare "Relay (D)"): RTU, 9600 8N1, closed by CRC-16/MODBUS. Eight relays, eight inputs.
//!
//! `05 02 relay time` switches one relay on for a number of tenths of a second; inputs are read by `02`. Coil `00FF` switches all and is never sent, nor is a coil
//! switched on without a time: a crash between "on" and "off" would leave a lock powered. An input that is on means a closed door, unless the setting turns it round.

use super::frame::{Frame, crc_fits};
use super::{Answer, Codec, Request};

const FLASH: u8 = 0x05;
const INPUTS: u8 = 0x02;

pub(super) fn encode(codec: &Codec, request: Request) -> Option<Frame> {
    match request {
        Request::Open(port) => {
            let (board, relay) = codec.place(port)?;
            let [high, low] = codec.tenths.to_be_bytes();
            Some(Frame::with_crc(&[board, FLASH, 0x02, relay - 1, high, low]))
        }
        Request::Board { jumper } => Some(Frame::with_crc(&[codec.board(jumper)?, INPUTS, 0, 0, 0, 8])),
        Request::Off { .. } | Request::Door(_) => None,
    }
}

pub(super) fn decode(codec: &Codec, request: Request, bytes: &[u8]) -> Option<Answer> {
    if !crc_fits(bytes) || codec.board(request.jumper()) != bytes.first().copied() {
        return None;
    }
    match (request, bytes) {
        // Done is told by repeating the request.
        (Request::Open(_), _) if encode(codec, request).is_some_and(|frame| frame.bytes() == bytes) => {
            Some(Answer::Done { open: None })
        }
        (Request::Open(_), &[_, 0x85, _, _, _]) => Some(Answer::Refused),
        (Request::Board { .. }, &[_, INPUTS, 1, inputs, _, _]) => Some(codec.closed_is_one(u64::from(inputs))),
        (Request::Board { .. }, &[_, 0x82, _, _, _]) => Some(Answer::Refused),
        _ => None,
    }
}
