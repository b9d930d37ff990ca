//! `/business/orders`: the business's own orders by customer number.

use crate::business::ORDERS;
use crate::context;
use crate::error::read;
use crate::functions::orders::search_own_orders;
use crate::i18n::td_string;
use crate::orders::{Results, Search, SearchForm};
use crate::ui::layout::Layout;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Orders() -> impl IntoView {
    let request = context::request();
    read(
        async move {
            let search = Search::of(&request, ORDERS, None);
            let (number, status, cursor) = search.asked();
            let page = search_own_orders(number, status, cursor).await?;
            Ok((search, page))
        },
        |(search, page)| {
            view! {
                <Layout title=td_string!(context::locale(), business.orders)>
                    <SearchForm search=search.clone()/>
                    <Results search page/>
                </Layout>
            }
        },
    )
}
