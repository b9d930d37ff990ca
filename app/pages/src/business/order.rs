//! `/business/orders/{things_sq}`: one order, and where its meter is.

use crate::error::loaded;
use crate::orders::{Facts, HistoryCard, remember};
use crate::ui::layout::Layout;
use domain::locker::history::Evidence;
use domain::locker::kiosks::Whereabouts;
use domain::locker::orders::{Order as TheOrder, OrderStatus};
use islands::addresses::{at, named};
use islands::context;
use islands::functions::{history, orders};
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
            let order = orders::get(&things_sq).await?;
            let kiosk = orders::place(&order).await?;
            let evidence = history::of_order(&things_sq).await?;
            Ok((order, kiosk, evidence))
        },
        |(order, kiosk, evidence)| {
            remember(&order.customer_no);
            view! { <Shown order kiosk evidence/> }
        },
    )
}

#[component]
fn Shown(order: TheOrder, kiosk: Option<Whereabouts>, evidence: Vec<Evidence>) -> impl IntoView {
    let locale = context::locale();
    let title = crate::orders::title(&order);
    view! {
        <Layout title wide=true>
            <div class="two">
                <div>
                    <NextStep order=order.clone()/>
                    <Facts order kiosk/>
                </div>
                <div>
                    <HistoryCard evidence/>
                    <a href=at::business_orders() class="btn btn-outline btn-lg"><Icon name="search"/> {td_string!(locale, business.search_own)}</a>
                </div>
            </div>
        </Layout>
    }
    .into_any()
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
