//! Events of kiosks, with numbers that have no gap.

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::ids::Yid;
use domain::locker::events::KioskEvent;
use domain::locker::orders::Page;
use domain::people::Person;

/// Stores what follows without a gap on what is stored; repeats are ignored, and what lies behind a gap is not stored. Answers
/// the number up to which everything is stored.
pub async fn append(b: &Backend, yid: Yid, events: Vec<KioskEvent>) -> Result<i64> {
    Err(Refusal::Internal)
}

/// Staff and operators: the events of a kiosk, newest first.
pub async fn list(b: &Backend, who: &Person, yid: Yid, cursor: Option<&str>, limit: u32) -> Result<Page<KioskEvent>> {
    Err(Refusal::Internal)
}
