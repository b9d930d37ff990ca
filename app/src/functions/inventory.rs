//! The devices there are.

#[cfg(feature = "ssr")]
pub use reads::{import_file, list};

#[cfg(feature = "ssr")]
mod reads {
    use crate::context::RequestContext;
    use crate::functions::asker;
    use backend::guard::inventory;
    use domain::error::Refusal;
    use domain::guard::inventory::Device;
    use domain::locker::orders::ImportReport;
    use domain::people::Role;
    use domain::search::Hits;

    /// The devices found by a text.
    pub async fn list(text: &str, cursor: Option<&str>, limit: u32) -> Result<Hits<Device>, Refusal> {
        let (backend, who) = asker()?;
        inventory::list(&backend, &who, text, cursor, limit).await
    }

    /// Adds the devices in a CSV file.
    pub async fn import_file(request: &RequestContext, file: &[u8]) -> Result<ImportReport, Refusal> {
        let who = request.require(Role::Operator)?;
        inventory::import_csv(&request.backend, &who.into(), file).await
    }
}
