//! `/business/history`: what happened to this business's meters, newest first.

use crate::business::ORDERS;
use crate::context;
use crate::error::loaded;
use crate::i18n::td_string;
use crate::orders::Timeline;
use crate::ui::empty::Empty;
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use backend::locker::history;
use domain::people::Role;
use leptos::prelude::*;

const ROWS: u32 = 50;

/// The page.
#[component]
pub fn History() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let person = request.require(Role::Business)?;
            let cursor = Some(request.query(CURSOR)).filter(|cursor| !cursor.is_empty());
            history::for_business(&request.backend, person, cursor, ROWS).await
        },
        |page| {
            let locale = context::locale();
            let list = if page.rows.is_empty() {
                view! {
                    <Empty text=td_string!(locale, business.history_none) icon="clock">
                        <a href="/business" class="btn btn-outline btn-lg">{td_string!(locale, business.home)}</a>
                    </Empty>
                }
                .into_any()
            } else {
                view! { <div class="card-plain"><Timeline rows=page.rows list=ORDERS/></div> }.into_any()
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
