//! `/staff/scan`: reads a code from a kiosk's screen, and goes where the code leads. With `?order=…` the order was chosen first.

use crate::context;
use crate::entry;
use crate::error::{RefusedCard, loaded, refusal_text};
use crate::functions::deposits::ReadCode;
use crate::i18n::{Locale, td_string};
use crate::links;
use crate::orders::address;
use crate::refused::Refused;
use crate::staff::codes::ToMain;
use crate::staff::{ORDERS, order, sync};
use crate::ui::glyph::{self, Glyph};
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::qr_scanner::ScannerForm;
use crate::ui::sheet::Sheet;
use crate::ui::typing::Typing;
use backend::Backend;
use backend::locker::scans::{self, Scanned};
use backend::locker::{deposits, orders};
use domain::error::Refusal;
use domain::ids::ThingsSq;
use domain::locker::orders::{Order, OrderStatus};
use domain::people::{Person, Role};
use domain::token::Command;
use leptos::prelude::*;

/// The page: the camera opens at once.
#[component]
pub fn Scan() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            let person = request.require(Role::Staff)?;
            match ThingsSq::parse(request.query("order")) {
                Some(things_sq) => orders::get(&request.backend, person, &things_sq).await.map(Some),
                None => Ok(None),
            }
        },
        |order| view! { <Shown order/> },
    )
}

#[component]
fn Shown(order: Option<Order>) -> impl IntoView {
    let locale = context::locale();
    let entry = entry::entry::<ReadCode>();
    let fields = entry::hidden(entry::of::<ReadCode>(), Vec::new());
    let problem = entry.problem("code");
    let refused = entry::on_top(entry::of::<ReadCode>());
    // The way back is the order where one was chosen first.
    let back = order
        .as_ref()
        .map_or("/staff".to_owned(), |order| address(ORDERS, &order.things_sq));
    view! {
        <Layout title=td_string!(locale, staff.scan)>
            <ScannerForm
                prompt=td_string!(locale, staff.scan_prompt)
                back
                fields
                typed=entry.value("code")
                problem
            >
                <div id="scan-for" data-over="">{match order {
                    Some(order) => view! { <ForOrder order/> }.into_any(),
                    None => choose_first(),
                }}</div>
                {refused.map(|refused| view! { <RefusedCard refused/> })}
            </ScannerForm>
            <ToMain/>
            <Typing/>
            <Sheet below=ORDERS.to_owned() over="/staff/scan".to_owned() close=td_string!(locale, common.sheet_close).to_owned()>
                <Glyph paths=glyph::CLOSE/>
            </Sheet>
        </Layout>
    }
    .into_any()
}

/// The other order of the two steps, in a sheet over the camera.
fn choose_first() -> AnyView {
    let ready = links::with_query(ORDERS, &[("status", OrderStatus::Ready.letter())]);
    let text = td_string!(context::locale(), staff.choose_first);
    view! { <a href=ready data-sheet="" class="btn scanner-button w-full" data-testid="choose-first"><Icon name="search"/> {text}</a> }
    .into_any()
}

#[component]
fn ForOrder(order: Order) -> impl IntoView {
    let locale = context::locale();
    let number = order.customer_no.as_str();
    view! {
        <section class="card-plain" data-testid="scan-order">
            <p>{td_string!(locale, staff.scan_for_order)}</p>
            <p class="font-semibold">
                <a class="link" href=address(ORDERS, &order.things_sq)>{td_string!(locale, staff.scan_for_order_no, number = number).to_string()}</a>
                " · " {order.customer_name.clone()}
            </p>
        </section>
    }
    .into_any()
}

/// Which kind of trouble it is, and what to do.
pub(crate) fn not_read(locale: Locale, refusal: &Refusal) -> Refused {
    let refused = Refused::of(locale, refusal);
    if !refused.fields.is_empty() {
        return refused;
    }
    let (what, remedy) = explain(locale, refusal);
    refused.in_words(&format!("{what}\n{remedy}"))
}

fn explain(locale: Locale, refusal: &Refusal) -> (&'static str, String) {
    let (what, remedy) = match refusal {
        Refusal::CodeDamaged => (
            td_string!(locale, staff.refused_damaged),
            td_string!(locale, staff.refused_damaged_do),
        ),
        Refusal::CodeExpired => (
            td_string!(locale, staff.refused_old),
            td_string!(locale, staff.refused_old_do),
        ),
        Refusal::CodeUsed => (
            td_string!(locale, staff.refused_used),
            td_string!(locale, staff.refused_used_do),
        ),
        Refusal::CodeForeign => (
            td_string!(locale, staff.refused_foreign),
            td_string!(locale, staff.refused_foreign_do),
        ),
        Refusal::CodeKind => (
            td_string!(locale, staff.refused_kind),
            td_string!(locale, staff.refused_kind_do),
        ),
        Refusal::CodeFromFuture => (
            td_string!(locale, staff.refused_future),
            td_string!(locale, staff.refused_future_do),
        ),
        Refusal::SyncOutdated => (
            td_string!(locale, staff.refused_outdated),
            td_string!(locale, staff.refused_outdated_do),
        ),
        other => {
            return (td_string!(locale, staff.refused_other), refusal_text(locale, other));
        }
    };
    (what, remedy.to_owned())
}

/// Reads a code and does what it is for; answers where to go. `chosen`: the order its deposit is for.
pub(crate) async fn read(
    backend: &Backend,
    person: &Person,
    code: &str,
    chosen: Option<&ThingsSq>,
) -> Result<String, Refusal> {
    if let Some(things_sq) = chosen {
        // Asked before the code is spent.
        let status = orders::get(backend, person, things_sq).await?.status;
        if status != OrderStatus::Ready {
            let status = status.letter().to_owned();
            return Err(Refusal::OrderStatus { status });
        }
    }
    let scanned = scans::read_code(backend, person, code).await?;
    match Command::parse(&scanned.cmd) {
        Some(Command::OpenToSave) => deposited(backend, person, &scanned, chosen).await,
        Some(Command::SaveToData) => sync::apply(backend, person, &scanned.token_id).await,
        _ => Err(Refusal::CodeKind),
    }
}

async fn deposited(
    backend: &Backend,
    person: &Person,
    scanned: &Scanned,
    chosen: Option<&ThingsSq>,
) -> Result<String, Refusal> {
    if let Some(things_sq) = chosen {
        deposits::complete_scanned(backend, person, things_sq, &scanned.token_id).await?;
        return Ok(order::done_address(things_sq));
    }
    let named = scanned.data.as_ref().and_then(|data| data["thingsSq"].as_str());
    Ok(match named.and_then(ThingsSq::parse) {
        Some(things_sq) => address(ORDERS, &things_sq),
        None => links::with_query(ORDERS, &[("status", OrderStatus::Ready.letter())]),
    })
}
