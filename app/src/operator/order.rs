//! `/operator/new-order` and `/operator/orders/{things_sq}`: one order.

use super::parts::{Section, Select, Up};
use crate::context;
use crate::entry::{self, ActForm};
use crate::error::loaded;
use crate::functions::orders::{self, AddOrder, MakeReady};
use crate::functions::{businesses, history};
use crate::i18n::td_string;
use crate::orders::{Facts, Timeline};
use crate::pages::{at, named};
use crate::ui::field::Field;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::status::word;
use domain::ids::BusinessName;
use domain::locker::history::Evidence;
use domain::locker::kiosks::Whereabouts;
use domain::locker::orders::{Order, OrderStatus};
use leptos::prelude::*;

/// The page about one order.
#[component]
pub fn OrderPage() -> impl IntoView {
    let named = named::operator_order();
    loaded(
        async move {
            let (id,) = named?;
            let order = orders::get(&id).await?;
            let evidence = history::of_order(&id).await?;
            let kiosk = orders::place(&order).await?;
            Ok((order, kiosk, evidence))
        },
        |(order, kiosk, evidence)| show(order, kiosk, evidence),
    )
}

fn show(order: Order, kiosk: Option<Whereabouts>, evidence: Vec<Evidence>) -> AnyView {
    let locale = context::locale();
    let title = td_string!(locale, operator.order_title, number = order.customer_no.as_str()).to_string();
    let (of, hidden) = (entry::of::<MakeReady>(), vec![("one", order.things_sq.to_string())]);
    let step = (order.status == OrderStatus::Received).then(|| {
        view! {
            <ActForm of hidden><button class="btn btn-primary btn-lg" data-testid="make-ready">{td_string!(locale, operator.make_ready)}</button></ActForm>
        }
    });
    let steps = steps(&order);
    let to_kiosk = order.place.as_ref().map(|place| {
        let href = at::operator_kiosk(&place.yid);
        view! { <a href=href class="btn self-start"><Icon name="cabinet" class="size-5 shrink-0"/> {td_string!(locale, operator.to_kiosk)}</a> }
    });
    let history = if evidence.is_empty() {
        view! { <p>{td_string!(locale, orders.history_none)}</p> }.into_any()
    } else {
        view! { <Timeline rows=evidence/> }.into_any()
    };
    view! {
        <Layout title=title>
            <Up href=at::operator_orders() text=td_string!(locale, common.orders)/>
            {steps}
            {step}
            <Facts order kiosk/>
            {to_kiosk}
            <Section title=td_string!(locale, orders.history)>{history}</Section>
        </Layout>
    }
    .into_any()
}

/// The four stations of an order and how far it has come.
fn steps(order: &Order) -> AnyView {
    let locale = context::locale();
    let items: Vec<_> = OrderStatus::ALL
        .into_iter()
        .map(|status| {
            let reached = status.letter() <= order.status.letter();
            let current = (status == order.status).then_some("step");
            let class = if reached { "step step-primary" } else { "step" };
            view! { <li class=class data-content=status.letter() aria-current=current>{word(locale, status)}</li> }
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
        .map(|status| {
            (
                status.letter().to_owned(),
                format!("{} {}", status.letter(), word(locale, status)),
            )
        })
        .to_vec();
    view! {
        <Layout title=td_string!(locale, operator.add_order)>
            <Up href=at::operator_orders() text=td_string!(locale, common.orders)/>
            <ActForm of class="flex flex-col gap-5" testid="order-form">
                <Field entry=entry.clone() name="things_sq" label=td_string!(locale, operator.things_sq) hint=td_string!(locale, operator.things_sq_hint) autocomplete="off" autofocus=true/>
                <Field entry=entry.clone() name="customer_no" label=td_string!(locale, operator.customer_no) inputmode="numeric" autocomplete="off"/>
                <Field entry=entry.clone() name="customer_name" label=td_string!(locale, operator.customer) autocomplete="off" optional=true/>
                <Field entry=entry.clone() name="address" label=td_string!(locale, operator.address) autocomplete="off" optional=true/>
                <Field entry=entry.clone() name="meter_kind" label=td_string!(locale, operator.meter_kind) autocomplete="off" optional=true/>
                <Select entry=entry.clone() name="business" label=td_string!(locale, operator.business) options=names/>
                <Select entry=entry.clone() name="status" label=td_string!(locale, operator.status) options=statuses value="A"/>
                <button class="btn btn-primary btn-lg">{td_string!(locale, operator.add_order)}</button>
            </ActForm>
        </Layout>
    }
    .into_any()
}
