//! `/business/orders`: the business's own orders by customer number.

use crate::business::ORDERS;
use crate::context;
use crate::error::loaded;
use crate::i18n::td_string;
use crate::orders::{Results, Search, SearchForm};
use crate::ui::layout::Layout;
use backend::locker::orders;
use domain::people::Role;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Orders() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let person = request.require(Role::Business)?;
            let search = Search::of(&request, ORDERS, None);
            let page = orders::search(&request.backend, person, &search.filter()).await?;
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
