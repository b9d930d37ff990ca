//! What a kiosk's rows mean for what we know: pure, one compartment at a time.
//!
//! Only two things move an order. Its compartment is empty, or holds something else now: it is done. A compartment holds something
//! the kiosk names an order for, and that order is ready: it is stored. Whatever contradicts what we know is a conflict and moves
//! nothing.

use domain::ids::Millis;
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::orders::OrderStatus;
use domain::token::CompartmentRow;

/// What we know of a compartment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) kind: Option<ContentKind>,
    pub(super) things_sq: Option<String>,
    pub(super) save_date: Option<String>,
    pub(super) pwd: Option<String>,
}

/// What a row makes of a compartment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) status: CompartmentStatus,
    pub(super) content: Content,
    /// This order was in it and is not any more.
    pub(super) done: Option<String>,
    /// This order is in it now and was not known to be.
    pub(super) stored: Option<String>,
    /// A return arrived, with the order it belongs to.
    pub(super) returned: Option<String>,
    /// A return was taken out, with the order it belonged to.
    pub(super) retrieved: Option<String>,
    /// The row names this order, which cannot be here.
    pub(super) conflict: Option<String>,
}

/// Applies a row to a compartment. `status_of` tells the status of an order that is known.
pub(super) fn apply(
    status: CompartmentStatus,
    known: &Content,
    row: &CompartmentRow,
    status_of: impl Fn(&str) -> Option<OrderStatus>,
) -> Outcome {
    let unchanged = Outcome {
        status: row.status,
        content: known.clone(),
        done: None,
        stored: None,
        returned: None,
        retrieved: None,
        conflict: None,
    };
    match row.status {
        CompartmentStatus::Stored => holds(status, known, row, status_of, unchanged),
        CompartmentStatus::Free => leaves(known, Content::default(), unchanged),
        // A door that is open or out of order says nothing about what will be behind it.
        _ => unchanged,
    }
}

/// Keeps the condition an operator set until the kiosk says the same: what it reports of a door it does not use was said without
/// knowing. A door in use is what the kiosk says. Answers what is still to be confirmed.
pub(super) fn hold(wanted: Option<CompartmentStatus>, outcome: &mut Outcome) -> Option<CompartmentStatus> {
    let wanted = wanted.filter(|&wanted| wanted != outcome.status)?;
    if outcome.status.is_condition() {
        outcome.status = wanted;
    }
    Some(wanted)
}

/// `known` is no longer in it, `content` is.
fn leaves(known: &Content, content: Content, outcome: Outcome) -> Outcome {
    let was = known.things_sq.clone();
    let (done, retrieved) = match known.kind {
        Some(ContentKind::Return) => (None, was),
        _ => (was, None),
    };
    Outcome {
        content,
        done,
        retrieved,
        ..outcome
    }
}

fn holds(
    status: CompartmentStatus,
    known: &Content,
    row: &CompartmentRow,
    status_of: impl Fn(&str) -> Option<OrderStatus>,
    outcome: Outcome,
) -> Outcome {
    let replaced = known.things_sq.is_some() && is_other_content(known, row);
    let arrived = replaced || known.things_sq.is_none() && status != CompartmentStatus::Stored;
    let before = if arrived { Content::default() } else { known.clone() };
    let mut outcome = if replaced {
        leaves(known, Content::default(), outcome)
    } else {
        outcome
    };
    let kind = row.kind.or(before.kind);
    outcome.content = Content {
        kind,
        things_sq: before.things_sq,
        save_date: row.save_date.clone().or(before.save_date),
        pwd: row.pwd.clone().or(before.pwd),
    };
    let Some(named) = row.things_sq.as_ref().map(|key| key.0.clone()) else {
        return outcome;
    };
    match &outcome.content.things_sq {
        Some(bound) if *bound == named => outcome,
        Some(_) => Outcome {
            conflict: Some(named),
            ..outcome
        },
        // An old meter that came back says nothing about where the order's new meter is.
        None if kind == Some(ContentKind::Return) => {
            outcome.content.things_sq = Some(named.clone());
            outcome.returned = Some(named);
            outcome
        }
        None if status_of(&named) == Some(OrderStatus::Ready) => {
            outcome.content.kind = Some(ContentKind::Deposit);
            outcome.content.things_sq = Some(named.clone());
            outcome.stored = Some(named);
            outcome
        }
        None => Outcome {
            conflict: Some(named),
            ..outcome
        },
    }
}

/// Every deposit has its own password and date, and a return is no deposit; a password that changed alone was made again. A row
/// that names the order we know of is about that order, whatever else it says.
fn is_other_content(known: &Content, row: &CompartmentRow) -> bool {
    let named_same = row
        .things_sq
        .as_ref()
        .is_some_and(|named| Some(&named.0) == known.things_sq.as_ref());
    let differ = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
    let same = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a == b);
    let other_kind = matches!((known.kind, row.kind), (Some(a), Some(b)) if a != b);
    other_kind || !named_same && differ(&known.pwd, &row.pwd) && !same(&known.save_date, &row.save_date)
}

/// The date that counts for a report made at `date` by the kiosk's clock and read `now`: nothing was seen in the future.
pub(super) fn seen_at(date: Millis, now: Millis) -> Millis {
    date.min(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ThingsSq;

    fn row(status: CompartmentStatus) -> CompartmentRow {
        CompartmentRow {
            jumper: 1,
            serial: 1,
            status,
            label: "A1".to_owned(),
            pwd: None,
            save_date: None,
            things_sq: None,
            kind: None,
        }
    }

    fn stored(pwd: &str, things_sq: Option<&str>) -> CompartmentRow {
        CompartmentRow {
            pwd: Some(pwd.to_owned()),
            things_sq: things_sq.map(|key| ThingsSq(key.to_owned())),
            ..row(CompartmentStatus::Stored)
        }
    }

    fn deposit(order: &str, pwd: &str) -> Content {
        Content {
            kind: Some(ContentKind::Deposit),
            things_sq: Some(order.to_owned()),
            save_date: None,
            pwd: Some(pwd.to_owned()),
        }
    }

    fn ready(_: &str) -> Option<OrderStatus> {
        Some(OrderStatus::Ready)
    }

    #[test]
    fn an_empty_compartment_completes_its_order() {
        let outcome = apply(
            CompartmentStatus::Stored,
            &deposit("1001", "11111"),
            &row(CompartmentStatus::Free),
            ready,
        );
        assert_eq!(outcome.done.as_deref(), Some("1001"));
        assert_eq!(outcome.content, Content::default());
    }

    #[test]
    fn an_open_or_broken_door_says_nothing_about_the_order() {
        for status in CompartmentStatus::ALL {
            if matches!(status, CompartmentStatus::Free | CompartmentStatus::Stored) {
                continue;
            }
            let known = deposit("1001", "11111");
            let outcome = apply(CompartmentStatus::Stored, &known, &row(status), ready);
            assert_eq!((outcome.done, outcome.content), (None, known), "{status:?}");
        }
    }

    #[test]
    fn a_ready_order_the_kiosk_names_is_stored() {
        let outcome = apply(
            CompartmentStatus::Free,
            &Content::default(),
            &stored("11111", Some("1001")),
            ready,
        );
        assert_eq!(outcome.stored.as_deref(), Some("1001"));
        assert_eq!(outcome.content, deposit("1001", "11111"));
    }

    #[test]
    fn an_order_that_cannot_be_here_is_a_conflict_and_nothing_else() {
        for status in [
            None,
            Some(OrderStatus::Received),
            Some(OrderStatus::Stored),
            Some(OrderStatus::Done),
        ] {
            let row = stored("11111", Some("1001"));
            let outcome = apply(CompartmentStatus::Free, &Content::default(), &row, |_| status);
            assert_eq!(outcome.conflict.as_deref(), Some("1001"), "{status:?}");
            assert_eq!((outcome.stored, outcome.content.things_sq), (None, None));
        }
        let known = deposit("1002", "11111");
        let outcome = apply(CompartmentStatus::Stored, &known, &stored("11111", Some("1001")), ready);
        assert_eq!((outcome.conflict.as_deref(), outcome.content), (Some("1001"), known));
    }

    #[test]
    fn other_content_means_the_order_before_was_fetched() {
        let outcome = apply(
            CompartmentStatus::Stored,
            &deposit("1001", "11111"),
            &stored("22222", Some("1002")),
            ready,
        );
        assert_eq!(outcome.done.as_deref(), Some("1001"));
        assert_eq!(outcome.stored.as_deref(), Some("1002"));
        assert_eq!(outcome.content, deposit("1002", "22222"));
    }

    #[test]
    fn a_new_password_for_the_same_deposit_is_the_same_content() {
        let known = Content {
            save_date: Some("2026-01-01".to_owned()),
            ..deposit("1001", "11111")
        };
        let row = CompartmentRow {
            save_date: known.save_date.clone(),
            ..stored("22222", None)
        };
        let outcome = apply(CompartmentStatus::Stored, &known, &row, ready);
        assert_eq!(outcome.done, None);
        assert_eq!(outcome.content.pwd.as_deref(), Some("22222"));
        assert_eq!(outcome.content.things_sq.as_deref(), Some("1001"));
    }

    #[test]
    fn a_row_that_names_the_order_we_know_of_leaves_it_where_it_is() {
        let row = stored("22222", Some("1001"));
        let outcome = apply(CompartmentStatus::Stored, &deposit("1001", "11111"), &row, ready);
        assert_eq!((outcome.done, outcome.conflict), (None, None));
        assert_eq!(outcome.content.things_sq.as_deref(), Some("1001"));
    }

    #[test]
    fn a_return_is_noted_and_moves_no_order() {
        let row = CompartmentRow {
            kind: Some(ContentKind::Return),
            ..stored("11111", Some("1001"))
        };
        let arrived = apply(CompartmentStatus::Free, &Content::default(), &row, ready);
        assert_eq!((arrived.stored, arrived.returned.as_deref()), (None, Some("1001")));
        let left = apply(
            CompartmentStatus::Stored,
            &arrived.content,
            &self::row(CompartmentStatus::Free),
            ready,
        );
        assert_eq!((left.done, left.retrieved.as_deref()), (None, Some("1001")));
    }

    #[test]
    fn what_an_operator_set_holds_until_the_kiosk_says_the_same() {
        use CompartmentStatus::{Free, OutOfOrder, Stored};
        let held = |says| {
            let mut outcome = apply(OutOfOrder, &Content::default(), &row(says), ready);
            let waiting = hold(Some(OutOfOrder), &mut outcome);
            (outcome.status, waiting)
        };
        assert_eq!(held(Free), (OutOfOrder, Some(OutOfOrder)));
        assert_eq!(held(Stored), (Stored, Some(OutOfOrder)));
        assert_eq!(held(OutOfOrder), (OutOfOrder, None));
    }

    #[test]
    fn the_same_row_again_changes_nothing() {
        let row = stored("11111", Some("1001"));
        let first = apply(CompartmentStatus::Free, &Content::default(), &row, ready);
        let second = apply(first.status, &first.content, &row, |_| Some(OrderStatus::Stored));
        assert_eq!(second.content, first.content);
        assert_eq!((second.stored, second.done, second.conflict), (None, None, None));
    }
}
