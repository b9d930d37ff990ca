//! What operators changed of people, businesses and kiosks.

#[cfg(feature = "ssr")]
pub use reads::list;

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::changes;
    use domain::changes::{About, Changed};
    use domain::error::Refusal;

    /// What was changed of this, the newest first.
    pub async fn list(about: &About) -> Result<Vec<Changed>, Refusal> {
        let (backend, who) = asker()?;
        changes::list(&backend, &who, about).await
    }
}
