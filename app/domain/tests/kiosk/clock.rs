//! The kiosk's clock: set by a `SyncDate` code or by the server itself.

use crate::rig::*;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Input, ServerState, Trouble, Usage};
use domain::token::Payload;

#[test]
fn a_clock_twenty_minutes_slow_is_put_right() {
    let mut rig = Rig::new();
    let server = MORNING.plus(20 * MINUTE);
    let code = rig.code_at(&Payload::SyncDate, server);
    rig.scans(&code);
    assert_eq!(rig.kiosk.corrected(rig.now), server);
    assert_eq!(rig.kiosk.clock.offset_ms, -20 * MINUTE);
    assert_eq!(rig.event().kind, EventKind::ClockSet);
    assert_eq!(rig.event().at, server);
    assert_eq!(rig.event().detail.as_deref(), Some("-1200000"));
}

#[test]
fn a_code_older_than_the_last_accepted_is_refused() {
    let mut rig = Rig::new();
    let first = rig.code_at(&Payload::SyncDate, MORNING.plus(5 * MINUTE));
    let older = rig.code_at(&Payload::SyncDate, MORNING.plus(4 * MINUTE));
    let equal = rig.code_at(&Payload::SyncDate, MORNING.plus(5 * MINUTE));
    rig.scans(&first);
    for code in [older, equal] {
        let before = rig.kiosk.clock;
        rig.scans(&code);
        assert_eq!(rig.trouble(), Some(Trouble::ClockOutdated));
        assert_eq!(rig.kiosk.clock, before);
    }
    rig.scans(&first);
    assert_eq!(rig.trouble(), Some(Trouble::CodeUsed));
}

#[test]
fn a_code_much_older_than_the_servers_own_word_is_refused() {
    let mut rig = Rig::new();
    let code = rig.code_at(&Payload::SyncDate, MORNING.plus(-11 * MINUTE));
    rig.scans(&code);
    assert_eq!(rig.trouble(), Some(Trouble::ClockOutdated));
}

#[test]
fn events_carry_the_corrected_time() {
    let mut rig = Rig::new();
    let code = rig.code_at(&Payload::SyncDate, MORNING.plus(DAY));
    rig.scans(&code).tile(Usage::Deposit).pin();
    assert_eq!(rig.event().at, MORNING.plus(DAY));
}

#[test]
fn the_servers_own_clock_counts_and_small_differences_are_not_worth_an_event() {
    let mut rig = Rig::new();
    let state = |date| {
        Input::Server(ServerState {
            acked: 1,
            date,
            bindings: Vec::new(),
            wanted: Vec::new(),
        })
    };
    rig.does(state(MORNING.plus(900)));
    assert_eq!(rig.event().kind, EventKind::Enrolled);
    rig.does(state(MORNING.plus(20 * MINUTE)));
    assert_eq!(rig.event().kind, EventKind::ClockSet);
    assert_eq!(rig.kiosk.corrected(rig.now), MORNING.plus(20 * MINUTE));
    rig.does(state(MORNING.plus(MINUTE)));
    assert_eq!(
        rig.kiosk.corrected(rig.now),
        MORNING.plus(20 * MINUTE),
        "an answer that was overtaken"
    );
}
