//! What a node needs to talk with a guard (SPEC 4.4), by the guard's number: who asks is the device itself, which has proved its key.

mod records;

pub use super::history::{begin_history, epoch};
pub use records::store_records;

use super::guards::{default_passwords, op_code_context};
use super::hub::{GuardSubscription, Live, Wake};
use super::presence::Said;
use super::{grants, inventory};
use crate::cluster::nodes;
use crate::core::db::{read_sound, row, sql};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::guard::grants::{Grants, MOST_GRANTS, Series};
use domain::guard::ids::{GuardId, OpCode};
use domain::guard::link::{
    Change, Changes, DeviceKey, Fault, Hello, MAX_CHANGES, Record, Settings, Snapshot, Status, ToDevice, Version,
};
use domain::ids::Phone;

/// Grants that open no more go into a snapshot for this long and up to this number, so that the guard can name their refusal.
const DEAD_KEPT_MS: i64 = 7 * 24 * 3_600_000;
const DEAD_KEPT: usize = 200;

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
#[crate::boxed]
pub async fn device_key(b: &Backend, guard_id: &GuardId) -> Result<Option<DeviceKey>> {
    inventory::device_key(b, guard_id).await
}

row! {
    struct GuardRow {
        op_code: Option<String>,
        firmware: String,
        owner: Option<String>,
        version: i64,
        record_seq: i64,
        connected_at: Option<i64>,
        node: Option<String>,
    }
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
#[crate::boxed]
pub async fn connected(b: &Backend, hello: &Hello) -> Result<Session> {
    let guard_id = &hello.guard_id;
    let epoch = epoch(b).await?;
    let session = new_session(b);
    // Before anything is read, so that no change falls between reading and waiting.
    let wake = b.hub().subscribe_guard(guard_id, session);
    let row: Option<GuardRow> = read_sound!(b, ["op_code"], |[op_code]| {
        let guard = sql!(
            "SELECT {op_code} AS op_code, firmware, owner, version, record_seq, connected_at, node FROM guards WHERE guard_id = $1"
            { op_code: sealed(op_code) },
            guard_id.as_str()
        );
        b.db().read().try_optional(guard).await
    })?;
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
            fault: None,
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
    // One that cannot be read is written again.
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
    b.db().execute(sql!(
        "UPDATE guards SET op_code = $2, firmware = $3, connected_at = COALESCE(connected_at, $4) WHERE guard_id = $1",
        guard_id.as_str(),
        op_code,
        firmware,
        b.now().0,
    )).await?;
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
    #[crate::boxed]
    pub async fn woken(&mut self) -> Wake {
        self.wake.woken().await
    }

    /// What the guard lacks that stands at `held`, as the frames to be sent; none if it lacks nothing.
    #[crate::boxed]
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
    pub fn heartbeat(
        &mut self,
        status: Status,
        fault: Option<Fault>,
        clock_uncertainty_ms: Option<i64>,
        held: Version,
    ) {
        let before = (
            self.said.status,
            self.said.fault,
            self.said.clock_uncertainty_ms.is_some(),
        );
        (self.said.status, self.said.fault) = (status, fault);
        self.said.clock_uncertainty_ms = clock_uncertainty_ms;
        self.said.seen_at = self.b.now();
        let news = self.stands_at(held) || before != (status, fault, clock_uncertainty_ms.is_some());
        self.note(news);
    }

    /// Stores what follows without a gap on what is stored; see [`store_records`].
    #[crate::boxed]
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

row! {
    /// A guard's settings and one of its grants.
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
        b.db()
            .read()
            .try_all(sql!(
                "SELECT {columns} FROM guards g LEFT JOIN grants r ON r.guard_id = g.guard_id AND r.version > $2
                 WHERE g.guard_id = $1 ORDER BY r.version LIMIT {most}"
                {
                    columns: one_of([change_columns(&SEALED.map(str::to_owned))], change_columns(&sealed)),
                    most: text(MAX_CHANGES + 1),
                },
                guard_id.as_str(),
                held.number
            ))
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
        b.db()
            .read()
            .try_all(sql!(
                "SELECT {columns} FROM guards g LEFT JOIN grants r ON r.guard_id = g.guard_id AND r.ends > $2
                     AND (r.cancelled_at IS NULL OR r.cancelled_at > $2)
                 WHERE g.guard_id = $1 ORDER BY r.version DESC"
                { columns: one_of([change_columns(&SEALED.map(str::to_owned))], change_columns(&sealed)) },
                guard_id.as_str(),
                now.plus(-DEAD_KEPT_MS).0
            ))
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
