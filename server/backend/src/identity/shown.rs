//! Passwords and codes that the server made and shows to the operator who asked for them. They are kept sealed for a few minutes, so that they are
//! still there when the page is loaded again, and for nobody else.

use crate::core::db::sql;
use crate::identity::require;
use crate::{Backend, Result};
use domain::people::{Person, Role};

/// How long a secret is kept.
pub const KEPT_MS: i64 = 10 * 60 * 1000;

/// The context of the seal.
pub(crate) fn context(phone: &str, about: &str) -> String {
    format!("shown {phone}/{about}")
}

/// Keeps a secret, in place of an earlier one about the same.
#[crate::boxed]
pub async fn keep(b: &Backend, who: &Person, about: &str, secret: &str) -> Result<()> {
    require(who, &[Role::Operator])?;
    let phone = who.phone.as_str();
    let content = b.keys().seal(b.rng(), &context(phone, about), secret.as_bytes())?;
    let kept = sql!(
        "INSERT INTO shown_secrets (phone, about, content, ends) VALUES ($1, $2, $3, $4)
         ON CONFLICT (phone, about) DO UPDATE SET content = excluded.content, ends = excluded.ends",
        phone,
        about,
        content,
        b.now().plus(KEPT_MS).0
    );
    b.db().execute(kept).await?;
    Ok(())
}

/// The secret about this that the caller made, if it has not expired.
#[crate::boxed]
pub async fn get(b: &Backend, who: &Person, about: &str) -> Result<Option<String>> {
    require(who, &[Role::Operator])?;
    let phone = who.phone.as_str();
    let found = sql!(
        "SELECT content FROM shown_secrets WHERE phone = $1 AND about = $2 AND ends > $3",
        phone,
        about,
        b.now().0
    );
    let sealed: Option<String> = b.db().optional(found).await?;
    Ok(sealed.and_then(|sealed| b.keys().try_open_text(&context(phone, about), &sealed)))
}

/// Forgets it before it expires.
#[crate::boxed]
pub async fn forget(b: &Backend, who: &Person, about: &str) -> Result<()> {
    require(who, &[Role::Operator])?;
    let forgotten = sql!(
        "DELETE FROM shown_secrets WHERE phone = $1 AND about = $2",
        who.phone.as_str(),
        about
    );
    b.db().execute(forgotten).await?;
    Ok(())
}
