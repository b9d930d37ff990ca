//! `/business/orders`: the business's own orders, found by any part of them.

use crate::context;
use crate::error::read;
use crate::functions::orders::search_own_orders;
use crate::i18n::td_string;
use crate::orders::{Pages, Results, Search, SearchForm};
use crate::ui::layout::Layout;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Orders() -> impl IntoView {
    let request = context::request();
    read(
        async move {
            let search = Search::of(&request, Pages::Business, None);
            let (text, number, status, cursor) = search.asked();
            let page = search_own_orders(text, number, status, cursor).await?;
            search.open_only(&page);
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
