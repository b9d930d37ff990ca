//! Vouchers: codes that a phone without network can still show to a kiosk.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::span::CivilMinute;
use domain::ids::{ThingsSq, VoucherName};
use domain::locker::codes::VoucherCode;
use domain::token::CodeText;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a voucher is to be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoucherEnd {
    /// Until this day is over.
    Today,
    /// Until the next day is over.
    Tomorrow,
    /// Until a given minute.
    Own,
}

impl VoucherEnd {
    /// In a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Tomorrow => "tomorrow",
            Self::Own => "own",
        }
    }
}

/// Makes a voucher for one of the caller's stored orders and those of `pick`, all at one kiosk. Its doors open in the order of their order numbers,
/// the first one first.
#[server(prefix = "/do/business", endpoint = "make-voucher", protocol = Call)]
pub async fn make_voucher(
    things_sq: ThingsSq,
    pick: BTreeMap<ThingsSq, String>,
    end: VoucherEnd,
    end_time: Option<CivilMinute>,
) -> Result<VoucherCode, Refused> {
    let others = pick.into_keys().filter(|other| *other != things_sq);
    let orders = std::iter::once(things_sq.clone()).chain(others).collect();
    body::make(orders, end, end_time).await
}

/// Narrows a voucher for somebody it is passed on to: to the orders of `pick` (none: all), until `end_time`, with their name.
#[server(prefix = "/do/business", endpoint = "narrow-voucher", protocol = Call)]
pub async fn narrow_voucher(
    code: CodeText,
    pick: BTreeMap<ThingsSq, String>,
    name: VoucherName,
    end_time: Option<CivilMinute>,
) -> Result<VoucherCode, Refused> {
    body::narrow(code.as_str(), pick.into_keys().collect(), name, end_time).await
}

/// Withdraws a voucher, as far as kiosks hear of it. Leads to the caller's orders.
#[server(prefix = "/do/business", endpoint = "withdraw-voucher", protocol = Call)]
pub async fn withdraw_voucher(code: CodeText) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::locker::vouchers;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Business)?;
    vouchers::withdraw(&request.backend, who, code.as_str()).await?;
    go_to(&with_notice(&at::business(), "voucher-withdrawn"));
    Ok(())
}

#[cfg(feature = "ssr")]
pub use reads::{read, stored_with};

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::locker::{orders, vouchers};
    use domain::error::Refusal;
    use domain::locker::codes::VoucherCode;
    use domain::locker::orders::{Order, OrderFilter, OrderStatus};
    use domain::token::voucher::DOORS_MAX;

    /// Looked through at one kiosk for what else could be fetched with the same voucher.
    const LOOKED_AT: u32 = 50;

    /// What a voucher of the reader's own orders is good for.
    pub async fn read(code: &str) -> Result<VoucherCode, Refusal> {
        let (backend, who) = asker()?;
        vouchers::read(&backend, &who, code).await
    }

    /// The reader's other orders that are stored at the same kiosk: as many as fit into one voucher with this one.
    pub async fn stored_with(order: &Order) -> Result<Vec<Order>, Refusal> {
        let Some(place) = &order.place else {
            return Ok(Vec::new());
        };
        let (backend, who) = asker()?;
        let filter = OrderFilter {
            status: Some(OrderStatus::Stored),
            yid: Some(place.yid),
            limit: LOOKED_AT,
            ..OrderFilter::default()
        };
        let page = orders::search(&backend, &who, &filter).await?;
        let others = page.rows.into_iter().filter(|other| other.things_sq != order.things_sq);
        Ok(others.take(DOORS_MAX - 1).collect())
    }
}

#[cfg(feature = "ssr")]
mod body {
    use super::{CivilMinute, Refused, ThingsSq, VoucherCode, VoucherEnd, VoucherName};
    use crate::context::{self, RequestContext};
    use crate::functions::sessions;
    use crate::i18n::td_string;
    use backend::locker::vouchers::{self, VoucherRequest};
    use domain::error::{Problem, Refusal};
    use domain::ids::Millis;
    use domain::people::Role;
    use domain::token::Caveat;

    /// The field of a form with the end.
    const END_TIME: &str = "end_time";

    pub(super) async fn make(
        orders: Vec<ThingsSq>,
        end: VoucherEnd,
        end_time: Option<CivilMinute>,
    ) -> Result<VoucherCode, Refused> {
        let request = context::request();
        let who = request.require(Role::Business)?;
        let zone = request.backend.zone();
        let until = match end {
            VoucherEnd::Today => Some(zone.end_of_day(request.backend.now()).ok_or(Refusal::Internal)?),
            VoucherEnd::Tomorrow => None,
            VoucherEnd::Own => Some(given(&request, end_time)?),
        };
        let wish = VoucherRequest {
            orders,
            until,
            sign_in: sessions::here(),
        };
        let made = vouchers::make(&request.backend, who, wish).await;
        made.map_err(|refusal| match refusal {
            Refusal::Field { field, .. } if field == "until" => wrong_end(&request),
            Refusal::Field { field, .. } if field == "orders" => {
                let refused = Refused::of(request.locale, &Refusal::field("pick", Problem::Form));
                refused.in_words(td_string!(request.locale, business.voucher_orders_wrong))
            }
            other => Refused::of(request.locale, &other),
        })
    }

    pub(super) async fn narrow(
        code: &str,
        orders: Vec<ThingsSq>,
        name: VoucherName,
        end_time: Option<CivilMinute>,
    ) -> Result<VoucherCode, Refused> {
        let request = context::request();
        let who = request.require(Role::Business)?;
        let until = match end_time {
            Some(_) => Some(given(&request, end_time)?.0.div_euclid(1_000)),
            None => None,
        };
        let caveat = Caveat {
            orders: (!orders.is_empty()).then_some(orders),
            until,
            name: Some(name.0),
        };
        let narrowed = vouchers::narrow(&request.backend, who, code, &caveat).await;
        narrowed.map_err(|refusal| match refusal {
            // The voucher itself was read before: what is wrong is that it would be widened, or was narrowed three times already.
            Refusal::CodeDamaged => {
                let refused = Refused::of(request.locale, &refusal);
                refused.in_words(td_string!(request.locale, business.voucher_not_narrower))
            }
            other => Refused::of(request.locale, &other),
        })
    }

    fn given(request: &RequestContext, end_time: Option<CivilMinute>) -> Result<Millis, Refused> {
        let at = end_time.and_then(|minute| minute.to_millis(request.backend.zone()));
        at.ok_or_else(|| wrong_end(request))
    }

    fn wrong_end(request: &RequestContext) -> Refused {
        let refused = Refused::of(request.locale, &Refusal::field(END_TIME, Problem::Form));
        refused.in_words(td_string!(request.locale, business.voucher_end_wrong))
    }
}
