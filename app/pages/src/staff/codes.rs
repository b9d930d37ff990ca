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
use islands::links;
use islands::ui::icon::Icon;
use leptos::prelude::*;

/// A clock code that is not renewed is too old after this: the time in it grows old while it is shown.
const CLOCK_SHOWN_MS: i64 = 30_000;
/// A pass that moves is made again this long before it ends: reading it takes a while.
const RENEWED_BEFORE_MS: i64 = 120_000;
/// In the address: with the whole list of what was revoked.
const WHOLE: &str = "whole";

/// The code that sets a kiosk's clock.
pub(super) async fn clock(yid: Yid) -> Result<Shows, Refusal> {
    let made = context::now();
    let token = codes::clock(yid).await?;
    Ok(Shows::clock(token, yid, made, made.plus(CLOCK_SHOWN_MS)))
}

/// What shows the code that opens a kiosk's staff area in the reader's name.
enum PassShows {
    /// The usual code. `cut`: it has no room for the whole list of what was revoked.
    Plain { shows: Shows, cut: bool },
    /// The code that moves, with the whole list.
    Moving(String),
}

async fn pass(yid: Yid, whole: bool) -> Result<PassShows, Refusal> {
    let made = context::now();
    let pass = codes::pass(yid).await?;
    Ok(match pass.whole {
        Some(token) if whole => PassShows::Moving(token),
        longer => PassShows::Plain {
            shows: Shows::pass(pass.token, yid, made, made.plus(STAFF_PASS_WINDOW_MS)),
            cut: longer.is_some(),
        },
    })
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
            let shows = pass(yid, request.query_if_any(WHOLE).is_some()).await?;
            Ok((kiosk, shows, request.person()?.name.clone()))
        },
        |(kiosk, shows, name)| {
            let locale = context::locale();
            let title = td_string!(locale, staff.pass_title, yid = kiosk.yid.0).to_string();
            let card = match shows {
                PassShows::Moving(token) => view! { <MovingPass token kiosk/> }.into_any(),
                PassShows::Plain { shows, cut } => {
                    let whole = cut.then(|| links::with_query(&at::staff_pass_code(&kiosk.yid), &[(WHOLE, "1")]));
                    view! {
                        <CodeCard shows text=td_string!(locale, staff.pass_do)>
                            <KioskName kiosk/>
                        </CodeCard>
                        {whole.map(|href| view! {
                            <p>{td_string!(locale, staff.pass_cut)}</p>
                            <a href=href class="btn btn-outline btn-lg btn-tall" data-testid="pass-whole"><Icon name="ban"/> {td_string!(locale, staff.pass_whole)}</a>
                        })}
                    }
                    .into_any()
                }
            };
            view! {
                <Layout title>
                    {card}
                    <p class="text-sm opacity-75">{td_string!(locale, staff.pass_yours, name = name.as_str()).to_string()}</p>
                    <ToMain/>
                </Layout>
            }
        },
    )
}

/// The pass as a code that moves, because it has the whole list of what was revoked (`moving-code.js`).
#[component]
fn MovingPass(token: String, kiosk: Whereabouts) -> impl IntoView {
    let locale = context::locale();
    let left = (STAFF_PASS_WINDOW_MS - RENEWED_BEFORE_MS).to_string();
    let usual = at::staff_pass_code(&kiosk.yid);
    context::keep_nowhere();
    view! {
        <section class="code-card" data-testid="code-card">
            <div class="code-view aspect-square" role="img" aria-label=td_string!(locale, orders.code_alt) data-moving-code=token data-left=left data-testid="code"></div>
            <KioskName kiosk/>
            <p class="text-center">{td_string!(locale, staff.pass_whole_do)}</p>
            <noscript><p class="text-center text-sm">{td_string!(locale, staff.pass_whole_script)}</p></noscript>
        </section>
        <a href=usual class="btn btn-outline btn-lg" data-testid="pass-usual"><Icon name="key"/> {td_string!(locale, staff.pass_usual)}</a>
    }
    .into_any()
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
