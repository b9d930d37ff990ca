//! Card numbers and keys as readers transmit them.

use domain::guard::drivers::wiegand::{Card, Key};
use proptest::prelude::*;

#[test]
fn vectors_of_26_and_34_bits() {
    let card = Card::Bits26 {
        facility: 100,
        number: 58_400,
    };
    assert_eq!(card.write(), (vec![0x32, 0x72, 0x10, 0x40], 26));
    assert_eq!(Card::read(&[0x32, 0x72, 0x10, 0x40], 26), Some(card));
    assert_eq!(card.uhppote(), Some(10_058_400));
    let long = Card::Bits34 { number: 0x04A1_B2C3 };
    assert_eq!(long.write(), (vec![0x02, 0x50, 0xD9, 0x61, 0xC0], 34));
    assert_eq!(Card::read(&[0x02, 0x50, 0xD9, 0x61, 0xC0], 34), Some(long));
    assert_eq!(long.uhppote(), None);
}

#[test]
fn every_wrong_bit_and_every_other_length_is_refused() {
    for card in [
        Card::Bits26 {
            facility: 100,
            number: 58_400,
        },
        Card::Bits34 { number: 0x04A1_B2C3 },
    ] {
        let (bytes, count) = card.write();
        for bit in 0..bytes.len() * 8 {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 0x80 >> (bit % 8);
            assert_eq!(Card::read(&wrong, count), None, "{card:?} {bit}");
        }
        for other in (0..64).filter(|other| *other != count) {
            assert_eq!(Card::read(&bytes, other), None, "{card:?} {other}");
        }
        assert_eq!(Card::read(&bytes[1..], count), None);
        assert_eq!(Card::read(&[], count), None);
    }
}

#[test]
fn keys_of_four_and_eight_bits() {
    let eight = [
        (0xE1, Key::Digit(1)),
        (0xD2, Key::Digit(2)),
        (0xC3, Key::Digit(3)),
        (0xB4, Key::Digit(4)),
        (0xA5, Key::Digit(5)),
        (0x96, Key::Digit(6)),
        (0x87, Key::Digit(7)),
        (0x78, Key::Digit(8)),
        (0x69, Key::Digit(9)),
        (0xF0, Key::Digit(0)),
        (0x5A, Key::Star),
        (0x4B, Key::Hash),
    ];
    for value in 0..=u16::MAX {
        let key = eight.iter().find(|(code, _)| *code == value).map(|(_, key)| *key);
        assert_eq!(Key::read(value, 8), key, "{value:02X}");
        assert_eq!(Key::read(value, 9), None, "a ninth bit is noise");
    }
    for (code, key) in eight {
        assert_eq!(Key::read(code & 0x0F, 4), Some(key));
    }
    assert_eq!(Key::read(12, 4), None);
    assert_eq!(Key::read(0x11, 4), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(facility in any::<u8>(), number in any::<u16>(), long in any::<u32>()) {
        for card in [Card::Bits26 { facility, number }, Card::Bits34 { number: long }] {
            let (bytes, count) = card.write();
            prop_assert_eq!(Card::read(&bytes, count), Some(card));
        }
    }

    #[test]
    fn bytes_of_any_kind_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..12), count in 0_usize..80) {
        let _ = Card::read(&bytes, count);
    }
}
