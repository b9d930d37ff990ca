//! `/staff`: the main page, the six things staff do.

use crate::error::loaded;
use crate::staff::pending::PendingCard;
use crate::ui::layout::Layout;
use domain::locker::scans::PendingDeposit;
use islands::addresses::at;
use islands::context;
use islands::functions::deposits;
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Home() -> impl IntoView {
    loaded(deposits::pending(), |pending| view! { <Shown pending/> })
}

#[component]
fn Shown(pending: Option<PendingDeposit>) -> impl IntoView {
    let locale = context::locale();
    view! {
        <Layout title=td_string!(locale, staff.home)>
            {pending.map(|pending| view! { <PendingCard pending/> })}
            <a href=at::staff_scan() class="btn btn-primary btn-scan flex-col gap-2" data-testid="scan">
                <Icon name="scan" class="size-12 shrink-0"/>
                <span class="text-xl font-semibold">{td_string!(locale, staff.scan)}</span>
                <span class="font-normal">{td_string!(locale, staff.scan_hint)}</span>
            </a>
            <nav aria-label=td_string!(locale, staff.home)>
                <ul class="grid grid-cols-2 gap-4">
                    <Tile href=at::staff_orders() testid="orders" icon="search" text=td_string!(locale, staff.search) hint=td_string!(locale, staff.search_hint)/>
                    <Tile href=at::staff_round() testid="round" icon="truck" text=td_string!(locale, staff.round) hint=td_string!(locale, staff.round_hint)/>
                    <Tile href=at::staff_kiosks() testid="kiosks" icon="cabinet" text=td_string!(locale, staff.kiosks) hint=td_string!(locale, staff.kiosks_hint)/>
                    <Tile href=at::staff_clock() testid="clock" icon="clock" text=td_string!(locale, staff.clock) hint=td_string!(locale, staff.clock_hint)/>
                    <Tile href=at::staff_pass() testid="pass" icon="badge" text=td_string!(locale, staff.pass) hint=td_string!(locale, staff.pass_hint)/>
                </ul>
            </nav>
        </Layout>
    }
    .into_any()
}

#[component]
fn Tile(
    href: String,
    testid: &'static str,
    icon: &'static str,
    text: &'static str,
    hint: &'static str,
) -> impl IntoView {
    view! {
        <li class="flex">
            <a href=href class="tile" data-testid=testid>
                <Icon name=icon class="size-8 shrink-0 text-primary"/>
                <span class="font-semibold">{text}</span>
                <span class="text-sm opacity-75">{hint}</span>
            </a>
        </li>
    }
}
