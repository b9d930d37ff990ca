//! `/business/orders/{things_sq}/voucher`: a pick-up code that also works without network, for hours. How long, for which doors, and for whom.

use crate::entry::{self, ActForm, Entry};
use crate::error::loaded;
use crate::orders::kiosk_line;
use crate::ui::field::Field;
use crate::ui::layout::Layout;
use crate::ui::parts::Up;
use domain::ids::ThingsSq;
use domain::locker::codes::VoucherCode;
use domain::locker::orders::{Order, OrderStatus};
use islands::addresses::{at, named};
use islands::context;
use islands::date;
use islands::functions::orders;
use islands::functions::vouchers::{self, MakeVoucher, NarrowVoucher, VoucherEnd, WithdrawVoucher};
use islands::i18n::{Locale, td_string};
use islands::ui::icon::Icon;
use islands::ui::qr_view;
use leptos::prelude::*;

const CODE: &str = "code";
const END: &str = "end";
const END_TIME: &str = "end_time";

/// The page.
#[component]
pub fn Voucher() -> impl IntoView {
    let named = named::business_voucher();
    let made = entry::done::<MakeVoucher>().or_else(entry::done::<NarrowVoucher>);
    let refused = entry::entry::<NarrowVoucher>();
    loaded(
        async move {
            let (things_sq,) = named?;
            let order = orders::get(&things_sq).await?;
            let made = match made {
                // What was to be narrowed stays on the page where that was refused.
                None if refused.is_refused() => Some(vouchers::read(&refused.value(CODE)).await?),
                made => made,
            };
            let others = match &made {
                None => vouchers::stored_with(&order).await?,
                Some(_) => Vec::new(),
            };
            Ok((order, others, made))
        },
        |(order, others, made)| match made {
            Some(made) => shown(&order.things_sq, made),
            None => form(&order, others),
        },
    )
}

/// Which doors, and for how long.
fn form(order: &Order, others: Vec<Order>) -> AnyView {
    let locale = context::locale();
    let up = view! { <Up href=at::business_order(&order.things_sq) text=crate::orders::title(order)/> };
    if order.status != OrderStatus::Stored {
        return view! {
            <Layout title=td_string!(locale, business.voucher_title)>
                {up}
                <p class="card-plain">{td_string!(locale, business.voucher_not_stored)}</p>
            </Layout>
        }
        .into_any();
    }
    let (of, entry) = (entry::of::<MakeVoucher>(), entry::entry::<MakeVoucher>());
    let hidden = vec![("things_sq", order.things_sq.0.clone())];
    let (own, line) = (entry.problem(END_TIME).is_some(), door_line(order));
    let also = (!others.is_empty()).then(|| {
        let boxes: Vec<_> = others
            .iter()
            .map(|other| pick(&other.things_sq, &door_line(other), &entry))
            .collect();
        view! {
            <fieldset class="flex flex-col" data-testid="voucher-others">
                <legend class="font-medium">{td_string!(locale, business.voucher_others)}</legend>
                {boxes}
            </fieldset>
        }
    });
    view! {
        <Layout title=td_string!(locale, business.voucher_title)>
            {up}
            <p>{td_string!(locale, business.voucher_what)}</p>
            <ActForm of hidden class="flex flex-col gap-4" testid="voucher-form">
                // A person who presses Enter in the field means what is in the field.
                <button name=END value=VoucherEnd::Own.as_str() class="sr-only" tabindex="-1" aria-hidden="true"></button>
                <p class="text-lg font-semibold">{line}</p>
                {also}
                <p>{td_string!(locale, business.voucher_how_long)}</p>
                <div class="grid grid-cols-2 gap-3">
                    <button name=END value=VoucherEnd::Today.as_str() class="btn btn-primary btn-lg btn-tall px-2" data-testid="voucher-today">{td_string!(locale, business.voucher_today)}</button>
                    <button name=END value=VoucherEnd::Tomorrow.as_str() class="btn btn-primary btn-lg btn-tall px-2" data-testid="voucher-tomorrow">{td_string!(locale, business.voucher_tomorrow)}</button>
                </div>
                <details class="fold" open=own>
                    <summary class="min-h-12 cursor-pointer content-center font-medium" data-testid="voucher-own">{td_string!(locale, business.voucher_own_end)}</summary>
                    <div class="flex flex-col gap-4 pt-2">
                        <Field entry name=END_TIME label=td_string!(locale, business.voucher_until) kind="datetime-local" optional=true/>
                        <button name=END value=VoucherEnd::Own.as_str() class="btn btn-primary btn-lg" data-testid="voucher-make">{td_string!(locale, business.voucher_make)}</button>
                    </div>
                </details>
            </ActForm>
        </Layout>
    }
    .into_any()
}

/// `A3 · 1002003 강지우`
fn door_line(order: &Order) -> String {
    let label = order
        .place
        .as_ref()
        .map(|place| place.label.as_str())
        .unwrap_or_default();
    let whose = format!("{} {}", order.customer_no, order.customer_name);
    format!("{label} · {}", whose.trim())
}

/// An order that may be chosen.
fn pick(order: &ThingsSq, text: &str, entry: &Entry) -> AnyView {
    let name = format!("pick.{order}");
    let checked = !entry.value(&name).is_empty();
    view! {
        <label class="flex min-h-12 items-center gap-3">
            <input type="checkbox" name=name value="1" class="checkbox" checked=checked/> {text.to_owned()}
        </label>
    }
    .into_any()
}

/// The voucher itself, and what can be done with it.
fn shown(of: &ThingsSq, made: VoucherCode) -> AnyView {
    let locale = context::locale();
    let until = date::last_minute(locale, made.until, &date::door_zone());
    let place = kiosk_line(locale, made.yid, &made.kiosk_name);
    let labels: Vec<_> = made
        .doors
        .iter()
        .map(|door| view! { <li data-order=door.things_sq.0.clone()>{door.label.clone()}</li> })
        .collect();
    let passwords: Vec<_> = made
        .doors
        .iter()
        .map(|door| {
            view! {
                <p class="flex flex-wrap items-baseline gap-x-6">
                    <span>{td_string!(locale, business.label)} " " <b class="text-3xl tabular-nums">{door.label.clone()}</b></span>
                    <span>{td_string!(locale, business.password)} " " <b class="text-4xl tracking-widest tabular-nums">{door.pwd.clone()}</b></span>
                </p>
            }
        })
        .collect();
    let holder = made.names.last().map(|name| {
        let text = td_string!(locale, business.voucher_for, name = name.as_str()).to_string();
        view! { <p class="text-lg font-semibold break-all" data-testid="voucher-for">{text}</p> }
    });
    let pass_on = narrowing(locale, &made);
    // One that is for somebody else does not take the place of the own one.
    let keep = made.names.is_empty().then(|| of.0.clone());
    let (withdraw, hidden) = (entry::of::<WithdrawVoucher>(), vec![(CODE, made.token.clone())]);
    let back = at::business_order(of);
    let zone = date::door_zone().iana_name().map(str::to_owned);
    view! {
        <Layout title=td_string!(locale, business.voucher_ready)>
            <Up href=back text=td_string!(locale, business.back_to_order)/>
            // A phone keeps this part for when there is no network (`kept.js`), and can narrow it then (`pass-on.js`).
            <section class="code-card" data-testid="voucher" data-keep=keep data-until=made.until.0.to_string() data-token=made.token.clone() data-zone=zone>
                <div class="code-view" role="img" aria-label=td_string!(locale, orders.code_alt) data-testid="code" inner_html=qr_view::svg(&made.token)></div>
                {holder}
                <ul class="flex flex-wrap justify-center gap-x-5 text-5xl leading-none font-black tabular-nums" aria-label=td_string!(locale, business.label) data-testid="voucher-doors">{labels}</ul>
                <p class="text-center text-lg font-semibold">{place}</p>
                <p class="text-center">{made.kiosk_address.clone()}</p>
                <p class="text-center font-medium" data-testid="voucher-until">{td_string!(locale, business.voucher_good_until, time = until.as_str()).to_string()}</p>
                <p class="text-center text-sm">{td_string!(locale, business.voucher_do)}</p>
            </section>
            <p role="status" hidden data-kept="" class="flex items-center gap-2" data-testid="voucher-kept"><Icon name="check"/> {td_string!(locale, business.voucher_kept)}</p>
            <details class="card-plain" data-testid="voucher-password">
                <summary class="flex min-h-12 cursor-pointer items-center gap-2 font-medium"><Icon name="key"/> {td_string!(locale, business.password_show)}</summary>
                <p class="mt-2 mb-3">{td_string!(locale, business.password_do)}</p>
                {passwords}
            </details>
            {pass_on}
            <details class="card-plain">
                <summary class="flex min-h-12 cursor-pointer items-center gap-2 font-medium" data-testid="withdraw-ask"><Icon name="ban"/> {td_string!(locale, business.voucher_withdraw)}</summary>
                <ActForm of=withdraw hidden class="flex flex-col gap-3 pt-2">
                    <p>{td_string!(locale, business.voucher_withdraw_what)}</p>
                    <button class="btn btn-error btn-lg self-start" data-testid="withdraw-yes">{td_string!(locale, business.voucher_withdraw)}</button>
                </ActForm>
            </details>
        </Layout>
    }
    .into_any()
}

/// A form that makes a narrower one for somebody else.
fn narrowing(locale: Locale, made: &VoucherCode) -> AnyView {
    let (of, entry) = (entry::of::<NarrowVoucher>(), entry::entry::<NarrowVoucher>());
    let hidden = vec![(CODE, made.token.clone())];
    let open = entry.is_refused();
    let doors = (made.doors.len() > 1).then(|| {
        let boxes: Vec<_> = made
            .doors
            .iter()
            .map(|door| pick(&door.things_sq, &door.label, &entry))
            .collect();
        view! {
            <fieldset class="flex flex-col" data-testid="narrow-doors">
                <legend class="font-medium">{td_string!(locale, business.voucher_only)}</legend>
                {boxes}
            </fieldset>
        }
    });
    view! {
        <details class="card-plain" open=open>
            <summary class="flex min-h-12 cursor-pointer items-center gap-2 font-medium" data-testid="narrow-ask"><Icon name="share"/> {td_string!(locale, business.voucher_pass_on)}</summary>
            <ActForm of hidden class="flex flex-col gap-4 pt-2" testid="narrow-form">
                <p>{td_string!(locale, business.voucher_pass_on_what)}</p>
                <Field entry=entry.clone() name="name" label=td_string!(locale, business.voucher_name) autocomplete="off" hint=td_string!(locale, business.voucher_name_hint)/>
                {doors}
                <Field entry name=END_TIME label=td_string!(locale, business.voucher_until) kind="datetime-local" optional=true/>
                <button class="btn btn-primary btn-lg" data-testid="narrow-make">{td_string!(locale, business.voucher_make)}</button>
            </ActForm>
        </details>
    }
    .into_any()
}
