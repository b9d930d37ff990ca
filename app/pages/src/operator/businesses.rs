//! `/operator/businesses`: the contractors.

use super::parts::{FileLink, NoRows, ROWS, SearchBar, Section};
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::ui::field::Field;
use crate::ui::found::{TEXT, by_form};
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager, page_number};
use domain::businesses::Business;
use domain::locker::orders::{Count, Page};
use islands::addresses::{BUSINESSES_CSV, at};
use islands::context;
use islands::date::number;
use islands::functions::businesses::{self, AddBusiness};
use islands::i18n::td_string;
use islands::links::{redirect, with_query};
use leptos::prelude::*;

/// The list, and the form for a new one.
#[component]
pub fn Businesses() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let text = request.query(TEXT);
            let (cursor, count) = match request.query_if_any(CURSOR) {
                Some(cursor) => (Some(cursor.to_owned()), None),
                None => {
                    let place = businesses::page(text, page_number(&request), ROWS).await?;
                    (place.after, Some(place.count))
                }
            };
            let mut page = match cursor {
                Some(cursor) => businesses::list(text, Some(&cursor), ROWS).await?,
                None => Page {
                    rows: Vec::new(),
                    next: None,
                },
            };
            if let ([business], None, true) = (page.rows.as_slice(), &page.next, by_form(&request)) {
                redirect(&orders_of(business));
            }
            if count.is_some() {
                page.next = None;
            }
            Ok((page, count))
        },
        |(page, count)| show(page, count),
    )
}

fn show(page: Page<Business>, count: Option<Count>) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<AddBusiness>(), entry::entry::<AddBusiness>());
    let list = if page.rows.is_empty() {
        view! { <NoRows none_found=td_string!(locale, operator.no_businesses) none_yet=td_string!(locale, operator.no_businesses_yet) icon="briefcase" count first=None/> }.into_any()
    } else {
        table(page.rows)
    };
    view! {
        <Layout title=td_string!(locale, common.businesses) wide=true>
            <Section title=td_string!(locale, operator.add_business) testid="business-form">
                <ActForm of class="flex max-w-xl flex-col gap-4">
                    <Field entry=entry.clone() name="name" label=td_string!(locale, operator.business_name) autocomplete="off"/>
                    <button class="btn btn-primary self-start">{td_string!(locale, operator.add_business)}</button>
                </ActForm>
            </Section>
            <SearchBar name=TEXT label=td_string!(locale, operator.search_businesses) opens=true/>
            <div id="results" class="flex flex-col gap-2">
                <FileLink path=BUSINESSES_CSV count/>
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
    let (orders, details) = (td_string!(locale, common.orders), td_string!(locale, operator.details));
    let rows: Vec<_> = businesses
        .into_iter()
        .map(|business| {
            let (href_orders, href) = (orders_of(&business), at::operator_business(&business.name));
            let retired = business
                .retired_at
                .map(|_| view! { <span class="badge badge-outline">{td_string!(locale, operator.retired)}</span> });
            view! {
                <tr data-testid="business-row">
                    <td class="lead"><a href=href_orders class="row-go" data-hit="">{business.name.0}</a> {retired}</td>
                    <td data-label=people>{number(business.people)}</td>
                    <td data-label=orders>{number(business.orders)}</td>
                    <td><a href=href class="link" data-testid="business-details">{details}</a></td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="work-frame">
            <table class="work">
                <thead><tr><th scope="col">{name}</th><th scope="col">{people}</th><th scope="col">{orders}</th><th scope="col" class="w-32"><span class="sr-only">{details}</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
