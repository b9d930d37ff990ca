//! Packets of UHPPOTE controllers. Requests are byte for byte what PyPI `uhppoted` 0.9.1.1 makes of the same values.

use domain::guard::drivers::uhppote::{
    Asked, Card, Day, DoorMode, Event, EventAt, LENGTH, Minute, Moment, Packet, Passcodes, Reply, Request, Status,
    TimeProfile,
};
use proptest::prelude::*;

const SERIAL: u32 = 405_419_896;
const CARD: u32 = 10_058_400;

fn packet(hex: &str) -> Packet {
    let digits: Vec<u8> = hex
        .chars()
        .filter_map(|c| c.to_digit(16))
        .map(|digit| u8::try_from(digit).unwrap())
        .collect();
    let mut packet = [0; LENGTH];
    for (byte, pair) in packet.iter_mut().zip(digits.chunks(2)) {
        *byte = pair[0] << 4 | pair.get(1).unwrap_or(&0);
    }
    packet
}

fn day(year: u16, month: u8, of_month: u8) -> Day {
    Day::new(year, month, of_month).unwrap()
}

fn at(hour: u8, minute: u8) -> Minute {
    Minute::new(hour, minute).unwrap()
}

fn card() -> Card {
    Card {
        number: CARD,
        from: Some(day(2026, 11, 25)),
        to: Some(day(2026, 11, 26)),
        doors: [1, 0, 29, 0],
        pin: 7_531,
    }
}

fn profile() -> TimeProfile {
    TimeProfile {
        number: 29,
        from: day(2026, 11, 25),
        to: day(2026, 11, 26),
        weekdays: [true, true, true, true, true, false, false],
        times: [
            (at(8, 30), at(9, 45)),
            (at(11, 35), at(13, 15)),
            (Minute::default(), Minute::default()),
        ],
        linked: 3,
    }
}

fn all_requests() -> Vec<(Request, &'static str)> {
    let moment = Moment::new(day(2026, 11, 25), 16, 8, 45).unwrap();
    let codes = Passcodes([471_147, 0, 999_999, 1]);
    let listener = Request::SetListener {
        address: [192, 168, 1, 100],
        port: 60_001,
    };
    let controlled = Request::SetDoor {
        door: 1,
        mode: DoorMode::Controlled,
        seconds: 5,
    };
    vec![
        (Request::Controller, "1794000078372A18"),
        (Request::Time, "1732000078372A18"),
        (Request::SetTime(moment), "1730000078372A1820261125160845"),
        (Request::Status, "1720000078372A18"),
        (Request::Open { door: 1 }, "1740000078372A1801"),
        (
            Request::PutCard(card()),
            "1750000078372A18A07A9900202611252026112601001D006B1D",
        ),
        (Request::Card { number: CARD }, "175A000078372A18A07A99"),
        (Request::DeleteCard { number: CARD }, "1752000078372A18A07A99"),
        (Request::DeleteCards, "1754000078372A1855AAAA55"),
        (
            Request::SetTimeProfile(profile()),
            "1788000078372A181D20261125202611260101010101000008300945113513150000000003",
        ),
        (Request::ClearTimeProfiles, "178A000078372A1855AAAA55"),
        (
            Request::SetPasscodes { door: 1, codes },
            "178C000078372A18010000006B300700000000003F420F0001",
        ),
        (listener, "1790000078372A18C0A8016461EA"),
        (Request::RecordSpecialEvents(true), "178E000078372A1801"),
        (Request::PcControl(true), "17A0000078372A1855AAAA5501"),
        (Request::Keypads([true, false, false, true]), "17A4000078372A1801000001"),
        (controlled, "1780000078372A18010305"),
        (Request::Event { index: 57 }, "17B0000078372A1839"),
        (Request::ReadMark, "17B4000078372A18"),
        (Request::SetReadMark { index: 57 }, "17B2000078372A183900000055AAAA55"),
    ]
}

#[test]
fn requests_are_those_of_another_implementation() {
    for (request, bytes) in all_requests() {
        assert_eq!(request.encode(SERIAL), Some(packet(bytes)), "{request:?}");
    }
    assert_eq!(Request::Controller.encode(0), Some(packet("1794")));
}

#[test]
fn only_who_are_you_goes_to_every_controller() {
    for (request, _) in all_requests() {
        assert_eq!(
            request.encode(0).is_some(),
            request == Request::Controller,
            "{request:?}"
        );
    }
}

#[test]
fn what_a_controller_cannot_have_has_no_packet() {
    let refused = |request: Request| assert_eq!(request.encode(SERIAL), None, "{request:?}");
    for door in [0, 5, 255] {
        refused(Request::Open { door });
        refused(Request::SetDoor {
            door,
            mode: DoorMode::Controlled,
            seconds: 5,
        });
        let codes = Passcodes([1, 0, 0, 0]);
        refused(Request::SetPasscodes { door, codes });
    }
    for number in [0, 0x00FF_FFFF, 0xFFFF_FFFF] {
        refused(Request::PutCard(Card { number, ..card() }));
        refused(Request::Card { number });
        refused(Request::DeleteCard { number });
    }
    // A million becomes 0 in the controller, which means "no PIN".
    refused(Request::PutCard(Card {
        pin: 1_000_000,
        ..card()
    }));
    refused(Request::SetPasscodes {
        door: 1,
        codes: Passcodes([1, 2, 3, 1_000_000]),
    });
    refused(Request::PutCard(Card { from: None, ..card() }));
    refused(Request::PutCard(Card {
        from: card().to,
        to: card().from,
        ..card()
    }));
    refused(Request::PutCard(Card {
        doors: [255, 0, 0, 0],
        ..card()
    }));
    for (number, linked) in [(0, 0), (1, 0), (255, 0), (29, 1), (29, 255), (29, 29)] {
        refused(Request::SetTimeProfile(TimeProfile {
            number,
            linked,
            ..profile()
        }));
    }
    let mut backwards = profile();
    backwards.times[0] = (at(9, 45), at(8, 30));
    refused(Request::SetTimeProfile(backwards));
}

#[test]
fn days_and_times_that_no_calendar_has_do_not_exist() {
    assert_eq!(Day::new(2026, 2, 29), None);
    assert!(Day::new(2028, 2, 29).is_some());
    assert_eq!(Day::new(2026, 13, 1), None);
    assert_eq!(Day::new(1999, 12, 31), None);
    assert_eq!(Day::new(2100, 1, 1), None);
    assert_eq!(Minute::new(24, 0), None);
    assert_eq!(Minute::new(23, 60), None);
    assert_eq!(Moment::new(day(2026, 1, 1), 23, 59, 60), None);
}

#[test]
fn pins_and_codes_are_not_printed() {
    let codes = Passcodes([471_147, 0, 999_999, 1]);
    let text = format!(
        "{:?} {:?}",
        Request::PutCard(card()),
        Request::SetPasscodes { door: 1, codes }
    );
    assert!(!text.contains("7531") && !text.contains("471147"), "{text}");
}

const OTHER: u32 = 423_187_757;
/// From the tests of uhppote-core.
const STATUS: &str = "172000002d5539193900000001000301aae85d002019041917000906010001010000010109143702110000002100\
    00002b04011904200000932604880892";

fn status() -> Status {
    let event = Event {
        index: 57,
        kind: 1,
        granted: false,
        door: 3,
        direction: 1,
        card: 6_154_410,
        at: Moment::new(day(2019, 4, 19), 17, 0, 9),
        reason: 6,
    };
    Status {
        event: Some(event),
        open: [true, false, true, true],
        pressed: [false, false, true, true],
        error: 9,
        clock: Moment::new(day(2019, 4, 20), 14, 37, 2),
        relays: 4,
        inputs: 1,
    }
}

fn read(serial: u32, request: Request, bytes: &[u8]) -> Option<Reply> {
    Asked { serial, request }.read(bytes)
}

#[test]
fn a_status_with_and_without_an_event() {
    assert_eq!(
        read(OTHER, Request::Status, &packet(STATUS)),
        Some(Reply::Status(status()))
    );
    assert!(status().event.unwrap().is_presented());
    let none = packet(
        "17200000e5d84f0d000000000000000000000000000000000000000001010000000000000016033400000000000000000000002104 08",
    );
    let Some(Reply::Status(none)) = read(223_336_677, Request::Status, &none) else {
        panic!("no status");
    };
    assert_eq!((none.event, none.open), (None, [true, true, false, false]));
    assert_eq!(none.clock, Moment::new(day(2021, 4, 8), 16, 3, 34));
}

#[test]
fn events_are_pushed_with_either_first_byte_and_only_by_our_controller() {
    let mut pushed = packet(STATUS);
    assert_eq!(Status::pushed(OTHER, &pushed), Some(status()));
    pushed[0] = 0x19;
    assert_eq!(Status::pushed(OTHER, &pushed), Some(status()), "firmware 6.62");
    assert_eq!(Status::pushed(SERIAL, &pushed), None);
    assert_eq!(Status::pushed(OTHER, &pushed[..63]), None);
    // It is no answer, though: answers of that firmware begin as all others.
    assert_eq!(read(OTHER, Request::Status, &pushed), None);
    pushed[1] = 0xB0;
    assert_eq!(Status::pushed(OTHER, &pushed), None);
}

#[test]
fn an_event_by_its_index() {
    let bytes = packet("17b000002d5539190800000002010301ade85d002019021007120106");
    let Some(Reply::Event(EventAt::Event(event))) = read(OTHER, Request::Event { index: 8 }, &bytes) else {
        panic!("no event");
    };
    assert_eq!((event.index, event.kind, event.granted, event.door), (8, 2, true, 3));
    assert_eq!((event.card, event.reason), (6_154_413, 6));
    assert_eq!(event.at, Moment::new(day(2019, 2, 10), 7, 12, 1));
    assert!(!event.is_presented(), "a door's event");
    assert_eq!(
        read(OTHER, Request::Event { index: 7 }, &bytes),
        None,
        "another one was asked for"
    );
    let overwritten = packet("17b000002d55391908000000ff");
    let reply = read(OTHER, Request::Event { index: 8 }, &overwritten);
    assert_eq!(reply, Some(Reply::Event(EventAt::Overwritten)));
    let nothing = packet("17b000002d553919");
    assert_eq!(
        read(OTHER, Request::Event { index: 9 }, &nothing),
        Some(Reply::Event(EventAt::Nothing))
    );
}

#[test]
fn a_card_of_the_memory() {
    let there = packet("175A000078372A18A07A9900202611252026112601001D006B1D");
    assert_eq!(
        read(SERIAL, Request::Card { number: CARD }, &there),
        Some(Reply::Card(Some(card())))
    );
    assert_eq!(read(SERIAL, Request::Card { number: CARD + 1 }, &there), None);
    let none = packet("175A000078372A18");
    assert_eq!(
        read(SERIAL, Request::Card { number: CARD }, &none),
        Some(Reply::Card(None))
    );
}

#[test]
fn who_a_controller_is() {
    let bytes = packet("1794000078372A18C0A80164FFFFFF00C0A80101001223344556089220181105");
    let Some(Reply::Controller(info)) = read(0, Request::Controller, &bytes) else {
        panic!("no controller");
    };
    assert_eq!(
        (info.serial, info.address, info.mask),
        (SERIAL, [192, 168, 1, 100], [255, 255, 255, 0])
    );
    assert_eq!((info.version, info.date), ((8, 92), Day::new(2018, 11, 5)));
    assert_eq!(info.mac, [0x00, 0x12, 0x23, 0x34, 0x45, 0x56]);
}

#[test]
fn an_answer_fits_function_serial_number_and_door() {
    let done = packet("1740000078372A1801");
    let open = Request::Open { door: 1 };
    assert_eq!(read(SERIAL, open, &done), Some(Reply::Done(true)));
    assert_eq!(
        read(SERIAL, open, &packet("1740000078372A1800")),
        Some(Reply::Done(false))
    );
    assert_eq!(read(SERIAL, open, &packet("1740000078372A1802")), None);
    assert_eq!(read(SERIAL + 1, open, &done), None, "another controller");
    assert_eq!(read(SERIAL, Request::DeleteCards, &done), None, "another function");
    assert_eq!(read(SERIAL, open, &done[..63]), None);
    assert_eq!(read(SERIAL, open, &[&done[..], &[0]].concat()), None);
    let set = Request::SetDoor {
        door: 2,
        mode: DoorMode::Controlled,
        seconds: 5,
    };
    assert_eq!(
        read(SERIAL, set, &packet("1780000078372A18010305")),
        None,
        "another door"
    );
    assert_eq!(
        read(SERIAL, set, &packet("1780000078372A18020305")),
        Some(Reply::Door {
            mode: DoorMode::Controlled,
            seconds: 5
        })
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_of_any_kind_never_panic(which in 0_usize..20, mut bytes in prop::collection::vec(any::<u8>(), 0..70), fix in any::<bool>()) {
        let (request, head) = all_requests()[which];
        if fix && bytes.len() >= 8 {
            bytes[..8].copy_from_slice(&packet(head)[..8]);
        }
        let _ = read(SERIAL, request, &bytes);
        let _ = Status::pushed(SERIAL, &bytes);
    }
}
