//! Superiors as those below them see it: who is above, who asks to be, agreeing and leaving (SPEC 4.3).
//!
//! A superior reads what belongs to somebody below only along links whose junior agreed. Anybody may register a number and add any other
//! number as a junior; without the agreement that would be enough to read who opens a stranger's doors.

use super::hub::Live;
use super::juniors::{self, DEEPEST, described, links_below};
use crate::core::db::{Tx, row, sql};
use crate::identity::notify::{self, Content};
use crate::identity::{limits, people, require};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
pub use domain::guard::superiors::{Consent, Superior};
use domain::ids::Phone;
use domain::people::{Person, Role};

/// How often in [`ASKING_WINDOW_MS`] one superior may ask the same junior, so that nobody is asked until they give in.
pub const MOST_ASKED: u32 = 5;
const ASKING_WINDOW_MS: i64 = 24 * 3_600_000;
/// A condition on rows of an owner, whose number is `$1`: they are from the time of the number's present holder, and not of somebody who had
/// it before an operator reassigned it.
pub(super) const OF_THE_HOLDER: &str = "at >= COALESCE((SELECT reassigned_at FROM people WHERE phone = $1), at)";
/// A notice about a superior is not worth sending after a week.
const NOTICE_VALID_MS: i64 = 7 * 24 * 3_600_000;

/// The direct superior, and every other one who reads along with them, nearest first. While the direct one only asks, the others are those
/// who would read as well.
#[crate::boxed]
pub async fn above(b: &Backend, who: &Person) -> Result<Vec<Superior>> {
    require(who, &[Role::Owner])?;
    let mut found: Vec<Superior> = Vec::new();
    let mut at = who.phone.clone();
    while found.len() < DEEPEST {
        let Some((phone, agreed)) = superior_of(b, &at).await? else {
            break;
        };
        let nearest = found.first().map(|nearest| nearest.reads);
        // Somebody who only asks a superior reads nothing here.
        if nearest.is_some() && !agreed {
            break;
        }
        let name = people::get(b, &phone)
            .await?
            .map_or(String::new(), |person| person.name);
        let reads = nearest.unwrap_or(agreed);
        found.push(Superior {
            phone: phone.clone(),
            name,
            reads,
        });
        at = phone;
    }
    Ok(found)
}

/// Lets the direct superior read. `superior` is the one whom the person saw: if it is another by now, nothing is agreed to.
#[crate::boxed]
pub async fn agree(b: &Backend, who: &Person, superior: &Phone) -> Result<()> {
    require(who, &[Role::Owner])?;
    // Those below who agreed to `who` are read from above as well from now on, so they are told.
    let below = agreed_below(b, &who.phone).await?;
    let mut tx = juniors::take_forest(b).await?;
    let row: Option<Option<i64>> = tx
        .optional(sql!(
            "SELECT agreed_at FROM owners WHERE phone = $1 AND superior = $2",
            who.phone.as_str(),
            superior.as_str()
        ))
        .await?;
    match row {
        None => return Err(Refusal::field("superior", Problem::Unknown)),
        Some(Some(_)) => return Ok(()),
        Some(None) => {}
    }
    tx.execute(sql!(
        "UPDATE owners SET agreed_at = $2 WHERE phone = $1",
        who.phone.as_str(),
        b.now().0
    ))
    .await?;
    notify::answered_within(&mut tx, &who.phone).await?;
    if b.consent() == Consent::Agree {
        for phone in &below {
            notice_within(b, &mut tx, phone, superior, Notice::Reads).await?;
        }
    }
    tx.commit().await?;
    notify::wake(b);
    for phone in below.iter().chain([&who.phone, superior]) {
        b.hub().publish(phone, Live::GuardChanged);
    }
    Ok(())
}

/// Ends the link to the direct superior, or refuses one who asks.
#[crate::boxed]
pub async fn leave(b: &Backend, who: &Person, superior: &Phone) -> Result<()> {
    require(who, &[Role::Owner])?;
    juniors::end(b, superior, &who.phone)
        .await
        .map_err(|refusal| match refusal {
            Refusal::Field { problem, .. } => Refusal::field("superior", problem),
            other => other,
        })
}

/// Refuses unless `of` is the person who asks, or somebody below them along links that were agreed to.
#[crate::boxed]
pub async fn readable(b: &Backend, who: &Person, of: &Phone) -> Result<()> {
    require(who, &[Role::Owner])?;
    let mut at = of.clone();
    for _ in 0..=DEEPEST {
        if at == who.phone {
            return Ok(());
        }
        match superior_of(b, &at).await? {
            Some((superior, true)) => at = superior,
            _ => break,
        }
    }
    Err(Refusal::NotYours)
}

/// Everybody above `phone` who may read, nearest first.
#[crate::boxed]
pub async fn readers(b: &Backend, phone: &Phone) -> Result<Vec<Phone>> {
    let mut found: Vec<Phone> = Vec::new();
    let mut at = phone.clone();
    for _ in 0..DEEPEST {
        let Some((superior, true)) = superior_of(b, &at).await? else {
            break;
        };
        at = superior.clone();
        found.push(superior);
    }
    Ok(found)
}

/// The direct superior, and whether they read.
async fn superior_of(b: &Backend, phone: &Phone) -> Result<Option<(Phone, bool)>> {
    row! {
        struct Row {
            superior: Option<String>,
            agreed_at: Option<i64>,
        }
    }
    let row: Option<Row> = b
        .db()
        .optional(sql!(
            "SELECT superior, agreed_at FROM owners WHERE phone = $1",
            phone.as_str()
        ))
        .await?;
    Ok(row.and_then(|row| Some((Phone(row.superior?), counts(b, row.agreed_at)))))
}

/// Does a link of which this is stored let the superior read?
pub(super) fn counts(b: &Backend, agreed_at: Option<i64>) -> bool {
    b.consent() == Consent::AskNothing || agreed_at.is_some()
}

/// Everybody below who is read from above along links that were agreed to.
async fn agreed_below(b: &Backend, phone: &Phone) -> Result<Vec<Phone>> {
    let (mut level, mut found) = (vec![phone.0.clone()], Vec::new());
    for _ in 0..DEEPEST {
        let links = links_below(b, &level).await?;
        let known = described(b, links.iter().map(|(_, junior)| junior)).await?;
        level = known
            .into_values()
            .filter(|junior| junior.reads)
            .map(|junior| junior.phone.0)
            .collect();
        found.extend(level.iter().cloned().map(Phone));
    }
    Ok(found)
}

/// What a junior is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notice {
    Asks,
    Reads,
}

/// Counts that `superior` asks `junior`, and tells the junior outside of Latchkey where there is a notifier. Does nothing where nobody is asked.
pub(super) async fn ask_within(b: &Backend, tx: &mut Tx, superior: &Phone, junior: &Phone) -> Result<()> {
    if b.consent() == Consent::AskNothing {
        return Ok(());
    }
    let key = format!("superior/{superior}/{junior}");
    limits::count_within(b, tx, &key, MOST_ASKED, ASKING_WINDOW_MS).await?;
    notice_within(b, tx, junior, superior, Notice::Asks).await
}

/// The notice has the number and no name, because the superior chooses the name and could put a message of their own there.
async fn notice_within(b: &Backend, tx: &mut Tx, to: &Phone, superior: &Phone, notice: Notice) -> Result<()> {
    if !b.can_notify() {
        return Ok(());
    }
    let superior = superior.clone();
    let page = notify::SUPERIORS_PAGE;
    let expires = b.now().plus(NOTICE_VALID_MS);
    let content = match notice {
        Notice::Asks => Content::SuperiorAsks {
            superior,
            page,
            expires,
        },
        Notice::Reads => Content::SuperiorReads {
            superior,
            page,
            expires,
        },
    };
    notify::enqueue_within(b, tx, to, &content, true).await
}
