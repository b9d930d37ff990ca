//! `/business/history`: what happened to this business's meters, newest first.

use crate::error::loaded;
use crate::orders::{Pages, Timeline};
use crate::ui::empty::Empty;
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use islands::addresses::at;
use islands::context;
use islands::functions::history;
use islands::i18n::td_string;
use leptos::prelude::*;

const ROWS: u32 = 50;

/// The page.
#[component]
pub fn History() -> impl IntoView {
    let request = context::request();
    loaded(
        async move { history::of_business(request.query_if_any(CURSOR), ROWS).await },
        |page| {
            let locale = context::locale();
            let list = if page.rows.is_empty() {
                view! {
                    <Empty text=td_string!(locale, business.history_none) icon="clock">
                        <a href=at::business() class="btn btn-outline btn-lg">{td_string!(locale, business.home)}</a>
                    </Empty>
                }
                .into_any()
            } else {
                view! { <div class="card-plain"><Timeline rows=page.rows pages=Pages::Business/></div> }.into_any()
            };
            view! {
                <Layout title=td_string!(locale, business.history)>
                    {list}
                    <Pager next=page.next/>
                </Layout>
            }
        },
    )
}
