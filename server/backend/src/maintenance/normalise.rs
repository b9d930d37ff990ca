//! Text that earlier versions stored as it was typed, brought into the one form of [`domain::text`]. What is typed today is normalised before
//! it is looked for, so a name in decomposed Hangul or an order number in full-width digits would never be found again.
//!
//! It is done once, by the first process that starts to serve. Each business and each order is converted in a transaction of its own, and what is
//! converted already is not touched again, so a start that is killed goes on at the next. What would become the same as something else is left
//! as it is, and operators are told ([`collisions`]): only people know whether the two are one.

mod orders;

use crate::core::db::{Statement, Tx, fault, row, sql};
use crate::core::facts;
use crate::identity::require;
use crate::{Backend, Result};
use domain::ids::BusinessName;
pub use domain::normalise::Collisions;
use domain::people::{Person, Role};
use domain::text;

/// In `settings`: this was done, and what is left.
const DONE: &str = "text-normalised";
/// Collisions that are named; more are only counted.
const MOST_NAMED: usize = 100;

/// One conversion under way.
#[derive(Default)]
struct Work {
    converted: u64,
    left: Collisions,
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Converted,
    /// Something else has the normalised form already, or there is none that fits.
    Collides,
    /// Another process did it meanwhile.
    Gone,
}

impl Work {
    fn note(&mut self, table: &str, text: &str, outcome: Outcome) {
        match outcome {
            Outcome::Converted => self.converted += 1,
            Outcome::Gone => {}
            Outcome::Collides => {
                self.left.count += 1;
                if self.left.named.len() < MOST_NAMED {
                    self.left.named.push(format!("{table} {text}"));
                }
            }
        }
    }
}

/// Converts, unless that was done before, and says in the log what is left.
pub(crate) async fn start(b: &Backend) -> Result<()> {
    let left = match done(b).await? {
        Some(left) => left,
        None => convert(b).await?,
    };
    if left.count > 0 {
        tracing::warn!(
            count = left.count,
            "texts that an earlier version stored look the same as others and were left as they are; the operator's first page names them"
        );
    }
    Ok(())
}

/// Operators: the texts of earlier versions that look the same as others.
#[crate::boxed]
pub async fn collisions(b: &Backend, who: &Person) -> Result<Collisions> {
    require(who, &[Role::Operator])?;
    Ok(done(b).await?.unwrap_or_default())
}

async fn done(b: &Backend) -> Result<Option<Collisions>> {
    let row: Option<String> = b.db().optional(facts::read(DONE)).await?;
    // A value that cannot be read is none: doing it again does no harm.
    Ok(row.and_then(|value| serde_json::from_str(&value).ok()))
}

async fn convert(b: &Backend) -> Result<Collisions> {
    let mut work = Work::default();
    businesses(b, &mut work).await?;
    names(b, &mut work).await?;
    orders::convert(b, &mut work).await?;
    let value = serde_json::to_string(&work.left).map_err(fault)?;
    b.db().execute(facts::write(DONE, value)).await?;
    if work.converted > 0 {
        tracing::info!(
            rows = work.converted,
            "texts that an earlier version stored as they were typed are normalised now"
        );
    }
    Ok(work.left)
}

/// Names of businesses, with everybody and everything that belongs to one.
async fn businesses(b: &Backend, work: &mut Work) -> Result<()> {
    let rows: Vec<String> = b.db().all(sql!("SELECT name FROM businesses ORDER BY name")).await?;
    for name in rows {
        let outcome = match BusinessName::parse(&name) {
            Some(normal) if normal.as_str() == name => continue,
            Some(normal) => rename_business(b, &name, normal.as_str()).await?,
            None => Outcome::Collides,
        };
        work.note("businesses", &name, outcome);
    }
    Ok(())
}

async fn rename_business(b: &Backend, old: &str, new: &str) -> Result<Outcome> {
    let mut tx = b.db().begin().await?;
    let steps = Steps {
        hold: sql!("UPDATE businesses SET name = name WHERE name = $1", old),
        add: sql!(
            "INSERT INTO businesses (name, added_at) SELECT $2, added_at FROM businesses WHERE name = $1 ON CONFLICT (name) DO NOTHING",
            old,
            new
        ),
        follow: vec![
            sql!("DELETE FROM businesses WHERE name = $1 AND name <> $2", old, new),
            sql!("UPDATE people SET business = $2 WHERE business = $1", old, new),
            sql!("UPDATE orders SET business = $2 WHERE business = $1", old, new),
            // Whose evidence it is, and nothing of what it says.
            sql!("UPDATE evidence SET business = $2 WHERE business = $1", old, new),
        ],
    };
    let outcome = steps.rename(&mut tx).await?;
    if outcome == Outcome::Converted {
        tx.commit().await?;
    }
    Ok(outcome)
}

/// What gives a row another key, in statements: `$1` is the old key, `$2` the new one.
struct Steps<'a> {
    /// Changes nothing, and keeps others from the row.
    hold: Statement<'a>,
    /// Adds the row under its new key, unless there is one.
    add: Statement<'a>,
    /// Takes the old row away, and what belongs to it along.
    follow: Vec<Statement<'a>>,
}

impl Steps<'_> {
    async fn rename(self, tx: &mut Tx) -> Result<Outcome> {
        if tx.execute(self.hold).await? == 0 {
            return Ok(Outcome::Gone);
        }
        if tx.execute(self.add.once()).await? == 0 {
            return Ok(Outcome::Collides);
        }
        for step in self.follow {
            tx.execute(step.once()).await?;
        }
        Ok(Outcome::Converted)
    }
}

/// Names that are searched for and are no keys.
async fn names(b: &Backend, work: &mut Work) -> Result<()> {
    row! {
        struct Named {
            phone: String,
            name: String,
        }
    }
    let mut after = String::new();
    loop {
        let rows: Vec<Named> = b
            .db()
            .all(sql!(
                "SELECT phone, name FROM people WHERE phone > $1 ORDER BY phone LIMIT $2",
                &after,
                orders::AT_ONCE
            ))
            .await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after.clone_from(&last.phone);
        for Named { phone, name } in rows {
            let normal = text::name(&name);
            if normal == name || normal.is_empty() {
                continue;
            }
            let renamed = sql!(
                "UPDATE people SET name = $2 WHERE phone = $1 AND name = $3",
                phone,
                normal,
                name
            );
            b.db().execute(renamed).await?;
            work.converted += 1;
        }
    }
}
