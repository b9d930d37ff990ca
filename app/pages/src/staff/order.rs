//! `/staff/orders/{things_sq}`: one order, and completing its deposit; `…/done`: that it is complete.

use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::orders::{kiosk_line, order_page, told};
use crate::staff::pending::PendingCard;
use crate::ui::layout::Layout;
use domain::ids::ThingsSq;
use domain::locker::kiosks::Whereabouts;
use domain::locker::orders::{Order as TheOrder, OrderStatus};
use domain::locker::scans::PendingDeposit;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::deposits::{self, CompleteDeposit, ReadCode, UndoDeposit};
use islands::functions::orders;
use islands::i18n::td_string;
use islands::links;
use islands::ui::icon::Icon;
use islands::ui::textarea;
use leptos::prelude::*;

/// The page of one order.
#[component]
pub fn Order() -> impl IntoView {
    let named = named::staff_order();
    loaded(
        async move {
            let (things_sq,) = named?;
            Ok((told(&things_sq).await?, deposits::pending().await?))
        },
        |(told, pending)| {
            let next_step = view! { <NextStep order=told.order.clone() pending/> }.into_any();
            let back = td_string!(context::locale(), staff.back_to_search);
            order_page(told, next_step, at::staff_orders(), back)
        },
    )
}

/// What can be done with the order now.
#[component]
fn NextStep(order: TheOrder, pending: Option<PendingDeposit>) -> impl IntoView {
    let locale = context::locale();
    let things_sq = order.things_sq;
    let told = match order.status {
        OrderStatus::Received => Some(td_string!(locale, staff.not_ready)),
        OrderStatus::Done => Some(td_string!(locale, staff.already_done)),
        OrderStatus::Cancelled => Some(td_string!(locale, staff.cancelled)),
        OrderStatus::Ready | OrderStatus::Stored => None,
    };
    match (order.status, pending) {
        (OrderStatus::Received | OrderStatus::Stored | OrderStatus::Done | OrderStatus::Cancelled, pending) => view! {
            {told.map(|text| view! { <p class="card-plain">{text}</p> })}
            // The scan still waits for an order, and it is not this one.
            {pending.map(|pending| view! { <PendingCard pending/> })}
        }
        .into_any(),
        (OrderStatus::Ready, Some(pending)) => match &pending.things_sq {
            Some(other) if *other != things_sq => {
                view! { <ForAnother other=other.clone() things_sq=things_sq.clone()/> }.into_any()
            }
            _ => view! { <Complete pending things_sq/> }.into_any(),
        },
        (OrderStatus::Ready, None) => view! { <ScanFirst things_sq/> }.into_any(),
    }
}

/// The code was scanned: one button.
#[component]
fn Complete(pending: PendingDeposit, things_sq: ThingsSq) -> impl IntoView {
    let locale = context::locale();
    let (yid, label) = (pending.yid.0, pending.label.as_str());
    let question = td_string!(locale, staff.complete_into, yid = yid, label = label).to_string();
    let of = entry::of::<CompleteDeposit>();
    let hidden = vec![("things_sq", things_sq.to_string()), ("scan", pending.token_id.clone())];
    view! {
        <ActForm of hidden class="needs-you" testid="complete-form">
            <span class="place-label" aria-hidden="true">{pending.label.clone()}</span>
            <p class="min-w-0 flex-1 font-medium">{question}</p>
            <button class="btn btn-primary btn-lg w-full" data-testid="complete"><Icon name="check"/> {td_string!(locale, staff.complete)}</button>
            <a href=scan_address(&things_sq) class="btn btn-ghost w-full" data-testid="scan-other">{td_string!(locale, staff.scan_other)}</a>
        </ActForm>
    }
    .into_any()
}

/// The code scanned names an order, and it is not this one.
#[component]
fn ForAnother(other: ThingsSq, things_sq: ThingsSq) -> impl IntoView {
    let locale = context::locale();
    view! {
        <section class="needs-you" data-testid="other-order">
            <p class="w-full">{td_string!(locale, staff.other_order, number = other.as_str()).to_string()}</p>
            <a href=at::staff_order(&other) class="btn btn-primary btn-lg w-full">{td_string!(locale, staff.pending_this_order)}</a>
            <a href=scan_address(&things_sq) class="btn btn-ghost w-full" data-testid="scan-other">{td_string!(locale, staff.scan_other)}</a>
        </section>
    }
    .into_any()
}

/// The order was chosen first: the code comes second, by camera or typed.
#[component]
fn ScanFirst(things_sq: ThingsSq) -> impl IntoView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<ReadCode>(), entry::entry::<ReadCode>());
    let hidden = vec![("order", things_sq.to_string())];
    let problem = entry.problem("code");
    let (typed, invalid) = (entry.value("code"), problem.is_some());
    let open = invalid || !typed.is_empty();
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="scan-first">
            <h2 id="scan-first" class="font-semibold">{td_string!(locale, staff.no_pending_title)}</h2>
            <p>{td_string!(locale, staff.no_pending_text)}</p>
            <a href=scan_address(&things_sq) class="btn btn-primary btn-lg" data-testid="scan-for-order"><Icon name="scan"/> {td_string!(locale, staff.scan_and_complete)}</a>
            <details open=open data-alone="">
                <summary class="btn btn-ghost w-full" data-testid="type-code">{td_string!(locale, staff.typed_open)}</summary>
                <ActForm of hidden class="mt-4 flex flex-col gap-2" testid="typed-form">
                    <label for="code" class="font-medium">{td_string!(locale, staff.typed_code)}</label>
                    <p id="code-hint" class="text-sm opacity-75">{td_string!(locale, staff.typed_code_hint)}</p>
                    <textarea id="code" name="code" rows="4" required=true autocomplete="off" spellcheck="false" autocapitalize="off"
                        class="textarea w-full font-mono" aria-describedby="code-hint code-problem" aria-invalid=invalid.then_some("true")
                    >{textarea::content(typed)}</textarea>
                    {problem.map(|text| view! { <p id="code-problem" class="text-error text-sm" role="alert">{text}</p> })}
                    <button class="btn btn-primary btn-lg" data-testid="complete-typed">{td_string!(locale, staff.complete)}</button>
                </ActForm>
            </details>
        </section>
    }
    .into_any()
}

/// The scanner, for this order's code.
pub(super) fn scan_address(things_sq: &ThingsSq) -> String {
    links::with_query(&at::staff_scan(), &[("order", things_sq.as_str())])
}

/// "The deposit is complete", and the two ways on.
#[component]
pub fn Done() -> impl IntoView {
    let named = named::staff_order_done();
    loaded(
        async move {
            let (things_sq,) = named?;
            let order = orders::get(&things_sq).await?;
            let kiosk = match orders::place(&order).await? {
                Some(kiosk) if order.status == OrderStatus::Stored => kiosk,
                _ => {
                    // Not stored (any more): its own page says where it stands.
                    links::redirect(&at::staff_order(&things_sq));
                    return Ok(None);
                }
            };
            let can_undo = deposits::can_undo(&things_sq).await?;
            Ok(Some((order, kiosk, can_undo)))
        },
        |found| found.map(|(order, kiosk, can_undo)| view! { <Completed order kiosk can_undo/> }),
    )
}

#[component]
fn Completed(order: TheOrder, kiosk: Whereabouts, can_undo: bool) -> impl IntoView {
    let locale = context::locale();
    let (undo, things_sq) = (entry::of::<UndoDeposit>(), order.things_sq.to_string());
    let label = order.place.map(|place| place.label);
    view! {
        <Layout title=td_string!(locale, staff.done_title)>
            <section class="card-plain flex flex-col items-center gap-4 py-8 text-center" role="status" data-testid="deposit-done">
                <span class="done-mark"><Icon name="check" class="size-12 shrink-0"/></span>
                <span class="place-label">{label}</span>
                <p class="font-semibold">{kiosk_line(locale, kiosk.yid, &kiosk.name)}</p>
                <p class="tabular-nums">{order.customer_no.0} " · " {order.customer_name}</p>
                <p class="opacity-75">{td_string!(locale, staff.done_text)}</p>
            </section>
            {can_undo.then(|| view! {
                <ActForm of=undo hidden=vec![("things_sq", things_sq)] class="undo" testid="undo-form">
                    <button class="btn btn-outline btn-lg w-full" data-testid="undo">{td_string!(locale, staff.undo)}</button>
                </ActForm>
            })}
            <a href=at::staff_scan() class="btn btn-primary btn-lg" data-testid="next-deposit"><Icon name="scan"/> {td_string!(locale, staff.done_next)}</a>
            <a href=at::staff_orders() class="btn btn-outline btn-lg" data-testid="back-to-search"><Icon name="search"/> {td_string!(locale, staff.back_to_search)}</a>
            <a href=at::staff() class="btn btn-outline btn-lg" data-testid="to-main"><Icon name="home"/> {td_string!(locale, staff.to_main)}</a>
        </Layout>
    }
    .into_any()
}
