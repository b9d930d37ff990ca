//! What happened to orders.

#[cfg(feature = "ssr")]
pub use reads::{of_business, of_order};

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::locker::history;
    use domain::error::Refusal;
    use domain::ids::ThingsSq;
    use domain::locker::history::Evidence;
    use domain::locker::orders::Page;

    /// What happened to an order.
    pub async fn of_order(things_sq: &ThingsSq) -> Result<Vec<Evidence>, Refusal> {
        let (backend, who) = asker()?;
        history::for_order(&backend, &who, things_sq).await
    }

    /// What happened to the orders of the reader's business, the latest first.
    pub async fn of_business(cursor: Option<&str>, limit: u32) -> Result<Page<Evidence>, Refusal> {
        let (backend, who) = asker()?;
        history::for_business(&backend, &who, cursor, limit).await
    }
}
