//! Orders as rows of a table for work; see [`crate::ui::table`].

use crate::entry::Entry;
use crate::ui::found::{marked, matched};
use crate::ui::table::sortable;
use domain::locker::orders::{Order, OrderStatus, Sort, SortBy};
use domain::search::{Hit, Part};
use islands::context;
use islands::functions::orders::Listed;
use islands::i18n::td_string;
use islands::ui::status;
use leptos::prelude::*;

/// The rows. `leads_to`: where an order leads. `choosing`: received orders can be ticked, and made ready one by one, in this form.
pub fn table(listed: Listed, leads_to: impl Fn(&Order) -> String, choosing: Option<&Entry>) -> AnyView {
    let locale = context::locale();
    let sort = listed.counted.map(|counted| counted.sort);
    let pick = choosing.map(|_| {
        let all = td_string!(locale, operator.choose_page);
        view! {
            <th scope="col" class="pick">
                <input type="checkbox" class="checkbox" data-all="" aria-label=all title=all data-testid="choose-page"/>
            </th>
        }
    });
    let rows: Vec<_> = listed
        .hits
        .rows
        .into_iter()
        .map(|hit| row(hit, &leads_to, choosing))
        .collect();
    view! {
        <div class="work-frame">
            <table class="work" data-testid="orders">
                <thead><tr>{pick} {heads(sort, choosing.is_some())}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn heads(sort: Option<Sort>, choosing: bool) -> Vec<AnyView> {
    let locale = context::locale();
    // With room for the button that makes a row ready.
    let status = if choosing { "w-40" } else { "w-32" };
    let columns = [
        (SortBy::CustomerNo, td_string!(locale, orders.customer_no), "w-44"),
        (SortBy::Status, td_string!(locale, orders.status), status),
        (SortBy::Name, td_string!(locale, orders.customer_name), "w-32"),
        (SortBy::Address, td_string!(locale, orders.address), ""),
        (SortBy::Kind, td_string!(locale, orders.meter_kind), "w-36"),
        (SortBy::Business, td_string!(locale, orders.business), "w-32"),
        (SortBy::Place, td_string!(locale, orders.place), "w-28"),
        (SortBy::OrderNo, td_string!(locale, orders.things_sq), "w-28"),
    ];
    columns.map(|(by, text, class)| sortable(by, text, class, sort)).into()
}

fn row(hit: Hit<Order>, leads_to: &impl Fn(&Order) -> String, choosing: Option<&Entry>) -> AnyView {
    let locale = context::locale();
    let Hit { of: order, found } = hit;
    let href = leads_to(&order);
    let place = order.place.as_ref().map(|place| {
        let kiosk = td_string!(locale, orders.kiosk_no, yid = place.yid.0).to_string();
        view! { {kiosk} " · " <b>{place.label.clone()}</b> }
    });
    let nowhere = if place.is_none() { "none" } else { "" };
    let choice = choosing.map(|entry| view! { <td class="pick">{choice(entry, &order)}</td> });
    let step = choosing.filter(|_| order.status == OrderStatus::Received).map(|_| {
        let label = td_string!(locale, operator.ready_this, number = order.customer_no.as_str()).to_string();
        let id = order.things_sq.0.clone();
        view! { <button name="one" value=id class="step-on" aria-label=label.clone() title=label data-testid="ready-one">"✓"</button> }
    });
    view! {
        <tr data-testid="order-row" data-order=order.things_sq.0.clone()>
            {choice}
            <td class="lead"><a class="row-go" href=href data-hit=""><b class="order-no">{marked(order.customer_no.as_str(), Part::CustomerNo, &found)}</b></a> {matched(&found)}</td>
            <td class="mark"><span class="order-status" data-status=order.status.letter()>{status::word(locale, order.status)}</span>{step}</td>
            <td>{marked(&order.customer_name, Part::Name, &found)}</td>
            <td class="long">{marked(&order.address, Part::Address, &found)}</td>
            <td>{order.meter_kind}</td>
            <td>{marked(order.business.as_str(), Part::Business, &found)}</td>
            <td class=nowhere>{place}</td>
            <td class="key">{marked(order.things_sq.as_str(), Part::OrderNo, &found)}</td>
        </tr>
    }
    .into_any()
}

/// The check box of a received order.
fn choice(entry: &Entry, order: &Order) -> Option<AnyView> {
    if order.status != OrderStatus::Received {
        return None;
    }
    let name = format!("pick.{}", order.things_sq);
    let number = order.customer_no.as_str();
    let label = td_string!(context::locale(), operator.choose_order, number = number).to_string();
    let checked = !entry.value(&name).is_empty();
    Some(
        view! { <input type="checkbox" name=name value="1" class="checkbox" aria-label=label checked=checked/> }
            .into_any(),
    )
}
