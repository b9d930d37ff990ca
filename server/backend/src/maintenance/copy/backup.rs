//! A backup is a copy into one SQLite file, whatever engine the database is of, with its SHA-256 beside it; restoring is a copy back.

use super::{CopyError, Result, Step, attach, compare, fill, run};
use crate::core::db::{Db, file, sql};
use crate::core::migrations;
use domain::ids::Millis;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs::{DirBuilder, File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Files of a backup or restore that is under way are in a directory with this end of its name.
const PART: &str = ".part";
const CHUNK: usize = 1 << 20;

fn failed(path: &Path) -> impl Fn(std::io::Error) -> CopyError {
    let path = path.display().to_string();
    move |source| CopyError::File {
        path: path.clone(),
        source,
    }
}

/// Copies the database into a new SQLite file in `dir`, verified like any copy, and answers where it is. It has its name only when it is
/// whole, on the disk, and has its checksum beside it.
pub async fn backup(from: &str, dir: &Path, now: Millis, mut tell: impl AsyncFnMut(Step)) -> Result<PathBuf> {
    std::fs::create_dir_all(dir).map_err(failed(dir))?;
    let name = format!("latchkey-{}.db", now.to_iso().replace(':', "-"));
    let part = Part::new(dir, &name)?;
    let whole = make(from, &part.dir, &mut tell).await?;
    let path = dir.join(&name);
    let sum = copy_hashed(&whole, None)?;
    File::open(&whole)
        .and_then(|file| file.sync_all())
        .map_err(failed(&whole))?;
    // In the form sha256sum reads.
    let beside = part.dir.join("sha256");
    private(&beside)
        .and_then(|mut file| {
            file.write_all(format!("{sum}  {name}\n").as_bytes())?;
            file.sync_all()
        })
        .map_err(failed(&beside))?;
    let checksum = checksum_of(&path);
    std::fs::rename(&beside, &checksum).map_err(failed(&checksum))?;
    std::fs::rename(&whole, &path).map_err(failed(&path))?;
    part.end()?;
    // The names are on the disk only when the directory is.
    sync_dir(dir).map_err(failed(dir))?;
    Ok(path)
}

/// Copies, then writes the one file that needs no other beside it, and compares that with what was read from the source.
async fn make(from: &str, aside: &Path, tell: &mut impl AsyncFnMut(Step)) -> Result<PathBuf> {
    let whole = aside.join("whole.db");
    let url = file::url_of(&aside.join("copy.db"));
    let filled = fill(from, &url, false, tell).await?;
    filled.finish(None).await?;
    {
        let mut conn = filled.target.patient().await?;
        let mut connection = conn.connection();
        let path = whole.display().to_string();
        connection.execute(&sql!("VACUUM INTO $1", &path).once()).await?;
        connection.execute(&attach("whole", &path)).await?;
        for (table, sum) in filled.tables.iter().zip(&filled.sums) {
            compare(&mut connection, Some("whole"), table, *sum, tell).await?;
        }
        connection.run("DETACH DATABASE whole").await?;
    }
    filled.target.close().await;
    #[cfg(unix)]
    std::fs::set_permissions(&whole, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed(&whole))?;
    Ok(whole)
}

/// What to restore, and into what.
#[derive(Clone, Copy, Debug)]
pub struct Restore<'a> {
    /// The backup. It is only read.
    pub file: &'a Path,
    /// The address of a database nobody has used.
    pub to: &'a str,
    /// Directory for a copy of the backup, which is removed at the end. It needs room for the whole backup.
    pub aside: &'a Path,
    /// A target that an earlier attempt left unfinished is emptied first.
    pub start_over: bool,
    /// Restores also what has no checksum beside it.
    pub unchecked: bool,
    /// When the new history begins.
    pub now: Millis,
}

/// Copies a backup into a database nobody has used. A backup of an older version is brought up to date on its way: in a copy, so that
/// the backup stays what it is. Guards may know more than it does: their versions are of a history that is over, so each of them is sent
/// everything again.
pub async fn restore(what: Restore<'_>, tell: impl AsyncFnMut(Step)) -> Result<()> {
    let part = Part::new(what.aside, "latchkey-restore")?;
    let copied = part.dir.join("backup.db");
    let sum = copy_hashed(what.file, Some(&copied))?;
    check(what.file, &sum, what.unchecked)?;
    let url = file::url_of(&copied);
    if migrations::look(&url).await?.from == 0 {
        return Err(CopyError::NoBackup {
            path: what.file.display().to_string(),
        });
    }
    let db = Db::connect_existing(&url).await?;
    let migrated = migrations::run(&db).await;
    db.close().await;
    migrated?;
    run(&url, what.to, what.start_over, Some(what.now), tell).await?;
    part.end()
}

fn check(file: &Path, sum: &str, unchecked: bool) -> Result<()> {
    let checksum = checksum_of(file);
    let text = match std::fs::read_to_string(&checksum) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && unchecked => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(CopyError::NoChecksum {
                path: checksum.display().to_string(),
            });
        }
        Err(error) => return Err(failed(&checksum)(error)),
    };
    if text.split_whitespace().next() == Some(sum) {
        return Ok(());
    }
    Err(CopyError::Damaged {
        path: file.display().to_string(),
        checksum: checksum.display().to_string(),
    })
}

/// Where the checksum of a backup is.
fn checksum_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".sha256");
    PathBuf::from(name)
}

/// SHA-256 of a file, in hexadecimal; what is copied is what was summed up.
fn copy_hashed(from: &Path, to: Option<&Path>) -> Result<String> {
    let mut file = File::open(from).map_err(failed(from))?;
    let mut copy = to.map(|to| private(to).map_err(failed(to))).transpose()?;
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        let count = file.read(&mut chunk).map_err(failed(from))?;
        let bytes = chunk.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        hash.update(bytes);
        if let (Some(copy), Some(to)) = (&mut copy, to) {
            copy.write_all(bytes).map_err(failed(to))?;
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn sync_dir(dir: &Path) -> std::io::Result<()> {
    File::open(dir)?.sync_all()
}

/// A directory for the files of a backup or restore that is under way; removed at the end. Those that a killed one left behind are removed
/// before: one works in a directory at a time, which the lock on that directory sees to.
struct Part {
    dir: PathBuf,
    /// Holds the lock.
    _parent: Option<File>,
}

impl Part {
    fn new(parent: &Path, name: &str) -> Result<Self> {
        let io = failed(parent);
        let locked = File::open(parent).map_err(&io)?;
        let locked = match locked.try_lock() {
            Ok(()) => {
                sweep(parent).map_err(&io)?;
                Some(locked)
            }
            Err(TryLockError::WouldBlock) => {
                return Err(CopyError::UnderWay {
                    path: parent.display().to_string(),
                });
            }
            // A file system without locks: nothing tells whether what is there belongs to a living process.
            Err(TryLockError::Error(_)) => None,
        };
        // In a directory of its own, so that what SQLite keeps beside a file goes with it.
        let dir = parent.join(format!("{name}{PART}"));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&dir).map_err(failed(&dir))?;
        Ok(Self { dir, _parent: locked })
    }

    fn end(self) -> Result<()> {
        std::fs::remove_dir_all(&self.dir).map_err(failed(&self.dir))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already where everything went well.
        let _removed = std::fs::remove_dir_all(&self.dir);
    }
}

fn sweep(parent: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("latchkey-") && name.ends_with(PART) && entry.file_type()?.is_dir() {
            tracing::info!(path = %entry.path().display(), "removing what an earlier run left unfinished");
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
