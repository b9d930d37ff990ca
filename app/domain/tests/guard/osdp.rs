//! OSDP frames and the secure channel, by frames that libosdp 3.2.9 exchanged with itself, and what cards and keys come to.

use domain::guard::drivers::osdp::*;
use domain::guard::grants::Presented;
use domain::guard::ids::GuardId;
use domain::guard::link::{DeviceKey, DoorState};
use domain::ids::Millis;
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn packet(text: &str) -> Packet {
    let mut packets = Assembler::default().feed(&hex(text));
    assert_eq!(packets.len(), 1, "{text}");
    packets.remove(0)
}

fn plain(command: &Command, sequence: u8) -> Vec<u8> {
    let (code, data) = command.parts();
    Packet::write(0x65, false, sequence, None, (code, &data), |_| [0; 4]).unwrap()
}

#[test]
fn commands_in_the_clear_are_those_of_libosdp() {
    for (command, sequence, frame) in [
        (Command::Identify, 0, "53 65 09 00 04 61 00 D9 7A"),
        (Command::Capabilities, 1, "53 65 09 00 05 62 00 BA 18"),
        (Command::Poll, 0, "53 65 08 00 04 60 60 90"),
        (Command::Poll, 2, "53 65 08 00 06 60 02 F6"),
        (Command::Inputs, 1, "53 65 08 00 05 65 F4 F3"),
        (
            Command::Pulse { output: 0, tenths: 30 },
            3,
            "53 65 0C 00 07 68 00 05 1E 00 D8 55",
        ),
    ] {
        assert_eq!(plain(&command, sequence), hex(frame), "{command:?}");
    }
}

#[test]
fn answers_in_the_clear_are_read() {
    let card = packet("53 E5 10 00 05 50 00 01 1A 00 32 72 10 40 89 69");
    assert_eq!(
        (card.address, card.is_reply, card.sequence, card.code),
        (0x65, true, 1, 0x50)
    );
    assert_eq!(card.data, hex("00 01 1A 00 32 72 10 40"));
    assert_eq!(
        packet("53 E5 11 00 06 53 00 07 31 33 35 37 39 30 23 A5 0D").data,
        b"\x00\x07135790#"
    );
    assert_eq!(packet("53 E5 0A 00 05 49 01 00 26 09").data, [1, 0]);
    assert_eq!(packet("53 E5 08 00 06 40 B0 F0").code, 0x40);
}

/// A handshake and what followed, recorded between libosdp's panel and reader. The key is 001122…FF.
const HANDSHAKE: [&str; 4] = [
    "53 65 13 00 0e 03 11 01 76 bda35ab02a70e1d4 603e",
    "53 e5 2b 00 0e 03 12 01 76 beba0100afbeadde d764c8cce93255c4 f7d84f88cf87679ee572eff37250c313 294d",
    "53 65 1b 00 0f 03 13 01 77 13811c050a0a0a92764e69174e4c3191 0397",
    "53 e5 1b 00 0f 03 14 01 78 00a6e1325336058c04ade4cc185eafd9 7954",
];
const SECURE: [(&str, &str); 20] = [
    ("53650e000d0215605671427a8767", "53e50e000d0216405bd9bacef578"),
    ("53650e000e021560a2e30564b38b", "53e50e000e0216404bddef232eaa"),
    (
        "53650e000f02156021b2a0e39ee0",
        "53e51e000f021850ad4e67a6b8adf5a0ab01d18c8ecb71c859120e84149b",
    ),
    ("53650e000d021560661f9132bc42", "53e50e000d0216405af45f79adf2"),
    ("53650e000e021560860f7a8d3cd7", "53e50e000e021640e5fe8e38d5a6"),
    ("53650e000f021560ac75a4b37631", "53e50e000f0216409af7a7e7e06f"),
    ("53650e000d02156062370541f13d", "53e50e000d021640159d253973e2"),
    (
        "53650e000e0215603dba3866160a",
        "53e51e000e021853c45bf726a197fe82e2e90073d5fe658aa738f4015954",
    ),
    ("53650e000f0215600822bee4050c", "53e50e000f021640b80ee92b06fe"),
    ("53650e000d0215609d7756aed23c", "53e50e000d021640746474a28abf"),
    ("53650e000e0215605b93c6b07ff7", "53e50e000e021640c09b1b8f676d"),
    ("53650e000f021560ae8813205d49", "53e50e000f021640826c97ed93dd"),
    ("53650e000d0215600479c27c2b2d", "53e50e000d0216406cbc73c2ea18"),
    ("53650e000e0215606a5d0d55f1f7", "53e50e000e021640f5388f0cc36c"),
    ("53650e000f021560548ad1e8a9f8", "53e50e000f021640cea29fe609f9"),
    ("53650e000d0215602bf7675bde58", "53e50e000d02164024f8fadae100"),
    ("53650e000e021560a38dad417d9d", "53e50e000e0216403bd131dce2b5"),
    (
        "53651e000f021768b25fb927eaf08f64416654170c502dffa59e1a8970e3",
        "53e50e000f0216402172f8139ee1",
    ),
    ("53650e000d021560a7d5ab687b77", "53e50e000d021640eabf8714a5cf"),
    ("53650e000e0215606314c41c9bf2", "53e50e000e0216409fc738503a8e"),
];

fn recorded() -> Channel {
    let key = Key::parse("00112233445566778899aabbccddeeff").unwrap();
    let [asked, answered, proof, first] = HANDSHAKE.map(packet);
    let mut channel = Channel::new(
        &key,
        asked.data[..].try_into().unwrap(),
        answered.data[8..16].try_into().unwrap(),
    );
    assert_eq!(channel.cryptogram(Side::Reader)[..], answered.data[16..]);
    assert_eq!(channel.cryptogram(Side::Panel)[..], proof.data[..]);
    assert_eq!(channel.begin()[..], first.data[..]);
    channel
}

#[test]
fn a_recorded_session_of_libosdp_is_computed_byte_for_byte() {
    let mut channel = recorded();
    let mut told = Vec::new();
    for (asked, answered) in SECURE {
        let asked_packet = packet(asked);
        let (code, mut data) = match asked_packet.code {
            0x60 => Command::Poll.parts(),
            _ => Command::Pulse { output: 0, tenths: 30 }.parts(),
        };
        if !data.is_empty() {
            data = channel.seal(Side::Panel, &data);
        }
        let frame = Packet::write(
            0x65,
            false,
            asked_packet.sequence,
            asked_packet.block,
            (code, &data),
            |bytes| channel.sign(Side::Panel, bytes),
        );
        assert_eq!(frame.unwrap(), hex(asked));
        let answer = packet(answered);
        assert!(channel.verify(Side::Reader, &answer.signed, answer.mac.unwrap()));
        if answer.block.unwrap().kind == 0x18 {
            told.push(channel.unseal(Side::Reader, &answer.data).unwrap());
        }
    }
    assert_eq!(told, [hex("00 00 1A 00 32 72 10 40"), b"\x00\x07135790#".to_vec()]);
}

#[test]
fn an_answer_that_was_changed_or_repeated_has_no_valid_mac() {
    let mut channel = recorded();
    let (asked, answered) = SECURE[0];
    let (asked, answer) = (packet(asked), packet(answered));
    assert!(channel.verify(Side::Panel, &asked.signed, asked.mac.unwrap()));
    for at in 0..answer.signed.len() * 8 {
        let mut changed = answer.signed.clone();
        changed[at / 8] ^= 1 << (at % 8);
        assert!(!channel.verify(Side::Reader, &changed, answer.mac.unwrap()));
    }
    assert!(channel.verify(Side::Reader, &answer.signed, answer.mac.unwrap()));
    let next = packet(SECURE[1].0);
    assert!(channel.verify(Side::Panel, &next.signed, next.mac.unwrap()));
    assert!(
        !channel.verify(Side::Reader, &answer.signed, answer.mac.unwrap()),
        "the answer before"
    );
}

#[test]
fn every_single_bit_error_of_an_answer_is_rejected() {
    for text in [
        SECURE[2].1,
        SECURE[0].1,
        HANDSHAKE[1],
        "53 E5 10 00 05 50 00 01 1A 00 32 72 10 40 89 69",
    ] {
        let frame = hex(text);
        for at in 0..frame.len() * 8 {
            let mut changed = frame.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(Assembler::default().feed(&changed).is_empty(), "bit {at} of {text}");
        }
    }
}

#[test]
fn frames_are_found_in_pieces_and_behind_noise() {
    let frame = hex(SECURE[2].1);
    let mut assembler = Assembler::default();
    let noise = [0xFF, 0x53, 0x00, 0x53, 0xE5, 0x01, 0x00, 0x53];
    assert!(assembler.feed(&noise).is_empty());
    let mut found = Vec::new();
    for byte in &frame {
        found.extend(assembler.feed(&[*byte]));
    }
    assert_eq!(found, [packet(SECURE[2].1)]);
    let twice = [frame.clone(), frame].concat();
    assert_eq!(assembler.feed(&twice).len(), 2);
}

#[test]
fn keys_are_made_from_the_device_key_one_for_each_guard() {
    let device = DeviceKey::parse("the-key-of-G0001-in-the-inventory").unwrap();
    let of = |guard: &str| Key::of(&GuardId::parse(guard).unwrap(), &device);
    assert_eq!(of("G0001"), of("G0001"));
    assert_ne!(of("G0001"), of("G0002"));
    let other = DeviceKey::parse("the-key-of-G0001-in-the-inventorz").unwrap();
    assert_ne!(of("G0001"), Key::of(&GuardId::parse("G0001").unwrap(), &other));
    assert_eq!(format!("{:?}", of("G0001")), "Key");
}

#[test]
fn the_default_key_and_other_texts_are_no_keys() {
    assert!(Key::parse("303132333435363738393A3B3C3D3E3F").is_none());
    for text in [
        "",
        "00112233445566778899aabbccddeef",
        "00112233445566778899aabbccddeefg",
        "+0112233445566778899aabbccddeeff",
    ] {
        assert!(Key::parse(text).is_none(), "{text}");
    }
}

fn shown(bytes: &str, bits: usize, numbers: Numbers) -> Option<(Option<String>, String)> {
    match presented(&hex(bytes), bits, numbers)? {
        Presented::Card { card_numb, dn_code } => Some((
            card_numb.map(|number| number.as_str().to_owned()),
            dn_code.unwrap().as_str().to_owned(),
        )),
        Presented::Password { .. } => None,
    }
}

#[test]
fn a_card_is_its_bits_and_by_a_setting_a_number() {
    let bits = "32721040".to_owned();
    assert_eq!(shown("32 72 10 40", 26, Numbers::None), Some((None, bits.clone())));
    assert_eq!(
        shown("32 72 10 40", 26, Numbers::Facility),
        Some((Some("10058400".to_owned()), bits.clone()))
    );
    // 0x64E420
    assert_eq!(
        shown("32 72 10 40", 26, Numbers::Decimal),
        Some((Some("6612000".to_owned()), bits))
    );
    let long = "0250D961C0".to_owned();
    assert_eq!(
        shown("02 50 D9 61 C0", 34, Numbers::Decimal),
        Some((Some("77705923".to_owned()), long.clone()))
    );
    assert_eq!(shown("02 50 D9 61 C0", 34, Numbers::None), Some((None, long)));
    assert_eq!(
        shown("01 02 03 04 08", 37, Numbers::Facility),
        Some((None, "0102030408".to_owned()))
    );
}

#[test]
fn a_card_that_was_read_badly_is_not_shown_to_the_guard() {
    assert_eq!(shown("B2 72 10 40", 26, Numbers::Facility), None, "parity");
    assert_eq!(shown("32 72 10", 26, Numbers::None), None, "too few bytes");
    assert_eq!(shown("", 0, Numbers::None), None);
}

#[test]
fn a_contact_tells_opened_forced_held_closed_and_not_opened() {
    let rules = Rules {
        held_ms: 30_000,
        pulse_ms: 3_000,
    };
    let mut door = Contact::new(rules);
    let mut now = 0;
    let mut reads = |door: &mut Contact, open: bool, after: i64| {
        now += after;
        let told = door.reads(open, false, Millis(now));
        (told.or_else(|| door.tick(Millis(now))), Millis(now))
    };
    assert_eq!(reads(&mut door, false, 0).0, None, "as it is first known");
    let (_, at) = reads(&mut door, false, 20_000);
    door.unlocked(at);
    assert_eq!(reads(&mut door, true, 1_000).0, None, "once is not enough");
    assert_eq!(reads(&mut door, true, 200).0, Some(DoorState::Opened));
    assert_eq!(reads(&mut door, true, 29_000).0, None);
    assert_eq!(reads(&mut door, true, 1_000).0, Some(DoorState::Held));
    assert_eq!(reads(&mut door, true, 60_000).0, None, "held once");
    assert_eq!(reads(&mut door, false, 200).0, None);
    assert_eq!(reads(&mut door, true, 50).0, None, "it bounced");
    assert_eq!(reads(&mut door, false, 50).0, None);
    assert_eq!(reads(&mut door, false, 200).0, Some(DoorState::Closed));
    assert_eq!(reads(&mut door, true, 20_000).0, None);
    assert_eq!(reads(&mut door, true, 200).0, Some(DoorState::Forced));
    reads(&mut door, false, 1_000);
    let (closed, at) = reads(&mut door, false, 200);
    assert_eq!(closed, Some(DoorState::Closed));
    door.unlocked(at);
    assert_eq!(reads(&mut door, false, 12_900).0, None);
    assert_eq!(reads(&mut door, false, 200).0, Some(DoorState::NotOpened));
    assert_eq!(reads(&mut door, false, 200).0, None);
}

#[test]
fn a_door_found_open_or_opened_soon_after_a_start_is_not_forced() {
    let mut door = Contact::new(Rules {
        held_ms: 30_000,
        pulse_ms: 3_000,
    });
    assert_eq!(door.reads(false, true, Millis(50_000)), None);
    assert_eq!(door.reads(true, true, Millis(55_000)), Some(DoorState::Opened));
    door.lost();
    assert_eq!(door.reads(true, true, Millis(90_000)), None);
}

proptest! {
    #[test]
    fn bytes_of_any_kind_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for packet in Assembler::default().feed(&bytes) {
            let _ = recorded().unseal(Side::Reader, &packet.data);
        }
        let _ = presented(&bytes, bytes.len() * 8, Numbers::Facility);
    }

    #[test]
    fn what_is_sealed_is_unsealed(data in prop::collection::vec(any::<u8>(), 0..100)) {
        let channel = recorded();
        let sealed = channel.seal(Side::Panel, &data);
        prop_assert_eq!(sealed.len() % 16, 0);
        prop_assert_eq!(channel.unseal(Side::Panel, &sealed), Some(data));
    }
}
