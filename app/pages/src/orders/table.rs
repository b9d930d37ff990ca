//! Orders as rows of a table for work; see [`crate::ui::table`].

use crate::entry::Entry;
use crate::ui::found::{marked, matched};
use crate::ui::table::sortable;
use domain::locker::orders::{Order, OrderStatus, Sort, SortBy};
use domain::search::{Hit, Part};
use islands::context;
use islands::functions::orders::Listed;
use islands::html;
use islands::i18n::{Locale, td_string};
use islands::ui::html::Html;
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
    let rows = listed.hits.rows.iter();
    let rows: Html = rows.map(|hit| row(locale, hit, &leads_to(&hit.of), choosing)).collect();
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

/// Put together as text: there are fifty of them.
fn row(locale: Locale, hit: &Hit<Order>, href: &str, choosing: Option<&Entry>) -> Html {
    let Hit { of: order, found } = hit;
    let received = order.status == OrderStatus::Received;
    let cell = |text: &str, part: Part| marked(text, part, found);
    html!(
        r#"<tr data-testid="order-row" data-order="{id}">{choice}"#
        r#"<td class="lead"><a class="row-go" href="{href}" data-hit=""><b class="order-no">{number}</b></a>{matched}</td>"#
        r#"<td class="mark"><span class="order-status" data-status="{letter}">{status}</span>{step}</td>"#
        r#"<td>{name}</td><td class="long">{address}</td><td>{kind}</td><td>{business}</td>{place}<td class="key">{order_no}</td></tr>"#,
        id = order.things_sq.as_str(),
        choice = choosing.map(|entry| choice(locale, entry, order, received)),
        href = href,
        number = cell(order.customer_no.as_str(), Part::CustomerNo),
        matched = matched(locale, found),
        letter = order.status.letter(),
        status = status::word(locale, order.status),
        step = choosing.filter(|_| received).map(|_| step(locale, order)),
        name = cell(&order.customer_name, Part::Name),
        address = cell(&order.address, Part::Address),
        kind = order.meter_kind,
        business = cell(order.business.as_str(), Part::Business),
        place = place(locale, order),
        order_no = cell(order.things_sq.as_str(), Part::OrderNo)
    )
}

/// Where the meter lies.
fn place(locale: Locale, order: &Order) -> Html {
    let Some(place) = &order.place else {
        return Html::literal(r#"<td class="none"></td>"#);
    };
    html!(
        "<td>{kiosk} · <b>{label}</b></td>",
        kiosk = td_string!(locale, orders.kiosk_no, yid = place.yid.0).to_string(),
        label = place.label
    )
}

/// The button that makes this order alone ready.
fn step(locale: Locale, order: &Order) -> Html {
    html!(
        r#"<button name="one" value="{id}" class="step-on" aria-label="{label}" title="{label}" data-testid="ready-one">✓</button>"#,
        id = order.things_sq.as_str(),
        label = td_string!(locale, operator.ready_this, number = order.customer_no.as_str()).to_string()
    )
}

/// The cell with the check box of a received order.
fn choice(locale: Locale, entry: &Entry, order: &Order, received: bool) -> Html {
    if !received {
        return Html::literal(r#"<td class="pick"></td>"#);
    }
    let name = format!("pick.{}", order.things_sq);
    let number = order.customer_no.as_str();
    let label = td_string!(locale, operator.choose_order, number = number).to_string();
    let checked = !entry.value(&name).is_empty();
    Html::drawn(view! {
        <td class="pick"><input type="checkbox" name=name value="1" class="checkbox" aria-label=label checked=checked/></td>
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{Port, ThingsSq, Yid};
    use domain::locker::orders::{OrderTexts, Place};
    use domain::search::Found;

    const NASTY: &str = r#"<b>"A" & 'B'</b>"#;
    const ESCAPED: &str = "&lt;b&gt;&quot;A&quot; &amp; 'B'&lt;/b&gt;";

    fn hit(status: OrderStatus) -> Hit<Order> {
        let texts = OrderTexts::each(|_| NASTY.to_owned());
        Hit {
            of: Order::new(ThingsSq(NASTY.to_owned()), texts, status),
            found: Vec::new(),
        }
    }

    fn shown(hit: &Hit<Order>, choosing: Option<&Entry>) -> String {
        row(Locale::en, hit, "/staff/orders/1", choosing).as_str().to_owned()
    }

    #[test]
    fn what_people_wrote_is_escaped_in_every_cell() {
        let mut hit = hit(OrderStatus::Received);
        hit.of.place = Some(Place {
            yid: Yid(1),
            port: Port { jumper: 1, serial: 1 },
            label: NASTY.to_owned(),
        });
        let row = shown(&hit, Some(&Entry::default()));
        assert!(!row.contains("<b>\"") && !row.contains(NASTY), "{row}");
        assert!(row.contains(&format!(r#"data-order="{ESCAPED}""#)), "{row}");
        assert!(row.contains(&format!("<b>{ESCAPED}</b></td>")), "{row}");
        let cells = format!("<td>{ESCAPED}</td><td class=\"long\">{ESCAPED}</td><td>{ESCAPED}</td><td>{ESCAPED}</td>");
        assert!(row.contains(&cells), "{row}");
    }

    #[test]
    fn only_a_received_order_can_be_ticked_and_made_ready() {
        let entry = Entry::default();
        let row = shown(&hit(OrderStatus::Received), Some(&entry));
        assert!(
            row.contains("type=\"checkbox\"") && row.contains("name=\"one\""),
            "{row}"
        );
        let row = shown(&hit(OrderStatus::Ready), Some(&entry));
        assert!(
            row.contains("<td class=\"pick\"></td>") && !row.contains("name=\"one\""),
            "{row}"
        );
        assert!(!shown(&hit(OrderStatus::Received), None).contains("pick"));
    }

    #[test]
    fn a_row_says_what_was_found_and_marks_it() {
        let mut hit = hit(OrderStatus::Ready);
        hit.of.customer_name = "Kang Jiwoo".to_owned();
        hit.found = vec![Found {
            part: Part::Name,
            start: 0,
            end: 4,
        }];
        let row = shown(&hit, None);
        assert!(row.contains("<td><mark>Kang</mark> Jiwoo</td>"), "{row}");
        assert!(row.contains("data-testid=\"matched\""), "{row}");
        assert!(row.contains(r#"<td class="none"></td>"#), "{row}");
    }
}
