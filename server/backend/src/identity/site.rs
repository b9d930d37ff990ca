//! The settings of the whole deployment, and who changed them. They are asked for by every page, so each process keeps them for a moment.

use crate::core::db::scope::after_commit;
use crate::core::db::{Tx, fault, readable, row, sql, word};
use crate::core::facts;
use crate::core::keys::random_text;
use crate::core::recent::Recent;
use crate::core::text::one_line;
use crate::identity::{Actor, require};
use crate::{Backend, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as B64, URL_SAFE_NO_PAD};
use domain::error::{Problem, Refusal};
use domain::ids::Millis;
use domain::people::{Person, Role};
use domain::site::{LANGUAGES, LOGO_BYTES_MAX, Picture, Setting, SettingChange, Site};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Where they stand in `settings`.
const SITE: &str = "site";
const LOGO: &str = "logo";
/// Addresses of pictures begin so.
pub const LOGO_PATH: &str = "/logo/";
const NAME_MAX: u32 = 60;
const CONTACT_MAX: u32 = 120;
/// The most changes that are shown.
const CHANGES: i64 = 100;

/// What was read a moment ago.
pub(crate) type Cache = Recent<(), Arc<Site>>;

/// What an operator typed.
#[derive(Clone, Debug)]
pub struct NewSite {
    /// How the deployment is called, up to 60 characters; empty: as the product is.
    pub name: String,
    /// Whom to call, up to 120 characters in one line.
    pub contact: String,
    /// A word of [`LANGUAGES`], or nothing.
    pub language: String,
    /// 1 to 365.
    pub overdue_days: u32,
}

impl NewSite {
    /// Are these the settings, but for the picture?
    fn are(&self, site: &Site) -> bool {
        self.name == site.name
            && self.contact == site.contact
            && self.language == site.language
            && self.overdue_days == site.overdue_days
    }
}

/// For everybody: the settings as they are.
#[crate::boxed]
pub async fn current(b: &Backend) -> Result<Arc<Site>> {
    let now = b.now();
    if let Some(known) = b.site().get(&(), now) {
        return Ok(known);
    }
    let reading = b.site().reading(now);
    let stored: Option<String> = b.db().optional(facts::read(SITE)).await?;
    let site = Arc::new(parsed(stored.as_deref()));
    b.site().keep((), site.clone(), reading);
    Ok(site)
}

/// Settings that cannot be read count as not set, so that pages are drawn all the same.
fn parsed(stored: Option<&str>) -> Site {
    stored
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// The picture at this address, and what it is.
#[crate::boxed]
pub async fn logo(b: &Backend, address: &str) -> Result<(Picture, Vec<u8>)> {
    if current(b).await?.logo != address {
        return Err(Refusal::Unknown);
    }
    let stored: Option<String> = b.db().optional(facts::read(LOGO)).await?;
    let bytes = stored.and_then(|text| B64.decode(text).ok()).ok_or(Refusal::Unknown)?;
    let picture = Picture::of(&bytes).ok_or(Refusal::Unknown)?;
    Ok((picture, bytes))
}

/// An operator: changes all settings but the picture, as long as they are what the operator saw (`was`; `None`: whatever they are). Only settings
/// that differ are noted. Returns the settings as they are, and whether that is what was asked for: `false` where somebody else changed them since.
#[crate::boxed]
pub async fn change(b: &Backend, who: &Actor, was: Option<&NewSite>, new: NewSite) -> Result<(Site, bool)> {
    who.require_operator()?;
    let name = one_line("name", &new.name, NAME_MAX, true)?;
    let contact = one_line("contact", &new.contact, CONTACT_MAX, true)?;
    if !(1..=365).contains(&new.overdue_days) {
        return Err(Refusal::field("overdue_days", Problem::Range { min: 1, max: 365 }));
    }
    if !new.language.is_empty() && !LANGUAGES.contains(&new.language.as_str()) {
        return Err(Refusal::field("language", Problem::Unknown));
    }
    let mut tx = b.db().begin().await?;
    let before = taken(&mut tx).await?;
    let after = Site {
        name,
        contact,
        language: new.language,
        overdue_days: new.overdue_days,
        logo: before.logo.clone(),
    };
    if was.is_some_and(|was| !was.are(&before)) {
        tx.rollback().await?;
        let as_asked = before == after;
        return Ok((before, as_asked));
    }
    store(b, &mut tx, who, &before, &after).await?;
    tx.commit().await?;
    Ok((after, true))
}

/// An operator: sets the picture; `None` removes it.
#[crate::boxed]
pub async fn set_logo(b: &Backend, who: &Actor, bytes: Option<&[u8]>) -> Result<()> {
    who.require_operator()?;
    let (address, text) = match bytes {
        None => (String::new(), String::new()),
        Some(bytes) if bytes.len() > LOGO_BYTES_MAX => {
            return Err(Refusal::TooLarge {
                max_bytes: LOGO_BYTES_MAX as u64,
            });
        }
        Some(bytes) => (address_of(bytes)?, B64.encode(bytes)),
    };
    let mut tx = b.db().begin().await?;
    let before = taken(&mut tx).await?;
    tx.execute(facts::write(LOGO, &text)).await?;
    let after = Site {
        logo: address,
        ..before.clone()
    };
    store(b, &mut tx, who, &before, &after).await?;
    tx.commit().await
}

/// The address is made from the bytes, so browsers and kiosks may cache a picture for ever.
fn address_of(bytes: &[u8]) -> Result<String> {
    let picture = Picture::of(bytes).ok_or_else(|| Refusal::field("file", Problem::Form))?;
    let hash = Sha256::digest(bytes);
    let mark = URL_SAFE_NO_PAD.encode(hash.get(..12).unwrap_or_default());
    Ok(format!("{LOGO_PATH}{mark}.{}", picture.extension()))
}

/// Locks the settings for the rest of the transaction, so that concurrent changes follow each other.
async fn taken(tx: &mut Tx) -> Result<Site> {
    let stored: String = tx
        .one(sql!(
            "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = settings.value RETURNING value",
            SITE,
            "{}"
        ))
        .await?;
    Ok(parsed(Some(&stored)))
}

async fn store(b: &Backend, tx: &mut Tx, who: &Actor, before: &Site, after: &Site) -> Result<()> {
    let text = serde_json::to_string(after).map_err(fault)?;
    tx.execute(facts::write(SITE, text)).await?;
    let now = b.now();
    for setting in Setting::ALL {
        let (was, is) = (setting.of(before), setting.of(after));
        if was == is {
            continue;
        }
        tx.execute(sql!(
            "INSERT INTO setting_changes (id, at, who, setting, before, after) VALUES ($1, $2, $3, $4, $5, $6)",
            format!("{:015}{}", now.0.max(0), random_text::<9>(b.rng())),
            now.0,
            who.phone().map(|phone| phone.as_str()),
            word(setting)?,
            was,
            is
        ))
        .await?;
    }
    let b = b.clone();
    after_commit(move || b.site().forget(&()));
    Ok(())
}

row! {
    struct ChangeRow {
        at: i64,
        who: Option<String>,
        setting: String,
        before: String,
        after: String,
    }
}

/// An operator: what was changed, the newest first.
#[crate::boxed]
pub async fn changes(b: &Backend, who: &Person) -> Result<Vec<SettingChange>> {
    require(who, &[Role::Operator])?;
    let rows: Vec<ChangeRow> = b
        .db()
        .all(sql!(
            "SELECT at, who, setting, before, after FROM setting_changes ORDER BY id DESC LIMIT $1",
            CHANGES
        ))
        .await?;
    let changes = rows.into_iter().filter_map(|row| {
        Some(SettingChange {
            at: Millis(row.at),
            who: row.who,
            setting: readable(row.setting)?,
            before: row.before,
            after: row.after,
        })
    });
    Ok(changes.collect())
}
