//! What an operator corrects of orders.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::{Line, ThingsSq};
use domain::locker::orders::{OrderStatus, OrderText, OrderTexts};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Corrects the texts of an order. `was`: what the page showed; where somebody else changed the order since, nothing is changed, and both values
/// are told. Leads to the order.
#[server(prefix = "/do/operator", endpoint = "correct-order", protocol = Call)]
pub async fn correct_order(
    things_sq: ThingsSq,
    texts: OrderTexts,
    was: BTreeMap<OrderText, String>,
) -> Result<(), Refused> {
    use crate::context;
    use crate::functions::orders::text_refused;
    use backend::locker::orders;
    use domain::locker::orders::Corrected;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let was = OrderTexts::each(|text| was.get(&text).cloned().unwrap_or_default());
    let corrected = orders::correct(&request.backend, who, &things_sq, &was, &texts).await;
    match corrected.map_err(|refusal| text_refused(request.locale, &refusal))? {
        Corrected::Done(_) => body::back_with(&things_sq, "order-corrected"),
        Corrected::Changed(order) => {
            let theirs = OrderText::ALL.map(|text| (text, order.text(text)));
            let theirs = theirs.into_iter().filter(|(text, now)| *now != was.get(*text));
            return Err(body::changed(
                request.locale,
                theirs.map(|(text, now)| (text.field(), now)),
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
    use crate::notice::with_notice;
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
pub(super) use body::{changed, changed_as};

#[cfg(feature = "ssr")]
mod body {
    use super::ThingsSq;
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::i18n::{Locale, td_string};
    use crate::notice::with_notice;
    use crate::refused::{CHANGED, Refused, WrongField};

    pub(super) fn back_with(things_sq: &ThingsSq, notice: &str) {
        go_to(&with_notice(&at::operator_order(things_sq), notice));
    }

    /// Somebody else changed these fields to these values since the page was drawn. What was typed stays in the form.
    pub(in crate::functions) fn changed<'v>(
        locale: Locale,
        theirs: impl Iterator<Item = (&'static str, &'v str)>,
    ) -> Refused {
        let fields = theirs.map(|(field, value)| WrongField {
            now: Some(value.to_owned()),
            ..WrongField::new(field, td_string!(locale, errors.changed_to, value = value).to_string())
        });
        refused(locale, fields.collect())
    }

    /// The same with words for each field.
    pub(in crate::functions) fn changed_as(locale: Locale, fields: Vec<(&'static str, String)>) -> Refused {
        let fields = fields.into_iter().map(|(field, words)| WrongField::new(field, words));
        refused(locale, fields.collect())
    }

    fn refused(locale: Locale, fields: Vec<WrongField>) -> Refused {
        Refused {
            status: 409,
            code: CHANGED.to_owned(),
            words: td_string!(locale, errors.changed).to_owned(),
            fields,
        }
    }
}
