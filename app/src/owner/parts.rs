//! Pieces the owner's pages share.

use crate::context::{self, RequestContext};
use crate::i18n::{Locale, td_string};
use crate::links;
use crate::ui::date::{DoorTime, number};
use crate::ui::fresh::Fresh;
use crate::ui::icon::Icon;
use crate::ui::layout::Layout;
use crate::ui::wasm::Preload;
use backend::guard::guards::{self, GuardInfo};
use domain::error::Refusal;
use domain::guard::grades::Grade;
use domain::guard::ids::{GuardId, ServiceNumb};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::Phone;
use domain::people::Role;
use leptos::prelude::*;

/// The list of one's guards.
pub const HOME: &str = "/owner";
/// All records.
pub const RECORDS: &str = "/owner/records";
/// The owners below.
pub const JUNIORS: &str = "/owner/juniors";
/// The events that keep a page fresh.
const EVENTS: &str = "/owner/live";

/// The page of a guard, or one below it.
pub fn guard_address(guard_id: &GuardId, below: &str) -> String {
    format!("/owner/guards/{}{below}", links::encoded(guard_id.as_str()))
}

/// The page of one authorisation; `kind` is `passwords` or `cards`.
pub fn grant_address(guard_id: &GuardId, kind: &str, service_numb: &ServiceNumb) -> String {
    let number = links::encoded(service_numb.as_str());
    guard_address(guard_id, &format!("/{kind}/{number}"))
}

/// The page of an owner below.
pub fn junior_address(phone: &Phone) -> String {
    format!("{JUNIORS}/{phone}")
}

/// The guard a page's address names.
pub fn guard_in_path() -> Result<GuardId, Refusal> {
    guard_of(&links::part(3))
}

/// The guard of this path, for pages that only its owner has.
pub async fn own_guard(request: &RequestContext, guard_id: Result<GuardId, Refusal>) -> Result<GuardInfo, Refusal> {
    let who = request.require(Role::Owner)?;
    let guard = guards::get(&request.backend, who, &guard_id?).await?;
    if guard.owner == who.phone {
        Ok(guard)
    } else {
        Err(Refusal::NotYours)
    }
}

/// The authorisation a page's address names.
pub fn grant_in_path() -> Result<ServiceNumb, Refusal> {
    grant_of(&links::part(5))
}

/// The guard an action's address names.
pub fn guard_of(text: &str) -> Result<GuardId, Refusal> {
    GuardId::parse(text).map_err(|_| Refusal::Unknown)
}

/// The authorisation an address names.
pub fn grant_of(text: &str) -> Result<ServiceNumb, Refusal> {
    ServiceNumb::parse(text).map_err(|_| Refusal::Unknown)
}

/// Where the owner's events stood before anything on the page was read from the database. Put into the context by the shell.
#[derive(Clone)]
pub struct Seen(pub String);

/// A page that keeps itself up to date: the elements marked `data-live` are renewed when something happens.
#[component]
pub fn LivePage(
    /// Heading and window title.
    #[prop(into)]
    title: String,
    /// Wide enough for two columns.
    #[prop(optional)]
    wide: bool,
    /// The page itself.
    children: Children,
) -> impl IntoView {
    let locale = context::locale();
    let seen = use_context::<Seen>().map_or(String::new(), |Seen(mark)| mark);
    view! {
        <Layout title wide>
            <Preload/>
            <Fresh events=EVENTS.to_owned() seen>
                <Icon name="warning"/>
                <p class="flex-1">{td_string!(locale, owner.elsewhere)}</p>
                <a href="/account" class="btn btn-neutral">{td_string!(locale, owner.elsewhere_look)}</a>
            </Fresh>
            {children()}
        </Layout>
    }
    .into_any()
}

/// How a guard is, by word and shape.
#[component]
pub fn Status(
    /// The guard.
    guard: GuardInfo,
) -> impl IntoView {
    let locale = context::locale();
    let (code, word) = match guard.status {
        GuardStatus::Working => ("1", td_string!(locale, owner.status_working)),
        GuardStatus::Faulty => ("2", td_string!(locale, owner.status_faulty)),
        GuardStatus::NotConnected if guard.seen_at.is_some() => ("3", td_string!(locale, owner.status_gone)),
        GuardStatus::NotConnected => ("3", td_string!(locale, owner.status_never)),
    };
    let since = guard
        .seen_at
        .filter(|_| guard.status == GuardStatus::NotConnected)
        .map(|at| view! { " " <DoorTime at/> });
    view! { <span class="guard-status" data-status=code data-testid="guard-status"><span>{word}{since}</span></span> }
        .into_any()
}

/// What the guard should know and does not yet; nothing where it knows everything.
#[component]
pub fn OnTheWay(
    /// The guard.
    guard: GuardInfo,
) -> impl IntoView {
    let locale = context::locale();
    let count = guard.on_the_way();
    (count > 0).then(|| {
        let text = if count == 1 {
            td_string!(locale, owner.one_on_the_way).to_string()
        } else {
            td_string!(locale, owner.on_the_way, count = number(count)).to_string()
        };
        view! { <p class="flex items-center gap-2" data-testid="on-the-way"><Icon name="sync" class="size-5 shrink-0"/> {text}</p> }
    })
}

/// A grade in words.
pub fn grade_word(locale: Locale, grade: Grade) -> &'static str {
    match grade {
        Grade::Alone => td_string!(locale, owner_juniors.grade_alone),
        Grade::Bottom => td_string!(locale, owner_juniors.grade_bottom),
        Grade::Middle => td_string!(locale, owner_juniors.grade_middle),
        Grade::Top => td_string!(locale, owner_juniors.grade_top),
    }
}

/// How long, in the largest unit that says enough: `2 h 5 min`, `3 days`.
pub fn length(locale: Locale, millis: i64) -> String {
    let minutes = millis.max(0) / 60_000;
    let (hours, days) = (minutes / 60, minutes / 1440);
    if days >= 2 {
        td_string!(locale, owner.days, count = number(days)).to_string()
    } else if hours >= 1 && minutes % 60 == 0 {
        td_string!(locale, owner.whole_hours, hours = hours).to_string()
    } else if hours >= 1 {
        td_string!(locale, owner.hours, hours = hours, minutes = minutes % 60).to_string()
    } else {
        td_string!(locale, owner.minutes, count = minutes.max(1)).to_string()
    }
}
