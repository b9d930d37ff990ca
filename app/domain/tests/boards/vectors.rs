//! Frames as makers' documents and owners' programs have them.

use super::*;
use domain::boards::{Answer, ByteOrder};

fn has(codec: &Codec, request: Request, bytes: &str) {
    assert_eq!(encoded(codec, request), hex(bytes), "{request:?}");
}

fn reads(codec: &Codec, request: Request, bytes: &str, answer: Answer) {
    assert_eq!(codec.decode(request, &hex(bytes)), Some(answer), "{request:?} {bytes}");
}

fn no_answer(codec: &Codec, request: Request, bytes: &str) {
    assert_eq!(codec.decode(request, &hex(bytes)), None, "{request:?} {bytes}");
}

fn done(open: Option<bool>) -> Answer {
    Answer::Done { open }
}

/// The doors that are open.
fn doors(open: &[u32]) -> Answer {
    Answer::Doors(open.iter().map(|door| 1 << (door - 1)).sum())
}

#[test]
fn oto() {
    let oto = codec(Kind::Oto);
    has(&oto, status(1), "01 01 01 00 00 49 FC");
    has(&oto, status(15), "0F 01 01 00 00 20 3D");
    has(&oto, status(36), "24 01 01 00 00 04 3B");
    has(&oto, status(127), "7F 01 01 00 00 61 F6");
    has(&oto, open(1, 3), "01 01 02 04 00 BB 3C");
    has(&oto, open(1, 9), "01 01 02 00 01 78 3C");
    has(&oto, open(1, 16), "01 01 02 00 80 B8 5C");
    has(&oto, open(2, 16), "02 01 02 00 80 FC 5C");
    has(&oto, Request::Off { jumper: 1 }, "01 01 02 00 00 B9 FC");
    has(&oto, Request::Off { jumper: 2 }, "02 01 02 00 00 FD FC");
    reads(&oto, status(1), "01 01 01 00 00 49 FC", doors(&[]));
    reads(&oto, status(1), "01 01 01 04 00 4B 3C", doors(&[3]));
    reads(&oto, status(1), "01 01 01 00 01 88 3C", doors(&[9]));
    reads(&oto, open(1, 3), "01 01 02 04 00 BB 3C", done(None));
    reads(&oto, Request::Off { jumper: 2 }, "02 01 02 00 00 FD FC", done(None));
    no_answer(&oto, open(1, 3), "01 01 01 04 00 4B 3C");
    no_answer(&oto, status(1), "01 01 02 04 00 BB 3C");
    assert_eq!(oto.encode(Request::Door(port(1, 1))), None);
}

#[test]
fn oto_of_version_2_has_one_door_a_board() {
    let single = codec(Kind::OtoSingle);
    has(&single, status(127), "7F 01 01 00 00 61 F6");
    assert_eq!(encoded(&single, open(37, 1))[..5], hex("25 01 02 01 00"));
    // The high byte is a sensor of the compartment.
    reads(&single, status(1), "01 01 01 00 01 88 3C", doors(&[]));
    assert_eq!(single.encode(open(1, 2)), None);
}

#[test]
fn joined_doors_have_their_second_lock_beside_or_on_the_next_board() {
    assert_eq!(Kind::Oto.joined(port(3, 5)), port(3, 6));
    assert_eq!(Kind::OtoSingle.joined(port(3, 1)), port(4, 1));
    assert_eq!(Kind::Xor8a.joined(port(1, 7)), port(1, 8));
    // Beyond the last door there is none, and no frame.
    assert_eq!(
        codec(Kind::Oto).encode(Request::Open(Kind::Oto.joined(port(3, 16)))),
        None
    );
    assert_eq!(
        codec(Kind::OtoSingle).encode(Request::Open(Kind::OtoSingle.joined(port(127, 1)))),
        None
    );
}

#[test]
fn xor_8a() {
    let board = codec(Kind::Xor8a);
    has(&board, open(1, 1), "8A 01 01 11 9B");
    has(&board, open(1, 3), "8A 01 03 11 99");
    has(&board, open(1, 12), "8A 01 0C 11 96");
    has(&board, open(2, 1), "8A 02 01 11 98");
    has(&board, open(31, 24), "8A 1F 18 11 9C");
    has(&board, Request::Door(port(1, 1)), "80 01 01 33 B3");
    has(&board, status(1), "80 01 00 33 B2");
    reads(&board, open(1, 1), "8A 01 01 00 8A", done(Some(true)));
    reads(&board, open(1, 1), "8A 01 01 11 9B", done(Some(false)));
    reads(
        &board,
        Request::Door(port(1, 1)),
        "80 01 01 00 80",
        Answer::Door { open: true },
    );
    reads(
        &board,
        Request::Door(port(1, 1)),
        "80 01 01 11 91",
        Answer::Door { open: false },
    );
    reads(&board, status(1), "80 01 00 00 02 33 B0", doors(&[2]));
    // Unasked.
    no_answer(&board, open(1, 1), "82 01 01 00 82");
    no_answer(&board, Request::Door(port(1, 1)), "82 01 01 00 82");
}

#[test]
fn xor_8a_with_8_doors_may_send_three_bytes() {
    let eight = Codec::new(&Settings {
        doors: 8,
        ..Settings::of(Kind::Xor8a)
    })
    .unwrap();
    reads(&eight, status(1), "80 01 00 00 00 33 B2", doors(&[]));
    reads(&eight, status(1), "80 01 81 33 33", doors(&[1, 8]));
}

#[test]
fn xor_8a_with_50_doors_sends_the_first_byte_first() {
    let fifty = Codec::new(&Settings {
        doors: 50,
        byte_order: ByteOrder::FirstFirst,
        ..Settings::of(Kind::Xor8a)
    })
    .unwrap();
    let reply = sums::with_parity(&hex("80 01 02 00 00 00 00 00 02 33"));
    assert_eq!(reply.len(), 11);
    assert_eq!(fifty.decode(status(1), &reply), Some(doors(&[2, 50])));
}

#[test]
fn xor_8a_byte_order_is_a_setting_because_the_sum_does_not_tell() {
    let last = codec(Kind::Xor8a);
    let first = Codec::new(&Settings {
        byte_order: ByteOrder::FirstFirst,
        ..Settings::of(Kind::Xor8a)
    })
    .unwrap();
    for (bytes, by_last, by_first) in [("80 01 00 00 04 33 B6", 3, 19), ("80 01 04 00 00 33 B6", 19, 3)] {
        reads(&last, status(1), bytes, doors(&[by_last]));
        reads(&first, status(1), bytes, doors(&[by_first]));
    }
}

#[test]
fn cu16() {
    let board = codec(Kind::Cu16);
    has(&board, open(1, 1), "02 00 31 03 36");
    has(&board, open(1, 16), "02 0F 31 03 45");
    has(&board, open(2, 1), "02 10 31 03 46");
    has(&board, open(2, 16), "02 1F 31 03 55");
    has(&board, status(1), "02 00 30 03 35");
    has(&board, status(2), "02 10 30 03 45");
    reads(&board, status(1), "02 00 35 FF FF 00 00 03 38", doors(&[]));
    reads(&board, status(1), "02 00 35 FB FF 00 00 03 34", doors(&[3]));
    // The answer to "all boards", which is never asked.
    no_answer(&board, status(1), "02 00 36 00 00 00 00 03 3B");
}

#[test]
fn cu16_sum_does_not_see_errors_that_cancel() {
    // Which is why the bus wants two equal answers.
    let board = codec(Kind::Cu16);
    reads(&board, status(1), "02 00 35 FE FF 01 00 03 38", doors(&[1]));
}

#[test]
fn cu48() {
    let board = codec(Kind::Cu48);
    has(&board, open(1, 1), "02 00 00 51 03 56");
    has(&board, open(1, 48), "02 00 2F 51 03 85");
    has(&board, open(4, 48), "02 03 2F 51 03 88");
    has(&board, status(1), "02 00 00 50 03 55");
    let closed: Vec<u32> = vec![1, 2, 3, 47, 48];
    let open_ones: Vec<u32> = (1..=48).filter(|door| !closed.contains(door)).collect();
    reads(
        &board,
        status(1),
        "02 00 00 65 07 00 00 00 00 C0 03 31",
        doors(&open_ones),
    );
    let inverted = Codec::new(&Settings {
        inverted: true,
        ..Settings::of(Kind::Cu48)
    })
    .unwrap();
    reads(
        &inverted,
        status(1),
        "02 00 00 65 07 00 00 00 00 C0 03 31",
        doors(&closed),
    );
    reads(
        &inverted,
        status(2),
        "02 01 00 65 00 00 80 00 00 00 03 EB",
        doors(&[24]),
    );
}

#[test]
fn cu48_second_dialect() {
    let board = codec(Kind::Cu48Counted);
    has(&board, status(1), "02 00 00 60 03 65");
    has(&board, open(1, 1), "02 00 00 61 03 66");
    let reply = sums::with_total(&hex("02 00 00 75 06 FF FF FF FF FF FE 03"), 0);
    assert_eq!(board.decode(status(1), &reply), Some(doors(&[41])));
    // Each dialect is deaf to the other.
    no_answer(&board, status(1), "02 00 00 65 07 00 00 00 00 C0 03 31");
    assert_eq!(codec(Kind::Cu48).decode(status(1), &reply), None);
}

#[test]
fn dc12() {
    let board = codec(Kind::Dc12);
    has(&board, open(1, 1), "DC 02 01 10 01 01 13");
    has(&board, open(2, 12), "DC 02 02 10 01 0C 1F");
    has(&board, status(1), "DC 02 01 12 00 13");
    reads(&board, open(1, 1), "DC FE 01 10 02 01 01 15", done(Some(true)));
    reads(&board, open(1, 1), "DC FE 01 10 02 01 00 14", done(Some(false)));
    reads(&board, status(1), "DC FE 01 12 02 00 04 19", doors(&[3]));
    reads(&board, status(1), "DC FE 01 12 02 08 00 1D", doors(&[12]));
    // The manual's own examples, wrong twice.
    no_answer(&board, open(1, 1), "DC FE 01 10 01 01 13");
    no_answer(&board, open(1, 1), "DC FE 01 18 02 00 07 E3");
}

#[test]
fn wkly() {
    let board = codec(Kind::Wkly);
    has(&board, open(1, 1), "57 4B 4C 59 09 00 82 01 83");
    has(&board, Request::Door(port(2, 1)), "57 4B 4C 59 09 01 83 01 83");
    reads(&board, open(1, 1), "57 4B 4C 59 0B 00 82 00 01 00 81", done(Some(true)));
    reads(
        &board,
        Request::Door(port(2, 1)),
        "57 4B 4C 59 0B 01 83 00 01 01 80",
        Answer::Door { open: false },
    );
    let failed = sums::with_parity(&hex("57 4B 4C 59 0B 00 82 FF 01 FF"));
    assert_eq!(board.decode(open(1, 1), &failed), Some(Answer::Refused));
    assert_eq!(board.encode(status(1)), None);
}

#[test]
fn relay_with_a_timed_pulse() {
    let with_time = |open_ms| {
        Codec::new(&Settings {
            open_ms,
            ..Settings::of(Kind::Relay)
        })
        .unwrap()
    };
    let board = with_time(700);
    has(&board, open(1, 1), "01 05 02 00 00 07 8D B0");
    has(&board, open(1, 8), "01 05 02 07 00 07 3C 71");
    has(&with_time(500), open(2, 4), "02 05 02 03 00 05 FC 42");
    has(&board, status(1), "01 02 00 00 00 08 79 CC");
    reads(&board, status(1), "01 02 01 FE 20 08", doors(&[1]));
    reads(&board, open(1, 1), "01 05 02 00 00 07 8D B0", done(None));
    let refused = sums::with_crc(&hex("01 85 02"));
    assert_eq!(board.decode(open(1, 1), &refused), Some(Answer::Refused));
    // Another relay, or another time.
    no_answer(&board, open(1, 2), "01 05 02 00 00 07 8D B0");
}

#[test]
fn polarity_turns_every_contact_round() {
    for kind in Kind::ALL {
        let mut settings = Settings::of(kind);
        let plain = Codec::new(&settings).unwrap();
        settings.inverted = true;
        let inverted = Codec::new(&settings).unwrap();
        for (request, reply) in errors::replies(kind) {
            let all = u64::MAX >> (64 - u32::from(settings.doors));
            let (one, other) = (plain.decode(request, &reply), inverted.decode(request, &reply));
            match (one.unwrap(), other.unwrap()) {
                (Answer::Doors(one), Answer::Doors(other)) => assert_eq!(one ^ other, all, "{kind:?}"),
                (Answer::Door { open: one }, Answer::Door { open: other }) => assert_ne!(one, other, "{kind:?}"),
                (Answer::Done { open: one }, Answer::Done { open: other }) => {
                    assert_eq!(one, other.map(|open| !open), "{kind:?}");
                }
                other => assert_eq!(other, (Answer::Refused, Answer::Refused), "{kind:?}"),
            }
        }
    }
}
