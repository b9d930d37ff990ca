//! `/staff/kiosks`: every kiosk, how full it is, and when it was last heard of.

use crate::error::loaded;
use crate::orders::kiosk_line;
use crate::ui::empty::Empty;
use crate::ui::layout::Layout;
use domain::ids::Yid;
use domain::locker::kiosks::Kiosk;
use islands::addresses::at;
use islands::context;
use islands::date::Time;
use islands::functions::kiosks;
use islands::i18n::td_string;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Kiosks() -> impl IntoView {
    loaded(kiosks::list(), |kiosks| {
        view! {
            <Layout title=td_string!(context::locale(), staff.kiosks)>
                <KioskList kiosks page=at::staff_kiosk/>
            </Layout>
        }
    })
}

/// The kiosks as links to a page of each.
#[component]
pub(super) fn KioskList(kiosks: Vec<Kiosk>, page: fn(&Yid) -> String) -> impl IntoView {
    let locale = context::locale();
    if kiosks.is_empty() {
        return view! { <Empty text=td_string!(locale, staff.kiosks_none) icon="cabinet"/> }.into_any();
    }
    let items: Vec<_> = kiosks.into_iter().map(|kiosk| view! { <Item kiosk page/> }).collect();
    view! { <ul class="flex flex-col gap-4" data-testid="kiosks">{items}</ul> }.into_any()
}

#[component]
fn Item(kiosk: Kiosk, page: fn(&Yid) -> String) -> impl IntoView {
    let locale = context::locale();
    let counts = kiosk.counts;
    let free = td_string!(locale, staff.free_of, total = counts.total, free = counts.free).to_string();
    let stored = td_string!(locale, staff.stored_count, count = counts.stored).to_string();
    let broken = (counts.out_of_order > 0)
        .then(|| td_string!(locale, staff.out_of_order_count, count = counts.out_of_order).to_string());
    let numbers: Vec<String> = [free, stored].into_iter().chain(broken).collect();
    view! {
        <li>
            <a href=page(&kiosk.yid) class="card-plain card-link flex flex-col gap-1" data-testid=format!("kiosk-{}", kiosk.yid)>
                <span class="text-lg font-semibold">{kiosk_line(locale, kiosk.yid, &kiosk.name)}</span>
                <span>{kiosk.address}</span>
                <span class="fill" aria-hidden="true"><span style=format!("width:{}%", filled(counts.stored, counts.total))></span></span>
                <span class="text-sm">{numbers.join(" · ")}</span>
                <span class="text-sm opacity-75">
                    {match kiosk.heard_at {
                        Some(at) => view! { {td_string!(locale, staff.heard)} " " <Time at/> }.into_any(),
                        None => td_string!(locale, staff.heard_never).into_any(),
                    }}
                </span>
            </a>
        </li>
    }
    .into_any()
}

fn filled(stored: u32, total: u32) -> u64 {
    (u64::from(stored) * 100)
        .checked_div(u64::from(total))
        .unwrap_or(0)
        .min(100)
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn a_kiosk_without_compartments_is_not_full() {
        assert_eq!((filled(0, 0), filled(1, 3), filled(3, 3)), (0, 33, 100));
    }
}
