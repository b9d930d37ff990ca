//! How the lock boards of a kiosk are connected.

use crate::core::db::{Tx, fault, row, sql};
use crate::identity::require;
use crate::{Backend, Result};
use domain::boards::{ADAPTERS_MAX, Kind, PATH_MAX, SettingsFault, Wiring, WiringFault};
use domain::error::{Problem, Refusal};
use domain::ids::{Port, Yid};
use domain::locker::kiosk::Wired;
use domain::people::{Person, Role};

const WIRED: &str = "SELECT wiring, COALESCE(wiring_revision, 0) AS revision FROM kiosks WHERE yid = $1";

row! {
    struct WiredRow {
        wiring: Option<String>,
        revision: i64,
    }
}

/// For the kiosk itself. `None` where what is stored cannot be read: a kiosk that was told nothing keeps what it has, and one that was told "no boards"
/// would draw its doors.
#[crate::boxed]
pub async fn wired(b: &Backend, yid: Yid) -> Result<Option<Wired>> {
    let row: Option<WiredRow> = b.db().optional(sql!(const WIRED, yid.0)).await?;
    Ok(row.and_then(|row| read(yid, &row)))
}

/// For a device that enrols, as part of a transaction. What cannot be read becomes boards of a kind that nobody knows: nothing opens, and everybody sees why.
pub(super) async fn wired_within(tx: &mut Tx, yid: Yid) -> Result<Wired> {
    let row: Option<WiredRow> = tx.optional(sql!(const WIRED, yid.0)).await?;
    Ok(row.map_or_else(Wired::default, |row| read_or_unknown(yid, &row)))
}

fn read_or_unknown(yid: Yid, row: &WiredRow) -> Wired {
    read(yid, row).unwrap_or_else(|| Wired {
        revision: row.revision,
        wiring: Some(Wiring::of(Kind::Unknown)),
    })
}

fn read(yid: Yid, row: &WiredRow) -> Option<Wired> {
    let wiring = match row.wiring.as_deref().map(serde_json::from_str) {
        None => None,
        Some(Ok(wiring)) => Some(wiring),
        Some(Err(error)) => {
            tracing::error!(%yid, %error, "the settings of a kiosk's lock boards cannot be read");
            return None;
        }
    };
    Some(Wired {
        revision: row.revision,
        wiring,
    })
}

/// Operators and staff: the settings of the lock boards.
#[crate::boxed]
pub async fn wiring(b: &Backend, who: &Person, yid: Yid) -> Result<Option<Wiring>> {
    require(who, &[Role::Operator, Role::Staff])?;
    let row: Option<WiredRow> = b.db().optional(sql!(const WIRED, yid.0)).await?;
    Ok(row.and_then(|row| read_or_unknown(yid, &row).wiring))
}

/// Sets how the lock boards are connected; `None`: the doors are drawn. What contradicts the layout is refused.
#[crate::boxed]
pub async fn set_wiring(b: &Backend, who: &Person, yid: Yid, wiring: Option<Wiring>) -> Result<()> {
    require(who, &[Role::Operator])?;
    let layout = layout(b, yid).await?;
    if let Some(wiring) = &wiring {
        wiring.check(&layout).map_err(|fault| refused(wiring, fault))?;
    }
    let text = wiring.as_ref().map(serde_json::to_string).transpose().map_err(fault)?;
    let update = sql!(
        "UPDATE kiosks SET wiring = $2, wiring_revision = COALESCE(wiring_revision, 0) + 1 WHERE yid = $1",
        yid.0,
        text
    );
    super::set(b, update).await
}

/// What was changed at the kiosk. It counts only if it was made from the newest settings and fits the layout; the answer tells the kiosk what counts.
#[crate::boxed]
pub async fn told_by_kiosk(b: &Backend, yid: Yid, told: Wired) -> Result<()> {
    if let Some(wiring) = &told.wiring
        && let Err(fault) = wiring.check(&layout(b, yid).await?)
    {
        tracing::warn!(%yid, ?fault, "settings that were made at a kiosk do not fit its layout");
        return Ok(());
    }
    let text = told
        .wiring
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(fault)?;
    b.db()
        .execute(sql!(
            "UPDATE kiosks SET wiring = $2, wiring_revision = COALESCE(wiring_revision, 0) + 1
             WHERE yid = $1 AND COALESCE(wiring_revision, 0) = $3",
            yid.0,
            text,
            told.revision
        ))
        .await?;
    Ok(())
}

async fn layout(b: &Backend, yid: Yid) -> Result<Vec<Port>> {
    row! {
        struct Door {
            jumper: i64,
            serial: i64,
        }
    }
    let rows: Vec<Door> = b
        .db()
        .all(sql!(
            "SELECT jumper, serial FROM compartments WHERE yid = $1 ORDER BY jumper, serial",
            yid.0
        ))
        .await?;
    Ok(rows
        .into_iter()
        .map(|Door { jumper, serial }| Port { jumper, serial })
        .collect())
}

/// The field of the form that a fault is about.
fn refused(wiring: &Wiring, fault: WiringFault) -> Refusal {
    let kind = wiring.boards.kind;
    let range = |min: i64, max: i64| Problem::Range { min, max };
    let (field, problem) = match fault {
        WiringFault::Settings(SettingsFault::Kind) => ("kind", Problem::Unknown),
        WiringFault::Settings(SettingsFault::Baud) => ("baud", range(1_200, 115_200)),
        WiringFault::Settings(SettingsFault::Doors) => ("doors", range(1, i64::from(kind.doors()))),
        WiringFault::Settings(SettingsFault::OpenTime) => {
            let (shortest, longest) = kind.open_times();
            ("open_ms", range(i64::from(shortest), i64::from(longest)))
        }
        WiringFault::Settings(SettingsFault::NotOfThisKind) => ("kind", Problem::Contradicts),
        WiringFault::Range { .. } => ("adapters", range(1, i64::from(kind.boards()))),
        WiringFault::Claimed { .. } => ("adapters", Problem::Taken),
        WiringFault::TooMany => ("adapters", range(1, i64::try_from(ADAPTERS_MAX).unwrap_or(i64::MAX))),
        WiringFault::Path { .. } => {
            let max = u32::try_from(PATH_MAX).unwrap_or(u32::MAX);
            ("adapters", Problem::TooLong { max })
        }
        WiringFault::Outside(_) => ("kind", Problem::Contradicts),
        WiringFault::Unconnected(_) => ("adapters", Problem::Contradicts),
        WiringFault::Wire(_) => ("wires", Problem::Contradicts),
        WiringFault::EchoUnknown => ("echo", Problem::Required),
    };
    Refusal::field(field, problem)
}
