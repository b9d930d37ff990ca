//! From bytes and moments to frames.

use super::errors::{heard, replies};
use super::*;
use domain::boards::{Answer, Assembler, Heard};
use domain::ids::Millis;
use proptest::prelude::*;

fn waiting(codec: &Codec, request: Request, echo: bool) -> Assembler {
    Assembler::new(request, codec.encode(request).unwrap(), echo)
}

#[test]
fn a_reply_in_single_bytes_is_heard() {
    for kind in Kind::ALL {
        let codec = codec(kind);
        for (request, reply) in replies(kind) {
            let mut assembler = waiting(&codec, request, false);
            let mut now = Millis(0);
            let mut last = Heard::Nothing;
            for byte in &reply {
                assert_eq!(last, Heard::Nothing, "{kind:?}");
                now = now.plus(3);
                last = assembler.feed(&codec, &[*byte], now);
            }
            if last == Heard::Nothing {
                assert_eq!(
                    assembler.quiet(&codec, now.plus(10)),
                    Heard::Nothing,
                    "not silent for long enough"
                );
                last = assembler.quiet(&codec, now.plus(25));
            }
            assert_eq!(last, Heard::Answer(codec.decode(request, &reply).unwrap()), "{kind:?}");
        }
    }
}

#[test]
fn junk_before_a_reply_is_passed_over() {
    for kind in Kind::ALL {
        let codec = codec(kind);
        for junk in [
            "FA FD 99 99",
            "00",
            "8A 01",
            "02 02 02",
            "DC FE 01",
            "57 4B",
            "80",
            "01 01 01",
        ] {
            for (request, reply) in replies(kind) {
                let bytes = [hex(junk), reply.clone()].concat();
                let answer = codec.decode(request, &reply).unwrap();
                assert_eq!(heard(&codec, request, &bytes), Heard::Answer(answer), "{kind:?} {junk}");
            }
        }
    }
}

#[test]
fn noise_of_4_kib_is_never_an_answer_and_the_reply_after_it_is() {
    for kind in Kind::ALL {
        let codec = codec(kind);
        let (request, reply) = replies(kind).remove(0);
        let mut assembler = waiting(&codec, request, false);
        let mut seed = 0x1234_5678_u32;
        for at in 0..4_096 {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            let byte = seed.to_le_bytes()[1];
            assert_eq!(assembler.feed(&codec, &[byte], Millis(at)), Heard::Nothing, "{kind:?}");
        }
        assert_eq!(assembler.quiet(&codec, Millis(5_000)), Heard::Nothing);
        let answer = match assembler.feed(&codec, &reply, Millis(5_001)) {
            Heard::Nothing => assembler.quiet(&codec, Millis(5_050)),
            heard => heard,
        };
        assert!(matches!(answer, Heard::Answer(_)), "{kind:?}");
    }
}

#[test]
fn an_adapter_that_hears_itself_does_not_answer_for_the_board() {
    let board = codec(Kind::Oto);
    let request = status(1);
    let question = encoded(&board, request);
    let mut assembler = waiting(&board, request, true);
    // The question itself, which reads as "all closed", and then what the board says.
    assert_eq!(assembler.feed(&board, &question, Millis(0)), Heard::Nothing);
    assert_eq!(
        assembler.feed(&board, &hex("01 01 01 04 00 4B 3C"), Millis(20)),
        Heard::Answer(Answer::Doors(4))
    );
}

#[test]
fn an_echo_that_came_back_changed_is_a_collision() {
    for kind in Kind::ALL {
        let codec = codec(kind);
        for (request, _) in replies(kind) {
            let sent = encoded(&codec, request);
            for bit in 0..sent.len() * 8 {
                let mut wrong = sent.clone();
                wrong[bit / 8] ^= 1 << (bit % 8);
                let mut assembler = waiting(&codec, request, true);
                assert_eq!(assembler.feed(&codec, &wrong, Millis(0)), Heard::Collision, "{kind:?}");
            }
        }
    }
}

#[test]
fn silence_ends_the_status_of_an_8a_board_and_what_follows_is_not_joined_to_it() {
    // With 8 doors one or three bytes of status may come.
    let board = Codec::new(&Settings {
        doors: 8,
        ..Settings::of(Kind::Xor8a)
    })
    .unwrap();
    let mut assembler = waiting(&board, status(1), false);
    assert_eq!(assembler.feed(&board, &hex("80 01 00"), Millis(0)), Heard::Nothing);
    // Too late to be the same frame.
    assert_eq!(assembler.feed(&board, &hex("00 02 33 B0"), Millis(40)), Heard::Nothing);
    assert_eq!(assembler.quiet(&board, Millis(80)), Heard::Nothing);
    assert_eq!(
        assembler.feed(&board, &hex("80 01 00 00 02 33 B0"), Millis(90)),
        Heard::Nothing
    );
    assert_eq!(assembler.quiet(&board, Millis(115)), Heard::Answer(Answer::Doors(2)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_is_never_an_answer(
        kind in prop::sample::select(Kind::ALL.to_vec()),
        which in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let codec = codec(kind);
        let all = replies(kind);
        let (request, _) = which.get(&all);
        prop_assert_eq!(heard(&codec, *request, &noise), Heard::Nothing);
    }

    #[test]
    fn bytes_of_any_kind_never_panic(
        kind in prop::sample::select(Kind::ALL.to_vec()),
        jumper in any::<i64>(),
        serial in any::<i64>(),
        bytes in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let codec = codec(kind);
        for request in [open(jumper, serial), Request::Door(port(jumper, serial)), status(jumper), Request::Off { jumper }] {
            let _ = codec.decode(request, &bytes);
        }
    }
}
