//! Files that operators send for importing, kept sealed for a day. A file is looked at first and then imported in steps; each step writes how far
//! it came in the transaction of its rows, so an import that was left in the middle goes on where it stood.

use crate::core::db::{Tx, fault, row, sql};
use crate::core::keys::random_text;
use crate::identity::require;
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::Millis;
use domain::imports::{ImportKind, Upload, UploadId};
use domain::locker::orders::ImportReport;
use domain::people::{Person, Role};

/// A file is kept for this long.
pub const KEPT_MS: i64 = 24 * 3_600_000;
/// Files kept of one operator; older ones go.
pub const KEPT_OF_ONE: usize = 5;
/// Bytes of a piece.
const PART_BYTES: usize = 256 * 1024;
/// Characters of a file's name that are kept.
const NAME_MAX: usize = 100;

row! {
    struct Row {
        id: String,
        kind: String,
        name: String,
        encoding: String,
        row_count: i64,
        done: i64,
        added: i64,
        updated: i64,
        begun_at: Option<i64>,
        made_at: i64,
    }
}

const COLUMNS: &str = "id, kind, name, encoding, row_count, done, added, updated, begun_at, made_at";

impl Row {
    fn upload(self) -> Result<Upload> {
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Upload {
            kind: ImportKind::parse(&self.kind).ok_or_else(|| fault(format!("unknown kind of file {}", self.kind)))?,
            id: UploadId::try_from(self.id).map_err(|_| fault("a file without an id"))?,
            name: self.name,
            encoding: Some(self.encoding).filter(|encoding| !encoding.is_empty()),
            made_at: Millis(self.made_at),
            rows: count(self.row_count),
            done: count(self.done),
            added: count(self.added),
            updated: count(self.updated),
            begun_at: self.begun_at.map(Millis),
        })
    }
}

/// The context of the seal of a piece.
pub(crate) fn context(phone: &str, id: &str, part: i64) -> String {
    format!("upload {phone}/{id}/{part}")
}

/// Keeps a file. It exists once its last piece is written.
pub(crate) async fn keep(b: &Backend, who: &Person, kind: ImportKind, name: &str, bytes: &[u8]) -> Result<UploadId> {
    require(who, &[Role::Operator])?;
    let id = random_text::<12>(b.rng());
    let (now, phone) = (b.now(), who.phone.as_str());
    let ends = now.plus(KEPT_MS).0;
    for (part, piece) in (0_i64..).zip(bytes.chunks(PART_BYTES)) {
        let content = b.keys().seal(b.rng(), &context(phone, &id, part), piece)?;
        let kept = sql!(
            "INSERT INTO upload_parts (phone, id, part, content, ends) VALUES ($1, $2, $3, $4, $5)",
            phone,
            &id,
            part,
            content,
            ends
        );
        b.db().execute(kept).await?;
    }
    let name: String = domain::text::name(name).chars().take(NAME_MAX).collect();
    let made = sql!(
        "INSERT INTO uploads (phone, id, kind, name, encoding, row_count, done, added, updated, made_at, ends)
         VALUES ($1, $2, $3, $4, '', 0, 0, 0, 0, $5, $6)",
        phone,
        &id,
        kind.as_str(),
        name,
        now.0,
        ends
    );
    b.db().execute(made).await?;
    for old in list(b, who).await?.iter().skip(KEPT_OF_ONE) {
        discard(b, who, &old.id).await?;
    }
    UploadId::try_from(id).map_err(|_| Refusal::Internal)
}

/// The caller's files, the newest first.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person) -> Result<Vec<Upload>> {
    require(who, &[Role::Operator])?;
    let rows = sql!(
        "SELECT {columns} FROM uploads WHERE phone = $1 AND ends > $2 ORDER BY made_at DESC, id" { columns: text(COLUMNS) },
        who.phone.as_str(),
        b.now().0
    );
    let rows: Vec<Row> = b.db().all(rows).await?;
    rows.into_iter().map(Row::upload).collect()
}

/// A file of the caller; other people's files are not found.
#[crate::boxed]
pub async fn get(b: &Backend, who: &Person, id: &UploadId) -> Result<Upload> {
    require(who, &[Role::Operator])?;
    let found = sql!(
        "SELECT {columns} FROM uploads WHERE phone = $1 AND id = $2 AND ends > $3" { columns: text(COLUMNS) },
        who.phone.as_str(),
        id.as_str(),
        b.now().0
    );
    let row: Option<Row> = b.db().optional(found).await?;
    row.ok_or(Refusal::Unknown)?.upload()
}

/// Forgets a file. What was imported of it stays.
#[crate::boxed]
pub async fn discard(b: &Backend, who: &Person, id: &UploadId) -> Result<()> {
    require(who, &[Role::Operator])?;
    let mut tx = b.db().begin().await?;
    let (phone, id) = (who.phone.as_str(), id.as_str());
    for discarded in [
        sql!("DELETE FROM upload_parts WHERE phone = $1 AND id = $2", phone, id),
        sql!("DELETE FROM uploads WHERE phone = $1 AND id = $2", phone, id),
    ] {
        tx.execute(discarded).await?;
    }
    tx.commit().await
}

/// The bytes of a file of the caller.
pub(crate) async fn content(b: &Backend, who: &Person, id: &UploadId) -> Result<Vec<u8>> {
    let parts = sql!(
        "SELECT content FROM upload_parts WHERE phone = $1 AND id = $2 ORDER BY part",
        who.phone.as_str(),
        id.as_str()
    );
    let parts: Vec<String> = b.db().all(parts).await?;
    let mut bytes = Vec::with_capacity(parts.len() * PART_BYTES);
    for (part, sealed) in (0_i64..).zip(parts) {
        let piece = b
            .keys()
            .open(&context(who.phone.as_str(), id.as_str(), part), &sealed)?;
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// Begins importing from the first row: `rows` rows make sense, read in this encoding.
pub(crate) async fn begin(b: &Backend, who: &Person, upload: &mut Upload, encoding: &str, rows: u32) -> Result<()> {
    let now = b.now();
    let begun = sql!(
        "UPDATE uploads SET encoding = $3, row_count = $4, done = 0, begun_at = $5 WHERE phone = $1 AND id = $2",
        who.phone.as_str(),
        upload.id.as_str(),
        encoding,
        i64::from(rows),
        now.0
    );
    if b.db().execute(begun).await? == 0 {
        return Err(Refusal::Unknown);
    }
    upload.encoding = Some(encoding.to_owned()).filter(|encoding| !encoding.is_empty());
    (upload.rows, upload.done, upload.begun_at) = (rows, 0, Some(now));
    Ok(())
}

/// In the transaction of its rows: `rows` more are done. False where another request continued with this file or restarted it.
pub(crate) async fn advance(
    tx: &mut Tx,
    who: &Person,
    upload: &mut Upload,
    rows: u32,
    report: &ImportReport,
) -> Result<bool> {
    let done = upload.done + rows;
    let advanced = sql!(
        "UPDATE uploads SET done = $5, added = added + $6, updated = updated + $7 WHERE phone = $1 AND id = $2 AND done = $3 AND begun_at = $4",
        who.phone.as_str(),
        upload.id.as_str(),
        i64::from(upload.done),
        upload.begun_at.map(|at| at.0),
        i64::from(done),
        i64::from(report.added),
        i64::from(report.updated)
    );
    if tx.execute(advanced).await? == 0 {
        return Ok(false);
    }
    upload.done = done;
    upload.added += report.added;
    upload.updated += report.updated;
    Ok(true)
}
