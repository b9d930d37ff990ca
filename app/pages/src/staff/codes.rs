//! `/staff/clock` and `/staff/pass`: codes a phone shows and a kiosk reads.

use crate::code_card::{CodeCard, Shows};
use crate::error::loaded;
use crate::staff::kiosks::KioskList;
use crate::ui::layout::Layout;
use domain::error::Refusal;
use domain::ids::Yid;
use domain::locker::kiosks::Whereabouts;
use domain::token::STAFF_PASS_WINDOW_MS;
use islands::addresses::{at, named};
use islands::context;
use islands::functions::{codes, kiosks};
use islands::i18n::td_string;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// A clock code that is not renewed is too old after this: the time in it grows old while it is shown.
const CLOCK_SHOWN_MS: i64 = 30_000;

/// The code that sets a kiosk's clock.
pub(super) async fn clock(yid: Yid) -> Result<Shows, Refusal> {
    let made = context::now();
    let token = codes::clock(yid).await?;
    Ok(Shows::clock(token, yid, made, made.plus(CLOCK_SHOWN_MS)))
}

/// The code that opens a kiosk's staff area in the reader's name.
async fn pass(yid: Yid) -> Result<Shows, Refusal> {
    let made = context::now();
    let token = codes::pass(yid).await?;
    Ok(Shows::pass(token, yid, made, made.plus(STAFF_PASS_WINDOW_MS)))
}

/// Which kiosk's clock?
#[component]
pub fn Clock() -> impl IntoView {
    choose(td_string!(context::locale(), staff.clock), at::staff_clock_code)
}

/// Which kiosk's staff area?
#[component]
pub fn Pass() -> impl IntoView {
    choose(td_string!(context::locale(), staff.pass), at::staff_pass_code)
}

fn choose(title: &'static str, page: fn(&Yid) -> String) -> impl IntoView {
    loaded(kiosks::list(), move |kiosks| {
        let text = (!kiosks.is_empty()).then(|| td_string!(context::locale(), staff.choose_kiosk));
        view! {
            <Layout title>
                {text.map(|text| view! { <p>{text}</p> })}
                <KioskList kiosks page/>
            </Layout>
        }
    })
}

/// The clock code of one kiosk.
#[component]
pub fn ClockCode() -> impl IntoView {
    let named = named::staff_clock_code();
    loaded(
        async move {
            let (yid,) = named?;
            let kiosk = kiosks::whereabouts(yid).await?;
            let shows = clock(yid).await?;
            Ok((kiosk, shows))
        },
        |(kiosk, shows)| {
            let locale = context::locale();
            let title = td_string!(locale, staff.clock_title, yid = kiosk.yid.0).to_string();
            view! {
                <Layout title>
                    <ClockCard shows kiosk=kiosk/>
                    <ToMain/>
                </Layout>
            }
        },
    )
}

/// A clock code and what to do with it.
#[component]
pub(super) fn ClockCard(shows: Shows, kiosk: Whereabouts) -> impl IntoView {
    view! {
        <CodeCard shows text=td_string!(context::locale(), staff.clock_do)>
            <KioskName kiosk/>
        </CodeCard>
    }
}

/// The staff pass for one kiosk.
#[component]
pub fn PassCode() -> impl IntoView {
    let request = context::request();
    let named = named::staff_pass_code();
    loaded(
        async move {
            let (yid,) = named?;
            let kiosk = kiosks::whereabouts(yid).await?;
            let shows = pass(yid).await?;
            Ok((kiosk, shows, request.person()?.name.clone()))
        },
        |(kiosk, shows, name)| {
            let locale = context::locale();
            let title = td_string!(locale, staff.pass_title, yid = kiosk.yid.0).to_string();
            view! {
                <Layout title>
                    <CodeCard shows text=td_string!(locale, staff.pass_do)>
                        <KioskName kiosk/>
                    </CodeCard>
                    <p class="text-sm opacity-75">{td_string!(locale, staff.pass_yours, name = name.as_str()).to_string()}</p>
                    <ToMain/>
                </Layout>
            }
        },
    )
}

#[component]
fn KioskName(kiosk: Whereabouts) -> impl IntoView {
    view! {
        <p class="flex flex-col text-center">
            <span class="text-lg font-semibold">{crate::orders::kiosk_line(context::locale(), kiosk.yid, &kiosk.name)}</span>
            <span>{kiosk.address}</span>
        </p>
    }
}

/// The way back to the main page.
#[component]
pub(super) fn ToMain() -> impl IntoView {
    let text = td_string!(context::locale(), staff.to_main);
    view! { <a href=at::staff() class="btn btn-outline btn-lg" data-testid="to-main"><Icon name="home"/> {text}</a> }
}
