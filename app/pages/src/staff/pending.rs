//! A deposit that was scanned and waits for its order.

use domain::locker::orders::OrderStatus;
use domain::locker::scans::{PendingDeposit, SCAN_STANDS_MS};
use islands::addresses::at;
use islands::context;
use islands::date;
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// Says which compartment waits, until when, and leads to its order.
#[component]
pub fn PendingCard(
    /// The deposit.
    pending: PendingDeposit,
    /// The page is the search already: no link to it.
    #[prop(optional)]
    searching: bool,
) -> impl IntoView {
    let locale = context::locale();
    let text = td_string!(
        locale,
        staff.pending_text,
        yid = pending.yid.0,
        name = pending.kiosk_name.as_str(),
        label = pending.label.as_str()
    )
    .to_string();
    let ends = pending.scanned_at.plus(SCAN_STANDS_MS);
    let time = date::short(locale, ends, context::now(), &date::zone());
    let way = match &pending.things_sq {
        Some(things_sq) => Some((at::staff_order(things_sq), td_string!(locale, staff.pending_this_order))),
        None if searching => None,
        None => Some((
            links::with_query(&at::staff_orders(), &[("status", OrderStatus::Ready.letter())]),
            td_string!(locale, staff.pending_choose),
        )),
    };
    view! {
        <section class="needs-you" aria-labelledby="pending" data-testid="pending-deposit">
            <span class="place-label" aria-hidden="true">{pending.label.clone()}</span>
            <div class="flex min-w-0 flex-1 flex-col gap-1">
                <h2 id="pending" class="font-semibold">{td_string!(locale, staff.pending_title)}</h2>
                <p>{text}</p>
                <p class="flex items-center gap-1 text-sm"><Icon name="clock" class="size-4 shrink-0"/> {td_string!(locale, staff.pending_until, time = time).to_string()}</p>
            </div>
            {way.map(|(href, text)| view! { <a href=href class="btn btn-primary btn-lg w-full" data-testid="pending-choose">{text}</a> })}
        </section>
    }
    .into_any()
}
