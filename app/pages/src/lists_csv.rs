//! The lists as files for a spreadsheet, `/operator/orders.csv` and its like: what the filters of their pages leave, in the reader's language.

use crate::auth::role_name;
use crate::operator::{guard_state, sifted_kiosks};
use crate::orders::text_name;
use crate::ui::csv::{self, MINUTES, Pages, ROWS_AT_ONCE, Sheet};
use crate::ui::found::TEXT;
use axum::response::Response;
use backend::guard::inventory;
use backend::locker::{kiosks, search};
use backend::{businesses, people};
use domain::error::Refusal;
use domain::guard::inventory::Device;
use domain::ids::{BusinessName, Millis, Yid};
use domain::locker::kiosks::Kiosk;
use domain::locker::orders::{Order, OrderSearch, OrderStatus, OrderText};
use domain::people::{Person, Role};
use islands::context::RequestContext;
use islands::i18n::{Locale, td_string};
use islands::ui::status;
use jiff::tz::TimeZone;

/// `GET /operator/orders.csv`, and the same of staff and of a business: the orders that the reader may see.
pub async fn orders(context: RequestContext) -> Response {
    let file = orders_file(&context).await;
    csv::answer(&context, "orders", file)
}

/// `GET /operator/people.csv`
pub async fn people(context: RequestContext) -> Response {
    let file = people_file(&context).await;
    csv::answer(&context, "people", file)
}

/// `GET /operator/businesses.csv`
pub async fn businesses(context: RequestContext) -> Response {
    let file = businesses_file(&context).await;
    csv::answer(&context, "businesses", file)
}

/// `GET /operator/kiosks.csv`
pub async fn kiosks(context: RequestContext) -> Response {
    let file = kiosks_file(&context).await;
    csv::answer(&context, "kiosks", file)
}

/// `GET /operator/guards.csv`
pub async fn guards(context: RequestContext) -> Response {
    let file = guards_file(&context).await;
    csv::answer(&context, "guards", file)
}

async fn orders_file(context: &RequestContext) -> Result<Vec<u8>, Refusal> {
    let (who, locale, zone) = (context.person()?, context.locale, zone(context));
    let mut asked = OrderSearch {
        text: context.query(TEXT).trim().to_owned(),
        status: OrderStatus::parse(context.query("status")),
        yid: context.query("yid").parse().ok().map(Yid),
        business: BusinessName::parse(context.query("business")),
        cursor: None,
        limit: ROWS_AT_ONCE,
    };
    let texts = OrderText::ALL.map(|text| text_name(locale, text));
    let others = [
        td_string!(locale, orders.status),
        td_string!(locale, operator.kiosk),
        td_string!(locale, orders.compartment),
        td_string!(locale, orders.stored_at),
        td_string!(locale, orders.done_at),
    ];
    let key = td_string!(locale, orders.things_sq);
    let mut sheet = Sheet::new(std::iter::once(key).chain(texts).chain(others))?;
    let mut pages = Pages::default();
    while pages.has_more() {
        asked.cursor = pages.cursor().map(str::to_owned);
        let found = search::find(&context.backend, who, &asked).await?;
        sheet.add_page(&mut pages, found, |order| order_cells(locale, &order, &zone))?;
    }
    sheet.bytes()
}

fn order_cells(locale: Locale, order: &Order, zone: &TimeZone) -> Vec<String> {
    let texts = OrderText::ALL.map(|text| order.text(text).to_owned());
    let place = order.place.as_ref();
    let others = [
        status::word(locale, order.status).to_owned(),
        place.map(|place| place.yid.to_string()).unwrap_or_default(),
        place.map(|place| place.label.clone()).unwrap_or_default(),
        time(order.stored_at, zone),
        time(order.done_at, zone),
    ];
    std::iter::once(order.things_sq.0.clone())
        .chain(texts)
        .chain(others)
        .collect()
}

async fn people_file(context: &RequestContext) -> Result<Vec<u8>, Refusal> {
    let (who, locale) = (context.require(Role::Operator)?, context.locale);
    let (text, role) = (context.query(TEXT), Role::parse(context.query("role")));
    let mut sheet = Sheet::new([
        td_string!(locale, operator.name),
        td_string!(locale, operator.phone),
        td_string!(locale, operator.role),
        td_string!(locale, operator.business),
        td_string!(locale, operator.state),
    ])?;
    let mut pages = Pages::default();
    while pages.has_more() {
        let found = people::list(&context.backend, who, text, role, pages.cursor(), ROWS_AT_ONCE).await?;
        sheet.add_page(&mut pages, found, |person| person_cells(locale, person))?;
    }
    sheet.bytes()
}

fn person_cells(locale: Locale, person: Person) -> [String; 5] {
    let state = if person.active {
        td_string!(locale, operator.active)
    } else {
        td_string!(locale, operator.disabled)
    };
    [
        person.name,
        person.phone.0,
        role_name(locale, person.role).to_owned(),
        person.business.map(|name| name.0).unwrap_or_default(),
        state.to_owned(),
    ]
}

async fn businesses_file(context: &RequestContext) -> Result<Vec<u8>, Refusal> {
    let (who, locale) = (context.require(Role::Operator)?, context.locale);
    let mut sheet = Sheet::new([
        td_string!(locale, operator.business_name),
        td_string!(locale, common.people),
        td_string!(locale, common.orders),
    ])?;
    let text = context.query(TEXT);
    let mut pages = Pages::default();
    while pages.has_more() {
        let found = businesses::list(&context.backend, who, text, pages.cursor(), ROWS_AT_ONCE).await?;
        sheet.add_page(&mut pages, found, |row| {
            [row.name.0, row.people.to_string(), row.orders.to_string()]
        })?;
    }
    sheet.bytes()
}

async fn kiosks_file(context: &RequestContext) -> Result<Vec<u8>, Refusal> {
    let (who, locale, zone) = (context.require(Role::Operator)?, context.locale, zone(context));
    let mut sheet = Sheet::new([
        td_string!(locale, operator.yid),
        td_string!(locale, operator.kiosk),
        td_string!(locale, operator.address),
        td_string!(locale, operator.last_heard),
        td_string!(locale, common.door_free),
        td_string!(locale, common.door_stored),
        td_string!(locale, common.door_out_of_order),
        td_string!(locale, operator.doors),
    ])?;
    let now = context.backend.now();
    let all = kiosks::list(&context.backend, who).await?;
    for hit in sifted_kiosks(all, context, now) {
        sheet.add(kiosk_cells(hit.of, &zone))?;
    }
    sheet.bytes()
}

fn kiosk_cells(kiosk: Kiosk, zone: &TimeZone) -> [String; 8] {
    let counts = kiosk.counts;
    [
        kiosk.yid.to_string(),
        kiosk.name,
        kiosk.address,
        time(kiosk.heard_at, zone),
        counts.free.to_string(),
        counts.stored.to_string(),
        counts.out_of_order.to_string(),
        counts.total.to_string(),
    ]
}

async fn guards_file(context: &RequestContext) -> Result<Vec<u8>, Refusal> {
    let (who, locale, zone) = (context.require(Role::Operator)?, context.locale, zone(context));
    let mut sheet = Sheet::new([
        td_string!(locale, operator_guards.guard_id),
        td_string!(locale, operator.state),
        td_string!(locale, operator_guards.owner),
        td_string!(locale, operator.last_heard),
        td_string!(locale, operator_guards.firmware),
        td_string!(locale, operator_guards.added),
    ])?;
    let text = context.query(TEXT);
    let mut pages = Pages::default();
    while pages.has_more() {
        let found = inventory::list(&context.backend, who, text, pages.cursor(), ROWS_AT_ONCE).await?;
        sheet.add_page(&mut pages, found, |guard| guard_cells(locale, guard, &zone))?;
    }
    sheet.bytes()
}

fn guard_cells(locale: Locale, guard: Device, zone: &TimeZone) -> [String; 6] {
    [
        guard.guard_id.to_string(),
        guard_state(locale, guard.status).to_owned(),
        guard.owner.map(|phone| phone.0).unwrap_or_default(),
        time(guard.seen_at, zone),
        guard.firmware,
        time(Some(guard.added_at), zone),
    ]
}

/// The zone in which a deployment's files tell the time.
fn zone(context: &RequestContext) -> TimeZone {
    context.backend.zone().time_zone().clone()
}

/// To the minute.
fn time(at: Option<Millis>, zone: &TimeZone) -> String {
    csv::time(at, zone, MINUTES)
}
