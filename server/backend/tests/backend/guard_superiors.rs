//! Nobody reads what belongs to an owner who has not agreed to have them above.

use crate::both;
use crate::guard_rig::{HOUR, by_password, guards_of, id, number};
use crate::harness::{DAY, World, phone};
use crate::notify::Recorder;
use backend::Backend;
use backend::guard::hub::{Live, LiveSubscription};
use backend::guard::superiors::{self, Consent, MOST_ASKED, Superior};
use backend::guard::{cards, guards, juniors, link, passwords, records};
use backend::notify::{self, Content};
use domain::error::{Problem, Refusal};
use domain::guard::grades::JuniorRefusal;
use domain::people::Person;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

const NUMBERS: [&str; 4] = ["13800000001", "13800000002", "13800000003", "13800000004"];

async fn four(w: &World) -> [Person; 4] {
    let [a, b, c, d] = NUMBERS;
    [w.owner(a).await, w.owner(b).await, w.owner(c).await, w.owner(d).await]
}

async fn asks(b: &Backend, superior: &Person, junior: &Person) {
    juniors::add(b, superior, &junior.phone, None).await.unwrap();
}

async fn agreed(b: &Backend, superior: &Person, junior: &Person) {
    asks(b, superior, junior).await;
    superiors::agree(b, junior, &superior.phone).await.unwrap();
}

/// What everything that reads of `junior` answers `superior`.
async fn reads(w: &World, superior: &Person, junior: &Person) -> Vec<bool> {
    let (b, of, g) = (&w.b, &junior.phone, id("G0001"));
    vec![
        superiors::readable(b, superior, of).await.is_ok(),
        guards_of(b, superior, of).await.is_ok(),
        guards::get(b, superior, &g).await.is_ok(),
        cards::list(b, superior, of, &g).await.is_ok(),
        passwords::list(b, superior, of, &g).await.is_ok(),
        cards::reveal(b, superior, of, &g, &number("card")).await.is_ok(),
        records::page(
            b,
            superior,
            of,
            &records::Filter {
                limit: 10,
                ..records::Filter::default()
            },
        )
        .await
        .is_ok(),
        records::between(b, superior, of, w.now().plus(-HOUR), w.now(), 10)
            .await
            .is_ok(),
    ]
}

async fn above(b: &Backend, who: &Person) -> Vec<(String, bool)> {
    let above = superiors::above(b, who).await.unwrap();
    above
        .into_iter()
        .map(|Superior { phone, reads, .. }| (phone.to_string(), reads))
        .collect()
}

fn entry(who: &Person, reads: bool) -> (String, bool) {
    (who.phone.to_string(), reads)
}

/// Waits until the page is told of the change. A node that begins to listen tells its pages of everything, records first.
async fn hears(page: &mut LiveSubscription) {
    let told = async { while page.next().await != Live::GuardChanged {} };
    timeout(Duration::from_secs(10), told).await.unwrap();
}

both! {
    async fn a_superior_reads_nothing_before_the_junior_agreed_and_nothing_after_they_left(w: &World) {
        let [top, junior, ..] = four(w).await;
        w.guard_of(&junior, "G0001").await;
        cards::add(&w.b, &junior, &id("G0001"), w.new_card("card", "110101199003071234")).await.unwrap();
        link::store_records(&w.b, &id("G0001"), &[by_password(1, w.now(), "1")]).await.unwrap();
        assert!(reads(w, &junior, &junior).await.iter().all(|ok| *ok), "the owner reads everything");
        asks(&w.b, &top, &junior).await;
        assert_eq!(reads(w, &top, &junior).await, [false; 8]);
        let listed = juniors::list(&w.b, &top).await.unwrap();
        assert!(listed.len() == 1 && !listed[0].reads);
        superiors::agree(&w.b, &junior, &top.phone).await.unwrap();
        assert_eq!(reads(w, &top, &junior).await, [true; 8]);
        assert!(juniors::list(&w.b, &top).await.unwrap()[0].reads);
        superiors::leave(&w.b, &junior, &top.phone).await.unwrap();
        assert_eq!(reads(w, &top, &junior).await, [false; 8]);
        assert_eq!(juniors::list(&w.b, &top).await.unwrap(), []);
        // Added again is asked again.
        asks(&w.b, &top, &junior).await;
        assert_eq!(reads(w, &top, &junior).await, [false; 8]);
    }

    async fn those_further_up_read_only_where_every_link_was_agreed_to(w: &World) {
        let o = four(w).await;
        let reads = async |who: usize, of: usize| superiors::readable(&w.b, &o[who], &o[of].phone).await.is_ok();
        asks(&w.b, &o[1], &o[2]).await;
        agreed(&w.b, &o[0], &o[1]).await;
        assert!(reads(0, 0).await && reads(0, 1).await && !reads(0, 2).await && !reads(1, 2).await);
        superiors::agree(&w.b, &o[2], &o[1].phone).await.unwrap();
        assert!(reads(0, 2).await && reads(1, 2).await);
        assert!(!reads(1, 0).await && !reads(2, 1).await && !reads(0, 3).await && !reads(3, 0).await);
        assert_eq!(superiors::readable(&w.b, &o[0], &phone("13899999999")).await, Err(Refusal::NotYours));
        let readers = superiors::readers(&w.b, &o[2].phone).await.unwrap();
        assert_eq!(readers, [o[1].phone.clone(), o[0].phone.clone()]);
        // The other way round: the upper link is the one that was not agreed to.
        superiors::leave(&w.b, &o[1], &o[0].phone).await.unwrap();
        asks(&w.b, &o[0], &o[1]).await;
        assert!(!reads(0, 1).await && !reads(0, 2).await && reads(1, 2).await);
        assert_eq!(superiors::readers(&w.b, &o[2].phone).await.unwrap(), [o[1].phone.clone()]);
    }

    async fn a_tree_ends_at_a_junior_who_has_not_agreed(w: &World) {
        let o = four(w).await;
        agreed(&w.b, &o[1], &o[2]).await;
        asks(&w.b, &o[0], &o[1]).await;
        let (tree, _) = juniors::tree(&w.b, &o[0]).await.unwrap();
        assert!(tree.juniors.len() == 1 && !tree.juniors[0].owner.reads && tree.juniors[0].juniors.is_empty(), "{tree:?}");
        superiors::agree(&w.b, &o[1], &o[0].phone).await.unwrap();
        let (tree, _) = juniors::tree(&w.b, &o[0]).await.unwrap();
        assert!(tree.juniors[0].owner.reads && tree.juniors[0].juniors[0].owner.phone == o[2].phone, "{tree:?}");
    }

    async fn a_junior_sees_who_is_above_and_who_would_be(w: &World) {
        let o = four(w).await;
        assert_eq!(above(&w.b, &o[2]).await, []);
        asks(&w.b, &o[1], &o[2]).await;
        assert_eq!(above(&w.b, &o[2]).await, [entry(&o[1], false)]);
        asks(&w.b, &o[0], &o[1]).await;
        // Somebody who only asks the superior would not read here.
        assert_eq!(above(&w.b, &o[2]).await, [entry(&o[1], false)]);
        superiors::agree(&w.b, &o[1], &o[0].phone).await.unwrap();
        assert_eq!(above(&w.b, &o[2]).await, [entry(&o[1], false), entry(&o[0], false)]);
        superiors::agree(&w.b, &o[2], &o[1].phone).await.unwrap();
        assert_eq!(above(&w.b, &o[2]).await, [entry(&o[1], true), entry(&o[0], true)]);
        let names = superiors::above(&w.b, &o[2]).await.unwrap();
        assert_eq!(names[0].name, "이름 13800000002");
        let staff = w.staff("01012345678").await;
        assert_eq!(superiors::above(&w.b, &staff).await, Err(Refusal::NotYours));
        assert_eq!(superiors::agree(&w.b, &staff, &o[0].phone).await, Err(Refusal::NotYours));
        assert_eq!(superiors::leave(&w.b, &staff, &o[0].phone).await, Err(Refusal::NotYours));
    }

    async fn only_the_superior_who_was_seen_is_agreed_to(w: &World) {
        let o = four(w).await;
        let unknown = || Err(Refusal::field("superior", Problem::Unknown));
        assert_eq!(superiors::agree(&w.b, &o[2], &o[0].phone).await, unknown());
        assert_eq!(superiors::leave(&w.b, &o[2], &o[0].phone).await, unknown());
        asks(&w.b, &o[0], &o[2]).await;
        // The one who asked has gone, and another one asks.
        juniors::cancel(&w.b, &o[0], &o[2].phone).await.unwrap();
        asks(&w.b, &o[1], &o[2]).await;
        assert_eq!(superiors::agree(&w.b, &o[2], &o[0].phone).await, unknown());
        assert_eq!(superiors::leave(&w.b, &o[2], &o[0].phone).await, unknown());
        assert!(superiors::readable(&w.b, &o[1], &o[2].phone).await.is_err());
        superiors::agree(&w.b, &o[2], &o[1].phone).await.unwrap();
        superiors::agree(&w.b, &o[2], &o[1].phone).await.unwrap();
        // Another owner agrees for nobody but themselves.
        assert_eq!(superiors::agree(&w.b, &o[3], &o[1].phone).await, unknown());
        assert_eq!(superiors::leave(&w.b, &o[3], &o[1].phone).await, unknown());
        assert!(superiors::readable(&w.b, &o[1], &o[2].phone).await.is_ok());
        // Grades fall when a junior leaves, as when the superior ends it.
        superiors::leave(&w.b, &o[2], &o[1].phone).await.unwrap();
        assert!(w.sql("SELECT 1 FROM owners WHERE grade > 0 OR superior IS NOT NULL OR agreed_at IS NOT NULL").await.is_empty());
    }

    async fn the_junior_is_told_at_once_by_page_and_notice(w: &World) {
        let o = four(w).await;
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        let mut page = b.hub().subscribe(&o[2].phone);
        asks(&b, &o[1], &o[2]).await;
        hears(&mut page).await;
        notify::deliver_due(&b).await.unwrap();
        let taken = recorder.taken();
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].phone, o[2].phone);
        assert!(matches!(&taken[0].content, Content::SuperiorAsks { superior, .. } if *superior == o[1].phone), "{taken:?}");
        superiors::agree(&b, &o[2], &o[1].phone).await.unwrap();
        // Somebody further up reads what is theirs from now on: they are told of that as well.
        asks(&b, &o[0], &o[1]).await;
        notify::deliver_due(&b).await.unwrap();
        let mut page = b.hub().subscribe(&o[2].phone);
        superiors::agree(&b, &o[1], &o[0].phone).await.unwrap();
        hears(&mut page).await;
        notify::deliver_due(&b).await.unwrap();
        let taken = recorder.taken();
        assert_eq!(taken.iter().map(|message| message.phone.as_str()).collect::<Vec<_>>(), [NUMBERS[2], NUMBERS[1], NUMBERS[2]]);
        assert!(matches!(&taken[2].content, Content::SuperiorReads { superior, .. } if *superior == o[0].phone), "{taken:?}");
        b.close().await;
    }

    async fn a_notice_that_was_answered_is_not_sent(w: &World) {
        let o = four(w).await;
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        asks(&b, &o[0], &o[1]).await;
        superiors::agree(&b, &o[1], &o[0].phone).await.unwrap();
        asks(&b, &o[0], &o[2]).await;
        superiors::leave(&b, &o[2], &o[0].phone).await.unwrap();
        asks(&b, &o[0], &o[3]).await;
        juniors::cancel(&b, &o[0], &o[3].phone).await.unwrap();
        assert_eq!(notify::deliver_due(&b).await.unwrap().sent, 0);
        assert!(recorder.taken().is_empty());
        b.close().await;
    }

    async fn nobody_is_asked_again_and_again(w: &World) {
        let [top, junior, ..] = four(w).await;
        for _ in 0..MOST_ASKED {
            asks(&w.b, &top, &junior).await;
            superiors::leave(&w.b, &junior, &top.phone).await.unwrap();
        }
        let refused = juniors::add(&w.b, &top, &junior.phone, None).await;
        assert!(matches!(refused, Err(juniors::NotAdded::Refused(Refusal::TooMany { .. }))), "{refused:?}");
        assert_eq!(above(&w.b, &junior).await, []);
        assert!(w.sql("SELECT 1 FROM owners WHERE grade > 0").await.is_empty());
        w.pass(DAY);
        asks(&w.b, &top, &junior).await;
        // What the rules refuse is not counted.
        w.pass(DAY);
        for _ in 0..=MOST_ASKED {
            let refused = juniors::add(&w.b, &top, &junior.phone, None).await;
            assert_eq!(refused, Err(JuniorRefusal::AlreadyJunior.into()));
        }
    }

    async fn where_nobody_is_asked_a_superior_reads_at_once_and_a_junior_may_still_leave(w: &World) {
        let o = four(w).await;
        let recorder = Arc::new(Recorder::default());
        let change = |config: &mut backend::Config| {
            config.notifier = Some(recorder.clone());
            config.juniors = Consent::AskNothing;
        };
        let b = w.node_with(change).await;
        asks(&b, &o[1], &o[2]).await;
        asks(&b, &o[0], &o[1]).await;
        assert!(superiors::readable(&b, &o[0], &o[2].phone).await.is_ok());
        assert_eq!(above(&b, &o[2]).await, [entry(&o[1], true), entry(&o[0], true)]);
        assert_eq!(notify::deliver_due(&b).await.unwrap().sent, 0);
        // Where they are asked again, nothing stands that nobody agreed to.
        assert!(superiors::readable(&w.b, &o[1], &o[2].phone).await.is_err());
        superiors::leave(&b, &o[2], &o[1].phone).await.unwrap();
        assert!(superiors::readable(&b, &o[1], &o[2].phone).await.is_err());
        b.close().await;
    }
}
