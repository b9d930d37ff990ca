//! `/staff/scan`: reads a code from a kiosk's screen, and goes where the code leads. With `?order=…` the order was chosen first.

use crate::entry;
use crate::error::loaded;
use crate::orders::CHOOSE;
use crate::staff::codes::ToMain;
use crate::ui::layout::Layout;
use domain::ids::ThingsSq;
use domain::locker::orders::{Order, OrderStatus};
use islands::addresses::at;
use islands::context;
use islands::functions::deposits::ReadCode;
use islands::functions::orders;
use islands::i18n::td_string;
use islands::links;
use islands::ui::glyph::{self, Glyph};
use islands::ui::icon::Icon;
use islands::ui::qr_scanner::ScannerForm;
use islands::ui::sheet::Sheet;
use islands::ui::typing::Typing;
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
