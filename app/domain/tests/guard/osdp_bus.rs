//! Readers on a wire: what they are asked, and what becomes of what they say.

use crate::osdp_rig::{Bench, CARD, key, setup};
use crate::osdp_sim::Sim;
use domain::guard::drivers::osdp::*;
use domain::guard::link::DoorState;

#[test]
fn a_reader_with_its_key_works_and_nothing_but_its_name_is_said_in_the_clear() {
    let mut bench = Bench::of(vec![Sim::new(0x65, Some(key(0x65)))], Mode::Door);
    bench.run(3_000);
    assert!(bench.has(&Event::State(State::Working)));
    let codes: Vec<_> = bench
        .written
        .iter()
        .flat_map(|(_, frame)| Assembler::default().feed(frame))
        .filter(|packet| packet.mac.is_none())
        .map(|packet| packet.code)
        .collect();
    assert_eq!(codes, [0x61, 0x76, 0x77]);
    let identity = Identity {
        vendor: [1, 2, 3],
        model: 4,
        version: 5,
        serial: 6,
    };
    assert!(bench.has(&Event::Identified(identity)));
}

#[test]
fn a_plain_reader_is_refused_and_never_opens() {
    let mut bench = Bench::of(vec![Sim::new(0x65, None)], Mode::Door);
    bench.sim().card(&CARD, 26);
    bench.does(Input::Open { reader: 0 });
    bench.run(20_000);
    assert!(bench.has(&Event::State(State::Faulty(Fault::Plain))));
    assert!(!bench.has(&Event::State(State::Working)));
    assert!(bench.has(&Event::NotReleased { unsure: false }));
    assert_eq!((bench.cards(), bench.sim().pulses.len()), (0, 0));
}

#[test]
fn a_reader_with_another_key_or_the_default_one_is_refused() {
    for (has, fault) in [(key(1), Fault::WrongKey), (Key::DEFAULT, Fault::DefaultKey)] {
        let mut bench = Bench::of(vec![Sim::new(0x65, Some(has))], Mode::Door);
        bench.sim().card(&CARD, 26);
        bench.does(Input::Open { reader: 0 });
        bench.run(20_000);
        assert!(bench.has(&Event::State(State::Faulty(fault))), "{fault:?}");
        assert!(!bench.has(&Event::State(State::Working)));
        assert_eq!((bench.cards(), bench.sim().pulses.len()), (0, 0));
    }
}

#[test]
fn a_reader_is_given_its_key_and_opens_nothing_meanwhile() {
    let mut bench = Bench::of(vec![Sim::new(0x65, Some(Key::DEFAULT))], Mode::Keying);
    bench.sim().card(&CARD, 26);
    bench.does(Input::Open { reader: 0 });
    bench.run(20_000);
    assert!(bench.has(&Event::State(State::Keyed)));
    assert_eq!(bench.sim().key, Some(key(0x65)));
    assert_eq!((bench.cards(), bench.sim().pulses.len()), (0, 0));
    // One that has it already is only looked at.
    let mut bench = Bench::of(vec![Sim::new(0x65, Some(key(0x65)))], Mode::Keying);
    bench.run(20_000);
    assert!(bench.has(&Event::State(State::Keyed)));
    assert!(!bench.sim().done.contains(&0x75));
    // One that has somebody else's, or none, is not.
    for (has, fault) in [(Some(key(9)), Fault::WrongKey), (None, Fault::Plain)] {
        let mut bench = Bench::of(vec![Sim::new(0x65, has)], Mode::Keying);
        bench.run(20_000);
        assert!(bench.has(&Event::State(State::Faulty(fault))));
        assert!(!bench.has(&Event::State(State::Keyed)));
    }
}

#[test]
fn a_card_is_reported_and_the_reader_times_the_pulse() {
    let mut bench = Bench::ready();
    bench.sim().card(&CARD, 26);
    bench.run(200);
    let card = Event::Card {
        bytes: CARD.to_vec(),
        bits: 26,
    };
    assert_eq!(bench.events, [(0, card)]);
    let asked = bench.now;
    bench.does(Input::Open { reader: 0 });
    bench.run(200);
    assert_eq!(bench.sim().pulses, [(0, 30)]);
    assert!(bench.has(&Event::Released));
    let off = bench.written.iter().filter(|(at, _)| *at >= asked).count();
    assert!(off > 0);
    bench.run(10_000);
    assert_eq!(bench.sim().pulses.len(), 1, "nobody switches it off but the reader");
}

#[test]
fn digits_are_typed_until_the_hash_and_cleared_by_the_star() {
    let mut bench = Bench::ready();
    for keys in ["13", "57", "90#", "99*2468#", "1\u{7f}777\r", "#"] {
        bench.sim().keys(keys.as_bytes());
    }
    bench.run(2_000);
    let typed = ["135790", "2468", "777"].map(|typed| (0, Event::Typed(typed.to_owned())));
    assert_eq!(bench.events, typed);
    bench.events.clear();
    bench.sim().keys(b"1357");
    bench.run(11_000);
    bench.sim().keys(b"90#");
    bench.run(200);
    assert_eq!(
        bench.events,
        [(0, Event::Typed("90".to_owned()))],
        "the pause was too long"
    );
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_number_and_the_relay_is_powered_once() {
    let mut bench = Bench::ready();
    bench.sim().mute_to = Some(0x68);
    bench.does(Input::Open { reader: 0 });
    bench.run(1_000);
    assert_eq!(bench.sim().pulses.len(), 1);
    assert!(bench.has(&Event::Released));
    let pulses: Vec<_> = bench
        .written
        .iter()
        .flat_map(|(_, frame)| Assembler::default().feed(frame))
        .filter(|packet| packet.code == 0x68)
        .collect();
    assert_eq!(pulses.len(), 2);
    assert_eq!(pulses[0], pulses[1]);
    assert!(!bench.has(&Event::State(State::Faulty(Fault::Silent))));
}

#[test]
fn a_release_that_is_not_answered_is_unsure_and_not_sent_again() {
    let mut bench = Bench::ready();
    bench.sim().away = true;
    bench.run(60);
    bench.does(Input::Open { reader: 0 });
    bench.run(4_000);
    assert!(
        bench.has(&Event::NotReleased { unsure: false }),
        "a question was under way, so it never left"
    );
    bench.sim().away = false;
    bench.run(5_000);
    assert_eq!(bench.sim().pulses.len(), 0);

    let mut bench = Bench::ready();
    bench.sim().away_after = Some(0x68);
    bench.does(Input::Open { reader: 0 });
    bench.run(4_000);
    assert_eq!(bench.sim().pulses.len(), 1);
    assert!(bench.has(&Event::NotReleased { unsure: true }));
    let sim = bench.sim();
    (sim.away, sim.away_after) = (false, None);
    bench.run(20_000);
    assert_eq!(bench.sim().pulses.len(), 1, "not again when it is back");
}

#[test]
fn a_reader_is_away_after_eight_seconds_and_comes_back_by_itself() {
    let mut bench = Bench::ready();
    bench.sim().away = true;
    bench.run(7_000);
    assert!(bench.events.is_empty(), "a reader that restarts needs some seconds");
    bench.run(2_000);
    assert_eq!(bench.events, [(0, Event::State(State::Faulty(Fault::Silent)))]);
    bench.sim().away = false;
    bench.sim().restart();
    bench.run(5_000);
    assert!(bench.has(&Event::State(State::Working)));
}

#[test]
fn what_was_shown_while_nobody_asked_opens_nothing_later() {
    let mut bench = Bench::ready();
    bench.sim().away = true;
    bench.sim().card(&CARD, 26);
    bench.sim().keys(b"135790#");
    bench.run(6_000);
    bench.sim().away = false;
    bench.run(5_000);
    assert_eq!(bench.cards(), 0);
    assert!(!bench.events.iter().any(|(_, event)| matches!(event, Event::Typed(_))));
    // The same after a power cut of the reader.
    bench.sim().restart();
    bench.sim().card(&CARD, 26);
    bench.run(5_000);
    assert_eq!(bench.cards(), 0);
    bench.sim().card(&CARD, 26);
    bench.run(500);
    assert_eq!(bench.cards(), 1, "and a new card does");
}

#[test]
fn a_reader_that_lost_its_session_is_greeted_again() {
    let mut bench = Bench::ready();
    bench.sim().restart();
    bench.run(3_000);
    bench.sim().card(&CARD, 26);
    bench.run(500);
    assert_eq!(bench.cards(), 1);
    assert!(!bench.has(&Event::State(State::Faulty(Fault::Silent))));
}

#[test]
fn an_answer_in_the_clear_is_not_taken_in_the_secure_channel() {
    let mut bench = Bench::ready();
    for sequence in 0..4 {
        let data = [[0, 1, 26, 0].as_slice(), &CARD].concat();
        let forged = Packet::write(0x65, true, sequence, None, (0x50, &data), |_| [0; 4]).unwrap();
        for kind in [0x16, 0x18] {
            let block = Some(Block { kind, key: None });
            let signed = Packet::write(0x65, true, sequence, block, (0x50, &data), |_| [1, 2, 3, 4]).unwrap();
            bench.noise = [forged.clone(), signed].concat();
            bench.run(3_000);
        }
    }
    bench.noise.clear();
    bench.run(12_000);
    assert_eq!(bench.cards(), 0);
    bench.sim().card(&CARD, 26);
    bench.run(500);
    assert_eq!(bench.cards(), 1);
}

#[test]
fn noise_and_an_adapter_that_hears_itself_change_nothing() {
    let mut bench = Bench::ready();
    bench.noise = vec![0x53, 0xFF, 0x00, 0x53, 0xE5];
    bench.echo = true;
    bench.sim().card(&CARD, 26);
    bench.run(500);
    assert_eq!(bench.cards(), 1);
    bench.does(Input::Open { reader: 0 });
    bench.run(500);
    assert!(bench.has(&Event::Released));
    assert!(!bench.events.iter().any(|(_, event)| matches!(event, Event::State(_))));
}

#[test]
fn a_busy_reader_is_asked_again() {
    let mut bench = Bench::ready();
    bench.sim().busy = 5;
    bench.does(Input::Open { reader: 0 });
    bench.run(1_500);
    assert_eq!(bench.sim().pulses.len(), 1);
    assert!(bench.has(&Event::Released));
}

#[test]
fn contacts_tell_what_the_door_did() {
    for by_itself in [false, true] {
        let mut bench = Bench::ready();
        bench.sim().tells_inputs_itself = by_itself;
        bench.sim().restart();
        let turn = |bench: &mut Bench, inputs: [u8; 2]| {
            bench.sim().inputs = inputs;
            if by_itself {
                bench.sim().queue.push_back((0x49, inputs.to_vec()));
            }
            bench.run(2_500);
        };
        turn(&mut bench, [0, 0]);
        bench.run(12_000);
        bench.events.clear();
        bench.does(Input::Open { reader: 0 });
        turn(&mut bench, [1, 0]);
        turn(&mut bench, [0, 0]);
        assert_eq!(bench.doors(), [DoorState::Opened, DoorState::Closed], "{by_itself}");
        bench.run(20_000);
        turn(&mut bench, [1, 0]);
        bench.run(31_000);
        turn(&mut bench, [0, 0]);
        let after = [DoorState::Forced, DoorState::Held, DoorState::Closed];
        assert_eq!(bench.doors()[2..], after, "{by_itself}");
    }
}

#[test]
fn an_open_contact_never_keeps_a_door_shut() {
    let mut bench = Bench::ready();
    bench.sim().inputs = [1, 0];
    bench.run(3_000);
    bench.does(Input::Open { reader: 0 });
    bench.run(500);
    assert_eq!(bench.sim().pulses.len(), 1);
}

#[test]
fn the_button_inside_releases_the_lock_once_for_each_press() {
    let mut bench = Bench::ready();
    bench.sim().inputs = [0, 1];
    bench.run(5_000);
    assert_eq!(bench.sim().pulses.len(), 1);
    bench.sim().inputs = [0, 0];
    bench.run(2_000);
    bench.sim().inputs = [0, 1];
    bench.run(2_000);
    assert_eq!(bench.sim().pulses.len(), 2);
    let pressed = bench
        .doors()
        .iter()
        .filter(|state| **state == DoorState::Button)
        .count();
    assert_eq!(pressed, 2);
    // A button that is pressed as it is first read was not pressed now.
    bench.sim().restart();
    bench.run(5_000);
    assert_eq!(bench.sim().pulses.len(), 2);
}

#[test]
fn tamper_and_a_missing_output_are_faults_and_the_door_still_opens_by_its_guard() {
    let mut bench = Bench::ready();
    bench.sim().tamper = 1;
    bench.run(6_000);
    assert_eq!(bench.events, [(0, Event::State(State::Faulty(Fault::Tampered)))]);
    bench.sim().card(&CARD, 26);
    bench.run(300);
    bench.does(Input::Open { reader: 0 });
    bench.run(500);
    assert_eq!(bench.sim().pulses.len(), 1);
    bench.sim().tamper = 0;
    bench.run(6_000);
    assert!(bench.has(&Event::State(State::Working)));

    let mut bench = Bench::of(vec![Sim::new(0x65, Some(key(0x65)))], Mode::Door);
    bench.sim().outputs = 0;
    bench.run(2_000);
    assert!(bench.has(&Event::State(State::Faulty(Fault::NoOutput))));
    bench.does(Input::Open { reader: 0 });
    bench.run(2_000);
    assert!(bench.has(&Event::NotReleased { unsure: false }));
}

#[test]
fn a_wire_that_is_lost_makes_its_readers_silent_and_opens_nothing_when_it_is_back() {
    let mut bench = Bench::ready();
    bench.up = false;
    bench.does(Input::Lost);
    bench.does(Input::Open { reader: 0 });
    for _ in 0..100 {
        bench.now += 100;
        bench.does(Input::Tick);
    }
    assert!(bench.has(&Event::State(State::Faulty(Fault::Silent))));
    assert!(bench.has(&Event::NotReleased { unsure: false }));
    bench.up = true;
    bench.does(Input::Up);
    bench.run(12_000);
    assert!(bench.has(&Event::State(State::Working)));
    assert_eq!(bench.sim().pulses.len(), 0);
}

#[test]
fn readers_on_one_wire_take_turns_and_one_that_is_away_does_not_stop_the_others() {
    let sims = (1..=8).map(|address| Sim::new(address, Some(key(address)))).collect();
    let mut bench = Bench::of(sims, Mode::Door);
    bench.sims[3].away = true;
    bench.run(15_000);
    for reader in 0..8 {
        let state = if reader == 3 {
            State::Faulty(Fault::Silent)
        } else {
            State::Working
        };
        assert!(bench.events.contains(&(reader, Event::State(state))), "{reader}");
    }
    for reader in (0..8).filter(|reader| *reader != 3) {
        bench.events.clear();
        bench.sims[reader].card(&CARD, 26);
        bench.run(1_500);
        let from: Vec<_> = bench.events.iter().map(|(reader, _)| *reader).collect();
        assert_eq!(from, [reader]);
        bench.does(Input::Open { reader });
        bench.run(1_500);
        assert_eq!(bench.sims[reader].pulses.len(), 1);
    }
    assert!(bench.sims.iter().all(|sim| sim.pulses.len() <= 1));
}

/// Eight readers on one wire, and all their doors have just been opened: as much is asked beside the polls as ever.
fn lively_doors() -> Bench {
    let sims = (1..=8).map(|address| Sim::new(address, Some(key(address)))).collect();
    let mut bench = Bench::of(sims, Mode::Door);
    bench.run(12_000);
    for reader in 0..8 {
        bench.does(Input::Open { reader });
    }
    bench.run(1_000);
    bench.written.clear();
    bench
}

/// When what was asked of whom.
fn asked(bench: &Bench) -> Vec<(i64, u8, u8)> {
    let frames = bench.written.iter();
    let packets =
        frames.flat_map(|(at, frame)| Assembler::default().feed(frame).into_iter().map(|packet| (*at, packet)));
    packets.map(|(at, packet)| (at, packet.address, packet.code)).collect()
}

#[test]
fn a_card_waits_for_one_poll_of_each_other_reader_and_three_other_questions_at_most() {
    let mut bench = lively_doors();
    bench.does(Input::Show {
        reader: 2,
        granted: true,
    });
    bench.run(10_000);
    let asked = asked(&bench);
    assert!(asked.iter().any(|(_, address, code)| (*address, *code) == (3, 0x69)));
    for address in 1..=8 {
        let polls = (0..asked.len()).filter(|at| (asked[*at].1, asked[*at].2) == (address, 0x60));
        let polls: Vec<usize> = polls.collect();
        assert!(polls.len() > 30, "{address}: {}", polls.len());
        for pair in polls.windows(2) {
            let between = &asked[pair[0] + 1..pair[1]];
            let others = between.iter().filter(|(.., code)| *code == 0x60).count();
            assert!(others <= 7 && between.len() <= 7 + 3, "{address}: {between:?}");
        }
    }
}

#[test]
fn contacts_tamper_and_supply_are_asked_for_on_a_full_wire_too() {
    let mut bench = lively_doors();
    bench.run(12_000);
    for address in 1..=8 {
        let count = |code: u8| {
            asked(&bench)
                .iter()
                .filter(|one| (one.1, one.2) == (address, code))
                .count()
        };
        assert!(count(0x65) >= 10, "{address}: contacts {}", count(0x65));
        assert!(count(0x64) >= 2, "{address}: tamper and supply {}", count(0x64));
    }
}

#[test]
fn the_contact_of_an_open_door_is_asked_five_times_a_second_where_the_wire_has_time() {
    let mut bench = Bench::ready();
    bench.does(Input::Open { reader: 0 });
    bench.sim().inputs = [1, 0];
    bench.run(1_000);
    bench.written.clear();
    bench.run(10_000);
    let contacts: Vec<_> = asked(&bench).into_iter().filter(|(.., code)| *code == 0x65).collect();
    assert!(
        contacts.windows(2).all(|pair| pair[1].0 - pair[0].0 <= 300),
        "{contacts:?}"
    );
    assert!(contacts.len() >= 40, "{}", contacts.len());
}

#[test]
fn an_address_that_no_reader_has_or_two_readers_share_is_refused() {
    assert!(Bus::new(vec![setup(1), setup(1)], Mode::Door, 9_600).is_none());
    assert!(Bus::new(vec![setup(127)], Mode::Door, 9_600).is_none());
    assert!(Bus::new(Vec::new(), Mode::Door, 9_600).is_none());
    assert!(Bus::new(vec![setup(126)], Mode::Door, 9_600).is_some());
}
