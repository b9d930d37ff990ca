//! `/operator/orders`: search, and from received to ready many at once.

use super::parts::{Filter, ROWS, SearchBar};
use crate::context;
use crate::entry::{self, ActForm, Entry};
use crate::error::loaded;
use crate::functions::businesses;
use crate::functions::orders::{self, MakeReady};
use crate::i18n::td_string;
use crate::links::{self, with_query};
use crate::pages::at;
use crate::ui::empty::Empty;
use crate::ui::found::{TEXT, marked, matched, only, unfinished};
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::pager::{CURSOR, Pager};
use crate::ui::status::{StatusBadge, word};
use crate::ui::wasm::page_acts;
use domain::ids::{BusinessName, Yid};
use domain::locker::orders::{Order, OrderSearch, OrderStatus};
use domain::search::{Hit, Hits, Part};
use leptos::prelude::*;

/// What the address may say besides the page.
const FILTERS: [&str; 4] = ["q", "status", "business", "yid"];

/// The list.
#[component]
pub fn Orders() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let asked = OrderSearch {
                text: request.query(TEXT).to_owned(),
                status: OrderStatus::parse(request.query("status")),
                yid: request.query("yid").parse().ok().map(Yid),
                business: BusinessName::parse(request.query("business")),
                cursor: request.query_if_any(CURSOR).map(str::to_owned),
                limit: ROWS,
            };
            let page = orders::find(&asked).await?;
            if let Some(order) = only(&page) {
                links::redirect(&at::operator_order(&order.things_sq));
            }
            let businesses = businesses::all_names().await?;
            Ok((page, businesses))
        },
        |(page, businesses)| show(page, businesses),
    )
}

fn show(page: Hits<Order>, businesses: Vec<BusinessName>) -> AnyView {
    // Rows that come while somebody types have forms as well.
    page_acts();
    let request = context::request();
    let locale = request.locale;
    let statuses = std::iter::once((String::new(), td_string!(locale, operator.any_status).to_owned()))
        .chain(OrderStatus::ALL.into_iter().map(|status| {
            (
                status.letter().to_owned(),
                format!("{} {}", status.letter(), word(locale, status)),
            )
        }))
        .collect();
    let names = std::iter::once((String::new(), td_string!(locale, operator.any_business).to_owned()))
        .chain(businesses.into_iter().map(|name| (name.0.clone(), name.0)))
        .collect();
    let yid = request.query("yid").to_owned();
    let next = page.next.clone();
    let unfinished = unfinished(&page, ROWS as usize);
    let list = if page.rows.is_empty() && unfinished.is_some() {
        ().into_any()
    } else if page.rows.is_empty() {
        view! { <Empty text=td_string!(locale, operator.no_orders) icon="inbox"/> }.into_any()
    } else {
        rows_form(page.rows)
    };
    view! {
        <Layout title=td_string!(locale, common.orders) wide=true>
            <div class="flex flex-wrap gap-2">
                <a href=at::operator_import() class="btn btn-primary" data-testid="import-orders">
                    <Icon name="upload" class="size-5 shrink-0"/> {td_string!(locale, operator.import_orders)}
                </a>
                <a href=at::operator_new_order() class="btn" data-testid="add-order">
                    <Icon name="plus" class="size-5 shrink-0"/> {td_string!(locale, operator.add_order)}
                </a>
            </div>
            <SearchBar name=TEXT label=td_string!(locale, operator.search_orders) opens=true>
                <Filter name="status" label=td_string!(locale, operator.status) options=statuses/>
                <Filter name="business" label=td_string!(locale, operator.business) options=names/>
                {(!yid.is_empty()).then(|| view! { <input type="hidden" name="yid" value=yid/> })}
            </SearchBar>
            <div id="results" class="flex flex-col gap-5">
                {unfinished}
                {list}
                <Pager next/>
            </div>
        </Layout>
    }
    .into_any()
}

/// The rows, in one form: those received can be chosen and made ready together, or one by one.
fn rows_form(orders: Vec<Hit<Order>>) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<MakeReady>(), entry::entry::<MakeReady>());
    let received = orders
        .iter()
        .filter(|hit| hit.of.status == OrderStatus::Received)
        .count();
    let none_chosen = entry
        .problem("pick")
        .map(|text| view! { <p id="pick-problem" role="alert" class="alert alert-error alert-soft" data-testid="refusal">{text}</p> });
    let actions = (received > 0).then(|| {
        let all = td_string!(locale, operator.ready_all, count = received).to_string();
        view! {
            <div class="card-plain flex flex-wrap items-center gap-2" data-testid="ready-actions">
                <button name="which" value="chosen" class="btn btn-primary" data-testid="ready-chosen">{td_string!(locale, operator.ready_chosen)}</button>
                <button name="which" value="all" class="btn h-auto whitespace-normal" data-testid="ready-all">{all}</button>
            </div>
        }
    });
    view! {
        <ActForm of hidden=vec![("back", this_list())] class="flex flex-col gap-3">
            {none_chosen}
            {actions}
            {table(&entry, orders)}
        </ActForm>
    }
    .into_any()
}

fn table(entry: &Entry, orders: Vec<Hit<Order>>) -> AnyView {
    let locale = context::locale();
    let (choose, number) = (
        td_string!(locale, operator.choose_row),
        td_string!(locale, operator.customer_no),
    );
    let (customer, kind) = (
        td_string!(locale, operator.customer),
        td_string!(locale, operator.meter_kind),
    );
    let (business, status) = (
        td_string!(locale, operator.business),
        td_string!(locale, operator.status),
    );
    let place = td_string!(locale, operator.place);
    let rows: Vec<_> = orders
        .into_iter()
        .map(|Hit { of: order, found }| {
            let href = at::operator_order(&order.things_sq);
            let step = (order.status == OrderStatus::Received).then(|| {
                let id = order.things_sq.0.clone();
                let label = td_string!(locale, operator.ready_this, number = order.customer_no.as_str()).to_string();
                view! { <button name="one" value=id class="btn btn-sm min-h-10" aria-label=label title=td_string!(locale, operator.make_ready) data-testid="ready-one">"→ B"</button> }
            });
            let (choice, key) = (choice(entry, &order), order.things_sq.0.clone());
            let unchosen = if order.status == OrderStatus::Received { "" } else { "none" };
            let nowhere = if order.place.is_none() { "none" } else { "whitespace-nowrap" };
            view! {
                <tr data-testid="order-row" data-order=key>
                    <td data-label=choose class=unchosen>{choice}</td>
                    <td data-label=number>
                        <div><a href=href class="row-link tabular-nums" data-hit="">{marked(order.customer_no.as_str(), Part::CustomerNo, &found)}</a> <p class="text-sm opacity-75">{marked(order.things_sq.as_str(), Part::OrderNo, &found)}</p> {matched(&found)}</div>
                    </td>
                    <td data-label=customer><div>{marked(&order.customer_name, Part::Name, &found)} <p class="text-sm opacity-75">{marked(&order.address, Part::Address, &found)}</p></div></td>
                    <td data-label=kind>{order.meter_kind}</td>
                    <td data-label=business>{marked(order.business.as_str(), Part::Business, &found)}</td>
                    <td data-label=status><div class="flex items-center gap-2"><StatusBadge status=order.status/> {step}</div></td>
                    <td data-label=place class=nowhere>{order.place.map_or_else(|| "–".to_owned(), |place| format!("{} · {}", place.yid, place.label))}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="table-frame">
            <table class="table rows">
                <thead><tr><th>{choose}</th><th>{number}</th><th>{customer}</th><th>{kind}</th><th>{business}</th><th>{status}</th><th>{place}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The check box of a received order.
fn choice(entry: &Entry, order: &Order) -> AnyView {
    if order.status != OrderStatus::Received {
        return "–".into_any();
    }
    let locale = context::locale();
    let name = format!("pick.{}", order.things_sq);
    let label = td_string!(locale, operator.choose_order, number = order.customer_no.as_str()).to_string();
    let checked = !entry.value(&name).is_empty();
    let shown = format!("row.{}", order.things_sq);
    view! {
        <label class="flex min-h-12 min-w-12 items-center justify-start">
            <input type="checkbox" name=name value="1" class="checkbox" aria-label=label checked=checked/>
            <input type="hidden" name=shown value="1"/>
        </label>
    }
    .into_any()
}

/// The list that is shown, filters included; not the same page of it, because rows may have left it.
fn this_list() -> String {
    let request = context::request();
    with_query(&at::operator_orders(), &FILTERS.map(|name| (name, request.query(name))))
}
