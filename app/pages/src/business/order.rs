//! `/business/orders/{things_sq}`: one order, and where its meter is.

use crate::error::loaded;
use crate::orders::{order_page, told};
use domain::locker::orders::{Order as TheOrder, OrderStatus};
use islands::addresses::{at, named};
use islands::context;
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Order() -> impl IntoView {
    let named = named::business_order();
    loaded(
        async move {
            let (things_sq,) = named?;
            told(&things_sq).await
        },
        |told| {
            let next_step = view! { <NextStep order=told.order.clone()/> }.into_any();
            let back = td_string!(context::locale(), business.search_own);
            order_page(told, next_step, at::business_orders(), back)
        },
    )
}

#[component]
fn NextStep(order: TheOrder) -> impl IntoView {
    let locale = context::locale();
    match order.status {
        OrderStatus::Stored => {
            let href = at::business_find(&order.things_sq);
            view! { <a href=href class="btn btn-primary btn-lg btn-tall" data-testid="find"><Icon name="qr"/> {td_string!(locale, business.show_code)}</a> }.into_any()
        }
        OrderStatus::Received | OrderStatus::Ready => {
            view! { <p class="card-plain">{td_string!(locale, business.not_stored)}</p> }.into_any()
        }
        OrderStatus::Cancelled => {
            view! { <p class="card-plain">{td_string!(locale, business.cancelled)}</p> }.into_any()
        }
        OrderStatus::Done => view! { <p class="card-plain">{td_string!(locale, business.fetched)}</p> }.into_any(),
    }
}
