//! A guard's clock: what it believes, and when it does not know the time.

use crate::device::refused_because;
use crate::rig::*;
use domain::guard::grants::{Grant, Reason};
use domain::guard::link::{HEARTBEAT_MS, ToDevice, no_time};

const DAY: i64 = 24 * HOUR;

/// A guard that refused a password because it has ended, a minute ago.
fn refused_after_its_end() -> Rig {
    let mut rig = Rig::linked();
    let ending = Grant {
        until: NOON.plus(60_000),
        ..password("a", "4711")
    };
    let frames = rig.node.put(ending);
    rig.node_says(frames);
    rig.settle();
    rig.wait(121_000);
    rig.settle();
    rig.does(typed("4711"));
    rig.settle();
    assert_eq!(refused_because(&rig), Some(Reason::Ended));
    rig
}

#[test]
fn a_node_whose_clock_is_behind_the_newest_record_makes_the_time_unknown() {
    let mut rig = refused_after_its_end();
    rig.cut();
    rig.node.clock_wrong_by = -3 * DAY;
    rig.connect();
    rig.settle();
    assert!(rig.device.is_connected());
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::ClockUnknown));
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    assert_eq!(
        rig.node.last_heartbeat,
        Some(None),
        "it says that it does not know the time"
    );
    rig.reboot();
    rig.connect();
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(
        refused_because(&rig),
        Some(Reason::ClockUnknown),
        "also after a power cut"
    );
    // The node's clock is put right: what happened meanwhile gets its time.
    rig.node.clock_wrong_by = 0;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::Ended));
    rig.settle();
    assert!(rig.numbers_have_no_gap());
}

#[test]
fn a_clock_of_its_own_that_goes_back_makes_the_time_unknown() {
    let mut rig = refused_after_its_end();
    rig.cut();
    for back in [DAY, 2 * 60_000] {
        rig.skew = -back;
        rig.does(typed("4711"));
        assert_eq!(refused_because(&rig), Some(Reason::ClockUnknown), "{back}");
    }
    rig.skew = 0;
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::Ended));
}

#[test]
fn nodes_whose_clocks_differ_by_less_than_a_minute_leave_the_time_known() {
    let mut rig = refused_after_its_end();
    rig.cut();
    rig.node.clock_wrong_by = -50_000;
    rig.connect();
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::Ended));
    // The doubt does not add up: the next step back is measured from the newest moment again.
    rig.node.clock_wrong_by = -100_000;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::ClockUnknown));
}

#[test]
fn a_time_that_is_unknown_for_being_behind_is_known_again_when_it_has_passed() {
    let mut rig = refused_after_its_end();
    let newest = rig.now;
    rig.cut();
    rig.node.clock_wrong_by = -DAY;
    rig.connect();
    rig.settle();
    assert_eq!(rig.device.clock.uncertainty_ms(rig.now), None);
    rig.now = newest.plus(DAY);
    rig.cut();
    rig.connect();
    rig.settle();
    assert!(rig.device.clock.uncertainty_ms(rig.now).is_some());
}

#[test]
fn when_an_operator_says_that_the_clock_was_ahead_guards_follow_it_back() {
    let mut rig = Rig::linked();
    let frames = rig.node.put(password("a", "4711"));
    rig.node_says(frames);
    rig.node.clock_wrong_by = 10 * DAY;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert!(rig.opened());
    rig.settle();
    rig.node.clock_wrong_by = 0;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert_eq!(refused_because(&rig), Some(Reason::ClockUnknown));
    rig.node.clock_epoch = 1;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    rig.does(typed("4711"));
    assert!(rig.opened());
    // A node that has not heard of it takes nothing back.
    rig.node.clock_epoch = 0;
    rig.wait(HEARTBEAT_MS);
    rig.settle();
    assert_eq!(rig.device.clock.epoch, 1);
}

#[test]
fn a_node_that_does_not_know_the_time_leaves_the_clock_as_it_is() {
    let mut rig = Rig::linked();
    let before = rig.device.clock;
    rig.wait(1_000);
    let (sent, wrong) = (rig.now, rig.now.plus(-DAY));
    rig.node_says(vec![ToDevice::Heartbeat {
        now: wrong,
        echo: no_time(sent),
        clock_epoch: 0,
    }]);
    rig.settle();
    assert_eq!(rig.device.clock, before);
}
