//! `/operator/businesses`: the contractors.

use super::parts::{ROWS, SearchBar, Section};
use crate::context::{self, RequestContext};
use crate::error::{RefusalCard, loaded};
use crate::form::{Entry, Fields, Form, OnceKey};
use crate::i18n::td_string;
use crate::links::with_query;
use crate::ui::date::number;
use crate::ui::empty::Empty;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::notice::with_notice;
use crate::ui::pager::{CURSOR, Pager};
use axum::response::Response;
use backend::businesses::{self, Business};
use domain::error::Refusal;
use domain::locker::orders::Page;
use domain::people::Role;
use leptos::prelude::*;

const ADD: &str = "add";
const PATH: &str = "/operator/businesses";

/// The list, and the form for a new one.
#[component]
pub fn Businesses() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let who = request.require(Role::Operator)?;
            let cursor = Some(request.query(CURSOR)).filter(|cursor| !cursor.is_empty());
            businesses::list(&request.backend, who, request.query("q"), cursor, ROWS).await
        },
        show,
    )
}

fn show(page: Page<Business>) -> AnyView {
    let locale = context::locale();
    let entry = Entry::of(ADD);
    let list = if page.rows.is_empty() {
        view! { <Empty text=td_string!(locale, operator.no_businesses) icon="briefcase"/> }.into_any()
    } else {
        table(page.rows)
    };
    view! {
        <Layout title=td_string!(locale, common.businesses) wide=true>
            <Section title=td_string!(locale, operator.add_business) testid="business-form">
                <form method="post" class="flex max-w-xl flex-col gap-3">
                    <OnceKey/>
                    {entry.refusal_beside(&["name"]).map(|refusal| view! { <RefusalCard refusal/> })}
                    <Field entry=entry name="name" label=td_string!(locale, operator.business_name) autocomplete="off"/>
                    <button class="btn btn-primary self-start">{td_string!(locale, operator.add_business)}</button>
                </form>
            </Section>
            <SearchBar name="q" label=td_string!(locale, operator.search_businesses)/>
            {list}
            <Pager next=page.next/>
        </Layout>
    }
    .into_any()
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
            let href_orders = with_query("/operator/orders", &[("business", business.name.as_str())]);
            view! {
                <tr data-testid="business-row">
                    <td data-label=name class="font-medium">{business.name.0}</td>
                    <td data-label=people>{number(business.people)}</td>
                    <td data-label=orders><a href=href_orders class="link">{number(business.orders)}</a></td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="table-frame">
            <table class="table rows">
                <thead><tr><th>{name}</th><th>{people}</th><th>{orders}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// `POST /operator/businesses`
pub async fn add_business(form: Form) -> Response {
    let outcome = form
        .once(async move |context, fields| try_add(&context, &fields).await)
        .await;
    form.answer(ADD, outcome).await
}

async fn try_add(context: &RequestContext, fields: &Fields) -> Result<String, Refusal> {
    let who = context.require(Role::Operator)?;
    let added = businesses::add(&context.backend, &who.into(), fields.get("name")).await?;
    Ok(with_notice(
        &with_query(PATH, &[("q", added.name.as_str())]),
        "business-added",
    ))
}
