//! Codes read from a kiosk's screen by a phone (`POST /v1/QrData`).

pub mod late;

use crate::core::db::{Over, Statement, fault, read_sound, row, sql};
use crate::core::keys::sha256;
use crate::identity::require;
use crate::locker::dates::AHEAD_MS;
use crate::locker::known::known;
use crate::locker::scan_writer::NewScan;
use crate::locker::sync;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::{Millis, Port, ThingsSq, Yid};
pub use domain::locker::scans::{Next, PendingDeposit, SCAN_STANDS_MS, Scanned};
use domain::people::{Person, Role};
use domain::token::{self, Command, CompartmentFields, Payload};
use serde::de::DeserializeOwned;

/// Scans of one person that are looked through; nobody makes more in half an hour by hand.
const LOOKED_AT: i64 = 50;
/// Scans among which the newest one that can be read is looked for.
const OPEN_LOOKED_AT: i64 = 5;
/// As many as a kiosk has compartments.
const WAITING_MAX: i64 = 256;

row! {
    /// A scan as stored.
    pub(crate) struct Scan {
        pub(crate) yid: i64,
        pub(crate) token_id: String,
        cmd: String,
        pub(crate) made_at: i64,
        date: String,
        pub(crate) scanned_at: i64,
        data: String,
    }
}

/// The columns of a [`Scan`], `data` being the expression for what is sealed.
fn columns(data: &str) -> String {
    format!("yid, token_id, cmd, made_at, date, scanned_at, {data} AS data")
}

impl Scan {
    /// How later calls name it.
    fn name(&self) -> String {
        format!("{}.{}", self.yid, self.token_id)
    }

    /// What the code carried; `None` where that cannot be read. The kiosk shows another code of the same then.
    pub(crate) fn data<T: DeserializeOwned>(&self, b: &Backend) -> Option<T> {
        let json = b.keys().try_open(&context(self.yid, &self.token_id), &self.data);
        let data = json.and_then(|json| serde_json::from_slice(&json).ok());
        if data.is_none() {
            b.damage().note("scans", self.name());
        }
        data
    }

    /// Whether the code was of this command.
    pub(crate) fn is_of(&self, cmd: Command) -> bool {
        self.cmd == cmd.as_str()
    }

    fn scanned(&self, b: &Backend) -> Option<Scanned> {
        let next = if self.is_of(Command::OpenToSave) {
            deposit_next(self.data::<CompartmentFields>(b)?.things_sq.as_ref())
        } else {
            sync_next(Yid(self.yid))
        };
        Some(Scanned {
            cmd: self.cmd.clone(),
            yid: Yid(self.yid),
            date: self.date.clone(),
            data: Some(self.data(b)?),
            next: Some(next),
            token_id: self.name(),
        })
    }
}

pub(crate) fn context(yid: i64, token_id: &str) -> String {
    format!("scan {yid}/{token_id}")
}

fn deposit_next(things_sq: Option<&ThingsSq>) -> Next {
    let order = things_sq.map_or_else(|| ":thingsSq".to_owned(), |key| path_segment(key.as_str()));
    Next {
        method: "PUT".to_owned(),
        href: format!("/v1/Powermeter/OpenToSave/{order}"),
    }
}

fn sync_next(yid: Yid) -> Next {
    Next {
        method: "POST".to_owned(),
        href: format!("/v1/SyncData/{yid}"),
    }
}

/// Percent-encodes everything but what RFC 3986 calls unreserved.
fn path_segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

/// Reads a code: verifies, decrypts, checks that it is fresh and was not read before, and remembers who scanned it.
///
/// Only what a kiosk shows is read here; the codes that are shown to a kiosk are [`Refusal::CodeKind`].
#[crate::boxed]
pub async fn read_code(b: &Backend, who: &Person, token: &str) -> Result<Scanned> {
    read(b, who, token, None).await
}

/// The same for a code that a phone without network read at `scanned_at`, by its clock, and sends now: it was fresh then.
///
/// A deposit's code is believed only if the kiosk itself reported, in its events, that this door was closed on something in the minute the code
/// names, or in its data that the same thing is behind it. Until it did: [`Refusal::KioskNotHeard`], and the same may be sent again. A code that is
/// fresh still needs no report: it could have been read now.
#[crate::boxed]
pub async fn read_late(b: &Backend, who: &Person, token: &str, scanned_at: Millis) -> Result<Scanned> {
    read(b, who, token, Some(late::believable(b, scanned_at)?)).await
}

async fn read(b: &Backend, who: &Person, token: &str, scanned_at: Option<Millis>) -> Result<Scanned> {
    require(who, &[Role::Staff])?;
    let now = b.now();
    let at = scanned_at.unwrap_or(now);
    let yid = token::peek(token)?.yid;
    let kiosk = known(b, yid).await?;
    let opened = token::open(kiosk.key()?, token)?;
    let claims = opened.claims;
    let (data, next) = match &opened.payload {
        Payload::OpenToSave(fields) => (serde_json::to_value(fields), deposit_next(fields.things_sq.as_ref())),
        Payload::SaveToData(rows) => {
            sync::check_rows(rows)?;
            sync::check_date(claims.date, kiosk.applied_date, now)?;
            (serde_json::to_value(rows), sync_next(yid))
        }
        Payload::OpenToTake(_) | Payload::Voucher(_) | Payload::SyncDate | Payload::StaffPass(_) => {
            return Err(Refusal::CodeKind);
        }
    };
    claims.freshness(at)?;
    if let Payload::OpenToSave(fields) = &opened.payload
        && claims.freshness(now).is_err()
    {
        late::was_reported(b, yid, fields).await?;
    }
    let data = data.map_err(fault)?;
    let token_id = sha256(&opened.token_id);
    let json = zeroize::Zeroizing::new(data.to_string());
    let scan = NewScan {
        yid: yid.0,
        cmd: claims.cmd.as_str(),
        person: who.phone.0.clone(),
        made_at: claims.date.min(now).0,
        date: claims.date_text.clone(),
        scanned_at: at.min(now).0,
        data: b.keys().seal(b.rng(), &context(yid.0, &token_id), json.as_bytes())?,
        token_id: token_id.clone(),
    };
    if !b.scan_writer().store(scan).await? {
        return Err(Refusal::CodeUsed);
    }
    Ok(Scanned {
        cmd: claims.cmd.as_str().to_owned(),
        yid,
        date: claims.date_text,
        data: Some(data),
        next: Some(next),
        token_id: format!("{yid}.{token_id}"),
    })
}

/// The scan again, for the person who made it, while it stands.
#[crate::boxed]
pub async fn reopen(b: &Backend, who: &Person, token_id: &str) -> Result<Scanned> {
    require(who, &[Role::Staff])?;
    let scan = standing(b, who, token_id).await?;
    scan.scanned(b).ok_or(Refusal::NotScanned)
}

/// How the scan of this code is called, whether or not it was scanned.
pub(crate) async fn name_of(b: &Backend, code: &str) -> Result<String> {
    let yid = token::peek(code)?.yid;
    let opened = token::open(known(b, yid).await?.key()?, code)?;
    Ok(format!("{yid}.{}", sha256(&opened.token_id)))
}

/// The newest deposit this person scanned, while it stands and is not completed.
#[crate::boxed]
pub async fn pending_deposit(b: &Backend, who: &Person) -> Result<Option<PendingDeposit>> {
    require(who, &[Role::Staff])?;
    let open = open_scans(b, who, Command::OpenToSave).await?;
    let readable = open
        .iter()
        .find_map(|scan| Some((scan, scan.data::<CompartmentFields>(b)?)));
    let Some((scan, fields)) = readable else {
        return Ok(None);
    };
    let yid = Yid(scan.yid);
    Ok(Some(PendingDeposit {
        token_id: scan.name(),
        yid,
        kiosk_name: known(b, yid).await?.name.clone(),
        port: fields.port(),
        label: fields.label,
        scanned_at: Millis(scan.scanned_at),
        things_sq: fields.things_sq,
    }))
}

/// The scans of this command that this person made, that still stand and are not done, newest first.
async fn open_scans(b: &Backend, who: &Person, cmd: Command) -> Result<Vec<Scan>> {
    read_sound!(b, ["data"], |[data]| {
        b.db().read().try_all(sql!(
            "SELECT {columns} FROM scans WHERE person = $1 AND cmd = $2 AND scanned_at BETWEEN $3 AND $4 AND done_at IS NULL
             ORDER BY scanned_at DESC LIMIT $5"
            { columns: one_of([columns("data")], columns(&data)) },
            who.phone.as_str(), cmd.as_str(), b.now().plus(-SCAN_STANDS_MS).0, b.now().plus(AHEAD_MS).0, OPEN_LOOKED_AT)).await
    })
}

/// Compartments of a kiosk whose deposit code somebody scanned and nobody completed yet, with when. Staff and operators.
#[crate::boxed]
pub async fn waiting_at(b: &Backend, who: &Person, yid: Yid) -> Result<Vec<(Port, Millis)>> {
    require(who, &[Role::Staff, Role::Operator])?;
    let scans: Vec<Scan> = read_sound!(b, ["data"], |[data]| {
        b.db().read().try_all(waiting(b, yid, &data)).await
    })?;
    let waiting = scans.iter().filter_map(|scan| {
        let fields: CompartmentFields = scan.data(b)?;
        Some((fields.port(), Millis(scan.scanned_at)))
    });
    Ok(waiting.collect())
}

/// Deposits of a kiosk that somebody scanned and nobody completed yet, oldest first.
pub(crate) async fn waiting_within(b: &Backend, tx: &mut crate::core::db::Tx, yid: Yid) -> Result<Vec<Scan>> {
    read_sound!(b, ["data"], |[data]| { tx.try_all(waiting(b, yid, &data)).await })
}

fn waiting(b: &Backend, yid: Yid, data: &str) -> Statement<'static> {
    sql!(
        "SELECT {columns} FROM scans WHERE yid = $1 AND cmd = $2 AND scanned_at BETWEEN $3 AND $4 AND done_at IS NULL
         ORDER BY scanned_at LIMIT $5"
        { columns: one_of([columns("data")], columns(data)) },
        yid.0,
        Command::OpenToSave.as_str(),
        b.now().plus(-SCAN_STANDS_MS).0,
        b.now().plus(AHEAD_MS).0,
        WAITING_MAX,
    )
}

/// The scans of this command that this person made and that still stand, newest first; of one kiosk, where it is known which.
pub(crate) async fn recent(b: &Backend, who: &Person, cmd: Command, at: Option<Yid>) -> Result<Vec<Scan>> {
    const OF_KIOSK: &str = "AND yid = $6";
    let kiosk = if at.is_some() { OF_KIOSK } else { "" };
    read_sound!(b, ["data"], |[data]| {
        let mut query = sql!(
            "SELECT {columns} FROM scans WHERE person = $1 AND cmd = $2 AND scanned_at BETWEEN $3 AND $4 {kiosk}
             ORDER BY scanned_at DESC LIMIT $5"
            { columns: one_of([columns("data")], columns(&data)), kiosk: one_of(["", OF_KIOSK], kiosk) },
            who.phone.as_str(),
            cmd.as_str(),
            b.now().plus(-SCAN_STANDS_MS).0,
            b.now().plus(AHEAD_MS).0,
            LOOKED_AT
        );
        if let Some(yid) = at {
            query = query.bind(yid.0);
        }
        b.db().read().try_all(query).await
    })
}

/// The scan of this name, if this person made it and it still stands.
pub(crate) async fn standing(b: &Backend, who: &Person, name: &str) -> Result<Scan> {
    let (yid, token_id) = name.split_once('.').ok_or(Refusal::NotScanned)?;
    let yid: i64 = yid.parse().map_err(|_| Refusal::NotScanned)?;
    let scan: Option<Scan> = read_sound!(b, ["data"], |[data]| {
        b.db().read().try_optional(sql!(
            "SELECT {columns} FROM scans WHERE yid = $1 AND token_id = $2 AND person = $3 AND scanned_at BETWEEN $4 AND $5"
            { columns: one_of([columns("data")], columns(&data)) },
            yid, token_id, who.phone.as_str(), b.now().plus(-SCAN_STANDS_MS).0, b.now().plus(AHEAD_MS).0)).await
    })?;
    scan.ok_or(Refusal::NotScanned)
}

/// The scan of this name, if this person made it, however long ago.
pub(crate) async fn of_person(b: &Backend, who: &Person, name: &str) -> Result<Option<Scan>> {
    let (yid, token_id) = name.split_once('.').ok_or(Refusal::NotScanned)?;
    let yid: i64 = yid.parse().map_err(|_| Refusal::NotScanned)?;
    read_sound!(b, ["data"], |[data]| {
        b.db()
            .read()
            .try_optional(sql!(
                "SELECT {columns} FROM scans WHERE yid = $1 AND token_id = $2 AND person = $3"
                { columns: one_of([columns("data")], columns(&data)) },
                yid,
                token_id,
                who.phone.as_str()
            ))
            .await
    })
}

/// Makes a scan that was done since then stand open again; false when it was not.
pub(crate) async fn reopen_done(tx: &mut crate::core::db::Tx, scan: &Scan, since: Millis) -> Result<bool> {
    let open = tx
        .execute(sql!(
            "UPDATE scans SET done_at = NULL WHERE yid = $1 AND token_id = $2 AND done_at >= $3",
            scan.yid,
            &scan.token_id,
            since.0
        ))
        .await?;
    Ok(open == 1)
}

/// Whether something was done with a scan already; over a pool or in a transaction.
pub(crate) async fn is_done(over: impl Into<Over<'_>>, scan: &Scan) -> Result<bool> {
    let mut over = over.into();
    let done: Option<i64> = over
        .optional(sql!(
            "SELECT yid FROM scans WHERE yid = $1 AND token_id = $2 AND done_at IS NOT NULL",
            scan.yid,
            &scan.token_id
        ))
        .await?;
    Ok(done.is_some())
}

/// Marks a scan as done; false when it was already.
pub(crate) async fn finish(b: &Backend, tx: &mut crate::core::db::Tx, scan: &Scan) -> Result<bool> {
    let done = tx
        .execute(sql!(
            "UPDATE scans SET done_at = $3 WHERE yid = $1 AND token_id = $2 AND done_at IS NULL",
            scan.yid,
            &scan.token_id,
            b.now().0
        ))
        .await?;
    Ok(done == 1)
}
