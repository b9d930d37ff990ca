//! What an operator should know of the whole deployment.

#[cfg(feature = "ssr")]
pub use reads::{alike_texts, clock_behind_minutes, damaged_rows, legacy_minutes};

#[cfg(feature = "ssr")]
mod reads {
    use crate::context;
    use crate::functions::asker;
    use backend::{damage, normalise};
    use domain::error::Refusal;
    use domain::normalise::Collisions;

    /// The rows that cannot be read, each by table and key.
    pub fn damaged_rows() -> Result<Vec<String>, Refusal> {
        let (backend, who) = asker()?;
        damage::rows(&backend, &who)
    }

    /// Texts of earlier versions that look the same as others.
    pub async fn alike_texts() -> Result<Collisions, Refusal> {
        let (backend, who) = asker()?;
        normalise::collisions(&backend, &who).await
    }

    /// By how many minutes this machine's clock is behind what the database knows, where guards are given no time because of that.
    pub fn clock_behind_minutes() -> Option<i64> {
        Some(context::request().backend.clock_behind_ms()? / 60_000)
    }

    /// For how many more minutes of a session old clients may speak without a token, where they may.
    pub fn legacy_minutes() -> Option<u64> {
        Some(context::request().backend.legacy_window()?.as_secs() / 60)
    }
}
