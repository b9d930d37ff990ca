//! The devices there are. An operator imports their numbers and keys; a device that is not here cannot connect.
//!
//! A file's first line names the columns `guardId` and `deviceKey`, in any order and any case. Rows stand or fall one by one: an unknown
//! guard is added, a known one with the same key is unchanged, and one with another key is refused as taken, because a device whose key is
//! replaced by mistake could not connect any more.

mod finding;

use super::presence::{FAULTY, SILENT_MS, status_of};
use crate::core::db::{Statement, Tx, fault, read_sound, row, sql};
use crate::core::paging::{self, page_limit};
use crate::core::sheet::{self, Column, ImportOptions, Lines};
use crate::identity::importing::{self, Import};
use crate::identity::{Actor, require};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::guard::ids::GuardId;
pub use domain::guard::inventory::Device;
use domain::guard::link::{DeviceKey, DoorState, Status};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::{Millis, Phone};
use domain::imports::ImportKind;
use domain::locker::orders::{ImportReport, PagePlace, RowError};
use domain::locker::overview::GuardAlarm;
use domain::people::{Person, Role};
use domain::search::{Hit, Hits};
use std::collections::HashMap;

/// Largest file, in bytes.
pub const BYTES_MAX: usize = sheet::BYTES_MAX;
/// Most rows of a file.
pub const ROWS_MAX: u32 = sheet::ROWS_MAX;
const WIDTH: usize = 10;

const GUARD_ID: &str = "guardId";
const DEVICE_KEY: &str = "deviceKey";

const COLUMNS: [Column; 2] = [
    Column {
        name: GUARD_ID,
        required: true,
        key: true,
        shown: true,
    },
    Column {
        name: DEVICE_KEY,
        required: true,
        key: true,
        shown: false,
    },
];

row! {
    struct DeviceRow {
        guard_id: String,
        owner: Option<String>,
        firmware: String,
        connected_at: Option<i64>,
        added_at: i64,
        connected: Option<i64>,
        seen_at: Option<i64>,
        status: Option<i64>,
    }
}

impl DeviceRow {
    /// `None`: its bar code cannot be read.
    fn device(self, now: Millis) -> Option<Device> {
        let heard = self.seen_at.is_some_and(|at| now.since(Millis(at)) <= SILENT_MS);
        let (status, fault) = match status_of(self.status.unwrap_or_default()) {
            _ if self.connected != Some(1) || !heard => (GuardStatus::NotConnected, None),
            (Status::Faulty, fault) => (GuardStatus::Faulty, fault),
            (Status::Working, _) => (GuardStatus::Working, None),
        };
        Some(Device {
            guard_id: GuardId::parse(&self.guard_id).ok()?,
            owner: self.owner.map(Phone),
            firmware: self.firmware,
            connected_at: self.connected_at.map(Millis),
            status,
            fault,
            seen_at: self.seen_at.map(Millis),
            added_at: Millis(self.added_at),
        })
    }
}

pub(crate) struct Row {
    line: u64,
    guard_id: GuardId,
    key: DeviceKey,
}

pub(crate) fn key_context(guard_id: &GuardId) -> String {
    format!("device key {guard_id}")
}

/// The key of a device.
pub(crate) async fn device_key(b: &Backend, guard_id: &GuardId) -> Result<Option<DeviceKey>> {
    let row: Option<String> = read_sound!(b, ["device_key"], |[device_key]| {
        let key = sql!(
            "SELECT {device_key} AS device_key FROM guards WHERE guard_id = $1"
            { device_key: sealed(device_key) },
            guard_id.as_str()
        );
        b.db().read().try_optional(key).await
    })?;
    Ok(row.and_then(|sealed| open_key(b, guard_id, &sealed)))
}

/// `None`: it cannot be read. The guard cannot connect until its key is imported again.
fn open_key(b: &Backend, guard_id: &GuardId, sealed: &str) -> Option<DeviceKey> {
    let text = b.keys().try_open_text(&key_context(guard_id), sealed);
    let key = text.and_then(|text| DeviceKey::parse(&text));
    if key.is_none() {
        b.damage().note("guards", format_args!("{guard_id} device_key"));
    }
    key
}

/// Operators: the devices of which the bar code or the owner's number holds what was typed, by bar code.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person, text: &str, cursor: Option<&str>, limit: u32) -> Result<Hits<Device>> {
    require(who, &[Role::Operator])?;
    let limit = page_limit(limit) as usize;
    let (found, next) = finding::among(b, text, cursor.unwrap_or_default(), limit).await?;
    let mut devices = devices_of(b, found.keys()).await?;
    let rows = found
        .into_iter()
        .filter_map(|(id, found)| devices.remove(&id).map(|of| Hit { of, found }));
    Ok(Hits {
        rows: rows.collect(),
        next,
        incomplete: false,
    })
}

const PAGED: paging::Of = paging::Of {
    table: "guards",
    key: "guard_id",
    wanted: "1 = 1",
};

#[cfg(test)]
crate::core::db::family!(|| PAGED.texts());

/// Operators: where this page of all devices begins, by bar code.
#[crate::boxed]
pub async fn page(b: &Backend, who: &Person, page: u64, rows: u32) -> Result<PagePlace> {
    require(who, &[Role::Operator])?;
    paging::place(b, &PAGED, &[], page, rows).await
}

/// Operators: how many connected guards report a fault.
#[crate::boxed]
pub async fn faulty(b: &Backend, who: &Person) -> Result<u32> {
    require(who, &[Role::Operator])?;
    let counted = sql!(
        "SELECT count(*) FROM presence WHERE connected = 1 AND status >= $1 AND seen_at > $2",
        FAULTY,
        b.now().0.saturating_sub(SILENT_MS)
    );
    let count: i64 = b.db().one(counted).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Operators: what doors of guards did lately that somebody has to look into, the newest first. Not who stood before them.
#[crate::boxed]
pub async fn door_alarms(b: &Backend, who: &Person, limit: u32) -> Result<Vec<GuardAlarm>> {
    require(who, &[Role::Operator])?;
    row! {
        struct Row {
            guard_id: String,
            reason: String,
            at: i64,
        }
    }
    let since = b.now().plus(-GuardAlarm::NEWER_THAN_MS);
    let rows: Vec<Row> = b
        .db()
        .all(sql!(
            // In the words of the index.
            "SELECT guard_id, reason, at FROM records
             WHERE way = 3 AND reason <> 'opened' AND reason <> 'closed' AND reason <> 'button' AND at > $1 ORDER BY at DESC LIMIT $2",
            since.0,
            i64::from(limit)
        ))
        .await?;
    let alarms = rows.into_iter().filter_map(|row| {
        Some(GuardAlarm {
            place: GuardId::parse(&row.guard_id).ok()?,
            what: DoorState::parse(&row.reason)?,
            at: Millis(row.at),
        })
    });
    Ok(alarms.collect())
}

/// The devices with these bar codes.
async fn devices_of(b: &Backend, ids: impl ExactSizeIterator<Item = &String>) -> Result<HashMap<String, Device>> {
    if ids.len() == 0 {
        return Ok(HashMap::new());
    }
    let mut query = sql!(
        "SELECT g.guard_id, g.owner, g.firmware, g.connected_at, g.added_at, p.connected, p.seen_at, p.status
         FROM guards g LEFT JOIN presence p ON p.guard_id = g.guard_id WHERE g.guard_id IN ({ids})"
        { ids: list(1, ids.len()) }
    )
    .once();
    for id in ids {
        query = query.bind(id);
    }
    let now = b.now();
    let rows = b.db().all::<DeviceRow>(query).await?;
    let devices = rows.into_iter().filter_map(|row| {
        let name = row.guard_id.clone();
        let device = row.device(now);
        if device.is_none() {
            b.damage().note("guards", &name);
        }
        device.map(|device| (name, device))
    });
    Ok(devices.collect())
}

/// Reads a CSV file with a header line; rows stand or fall one by one.
#[crate::boxed]
pub async fn import_csv(b: &Backend, who: &Actor, bytes: &[u8]) -> Result<ImportReport> {
    import_csv_with(b, who, bytes, ImportOptions::default()).await
}

/// The same with a given encoding, or only to see what would become of each row.
#[crate::boxed]
pub async fn import_csv_with(b: &Backend, who: &Actor, bytes: &[u8], options: ImportOptions) -> Result<ImportReport> {
    importing::run::<2, Devices>(b, who, bytes, options).await
}

/// The rows of a file that an import refused (`errors`), as they stand in it. There are keys of devices among them.
#[crate::boxed]
pub async fn refused_of(b: &Backend, bytes: &[u8], options: ImportOptions, errors: &[RowError]) -> Result<Lines> {
    importing::lines_of::<2, Devices>(b, bytes, options, errors).await
}

/// What is known while a file is imported.
#[derive(Default)]
pub(crate) struct Devices {
    /// In a dry run, what the rows so far would have added.
    planned: HashMap<GuardId, DeviceKey>,
}

impl Import<2> for Devices {
    type Row = Row;

    const KIND: ImportKind = ImportKind::Guards;
    const COLUMNS: [Column; 2] = COLUMNS;

    async fn words(_: &Backend) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn rows(rows: Vec<sheet::Row<2>>, errors: &mut Vec<RowError>) -> Vec<Row> {
        devices(rows, errors)
    }

    async fn prepare(&mut self, _: &Backend, _: &[Row]) -> Result<()> {
        Ok(())
    }

    async fn store(
        &mut self,
        b: &Backend,
        tx: &mut Tx,
        _: &Actor,
        rows: &[Row],
        report: &mut ImportReport,
    ) -> Result<()> {
        store(b, tx, rows, report).await
    }

    async fn plan(&mut self, b: &Backend, rows: &[Row], report: &mut ImportReport) -> Result<()> {
        plan(b, rows, &mut self.planned, report).await
    }

    async fn stored(_: &Backend) {}
}

/// The rows that make sense; why the others do not goes into `errors`.
fn devices(rows: Vec<sheet::Row<2>>, errors: &mut Vec<RowError>) -> Vec<Row> {
    let mut devices = Vec::with_capacity(rows.len());
    for sheet::Row { line, cells } in rows {
        match device(cells) {
            Ok((guard_id, key)) => devices.push(Row { line, guard_id, key }),
            Err((refusal, value)) => errors.push(RowError { line, refusal, value }),
        }
    }
    devices
}

/// The refusal comes with what was refused, where that is no secret.
fn device([id, key]: [String; 2]) -> std::result::Result<(GuardId, DeviceKey), (Refusal, Option<String>)> {
    let guard_id = GuardId::parse(&id).map_err(|problem| (Refusal::field(GUARD_ID, problem), Some(id.clone())))?;
    let problem = if key.is_empty() {
        Problem::Required
    } else {
        Problem::Form
    };
    let key = DeviceKey::parse(&key).ok_or((Refusal::field(DEVICE_KEY, problem), None))?;
    Ok((guard_id, key))
}

/// What `store` would do, found out by reading.
async fn plan(
    b: &Backend,
    rows: &[Row],
    planned: &mut HashMap<GuardId, DeviceKey>,
    report: &mut ImportReport,
) -> Result<()> {
    let all: Vec<&Row> = rows.iter().collect();
    let sealed = known_keys(b, None, &all).await?;
    for row in rows {
        let key = match (planned.get(&row.guard_id), sealed.get(row.guard_id.as_str())) {
            (Some(key), _) => Some(key.clone()),
            // One that cannot be read is replaced by the key of the file.
            (None, Some(sealed)) => open_key(b, &row.guard_id, sealed),
            (None, None) => None,
        };
        match key {
            None => {
                report.added += 1;
                planned.insert(row.guard_id.clone(), row.key.clone());
            }
            Some(key) => tell(row, &key, report),
        }
    }
    Ok(())
}

/// One transaction's worth of rows.
async fn store(b: &Backend, tx: &mut Tx, rows: &[Row], report: &mut ImportReport) -> Result<()> {
    // In one order everywhere, so that two imports at once do not block each other; of a number that is there twice the first row counts.
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by(|a, b| (&a.guard_id, a.line).cmp(&(&b.guard_id, b.line)));
    let (mut fresh, mut others): (Vec<&Row>, Vec<&Row>) = (Vec::new(), Vec::new());
    for row in rows {
        if fresh.last().is_some_and(|last| last.guard_id == row.guard_id) {
            others.push(row);
        } else {
            fresh.push(row);
        }
    }
    let added = insert(b, tx, &fresh).await?;
    report.added += u32::try_from(added.len()).unwrap_or(u32::MAX);
    others.extend(
        fresh
            .into_iter()
            .filter(|row| !added.contains(&row.guard_id.as_str().to_owned())),
    );
    compare(b, tx, &others, report).await
}

async fn insert(b: &Backend, tx: &mut Tx, rows: &[&Row]) -> Result<Vec<String>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = sql!(
        "INSERT INTO guards (guard_id, device_key, firmware, name, location, comment, version, settings_version, record_seq, added_at)
         VALUES {rows} ON CONFLICT (guard_id) DO NOTHING RETURNING guard_id"
        { rows: rows(rows.len(), WIDTH) }
    )
    .once();
    for row in rows {
        let sealed = b
            .keys()
            .seal(b.rng(), &key_context(&row.guard_id), row.key.expose().as_bytes())?;
        query = query
            .bind(row.guard_id.as_str())
            .bind(sealed)
            .bind("")
            .bind("")
            .bind("")
            .bind("")
            .bind(0i64)
            .bind(0i64)
            .bind(0i64)
            .bind(b.now().0);
    }
    tx.all(query).await
}

/// The sealed keys of those of these guards that exist.
async fn known_keys(b: &Backend, tx: Option<&mut Tx>, rows: &[&Row]) -> Result<HashMap<String, String>> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let found = match tx {
        None => read_sound!(b, ["device_key"], |[device_key]| {
            b.db().read().try_all(keys_of(rows, &device_key)).await
        }),
        Some(tx) => read_sound!(b, ["device_key"], |[device_key]| {
            tx.try_all(keys_of(rows, &device_key)).await
        }),
    };
    row! {
        struct Known {
            guard_id: String,
            device_key: String,
        }
    }
    let found: Vec<Known> = found?;
    Ok(found.into_iter().map(|row| (row.guard_id, row.device_key)).collect())
}

fn keys_of<'q>(rows: &[&'q Row], device_key: &str) -> Statement<'q> {
    let keys = sql!(
        "SELECT guard_id, {device_key} AS device_key FROM guards WHERE guard_id IN ({ids})"
        { device_key: sealed(device_key), ids: list(1, rows.len()) }
    );
    keys.once().bind_all(rows.iter().map(|row| row.guard_id.as_str()))
}

/// Rows whose guard exists: unchanged, or taken.
async fn compare(b: &Backend, tx: &mut Tx, rows: &[&Row], report: &mut ImportReport) -> Result<()> {
    let known = known_keys(b, Some(tx), rows).await?;
    for row in rows {
        let sealed = known
            .get(row.guard_id.as_str())
            .ok_or_else(|| fault("a guard that vanished"))?;
        match open_key(b, &row.guard_id, sealed) {
            Some(key) => tell(row, &key, report),
            None => {
                replace_key(b, tx, row).await?;
                report.added += 1;
            }
        }
    }
    Ok(())
}

/// The stored key cannot be read, so nothing is lost by taking the one of the file.
async fn replace_key(b: &Backend, tx: &mut Tx, row: &Row) -> Result<()> {
    let context = key_context(&row.guard_id);
    let sealed = b.keys().seal(b.rng(), &context, row.key.expose().as_bytes())?;
    tx.execute(sql!(
        "UPDATE guards SET device_key = $2 WHERE guard_id = $1",
        row.guard_id.as_str(),
        sealed
    ))
    .await?;
    Ok(())
}

/// What becomes of a row whose guard has this key.
fn tell(row: &Row, key: &DeviceKey, report: &mut ImportReport) {
    if *key == row.key {
        report.unchanged += 1;
    } else {
        let refused = RowError::new(row.line, Refusal::field(GUARD_ID, Problem::Taken));
        report.errors.push(refused.of(row.guard_id.as_str()));
    }
}
