//! A month as a file: CSV with a line of column names, compressed with gzip, and beside it a manifest. The manifest is written last, so a
//! file without one is no archive. Nothing that is there already is written over.

use super::ArchiveError;
use crate::core::catalogue::{Cell, Table};
use crate::core::partitions::Month;
use domain::ids::Millis;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// What stands for no value. A text that begins with a backslash has one more in front.
const NULL: &str = "\\N";

type Result<T> = std::result::Result<T, ArchiveError>;

/// What is said of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) table: String,
    pub(super) month: String,
    /// The first millisecond of the month, and the first one behind it.
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) rows: u64,
    pub(super) columns: Vec<String>,
    /// Of the file as it is.
    file_sha256: String,
    /// Of the CSV in it.
    csv_sha256: String,
    null: String,
    made_at: String,
}

pub(super) fn failed(path: &Path) -> impl Fn(std::io::Error) -> ArchiveError {
    let path = path.display().to_string();
    move |source| ArchiveError::File {
        path: path.clone(),
        source,
    }
}

pub(super) fn damaged(path: &Path) -> ArchiveError {
    ArchiveError::Damaged {
        path: path.display().to_string(),
    }
}

/// Passes on what is written or read, and knows its hash.
struct Hashed<T> {
    inner: T,
    hash: Sha256,
}

impl<T> Hashed<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
        }
    }
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file being written; what is not finished is removed.
pub(super) struct Writer {
    csv: Option<csv::Writer<Hashed<GzEncoder<BufWriter<File>>>>>,
    rows: u64,
    columns: Vec<String>,
    table: &'static str,
    month: Month,
    dir: PathBuf,
    aside: PathBuf,
}

impl Writer {
    pub(super) fn create(dir: &Path, name: &'static str, month: Month, table: &Table) -> Result<Self> {
        let aside = dir.join(format!("{name}-{month}.csv.gz.part"));
        let file = private(&aside).map_err(failed(&aside))?;
        let packed = GzEncoder::new(BufWriter::new(file), Compression::default());
        let mut writer = Self {
            csv: Some(csv::Writer::from_writer(Hashed::new(packed))),
            rows: 0,
            columns: table.columns.iter().map(|column| column.name.clone()).collect(),
            table: name,
            month,
            dir: dir.to_owned(),
            aside,
        };
        let columns = writer.columns.clone();
        writer.line(columns.iter().map(String::as_str))?;
        Ok(writer)
    }

    pub(super) fn row(&mut self, cells: &[Cell]) -> Result<()> {
        let texts: Vec<String> = cells.iter().map(written).collect();
        self.line(texts.iter().map(String::as_str))?;
        self.rows += 1;
        Ok(())
    }

    fn line<'a>(&mut self, fields: impl Iterator<Item = &'a str>) -> Result<()> {
        let Some(csv) = &mut self.csv else {
            return Err(damaged(&self.aside));
        };
        let written = csv.write_record(fields);
        written.map_err(|error| failed(&self.aside)(error.into()))
    }

    /// The file under its name, its manifest, and whether it is new; it was read back.
    pub(super) fn finish(mut self, now: Millis) -> Result<(PathBuf, Manifest, bool)> {
        let csv = self.csv.take().ok_or_else(|| damaged(&self.aside))?;
        let hashed = csv.into_inner().map_err(|_| damaged(&self.aside))?;
        let io = failed(&self.aside);
        let file = hashed
            .inner
            .finish()
            .and_then(|buffered| Ok(buffered.into_inner()?))
            .map_err(&io)?;
        file.sync_all().map_err(&io)?;
        let manifest = Manifest {
            table: self.table.to_owned(),
            month: self.month.to_string(),
            from: self.month.start().0,
            until: self.month.end().0,
            rows: self.rows,
            columns: self.columns.clone(),
            file_sha256: hash_of(&self.aside)?,
            csv_sha256: hex(hashed.hash),
            null: NULL.to_owned(),
            made_at: now.to_iso(),
        };
        verify(&self.aside, &manifest)?;
        for number in 1.. {
            let path = self.dir.join(self.name(number));
            match known(&path)? {
                // A file without a manifest is what an interrupted run left behind.
                None if !path.exists() => {
                    self.keep(&path, &manifest)?;
                    return Ok((path, manifest, true));
                }
                Some(there) if there.csv_sha256 == manifest.csv_sha256 => {
                    verify(&path, &there)?;
                    return Ok((path, there, false));
                }
                _ => {}
            }
        }
        Err(damaged(&self.aside))
    }

    fn name(&self, number: u32) -> String {
        let (table, month) = (self.table, self.month);
        match number {
            1 => format!("{table}-{month}.csv.gz"),
            _ => format!("{table}-{month}.{number}.csv.gz"),
        }
    }

    fn keep(&self, path: &Path, manifest: &Manifest) -> Result<()> {
        std::fs::rename(&self.aside, path).map_err(failed(path))?;
        let beside = manifest_path(path);
        let text = serde_json::to_string_pretty(manifest).map_err(|error| failed(&beside)(error.into()))?;
        let mut file = private(&beside).map_err(failed(&beside))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(failed(&beside))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // It has its name by now, or nobody wants it.
        let _moved = std::fs::remove_file(&self.aside);
    }
}

/// Who opened which door when is nobody else's business.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn manifest_path(path: &Path) -> PathBuf {
    path.with_extension("").with_extension("manifest.json")
}

fn known(path: &Path) -> Result<Option<Manifest>> {
    let beside = manifest_path(path);
    match std::fs::read_to_string(&beside) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|_| damaged(&beside)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&beside)(error)),
    }
}

/// The archive at `path`, or those in this directory, by name. A file without a manifest is none.
pub(super) fn archives(path: &Path) -> Result<Vec<(PathBuf, Manifest)>> {
    let mut paths = if path.is_dir() {
        let entries = std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        entries
            .map_err(failed(path))?
            .into_iter()
            .map(|entry| entry.path())
            .collect()
    } else {
        vec![path.to_owned()]
    };
    paths.retain(|path| path.to_string_lossy().ends_with(".csv.gz"));
    paths.sort();
    let mut found = Vec::with_capacity(paths.len());
    for path in paths {
        if let Some(manifest) = known(&path)? {
            found.push((path, manifest));
        }
    }
    Ok(found)
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Number(None) | Cell::Text(None) => NULL.to_owned(),
        Cell::Number(Some(number)) => number.to_string(),
        Cell::Text(Some(text)) if text.starts_with('\\') => format!("\\{text}"),
        Cell::Text(Some(text)) => text.clone(),
    }
}

fn read(field: &str) -> Option<String> {
    if field == NULL {
        return None;
    }
    Some(field.strip_prefix('\\').unwrap_or(field).to_owned())
}

fn hash_of(path: &Path) -> Result<String> {
    let mut file = Hashed::new(File::open(path).map_err(failed(path))?);
    std::io::copy(&mut file, &mut std::io::sink()).map_err(failed(path))?;
    Ok(hex(file.hash))
}

fn reader(path: &Path) -> Result<csv::Reader<Hashed<GzDecoder<BufReader<File>>>>> {
    let file = File::open(path).map_err(failed(path))?;
    Ok(csv::Reader::from_reader(Hashed::new(GzDecoder::new(BufReader::new(
        file,
    )))))
}

/// Reads a file to its end and holds it against its manifest.
pub(super) fn verify(path: &Path, manifest: &Manifest) -> Result<()> {
    if hash_of(path)? != manifest.file_sha256 {
        return Err(damaged(path));
    }
    let mut reader = reader(path)?;
    let columns = reader.headers().map_err(|_| damaged(path))?;
    if !columns.iter().eq(manifest.columns.iter()) {
        return Err(damaged(path));
    }
    let mut rows = 0;
    for row in reader.records() {
        row.map_err(|_| damaged(path))?;
        rows += 1;
    }
    let csv_sha256 = hex(reader.into_inner().hash);
    if rows == manifest.rows && csv_sha256 == manifest.csv_sha256 {
        Ok(())
    } else {
        Err(damaged(path))
    }
}

/// The rows of a file.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Vec<Option<String>>>> + use<>> {
    let path = path.to_owned();
    let rows = reader(&path)?.into_records();
    Ok(rows.map(move |row| {
        let row = row.map_err(|_| damaged(&path))?;
        Ok(row.iter().map(read).collect())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_and_texts_that_look_like_it_are_told_apart() {
        for text in [
            None,
            Some(""),
            Some("\\N"),
            Some("\\"),
            Some("\\\\N"),
            Some("N"),
            Some("a\nb,\"c"),
        ] {
            let cell = Cell::Text(text.map(str::to_owned));
            assert_eq!(read(&written(&cell)).as_deref(), text);
        }
    }
}
