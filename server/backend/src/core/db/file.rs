//! The file of an SQLite database: how it is named in an address, who may read it, whether one server alone has it, and whether it is
//! still the file that was opened.
//!
//! Nothing here opens the database file itself: closing a second descriptor of it would release the locks SQLite holds on it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What stands for itself in the path of an address.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;

/// The address of an SQLite file, whatever characters its path has.
pub(crate) fn url_of(path: &Path) -> String {
    // An address with `..` in it would be shortened without looking at links.
    let parent = path.parent().and_then(|parent| std::fs::canonicalize(parent).ok());
    let path = match (parent, path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    };
    let bytes = path.as_os_str().as_encoded_bytes();
    let slashes = if bytes.starts_with(b"/") { "//" } else { "" };
    format!("sqlite:{slashes}{}", percent_encode(bytes, IN_A_PATH))
}

/// The file an address names; `None` for another engine and for a database in memory.
pub(crate) fn path_of(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    if path == ":memory:" || parameters.contains("mode=memory") {
        return None;
    }
    let path = percent_decode_str(path).decode_utf8().ok()?;
    Some(PathBuf::from(&*path))
}

/// Whether there is no database in this file: it is missing, or empty.
pub(crate) fn is_absent(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(about) => about.len() == 0,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// A file of the same name with something behind it.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the file if it is missing, and lets only its owner read it and what SQLite keeps beside it.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ONLY);
    match options.open(path) {
        Ok(_made) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    #[cfg(unix)]
    for path in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
        restrict(&path);
    }
    Ok(())
}

/// A file of somebody else stays as it is; SQLite says whether it can be used.
#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(about) = std::fs::metadata(path) else { return };
    if about.permissions().mode() & 0o077 != 0
        && let Err(error) = std::fs::set_permissions(path, PermissionsExt::from_mode(OWNER_ONLY))
    {
        tracing::warn!(path = %path.display(), %error, "others can read this file");
    }
}

/// Why a server cannot have a file for itself.
#[derive(Debug)]
pub(crate) enum NotAlone {
    /// Another server has it.
    InUse,
    /// The lock file could not be made.
    Io(io::Error),
}

/// Takes the lock beside the database that one server has while it runs. It ends with the process, however that ends.
pub(crate) fn lock(path: &Path) -> Result<File, NotAlone> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ONLY);
    let file = options.open(beside(path, ".lock")).map_err(NotAlone::Io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(NotAlone::InUse),
        Err(std::fs::TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            tracing::warn!("this file system has no locks: make sure that no second server uses the database");
            Ok(file)
        }
        Err(std::fs::TryLockError::Error(error)) => Err(NotAlone::Io(error)),
    }
}

/// Which file stands under a name.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(about: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (about.dev(), about.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {
    (0, 0)
}

/// What became of the file while it was open.
#[derive(Debug)]
pub(super) enum Changed {
    /// It was removed or replaced, or what SQLite keeps beside it was. What is written now would be lost.
    Lost(io::Error),
    /// It has fewer bytes than before: it was cut, written over, or vacuumed by another program.
    Shorter(u64),
}

/// The database file as it was opened.
#[derive(Debug)]
pub(super) struct Watched {
    path: PathBuf,
    identity: Identity,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    bytes: u64,
    /// Of the write-ahead log, once the connection that writes has one.
    log: Option<Identity>,
}

impl Watched {
    /// Keeps in mind which file this is.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let about = std::fs::metadata(&path)?;
        Ok(Self {
            identity: identity(&about),
            path,
            seen: Mutex::default(),
        })
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_path(&self) -> PathBuf {
        beside(&self.path, "-wal")
    }

    /// A new connection writes to the log that is there now.
    pub(super) fn connected(&self) {
        let log = std::fs::metadata(self.log_path()).ok();
        self.seen().log = log.map(|about| identity(&about));
    }

    /// The connection that wrote is closed, and SQLite may have removed the log with it. Only to be called where all was right before: the
    /// place of a log that was taken away must not be filled by another one while others still read from it.
    pub(super) fn disconnected(&self) {
        self.seen().log = None;
    }

    /// Whether what is written goes where the next start will look for it.
    pub(super) fn check(&self) -> Result<(), Changed> {
        let lost = |what: &str| Changed::Lost(io::Error::new(io::ErrorKind::NotFound, what.to_owned()));
        let about = std::fs::metadata(&self.path).map_err(Changed::Lost)?;
        if identity(&about) != self.identity {
            return Err(lost("another file has taken its place"));
        }
        let mut seen = self.seen();
        if let Some(log) = seen.log {
            let about = std::fs::metadata(self.log_path()).map_err(Changed::Lost)?;
            if identity(&about) != log {
                return Err(lost("another file has taken the place of its log (-wal)"));
            }
        }
        if about.len() < seen.bytes {
            return Err(Changed::Shorter(about.len()));
        }
        seen.bytes = about.len();
        Ok(())
    }

    /// It is right that it is shorter than it was.
    pub(super) fn accept(&self, bytes: u64) {
        self.seen().bytes = bytes;
    }

    /// Bytes of the write-ahead log.
    pub(super) fn log_bytes(&self) -> u64 {
        std::fs::metadata(self.log_path()).map_or(0, |about| about.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_comes_back_from_its_address() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "50%25", "q?x", "a#b", "글 한", "plain", "100%", "a&b=c;d", "a:b", "-", "x%3Fy",
        ] {
            let inside = dir.path().join(name);
            std::fs::create_dir(&inside).unwrap();
            let path = inside.join("latchkey.db");
            assert_eq!(
                path_of(&url_of(&path)),
                Some(std::fs::canonicalize(inside).unwrap().join("latchkey.db"))
            );
        }
    }

    #[test]
    fn addresses_as_people_write_them_name_their_file() {
        for (url, path) in [
            ("sqlite:data/latchkey.db", "data/latchkey.db"),
            ("sqlite:/var/x.db", "/var/x.db"),
            ("sqlite:///var/x.db?mode=rw", "/var/x.db"),
            ("sqlite://x.db", "x.db"),
            ("sqlite:a%20b.db", "a b.db"),
        ] {
            assert_eq!(path_of(url), Some(PathBuf::from(path)), "{url}");
        }
        for url in ["sqlite::memory:", "sqlite:x?mode=memory", "postgres://u@h/d"] {
            assert_eq!(path_of(url), None, "{url}");
        }
    }

    #[test]
    fn a_file_is_locked_once_until_it_is_let_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let held = lock(&path).unwrap();
        assert!(matches!(lock(&path), Err(NotAlone::InUse)));
        drop(held);
        lock(&path).unwrap();
    }

    #[test]
    fn a_file_that_is_replaced_or_cut_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        std::fs::write(&path, b"12345").unwrap();
        let watched = Watched::open(path.clone()).unwrap();
        watched.check().unwrap();
        std::fs::write(&path, b"1234567").unwrap();
        watched.check().unwrap();
        std::fs::write(&path, b"1").unwrap();
        assert!(matches!(watched.check(), Err(Changed::Shorter(1))));
        watched.accept(1);
        watched.check().unwrap();
        std::fs::write(watched.log_path(), b"").unwrap();
        watched.connected();
        watched.check().unwrap();
        std::fs::remove_file(watched.log_path()).unwrap();
        assert!(matches!(watched.check(), Err(Changed::Lost(_))));
        watched.disconnected();
        watched.check().unwrap();
        let aside = dir.path().join("y.db");
        std::fs::write(&aside, b"12345").unwrap();
        std::fs::rename(&aside, &path).unwrap();
        assert!(matches!(watched.check(), Err(Changed::Lost(_))));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(watched.check(), Err(Changed::Lost(_))));
    }
}
