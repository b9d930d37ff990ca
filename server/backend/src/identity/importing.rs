//! How a file of rows is imported, whatever the rows are: at once, only looked at, or in steps from a file that is kept ([`crate::identity::uploads`]).

use crate::core::db::Tx;
use crate::core::sheet::{self, Column, FileEncoding, ImportOptions, Lines, Row};
use crate::identity::{Actor, require, uploads};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::imports::{ImportKind, Upload, UploadId};
use domain::locker::orders::{ImportReport, RowError};
use domain::people::{Person, Role};
use std::collections::BTreeSet;

/// Rows of one transaction: few enough that others get their turn.
const ROWS_AT_ONCE: usize = 200;

/// How much of a file one step imports: until one of these bounds is reached, and at least one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Rows.
    pub rows: usize,
    /// Milliseconds.
    pub ms: i64,
}

/// Where importing a file continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Go {
    /// Where it stopped.
    On,
    /// From the first row, read in this encoding (`utf-8` and so on), or in the one that is found out. Rows that are there already stay as they are.
    FromTheStart(Option<String>),
}

/// One kind of rows, and what is known while a file of them is imported.
pub(crate) trait Import<const N: usize>: Default + Send {
    /// A row that makes sense by itself.
    type Row: Send + Sync;
    const KIND: ImportKind;
    const COLUMNS: [Column; N];

    /// Texts that are probably in such a file.
    fn words(b: &Backend) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// The rows that make sense; what is wrong with the others goes into `errors`.
    fn rows(rows: Vec<Row<N>>, errors: &mut Vec<RowError>) -> Vec<Self::Row>;

    /// Reads what the others need to know of these rows, outside of any transaction.
    fn prepare(&mut self, b: &Backend, rows: &[Self::Row]) -> impl Future<Output = Result<()>> + Send;

    /// Writes these rows.
    fn store(
        &mut self,
        b: &Backend,
        tx: &mut Tx,
        who: &Actor,
        rows: &[Self::Row],
        report: &mut ImportReport,
    ) -> impl Future<Output = Result<()>> + Send;

    /// What [`Import::store`] would do, found out by reading.
    fn plan(
        &mut self,
        b: &Backend,
        rows: &[Self::Row],
        report: &mut ImportReport,
    ) -> impl Future<Output = Result<()>> + Send;

    /// After rows were committed.
    fn stored(b: &Backend) -> impl Future<Output = ()> + Send;
}

/// The rows of a file, and what is wrong with the others.
async fn read<const N: usize, I: Import<N>>(
    b: &Backend,
    bytes: &[u8],
    options: ImportOptions,
) -> Result<(Vec<I::Row>, ImportReport)> {
    let words = words::<N, I>(b, bytes, options).await?;
    let (rows, mut report) = sheet::read(bytes, options, &words, &I::COLUMNS)?;
    let rows = I::rows(rows, &mut report.errors);
    Ok((rows, report))
}

async fn words<const N: usize, I: Import<N>>(b: &Backend, bytes: &[u8], options: ImportOptions) -> Result<Vec<String>> {
    if sheet::needs_words(bytes, options) {
        I::words(b).await
    } else {
        Ok(Vec::new())
    }
}

/// Imports a whole file, or reports what would happen to each row.
pub(crate) async fn run<const N: usize, I: Import<N>>(
    b: &Backend,
    who: &Actor,
    bytes: &[u8],
    options: ImportOptions,
) -> Result<ImportReport> {
    who.require_operator()?;
    let (rows, mut report) = read::<N, I>(b, bytes, options).await?;
    let mut import = I::default();
    for rows in rows.chunks(ROWS_AT_ONCE) {
        import.prepare(b, rows).await?;
        if options.dry_run {
            import.plan(b, rows, &mut report).await?;
        } else {
            let mut tx = b.db().begin().await?;
            import.store(b, &mut tx, who, rows, &mut report).await?;
            tx.commit().await?;
            I::stored(b).await;
        }
    }
    report.errors.sort_by_key(|error| error.line);
    Ok(report)
}

/// Keeps a file that can be read as a whole.
pub(crate) async fn keep<const N: usize, I: Import<N>>(
    b: &Backend,
    who: &Person,
    name: &str,
    bytes: &[u8],
) -> Result<UploadId> {
    require(who, &[Role::Operator])?;
    match read::<N, I>(b, bytes, ImportOptions::default()).await {
        // Which of two encodings it is in is asked on the next page.
        Ok(_)
        | Err(Refusal::Field {
            problem: domain::error::Problem::Encoding,
            ..
        }) => {}
        Err(refusal) => return Err(refusal),
    }
    uploads::keep(b, who, I::KIND, name, bytes).await
}

/// What would happen to each row of a kept file, read in this encoding, or in the one it was imported in.
pub(crate) async fn look<const N: usize, I: Import<N>>(
    b: &Backend,
    who: &Person,
    id: &UploadId,
    encoding: Option<&str>,
) -> Result<ImportReport> {
    let (upload, bytes) = kept::<N, I>(b, who, id).await?;
    let options = ImportOptions {
        encoding: encoding_of(encoding.or(upload.encoding.as_deref()))?,
        dry_run: true,
    };
    run::<N, I>(b, &who.into(), &bytes, options).await
}

/// The rows of a kept file that are refused, as they stand in it, with why.
pub(crate) async fn refused<const N: usize, I: Import<N>>(
    b: &Backend,
    who: &Person,
    id: &UploadId,
    encoding: Option<&str>,
) -> Result<(Lines, Vec<RowError>)> {
    let report = look::<N, I>(b, who, id, encoding).await?;
    let (upload, bytes) = kept::<N, I>(b, who, id).await?;
    let options = ImportOptions {
        encoding: encoding_of(encoding.or(upload.encoding.as_deref()))?,
        dry_run: true,
    };
    let lines = lines_of::<N, I>(b, &bytes, options, &report.errors).await?;
    Ok((lines, report.errors))
}

/// The rows of a file that `errors` are about, as they stand in it.
pub(crate) async fn lines_of<const N: usize, I: Import<N>>(
    b: &Backend,
    bytes: &[u8],
    options: ImportOptions,
    errors: &[RowError],
) -> Result<Lines> {
    let words = words::<N, I>(b, bytes, options).await?;
    let wanted: BTreeSet<u64> = errors.iter().map(|error| error.line).collect();
    sheet::lines(bytes, options, &words, &wanted)
}

async fn kept<const N: usize, I: Import<N>>(b: &Backend, who: &Person, id: &UploadId) -> Result<(Upload, Vec<u8>)> {
    let upload = uploads::get(b, who, id).await?;
    if upload.kind != I::KIND {
        return Err(Refusal::Unknown);
    }
    let bytes = uploads::content(b, who, id).await?;
    Ok((upload, bytes))
}

fn encoding_of(name: Option<&str>) -> Result<Option<FileEncoding>> {
    let named = name.filter(|name| !name.is_empty()).map(str::parse);
    named
        .transpose()
        .map_err(|_| Refusal::field("encoding", domain::error::Problem::Unknown))
}

/// Continues with a kept file within these bounds. Every transaction holds some rows and the file's progress, so nothing is ever half done, and
/// nothing is done twice where two requests continue with one file at once.
pub(crate) async fn go_on<const N: usize, I: Import<N>>(
    b: &Backend,
    who: &Person,
    id: &UploadId,
    go: Go,
    bounds: Bounds,
) -> Result<Upload> {
    require(who, &[Role::Operator])?;
    let (mut upload, bytes) = kept::<N, I>(b, who, id).await?;
    let encoding = match &go {
        Go::On => upload.encoding.clone(),
        Go::FromTheStart(encoding) => encoding.clone(),
    };
    let options = ImportOptions {
        encoding: encoding_of(encoding.as_deref())?,
        dry_run: false,
    };
    let (rows, _) = read::<N, I>(b, &bytes, options).await?;
    if upload.begun_at.is_none() || go != Go::On {
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        uploads::begin(b, who, &mut upload, encoding.as_deref().unwrap_or_default(), count).await?;
    }
    let (first, ends, actor) = (upload.done, b.now().plus(bounds.ms), Actor::from(who));
    let mut import = I::default();
    while let Some(rest) = rows.get(upload.done as usize..).filter(|rest| !rest.is_empty()) {
        let rows = &rest[..rest.len().min(ROWS_AT_ONCE)];
        import.prepare(b, rows).await?;
        let (mut report, count) = (ImportReport::default(), u32::try_from(rows.len()).unwrap_or(u32::MAX));
        let mut tx = b.db().begin().await?;
        import.store(b, &mut tx, &actor, rows, &mut report).await?;
        if !uploads::advance(&mut tx, who, &mut upload, count, &report).await? {
            tx.rollback().await?;
            return uploads::get(b, who, id).await;
        }
        tx.commit().await?;
        I::stored(b).await;
        if (upload.done - first) as usize >= bounds.rows || b.now() >= ends {
            break;
        }
    }
    Ok(upload)
}
