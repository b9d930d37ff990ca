//! Settings and wiring that contradict themselves open nothing.

use super::*;
use domain::boards::bus::Bus;
use domain::boards::cabinet::Cabinet;
use domain::boards::{Adapter, ByteOrder, Echo, SettingsFault, Wire, Wiring, WiringFault};

fn adapter(first: i64, last: i64) -> Adapter {
    Adapter {
        path: String::new(),
        first,
        last,
    }
}

/// As the seed's kiosks have them: three adapters.
fn three() -> Wiring {
    Wiring {
        adapters: vec![adapter(1, 36), adapter(37, 61), adapter(62, 126)],
        ..Wiring::of(Kind::OtoSingle)
    }
}

#[test]
fn default_settings_of_every_kind_are_sound() {
    for kind in Kind::ALL {
        assert_eq!(Settings::of(kind).check(), Ok(()), "{kind:?}");
        assert_eq!(
            Settings::of(kind).baud,
            if matches!(kind, Kind::Cu16 | Kind::Cu48 | Kind::Cu48Counted) {
                19_200
            } else {
                9_600
            }
        );
    }
}

#[test]
fn settings_that_contradict_the_kind_are_refused() {
    let oto = Settings::of(Kind::Oto);
    let with = |change: fn(&mut Settings)| {
        let mut changed = oto.clone();
        change(&mut changed);
        changed.check().unwrap_err()
    };
    assert_eq!(with(|s| s.baud = 0), SettingsFault::Baud);
    assert_eq!(with(|s| s.doors = 0), SettingsFault::Doors);
    assert_eq!(with(|s| s.doors = 17), SettingsFault::Doors);
    assert_eq!(with(|s| s.open_ms = 5_100), SettingsFault::OpenTime);
    assert_eq!(with(|s| s.open_ms = 0), SettingsFault::OpenTime);
    assert_eq!(with(|s| s.open_ms = 1_050), SettingsFault::OpenTime);
    assert_eq!(
        with(|s| s.byte_order = ByteOrder::FirstFirst),
        SettingsFault::NotOfThisKind
    );
    assert_eq!(with(|s| s.ask_one_door = true), SettingsFault::NotOfThisKind);
    let mut cu = Settings::of(Kind::Cu16);
    cu.acknowledges = true;
    assert_eq!(cu.check(), Err(SettingsFault::NotOfThisKind));
}

#[test]
fn an_unknown_kind_is_read_as_such_and_opens_nothing_and_unknown_keys_are_refused() {
    let sound = serde_json::to_value(Settings::of(Kind::Xor8a)).unwrap();
    assert_eq!(
        serde_json::from_value::<Settings>(sound.clone()).unwrap(),
        Settings::of(Kind::Xor8a)
    );
    assert_eq!(sound["kind"], "xor8a");
    let mut newer = sound.clone();
    newer["kind"] = serde_json::json!("hua-heng");
    let unknown: Settings = serde_json::from_value(newer).unwrap();
    assert_eq!(unknown.kind, Kind::Unknown);
    assert_eq!(unknown.check(), Err(SettingsFault::Kind));
    assert_eq!(Codec::new(&unknown), Err(SettingsFault::Kind));
    assert_eq!(Settings::of(Kind::Unknown).check(), Err(SettingsFault::Kind));
    let mut wiring = three();
    wiring.boards = unknown;
    let fault = wiring.check(&[Port { jumper: 1, serial: 1 }]).unwrap_err();
    assert_eq!(fault, WiringFault::Settings(SettingsFault::Kind));
    assert!(Cabinet::new(&wiring, &[Port { jumper: 1, serial: 1 }], false).is_err());
    let mut wrong = sound;
    wrong["voltage"] = serde_json::json!(12);
    assert!(serde_json::from_value::<Settings>(wrong).is_err());
}

#[test]
fn a_door_belongs_to_the_one_adapter_that_serves_its_board() {
    let wiring = three();
    assert!(wiring.check(&[port(1, 1), port(37, 1), port(126, 1)]).is_ok());
    assert_eq!(wiring.adapter_of(port(36, 1)), Some(0));
    assert_eq!(wiring.adapter_of(port(37, 1)), Some(1));
    assert_eq!(wiring.adapter_of(port(62, 1)), Some(2));
    assert_eq!(wiring.adapter_of(port(127, 1)), None);
}

#[test]
fn two_adapters_that_claim_one_board_are_refused() {
    let mut wiring = three();
    wiring.adapters[1].first = 36;
    assert_eq!(wiring.check(&[]), Err(WiringFault::Claimed { jumper: 36 }));
}

#[test]
fn ranges_that_no_board_can_have_are_refused() {
    for (first, last) in [(0, 3), (5, 4), (100, 128), (-1, 3)] {
        let wiring = Wiring {
            adapters: vec![adapter(first, last)],
            ..Wiring::of(Kind::Oto)
        };
        assert_eq!(wiring.check(&[]), Err(WiringFault::Range { adapter: 0 }));
    }
}

#[test]
fn a_layout_that_the_boards_cannot_have_is_refused() {
    let wiring = three();
    assert_eq!(wiring.check(&[port(1, 2)]), Err(WiringFault::Outside(port(1, 2))));
    assert_eq!(
        wiring.check(&[port(127, 1)]),
        Err(WiringFault::Unconnected(port(127, 1)))
    );
    let outside = Bus::new(&Settings::of(Kind::Xor8a), &[port(1, 25)]).unwrap_err();
    assert_eq!(outside, WiringFault::Outside(port(1, 25)));
}

#[test]
fn with_a_board_on_every_address_echo_must_be_set() {
    let all: Vec<Port> = (1..=127).map(|jumper| port(jumper, 1)).collect();
    let mut settings = Settings::of(Kind::OtoSingle);
    assert_eq!(Bus::new(&settings, &all).unwrap_err(), WiringFault::EchoUnknown);
    settings.echo = Echo::No;
    assert!(Bus::new(&settings, &all).is_ok());
}

#[test]
fn a_wire_moves_a_lock_and_no_two_doors_share_one() {
    let layout = [port(1, 1), port(1, 2), port(1, 3)];
    let mut wiring = Wiring::of(Kind::Oto);
    wiring.swap(port(1, 1), port(1, 3));
    assert_eq!(
        layout.map(|door| wiring.lock(door)),
        [port(1, 3), port(1, 2), port(1, 1)]
    );
    assert!(wiring.check(&layout).is_ok());
    wiring.swap(port(1, 1), port(1, 3));
    assert!(wiring.wires.is_empty(), "swapped back");
    let wire = |door, lock| Wire { door, lock };
    wiring.wires = vec![wire(port(1, 1), port(1, 2))];
    assert_eq!(wiring.check(&layout), Err(WiringFault::Wire(port(1, 2))), "two doors");
    wiring.wires = vec![wire(port(1, 9), port(1, 5))];
    assert_eq!(
        wiring.check(&layout),
        Err(WiringFault::Wire(port(1, 9))),
        "no such door"
    );
    wiring.wires = vec![wire(port(1, 1), port(1, 17))];
    assert_eq!(wiring.check(&layout), Err(WiringFault::Outside(port(1, 17))));
    wiring.wires = vec![wire(port(1, 1), port(1, 16))];
    assert!(wiring.check(&layout).is_ok(), "off a burnt output");
}

#[test]
fn settings_with_too_much_in_them_are_refused() {
    let mut wiring = Wiring::of(Kind::Oto);
    wiring.adapters[0].path = "/dev/serial/by-id/".to_owned() + &"x".repeat(200);
    assert_eq!(wiring.check(&[]), Err(WiringFault::Path { adapter: 0 }));
    wiring.adapters[0].path = "/dev/\n".to_owned();
    assert_eq!(wiring.check(&[]), Err(WiringFault::Path { adapter: 0 }));
    wiring.adapters = (1..=9).map(|board| adapter(board, board)).collect();
    assert_eq!(wiring.check(&[]), Err(WiringFault::TooMany));
}

#[test]
fn settings_are_read_as_they_were_written() {
    for kind in Kind::ALL {
        let mut wiring = Wiring::of(kind);
        wiring.swap(port(1, 1), port(2, 1));
        let text = serde_json::to_string(&wiring).unwrap();
        assert_eq!(serde_json::from_str::<Wiring>(&text).unwrap(), wiring);
    }
}
