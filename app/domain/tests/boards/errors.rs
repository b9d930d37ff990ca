//! Replies with an error in them say nothing.

use super::*;
use domain::boards::{Assembler, ByteOrder, Frame, Heard};
use domain::ids::Millis;

/// Many replies of a board with its default settings: each fits its request.
pub fn replies(kind: Kind) -> Vec<(Request, Vec<u8>)> {
    let oto = |bytes: &[u8]| sums::with_crc(bytes);
    let mut all = Vec::new();
    let patterns = [0x00, 0x01, 0x80, 0x55, 0xAA, 0xFF, 0x8A, 0x02, 0x03, 0x33];
    match kind {
        Kind::Oto | Kind::OtoSingle => {
            for low in patterns {
                for high in patterns {
                    all.push((status(5), oto(&[5, 1, 1, low, high])));
                    all.push((open(5, 1), oto(&[5, 1, 2, low, high])));
                    all.push((Request::Off { jumper: 5 }, oto(&[5, 1, 2, low, high])));
                }
            }
        }
        Kind::Xor8a => {
            for level in [0x00, 0x11] {
                all.push((open(1, 1), sums::with_parity(&[0x8A, 1, 1, level])));
                all.push((Request::Door(port(31, 24)), sums::with_parity(&[0x80, 31, 24, level])));
            }
            for one in patterns {
                for two in patterns {
                    all.push((status(1), sums::with_parity(&[0x80, 1, one, two, one, 0x33])));
                    all.push((status(1), sums::with_parity(&[0x80, 1, 0x80, 1, two, 0x33])));
                }
            }
        }
        Kind::Cu16 => {
            for low in patterns {
                for high in patterns {
                    all.push((
                        status(2),
                        sums::with_total(&[2, 0x10, 0x35, low, high, high, low, 3], 0),
                    ));
                }
            }
        }
        Kind::Cu48 | Kind::Cu48Counted => {
            for low in patterns {
                for high in patterns {
                    let head: &[u8] = if kind == Kind::Cu48 {
                        &[2, 1, 0, 0x65]
                    } else {
                        &[2, 1, 0, 0x75, 6]
                    };
                    let body = [head, &[low, high, 2, 0, high, low, 3]].concat();
                    all.push((status(2), sums::with_total(&body, 0)));
                }
            }
        }
        Kind::Dc12 => {
            for low in patterns {
                all.push((open(1, 1), sums::with_total(&[0xDC, 0xFE, 1, 0x10, 2, 1, low & 1], 2)));
                for high in patterns {
                    all.push((status(1), sums::with_total(&[0xDC, 0xFE, 1, 0x12, 2, high, low], 2)));
                }
            }
        }
        Kind::Wkly => {
            for level in [0, 1] {
                let head = [0x57, 0x4B, 0x4C, 0x59, 0x0B, 0];
                all.push((
                    open(1, 3),
                    sums::with_parity(&[&head[..], &[0x82, 0, 3, level]].concat()),
                ));
                let door = Request::Door(port(1, 24));
                all.push((door, sums::with_parity(&[&head[..], &[0x83, 0, 24, level]].concat())));
            }
        }
        Kind::Relay => {
            all.push((open(1, 8), hex("01 05 02 07 00 07 3C 71")));
            all.push((open(1, 8), sums::with_crc(&[1, 0x85, 2])));
            for inputs in patterns {
                all.push((status(1), sums::with_crc(&[1, 2, 1, inputs])));
            }
        }
        Kind::Unknown => {}
    }
    all
}

/// What is heard when these bytes follow a request, and then silence.
pub fn heard(codec: &Codec, request: Request, bytes: &[u8]) -> Heard {
    let sent: Frame = codec.encode(request).unwrap();
    let mut assembler = Assembler::new(request, sent, false);
    match assembler.feed(codec, bytes, Millis(1_000)) {
        Heard::Nothing => assembler.quiet(codec, Millis(1_100)),
        heard => heard,
    }
}

#[test]
fn every_reply_is_an_answer_as_it_is() {
    for kind in Kind::ALL {
        let codec = codec(kind);
        for (request, reply) in replies(kind) {
            let answer = codec.decode(request, &reply);
            assert!(answer.is_some(), "{kind:?} {request:?} {reply:02X?}");
            assert_eq!(
                heard(&codec, request, &reply),
                Heard::Answer(answer.unwrap()),
                "{kind:?}"
            );
        }
    }
}

#[test]
fn every_single_bit_error_of_every_reply_is_rejected() {
    for kind in Kind::ALL {
        let codec = codec(kind);
        for (request, reply) in replies(kind) {
            for bit in 0..reply.len() * 8 {
                let mut wrong = reply.clone();
                wrong[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(codec.decode(request, &wrong), None, "{kind:?} {request:?} {wrong:02X?}");
                assert_eq!(
                    heard(&codec, request, &wrong),
                    Heard::Nothing,
                    "{kind:?} {request:?} {wrong:02X?}"
                );
            }
        }
    }
}

#[test]
fn every_single_bit_error_of_boards_of_all_sizes_is_rejected() {
    for (doors, order) in [
        (8, ByteOrder::LastFirst),
        (12, ByteOrder::LastFirst),
        (50, ByteOrder::FirstFirst),
    ] {
        let codec = Codec::new(&Settings {
            doors,
            byte_order: order,
            ..Settings::of(Kind::Xor8a)
        })
        .unwrap();
        let sizes: &[usize] = match doors {
            8 => &[1, 3],
            12 => &[2, 3],
            _ => &[7],
        };
        // Status bytes that look like the beginning of another reply.
        for (size, filler) in sizes
            .iter()
            .flat_map(|size| [0x00, 0x80, 0x01, 0x33].map(|filler| (*size, filler)))
        {
            let mut body = vec![0x80, 1];
            body.extend([0x80, 1, 0x80, 1, filler, 0x33, 0x80].iter().cycle().take(size));
            body.push(0x33);
            let reply = sums::with_parity(&body);
            assert!(
                matches!(heard(&codec, status(1), &reply), Heard::Answer(_)),
                "{reply:02X?}"
            );
            for bit in 0..reply.len() * 8 {
                let mut wrong = reply.clone();
                wrong[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(heard(&codec, status(1), &wrong), Heard::Nothing, "{wrong:02X?}");
            }
        }
    }
}

#[test]
fn a_cut_reply_is_rejected() {
    for kind in Kind::ALL {
        let codec = codec(kind);
        for (request, reply) in replies(kind) {
            for length in 0..reply.len() {
                assert_eq!(heard(&codec, request, &reply[..length]), Heard::Nothing, "{kind:?}");
                assert_eq!(heard(&codec, request, &reply[length + 1..]), Heard::Nothing, "{kind:?}");
            }
        }
    }
}

#[test]
fn the_reply_of_another_board_or_door_is_rejected() {
    for kind in Kind::ALL {
        let codec = codec(kind);
        for (request, reply) in replies(kind) {
            let others = (1..=32).flat_map(|jumper| {
                let doors =
                    (1..=50).flat_map(move |serial| [open(jumper, serial), Request::Door(port(jumper, serial))]);
                doors.chain([status(jumper), Request::Off { jumper }])
            });
            for other in others.filter(|other| *other != request && codec.encode(*other).is_some()) {
                let answer = codec.decode(other, &reply);
                // An OTO board acknowledges outputs as a whole: any opening of this board, and its "off".
                let same_outputs = kind.stays_powered()
                    && other.jumper() == request.jumper()
                    && matches!(request, Request::Open(_) | Request::Off { .. })
                    && matches!(other, Request::Open(_) | Request::Off { .. });
                // A relay that refuses names no relay.
                let refused = kind == Kind::Relay && reply[1] == 0x85 && other.jumper() == request.jumper();
                assert!(
                    answer.is_none() || same_outputs || refused,
                    "{kind:?} {request:?} {other:?}"
                );
            }
        }
    }
}
