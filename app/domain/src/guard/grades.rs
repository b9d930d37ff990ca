//! Superiors and juniors (guard-seed, signs 23 to 25; SPEC 4.3): a forest at most three deep, and the grade of everybody in it.
//!
//! A grade is the height of what is below, counted from 1; who has no link at all is 0. So a superior's grade is always above those of
//! its juniors, and a forest whose grades end at 3 is never deeper than three.

use crate::ids::Phone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// `grade` of an owner (guard-seed, sign 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum Grade {
    /// 0: neither superior nor junior of anybody.
    #[default]
    Alone,
    /// 1: somebody's junior, nobody's superior.
    Bottom,
    /// 2.
    Middle,
    /// 3: cannot be added as a junior.
    Top,
}

impl Grade {
    /// Every grade, lowest first.
    pub const ALL: [Self; 4] = [Self::Alone, Self::Bottom, Self::Middle, Self::Top];

    /// 0 to 3.
    pub fn number(self) -> i64 {
        match self {
            Self::Alone => 0,
            Self::Bottom => 1,
            Self::Middle => 2,
            Self::Top => 3,
        }
    }

    /// The inverse of [`Grade::number`].
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|grade| grade.number() == number)
    }

    /// One above; `None` above the top.
    fn above(self) -> Option<Self> {
        Self::from_number(self.number() + 1)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

impl From<Grade> for i64 {
    fn from(grade: Grade) -> Self {
        grade.number()
    }
}

impl TryFrom<i64> for Grade {
    type Error = &'static str;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        Self::from_number(number).ok_or("no such grade")
    }
}

/// One owner as far as superiors and juniors go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub phone: Phone,
    /// Directly above, if anybody is.
    pub superior: Option<Phone>,
    /// The grade on record.
    pub grade: Grade,
}

/// The part of the forest a change needs, loaded within the transaction that makes it:
///
/// - [`Forest::add_junior`]: the junior, the superior and everybody above the superior;
/// - [`Forest::cancel_junior`]: the same, and the direct juniors of each of them.
///
/// More does no harm. Missing rows make a change [`JuniorRefusal::Impossible`], never wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forest(BTreeMap<Phone, Member>);

impl FromIterator<Member> for Forest {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Self {
        Self(
            members
                .into_iter()
                .map(|member| (member.phone.clone(), member))
                .collect(),
        )
    }
}

/// Why a junior was not added, as the results of sign 23, or not cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum JuniorRefusal {
    /// 1: the junior's number is not registered.
    #[error("the number is not registered")]
    NotRegistered,
    /// 2: the junior is of the top grade.
    #[error("the number is of the top grade")]
    TopGrade,
    /// 3: the junior is somebody's junior already.
    #[error("the number is somebody's junior already")]
    AlreadyJunior,
    /// 4: themselves, a cycle, too deep; for cancelling: not a junior of this superior.
    #[error("not possible")]
    Impossible,
}

/// What to write: nobody else changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The junior whose link changed.
    pub junior: Phone,
    /// Who is directly above it now.
    pub superior: Option<Phone>,
    /// Everybody whose grade changed, with the new one.
    pub grades: Vec<(Phone, Grade)>,
}

impl Forest {
    /// The row of `phone`.
    pub fn get(&self, phone: &Phone) -> Option<&Member> {
        self.0.get(phone)
    }

    /// Everybody in this view.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.0.values()
    }

    /// Those directly below `phone` in this view.
    pub fn juniors<'a>(&'a self, phone: &'a Phone) -> impl Iterator<Item = &'a Member> {
        self.0
            .values()
            .filter(move |member| member.superior.as_ref() == Some(phone))
    }

    /// Writes changes into the view.
    pub fn apply(&mut self, changes: &Changes) {
        if let Some(junior) = self.0.get_mut(&changes.junior) {
            junior.superior.clone_from(&changes.superior);
        }
        for (phone, grade) in &changes.grades {
            if let Some(member) = self.0.get_mut(phone) {
                member.grade = *grade;
            }
        }
    }

    /// From `phone` upward, itself first; `None` where a row is missing or the rows go in a circle.
    fn chain(&self, phone: &Phone) -> Option<Vec<&Member>> {
        let mut chain = vec![self.get(phone)?];
        while let Some(above) = chain.last().and_then(|member| member.superior.as_ref()) {
            if chain.len() > self.0.len() {
                return None;
            }
            chain.push(self.get(above)?);
        }
        Some(chain)
    }

    /// Is `superior` anywhere above `junior`, so that it may read there (SPEC 4.3)? Needs the junior and everybody above it.
    pub fn is_above(&self, superior: &Phone, junior: &Phone) -> bool {
        self.chain(junior)
            .is_some_and(|chain| chain.iter().skip(1).any(|member| member.phone == *superior))
    }

    /// What adding `junior` below `superior` changes (sign 23). A number that is not in the view is not registered.
    pub fn add_junior(&self, superior: &Phone, junior: &Phone) -> Result<Changes, JuniorRefusal> {
        let row = self.get(junior).ok_or(JuniorRefusal::NotRegistered)?;
        if superior == junior {
            return Err(JuniorRefusal::Impossible);
        }
        if row.grade == Grade::Top {
            return Err(JuniorRefusal::TopGrade);
        }
        if row.superior.is_some() {
            return Err(JuniorRefusal::AlreadyJunior);
        }
        let chain = self.chain(superior).ok_or(JuniorRefusal::Impossible)?;
        if chain.iter().any(|above| above.phone == *junior) {
            return Err(JuniorRefusal::Impossible);
        }
        let mut grades = Vec::new();
        let mut below = row.grade.max(Grade::Bottom);
        if below != row.grade {
            grades.push((junior.clone(), below));
        }
        for above in chain {
            let at_least = below.above().ok_or(JuniorRefusal::Impossible)?;
            if above.grade >= at_least {
                break;
            }
            grades.push((above.phone.clone(), at_least));
            below = at_least;
        }
        Ok(Changes {
            junior: junior.clone(),
            superior: Some(superior.clone()),
            grades,
        })
    }

    /// What ending the link between `superior` and `junior` changes (sign 25).
    pub fn cancel_junior(&self, superior: &Phone, junior: &Phone) -> Result<Changes, JuniorRefusal> {
        let row = self.get(junior).ok_or(JuniorRefusal::NotRegistered)?;
        if row.superior.as_ref() != Some(superior) {
            return Err(JuniorRefusal::Impossible);
        }
        let chain = self.chain(superior).ok_or(JuniorRefusal::Impossible)?;
        let mut after = self.clone();
        let mut changes = Changes {
            junior: junior.clone(),
            superior: None,
            grades: Vec::new(),
        };
        after.apply(&changes);
        for phone in std::iter::once(junior).chain(chain.iter().map(|member| &member.phone)) {
            let grade = after.grade_by_links(phone).ok_or(JuniorRefusal::Impossible)?;
            if let Some(member) = after.0.get_mut(phone)
                && member.grade != grade
            {
                member.grade = grade;
                changes.grades.push((phone.clone(), grade));
            }
        }
        Ok(changes)
    }

    /// The grade that follows from the links of `phone` and the grades directly below.
    fn grade_by_links(&self, phone: &Phone) -> Option<Grade> {
        let member = self.get(phone)?;
        match self.juniors(phone).map(|junior| junior.grade).max() {
            Some(highest) => highest.max(Grade::Bottom).above(),
            None if member.superior.is_some() => Some(Grade::Bottom),
            None => Some(Grade::Alone),
        }
    }
}
