//! Orders: their keys, which evidence and compartments name as well, and the texts that are searched.

use super::{Outcome, Steps, Work};
use crate::core::catalogue;
use crate::core::db::{Columns, Row, Statement, fault, row, sql};
use crate::locker::orders;
use crate::{Backend, Result};
use domain::ids::ThingsSq;
use domain::locker::orders::{OrderText, OrderTexts};
use domain::text;
use std::collections::HashMap;

const KEY: &str = "things_sq";
/// Rows read at once.
pub(super) const AT_ONCE: i64 = 1_000;

row! {
    struct TextsRow {
        things_sq: String,
        ..texts: OrderTexts,
    }
}

/// The same in the one form. A number that does not fit in it stays as it is; businesses are renamed elsewhere, with all of their orders.
fn normal(texts: &OrderTexts) -> OrderTexts {
    OrderTexts::each(|text| {
        let written = texts.get(text);
        if text == OrderText::Business {
            written.to_owned()
        } else if text.is_number() {
            text.read(written).unwrap_or_else(|_odd| written.to_owned())
        } else {
            text::name(written)
        }
    })
}

/// Board and port of a kiosk.
type Door = (i64, i64, i64);

/// What it takes to give an order another key.
struct Moves {
    /// Copies the row under the new key, with every column there is, also those that later versions add.
    order: String,
    /// The same for its evidence.
    evidence: String,
    /// The doors each order is bound to.
    doors: HashMap<String, Vec<Door>>,
}

impl Moves {
    async fn new(b: &Backend) -> Result<Self> {
        let tables = catalogue::tables(b.db()).await.map_err(fault)?;
        let copy = |name: &str| {
            let table = tables.iter().find(|table| table.name == name);
            let columns = table.into_iter().flat_map(|table| &table.columns);
            let others: Vec<&str> = columns
                .map(|column| column.name.as_str())
                .filter(|column| *column != KEY)
                .collect();
            let others = others.join(", ");
            format!("INSERT INTO {name} ({KEY}, {others}) SELECT $2, {others} FROM {name} WHERE {KEY} = $1")
        };
        Ok(Self {
            order: format!("{} ON CONFLICT ({KEY}) DO NOTHING", copy("orders")),
            evidence: copy("evidence"),
            doors: bound(b).await?,
        })
    }
}

/// Every order that is not in the one form. Reads all of them, in the order of their keys.
pub(super) async fn convert(b: &Backend, work: &mut Work) -> Result<()> {
    let moves = Moves::new(b).await?;
    let mut after = String::new();
    loop {
        let some = sql!(
            "SELECT {columns} FROM orders WHERE things_sq > $1 ORDER BY things_sq LIMIT $2"
            { columns: text(Columns(<TextsRow as Row>::COLUMNS)) },
            &after,
            AT_ONCE
        );
        let rows: Vec<TextsRow> = b.db().all(some).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after.clone_from(&last.things_sq);
        for row in rows {
            let normal = normal(&row.texts);
            if normal != row.texts {
                // Only what nobody changed meanwhile.
                let update = orders::rewrite(&row.things_sq, &row.texts, &normal, None);
                b.db().execute(update).await?;
                work.note("orders", &row.things_sq, Outcome::Converted);
            }
            let outcome = match ThingsSq::parse(&row.things_sq) {
                Some(key) if key.as_str() == row.things_sq => continue,
                Some(key) => rename(b, &row.things_sq, key.as_str(), &moves).await?,
                None => Outcome::Collides,
            };
            work.note("orders", &row.things_sq, outcome);
        }
    }
}

/// Few, beside the orders there are.
async fn bound(b: &Backend) -> Result<HashMap<String, Vec<Door>>> {
    row! {
        struct Bound {
            things_sq: String,
            yid: i64,
            jumper: i64,
            serial: i64,
        }
    }
    let rows: Vec<Bound> = b
        .db()
        .all(sql!(
            "SELECT things_sq, yid, jumper, serial FROM compartments WHERE things_sq IS NOT NULL"
        ))
        .await?;
    let mut doors: HashMap<String, Vec<Door>> = HashMap::new();
    for row in rows {
        doors
            .entry(row.things_sq)
            .or_default()
            .push((row.yid, row.jumper, row.serial));
    }
    Ok(doors)
}

/// Gives an order another key, which its evidence and the doors it is bound to follow. What kiosks reported ([`crate::locker::events`]) stays as
/// they wrote it.
async fn rename(b: &Backend, old: &str, new: &str, moves: &Moves) -> Result<Outcome> {
    let mut tx = b.db().begin().await?;
    let steps = Steps {
        hold: sql!("UPDATE orders SET status = status WHERE things_sq = $1", old),
        add: Statement::new(&moves.order).bind(old).bind(new),
        follow: vec![
            // Moved to where the order is looked for; nothing of what it says changes.
            Statement::new(&moves.evidence).bind(old).bind(new),
            sql!(
                "DELETE FROM evidence WHERE things_sq = $1 AND things_sq <> $2",
                old,
                new
            ),
            // What waits to be prepared for searching waits under its new key.
            sql!(
                "INSERT INTO search_backlog (things_sq) SELECT $2 FROM search_backlog WHERE things_sq = $1 ON CONFLICT (things_sq) DO NOTHING",
                old,
                new
            ),
            sql!(
                "DELETE FROM search_backlog WHERE things_sq = $1 AND things_sq <> $2",
                old,
                new
            ),
            sql!("DELETE FROM orders WHERE things_sq = $1 AND things_sq <> $2", old, new),
        ],
    };
    let outcome = steps.rename(&mut tx).await?;
    if outcome != Outcome::Converted {
        return Ok(outcome);
    }
    for (yid, jumper, serial) in moves.doors.get(old).into_iter().flatten() {
        tx.execute(sql!(
            "UPDATE compartments SET things_sq = $2 WHERE things_sq = $1 AND yid = $3 AND jumper = $4 AND serial = $5",
            old,
            new,
            yid,
            jumper,
            serial
        ))
        .await?;
    }
    tx.commit().await?;
    Ok(Outcome::Converted)
}
