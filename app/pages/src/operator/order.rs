//! `/operator/new-order` and `/operator/orders/{things_sq}`: one order.

use super::parts::{Section, Select, Up};
use crate::entry::{self, ActForm, Entry};
use crate::error::loaded;
use crate::orders::{Facts, Timeline, text_name, title};
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use domain::ids::BusinessName;
use domain::locker::history::Evidence;
use domain::locker::kiosks::Whereabouts;
use domain::locker::orders::{Order, OrderStatus, OrderText, OrderTexts};
use islands::addresses::{at, named};
use islands::context;
use islands::functions::corrections::{CancelOrder, CorrectOrder, SetOrderBack};
use islands::functions::orders::{self, AddOrder, MakeReady};
use islands::functions::{businesses, history};
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use islands::ui::status::word;
use leptos::prelude::*;

/// What the page shows.
struct Shown {
    order: Order,
    kiosk: Option<Whereabouts>,
    evidence: Vec<Evidence>,
    businesses: Vec<BusinessName>,
}

/// The page about one order.
#[component]
pub fn OrderPage() -> impl IntoView {
    let named = named::operator_order();
    loaded(
        async move {
            let (id,) = named?;
            let order = orders::get(&id).await?;
            Ok(Shown {
                evidence: history::of_order(&id).await?,
                kiosk: orders::place(&order).await?,
                businesses: businesses::all_names().await?,
                order,
            })
        },
        show,
    )
}

fn show(shown: Shown) -> AnyView {
    let locale = context::locale();
    let Shown {
        order,
        kiosk,
        evidence,
        businesses,
    } = shown;
    let title = title(&order);
    let (of, hidden) = (entry::of::<MakeReady>(), vec![("one", order.things_sq.to_string())]);
    let step = (order.status == OrderStatus::Received).then(|| {
        view! {
            <ActForm of hidden><button class="btn btn-primary btn-lg" data-testid="make-ready">{td_string!(locale, operator.make_ready)}</button></ActForm>
        }
    });
    let to_kiosk = order.place.as_ref().map(|place| {
        let href = at::operator_kiosk(&place.yid);
        view! { <a href=href class="btn self-start"><Icon name="cabinet" class="size-5 shrink-0"/> {td_string!(locale, operator.to_kiosk)}</a> }
    });
    let history = if evidence.is_empty() {
        view! { <p>{td_string!(locale, orders.history_none)}</p> }.into_any()
    } else {
        view! { <Timeline rows=evidence/> }.into_any()
    };
    let (steps, corrections) = (steps(&order), corrections(&order, businesses));
    view! {
        <Layout title=title wide=true>
            <Up href=at::operator_orders() text=td_string!(locale, common.orders)/>
            <div class="two">
                <div>
                    {steps}
                    {step}
                    <Facts order kiosk/>
                    {to_kiosk}
                </div>
                <div>
                    <Section title=td_string!(locale, orders.history)>{history}</Section>
                    {corrections}
                </div>
            </div>
        </Layout>
    }
    .into_any()
}

/// What can be put right: the texts, that it was cancelled, the station it is at. Each folded, and open where it was refused.
fn corrections(order: &Order, businesses: Vec<BusinessName>) -> AnyView {
    let locale = context::locale();
    let back = match order.status {
        OrderStatus::Ready => Some(td_string!(locale, operator.back_to_received)),
        OrderStatus::Stored => Some(td_string!(locale, operator.back_to_ready)),
        OrderStatus::Cancelled => Some(td_string!(locale, operator.uncancel)),
        OrderStatus::Received | OrderStatus::Done => None,
    };
    let may_cancel = matches!(order.status, OrderStatus::Received | OrderStatus::Ready);
    view! {
        <section class="flex flex-col gap-4" aria-labelledby="put-right" data-testid="corrections">
            <h2 id="put-right" class="text-lg font-semibold">{td_string!(locale, operator.put_right)}</h2>
            {correct_form(order, businesses)}
            {back.map(|text| back_form(order, text))}
            {may_cancel.then(|| cancel_form(order))}
        </section>
    }
    .into_any()
}

/// After somebody else changed the order, the page shows how it is now, and what was typed. Without network a phone keeps the correction and sends it
/// later (`unsent.js`).
fn correct_form(order: &Order, businesses: Vec<BusinessName>) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<CorrectOrder>(), entry::entry::<CorrectOrder>());
    let texts = OrderTexts::from(order);
    let was: Vec<_> = texts
        .named()
        .map(|(text, value)| view! { <input type="hidden" name=format!("was.{}", text.column()) value=value.to_owned()/> })
        .into_iter()
        .collect();
    let mut names: Vec<_> = businesses.into_iter().map(|name| (name.0.clone(), name.0)).collect();
    // An order may stay with a business that is retired.
    if names.iter().all(|(name, _)| *name != texts.business) {
        names.push((texts.business.clone(), texts.business.clone()));
    }
    let hidden = vec![("things_sq", order.things_sq.to_string())];
    let (open, fields) = (entry.is_refused(), text_fields(&entry, &texts, names));
    view! {
        <details class="fold" open=open data-testid="correct">
            <summary>{td_string!(locale, operator.correct_order)}</summary>
            <ActForm of hidden class="flex flex-col gap-4" testid="correct-form">
                {was}
                {fields}
                <button class="btn btn-primary self-start" data-testid="correct-save">{td_string!(locale, operator.save)}</button>
            </ActForm>
        </details>
    }
    .into_any()
}

/// A field for each text; the business is chosen of these.
fn text_fields(entry: &Entry, texts: &OrderTexts, businesses: Vec<(String, String)>) -> Vec<AnyView> {
    let locale = context::locale();
    let mut businesses = Some(businesses);
    let fields = texts.named().map(|(text, value)| {
        let (entry, name, label) = (entry.clone(), text.field(), text_name(locale, text));
        if let Some(options) = businesses.take_if(|_| text == OrderText::Business) {
            return view! { <Select entry name label options value/> }.into_any();
        }
        let inputmode = if text.is_number() { "numeric" } else { "text" };
        let optional = !text.is_required();
        view! { <Field entry name label inputmode autocomplete="off" optional value/> }.into_any()
    });
    fields.into()
}

fn back_form(order: &Order, text: &'static str) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<SetOrderBack>(), entry::entry::<SetOrderBack>());
    let hidden = vec![
        ("things_sq", order.things_sq.to_string()),
        ("from", order.status.letter().to_owned()),
    ];
    let stored = (order.status == OrderStatus::Stored).then(|| td_string!(locale, operator.back_to_ready_hint));
    let open = entry.is_refused();
    view! {
        <details class="fold" open=open data-testid="set-back">
            <summary>{text}</summary>
            <ActForm of hidden class="flex flex-col gap-4">
                {stored.map(|hint| view! { <p class="text-sm">{hint}</p> })}
                <Field entry name="why" label=td_string!(locale, operator.reason) autocomplete="off"/>
                <button class="btn self-start" data-testid="set-back-yes">{text}</button>
            </ActForm>
        </details>
    }
    .into_any()
}

fn cancel_form(order: &Order) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<CancelOrder>(), entry::entry::<CancelOrder>());
    let hidden = vec![("things_sq", order.things_sq.to_string())];
    let open = entry.is_refused();
    view! {
        <details class="fold" open=open data-testid="cancel">
            <summary>{td_string!(locale, operator.cancel_order)}</summary>
            <ActForm of hidden class="flex flex-col gap-4">
                <p class="text-sm">{td_string!(locale, operator.cancel_order_hint)}</p>
                <Field entry name="reason" label=td_string!(locale, operator.reason) autocomplete="off"/>
                <button class="btn btn-error self-start" data-testid="cancel-yes">{td_string!(locale, operator.cancel_order_yes)}</button>
            </ActForm>
        </details>
    }
    .into_any()
}

/// The four stations of an order and how far it has come.
fn steps(order: &Order) -> AnyView {
    let locale = context::locale();
    let items: Vec<_> = OrderStatus::ALL
        .into_iter()
        .map(|status| {
            let reached = order.status != OrderStatus::Cancelled && status.letter() <= order.status.letter();
            let current = (status == order.status).then_some("step");
            let class = if reached { "step step-primary" } else { "step" };
            view! { <li class=class aria-current=current>{word(locale, status)}</li> }
        })
        .collect();
    view! { <ol class="steps w-full text-sm">{items}</ol> }.into_any()
}

/// The page with the form for one order by hand.
#[component]
pub fn NewOrderPage() -> impl IntoView {
    loaded(businesses::all_names(), show_new)
}

fn show_new(businesses: Vec<BusinessName>) -> AnyView {
    let locale = context::locale();
    let (of, entry) = (entry::of::<AddOrder>(), entry::entry::<AddOrder>());
    let names = std::iter::once((String::new(), td_string!(locale, operator.choose).to_owned()))
        .chain(businesses.into_iter().map(|name| (name.0.clone(), name.0)))
        .collect();
    let statuses = [OrderStatus::Received, OrderStatus::Ready]
        .map(|status| (status.letter().to_owned(), word(locale, status).to_owned()))
        .to_vec();
    let fields = text_fields(&entry, &OrderTexts::default(), names);
    view! {
        <Layout title=td_string!(locale, operator.add_order)>
            <Up href=at::operator_orders() text=td_string!(locale, common.orders)/>
            <ActForm of class="flex flex-col gap-4" testid="order-form">
                <Field entry=entry.clone() name="things_sq" label=td_string!(locale, operator.things_sq) hint=td_string!(locale, operator.things_sq_hint) autocomplete="off" autofocus=true/>
                {fields}
                <Select entry=entry.clone() name="status" label=td_string!(locale, operator.status) options=statuses value="A"/>
                <button class="btn btn-primary btn-lg">{td_string!(locale, operator.add_order)}</button>
            </ActForm>
        </Layout>
    }
    .into_any()
}
