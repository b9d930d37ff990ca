//! What the pages of one order share, of staff and of a business.

use super::{Facts, HistoryCard, remember, title};
use crate::ui::layout::Layout;
use domain::error::Refusal;
use domain::ids::ThingsSq;
use domain::locker::history::Evidence;
use domain::locker::kiosks::Whereabouts;
use domain::locker::orders::Order;
use islands::functions::{history, orders};
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// An order, where its meter is, and what happened to it.
pub struct Told {
    /// The order.
    pub order: Order,
    kiosk: Option<Whereabouts>,
    evidence: Vec<Evidence>,
}

/// Reads it.
pub async fn told(things_sq: &ThingsSq) -> Result<Told, Refusal> {
    let order = orders::get(things_sq).await?;
    Ok(Told {
        kiosk: orders::place(&order).await?,
        evidence: history::of_order(things_sq).await?,
        order,
    })
}

/// The page of one order: its next step, its facts and its history, and a link back to the search.
pub fn order_page(told: Told, next_step: AnyView, search: String, back: &'static str) -> AnyView {
    let Told { order, kiosk, evidence } = told;
    remember(&order.customer_no);
    let title = title(&order);
    view! {
        <Layout title wide=true>
            <div class="two">
                <div>
                    {next_step}
                    <Facts order kiosk/>
                </div>
                <div>
                    <HistoryCard evidence/>
                    <a href=search class="btn btn-outline btn-lg"><Icon name="search"/> {back}</a>
                </div>
            </div>
        </Layout>
    }
    .into_any()
}
