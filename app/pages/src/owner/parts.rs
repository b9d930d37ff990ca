//! Pieces the owner's pages share.

use crate::entry::{ActForm, Function};
use crate::error::loaded;
use crate::ui::layout::Layout;
use domain::error::Refusal;
use domain::guard::grades::Grade;
use domain::guard::guards::GuardInfo;
use domain::guard::ids::GuardId;
use domain::guard::messages::guards::GuardStatus;
use islands::addresses::{LIVE, at};
use islands::context;
use islands::date::{DoorTime, number};
use islands::functions::guards;
use islands::i18n::{Locale, td_string};
use islands::ui::fresh::Fresh;
use islands::ui::icon::Icon;
use islands::ui::wasm::Preload;
use leptos::prelude::*;

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
            <Fresh events=LIVE.to_owned() seen>
                <Icon name="warning"/>
                <p class="flex-1">{td_string!(locale, owner.elsewhere)}</p>
                <a href=at::account() class="btn btn-neutral">{td_string!(locale, owner.elsewhere_look)}</a>
            </Fresh>
            {children()}
        </Layout>
    }
    .into_any()
}

/// A page about one of the owner's own guards: the one that its address names.
pub fn of_own_guard(
    named: Result<(GuardId,), Refusal>,
    show: impl FnOnce(GuardInfo) -> AnyView + Send + 'static,
) -> impl IntoView {
    loaded(
        async move {
            let (guard_id,) = named?;
            guards::own(&guard_id).await
        },
        show,
    )
}

/// The fold that cancels a grant with this function. Its button stands behind a question.
pub fn cancel(of: Function, hidden: Vec<(&'static str, String)>, asked: &'static str) -> AnyView {
    let locale = context::locale();
    view! {
        <details class="fold">
            <summary class="min-h-12 cursor-pointer content-center font-medium" data-testid="cancel-ask">{asked}</summary>
            <ActForm of hidden class="flex flex-col gap-4 pt-2">
                <p>{td_string!(locale, owner_grant.cancel_hint)}</p>
                <button class="btn btn-error btn-lg self-start" data-testid="cancel-yes">{td_string!(locale, owner_grant.cancel_yes)}</button>
            </ActForm>
        </details>
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
