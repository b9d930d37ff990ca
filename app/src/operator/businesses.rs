//! `/operator/businesses`: the contractors.

use super::parts::{FileLink, ROWS, SearchBar, Section};
use crate::context;
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::functions::businesses::{self, AddBusiness};
use crate::i18n::td_string;
use crate::links::{redirect, with_query};
use crate::pages::{BUSINESSES_CSV, at};
use crate::ui::date::number;
use crate::ui::empty::Empty;
use crate::ui::field::Field;
use crate::ui::found::{TEXT, by_form};
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use domain::businesses::Business;
use domain::locker::orders::Page;
use leptos::prelude::*;

/// The list, and the form for a new one.
#[component]
pub fn Businesses() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let page = businesses::list(request.query(TEXT), request.query_if_any(CURSOR), ROWS).await?;
            if let ([business], None, true) = (page.rows.as_slice(), &page.next, by_form(&request)) {
                redirect(&orders_of(business));
            }
            Ok(page)
        },
        show,
    )
}

fn show(page: Page<Business>) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<AddBusiness>(), entry::entry::<AddBusiness>());
    let list = if page.rows.is_empty() {
        view! { <Empty text=td_string!(locale, operator.no_businesses) icon="briefcase"/> }.into_any()
    } else {
        table(page.rows)
    };
    view! {
        <Layout title=td_string!(locale, common.businesses) wide=true>
            <Section title=td_string!(locale, operator.add_business) testid="business-form">
                <ActForm of class="flex max-w-xl flex-col gap-3">
                    <Field entry=entry.clone() name="name" label=td_string!(locale, operator.business_name) autocomplete="off"/>
                    <button class="btn btn-primary self-start">{td_string!(locale, operator.add_business)}</button>
                </ActForm>
            </Section>
            <SearchBar name=TEXT label=td_string!(locale, operator.search_businesses) opens=true/>
            <div id="results" class="flex flex-col gap-2">
                <FileLink path=BUSINESSES_CSV/>
                {list}
                <Pager next=page.next/>
            </div>
        </Layout>
    }
    .into_any()
}

/// A business has no page but the list of its orders.
fn orders_of(business: &Business) -> String {
    with_query(&at::operator_orders(), &[("business", business.name.as_str())])
}

fn table(businesses: Vec<Business>) -> AnyView {
    let locale = context::locale();
    let (name, people) = (
        td_string!(locale, operator.business_name),
        td_string!(locale, common.people),
    );
    let orders = td_string!(locale, common.orders);
    let rows: Vec<_> = businesses
        .into_iter()
        .map(|business| {
            let href_orders = orders_of(&business);
            view! {
                <tr data-testid="business-row">
                    <td class="lead"><a href=href_orders class="row-go" data-hit="">{business.name.0}</a></td>
                    <td data-label=people>{number(business.people)}</td>
                    <td data-label=orders>{number(business.orders)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="work-frame">
            <table class="work">
                <thead><tr><th scope="col">{name}</th><th scope="col">{people}</th><th scope="col">{orders}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
