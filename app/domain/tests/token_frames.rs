//! Long tokens get through the camera whatever it misses, and nothing else gets in.

mod token_rig;

use domain::error::Refusal;
use domain::ids::{Millis, Phone, ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::qr::{self, Level};
use domain::token::frames::{Decoder, Frames, MAX_PLAIN_CHARS, Reading, Watcher, encode};
use domain::token::revoked::{IDS_MAX, IN_CODE_BYTES, IN_MOVING_CODE_BYTES, Subject};
use domain::token::{CompartmentRow, MAX_TOKEN_BYTES, Payload, Revocations, StaffPass, open, seal, seal_with};
use proptest::prelude::*;
use token_rig::{key, random};

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn rows(compartments: i64) -> Vec<CompartmentRow> {
    let mut numbers = Numbers(1);
    let row = |at| CompartmentRow {
        jumper: at / 16 + 1,
        serial: at % 16 + 1,
        status: CompartmentStatus::Stored,
        label: format!("{}{}", char::from(b'A' + (at / 16) as u8), at % 16 + 1),
        pwd: Some(format!("{:05}", numbers.below(100_000))),
        save_date: Some(Millis(1_772_000_000_000 + numbers.below(1 << 31) as i64).to_iso()),
        things_sq: Some(ThingsSq(numbers.below(1 << 31).to_string())),
        kind: Some(ContentKind::Deposit),
    };
    (0..compartments).map(row).collect()
}

fn token(compartments: i64, seed: u64) -> String {
    let payload = Payload::SaveToData(rows(compartments));
    let at = Millis(1_772_000_000_000);
    seal(&key(), Yid(1234), at, &payload, &mut random(seed)).unwrap()
}

fn animated(compartments: i64, seed: u64) -> (String, Frames) {
    let token = token(compartments, seed);
    let frames = encode(&token).unwrap();
    assert!(!frames.is_plain());
    (token, frames)
}

#[test]
fn a_short_token_is_one_plain_code() {
    let token = token(4, 1);
    assert!(token.len() <= MAX_PLAIN_CHARS);
    let frames = encode(&token).unwrap();
    assert!(frames.is_plain());
    assert_eq!(
        (frames.pieces(), frames.text(0), frames.text(77)),
        (1, token.clone(), token.clone())
    );
    assert_eq!(
        Decoder::default().receive(&format!("{token}\r\n")),
        Reading::Whole(token)
    );
}

/// What a camera that misses no frame has read after the last of them.
fn read_in_order(frames: &Frames) -> Option<Reading> {
    let mut decoder = Decoder::default();
    let texts = frames.iter().take(frames.pieces());
    texts.map(|text| decoder.receive(&text)).last()
}

#[test]
fn kiosks_of_4_64_and_256_compartments_get_through() {
    for (compartments, most) in [(4, 1), (64, 6), (256, 20)] {
        let token = token(compartments, 1);
        let frames = encode(&token).unwrap();
        assert!(frames.pieces() <= most, "{compartments}: {}", frames.pieces());
        assert_eq!(read_in_order(&frames), Some(Reading::Whole(token.clone())));
        assert_eq!(
            open(&key(), &token).unwrap().payload,
            Payload::SaveToData(rows(compartments))
        );
    }
}

#[test]
fn frames_are_symbols_a_phone_reads_at_arms_length() {
    for compartments in [64, 256] {
        let (_, frames) = animated(compartments, 1);
        for text in frames.iter().take(40) {
            let width = qr::encode(&text, Level::M).unwrap().width();
            assert!((49..=61).contains(&width), "{width}");
        }
    }
}

#[test]
fn a_third_of_the_frames_lost_and_any_moment_to_join_do_not_matter() {
    let mut numbers = Numbers(5);
    for compartments in [64, 256] {
        let (token, frames) = animated(compartments, 1);
        let mut shown = 0;
        for _ in 0..100 {
            let start = numbers.below(1 << 24) as u32;
            let mut decoder = Decoder::default();
            let mut seen = (start..).inspect(|_| shown += 1).filter(|_| numbers.below(10) >= 3);
            let whole = seen.find_map(|number| match decoder.receive(&frames.text(number)) {
                Reading::Whole(token) => Some(token),
                _ => None,
            });
            assert_eq!(whole, Some(token.clone()));
        }
        let mean = f64::from(shown) / 100.0;
        let least = frames.pieces() as f64 / 0.7;
        assert!(
            mean < least + 4.0,
            "{compartments}: {mean} frames, {least} would be perfect"
        );
    }
}

#[test]
fn progress_only_grows_and_repeated_frames_add_nothing() {
    let (token, frames) = animated(256, 1);
    let mut decoder = Decoder::default();
    let mut last = 0.0;
    for text in frames.iter().skip(500) {
        let reading = decoder.receive(&text);
        assert!(matches!(decoder.receive(&text), again if again == reading));
        match reading {
            Reading::Partial { progress } => {
                assert!((last..1.0).contains(&progress) && progress > 0.0);
                last = progress;
            }
            other => {
                assert_eq!(other, Reading::Whole(token));
                break;
            }
        }
    }
}

#[test]
fn foreign_codes_between_the_frames_change_nothing() {
    let (token, frames) = animated(64, 1);
    let mut decoder = Decoder::default();
    for text in frames.iter().take(frames.pieces() - 1) {
        decoder.receive(&text);
        for foreign in [
            "https://example.com/",
            "8801234567893",
            "",
            "LK1:",
            "LK1:AAAAAA",
            "ur:bytes/1-9/lpadas",
        ] {
            assert_eq!(decoder.receive(foreign), Reading::Foreign);
        }
    }
    let last = frames.text(frames.pieces() as u32 - 1);
    assert_eq!(decoder.receive(&last), Reading::Whole(token));
}

#[test]
fn a_second_animation_takes_over() {
    let (_, first) = animated(256, 1);
    let (token, second) = animated(256, 2);
    let mut decoder = Decoder::default();
    first.iter().take(first.pieces() - 1).for_each(|text| {
        decoder.receive(&text);
    });
    let Reading::Partial { progress } = decoder.receive(&second.text(0)) else {
        panic!("not a frame");
    };
    assert!(progress < 0.2);
    let read = second
        .iter()
        .take(second.pieces())
        .map(|text| decoder.receive(&text))
        .last();
    assert_eq!(read, Some(Reading::Whole(token)));
}

#[test]
fn two_animations_seen_in_turn_both_arrive() {
    let (token, first) = animated(64, 1);
    let (other, second) = animated(256, 2);
    let mut decoder = Decoder::default();
    let mut whole = Vec::new();
    for (a, b) in first.iter().zip(second.iter()).take(second.pieces()) {
        for text in [a, b] {
            if let Reading::Whole(token) = decoder.receive(&text) {
                whole.push(token);
            }
        }
    }
    assert!(whole.contains(&token) && whole.contains(&other));
}

/// A staff pass with the whole list of this number of people who left.
fn pass(leavers: usize, seed: u64) -> (String, Revocations) {
    let at = Millis(1_772_000_000_000);
    let phones: Vec<Phone> = (0..leavers).map(|number| Phone(format!("0101{number:07}"))).collect();
    let gone: Vec<_> = phones.iter().map(Subject::Person).collect();
    let list = Revocations::moving(at, &gone, &[]).unwrap();
    let payload = Payload::StaffPass(StaffPass {
        phone: Phone("01000000002".to_owned()),
        name: "김직원".to_owned(),
    });
    let token = seal_with(&key(), Yid(1234), at, &payload, Some(&list), &mut random(seed)).unwrap();
    (token, list)
}

#[test]
fn a_list_of_ten_thousand_gets_through_whole_and_the_largest_as_far_as_there_is_room() {
    for (leavers, most) in [(1_000, 16), (10_000, 122), (IDS_MAX, 165)] {
        let (token, list) = pass(leavers, 1);
        assert!(list.to_bytes().len() > IN_CODE_BYTES, "{leavers}");
        assert!(list.to_bytes().len() <= IN_MOVING_CODE_BYTES, "{leavers}");
        assert_eq!(list.complete, list.count() == leavers);
        assert!(list.count() >= leavers.min(13_000), "{}", list.count());
        let frames = encode(&token).unwrap();
        assert!(frames.pieces() <= most, "{leavers}: {} frames", frames.pieces());
        assert_eq!(read_in_order(&frames), Some(Reading::Whole(token.clone())));
        assert_eq!(open(&key(), &token).unwrap().revoked, Some(list));
    }
}

#[test]
fn a_camera_that_always_looks_gets_a_token_once_while_it_is_in_sight_and_again_later() {
    let (token, list) = pass(1_000, 1);
    assert!(list.complete);
    let (frames, mut watcher, mut now) = (encode(&token).unwrap(), Watcher::default(), Millis(0));
    let mut read = Vec::new();
    for number in 0..100 {
        now = now.plus(140);
        read.extend(watcher.receive(&frames.text(number), now));
    }
    read.retain(|reading| matches!(reading, Reading::Whole(_)));
    assert_eq!(read, [Reading::Whole(token.clone())]);
    assert_eq!(watcher.receive(&frames.text(7), now.plus(2_999)), None);
    let later = watcher.receive(&frames.text(8), now.plus(6_000));
    assert_eq!(later, Some(Reading::Whole(token)));
}

#[test]
fn a_damaged_frame_is_not_spoken_of_and_what_is_no_frame_passes_as_it_is() {
    let plain = token(4, 1);
    let (_, frames) = animated(64, 1);
    let mut watcher = Watcher::default();
    let damaged = frames.text(0).replace("LK1:", "LK1:0");
    assert_eq!(watcher.receive(&damaged, Millis(0)), None);
    assert_eq!(watcher.receive("8801234567893", Millis(0)), Some(Reading::Foreign));
    for _ in 0..2 {
        // A camera reports a still code once by itself.
        assert_eq!(watcher.receive(&plain, Millis(0)), Some(Reading::Whole(plain.clone())));
    }
}

#[test]
fn any_long_text_comes_back_exactly() {
    let sealed = token(256, 1);
    let blank_after = sealed.clone() + "A";
    let plain_array = format!("{}.{}.{}", "e30", "W10_-".repeat(1_000), "x".repeat(43));
    for text in [sealed, blank_after, plain_array, "x".repeat(MAX_TOKEN_BYTES)] {
        let frames = encode(&text).unwrap();
        let mut decoder = Decoder::default();
        let read = frames
            .iter()
            .take(frames.pieces())
            .map(|frame| decoder.receive(&frame))
            .last();
        assert!(read == Some(Reading::Whole(text)));
    }
    let max_bytes = MAX_TOKEN_BYTES as u64;
    assert_eq!(
        encode(&"x".repeat(MAX_TOKEN_BYTES + 1)).err(),
        Some(Refusal::TooLarge { max_bytes })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_list_is_read_from_frames_in_any_order_repeated_and_among_foreign_ones_and_never_from_a_part(
        leavers in 160..1_500_usize,
        seed in 1..1_000_u64,
        order in any::<u64>(),
        missing in any::<prop::sample::Index>(),
    ) {
        let ((token, list), (other, _)) = (pass(leavers, seed), pass(leavers, seed + 1));
        let (frames, foreign) = (encode(&token).unwrap(), encode(&other).unwrap());
        let pieces = frames.pieces();
        let mut numbers: Vec<usize> = (0..pieces).chain(0..pieces).collect();
        let mut chance = Numbers(order);
        for at in (1..numbers.len()).rev() {
            numbers.swap(at, chance.below(at as u64 + 1) as usize);
        }
        let missing = missing.index(pieces);
        let (mut decoder, mut part) = (Decoder::default(), Decoder::default());
        let mut whole = None;
        for number in numbers {
            let text = frames.text(number as u32);
            for between in [foreign.text(0), "https://example.com/".to_owned(), format!("{text}0")] {
                prop_assert!(!matches!(decoder.receive(&between), Reading::Whole(_)));
            }
            if let Reading::Whole(read) = decoder.receive(&text) {
                whole = Some(read);
            }
            if number != missing {
                prop_assert!(!matches!(part.receive(&text), Reading::Whole(_)));
            }
        }
        prop_assert_eq!(whole.as_ref(), Some(&token));
        prop_assert_eq!(open(&key(), &token).unwrap().revoked, Some(list));
    }
}

proptest! {
    #[test]
    fn garbage_is_foreign(text in any::<String>(), frame in "LK1:[0-9A-Z $%*+./:-]{0,500}") {
        let mut decoder = Decoder::default();
        prop_assert_eq!(decoder.receive(&frame), Reading::Foreign);
        let _any_answer_but_a_panic = decoder.receive(&text);
    }

    #[test]
    fn a_changed_frame_is_foreign(number: u32, at: prop::sample::Index, other in "[0-9A-Z $%*+./:-]") {
        let (_, frames) = animated(64, 1);
        let text = frames.text(number);
        let at = at.index(text.len());
        prop_assume!(text[at..=at] != other);
        let changed = [&text[..at], &other, &text[at + 1..]].concat();
        prop_assert_eq!(Decoder::default().receive(&changed), Reading::Foreign);
    }
}
