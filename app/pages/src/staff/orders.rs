//! `/staff/orders`: search by any part of an order. While a deposit waits for its order, orders ready to be stored are offered.

use crate::error::read;
use crate::orders::{Pages, Results, Search, SearchForm};
use crate::staff::order::scan_address;
use crate::staff::pending::PendingCard;
use crate::ui::layout::Layout;
use crate::ui::pager::changed_to;
use domain::locker::orders::OrderStatus;
use islands::addresses::STAFF_ORDERS_CSV;
use islands::context;
use islands::functions::deposits;
use islands::functions::orders::{self, search_orders};
use islands::i18n::td_string;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Orders() -> impl IntoView {
    let request = context::request();
    read(
        async move {
            let pending = deposits::pending().await?;
            let at_first = pending.as_ref().map(|_| OrderStatus::Ready);
            let search = Search::of(&request, Pages::Staff, at_first);
            // While a code waits for its order, the order's page completes the deposit.
            let search = if pending.is_none() {
                search.choosing(&request, scan_address)
            } else {
                search
            };
            let listed = match search.as_table() {
                Some(asked) => orders::table(&asked).await?,
                None => {
                    let (text, number, status, cursor) = search.asked();
                    search_orders(text, number, status, cursor).await?.into()
                }
            };
            search.open_only(&listed);
            Ok((pending, search, listed))
        },
        |(pending, search, listed)| {
            view! {
                <Layout title=td_string!(context::locale(), common.orders) wide=true>
                    {pending.map(|pending| view! { <PendingCard pending searching=true/> })}
                    <SearchForm search=search.clone()/>
                    <Results search listed csv=changed_to(STAFF_ORDERS_CSV)/>
                </Layout>
            }
        },
    )
}
