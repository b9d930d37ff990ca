//! Superiors and juniors in the database: the rules hold, also between two who change them at once.

use crate::both;
use crate::harness::{World, phone};
use backend::Backend;
use backend::guard::juniors::{self, NotAdded, Tree};
use backend::guard::superiors;
use domain::error::{Problem, Refusal};
use domain::guard::grades::JuniorRefusal;
use domain::people::Person;

const NUMBERS: [&str; 5] = [
    "13800000001",
    "13800000002",
    "13800000003",
    "13800000004",
    "13800000005",
];

async fn five(w: &World) -> Vec<Person> {
    let mut owners = Vec::new();
    for number in NUMBERS {
        owners.push(w.owner(number).await);
    }
    owners
}

async fn add(b: &Backend, superior: &Person, junior: &Person) -> Result<(), NotAdded> {
    juniors::add(b, superior, &junior.phone, None).await
}

/// `phone>superior=grade` of everybody.
async fn forest(w: &World) -> Vec<String> {
    use sqlx::Row;
    let rows = w.sql("SELECT phone, superior, grade FROM owners ORDER BY phone").await;
    let short = |phone: Option<String>| phone.map_or("-".to_owned(), |phone| phone[10..].to_owned());
    rows.iter()
        .map(|row| format!("{}>{}={}", short(row.get(0)), short(row.get(1)), row.get::<i64, _>(2)))
        .collect()
}

fn depth(tree: &Tree) -> usize {
    1 + tree.juniors.iter().map(depth).max().unwrap_or(0)
}

both! {
    async fn grades_rise_and_fall_with_what_is_below(w: &World) {
        let o = five(w).await;
        add(&w.b, &o[1], &o[2]).await.unwrap();
        assert_eq!(forest(w).await, ["1>-=0", "2>-=2", "3>2=1", "4>-=0", "5>-=0"]);
        add(&w.b, &o[0], &o[1]).await.unwrap();
        add(&w.b, &o[0], &o[3]).await.unwrap();
        assert_eq!(forest(w).await, ["1>-=3", "2>1=2", "3>2=1", "4>1=1", "5>-=0"]);
        juniors::cancel(&w.b, &o[1], &o[2].phone).await.unwrap();
        assert_eq!(forest(w).await, ["1>-=2", "2>1=1", "3>-=0", "4>1=1", "5>-=0"]);
        juniors::cancel(&w.b, &o[0], &o[1].phone).await.unwrap();
        juniors::cancel(&w.b, &o[0], &o[3].phone).await.unwrap();
        assert_eq!(forest(w).await, ["1>-=0", "2>-=0", "3>-=0", "4>-=0", "5>-=0"]);
    }

    async fn each_refusal_is_named(w: &World) {
        let o = five(w).await;
        add(&w.b, &o[1], &o[2]).await.unwrap();
        add(&w.b, &o[0], &o[1]).await.unwrap();
        let why = async |superior: &Person, junior: &str, claimed: Option<i64>| {
            match juniors::add(&w.b, superior, &phone(junior), claimed).await {
                Err(NotAdded::Junior(refusal)) => refusal,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(why(&o[3], "13899999999", None).await, JuniorRefusal::NotRegistered);
        let staff = w.staff("01012345678").await;
        assert_eq!(why(&o[3], staff.phone.as_str(), None).await, JuniorRefusal::NotRegistered);
        assert_eq!(why(&o[3], NUMBERS[0], None).await, JuniorRefusal::TopGrade);
        assert_eq!(why(&o[3], NUMBERS[2], None).await, JuniorRefusal::AlreadyJunior);
        assert_eq!(why(&o[3], NUMBERS[3], None).await, JuniorRefusal::Impossible);
        assert_eq!(why(&o[2], NUMBERS[3], None).await, JuniorRefusal::Impossible);
        for claimed in [1, 3, -1, i64::MAX] {
            assert_eq!(why(&o[3], NUMBERS[4], Some(claimed)).await, JuniorRefusal::Impossible);
        }
        let before = forest(w).await;
        let refused = juniors::add(&w.b, &staff, &o[4].phone, None).await;
        assert_eq!(refused, Err(NotAdded::Refused(Refusal::NotYours)));
        let not_mine = juniors::cancel(&w.b, &o[3], &o[1].phone).await;
        assert_eq!(not_mine, Err(Refusal::field("junior", Problem::Unknown)));
        assert_eq!(forest(w).await, before);
        juniors::add(&w.b, &o[3], &o[4].phone, Some(0)).await.unwrap();
    }

    async fn a_superior_has_a_thousand_juniors_and_no_more(w: &World) {
        let o = five(w).await;
        for first in (0..juniors::MOST_JUNIORS).step_by(500) {
            let rows: Vec<String> = (first..first + 500).map(|at| format!("('{}', '139{at:08}', 0)", NUMBERS[0])).collect();
            w.sql(&format!("INSERT INTO juniors (superior, junior, added_at) VALUES {}", rows.join(", "))).await;
        }
        assert_eq!(add(&w.b, &o[0], &o[1]).await, Err(NotAdded::Junior(JuniorRefusal::Impossible)));
        w.sql("DELETE FROM juniors WHERE junior = '13900000000'").await;
        add(&w.b, &o[0], &o[1]).await.unwrap();
    }

    async fn two_at_once_cannot_make_what_neither_could_alone(w: &World) {
        let other = w.another_node().await;
        let o = five(w).await;
        // A circle of two.
        let (one, two) = tokio::join!(add(&w.b, &o[0], &o[1]), add(&other, &o[1], &o[0]));
        assert_eq!([&one, &two].into_iter().filter(|result| result.is_ok()).count(), 1, "{one:?} {two:?}");
        // One junior of two superiors.
        let (one, two) = tokio::join!(add(&w.b, &o[2], &o[4]), add(&other, &o[3], &o[4]));
        assert_eq!([&one, &two].into_iter().filter(|result| result.is_ok()).count(), 1, "{one:?} {two:?}");
        // Links that would be too deep together: two trees of two levels below each other, and a third one above.
        let below = if forest(w).await[4].contains('3') { &o[2] } else { &o[3] };
        let top = if forest(w).await[0].contains(">2") { &o[1] } else { &o[0] };
        let middle = if top.phone == o[0].phone { &o[1] } else { &o[0] };
        let (one, two) = tokio::join!(add(&w.b, middle, below), add(&other, below, top));
        assert!([&one, &two].into_iter().filter(|result| result.is_ok()).count() <= 1, "{one:?} {two:?}");
        for (at, who) in o.iter().enumerate() {
            let (tree, more) = juniors::tree(&w.b, who).await.unwrap();
            assert!(depth(&tree) <= 3 && !more, "{at} {tree:?}");
        }
        other.close().await;
    }

    async fn juniors_are_listed_in_the_order_they_were_added(w: &World) {
        let o = five(w).await;
        add(&w.b, &o[0], &o[3]).await.unwrap();
        w.pass(1000);
        add(&w.b, &o[0], &o[1]).await.unwrap();
        add(&w.b, &o[1], &o[2]).await.unwrap();
        superiors::agree(&w.b, &o[1], &o[0].phone).await.unwrap();
        let listed = juniors::list(&w.b, &o[0]).await.unwrap();
        let listed: Vec<_> = listed.iter().map(|junior| (junior.phone.as_str(), junior.grade.number())).collect();
        assert_eq!(listed, [(NUMBERS[3], 1), (NUMBERS[1], 2)]);
        let (tree, more) = juniors::tree(&w.b, &o[0]).await.unwrap();
        assert_eq!((tree.owner.grade.number(), tree.juniors.len(), more), (3, 2, false));
        assert_eq!(tree.juniors[1].juniors[0].owner.name, "이름 13800000003");
        assert_eq!(juniors::list(&w.b, &o[4]).await.unwrap(), []);
    }
}
