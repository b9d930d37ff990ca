//! The kiosk's clock: set by a `SyncDate` code or by the server itself.

use crate::rig::*;
use domain::locker::events::EventKind;
use domain::locker::kiosk::{Input, Trouble, Usage};
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

fn state(date: domain::ids::Millis) -> Input {
    Input::Server(server_state(1, date))
}

#[test]
fn a_clock_code_kept_for_weeks_sets_nothing_back_and_a_used_pass_stays_used() {
    let mut rig = Rig::new();
    let used_pass = rig.code(&pass());
    let kept = rig.code_at(&Payload::SyncDate, MORNING.plus(MINUTE));
    rig.scans(&used_pass).does(Input::Done);
    // A month without network. The old clock code was never shown to the kiosk.
    for _ in 0..30 {
        rig.wait(DAY).does(Input::Tick);
    }
    for place in ["start page", "staff area"] {
        let before = rig.kiosk.corrected(rig.now);
        rig.scans(&kept);
        assert_eq!(rig.trouble(), Some(Trouble::ClockOutdated), "{place}");
        assert_eq!(rig.kiosk.corrected(rig.now), before, "{place}");
        rig.does(Input::Done);
        rig.scans(&used_pass);
        assert_eq!(rig.trouble(), Some(Trouble::CodeUsed), "{place}");
        assert_eq!(rig.kiosk.staff, None);
        rig.staff_area();
    }
}

#[test]
fn a_clock_code_is_good_for_an_hour_of_the_newest_moment_seen() {
    let mut rig = Rig::new();
    rig.wait(5 * DAY).does(Input::Tick);
    let newest = rig.now;
    let (old, good) = (newest.plus(-61 * MINUTE), newest.plus(-59 * MINUTE));
    let old = rig.code_at(&Payload::SyncDate, old);
    let set_to = good;
    let good = rig.code_at(&Payload::SyncDate, good);
    rig.scans(&old);
    assert_eq!(rig.trouble(), Some(Trouble::ClockOutdated));
    rig.scans(&good);
    assert_eq!(rig.kiosk.corrected(rig.now), set_to);
    // It does not add up: the newest moment is what it was.
    let lower = rig.code_at(&Payload::SyncDate, newest.plus(-61 * MINUTE));
    rig.scans(&lower);
    assert_eq!(rig.trouble(), Some(Trouble::ClockOutdated));
}

#[test]
fn each_kind_of_moment_keeps_the_clock_from_going_back() {
    type Seen = fn(&mut Rig);
    let moments: [(&str, Seen); 4] = [
        ("a tick", |rig| {
            rig.does(Input::Tick);
        }),
        ("an event", |rig| {
            rig.scans("hello");
        }),
        ("a clock code", |rig| {
            let code = rig.code_at(&Payload::SyncDate, rig.now.plus(30 * MINUTE));
            rig.scans(&code);
        }),
        ("a pass", |rig| {
            let code = rig.code(&pass());
            rig.scans(&code).does(Input::Done);
        }),
    ];
    for (what, seen) in moments {
        let mut rig = Rig::new();
        rig.wait(20 * DAY);
        seen(&mut rig);
        let newest = rig.kiosk.corrected(rig.now);
        // The device's clock is put back, by somebody with access to it.
        rig.wait(-20 * DAY).does(Input::Tick);
        assert!(rig.kiosk.corrected(rig.now) >= newest.plus(-60 * MINUTE), "{what}");
        let stale = rig.code_at(&pass(), MORNING.plus(MINUTE));
        rig.scans(&stale);
        assert_eq!(rig.trouble(), Some(Trouble::CodeExpired), "{what}");
    }
}

#[test]
fn after_a_power_cut_without_a_clock_battery_time_goes_on_from_the_newest_moment() {
    let mut rig = Rig::new();
    rig.wait(3 * DAY).does(Input::Tick);
    let (device, newest) = (rig.now, rig.now);
    rig.now = domain::ids::Millis(0);
    rig.does(Input::Started);
    assert!(rig.kiosk.clock.is_behind(rig.now));
    assert_eq!(rig.kiosk.corrected(rig.now), newest);
    // A pass of that moment does not stay fresh for ever: the device still counts.
    let stale = rig.code(&pass());
    rig.idle(360);
    assert_eq!(rig.kiosk.corrected(rig.now), newest.plus(6 * MINUTE));
    rig.scans(&stale);
    assert_eq!(rig.trouble(), Some(Trouble::CodeExpired));
    // The device learns the time from elsewhere, in two leaps: neither is taken for time that passed.
    rig.now = device.plus(-DAY);
    rig.does(Input::Tick);
    assert_eq!(rig.kiosk.corrected(rig.now), newest.plus(6 * MINUTE));
    rig.now = device.plus(20 * MINUTE);
    rig.does(Input::Tick);
    assert_eq!(rig.kiosk.corrected(rig.now), device.plus(20 * MINUTE));
    assert!(!rig.kiosk.clock.is_behind(rig.now));
}

#[test]
fn a_server_that_was_far_ahead_and_is_put_right_keeps_no_code_out() {
    for ahead in [DAY, 12 * 365 * DAY] {
        let mut rig = Rig::new();
        rig.does(state(MORNING.plus(ahead)));
        let from_ahead = rig.code_at(&Payload::SyncDate, MORNING.plus(ahead + MINUTE));
        rig.scans(&from_ahead);
        rig.idle(30);
        rig.does(state(rig.now));
        assert_eq!(rig.kiosk.corrected(rig.now), rig.now, "{ahead}");
        let pass = rig.code_at(&pass(), rig.now);
        rig.scans(&pass);
        assert!(rig.kiosk.staff.is_some(), "{ahead}");
        rig.does(Input::Done);
        let clock = rig.code_at(&Payload::SyncDate, rig.now.plus(MINUTE));
        rig.scans(&clock);
        assert_eq!(rig.trouble(), None, "{ahead}");
        rig.scans(&pass);
        assert_eq!(rig.trouble(), Some(Trouble::CodeUsed), "{ahead}");
    }
}

#[test]
fn enrolling_again_undoes_a_moment_from_far_ahead() {
    let mut rig = Rig::new();
    let ahead = rig.code_at(&Payload::SyncDate, MORNING.plus(365 * DAY));
    rig.scans(&ahead);
    rig.kiosk.enrolled_again(&enrolment(), rig.now);
    assert_eq!(rig.kiosk.corrected(rig.now), MORNING);
    let clock = rig.code_at(&Payload::SyncDate, MORNING.plus(MINUTE));
    rig.scans(&clock);
    assert_eq!(rig.trouble(), None);
}

#[test]
fn used_codes_outlast_a_leap_ahead_that_the_server_undid() {
    let mut rig = Rig::new();
    let used = rig.code(&pass());
    rig.scans(&used).does(Input::Done);
    rig.does(state(MORNING.plus(90 * DAY)));
    let ahead = rig.code(&pass());
    rig.scans(&ahead).does(Input::Done);
    rig.does(state(MORNING));
    for code in [used, ahead] {
        rig.scans(&code);
        assert!(matches!(rig.trouble(), Some(Trouble::CodeUsed)), "{:?}", rig.trouble());
    }
}

#[test]
fn a_state_of_an_older_version_takes_its_newest_moment_from_what_it_holds() {
    let mut rig = Rig::new();
    rig.wait(10 * DAY).scans("hello");
    let mut old = serde_json::to_value(&rig.kiosk).unwrap();
    for added in ["newest", "behind", "heard"] {
        old["clock"].as_object_mut().unwrap().remove(added);
    }
    rig.kiosk = serde_json::from_value(old).unwrap();
    rig.wait(-9 * DAY).does(Input::Started);
    assert_eq!(rig.kiosk.corrected(rig.now), MORNING.plus(10 * DAY));
}

#[test]
fn passing_time_alone_is_stored_about_once_an_hour() {
    let mut rig = Rig::new();
    let writes = |rig: &mut Rig| {
        (0..4_000)
            .filter(|_| {
                let before = rig.kiosk.clone();
                rig.wait(1_000).does(Input::Tick);
                !rig.kiosk.is_the_same_but_for_time(&before)
            })
            .count()
    };
    assert_eq!(writes(&mut rig), 1);
    // While a device that was set back is not believed as well.
    rig.wait(-DAY);
    assert_eq!(writes(&mut rig), 1);
}
