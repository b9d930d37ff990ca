//! The devices there are.

#[cfg(feature = "ssr")]
pub use reads::{door_alarms, faulty, list, page};

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::guard::inventory;
    use domain::error::Refusal;
    use domain::guard::inventory::Device;
    use domain::locker::orders::PagePlace;
    use domain::locker::overview::GuardAlarm;
    use domain::search::Hits;

    /// How many guards with an owner report a fault.
    pub async fn faulty() -> Result<u32, Refusal> {
        let (backend, who) = asker()?;
        inventory::faulty(&backend, &who).await
    }

    /// What doors of guards did lately that somebody has to look into.
    pub async fn door_alarms(limit: u32) -> Result<Vec<GuardAlarm>, Refusal> {
        let (backend, who) = asker()?;
        inventory::door_alarms(&backend, &who, limit).await
    }

    /// Where a page of all devices begins, and how many there are.
    pub async fn page(page: u64, rows: u32) -> Result<PagePlace, Refusal> {
        let (backend, who) = asker()?;
        inventory::page(&backend, &who, page, rows).await
    }

    /// The devices found by a text.
    pub async fn list(text: &str, cursor: Option<&str>, limit: u32) -> Result<Hits<Device>, Refusal> {
        let (backend, who) = asker()?;
        inventory::list(&backend, &who, text, cursor, limit).await
    }
}
