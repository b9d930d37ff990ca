//! No frame can open two doors, and no number is bent until it fits.

use super::*;
use std::collections::HashSet;

/// Which doors a frame opens, read from the documents by itself: board and door as they are on the wire.
fn opens(kind: Kind, frame: &[u8]) -> Vec<(u8, u8)> {
    match (kind, frame) {
        (Kind::Oto | Kind::OtoSingle, &[board, 1, 2, low, high, _, _]) => (0..16)
            .filter(|bit| u16::from_le_bytes([low, high]) >> bit & 1 == 1)
            .map(|bit| (board, bit + 1))
            .collect(),
        (Kind::Xor8a, &[0x8A, board, door, 0x11, _]) => vec![(board, door)],
        (Kind::Cu16, &[2, address, 0x31, 3, _]) => vec![((address >> 4) + 1, (address & 15) + 1)],
        (Kind::Cu48, &[2, board, lock, 0x51, 3, _]) | (Kind::Cu48Counted, &[2, board, lock, 0x61, 3, _]) => {
            vec![(board + 1, lock + 1)]
        }
        (Kind::Dc12, &[0xDC, 2, board, 0x10, 1, door, _]) => vec![(board, door)],
        (Kind::Wkly, &[0x57, 0x4B, 0x4C, 0x59, 9, board, 0x82, door, _]) => vec![(board + 1, door)],
        (Kind::Relay, &[board, 5, 2, relay, high, low, _, _]) if (high, low) != (0, 0) => vec![(board, relay + 1)],
        _ => panic!("{kind:?} does not open by {frame:02X?}"),
    }
}

fn sum_fits(kind: Kind, frame: &[u8]) -> bool {
    match kind {
        Kind::Oto | Kind::OtoSingle | Kind::Relay => sums::with_crc(&frame[..frame.len() - 2]) == frame,
        Kind::Xor8a | Kind::Wkly => sums::with_parity(&frame[..frame.len() - 1]) == frame,
        Kind::Cu16 | Kind::Cu48 | Kind::Cu48Counted => sums::with_total(&frame[..frame.len() - 1], 0) == frame,
        Kind::Dc12 => sums::with_total(&frame[..frame.len() - 1], 2) == frame,
        Kind::Unknown => false,
    }
}

/// What is never sent.
fn is_forbidden(kind: Kind, frame: &[u8]) -> bool {
    match kind {
        // Two outputs at once.
        Kind::Oto | Kind::OtoSingle => frame[2] == 2 && (frame[3].count_ones() + frame[4].count_ones()) > 1,
        // Door 0 means all; many at once; left powered.
        Kind::Xor8a => frame[0] == 0x8A && frame[2] == 0 || matches!(frame[0], 0x90 | 0x9A | 0x9B),
        // Open all; a board number that may mean every board.
        Kind::Cu16 => frame[2] == 0x33 || frame[1] >> 4 == 0x0F,
        // Lock 30 means all 48, board 0A every board.
        Kind::Cu48 | Kind::Cu48Counted => frame[2] == 0x30 || frame[1] == 0x0A,
        Kind::Dc12 => matches!(frame[3], 0x14 | 0x15 | 0x16 | 0x18 | 0x1A),
        Kind::Wkly => matches!(frame[6], 0x80 | 0x86 | 0x87 | 0x88),
        // All coils; a coil switched on without an end.
        Kind::Relay => frame[1] == 5 && (frame[2..4] == [0x00, 0xFF] || frame[2] != 0x02),
        Kind::Unknown => true,
    }
}

/// Default settings, and the largest board of the kind that may have several sizes.
fn all_settings() -> Vec<Settings> {
    let mut all: Vec<Settings> = Kind::ALL.map(Settings::of).to_vec();
    for doors in [2, 8, 12, 18, 50] {
        all.push(Settings {
            doors,
            ..Settings::of(Kind::Xor8a)
        });
    }
    all
}

#[test]
fn every_frame_opens_exactly_the_one_door_that_was_asked_for() {
    for settings in all_settings() {
        let (kind, codec) = (settings.kind, Codec::new(&settings).unwrap());
        let mut frames = HashSet::new();
        for jumper in 0..=255 {
            for serial in 0..=255 {
                let exists = (1..=i64::from(kind.boards())).contains(&jumper)
                    && (1..=i64::from(settings.doors)).contains(&serial);
                let frame = codec.encode(open(jumper, serial));
                assert_eq!(frame.is_some(), exists, "{kind:?} {jumper} {serial}");
                assert_eq!(codec.has(port(jumper, serial)), exists, "{kind:?} {jumper} {serial}");
                let Some(frame) = frame else { continue };
                let bytes = frame.bytes();
                assert!(sum_fits(kind, bytes), "{kind:?} {bytes:02X?}");
                assert!(!is_forbidden(kind, bytes), "{kind:?} {bytes:02X?}");
                let place = (u8::try_from(jumper).unwrap(), u8::try_from(serial).unwrap());
                assert_eq!(opens(kind, bytes), [place], "{kind:?}");
                assert!(frames.insert(bytes.to_vec()), "{kind:?}: two doors have one frame");
            }
        }
        assert_eq!(frames.len(), usize::from(kind.boards()) * usize::from(settings.doors));
    }
}

#[test]
fn no_question_and_no_off_opens_a_door() {
    for settings in all_settings() {
        let (kind, codec) = (settings.kind, Codec::new(&settings).unwrap());
        let mut openings = HashSet::new();
        let mut others = Vec::new();
        for jumper in 0..=255 {
            let board = [Request::Off { jumper }, Request::Board { jumper }];
            let doors = (0..=255).map(|serial| Request::Door(port(jumper, serial)));
            others.extend(
                board
                    .into_iter()
                    .chain(doors)
                    .filter_map(|request| codec.encode(request)),
            );
            openings.extend((0..=255).filter_map(|serial| Some(codec.encode(open(jumper, serial))?.bytes().to_vec())));
        }
        for frame in others {
            assert!(sum_fits(kind, frame.bytes()), "{kind:?} {frame:?}");
            assert!(!is_forbidden(kind, frame.bytes()), "{kind:?} {frame:?}");
            assert!(!openings.contains(frame.bytes()), "{kind:?} {frame:?}");
        }
    }
}

#[test]
fn numbers_beyond_a_byte_are_refused_and_not_wrapped() {
    for settings in all_settings() {
        let codec = Codec::new(&settings).unwrap();
        for far in [256, 257, 65_537, 1 << 32, (1 << 32) + 1, i64::MAX, -1, -255, i64::MIN] {
            for request in [
                open(far, 1),
                open(1, far),
                Request::Door(port(far, 1)),
                Request::Door(port(1, far)),
                status(far),
                Request::Off { jumper: far },
            ] {
                assert_eq!(codec.encode(request), None, "{:?} {request:?}", settings.kind);
            }
        }
    }
}

#[test]
fn only_boards_whose_coils_stay_powered_know_off() {
    for kind in Kind::ALL {
        let off = codec(kind).encode(Request::Off { jumper: 1 });
        assert_eq!(off.is_some(), kind.stays_powered(), "{kind:?}");
        if let Some(off) = off {
            assert_eq!(opens(kind, off.bytes()), [], "{kind:?}");
        }
    }
}
