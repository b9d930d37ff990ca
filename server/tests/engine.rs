//! Which engine those tests use that start a server of their own: SQLite, and in a second run, with `LATCHKEY_TEST_ENGINE=postgres`, the
//! server that `LATCHKEY_TEST_POSTGRES` names.

use backend::clock::{Rng, SystemRng};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

static DATABASES: LazyLock<Mutex<HashMap<PathBuf, String>>> = LazyLock::new(Mutex::default);

/// The database that belongs to this data directory, always the same one; `None`: the SQLite file in it.
pub fn database_of(data: &Path) -> Option<String> {
    if std::env::var("LATCHKEY_TEST_ENGINE").as_deref() != Ok("postgres") {
        return None;
    }
    let mut databases = DATABASES.lock().unwrap();
    let url = databases.entry(data.to_owned()).or_insert_with(fresh);
    Some(url.clone())
}

/// The same, as an address also where it is SQLite.
pub fn url_of(data: &Path) -> String {
    database_of(data).unwrap_or_else(|| format!("sqlite:{}", data.join("latchkey.db").display()))
}

fn fresh() -> String {
    let server = std::env::var("LATCHKEY_TEST_POSTGRES").expect("LATCHKEY_TEST_POSTGRES names the server");
    let mut random = [0; 8];
    SystemRng.fill(&mut random);
    let name = format!("engine_{:016x}", u64::from_be_bytes(random));
    let url = format!("{server}/{name}");
    // On a thread of its own, so that tests with and without a runtime can ask.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let making = std::thread::spawn(move || runtime.block_on(crate::citus::create(&server, &name)));
    making.join().unwrap();
    url
}
