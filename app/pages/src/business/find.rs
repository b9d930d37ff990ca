//! `/business/orders/{things_sq}/find`: the code that opens the door, to be held to the kiosk.

use crate::code_card::{CodeCard, Shows};
use crate::error::loaded;
use crate::orders::kiosk_line;
use crate::ui::layout::Layout;
use domain::ids::ThingsSq;
use domain::locker::codes::TakeCode;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::codes;
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Find() -> impl IntoView {
    let named = named::business_find();
    loaded(
        async move {
            let (things_sq,) = named?;
            let made = context::now();
            let code = codes::take(&things_sq).await?;
            let shows = Shows::take(code.token.clone(), code.yid, &things_sq, made, code.expires);
            Ok((things_sq, code, shows))
        },
        |(things_sq, code, shows)| view! { <Shown things_sq code shows/> },
    )
}

#[component]
fn Shown(things_sq: ThingsSq, code: TakeCode, shows: Shows) -> impl IntoView {
    let locale = context::locale();
    let place = kiosk_line(locale, code.yid, &code.kiosk_name);
    let (label, address_there) = (code.label.clone(), code.kiosk_address);
    view! {
        <Layout title=td_string!(locale, business.find_title)>
            <CodeCard shows text=td_string!(locale, business.find_do)>
                <p class="flex flex-col items-center text-center" data-testid="find-place">
                    <span class="text-sm">{td_string!(locale, business.label)}</span>
                    <span class="text-7xl leading-none font-black tabular-nums" data-testid="find-label">{label}</span>
                    <span class="mt-2 text-lg font-semibold">{place}</span>
                    <span>{address_there}</span>
                </p>
            </CodeCard>
            <details class="card-plain" data-testid="find-password">
                <summary class="flex min-h-12 cursor-pointer items-center gap-2 font-medium"><Icon name="key"/> {td_string!(locale, business.password_show)}</summary>
                <p class="mt-2">{td_string!(locale, business.password_do)}</p>
                <p class="mt-4 flex flex-wrap items-baseline gap-x-6">
                    <span>{td_string!(locale, business.label)} " " <b class="text-3xl tabular-nums">{code.label}</b></span>
                    <span>{td_string!(locale, business.password)} " " <b class="text-4xl tracking-widest tabular-nums" data-testid="find-pwd">{code.pwd}</b></span>
                </p>
            </details>
            <a href=at::business_voucher(&things_sq) class="btn btn-outline btn-lg" data-testid="voucher-ask"><Icon name="clock"/> {td_string!(locale, business.voucher_ask)}</a>
            <a href=at::business_order(&things_sq) class="btn btn-outline btn-lg"><Icon name="arrow-left"/> {td_string!(locale, business.back_to_order)}</a>
        </Layout>
    }
    .into_any()
}
