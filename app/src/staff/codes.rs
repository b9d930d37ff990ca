//! `/staff/clock` and `/staff/pass`: codes a phone shows and a kiosk reads.

use crate::code_card::{CodeCard, Shows};
use crate::context;
use crate::error::loaded;
use crate::i18n::td_string;
use crate::staff::kiosk_in_path;
use crate::staff::kiosks::KioskList;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use backend::Backend;
use backend::locker::codes::{self, CodeRequest};
use backend::locker::kiosks::{self, Whereabouts};
use domain::error::Refusal;
use domain::ids::Yid;
use domain::people::{Person, Role};
use domain::token::STAFF_PASS_WINDOW_MS;
use leptos::prelude::*;

/// A clock code that is not renewed is too old after this: the time in it grows old while it is shown.
const CLOCK_SHOWN_MS: i64 = 30_000;

/// The code that sets a kiosk's clock.
pub(super) async fn clock(backend: &Backend, person: &Person, yid: Yid) -> Result<Shows, Refusal> {
    let made = backend.now();
    let token = codes::make(backend, person, CodeRequest::SyncDate { yid }).await?;
    Ok(Shows::clock(token, yid, made, made.plus(CLOCK_SHOWN_MS)))
}

/// The code that opens a kiosk's staff area in this person's name.
async fn pass(backend: &Backend, person: &Person, yid: Yid) -> Result<Shows, Refusal> {
    let made = backend.now();
    let token = codes::make(backend, person, CodeRequest::StaffPass { yid }).await?;
    Ok(Shows::pass(token, yid, made, made.plus(STAFF_PASS_WINDOW_MS)))
}

/// Which kiosk's clock?
#[component]
pub fn Clock() -> impl IntoView {
    choose(td_string!(context::locale(), staff.clock), "/staff/clock")
}

/// Which kiosk's staff area?
#[component]
pub fn Pass() -> impl IntoView {
    choose(td_string!(context::locale(), staff.pass), "/staff/pass")
}

fn choose(title: &'static str, base: &'static str) -> impl IntoView {
    let request = context::request();
    loaded(
        async move { kiosks::list(&request.backend, request.require(Role::Staff)?).await },
        move |kiosks| {
            let text = (!kiosks.is_empty()).then(|| td_string!(context::locale(), staff.choose_kiosk));
            view! {
                <Layout title>
                    {text.map(|text| view! { <p>{text}</p> })}
                    <KioskList kiosks base/>
                </Layout>
            }
        },
    )
}

/// The clock code of one kiosk.
#[component]
pub fn ClockCode() -> impl IntoView {
    let request = context::request();
    let yid = kiosk_in_path();
    loaded(
        async move {
            let person = request.require(Role::Staff)?;
            let kiosk = kiosks::whereabouts(&request.backend, person, yid?).await?;
            let shows = clock(&request.backend, person, kiosk.yid).await?;
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
    let yid = kiosk_in_path();
    loaded(
        async move {
            let person = request.require(Role::Staff)?;
            let kiosk = kiosks::whereabouts(&request.backend, person, yid?).await?;
            let shows = pass(&request.backend, person, kiosk.yid).await?;
            Ok((kiosk, shows, person.name.clone()))
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
    view! { <a href="/staff" class="btn btn-outline btn-lg" data-testid="to-main"><Icon name="home"/> {text}</a> }
}
