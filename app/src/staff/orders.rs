//! `/staff/orders`: search by any part of an order. While a deposit waits for its order, orders ready to be stored are offered.

use crate::context;
use crate::error::read;
use crate::functions::deposits;
use crate::functions::orders::search_orders;
use crate::i18n::td_string;
use crate::orders::{Pages, Results, Search, SearchForm};
use crate::staff::order::scan_address;
use crate::staff::pending::PendingCard;
use crate::ui::layout::Layout;
use domain::locker::orders::OrderStatus;
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
            let (text, number, status, cursor) = search.asked();
            let page = search_orders(text, number, status, cursor).await?;
            search.open_only(&page);
            Ok((pending, search, page))
        },
        |(pending, search, page)| {
            view! {
                <Layout title=td_string!(context::locale(), common.orders)>
                    {pending.map(|pending| view! { <PendingCard pending searching=true/> })}
                    <SearchForm search=search.clone()/>
                    <Results search page/>
                </Layout>
            }
        },
    )
}
