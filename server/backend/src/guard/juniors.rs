//! Superiors and juniors (signs 23 to 25). `domain::guard::grades` decides; here the part of the forest it needs is loaded and what
//! changes is written, in one transaction that comes after every other one of its kind.

use super::hub::Live;
use super::superiors;
use crate::core::db::{Tx, row, sql};
use crate::identity::{access, notify, require, signed_in};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::guard::grades::{Changes, Forest, Grade, JuniorRefusal, Member};
pub use domain::guard::juniors::{Junior, Tree};
use domain::ids::Phone;
use domain::people::{Person, Role};
use std::collections::HashMap;

/// Most juniors directly below one owner.
pub const MOST_JUNIORS: usize = 1_000;
/// Most owners of a [`Tree`].
pub const MOST_IN_A_TREE: usize = 2_000;
/// Rows named in one statement.
const AT_ONCE: usize = 500;
/// Nobody stands deeper below anybody.
pub(super) const DEEPEST: usize = 3;

/// Why a junior was not added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAdded {
    /// By the rules of superiors and juniors.
    Junior(JuniorRefusal),
    /// For any other reason.
    Refused(Refusal),
}

impl From<Refusal> for NotAdded {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<JuniorRefusal> for NotAdded {
    fn from(refusal: JuniorRefusal) -> Self {
        Self::Junior(refusal)
    }
}

/// Adds a junior (sign 23). `superior_grade` is what a client takes the superior's grade to be: more than it is on record is refused. Less is
/// what a client says that has not signed in since its first junior was added, and harms nobody, because the record counts.
#[crate::boxed]
pub async fn add(
    b: &Backend,
    who: &Person,
    junior: &Phone,
    superior_grade: Option<i64>,
) -> std::result::Result<(), NotAdded> {
    require(who, &[Role::Owner])?;
    let mut tx = take_forest(b).await?;
    let forest = above(&mut tx, &who.phone, junior).await?;
    let on_record = forest.get(&who.phone).map_or(Grade::Alone, |member| member.grade);
    if superior_grade.is_some_and(|claimed| !(0..=on_record.number()).contains(&claimed)) {
        return Err(JuniorRefusal::Impossible.into());
    }
    let changes = forest.add_junior(&who.phone, junior)?;
    if count(&mut tx, &who.phone).await? >= MOST_JUNIORS {
        return Err(JuniorRefusal::Impossible.into());
    }
    tx.execute(sql!(
        "INSERT INTO juniors (superior, junior, added_at) VALUES ($1, $2, $3)",
        who.phone.as_str(),
        junior.as_str(),
        b.now().0
    ))
    .await?;
    write(b, &mut tx, &changes).await?;
    superiors::ask_within(b, &mut tx, &who.phone, junior).await?;
    tx.commit().await?;
    notify::wake(b);
    told(b, &who.phone, junior);
    Ok(())
}

/// Ends the link to a junior (sign 25).
#[crate::boxed]
pub async fn cancel(b: &Backend, who: &Person, junior: &Phone) -> Result<()> {
    require(who, &[Role::Owner])?;
    end(b, &who.phone, junior).await
}

/// Ends the link between these two, whichever of them asked for it.
pub(super) async fn end(b: &Backend, superior: &Phone, junior: &Phone) -> Result<()> {
    let mut tx = take_forest(b).await?;
    end_within(b, &mut tx, superior, junior).await?;
    tx.commit().await?;
    told(b, superior, junior);
    Ok(())
}

/// The same in a transaction that has the forest.
async fn end_within(b: &Backend, tx: &mut Tx, superior: &Phone, junior: &Phone) -> Result<()> {
    let mut forest: Vec<Member> = above(tx, superior, junior).await?.members().cloned().collect();
    for phone in forest.iter().map(|member| member.phone.clone()).collect::<Vec<_>>() {
        forest.extend(directly_below(tx, &phone).await?);
    }
    let changes = Forest::from_iter(forest)
        .cancel_junior(superior, junior)
        .map_err(|_| Refusal::field("junior", Problem::Unknown))?;
    tx.execute(sql!(
        "DELETE FROM juniors WHERE superior = $1 AND junior = $2",
        superior.as_str(),
        junior.as_str()
    ))
    .await?;
    write(b, tx, &changes).await?;
    notify::answered_within(tx, junior).await
}

/// Ends every link of an owner, up and down, in a transaction that has the forest. Answers those at the other ends.
pub(crate) async fn end_all_within(b: &Backend, tx: &mut Tx, phone: &Phone) -> Result<Vec<Phone>> {
    let mut others: Vec<Phone> = Vec::new();
    if let Some(superior) = member(tx, phone).await?.and_then(|member| member.superior) {
        end_within(b, tx, &superior, phone).await?;
        others.push(superior);
    }
    for junior in directly_below(tx, phone).await? {
        end_within(b, tx, phone, &junior.phone).await?;
        others.push(junior.phone);
    }
    Ok(others)
}

/// Tells the pages of both, and of everybody above who reads there, that the tree changed.
fn told(b: &Backend, superior: &Phone, junior: &Phone) {
    b.hub().publish(superior, Live::GuardChanged);
    b.hub().publish(junior, Live::GuardChanged);
}

/// Those directly below (sign 24), in the order they were added.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person) -> Result<Vec<Junior>> {
    require(who, &[Role::Owner])?;
    let links = links_below(b, std::slice::from_ref(&who.phone.0)).await?;
    let mut known = described(b, links.iter().map(|(_, junior)| junior)).await?;
    Ok(links
        .into_iter()
        .filter_map(|(_, junior)| known.remove(&junior))
        .collect())
}

/// Everybody below, and whether there are more than are shown here. Of a junior who has not agreed nothing below is shown.
#[crate::boxed]
pub async fn tree(b: &Backend, who: &Person) -> Result<(Tree, bool)> {
    require(who, &[Role::Owner])?;
    let mut links: Vec<(String, String)> = Vec::new();
    let mut known = described(b, [&who.phone.0].into_iter()).await?;
    let (mut level, mut more) = (vec![who.phone.0.clone()], false);
    for _ in 0..DEEPEST {
        let mut below = links_below(b, &level).await?;
        more |= links.len() + below.len() > MOST_IN_A_TREE;
        below.truncate(MOST_IN_A_TREE.saturating_sub(links.len()));
        let found = described(b, below.iter().map(|(_, junior)| junior)).await?;
        let reads = |phone: &String| found.get(phone).is_some_and(|junior| junior.reads);
        let juniors = below.iter().map(|(_, junior)| junior);
        level = juniors.filter(|junior| reads(junior)).cloned().collect();
        known.extend(found);
        links.extend(below);
    }
    let mut below: HashMap<String, Vec<String>> = HashMap::new();
    for (superior, junior) in links {
        below.entry(superior).or_default().push(junior);
    }
    let tree = grow(&who.phone.0, &mut below, &mut known).ok_or(Refusal::Unknown)?;
    Ok((tree, more))
}

/// Takes what it uses, so that it ends whatever the rows say.
fn grow(phone: &str, below: &mut HashMap<String, Vec<String>>, known: &mut HashMap<String, Junior>) -> Option<Tree> {
    let owner = known.remove(phone)?;
    let juniors = below.remove(phone).unwrap_or_default();
    let juniors = juniors.iter().filter_map(|junior| grow(junior, below, known)).collect();
    Some(Tree { owner, juniors })
}

/// A transaction in which nobody else changes who is below whom.
pub(crate) async fn take_forest(b: &Backend) -> Result<Tx> {
    let mut tx = b.db().begin().await?;
    tx.execute(sql!("UPDATE settings SET value = value WHERE name = 'forest'"))
        .await?;
    Ok(tx)
}

/// The junior, the superior, and everybody above the superior.
async fn above(tx: &mut Tx, superior: &Phone, junior: &Phone) -> Result<Forest> {
    let mut members: Vec<Member> = member(tx, junior).await?.into_iter().collect();
    let mut next = Some(superior.clone());
    while let Some(phone) = next.take() {
        // One more than there can be: rows that go in a circle are found out by the rules, not here.
        if members.len() > DEEPEST + 1 {
            break;
        }
        if let Some(found) = member(tx, &phone).await? {
            next.clone_from(&found.superior);
            members.push(found);
        }
    }
    Ok(members.into_iter().collect())
}

async fn member(tx: &mut Tx, phone: &Phone) -> Result<Option<Member>> {
    row! {
        struct Row {
            superior: Option<String>,
            grade: i64,
        }
    }
    let row: Option<Row> = tx
        .optional(sql!(
            "SELECT superior, grade FROM owners WHERE phone = $1",
            phone.as_str()
        ))
        .await?;
    row.map(|row| {
        Ok(Member {
            phone: phone.clone(),
            superior: row.superior.map(Phone),
            grade: access::grade(row.grade)?,
        })
    })
    .transpose()
}

row! {
    struct Graded {
        phone: String,
        grade: i64,
    }
}

async fn directly_below(tx: &mut Tx, superior: &Phone) -> Result<Vec<Member>> {
    let juniors: Vec<String> = tx
        .all(sql!(
            "SELECT junior FROM juniors WHERE superior = $1",
            superior.as_str()
        ))
        .await?;
    let mut members = Vec::with_capacity(juniors.len());
    for some in juniors.chunks(AT_ONCE) {
        let mut query = sql!(
            "SELECT phone, grade FROM owners WHERE phone IN ({phones})"
            { phones: list(1, some.len()) }
        )
        .once();
        for junior in some {
            query = query.bind(junior);
        }
        for Graded { phone, grade } in tx.all(query).await? {
            members.push(Member {
                phone: Phone(phone),
                superior: Some(superior.clone()),
                grade: access::grade(grade)?,
            });
        }
    }
    Ok(members)
}

async fn count(tx: &mut Tx, superior: &Phone) -> Result<usize> {
    let count: i64 = tx
        .one(sql!(
            "SELECT count(*) FROM juniors WHERE superior = $1",
            superior.as_str()
        ))
        .await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

async fn write(b: &Backend, tx: &mut Tx, changes: &Changes) -> Result<()> {
    tx.execute(sql!(
        "UPDATE owners SET superior = $2, agreed_at = NULL WHERE phone = $1",
        changes.junior.as_str(),
        changes.superior.as_ref().map(Phone::as_str)
    ))
    .await?;
    for (phone, grade) in &changes.grades {
        signed_in::changes(b, tx, phone);
        tx.execute(sql!(
            "UPDATE owners SET grade = $2 WHERE phone = $1",
            phone.as_str(),
            grade.number()
        ))
        .await?;
    }
    Ok(())
}

row! {
    struct Link {
        superior: String,
        junior: String,
    }
}

/// (superior, junior) of these superiors, in the order they were added; a few more than a tree shows at most.
pub(super) async fn links_below(b: &Backend, superiors: &[String]) -> Result<Vec<(String, String)>> {
    let mut links = Vec::new();
    for some in superiors.chunks(AT_ONCE) {
        if links.len() > MOST_IN_A_TREE {
            break;
        }
        let mut query = sql!(
            "SELECT superior, junior FROM juniors WHERE superior IN ({superiors}) ORDER BY added_at, junior LIMIT {most}"
            { superiors: list(1, some.len()), most: text(MOST_IN_A_TREE + 1) }
        )
        .once();
        for superior in some {
            query = query.bind(superior);
        }
        let found: Vec<Link> = b.db().all(query).await?;
        links.extend(found.into_iter().map(|link| (link.superior, link.junior)));
    }
    Ok(links)
}

row! {
    struct Described {
        phone: String,
        name: String,
        grade: i64,
        agreed_at: Option<i64>,
    }
}

pub(super) async fn described<'a>(
    b: &Backend,
    phones: impl Iterator<Item = &'a String>,
) -> Result<HashMap<String, Junior>> {
    let phones: Vec<&String> = phones.collect();
    let mut known = HashMap::with_capacity(phones.len());
    for some in phones.chunks(AT_ONCE) {
        let mut query = sql!(
            "SELECT p.phone, p.name, o.grade, o.agreed_at FROM people p JOIN owners o ON o.phone = p.phone WHERE p.phone IN ({phones})"
            { phones: list(1, some.len()) }
        )
        .once();
        for phone in some {
            query = query.bind(phone.as_str());
        }
        for row in b.db().all::<Described>(query).await? {
            let junior = Junior {
                phone: Phone(row.phone.clone()),
                name: row.name,
                grade: access::grade(row.grade)?,
                reads: superiors::counts(b, row.agreed_at),
            };
            known.insert(row.phone, junior);
        }
    }
    Ok(known)
}
