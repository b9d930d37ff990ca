//! `/staff/scan`: reads a code from a kiosk's screen, and goes where the code leads. With `?order=…` the order was chosen first.

use crate::context;
use crate::entry;
use crate::error::{loaded, refusal_text};
use crate::functions::deposits::ReadCode;
use crate::functions::orders;
use crate::i18n::{Locale, td_string};
use crate::links;
use crate::orders::CHOOSE;
use crate::pages::at;
use crate::refused::Refused;
use crate::staff::codes::ToMain;
use crate::ui::glyph::{self, Glyph};
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::qr_scanner::ScannerForm;
use crate::ui::sheet::Sheet;
use crate::ui::typing::Typing;
use domain::error::Refusal;
use domain::ids::ThingsSq;
use domain::locker::orders::{Order, OrderStatus};
use leptos::prelude::*;

/// The page: the camera opens at once.
#[component]
pub fn Scan() -> impl IntoView {
    let request = context::request();
    loaded(
        async move {
            match ThingsSq::parse(request.query("order")) {
                Some(things_sq) => orders::get(&things_sq).await.map(Some),
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
    let chosen = order.iter().map(|order| ("order", order.things_sq.to_string()));
    let fields = entry::hidden(entry::of::<ReadCode>(), chosen.collect());
    let problem = entry.problem("code");
    let refused = entry::on_top(entry::of::<ReadCode>());
    // The way back is the order where one was chosen first.
    let back = order
        .as_ref()
        .map_or_else(at::staff, |order| at::staff_order(&order.things_sq));
    view! {
        <Layout title=td_string!(locale, staff.scan)>
            <ScannerForm
                prompt=td_string!(locale, staff.scan_prompt)
                back
                fields
                typed=entry.value("code")
                problem
                refused
            >
                <div id="scan-for" data-over="">{match order {
                    Some(order) => view! { <ForOrder order/> }.into_any(),
                    None => choose_first(),
                }}</div>
            </ScannerForm>
            <ToMain/>
            <Typing/>
            <Sheet below=at::staff_orders() over=at::staff_scan() close=td_string!(locale, common.sheet_close).to_owned()>
                <Glyph paths=glyph::CLOSE/>
            </Sheet>
        </Layout>
    }
    .into_any()
}

/// The other order of the two steps, in a sheet over the camera.
fn choose_first() -> AnyView {
    let ready = links::with_query(
        &at::staff_orders(),
        &[("status", OrderStatus::Ready.letter()), (CHOOSE, "1")],
    );
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
                <a class="link" href=at::staff_order(&order.things_sq)>{td_string!(locale, staff.scan_for_order_no, number = number).to_string()}</a>
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
