//! Superiors and juniors.

use domain::guard::grades::{Forest, Grade, JuniorRefusal, Member};
use domain::ids::Phone;
use proptest::prelude::*;

fn phone(n: usize) -> Phone {
    Phone::parse(&format!("1380013800{n}")).unwrap()
}

fn strangers(count: usize) -> Forest {
    (0..count)
        .map(|n| Member {
            phone: phone(n),
            superior: None,
            grade: Grade::Alone,
        })
        .collect()
}

fn add(forest: &mut Forest, superior: usize, junior: usize) -> Result<(), JuniorRefusal> {
    let changes = forest.add_junior(&phone(superior), &phone(junior))?;
    forest.apply(&changes);
    Ok(())
}

fn cancel(forest: &mut Forest, superior: usize, junior: usize) -> Result<(), JuniorRefusal> {
    let changes = forest.cancel_junior(&phone(superior), &phone(junior))?;
    forest.apply(&changes);
    Ok(())
}

fn grades(forest: &Forest) -> Vec<i64> {
    forest.members().map(|member| member.grade.number()).collect()
}

#[test]
fn grades_grow_upward_and_shrink_again() {
    let mut forest = strangers(4);
    add(&mut forest, 1, 2).unwrap();
    assert_eq!(grades(&forest), [0, 2, 1, 0]);
    add(&mut forest, 0, 1).unwrap();
    assert_eq!(grades(&forest), [3, 2, 1, 0]);
    assert!(forest.is_above(&phone(0), &phone(2)) && forest.is_above(&phone(1), &phone(2)));
    assert!(!forest.is_above(&phone(2), &phone(0)) && !forest.is_above(&phone(2), &phone(2)));
    add(&mut forest, 0, 3).unwrap();
    assert_eq!(grades(&forest), [3, 2, 1, 1]);
    cancel(&mut forest, 1, 2).unwrap();
    assert_eq!(grades(&forest), [2, 1, 0, 1]);
    cancel(&mut forest, 0, 1).unwrap();
    assert_eq!(grades(&forest), [2, 0, 0, 1]);
    cancel(&mut forest, 0, 3).unwrap();
    assert_eq!(grades(&forest), [0, 0, 0, 0]);
}

#[test]
fn every_refusal_has_its_number() {
    let mut forest = strangers(6);
    assert_eq!(add(&mut forest, 0, 9), Err(JuniorRefusal::NotRegistered));
    assert_eq!(add(&mut forest, 0, 0), Err(JuniorRefusal::Impossible));
    assert_eq!(add(&mut forest, 9, 0), Err(JuniorRefusal::Impossible));
    add(&mut forest, 1, 2).unwrap();
    assert_eq!(add(&mut forest, 0, 2), Err(JuniorRefusal::AlreadyJunior));
    assert_eq!(add(&mut forest, 1, 2), Err(JuniorRefusal::AlreadyJunior));
    assert_eq!(add(&mut forest, 2, 1), Err(JuniorRefusal::Impossible), "a cycle");
    add(&mut forest, 0, 1).unwrap();
    assert_eq!(add(&mut forest, 3, 0), Err(JuniorRefusal::TopGrade));
    assert_eq!(add(&mut forest, 2, 3), Err(JuniorRefusal::Impossible), "too deep");
    assert_eq!(
        cancel(&mut forest, 0, 2),
        Err(JuniorRefusal::Impossible),
        "not directly below"
    );
    assert_eq!(cancel(&mut forest, 0, 9), Err(JuniorRefusal::NotRegistered));
}

#[test]
fn rows_that_go_in_a_circle_end_in_a_refusal() {
    let member = |n, above| Member {
        phone: phone(n),
        superior: Some(phone(above)),
        grade: Grade::Middle,
    };
    let mut forest: Forest = [
        member(0, 1),
        member(1, 0),
        Member {
            phone: phone(2),
            superior: None,
            grade: Grade::Alone,
        },
    ]
    .into_iter()
    .collect();
    assert_eq!(add(&mut forest, 0, 2), Err(JuniorRefusal::Impossible));
    assert_eq!(cancel(&mut forest, 0, 1), Err(JuniorRefusal::Impossible));
}

/// Only the rows a change needs, as the documentation of the view says.
fn needed(forest: &Forest, superior: &Phone, junior: &Phone, with_juniors: bool) -> Forest {
    let mut needed: Vec<Member> = forest.get(junior).cloned().into_iter().collect();
    let mut above = Some(superior.clone());
    while let Some(member) = above.and_then(|phone| forest.get(&phone)) {
        needed.push(member.clone());
        above = member.superior.clone();
    }
    if with_juniors {
        let below: Vec<Member> = needed
            .iter()
            .flat_map(|member| forest.juniors(&member.phone).cloned().collect::<Vec<_>>())
            .collect();
        needed.extend(below);
    }
    needed.into_iter().collect()
}

fn depth(forest: &Forest, member: &Member) -> usize {
    let mut depth = 1;
    let mut at = member;
    while let Some(above) = &at.superior {
        at = forest.get(above).unwrap();
        depth += 1;
        assert!(depth < 10, "a cycle");
    }
    depth
}

proptest! {
    #[test]
    fn any_sequence_keeps_the_invariants(story in prop::collection::vec((any::<bool>(), 0usize..8, 0usize..8), 0..80)) {
        let mut forest = strangers(8);
        for (adding, superior, junior) in story {
            let before = forest.clone();
            let (superior, junior) = (phone(superior), phone(junior));
            let view = needed(&forest, &superior, &junior, !adding);
            let (whole, part) = if adding {
                (forest.add_junior(&superior, &junior), view.add_junior(&superior, &junior))
            } else {
                (forest.cancel_junior(&superior, &junior), view.cancel_junior(&superior, &junior))
            };
            prop_assert_eq!(&whole, &part, "a part that is large enough decides like the whole");
            match whole {
                Ok(changes) => forest.apply(&changes),
                Err(_) => prop_assert_eq!(&forest, &before),
            }
            for member in forest.members() {
                prop_assert!(depth(&forest, member) <= 3);
                let linked = member.superior.is_some() || forest.juniors(&member.phone).next().is_some();
                prop_assert_eq!(member.grade == Grade::Alone, !linked);
                if let Some(above) = &member.superior {
                    prop_assert!(forest.get(above).unwrap().grade > member.grade);
                }
            }
        }
    }
}
