//! What an operator corrects of orders.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::{BusinessName, CustomerNo, Line, ThingsSq};
use domain::locker::orders::OrderStatus;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Corrects the texts of an order. `was`: what the page showed, by the names of the other arguments; where somebody else changed the order since,
/// nothing is changed, and both values are told. Leads to the order.
#[server(prefix = "/do/operator", endpoint = "correct-order", protocol = Call)]
pub async fn correct_order(
    things_sq: ThingsSq,
    customer_no: CustomerNo,
    customer_name: Option<Line>,
    address: Option<Line>,
    meter_kind: Option<Line>,
    business: BusinessName,
    was: BTreeMap<String, String>,
) -> Result<(), Refused> {
    use crate::context;
    use backend::locker::orders;
    use domain::locker::orders::{Corrected, OrderTexts};
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let text = |line: Option<Line>| line.map(|line| line.0).unwrap_or_default();
    let to = OrderTexts {
        customer_no: customer_no.0,
        customer_name: text(customer_name),
        address: text(address),
        meter_kind: text(meter_kind),
        business: business.0,
    };
    let was = |name: &str| was.get(name).cloned().unwrap_or_default();
    let was = OrderTexts {
        customer_no: was("customer_no"),
        customer_name: was("customer_name"),
        address: was("address"),
        meter_kind: was("meter_kind"),
        business: was("business"),
    };
    match orders::correct(&request.backend, who, &things_sq, &was, &to).await? {
        Corrected::Done(_) => body::back_with(&things_sq, "order-corrected"),
        Corrected::Changed(order) => {
            let now = OrderTexts::from(&*order);
            let theirs = now.named().into_iter().zip(was.named());
            let theirs = theirs.filter(|((_, now), (_, was))| now != was);
            return Err(body::changed(
                request.locale,
                theirs.map(|((name, now), _)| (name, now)),
            ));
        }
    }
    Ok(())
}

/// Cancels an order that is not stored yet. Leads to the order.
#[server(prefix = "/do/operator", endpoint = "cancel-order", protocol = Call)]
pub async fn cancel_order(things_sq: ThingsSq, reason: Line) -> Result<(), Refused> {
    use crate::context;
    use backend::locker::orders;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    orders::cancel(&request.backend, who, &things_sq, reason.as_str()).await?;
    body::back_with(&things_sq, "order-cancelled");
    Ok(())
}

/// Sets an order back by a station. `from`: where the page showed it. Leads `back`, or to the order.
#[server(prefix = "/do/operator", endpoint = "set-order-back", protocol = Call)]
pub async fn set_order_back(
    things_sq: ThingsSq,
    from: OrderStatus,
    why: Line,
    back: Option<String>,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::context;
    use crate::ui::notice::with_notice;
    use backend::locker::orders;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    orders::set_back(&request.backend, who, &things_sq, from, why.as_str()).await?;
    match back {
        Some(back) => go_to(&with_notice(&back, "order-set-back")),
        None => body::back_with(&things_sq, "order-set-back"),
    }
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) use body::changed;

#[cfg(feature = "ssr")]
mod body {
    use super::ThingsSq;
    use crate::act::go_to;
    use crate::i18n::{Locale, td_string};
    use crate::pages::at;
    use crate::refused::{Refused, WrongField};
    use crate::ui::notice::with_notice;

    pub(super) fn back_with(things_sq: &ThingsSq, notice: &str) {
        go_to(&with_notice(&at::operator_order(things_sq), notice));
    }

    /// Somebody else changed these fields to these values since the page was drawn. What was typed stays in the form.
    pub(in crate::functions) fn changed<'v>(
        locale: Locale,
        theirs: impl Iterator<Item = (&'static str, &'v str)>,
    ) -> Refused {
        let fields = theirs.map(|(field, value)| WrongField {
            field: field.to_owned(),
            words: td_string!(locale, errors.changed_to, value = value).to_string(),
            absent: false,
        });
        Refused {
            status: 409,
            code: "changed".to_owned(),
            words: td_string!(locale, errors.changed).to_owned(),
            fields: fields.collect(),
        }
    }
}
