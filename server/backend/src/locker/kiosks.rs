//! Kiosks: their list and settings. Their doors are in [`layout`], how a device becomes one in [`enrolment`].

mod enrolment;
mod layout;
mod replaced;
mod settings;
mod state;
mod wiring;

pub use enrolment::{EnrolmentCode, enrol, enrolment_code};
pub(crate) use replaced::looked_into;

pub use layout::{DoorLayout, set_layout};
pub use settings::{change_overdue_days, overdue_days, replace_pin, set_overdue_days, set_pin, settings};
use state::states;
pub(crate) use state::{CompartmentState, kind_word, pwd_context, state, state_within, states_within};
pub use wiring::{set_wiring, told_by_kiosk, wired, wiring};

use crate::core::db::{Statement, Tx, row, sql};
use crate::core::keys::random_text;
use crate::core::text::one_line;
use crate::identity::{Actor, changes, require, site, tokens};
use crate::locker::dates::believable;
use crate::locker::known::secret_context;
use crate::{Backend, Result};
use domain::changes::{About, Deed, between};
use domain::error::{Problem, Refusal};
use domain::ids::{Millis, ThingsSq, Yid};
use domain::locker::compartments::{Compartment, CompartmentStatus};
use domain::locker::kiosk::{Binding, Look, Wanted};
use domain::locker::kiosks::{Counts, Kiosk, KioskTexts};
pub use domain::locker::kiosks::{Settings, Whereabouts};
use domain::people::{Person, Role};
use std::collections::HashMap;

const NAME_MAX: u32 = 100;
const ADDRESS_MAX: u32 = 200;
const SECRET_MAX: u32 = 200;
/// What a browser can count exactly.
const YID_MAX: i64 = (1 << 53) - 1;
const BOARDS_MAX: i64 = 16;
const PORTS_MAX: i64 = 32;
const COMPARTMENTS_MAX: i64 = 256;

/// A kiosk to be added, as typed.
#[derive(Clone)]
pub struct NewKiosk {
    /// Its number, 1 or more.
    pub yid: i64,
    /// How it is called, 1 to 100 characters.
    pub name: String,
    /// Where it stands, up to 200 characters.
    pub address: String,
    /// Lock boards, 1 to 16: `jumper` 1 to this.
    pub boards: i64,
    /// Ports on each board, 1 to 32: `serial` 1 to this. At most 256 compartments in all.
    pub ports: i64,
    /// A given secret makes it a legacy kiosk, marked as weak; without one a strong secret is made.
    pub secret: Option<String>,
}

row! {
    struct KioskRow {
        yid: i64,
        name: String,
        address: String,
        legacy: i64,
        enrolled_at: Option<i64>,
        heard_at: Option<i64>,
        clock_offset_ms: i64,
        acked_seq: i64,
        retired_at: Option<i64>,
    }
}

const KIOSK_COLUMNS: &str = "yid, name, address, legacy, enrolled_at, heard_at, clock_offset_ms, acked_seq, retired_at";

impl KioskRow {
    fn kiosk(self, counts: Counts) -> Kiosk {
        Kiosk {
            yid: Yid(self.yid),
            name: self.name,
            address: self.address,
            legacy: self.legacy != 0,
            enrolled_at: self.enrolled_at.map(Millis),
            heard_at: self.heard_at.map(Millis),
            clock_offset_ms: self.clock_offset_ms,
            acked_seq: self.acked_seq,
            counts,
            retired_at: self.retired_at.map(Millis),
        }
    }
}

/// Staff and operators: every kiosk, by number; for staff without the retired ones.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person) -> Result<Vec<Kiosk>> {
    require(who, &[Role::Operator, Role::Staff])?;
    let mut kiosks = all(b).await?;
    kiosks.retain(|kiosk| who.role == Role::Operator || kiosk.retired_at.is_none());
    Ok(kiosks)
}

/// For an operator's work: every kiosk, by number.
#[crate::boxed]
pub async fn list_all(b: &Backend, who: &Actor) -> Result<Vec<Kiosk>> {
    who.require_operator()?;
    all(b).await
}

async fn all(b: &Backend) -> Result<Vec<Kiosk>> {
    let rows: Vec<KioskRow> = b
        .db()
        .all(sql!("SELECT {columns} FROM kiosks ORDER BY yid" { columns: text(KIOSK_COLUMNS) }))
        .await?;
    row! {
        struct OfStatus {
            yid: i64,
            status: String,
            number: i64,
        }
    }
    let states: Vec<OfStatus> = b
        .db()
        .all(sql!(
            "SELECT yid, status, count(*) AS number FROM compartments GROUP BY yid, status"
        ))
        .await?;
    let mut counts: HashMap<i64, Counts> = HashMap::new();
    for of in states {
        count(counts.entry(of.yid).or_default(), &of.status, of.number);
    }
    let kiosks = rows.into_iter().map(|row| {
        let counts = counts.get(&row.yid).copied().unwrap_or_default();
        row.kiosk(counts)
    });
    Ok(kiosks.collect())
}

fn count(counts: &mut Counts, status: &str, number: i64) {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    match CompartmentStatus::parse(status) {
        Some(CompartmentStatus::Joined) => return,
        Some(CompartmentStatus::Free) => counts.free += number,
        Some(CompartmentStatus::Stored) => counts.stored += number,
        Some(CompartmentStatus::OutOfOrder) => counts.out_of_order += number,
        _ => {}
    }
    counts.total += number;
}

/// Staff and operators: a kiosk and its compartments, by board and port.
#[crate::boxed]
pub async fn get(b: &Backend, who: &Person, yid: Yid) -> Result<(Kiosk, Vec<Compartment>)> {
    require(who, &[Role::Operator, Role::Staff])?;
    find(b, yid).await
}

async fn find(b: &Backend, yid: Yid) -> Result<(Kiosk, Vec<Compartment>)> {
    let row: Option<KioskRow> = b
        .db()
        .optional(sql!(
            "SELECT {columns} FROM kiosks WHERE yid = $1" { columns: text(KIOSK_COLUMNS) },
            yid.0
        ))
        .await?;
    let row = row.ok_or(Refusal::Unknown)?;
    let states = states(b, yid).await?;
    let compartments: Vec<Compartment> = states.into_iter().map(|state| state.compartment(b, yid)).collect();
    let mut counts = Counts::default();
    for compartment in &compartments {
        count(&mut counts, compartment.status.letter(), 1);
    }
    Ok((row.kiosk(counts), compartments))
}

/// Takes the kiosk's row for the rest of the transaction, and answers the date of the newest state applied.
pub(crate) async fn take(b: &Backend, tx: &mut Tx, yid: Yid, heard: bool) -> Result<Millis> {
    let row: Option<i64> = tx.optional(sql!(
        "UPDATE kiosks SET heard_at = CASE WHEN $2 = 1 THEN $3 ELSE heard_at END WHERE yid = $1 RETURNING applied_date",
        yid.0,
        i64::from(heard),
        b.now().0,
    )).await?;
    row.map(|date| believable(Millis(date), b.now()))
        .ok_or(Refusal::Unknown)
}

/// Anybody signed in: name and address of a kiosk.
#[crate::boxed]
pub async fn whereabouts(b: &Backend, who: &Person, yid: Yid) -> Result<Whereabouts> {
    require(who, &[Role::Operator, Role::Staff, Role::Business])?;
    let known = crate::locker::known::known(b, yid)
        .await
        .map_err(|refusal| match refusal {
            Refusal::CodeForeign => Refusal::Unknown,
            other => other,
        })?;
    Ok(Whereabouts {
        yid,
        name: known.name.clone(),
        address: known.address.clone(),
    })
}

/// The orders bound to compartments of a kiosk, for the kiosk itself: it learns of deposits that were completed on a phone.
#[crate::boxed]
pub async fn bindings(b: &Backend, yid: Yid) -> Result<Vec<Binding>> {
    row! {
        struct Bound {
            jumper: i64,
            serial: i64,
            things_sq: String,
        }
    }
    let rows: Vec<Bound> = b
        .db()
        .all(sql!(
            "SELECT jumper, serial, things_sq FROM compartments
         WHERE yid = $1 AND kind = 'deposit' AND things_sq IS NOT NULL ORDER BY jumper, serial",
            yid.0
        ))
        .await?;
    let bindings = rows.into_iter().map(|row| Binding {
        jumper: row.jumper,
        serial: row.serial,
        things_sq: ThingsSq(row.things_sq),
    });
    Ok(bindings.collect())
}

/// The conditions an operator set and the kiosk has not confirmed yet, for the kiosk itself.
#[crate::boxed]
pub async fn wanted(b: &Backend, yid: Yid) -> Result<Vec<Wanted>> {
    row! {
        struct Row {
            jumper: i64,
            serial: i64,
            wanted: String,
        }
    }
    let rows: Vec<Row> = b.db().all(sql!(
        "SELECT jumper, serial, wanted FROM compartments WHERE yid = $1 AND wanted IS NOT NULL ORDER BY jumper, serial",
        yid.0,
    )).await?;
    let wanted = rows.into_iter().filter_map(|row| {
        Some(Wanted {
            jumper: row.jumper,
            serial: row.serial,
            status: CompartmentStatus::parse(&row.wanted)?,
        })
    });
    Ok(wanted.collect())
}

/// What every kiosk is to show, for the kiosk itself.
#[crate::boxed]
pub async fn look(b: &Backend) -> Result<Look> {
    let site = site::current(b).await?;
    Ok(Look {
        contact: site.contact.clone(),
        language: site.language.clone(),
        logo: site.logo.clone(),
    })
}

/// Adds a kiosk with all compartments free and labelled `A1` and so on: board as letter, port as number.
#[crate::boxed]
pub async fn add(b: &Backend, who: &Actor, new: NewKiosk) -> Result<Kiosk> {
    who.require_operator()?;
    let yid = Yid(in_range("yid", new.yid, 1, YID_MAX)?);
    let name = one_line("name", &new.name, NAME_MAX, false)?;
    let address = one_line("address", &new.address, ADDRESS_MAX, true)?;
    let boards = in_range("boards", new.boards, 1, BOARDS_MAX)?;
    let ports = in_range("ports", new.ports, 1, PORTS_MAX.min(COMPARTMENTS_MAX / boards))?;
    let given = new.secret.filter(|secret| !secret.is_empty());
    if let Some(secret) = &given {
        one_line("secret", secret, SECRET_MAX, false)?;
    }
    let legacy = given.is_some();
    let secret = given.unwrap_or_else(|| random_text::<32>(b.rng()));
    let sealed = b.keys().seal(b.rng(), &secret_context(yid), secret.as_bytes())?;
    let overdue_days = site::current(b).await?.overdue_days;
    let mut tx = b.db().begin().await?;
    let added = tx.execute(sql!(
        "INSERT INTO kiosks (yid, name, address, secret, legacy, overdue_days, clock_offset_ms, acked_seq, applied_date, added_at)
             VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7) ON CONFLICT (yid) DO NOTHING",
        yid.0,
        &name,
        &address,
        sealed,
        i64::from(legacy),
        i64::from(overdue_days),
        b.now().0,
    )).await?;
    if added == 0 {
        return Err(Refusal::field("yid", Problem::Taken));
    }
    insert_compartments(&mut tx, yid, boards, ports).await?;
    changes::note(b, &mut tx, &About::Kiosk(yid), Deed::Added, who, &[]).await?;
    tx.commit().await?;
    crate::locker::known::changed(b, yid);
    b.bus().work_changed();
    find(b, yid).await.map(|(kiosk, _)| kiosk)
}

fn in_range(field: &str, value: i64, min: i64, max: i64) -> Result<i64> {
    if (min..=max).contains(&value) {
        Ok(value)
    } else {
        Err(Refusal::field(field, Problem::Range { min, max }))
    }
}

async fn insert_compartments(tx: &mut Tx, yid: Yid, boards: i64, ports: i64) -> Result<()> {
    const WIDTH: usize = 7;
    for jumper in 1..=boards {
        let letter = u8::try_from(jumper - 1).map_or('?', |index| char::from(b'A' + index));
        let rows = usize::try_from(ports).unwrap_or(0);
        let mut query = sql!(
            "INSERT INTO compartments (yid, jumper, serial, label, status, size, state_at) VALUES {rows}"
            { rows: rows(rows, WIDTH) }
        )
        .once();
        for serial in 1..=ports {
            query = query
                .bind(yid.0)
                .bind(jumper)
                .bind(serial)
                .bind(format!("{letter}{serial}"))
                .bind(CompartmentStatus::Free.letter())
                .bind(1i64)
                .bind(0i64);
        }
        tx.execute(query).await?;
    }
    Ok(())
}

/// Changes name and address, as long as they are what the operator saw (`was`; `None`: whatever they are). Answers the kiosk as it is, and whether
/// that is what was asked for: `false` where somebody else changed it since.
#[crate::boxed]
pub async fn edit(
    b: &Backend,
    who: &Person,
    yid: Yid,
    was: Option<&KioskTexts>,
    to: &KioskTexts,
) -> Result<(Kiosk, bool)> {
    require(who, &[Role::Operator])?;
    let to = KioskTexts {
        name: one_line("name", &to.name, NAME_MAX, false)?,
        address: one_line("address", &to.address, ADDRESS_MAX, true)?,
    };
    let now = KioskTexts::from(&find(b, yid).await?.0);
    let was = was.unwrap_or(&now);
    let mut tx = b.db().begin().await?;
    let edited = sql!(
        "UPDATE kiosks SET name = $2, address = $3 WHERE yid = $1 AND name = $4 AND address = $5",
        yid.0,
        &to.name,
        &to.address,
        &was.name,
        &was.address
    );
    if tx.execute(edited).await? == 0 {
        tx.rollback().await?;
        let (kiosk, _) = find(b, yid).await?;
        let as_asked = KioskTexts::from(&kiosk) == to;
        return Ok((kiosk, as_asked));
    }
    let values = between([("name", &was.name, &to.name), ("address", &was.address, &to.address)]);
    if !values.is_empty() {
        changes::note(b, &mut tx, &About::Kiosk(yid), Deed::Corrected, &who.into(), &values).await?;
    }
    tx.commit().await?;
    crate::locker::known::changed(b, yid);
    find(b, yid).await.map(|(kiosk, _)| (kiosk, true))
}

/// Retires a kiosk or restores it. Its compartments must be empty, because nobody could fetch what lies in them. Its device is signed out and its
/// codes no longer work; a restored kiosk needs a new enrolment.
#[crate::boxed]
pub async fn set_retired(b: &Backend, who: &Person, yid: Yid, retired: bool) -> Result<()> {
    require(who, &[Role::Operator])?;
    let mut tx = b.db().begin().await?;
    take(b, &mut tx, yid, false).await?;
    let now = b.now().0;
    let secret = random_text::<32>(b.rng());
    let sealed = b.keys().seal(b.rng(), &secret_context(yid), secret.as_bytes())?;
    let (changed, deed) = if retired {
        let retire = sql!(
            "UPDATE kiosks SET retired_at = $2, secret = $3, legacy = 0 WHERE yid = $1 AND retired_at IS NULL",
            yid.0,
            now,
            sealed
        );
        (retire, Deed::Retired)
    } else {
        let restore = sql!(
            "UPDATE kiosks SET retired_at = NULL, secret = $3, enrolled_at = NULL WHERE yid = $1 AND retired_at IS NOT NULL AND retired_at <= $2",
            yid.0,
            now,
            sealed
        );
        (restore, Deed::Restored)
    };
    if retired {
        let inside = sql!(
            "SELECT 1 FROM compartments WHERE yid = $1 AND (things_sq IS NOT NULL OR kind IS NOT NULL) LIMIT 1",
            yid.0
        );
        let inside: Option<i64> = tx.optional(inside).await?;
        if inside.is_some() {
            tx.rollback().await?;
            return Err(Refusal::field("yid", Problem::Contradicts));
        }
    }
    if tx.execute(changed).await? == 0 {
        // It has this state already.
        return tx.rollback().await;
    }
    crate::identity::signed_in::kiosk_changes(b, &mut tx, yid);
    for ended in [
        tokens::end_of_kiosk(yid),
        sql!("DELETE FROM enrolments WHERE yid = $1", yid.0),
    ] {
        tx.execute(ended).await?;
    }
    changes::note(b, &mut tx, &About::Kiosk(yid), deed, &who.into(), &[]).await?;
    tx.commit().await?;
    crate::locker::known::changed(b, yid);
    b.bus().work_changed();
    Ok(())
}

async fn set(b: &Backend, statement: Statement<'_>) -> Result<()> {
    if b.db().execute(statement).await? == 0 {
        Err(Refusal::Unknown)
    } else {
        Ok(())
    }
}
