//! `/business/orders`: the business's own orders, found by any part of them.

use crate::error::read;
use crate::orders::{Pages, Results, Search, SearchForm};
use crate::ui::layout::Layout;
use crate::ui::pager::changed_to;
use islands::addresses::BUSINESS_ORDERS_CSV;
use islands::context;
use islands::functions::orders::{self, search_own_orders};
use islands::i18n::td_string;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Orders() -> impl IntoView {
    let request = context::request();
    read(
        async move {
            let search = Search::of(&request, Pages::Business, None);
            let listed = match search.as_table() {
                Some(asked) => orders::table(&asked).await?,
                None => {
                    let (text, number, status, cursor) = search.asked();
                    search_own_orders(text, number, status, cursor).await?.into()
                }
            };
            search.open_only(&listed);
            Ok((search, listed))
        },
        |(search, listed)| {
            view! {
                <Layout title=td_string!(context::locale(), business.orders) wide=true>
                    <SearchForm search=search.clone()/>
                    <Results search listed csv=changed_to(BUSINESS_ORDERS_CSV)/>
                </Layout>
            }
        },
    )
}
