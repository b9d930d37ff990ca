//! What a phone without network kept, and sends now (`unsent.js`); and the key under which it keeps that.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::ThingsSq;
use domain::token::CodeText;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use reads::{ROUND_MOST, Round, round};

/// The key of one person on one phone.
#[derive(Serialize, Deserialize)]
pub struct OfflineKey {
    /// 32 bytes in base64url.
    key: String,
    /// The same for the phone to keep: only the server opens it, and only for this person.
    sealed: String,
}

/// The key that is in `sealed`, where it was made for the caller; else a fresh one.
#[server(prefix = "/do/account", endpoint = "open-offline-key", protocol = Call)]
pub async fn open_offline_key(sealed: Option<String>) -> Result<OfflineKey, Refused> {
    use crate::context;
    use backend::offline_keys;

    let request = context::request();
    let who = request.person()?;
    let opened = offline_keys::open(&request.backend, who, &sealed.unwrap_or_default())?;
    Ok(OfflineKey {
        key: opened.key.to_string(),
        sealed: opened.sealed,
    })
}

/// Completes a deposit whose code the caller's phone read without network at `scanned_at`, and whose order was chosen at `chosen_at`, both by that
/// phone's clock in milliseconds since 1970.
#[server(prefix = "/do/staff", endpoint = "send-deposit", protocol = Call)]
pub async fn send_deposit(things_sq: ThingsSq, code: CodeText, scanned_at: i64, chosen_at: i64) -> Result<(), Refused> {
    use backend::locker::deposits::LateDeposit;
    use domain::ids::Millis;

    let late = LateDeposit {
        code: code.as_str().to_owned(),
        scanned_at: Millis(scanned_at),
        chosen_at: Millis(chosen_at),
    };
    body::deposit(&things_sq, late).await
}

/// Applies the data of a kiosk that the caller's phone read without network at `scanned_at`.
#[server(prefix = "/do/staff", endpoint = "send-sync", protocol = Call)]
pub async fn send_sync(code: CodeText, scanned_at: i64) -> Result<(), Refused> {
    use crate::{context, words};
    use backend::locker::sync;
    use domain::ids::Millis;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Staff)?;
    let applied = sync::apply_late(&request.backend, who, code.as_str(), Millis(scanned_at)).await;
    applied.map_err(|refusal| words::not_read(request.locale, &refusal))?;
    Ok(())
}

/// Whether the caller completed this order's deposit with this code, by what is known of both.
#[server(prefix = "/do/staff", endpoint = "ask-deposit", protocol = Call)]
pub async fn ask_deposit(things_sq: ThingsSq, code: CodeText) -> Result<bool, Refused> {
    use crate::context;
    use backend::locker::deposits;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Staff)?;
    Ok(deposits::was_completed(&request.backend, who, &things_sq, code.as_str()).await?)
}

#[cfg(feature = "ssr")]
mod body {
    use super::{Refused, ThingsSq};
    use crate::context::{self, RequestContext};
    use crate::date;
    use crate::functions::kiosks;
    use crate::i18n::td_string;
    use crate::ui::status;
    use crate::words::{self, kiosk_line};
    use backend::locker::deposits::{self, LateDeposit};
    use backend::locker::orders;
    use domain::error::Refusal;
    use domain::people::{Person, Role};

    pub(super) async fn deposit(things_sq: &ThingsSq, late: LateDeposit) -> Result<(), Refused> {
        let request = context::request();
        let who = request.require(Role::Staff)?;
        match deposits::complete_late(&request.backend, who, things_sq, late).await {
            Ok(_) => Ok(()),
            Err(refusal) => Err(explained(&request, who, things_sq, &refusal).await),
        }
    }

    /// Why, and what is known of the order instead.
    async fn explained(request: &RequestContext, who: &Person, things_sq: &ThingsSq, refusal: &Refusal) -> Refused {
        let refused = words::not_read(request.locale, refusal);
        if *refusal == Refusal::KioskNotHeard {
            return refused;
        }
        match standing(request, who, things_sq).await {
            Ok(words) => {
                let words = format!("{}\n{words}", refused.words);
                refused.in_words(&words)
            }
            Err(_) => refused,
        }
    }

    /// `1016: Stored · kiosk 1234, A3 · 10:32`
    async fn standing(request: &RequestContext, who: &Person, things_sq: &ThingsSq) -> Result<String, Refusal> {
        let locale = request.locale;
        let order = orders::get(&request.backend, who, things_sq).await?;
        let mut parts = vec![status::word(locale, order.status).to_owned()];
        if let Some(place) = &order.place {
            let name = kiosks::whereabouts(place.yid).await?.name;
            parts.push(format!("{}, {}", kiosk_line(locale, place.yid, &name), place.label));
        }
        if let Some(at) = order.stored_at {
            parts.push(date::short(locale, at, context::now(), &date::zone()));
        }
        let number = td_string!(locale, orders.order_no, number = order.things_sq.as_str()).to_string();
        Ok(format!("{number}: {}", parts.join(" · ")))
    }
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::{kiosks, orders};
    use domain::error::Refusal;
    use domain::ids::Yid;
    use domain::locker::kiosks::Kiosk;
    use domain::locker::orders::{Order, OrderFilter, OrderStatus};

    /// Orders that a phone takes along at most.
    pub const ROUND_MOST: usize = 600;
    const AT_ONCE: u32 = 200;

    /// What staff take along for a day.
    pub struct Round {
        /// The kiosks that were chosen.
        pub kiosks: Vec<Kiosk>,
        /// What is ready to be stored, by customer number.
        pub orders: Vec<Order>,
        /// There are more than [`ROUND_MOST`].
        pub more: bool,
    }

    /// The kiosks of these numbers, and the orders that are ready.
    pub async fn round(chosen: &[Yid]) -> Result<Round, Refusal> {
        let mut kiosks = kiosks::list().await?;
        kiosks.retain(|kiosk| chosen.contains(&kiosk.yid));
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let filter = OrderFilter {
                status: Some(OrderStatus::Ready),
                limit: AT_ONCE,
                cursor,
                ..OrderFilter::default()
            };
            let page = orders::search(&filter).await?;
            found.extend(page.rows);
            cursor = page.next;
            if cursor.is_none() || found.len() >= ROUND_MOST {
                break;
            }
        }
        Ok(Round {
            kiosks,
            more: cursor.is_some() || found.len() > ROUND_MOST,
            orders: found.into_iter().take(ROUND_MOST).collect(),
        })
    }
}
