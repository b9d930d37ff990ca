//! What is looked at before a database is used: that no other server has its file, and that it is there where there was one.

use crate::db::{Db, file};
use crate::{Config, OpenError, keys, migrations};
use std::fs::File;

/// Takes the SQLite file for this server alone, where that is wanted.
pub(crate) fn take_alone(config: &Config) -> Result<Option<File>, OpenError> {
    match file::path_of(&config.database_url).filter(|_| config.alone) {
        None => Ok(None),
        Some(path) => match file::lock(&path) {
            Ok(lock) => Ok(Some(lock)),
            Err(why) => Err(OpenError::not_alone(&path, why)),
        },
    }
}

/// Connects and brings the tables up to date, unless this is a deployment whose database is gone.
pub(crate) async fn open_database(config: &Config) -> Result<Db, OpenError> {
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
