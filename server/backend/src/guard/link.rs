//! What a node needs to talk with a guard (SPEC 4.4), by the guard's number: who asks is the device itself, which has proved its key.

use super::guards::{default_passwords, op_code_context};
use super::hub::{GuardSubscription, Live, Wake};
use super::presence::Said;
use super::record_writer::NewRecord;
use super::records::{self, Info};
use super::{grants, inventory};
use crate::db::{fault, read_sound};
use crate::{Backend, Result, nodes};
use domain::error::Refusal;
use domain::guard::grants::{Grants, Key, MOST_GRANTS, Series};
use domain::guard::ids::{GuardId, OpCode, ServiceNumb};
use domain::guard::link::{
    Attempt, Change, Changes, DeviceKey, Happening, Hello, MAX_CHANGES, MAX_RECORDS, Record, Settings, Snapshot,
    Status, ToDevice, Version,
};
use domain::ids::{Millis, Phone};

pub use super::history::{begin_history, epoch};

/// Grants that open no more go into a snapshot for this long and up to this number, so that the guard can name their refusal.
const DEAD_KEPT_MS: i64 = 7 * 24 * 3_600_000;
const DEAD_KEPT: usize = 200;
/// A record may be ahead of our clock by this much; one further ahead was made by a clock that does not know the time.
const AHEAD_MS: i64 = 10 * 60 * 1000;

/// One connection of a guard. As long as it exists the guard counts as connected; dropping it ends that.
pub struct Session {
    b: Backend,
    guard_id: GuardId,
    owner: Option<Phone>,
    desired: Version,
    records_stored: i64,
    said: Said,
    wake: GuardSubscription,
}

/// The key a guard proves, from the inventory.
pub async fn device_key(b: &Backend, guard_id: &GuardId) -> Result<Option<DeviceKey>> {
    inventory::device_key(b, guard_id).await
}

#[derive(sqlx::FromRow)]
struct GuardRow {
    op_code: Option<String>,
    firmware: String,
    owner: Option<String>,
    version: i64,
    record_seq: i64,
    connected_at: Option<i64>,
    node: Option<String>,
}

/// A number for a connection: later ones are higher, as far as the nodes' clocks agree. Where they do not, a link that is over stays until it has
/// been silent for too long.
fn new_session(b: &Backend) -> i64 {
    const CHANCE_BITS: u32 = 16;
    let mut chance = [0; 2];
    b.rng().fill(&mut chance);
    (b.now().0.max(0) << CHANCE_BITS) | i64::from(u16::from_be_bytes(chance))
}

/// A guard that proved its key is here. An older connection of the same guard is told to end.
pub async fn connected(b: &Backend, hello: &Hello) -> Result<Session> {
    let guard_id = &hello.guard_id;
    let epoch = epoch(b).await?;
    let session = new_session(b);
    // Before anything is read, so that no change falls between reading and waiting.
    let wake = b.hub().subscribe_guard(guard_id, session);
    let row: Option<GuardRow> = sqlx::query_as(
        "SELECT op_code, firmware, owner, version, record_seq, connected_at, node FROM guards WHERE guard_id = $1",
    )
    .bind(guard_id.as_str())
    .fetch_optional(b.db().read())
    .await
    .map_err(fault)?;
    let row = row.ok_or(Refusal::Unknown)?;
    introduce(b, hello, &row).await?;
    nodes::guard_is_here(b, guard_id, row.node.as_deref());
    let now = b.now();
    let mut session = Session {
        b: b.clone(),
        guard_id: guard_id.clone(),
        owner: row.owner.map(Phone),
        desired: Version {
            epoch,
            number: row.version,
        },
        records_stored: row.record_seq,
        said: Said {
            session,
            connected: true,
            seen_at: now,
            status: hello.status,
            clock_uncertainty_ms: None,
            acked: 0,
            acked_at: None,
        },
        wake,
    };
    session.stands_at(hello.version);
    session.note(true);
    Ok(session)
}

/// Keeps what a guard says of itself, where that is new.
async fn introduce(b: &Backend, hello: &Hello, row: &GuardRow) -> Result<()> {
    let guard_id = &hello.guard_id;
    let firmware: String = hello.firmware.chars().filter(|c| !c.is_control()).collect();
    let context = op_code_context(guard_id);
    // One that cannot be read is written anew.
    let known = row
        .op_code
        .as_ref()
        .and_then(|sealed| b.keys().try_open_text(&context, sealed));
    let said = hello.op_code.as_ref().map(OpCode::as_str);
    let code_is_known = known.as_deref() == said && known.is_some() == row.op_code.is_some();
    if code_is_known && row.firmware == firmware && row.connected_at.is_some() {
        return Ok(());
    }
    let op_code = match &hello.op_code {
        _ if code_is_known => row.op_code.clone(),
        Some(code) => Some(b.keys().seal(b.rng(), &context, code.as_str().as_bytes())?),
        None => None,
    };
    sqlx::query(
        "UPDATE guards SET op_code = $2, firmware = $3, connected_at = COALESCE(connected_at, $4) WHERE guard_id = $1",
    )
    .bind(guard_id.as_str())
    .bind(op_code)
    .bind(firmware)
    .bind(b.now().0)
    .execute(b.db().write())
    .await
    .map_err(fault)?;
    Ok(())
}

impl Session {
    /// Which guard.
    pub fn guard_id(&self) -> &GuardId {
        &self.guard_id
    }

    /// Where its grants should stand, as far as this session has looked.
    pub fn desired(&self) -> Version {
        self.desired
    }

    /// All its records up to this number were stored when it connected.
    pub fn records_stored(&self) -> i64 {
        self.records_stored
    }

    /// Waits until there may be changes to send, or the same guard connected again.
    pub async fn woken(&mut self) -> Wake {
        self.wake.woken().await
    }

    /// What the guard lacks that stands at `held`, as the frames to be sent; none if it lacks nothing.
    pub async fn changes_since(&mut self, held: Version) -> Result<Vec<ToDevice>> {
        changes_since(self, held).await
    }

    /// The guard says where its grants stand.
    pub fn acknowledged(&mut self, held: Version) {
        self.said.seen_at = self.b.now();
        let news = self.stands_at(held);
        self.note(news);
    }

    /// The guard says that it is there.
    pub fn heartbeat(&mut self, status: Status, clock_uncertainty_ms: Option<i64>, held: Version) {
        let before = (self.said.status, self.said.clock_uncertainty_ms.is_some());
        self.said.status = status;
        self.said.clock_uncertainty_ms = clock_uncertainty_ms;
        self.said.seen_at = self.b.now();
        let news = self.stands_at(held) || before != (status, clock_uncertainty_ms.is_some());
        self.note(news);
    }

    /// Stores what follows without a gap on what is stored; see [`store_records`].
    pub async fn store_records(&self, records: &[Record]) -> Result<i64> {
        store_records(&self.b, &self.guard_id, records).await
    }

    /// True: that is news. A version of another history says nothing about ours.
    fn stands_at(&mut self, held: Version) -> bool {
        let acked = if held.epoch == self.desired.epoch {
            held.number
        } else {
            0
        };
        let news = acked != self.said.acked;
        if news || self.said.acked_at.is_none() {
            self.said.acked = acked;
            self.said.acked_at = Some(self.said.seen_at);
        }
        news
    }

    /// A new history began while the guard was here: what it confirmed of the old one does not count.
    fn belongs_to(&mut self, epoch: i64) {
        if self.desired.epoch != epoch {
            self.desired.epoch = epoch;
            self.said.acked = 0;
            self.said.acked_at = None;
            self.note(true);
        }
    }

    fn note(&self, news: bool) {
        self.b.guards().presence.note(&self.guard_id, self.said);
        if let Some(owner) = self.owner.as_ref().filter(|_| news) {
            self.b.hub().publish(owner, Live::GuardChanged);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Where the same guard is here already by another way, that is no news.
        if !self.wake.is_superseded() {
            self.said.connected = false;
            self.note(true);
        }
    }
}

/// A guard's settings and one of its grants.
#[derive(sqlx::FromRow)]
struct ChangeRow {
    owner: Option<String>,
    guard_version: i64,
    settings_version: i64,
    default_password1: Option<String>,
    default_password2: Option<String>,
    kind: Option<String>,
    service_numb: Option<String>,
    content: Option<String>,
    starts: Option<i64>,
    ends: Option<i64>,
    version: Option<i64>,
    added_at: Option<i64>,
    cancelled_at: Option<i64>,
}

impl ChangeRow {
    /// The grant, where there is one beside the settings.
    fn grant(&self) -> Option<grants::Row> {
        Some(grants::Row {
            service_numb: self.service_numb.clone()?,
            content: self.content.clone()?,
            starts: self.starts?,
            ends: self.ends?,
            version: self.version?,
            added_at: self.added_at?,
            cancelled_at: self.cancelled_at,
        })
    }

    fn settings(&self, b: &Backend, guard_id: &GuardId) -> Settings {
        let sealed = [self.default_password1.as_deref(), self.default_password2.as_deref()];
        Settings {
            owned: self.owner.is_some(),
            default_passwords: default_passwords(b, guard_id, sealed),
        }
    }
}

/// Columns that hold sealed texts.
const SEALED: [&str; 3] = ["g.default_password1", "g.default_password2", "r.content"];

/// The columns of a [`ChangeRow`], those that hold sealed texts being these expressions.
fn change_columns([first, second, content]: &[String; 3]) -> String {
    format!(
        "g.owner, g.version AS guard_version, g.settings_version, {first} AS default_password1, {second} AS default_password2,
         r.kind, r.service_numb, {content} AS content, r.starts, r.ends, r.version, r.added_at, r.cancelled_at"
    )
}

async fn changes_since(session: &mut Session, held: Version) -> Result<Vec<ToDevice>> {
    let (b, guard_id) = (session.b.clone(), session.guard_id.clone());
    session.belongs_to(epoch(&b).await?);
    if held.epoch != session.desired.epoch || held.number < 0 {
        return snapshot(session, &b, &guard_id).await;
    }
    // One more than fits beside the settings, to know whether there are more.
    let rows: Vec<ChangeRow> = read_sound!(b, SEALED, |sealed| {
        let columns = change_columns(&sealed);
        sqlx::query_as(&format!(
            "SELECT {columns} FROM guards g LEFT JOIN grants r ON r.guard_id = g.guard_id AND r.version > $2
             WHERE g.guard_id = $1 ORDER BY r.version LIMIT {}",
            MAX_CHANGES + 1
        ))
        .bind(guard_id.as_str())
        .bind(held.number)
        .fetch_all(b.db().read())
        .await
    })?;
    let guard = rows.first().ok_or(Refusal::Unknown)?;
    session.learn(guard);
    let desired = session.desired;
    if held.number == desired.number {
        return Ok(Vec::new());
    }
    let mut changes = Vec::with_capacity(rows.len() + 1);
    for row in &rows {
        changes.extend(change(&b, &guard_id, row));
    }
    if guard.settings_version > held.number {
        changes.push(Change::Settings {
            settings: guard.settings(&b, &guard_id),
            version: guard.settings_version,
        });
    }
    if held.number > desired.number || rows.len() > MAX_CHANGES || changes.len() > MAX_CHANGES {
        return snapshot(session, &b, &guard_id).await;
    }
    changes.sort_by_key(Change::version);
    Ok(vec![ToDevice::Changes(Box::new(Changes {
        epoch: desired.epoch,
        from: held.number,
        to: desired.number,
        changes,
    }))])
}

/// What a guard is told of a grant. One that cannot be read opens nothing any more: what the guard has under its number it forgets.
fn change(b: &Backend, guard_id: &GuardId, row: &ChangeRow) -> Option<Change> {
    let stored = row.grant()?;
    match stored.grant(b, guard_id) {
        Some(grant) => Some(Change::Put { grant }),
        None => Some(Change::Drop {
            service_numb: stored.service_numb(b, guard_id)?,
            kind: row.kind.as_deref().and_then(Series::parse),
            version: stored.version,
        }),
    }
}

impl Session {
    fn learn(&mut self, row: &ChangeRow) {
        self.owner = row.owner.clone().map(Phone);
        self.desired.number = row.guard_version;
    }
}

/// All there is: what is live, and what died lately.
async fn snapshot(session: &mut Session, b: &Backend, guard_id: &GuardId) -> Result<Vec<ToDevice>> {
    let now = b.now();
    let rows: Vec<ChangeRow> = read_sound!(b, SEALED, |sealed| {
        let columns = change_columns(&sealed);
        sqlx::query_as(&format!(
            "SELECT {columns} FROM guards g LEFT JOIN grants r ON r.guard_id = g.guard_id AND r.ends > $2
                 AND (r.cancelled_at IS NULL OR r.cancelled_at > $2)
             WHERE g.guard_id = $1 ORDER BY r.version DESC"
        ))
        .bind(guard_id.as_str())
        .bind(now.plus(-DEAD_KEPT_MS).0)
        .fetch_all(b.db().read())
        .await
    })?;
    let guard = rows.first().ok_or(Refusal::Unknown)?;
    session.learn(guard);
    let (mut all, mut dead, mut live) = (Vec::new(), 0, 0);
    for row in rows.iter().filter_map(ChangeRow::grant) {
        let is_live = row.cancelled_at.is_none() && row.ends > now.0;
        let (count, most) = if is_live {
            (&mut live, MOST_GRANTS)
        } else {
            (&mut dead, DEAD_KEPT)
        };
        *count += 1;
        if *count <= most {
            all.extend(row.grant(b, guard_id));
        }
    }
    let settings = guard.settings(b, guard_id);
    let grants = Grants {
        owned: settings.owned,
        default_passwords: settings.default_passwords,
        grants: all,
    };
    Ok(Snapshot::frames(session.desired, &grants))
}

/// Stores what follows without a gap on what is stored; repeats are ignored, and what lies behind a gap is not stored. At most
/// [`MAX_RECORDS`] at once. Answers the number up to which everything is stored.
pub async fn store_records(b: &Backend, guard_id: &GuardId, records: &[Record]) -> Result<i64> {
    let records = &records[..records.len().min(MAX_RECORDS)];
    let row: Option<OwnerRow> = sqlx::query_as(
        "SELECT owner, owned_since, default_password1, default_password2, added_at FROM guards WHERE guard_id = $1",
    )
    .bind(guard_id.as_str())
    .fetch_optional(b.db().read())
    .await
    .map_err(fault)?;
    let guard = row.ok_or(Refusal::Unknown)?;
    let mut numbers: Vec<&ServiceNumb> = records.iter().filter_map(service_numb).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let contents = grants::contents(b, guard_id, &numbers).await?;
    let mut rows = Vec::with_capacity(records.len());
    for record in records {
        let (at, uncertainty_ms) = plausible(record, Millis(guard.added_at), b.latest());
        let owner = owner_at(b, guard_id, &guard, at).await?;
        let series = series(&record.what);
        let mut info = Info::of(&record.what, |number| {
            let content = contents.get(&(series?, number.clone()));
            content.map(AsRef::as_ref)
        });
        if let Some(number) = info.default_password
            && Some(at.0) >= guard.owned_since
        {
            let sealed = [guard.default_password1.as_deref(), guard.default_password2.as_deref()];
            let known = default_passwords(b, guard_id, sealed);
            info.password = known.into_iter().nth(usize::from(number).wrapping_sub(1)).flatten();
        }
        rows.push(new_record(b, guard_id, record, (at, uncertainty_ms), owner, &info)?);
    }
    b.guards().record_writer.store(guard_id, rows).await
}

fn new_record(
    b: &Backend,
    guard_id: &GuardId,
    record: &Record,
    (at, uncertainty_ms): (Millis, Option<i64>),
    owner: String,
    info: &Info,
) -> Result<NewRecord> {
    let (way, opened, reason) = match &record.what {
        Happening::Opened { attempt, .. } => (records::way_number(attempt), true, None),
        Happening::Refused { attempt, reason, .. } => (records::way_number(attempt), false, Some(reason.as_str())),
        Happening::Lost { .. } => (records::WAY_LOST, false, None),
    };
    Ok(NewRecord {
        owner,
        at: at.0,
        seq: record.seq,
        first: record.first(),
        way,
        opened,
        reason,
        service_numb: service_numb(record).map(|number| number.as_str().to_owned()),
        info: info.seal(b, guard_id, record.seq)?,
        uncertainty_ms,
        received_at: b.now().0,
    })
}

/// A guard as far as whose its records are.
#[derive(sqlx::FromRow)]
struct OwnerRow {
    owner: Option<String>,
    owned_since: Option<i64>,
    default_password1: Option<String>,
    default_password2: Option<String>,
    added_at: i64,
}

/// Of which series the number in a record is.
fn series(what: &Happening) -> Option<Series> {
    match what {
        Happening::Opened { attempt, .. } | Happening::Refused { attempt, .. } => Some(match attempt {
            Attempt::Card { .. } => Series::Card,
            Attempt::Password { .. } => Series::Password,
        }),
        Happening::Lost { .. } => None,
    }
}

/// The authorisation a record names.
fn service_numb(record: &Record) -> Option<&ServiceNumb> {
    match &record.what {
        Happening::Opened {
            key: Key::Grant { service_numb },
            ..
        } => Some(service_numb),
        Happening::Refused { service_numb, .. } => service_numb.as_ref(),
        _ => None,
    }
}

/// When it was, and how sure that is. A time before the guard was in the inventory, or ahead of ours, is that of a clock that is wrong
/// without knowing: then it is known only when the record came.
fn plausible(record: &Record, not_before: Millis, now: Millis) -> (Millis, Option<i64>) {
    if record.at >= not_before && record.at <= now.plus(AHEAD_MS) {
        (record.at, record.uncertainty_ms)
    } else {
        (now, None)
    }
}

/// Whose the guard was; empty while it was nobody's.
async fn owner_at(b: &Backend, guard_id: &GuardId, guard: &OwnerRow, at: Millis) -> Result<String> {
    if let (Some(owner), Some(since)) = (&guard.owner, guard.owned_since)
        && at.0 >= since
    {
        return Ok(owner.clone());
    }
    let row: Option<(String,)> = sqlx::query_as(
        "SELECT owner FROM ownerships WHERE guard_id = $1 AND since <= $2 AND (until IS NULL OR until > $2)
         ORDER BY since DESC LIMIT 1",
    )
    .bind(guard_id.as_str())
    .bind(at.0)
    .fetch_optional(b.db().read())
    .await
    .map_err(fault)?;
    Ok(row.map(|(owner,)| owner).unwrap_or_default())
}
