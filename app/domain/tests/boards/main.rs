//! Lock boards: their frames byte for byte, and the wire they share, without a wire.

mod assembler;
mod bench;
mod cabinet;
mod errors;
mod every_door;
mod forced;
mod openings;
mod random;
mod safety;
mod settings;
mod start;
mod sums;
mod trial;
mod vectors;

use domain::boards::{Codec, Kind, Request, Settings};
use domain::ids::Port;

fn port(jumper: i64, serial: i64) -> Port {
    Port { jumper, serial }
}

fn codec(kind: Kind) -> Codec {
    Codec::new(&Settings::of(kind)).unwrap()
}

/// Bytes as documents print them.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

fn encoded(codec: &Codec, request: Request) -> Vec<u8> {
    codec.encode(request).unwrap().bytes().to_vec()
}

fn open(jumper: i64, serial: i64) -> Request {
    Request::Open(port(jumper, serial))
}

fn status(jumper: i64) -> Request {
    Request::Board { jumper }
}
