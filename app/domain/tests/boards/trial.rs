//! The test of each door finds swapped wires, an offset of one, the other polarity and the other order of status bytes by itself.

use super::{sums, *};
use domain::boards::driver::Seen;
use domain::boards::{ByteOrder, Contact, Trial, Verdict, Wires, Wiring};
use domain::ids::Millis;

/// A board with 24 doors whose wires may be connected wrongly, the settings of the kiosk, and a technician.
struct Rig {
    wiring: Wiring,
    layout: Vec<Port>,
    trial: Trial,
    now: Millis,
    /// Which door the lock at an output opens.
    opens: fn(i64) -> i64,
    /// The board sends the byte of doors 1 to 8 first.
    first_first: bool,
    /// Its contacts work the other way round.
    inverted: bool,
    /// The input where the contact of the lock at an output is; `None`: it has none.
    contact: fn(i64) -> Option<i64>,
    echo: bool,
}

impl Rig {
    fn new(kind: Kind) -> Self {
        Self {
            wiring: Wiring::of(kind),
            layout: (1..=6).chain(17..=20).map(|serial| port(1, serial)).collect(),
            trial: Trial::default(),
            now: Millis(1_000_000),
            opens: |output| output,
            first_first: false,
            inverted: false,
            contact: Some,
            echo: false,
        }
    }

    /// A question to the board, and its answer with this door open, if any.
    fn polled(&mut self, output: Option<i64>) {
        self.now = self.now.plus(2_000);
        let codec = Codec::new(&self.wiring.boards).unwrap();
        let input = output.and_then(self.contact);
        match self.wiring.boards.kind {
            Kind::Wkly => {
                for serial in 1..=6 {
                    let open = (input == Some(serial)) != self.inverted;
                    let body = [0x57, 0x4B, 0x4C, 0x59, 0x0B, 0, 0x83, 0, bcd(serial), u8::from(!open)];
                    let question = encoded(&codec, Request::Door(port(1, serial)));
                    self.hears(question, sums::with_parity(&body));
                }
            }
            _ => {
                let mut bits = input.map_or(0, |input| 1_u32 << (input - 1));
                if self.inverted {
                    bits = !bits & 0x00FF_FFFF;
                }
                let [one, two, three, _] = bits.to_le_bytes();
                let status = if self.first_first {
                    [one, two, three]
                } else {
                    [three, two, one]
                };
                let answer = sums::with_parity(&[0x80, 1, status[0], status[1], status[2], 0x33]);
                self.hears(encoded(&codec, status_of_board()), answer);
            }
        }
    }

    fn hears(&mut self, question: Vec<u8>, answer: Vec<u8>) {
        let came = if self.echo {
            [question.clone(), answer].concat()
        } else {
            answer
        };
        let seen = |sent, bytes| Seen {
            at: self.now,
            line: 0,
            sent,
            bytes,
        };
        let (question, came) = (seen(true, question), seen(false, came));
        // Bytes come in pieces; the same answer twice is not two answers.
        for _ in 0..2 {
            self.trial.heard(&self.wiring, &self.layout, &question, &came);
        }
    }

    /// The technician opens a door, touches the one that did, and shuts it.
    fn tests(&mut self, serial: i64) -> Verdict {
        for _ in 0..3 {
            self.polled(None);
        }
        let asked = port(1, serial);
        self.trial.begin(&self.wiring, asked, self.now);
        let output = self.wiring.lock(asked).serial;
        self.polled(Some(output));
        self.trial.told(port(1, (self.opens)(output)));
        assert_eq!(self.finish(false), None, "it may still move");
        for _ in 0..3 {
            self.polled(Some(output));
        }
        if (self.contact)(output).is_some() {
            assert_eq!(self.finish(false), None, "until it is shut");
            self.polled(None);
            assert_eq!(self.finish(false), None, "two equal answers are believed");
            self.polled(None);
        }
        let verdict = self.finish(false).expect("a verdict");
        if let Some(wiring) = verdict.wiring.clone() {
            assert!(wiring.check(&self.layout).is_ok());
            self.wiring = wiring;
        }
        verdict
    }

    fn finish(&mut self, now_or_never: bool) -> Option<Verdict> {
        self.trial.finish(&self.wiring, &self.layout, self.now, now_or_never)
    }

    /// Where each door's lock is by the settings.
    fn locks(&self) -> Vec<i64> {
        self.layout.iter().map(|door| self.wiring.lock(*door).serial).collect()
    }
}

fn status_of_board() -> Request {
    status(1)
}

fn bcd(serial: i64) -> u8 {
    u8::try_from(serial).unwrap()
}

#[test]
fn a_door_that_is_connected_rightly_changes_nothing() {
    for kind in [Kind::Xor8a, Kind::Wkly] {
        let mut rig = Rig::new(kind);
        let verdict = rig.tests(2);
        assert_eq!(
            (verdict.wires, verdict.contact),
            (Wires::Right, Contact::Right),
            "{kind:?}"
        );
        assert_eq!((verdict.wiring, verdict.asked), (None, port(1, 2)));
    }
}

#[test]
fn the_other_order_of_status_bytes_is_found_at_the_first_and_at_the_last_doors() {
    for (serial, first_first) in [(2, true), (18, true), (2, false), (18, false)] {
        let mut rig = Rig::new(Kind::Xor8a);
        rig.first_first = first_first;
        if !first_first {
            rig.wiring.boards.byte_order = ByteOrder::FirstFirst;
        }
        let verdict = rig.tests(serial);
        assert_eq!((verdict.reordered, verdict.inverted), (true, false));
        assert_eq!((verdict.wires, verdict.contact), (Wires::Right, Contact::Right));
        let order = if first_first {
            ByteOrder::FirstFirst
        } else {
            ByteOrder::LastFirst
        };
        assert_eq!(rig.wiring.boards.byte_order, order);
        assert_eq!(rig.tests(serial).wiring, None, "found once");
    }
}

#[test]
fn a_door_of_the_middle_byte_says_nothing_about_the_order() {
    let mut rig = Rig::new(Kind::Xor8a);
    rig.layout.push(port(1, 12));
    rig.first_first = true;
    let verdict = rig.tests(12);
    assert_eq!((verdict.contact, verdict.wiring), (Contact::Right, None));
}

#[test]
fn the_other_polarity_is_found_with_either_order_of_bytes() {
    for first_first in [false, true] {
        let mut rig = Rig::new(Kind::Xor8a);
        (rig.inverted, rig.first_first) = (true, first_first);
        let verdict = rig.tests(3);
        assert_eq!((verdict.inverted, verdict.reordered), (true, first_first));
        assert!(rig.wiring.boards.inverted);
        assert_eq!(rig.tests(3).wiring, None);
    }
    let mut rig = Rig::new(Kind::Wkly);
    rig.inverted = true;
    assert!(rig.tests(3).inverted);
}

#[test]
fn two_swapped_wires_are_swapped_in_the_settings() {
    let mut rig = Rig::new(Kind::Xor8a);
    rig.opens = |output| match output {
        2 => 5,
        5 => 2,
        other => other,
    };
    assert_eq!(rig.tests(2).wires, Wires::Swapped(port(1, 2), port(1, 5)));
    assert_eq!(rig.tests(2).wires, Wires::Right);
    assert_eq!(rig.tests(5).wires, Wires::Right);
    assert_eq!(rig.wiring.wires.len(), 2);
}

#[test]
fn neighbours_that_are_swapped_are_not_taken_for_an_offset() {
    let mut rig = Rig::new(Kind::Xor8a);
    // 1 with 2, and 3 with 4: one place further twice.
    rig.opens = |output| match output {
        1 | 3 => output + 1,
        2 | 4 => output - 1,
        other => other,
    };
    for serial in 1..=4 {
        let wires = rig.tests(serial).wires;
        assert!(!matches!(wires, Wires::Offset { .. }), "{serial}: {wires:?}");
    }
    assert_eq!(rig.locks()[..6], [2, 1, 4, 3, 5, 6]);
}

#[test]
fn an_offset_of_one_is_found_with_the_second_door_that_shows_it() {
    // Every plug one place further, and the last one at the first.
    let mut rig = Rig::new(Kind::Xor8a);
    rig.layout = (1..=24).map(|serial| port(1, serial)).collect();
    rig.opens = |output| output % 24 + 1;
    assert_eq!(rig.tests(3).wires, Wires::Swapped(port(1, 3), port(1, 4)), "it may be");
    assert_eq!(rig.tests(3).wires, Wires::Offset { jumper: 1 }, "lock 4 opened door 5");
    assert_eq!(rig.locks(), [24].into_iter().chain(1..=23).collect::<Vec<_>>());
    for serial in [1, 2, 3, 12, 24] {
        assert_eq!(rig.tests(serial).wires, Wires::Right, "{serial}");
    }
}

#[test]
fn an_offset_the_other_way_begins_at_the_second_output() {
    // Output 1 is burnt, so everything is one output further.
    let mut rig = Rig::new(Kind::Xor8a);
    rig.layout = (1..=6).map(|serial| port(1, serial)).collect();
    rig.opens = |output| output - 1;
    assert_eq!(rig.tests(3).wires, Wires::Swapped(port(1, 3), port(1, 2)));
    assert_eq!(rig.tests(4).wires, Wires::Offset { jumper: 1 });
    assert_eq!(rig.locks(), [2, 3, 4, 5, 6, 7]);
    assert_eq!(rig.tests(6).wires, Wires::Right);
}

#[test]
fn a_contact_elsewhere_is_named_and_changes_nothing() {
    let mut rig = Rig::new(Kind::Xor8a);
    rig.contact = |output| Some(output + 2);
    let verdict = rig.tests(2);
    assert_eq!((verdict.contact, verdict.wiring), (Contact::Elsewhere(4), None));
}

#[test]
fn a_contact_that_does_not_move_is_named_and_changes_nothing() {
    let mut rig = Rig::new(Kind::Xor8a);
    rig.contact = |_| None;
    let verdict = rig.tests(2);
    assert_eq!((verdict.contact, verdict.wiring), (Contact::Unmoved, None));
}

#[test]
fn a_contact_that_moved_only_once_says_nothing() {
    let mut rig = Rig::new(Kind::Xor8a);
    (rig.first_first, rig.inverted) = (true, true);
    for _ in 0..3 {
        rig.polled(None);
    }
    rig.trial.begin(&rig.wiring, port(1, 2), rig.now);
    for _ in 0..9 {
        rig.polled(Some(2));
    }
    rig.trial.told(port(1, 2));
    assert_eq!(rig.finish(false), None, "the door stands open");
    let verdict = rig.finish(true).unwrap();
    assert_eq!((verdict.contact, verdict.wiring), (Contact::Untold, None));
}

#[test]
fn two_doors_that_move_at_once_say_nothing() {
    let mut rig = Rig::new(Kind::Xor8a);
    for _ in 0..3 {
        rig.polled(None);
    }
    rig.trial.begin(&rig.wiring, port(1, 2), rig.now);
    rig.trial.told(port(1, 2));
    for open in [Some(2), Some(2), Some(18), Some(18), None, None] {
        rig.polled(open);
    }
    let verdict = rig.finish(false).unwrap();
    assert_eq!((verdict.contact, verdict.wiring), (Contact::Untold, None));
}

#[test]
fn an_adapter_that_hears_itself_and_locks_without_contacts_are_tested_too() {
    let mut rig = Rig::new(Kind::Xor8a);
    (rig.echo, rig.first_first) = (true, true);
    assert!(rig.tests(2).reordered);
    let mut rig = Rig::new(Kind::Xor8a);
    rig.wiring.boards.contacts = false;
    rig.trial.begin(&rig.wiring, port(1, 2), rig.now);
    rig.trial.told(port(1, 3));
    let verdict = rig.finish(false).unwrap();
    assert_eq!(verdict.wires, Wires::Swapped(port(1, 2), port(1, 3)), "at once");
    assert_eq!(verdict.contact, Contact::Untold);
}

#[test]
fn a_lock_that_no_settings_can_have_is_left_alone() {
    let mut rig = Rig::new(Kind::Xor8a);
    rig.opens = |_| 9;
    let verdict = rig.tests(2);
    assert_eq!(
        (verdict.wires, verdict.wiring),
        (Wires::Wrong, None),
        "no door of the layout"
    );
}
