//! Opening a backend and closing it, and what is looked at before a database is used: that no other server has its file, and that it is there
//! where there was one.

use super::{Config, deployment, hearing, normalise, sweep};
use crate::cluster::known_time;
use crate::core::db::{Db, file};
use crate::core::keys::{self, Keys};
use crate::core::zone::LocalZone;
use crate::core::{OpenError, bus, job, migrations, partitions};
use crate::guard::history;
use crate::identity::password::Passwords;
use crate::locker::search;
use crate::{Backend, Inner, cluster, guard, identity, locker, maintenance};
use std::fs::File;
use std::path::Path;

impl Backend {
    /// Connects, brings the tables up to date, and loads the master key or makes one.
    #[crate::boxed]
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let zone = LocalZone::named(&config.time_zone)?;
        make_private_dir(&config.data_dir).map_err(|source| OpenError::Io {
            path: config.data_dir.display().to_string(),
            source,
        })?;
        let passwords = Passwords::new(config.password_cost, config.password_queue, config.rng.as_ref())?;
        let alone = take_alone(&config)?;
        // Keys that are there are tried before anything is made. A new one is made after the database: a key whose database cannot be made
        // would say that there was one.
        let found = Keys::find(&config.data_dir)?;
        let db = open_database(&config).await?;
        let mut keys = match found {
            Some(keys) => keys,
            None => Keys::load(&config.data_dir, config.rng.as_ref())?,
        };
        deployment::admit(&db, &mut keys, &config.data_dir).await?;
        if partitions::keep(&db, config.clock.now()).await.is_err() {
            tracing::warn!("the months of records and events could not be made; they will be at the next round");
        }
        let core = crate::core::State::new(db, keys, config.clock, config.rng, zone);
        let backend = Self::of(Inner {
            identity: identity::State::new(
                passwords,
                config.notifier,
                config.push,
                config.slow_down_step,
                config.legacy_window,
            ),
            cluster: cluster::State::new(config.node, config.advertise.as_deref()),
            locker: locker::State::start(core.db()),
            guard: guard::State::start(core.db(), core.bus().clone(), config.juniors, config.verify_numbers),
            maintenance: maintenance::State::new(alone),
            core,
        });
        job::spawn("sweep", sweep::sweep_regularly(backend.downgrade()));
        job::spawn(
            "forward",
            guard::hub::forward(backend.hub().clone(), backend.downgrade()),
        );
        bus::start(&backend, &config.database_url, hearing::Hears);
        Ok(backend)
    }

    /// For a process that is going to serve, before it listens: learns what the database knows of the time, normalises what earlier versions stored
    /// otherwise, and learns whether the database may have lost something that guards know.
    #[crate::boxed]
    pub async fn start_serving(&self) -> crate::Result<()> {
        known_time::start(self).await?;
        normalise::start(self).await?;
        // What is searched is what was normalised.
        job::spawn("search", search::keep_up_regularly(self.downgrade()));
        history::start(self).await
    }

    /// Finishes what is being written and lets go of the database.
    #[crate::boxed]
    pub async fn close(&self) {
        self.guards().flush().await;
        bus::flush(self).await;
        history::stop(self).await;
        self.db().close().await;
        self.0.maintenance.let_go();
    }
}

/// The directory holds the master key and everybody's data: when it is made here, only its owner may look into it.
fn make_private_dir(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Takes the SQLite file for this server alone, where that is wanted.
fn take_alone(config: &Config) -> Result<Option<File>, OpenError> {
    match file::path_of(&config.database_url).filter(|_| config.alone) {
        None => Ok(None),
        Some(path) => match file::lock(&path) {
            Ok(lock) => Ok(Some(lock)),
            Err(why) => Err(OpenError::not_alone(&path, why)),
        },
    }
}

/// Connects and brings the tables up to date, unless this is a deployment whose database is gone.
async fn open_database(config: &Config) -> Result<Db, OpenError> {
    let missing = |database: String| OpenError::DatabaseMissing {
        data_dir: config.data_dir.display().to_string(),
        database,
    };
    // Looked at first: the process that makes a database makes its key afterwards.
    let must_be_there = !config.new_database && keys::has_file(&config.data_dir);
    let path = file::path_of(&config.database_url);
    if let Some(path) = path.as_ref().filter(|path| must_be_there && file::is_absent(path)) {
        return Err(missing(path.display().to_string()));
    }
    let db = Db::connect_with(&config.database_url, config.database_connections).await?;
    if must_be_there && migrations::version(&db).await? == 0 {
        db.close().await;
        let empty = path.map_or_else(
            || "the database it is to use".to_owned(),
            |path| path.display().to_string(),
        );
        return Err(missing(empty));
    }
    migrations::run(&db).await?;
    Ok(db)
}
