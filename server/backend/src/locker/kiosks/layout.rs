//! The doors of a kiosk as an operator arranges them.

use super::{CompartmentState, find, in_range, states_within, take};
use crate::core::db::{Tx, sql};
use crate::core::text::one_line;
use crate::identity::require;
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::ids::{Port, Yid};
use domain::locker::compartments::{Compartment, CompartmentStatus, SIZES};
use domain::people::{Person, Role};

const LABEL_MAX: u32 = 16;

/// One door of a new layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorLayout {
    /// Which compartment.
    pub port: Port,
    /// What is written on its door, 1 to 16 characters, once in a kiosk.
    pub label: String,
    /// Height in units of the smallest door, 1 to 4.
    pub size: i64,
    /// Free, out of order, or joined to its neighbour; for a door with something in it the status it has.
    pub status: CompartmentStatus,
}

/// Changes labels, sizes and conditions of doors; doors left out stay as they are. A door with something in it keeps all but its label.
#[crate::boxed]
pub async fn set_layout(b: &Backend, who: &Person, yid: Yid, doors: Vec<DoorLayout>) -> Result<Vec<Compartment>> {
    require(who, &[Role::Operator])?;
    let mut tx = b.db().begin().await?;
    take(b, &mut tx, yid, false).await?;
    let mut known = states_within(b, &mut tx, yid).await?;
    for door in doors {
        let state = known
            .iter_mut()
            .find(|state| state.port() == door.port)
            .ok_or(Refusal::Unknown)?;
        change_door(b, &mut tx, yid, state, &door).await?;
    }
    let mut labels: Vec<&str> = known.iter().map(|state| state.label.as_str()).collect();
    labels.sort_unstable();
    if labels.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::field("label", Problem::Taken));
    }
    tx.commit().await?;
    find(b, yid).await.map(|(_, compartments)| compartments)
}

async fn change_door(
    b: &Backend,
    tx: &mut Tx,
    yid: Yid,
    state: &mut CompartmentState,
    door: &DoorLayout,
) -> Result<()> {
    use CompartmentStatus::{Free, Joined, OutOfOrder};
    let label = one_line("label", &door.label, LABEL_MAX, false)?;
    let size = in_range("size", door.size, *SIZES.start(), *SIZES.end())?;
    let status = state.status(b, yid);
    let changes = size != state.size || door.status != status;
    let occupied = state.things_sq.is_some() || !matches!(status, Free | Joined | OutOfOrder);
    if changes && occupied {
        return Err(Refusal::CompartmentTaken);
    }
    if changes && !matches!(door.status, Free | Joined | OutOfOrder) {
        return Err(Refusal::field("status", Problem::Contradicts));
    }
    if !changes && label == state.label {
        return Ok(());
    }
    // The kiosk is told until it confirms; what it says of the door meanwhile does not undo this.
    tx.execute(sql!("UPDATE compartments SET label = $4, size = $5, wanted = CASE WHEN status = $6 THEN wanted ELSE $6 END, status = $6
         WHERE yid = $1 AND jumper = $2 AND serial = $3", yid.0, door.port.jumper, door.port.serial, &label, size, door.status.letter())).await?;
    state.label = label;
    Ok(())
}
