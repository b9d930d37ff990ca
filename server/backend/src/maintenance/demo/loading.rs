//! Sample data that is whole or not there. It takes many transactions, so a mark in `settings` stands from the first to the last; a start
//! that finds the mark removes what there is and begins again.

use super::PEOPLE;
use crate::core::catalogue;
use crate::core::db::{Statement, fault, sql};
use crate::core::facts;
use crate::{Backend, Result};

/// Stands in `settings` while the sample data is put in.
const LOADING: &str = "demo-loading";
/// Tables the sample data does not touch: what the deployment and its nodes know of themselves.
const KEPT: [&str; 2] = ["nodes", "settings"];

/// Did a start end before all of it was there? Where somebody else was added since, it is somebody's data, and stays.
pub(super) async fn was_cut_off(b: &Backend) -> Result<bool> {
    let marked: Option<String> = b.db().optional(facts::read(LOADING)).await?;
    if marked.is_none() {
        return Ok(false);
    }
    let people: Vec<String> = b.db().all(sql!("SELECT phone FROM people")).await?;
    let is_sample = |phone: &String| PEOPLE.iter().any(|(sample, ..)| sample == phone);
    if people.iter().all(is_sample) {
        return Ok(true);
    }
    tracing::warn!("the sample data is not whole, and stays so because somebody else was added since");
    end(b).await?;
    Ok(false)
}

/// Removes what was put in.
pub(super) async fn remove(b: &Backend) -> Result<()> {
    let tables = catalogue::tables(b.db()).await.map_err(fault)?;
    let mut tx = b.db().begin().await?;
    for table in tables.iter().filter(|table| !KEPT.contains(&table.name.as_str())) {
        let sql = format!("DELETE FROM {}", table.name);
        tx.execute(Statement::new(&sql).once()).await?;
    }
    tx.commit().await?;
    tracing::info!("the sample data was not whole and is made again");
    Ok(())
}

pub(super) async fn begin(b: &Backend) -> Result<()> {
    b.db().execute(facts::write_if_absent(LOADING, "yes")).await?;
    Ok(())
}

pub(super) async fn end(b: &Backend) -> Result<()> {
    b.db().execute(facts::delete(LOADING)).await?;
    Ok(())
}
